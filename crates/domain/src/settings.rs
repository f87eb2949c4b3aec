//! The instance's settings that govern tokens (spec/rest.md section 5.1).
//!
//! They live in the database and change while the server runs. What a server
//! needs before it has a database is in the command line's settings instead.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tokenry_token::Prefix;

pub use crate::setting::{Setting, Sort, Value};
use crate::{
    delete_means::DeleteMeans,
    expiry::{self, Expires, ExpiryPolicy, LONGEST_DAYS},
    invalid::Invalid,
    kind::{Descriptor, KINDS, Kind, Lifetime, Prefixing},
    setting::Kept,
    token::Token,
};

macro_rules! settings {
    ($($(#[doc = $help:literal])+ $name:ident: $type:ty = $default:expr, $check:path;)+) => {
        /// The settings in force.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Settings { $($(#[doc = $help])+ pub $name: $type,)+ }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        /// New values for some of the settings; the others stay. Where a
        /// setting can be cleared, the outer `None` leaves it alone and the
        /// inner one clears it.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct SettingsChange { $($(#[doc = $help])+ pub $name: Option<$type>,)+ }

        impl Settings {
            /// The settings after a change.
            ///
            /// # Errors
            /// [`Invalid`] with everything that is wrong.
            pub fn changed(&self, change: SettingsChange) -> Result<Self, Invalid> {
                let mut next = self.clone();
                let checks = [$(change.$name.map_or(Ok(()), |value| {
                    next.$name = $check(stringify!($name), value)?;
                    Ok(())
                }),)+];
                Invalid::unless_all(checks)?;
                Ok(next)
            }
        }

        /// The names of the settings, in their order.
        pub const NAMES: &[&str] = &[$(stringify!($name),)+];

        /// Every setting.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            help: concat!($($help,)+),
            sort: <$type as Kept>::SORT,
            clearable: <$type as Kept>::CLEARABLE,
            shown: |settings| settings.$name.shown(),
            wanted: |change, value| match <$type as Kept>::wanted(value) {
                Some(value) => {
                    change.$name = Some(value);
                    true
                }
                None => false,
            },
        },)+];
    };
}

// A setting is a line here. The faces read, show and describe it by what
// follows from the line.
settings! {
    /// What personal and impersonation tokens begin with.
    personal_access_token_prefix: String = "glpat-".to_owned(), check_prefix;
    /// Stands before the default prefix of every kind, with a dash between;
    /// wins over `personal_access_token_prefix`.
    instance_token_prefix: Option<String> = None, check_instance_prefix;
    /// Whether every token must have an expiry date.
    require_personal_access_token_expiry: bool = true, any;
    /// The longest life of a token, in days.
    max_personal_access_token_lifetime: Option<u16> = None, check_lifetime;
    /// Whether tokens of service accounts must have an expiry date.
    service_access_tokens_expiration_enforced: bool = true, any;
    /// Whether all access tokens are refused; browsers stay signed in.
    disable_personal_access_tokens: bool = false, any;
    /// Whether administrators need the `admin_mode` scope to act as such.
    admin_mode: bool = false, any;
    /// What DELETE does to a token where GitLab revokes it.
    delete_means: DeleteMeans = DeleteMeans::Revoke, any;
}

impl Settings {
    /// What the expiry dates of tokens must keep to that live by policy.
    #[must_use]
    pub fn expiry(&self, lifetime: Lifetime) -> ExpiryPolicy {
        ExpiryPolicy {
            required: match lifetime {
                Lifetime::ServicePolicy => self.service_access_tokens_expiration_enforced,
                _ => self.require_personal_access_token_expiry,
            },
            longest_days: self.max_personal_access_token_lifetime,
        }
    }

    /// When a new token of a kind stops working.
    ///
    /// # Errors
    /// [`Invalid`] for what the kind's lifetime doesn't allow.
    pub fn expires(
        &self,
        kind: Kind,
        wanted: Expires,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Invalid> {
        let lifetime = kind.descriptor().lifetime;
        match (lifetime, wanted) {
            (Lifetime::Policy | Lifetime::ServicePolicy, Expires::On(date)) => {
                let date = self.expiry(lifetime).for_new(date, expiry::date(now))?;
                Ok(date.map(expiry::moment))
            }
            (Lifetime::Policy | Lifetime::ServicePolicy, Expires::At(moment)) => {
                self.expires(kind, Expires::On(moment.map(expiry::date)), now)
            }
            (Lifetime::Free, Expires::On(date)) => {
                self.expires(kind, Expires::At(date.map(expiry::moment)), now)
            }
            (Lifetime::Free, Expires::At(moment)) => {
                moment.map(|moment| expiry::chosen(moment, now)).transpose()
            }
            (Lifetime::Settled, Expires::At(moment)) => Ok(moment),
            (Lifetime::Settled, Expires::On(date)) => Ok(date.map(expiry::moment)),
        }
    }

    /// When the token stops working that takes another's place. One that lives
    /// by no policy leaves its successor as long as it has itself.
    ///
    /// # Errors
    /// [`Invalid`] for a date that the kind's lifetime doesn't allow.
    pub fn expires_rotated(
        &self,
        old: &Token,
        wanted: Option<Date>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Invalid> {
        let lifetime = old.kind.descriptor().lifetime;
        match lifetime {
            Lifetime::Policy | Lifetime::ServicePolicy => {
                let today = expiry::date(now);
                let date = self.expiry(lifetime).for_rotation(wanted, today)?;
                Ok(date.map(expiry::moment))
            }
            Lifetime::Free | Lifetime::Settled => match wanted {
                Some(date) => expiry::chosen(expiry::moment(date), now).map(Some),
                None => Ok(old.life.expires_at),
            },
        }
    }

    /// What new tokens of a kind begin with.
    #[must_use]
    pub fn prefix(&self, kind: Kind) -> Prefix {
        let prefixing = kind.descriptor().prefixing;
        let default = prefixing.default();
        let text = match (prefixing, &self.instance_token_prefix) {
            (Prefixing::Personal(_) | Prefixing::Instance(_), Some(instance)) => {
                format!("{instance}-{default}")
            }
            (Prefixing::Personal(_), None) if !self.personal_access_token_prefix.is_empty() => {
                self.personal_access_token_prefix.clone()
            }
            _ => default.to_owned(),
        };
        Prefix::new(&text).unwrap_or_default()
    }

    /// Every prefix that these settings make known: what new tokens begin
    /// with, and the defaults, which are always known.
    #[must_use]
    pub fn prefixes(&self) -> Vec<Prefix> {
        let defaults = KINDS
            .iter()
            .flat_map(Descriptor::known_prefixes)
            .filter_map(|text| Prefix::new(text).ok());
        let own = Prefix::new(&self.personal_access_token_prefix).ok();
        let mut all: Vec<_> = Kind::all()
            .map(|kind| self.prefix(kind))
            .chain(defaults)
            .chain(own)
            .collect();
        all.sort();
        all.dedup();
        all
    }
}

/// For settings that any value will do for.
#[expect(clippy::unnecessary_wraps, reason = "as the other checks")]
fn any<T>(_: &'static str, value: T) -> Result<T, Invalid> {
    Ok(value)
}

fn check_prefix(field: &'static str, text: String) -> Result<String, Invalid> {
    if text.len() > 20 {
        let problem = "is too long (maximum is 20 characters)";
        return Err(Invalid::field(field, problem));
    }
    if !text.is_empty() && Prefix::new(&text).is_err() {
        let problem = "can contain only letters, digits, '_' and '-'";
        return Err(Invalid::field(field, problem));
    }
    Ok(text)
}

fn check_instance_prefix(
    field: &'static str,
    text: Option<String>,
) -> Result<Option<String>, Invalid> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text == "gl" {
        let problem = "can't be gl, which the default prefixes begin with";
        return Err(Invalid::field(field, problem));
    }
    if text.contains('-') {
        let problem = "can't contain a dash; one is put behind it";
        return Err(Invalid::field(field, problem));
    }
    check_prefix(field, text).map(Some)
}

fn check_lifetime(field: &'static str, days: Option<u16>) -> Result<Option<u16>, Invalid> {
    if days.is_none_or(|days| (1..=LONGEST_DAYS).contains(&days)) {
        return Ok(days);
    }
    let problem = format!("must be from 1 to {LONGEST_DAYS}");
    Err(Invalid::field(field, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix_of(settings: &Settings) -> String {
        settings.prefix(Kind::Personal).to_string()
    }

    #[test]
    fn the_instance_prefix_wins_over_the_personal_one() {
        let mut settings = Settings::default();
        assert_eq!(prefix_of(&settings), "glpat-");
        settings.personal_access_token_prefix = "lab-".into();
        assert_eq!(prefix_of(&settings), "lab-");
        settings.instance_token_prefix = Some("acme".into());
        assert_eq!(prefix_of(&settings), "acme-glpat-");
        let all = settings.prefixes();
        let knows = |text: &str| all.iter().any(|prefix| prefix.as_str() == text);
        assert!(["acme-glpat-", "glpat-", "lab-", "acme-gldt-"].map(knows) == [true; 4]);
        assert!(!knows("acme-_gitlab_session="), "a cookie's name is fixed");
    }

    #[test]
    fn an_empty_personal_prefix_means_the_default() {
        let change = SettingsChange {
            personal_access_token_prefix: Some(String::new()),
            ..Default::default()
        };
        assert_eq!(
            prefix_of(&Settings::default().changed(change).unwrap()),
            "glpat-"
        );
    }

    #[test]
    fn a_change_with_any_bad_value_changes_nothing() {
        let change = SettingsChange {
            personal_access_token_prefix: Some("a.b".into()),
            instance_token_prefix: Some(Some("gl".into())),
            max_personal_access_token_lifetime: Some(Some(0)),
            ..SettingsChange::default()
        };
        let invalid = Settings::default().changed(change).unwrap_err();
        assert_eq!(invalid.problems.len(), 3);
    }

    #[test]
    fn what_is_not_named_stays() {
        let change = SettingsChange {
            admin_mode: Some(true),
            ..SettingsChange::default()
        };
        let next = Settings::default().changed(change).unwrap();
        assert_eq!(
            next,
            Settings {
                admin_mode: true,
                ..Settings::default()
            }
        );
    }
}

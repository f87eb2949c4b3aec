//! The instance's settings that govern tokens (spec/rest.md section 5.1).
//!
//! They live in the database and change while the server runs. What a server
//! needs before it has a database is in the command line's settings instead.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tokenry_token::Prefix;

use crate::{
    expiry::{self, Expires, ExpiryPolicy, LONGEST_DAYS},
    invalid::{Invalid, Problem},
    kind::{Descriptor, KINDS, Kind, Lifetime, Prefixing},
    token::Token,
};

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct Settings {
    /// What personal and impersonation tokens begin with.
    pub personal_access_token_prefix: String,
    /// Stands before the default prefix of every kind, with a dash between;
    /// wins over `personal_access_token_prefix`.
    pub instance_token_prefix: Option<String>,
    /// Whether every token must have an expiry date.
    pub require_personal_access_token_expiry: bool,
    /// The longest life of a token, in days.
    pub max_personal_access_token_lifetime: Option<u16>,
    /// Whether tokens of service accounts must have an expiry date.
    pub service_access_tokens_expiration_enforced: bool,
    /// Whether all tokens are refused.
    pub disable_personal_access_tokens: bool,
    /// Whether administrators need the `admin_mode` scope to act as such.
    pub admin_mode: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            personal_access_token_prefix: "glpat-".to_owned(),
            instance_token_prefix: None,
            require_personal_access_token_expiry: true,
            max_personal_access_token_lifetime: None,
            service_access_tokens_expiration_enforced: true,
            disable_personal_access_tokens: false,
            admin_mode: false,
        }
    }
}

/// New values for some of the settings; the others stay. Where a setting can
/// be cleared, the outer `None` leaves it alone and the inner one clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Replaces the prefix of personal tokens.
    pub personal_access_token_prefix: Option<String>,
    /// Sets or clears the prefix of the instance.
    pub instance_token_prefix: Option<Option<String>>,
    /// Whether expiry is required.
    pub require_personal_access_token_expiry: Option<bool>,
    /// Sets or clears the longest life, in days.
    pub max_personal_access_token_lifetime: Option<Option<i64>>,
    /// Whether expiry is required of tokens of service accounts.
    pub service_access_tokens_expiration_enforced: Option<bool>,
    /// Whether all tokens are refused.
    pub disable_personal_access_tokens: Option<bool>,
    /// Whether admin mode is on.
    pub admin_mode: Option<bool>,
}

impl Settings {
    /// The settings after a change.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn changed(&self, change: SettingsChange) -> Result<Self, Invalid> {
        let mut problems = Vec::new();
        let mut next = self.clone();
        if let Some(prefix) = change.personal_access_token_prefix {
            keep(
                &mut problems,
                check_prefix("personal_access_token_prefix", &prefix),
            );
            next.personal_access_token_prefix = prefix;
        }
        if let Some(prefix) = change.instance_token_prefix {
            let prefix = prefix.filter(|text| !text.is_empty());
            keep(
                &mut problems,
                prefix.as_deref().map_or(Ok(()), check_instance_prefix),
            );
            next.instance_token_prefix = prefix;
        }
        if let Some(days) = change.max_personal_access_token_lifetime {
            next.max_personal_access_token_lifetime =
                keep(&mut problems, days.map(check_lifetime).transpose()).flatten();
        }
        set(
            &mut next.require_personal_access_token_expiry,
            change.require_personal_access_token_expiry,
        );
        set(
            &mut next.service_access_tokens_expiration_enforced,
            change.service_access_tokens_expiration_enforced,
        );
        set(
            &mut next.disable_personal_access_tokens,
            change.disable_personal_access_tokens,
        );
        set(&mut next.admin_mode, change.admin_mode);
        if problems.is_empty() {
            Ok(next)
        } else {
            Err(Invalid { problems })
        }
    }

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

fn set(value: &mut bool, wanted: Option<bool>) {
    *value = wanted.unwrap_or(*value);
}

fn keep<T>(problems: &mut Vec<Problem>, checked: Result<T, Invalid>) -> Option<T> {
    checked
        .map_err(|invalid| problems.extend(invalid.problems))
        .ok()
}

fn check_prefix(field: &'static str, text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        return Ok(());
    }
    if text.len() > 20 {
        return Err(Invalid::field(
            field,
            "is too long (maximum is 20 characters)",
        ));
    }
    Prefix::new(text)
        .map(|_| ())
        .map_err(|_| Invalid::field(field, "can contain only letters, digits, '_' and '-'"))
}

fn check_instance_prefix(text: &str) -> Result<(), Invalid> {
    const FIELD: &str = "instance_token_prefix";
    if text == "gl" {
        return Err(Invalid::field(
            FIELD,
            "can't be gl, which the default prefixes begin with",
        ));
    }
    if text.contains('-') {
        return Err(Invalid::field(
            FIELD,
            "can't contain a dash; one is put behind it",
        ));
    }
    check_prefix(FIELD, text)
}

fn check_lifetime(days: i64) -> Result<u16, Invalid> {
    u16::try_from(days)
        .ok()
        .filter(|days| (1..=LONGEST_DAYS).contains(days))
        .ok_or_else(|| {
            Invalid::field(
                "max_personal_access_token_lifetime",
                format!("must be from 1 to {LONGEST_DAYS}"),
            )
        })
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

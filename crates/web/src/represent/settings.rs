//! The instance's settings on the wire (spec/rest.md section 5.1).

use serde::Serialize;
use tokenry_domain::settings::Settings;
use utoipa::ToSchema;

/// The settings in force. The keys are those that can be set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub(crate) struct SettingsBody<'s> {
    /// Always 1.
    id: u8,
    /// What personal and impersonation tokens begin with.
    personal_access_token_prefix: &'s str,
    /// Stands before the default prefix of every kind, and wins over
    /// `personal_access_token_prefix`.
    instance_token_prefix: Option<&'s str>,
    /// Whether every token must have an expiry date.
    require_personal_access_token_expiry: bool,
    /// The longest life of a token, in days.
    max_personal_access_token_lifetime: Option<u16>,
    /// Whether tokens of service accounts must have an expiry date.
    service_access_tokens_expiration_enforced: bool,
    /// Whether all tokens are refused.
    disable_personal_access_tokens: bool,
    /// Whether administrators need the `admin_mode` scope to act as such.
    admin_mode: bool,
}

impl<'s> SettingsBody<'s> {
    pub(crate) fn of(settings: &'s Settings) -> Self {
        Self {
            id: 1,
            personal_access_token_prefix: &settings.personal_access_token_prefix,
            instance_token_prefix: settings.instance_token_prefix.as_deref(),
            require_personal_access_token_expiry: settings.require_personal_access_token_expiry,
            max_personal_access_token_lifetime: settings.max_personal_access_token_lifetime,
            service_access_tokens_expiration_enforced: settings
                .service_access_tokens_expiration_enforced,
            disable_personal_access_tokens: settings.disable_personal_access_tokens,
            admin_mode: settings.admin_mode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_shown() {
        let settings = Settings::default();
        let mut shown = serde_json::to_value(SettingsBody::of(&settings)).unwrap();
        shown.as_object_mut().unwrap().remove("id");
        assert_eq!(shown, serde_json::to_value(&settings).unwrap());
    }
}

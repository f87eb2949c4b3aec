//! `GET` and `PUT /application/settings` (spec/rest.md section 5.1).

use tokenry_domain::settings::SettingsChange;
use utoipa::ToSchema;

use crate::{
    access::{AdminRead, AdminWrite},
    answer,
    call::{Answer, Call},
    openapi::Refusals,
    params::Reader,
    represent::settings::SettingsBody,
};

/// What can be set.
const KEYS: [&str; 7] = [
    "personal_access_token_prefix",
    "instance_token_prefix",
    "require_personal_access_token_expiry",
    "max_personal_access_token_lifetime",
    "service_access_tokens_expiration_enforced",
    "disable_personal_access_tokens",
    "admin_mode",
];

/// Show the settings
#[utoipa::path(
    get, path = "/api/v4/application/settings", tag = "Instance",
    responses((status = 200, body = SettingsBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<AdminRead>) -> Answer {
    let settings = call.authority().show_settings(&call.caller)?;
    Ok(answer::ok(&SettingsBody::of(&settings)))
}

/// New values for settings; the others stay.
#[derive(Debug, ToSchema)]
#[expect(clippy::option_option, reason = "leave alone, clear, or set")]
struct SettingsForm {
    /// What personal and impersonation tokens begin with.
    personal_access_token_prefix: Option<String>,
    /// Stands before the default prefix of every kind; null clears it.
    #[schema(value_type = Option<String>)]
    instance_token_prefix: Option<Option<String>>,
    /// Whether every token must have an expiry date.
    require_personal_access_token_expiry: Option<bool>,
    /// The longest life of a token, in days; null clears it.
    #[schema(value_type = Option<i64>)]
    max_personal_access_token_lifetime: Option<Option<i64>>,
    /// Whether tokens of service accounts must have an expiry date.
    service_access_tokens_expiration_enforced: Option<bool>,
    /// Whether all tokens are refused.
    disable_personal_access_tokens: Option<bool>,
    /// Whether administrators need the `admin_mode` scope to act as such.
    admin_mode: Option<bool>,
}

impl SettingsForm {
    fn read(reader: &mut Reader<'_>) -> Self {
        let [
            personal,
            instance,
            require,
            lifetime,
            service,
            disable,
            admin_mode,
        ] = KEYS;
        if !KEYS.iter().any(|key| reader.has(key) || reader.clears(key)) {
            let keys = KEYS.join(", ");
            reader.problem(format!(
                "{keys} are missing, at least one parameter must be provided"
            ));
        }
        let cleared = reader.clears(instance).then_some(None);
        let unlimited = reader.clears(lifetime).then_some(None);
        Self {
            personal_access_token_prefix: reader.text(personal).map(str::to_owned),
            instance_token_prefix: cleared
                .or_else(|| reader.text(instance).map(|text| Some(text.to_owned()))),
            require_personal_access_token_expiry: reader.flag(require),
            max_personal_access_token_lifetime: unlimited
                .or_else(|| reader.integer(lifetime).map(Some)),
            service_access_tokens_expiration_enforced: reader.flag(service),
            disable_personal_access_tokens: reader.flag(disable),
            admin_mode: reader.flag(admin_mode),
        }
    }

    fn wanted(self) -> SettingsChange {
        SettingsChange {
            personal_access_token_prefix: self.personal_access_token_prefix,
            instance_token_prefix: self.instance_token_prefix,
            require_personal_access_token_expiry: self.require_personal_access_token_expiry,
            max_personal_access_token_lifetime: self.max_personal_access_token_lifetime,
            service_access_tokens_expiration_enforced: self
                .service_access_tokens_expiration_enforced,
            disable_personal_access_tokens: self.disable_personal_access_tokens,
            admin_mode: self.admin_mode,
        }
    }
}

/// Change settings
#[utoipa::path(
    put, path = "/api/v4/application/settings", tag = "Instance",
    request_body = SettingsForm,
    responses((status = 200, body = SettingsBody<'_>), Refusals)
)]
pub(super) async fn change(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let form = SettingsForm::read(&mut reader);
    reader.finish()?;
    let change = form.wanted();
    let settings = call
        .change(|authority, caller| async move { authority.change_settings(&caller, change).await })
        .await?;
    Ok(answer::ok(&SettingsBody::of(&settings)))
}

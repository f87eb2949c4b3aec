//! What the console does with the instance's settings. It is the way back
//! where no token can be used to change them.

use tokenry_authority::{Caller, Error};
use tokenry_domain::{Invalid, settings::SettingsChange};

use super::{Desk, Outcome};
use crate::exit::Failure;

impl Desk {
    pub(super) async fn change_setting(
        &self,
        caller: &Caller,
        key: &str,
        value: Option<String>,
    ) -> Result<Outcome, Failure> {
        let change = change(key, value).map_err(Error::from)?;
        let settings = self.authority.change_settings(caller, change).await?;
        Ok(Outcome::Settings(settings))
    }
}

/// One setting's new value; none clears it.
fn change(key: &str, value: Option<String>) -> Result<SettingsChange, Invalid> {
    let mut change = SettingsChange::default();
    match key {
        "personal_access_token_prefix" => {
            change.personal_access_token_prefix = Some(value.unwrap_or_default());
        }
        "instance_token_prefix" => change.instance_token_prefix = Some(value),
        "max_personal_access_token_lifetime" => {
            change.max_personal_access_token_lifetime = Some(days(value)?);
        }
        "require_personal_access_token_expiry" => {
            change.require_personal_access_token_expiry = Some(switch(value)?);
        }
        "service_access_tokens_expiration_enforced" => {
            change.service_access_tokens_expiration_enforced = Some(switch(value)?);
        }
        "disable_personal_access_tokens" => {
            change.disable_personal_access_tokens = Some(switch(value)?);
        }
        "admin_mode" => change.admin_mode = Some(switch(value)?),
        _ => {
            let rule = "is not there; `tokenry settings show` lists what is";
            return Err(Invalid::field("setting", rule));
        }
    }
    Ok(change)
}

fn switch(value: Option<String>) -> Result<bool, Invalid> {
    let parsed = value.and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| Invalid::field("value", "must be true or false"))
}

fn days(value: Option<String>) -> Result<Option<i64>, Invalid> {
    let parsed = value.map(|text| text.parse()).transpose();
    parsed.map_err(|_| Invalid::field("value", "must be a number of days"))
}

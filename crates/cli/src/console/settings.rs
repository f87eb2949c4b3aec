//! What the console does with the instance's settings. It is the way back
//! where no token can be used to change them.

use tokenry_authority::{Caller, Error};
use tokenry_domain::{
    Invalid,
    settings::{Setting, SettingsChange, Sort, Value},
};

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
    let rule = "is not there; `tokenry settings show` lists what is";
    let setting = Setting::named(key).ok_or_else(|| Invalid::field("setting", rule))?;
    let mut change = SettingsChange::default();
    if read(setting.sort, value).is_some_and(|value| setting.change(&mut change, value)) {
        return Ok(change);
    }
    let rule = match setting.sort {
        Sort::Flag => "must be true or false".to_owned(),
        Sort::Number => "must be a number".to_owned(),
        Sort::Text => "must be a text".to_owned(),
        Sort::Choice(words) => format!("must be {}", words.join(" or ")),
    };
    Err(Invalid::field("value", rule))
}

fn read(sort: Sort, value: Option<String>) -> Option<Value> {
    let Some(text) = value else {
        return Some(Value::Nothing);
    };
    match sort {
        Sort::Flag => text.parse().ok().map(Value::Flag),
        Sort::Number => text.parse().ok().map(Value::Number),
        Sort::Text | Sort::Choice(_) => Some(Value::Text(text)),
    }
}

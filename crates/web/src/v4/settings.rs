//! `GET` and `PUT /application/settings` (spec/rest.md section 5.1).

use tokenry_domain::settings::{NAMES, SETTINGS, Setting, SettingsChange, Sort, Value};
use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema},
};

use crate::{
    access::{AdminRead, AdminWrite},
    answer,
    call::{Answer, Call},
    openapi::Refusals,
    params::Reader,
    represent::settings::{SettingsBody, described},
};

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
#[derive(Debug)]
struct SettingsForm;

impl SettingsForm {
    fn read(reader: &mut Reader<'_>) -> SettingsChange {
        if !NAMES
            .iter()
            .any(|key| reader.has(key) || reader.clears(key))
        {
            let keys = NAMES.join(", ");
            reader.problem(format!(
                "{keys} are missing, at least one parameter must be provided"
            ));
        }
        let mut change = SettingsChange::default();
        for setting in SETTINGS {
            if let Some(value) = value(reader, setting)
                && !setting.change(&mut change, value)
            {
                reader.invalid::<()>(setting.name);
            }
        }
        change
    }
}

/// What is sent of a setting.
fn value(reader: &mut Reader<'_>, setting: &Setting) -> Option<Value> {
    let name = setting.name;
    if setting.clearable && reader.clears(name) {
        return Some(Value::Nothing);
    }
    match setting.sort {
        Sort::Flag => reader.flag(name).map(Value::Flag),
        Sort::Number => reader.integer(name).map(Value::Number),
        Sort::Text | Sort::Choice(_) => reader.text(name).map(|text| Value::Text(text.to_owned())),
    }
}

impl utoipa::PartialSchema for SettingsForm {
    fn schema() -> RefOr<Schema> {
        let form = ObjectBuilder::new().description(Some("New values; the others stay."));
        let form = SETTINGS.iter().fold(form, |form, setting| {
            form.property(setting.name, described(setting))
        });
        form.into()
    }
}

impl utoipa::ToSchema for SettingsForm {
    fn name() -> std::borrow::Cow<'static, str> {
        "SettingsForm".into()
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
    let change = SettingsForm::read(&mut reader);
    reader.finish()?;
    let settings = call
        .change(|authority, caller| async move { authority.change_settings(&caller, change).await })
        .await?;
    Ok(answer::ok(&SettingsBody::of(&settings)))
}

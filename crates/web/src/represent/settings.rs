//! The settings on the wire (spec/rest.md section 5.1).

use serde::Serialize;
use tokenry_domain::settings::{SETTINGS, Setting, Settings, Sort};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{Object, ObjectBuilder, Schema, SchemaType, Type},
    },
};

/// The settings in force, and the id that GitLab gives them.
#[derive(Debug, Serialize)]
pub(crate) struct SettingsBody<'s> {
    id: u8,
    #[serde(flatten)]
    settings: &'s Settings,
}

impl<'s> SettingsBody<'s> {
    pub(crate) fn of(settings: &'s Settings) -> Self {
        Self { id: 1, settings }
    }
}

impl PartialSchema for SettingsBody<'_> {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("Always 1."));
        let body = ObjectBuilder::new().property("id", id).required("id");
        let body = SETTINGS.iter().fold(body, |body, setting| {
            let body = body.property(setting.name, described(setting));
            body.required(setting.name)
        });
        body.into()
    }
}

impl ToSchema for SettingsBody<'_> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Settings".into()
    }
}

/// A setting as the document describes it.
pub(crate) fn described(setting: &Setting) -> Object {
    let kind = match setting.sort {
        Sort::Flag => Type::Boolean,
        Sort::Number => Type::Integer,
        Sort::Text | Sort::Choice(_) => Type::String,
    };
    let kind = if setting.clearable {
        SchemaType::from_iter([kind, Type::Null])
    } else {
        SchemaType::new(kind)
    };
    let choices = match setting.sort {
        Sort::Choice(words) => Some(words),
        _ => None,
    };
    ObjectBuilder::new()
        .schema_type(kind)
        .description(Some(setting.help.trim()))
        .enum_values(choices.map(<[_]>::to_vec))
        .build()
}

//! OAuth applications on the wire (spec/rest.md section 3.7).

use serde::Serialize;
use tokenry_authority::holders::Equipped;
use tokenry_domain::holder::{Application, Details, Holder};
use utoipa::ToSchema;

use crate::secret::Secret;

/// An OAuth application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Application)]
pub(crate) struct ApplicationBody<'a> {
    /// The application's id here.
    id: i64,
    /// What it calls itself (`client_id`).
    application_id: &'a str,
    /// What people call it.
    application_name: &'a str,
    /// Where it may be sent back to; a line each.
    callback_url: &'a str,
    /// Whether it can keep a secret.
    confidential: bool,
    /// What it may ask for.
    scopes: Vec<&'a str>,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    secret: Option<Secret<'a>>,
}

impl<'a> ApplicationBody<'a> {
    /// An application; none for a holder that is something else.
    pub(crate) fn of(holder: &'a Holder) -> Option<Self> {
        let application: &Application = match &holder.details {
            Details::Application(application) => application,
            _ => return None,
        };
        Some(Self {
            id: holder.id.get(),
            application_id: &application.uid,
            application_name: &holder.name,
            callback_url: &application.redirect_uri,
            confidential: application.confidential,
            scopes: application.scopes.split_whitespace().collect(),
            secret: None,
        })
    }

    /// An application with its new secret.
    pub(crate) fn with_secret(equipped: &'a Equipped) -> Option<Self> {
        Some(Self {
            secret: Some(Secret::new(equipped.issued.text.reveal())),
            ..Self::of(&equipped.holder)?
        })
    }
}

//! Feature flags clients on the wire (spec/token-information-api.md section 2.11).

use serde::Serialize;
use tokenry_domain::{Place, holder::Holder};
use utoipa::ToSchema;

use super::time::Moment;
use crate::secret::Secret;

/// What reads a project's feature flags.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureFlagsClient)]
pub(crate) struct FlagsClientBody<'c> {
    /// The client's id.
    id: i64,
    /// The project whose flags it reads.
    project_id: Option<i64>,
    /// What it is called.
    name: &'c str,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    token: Option<Secret<'c>>,
}

impl<'c> FlagsClientBody<'c> {
    pub(crate) fn of(client: &'c Holder) -> Self {
        let project_id = match client.place {
            Some(Place::Project(id)) => Some(id.get()),
            Some(Place::Group(_)) | None => None,
        };
        Self {
            id: client.id.get(),
            project_id,
            name: &client.name,
            created_at: Moment(client.created_at),
            token: None,
        }
    }

    /// The same, with its secret.
    pub(crate) fn with(self, text: &'c str) -> Self {
        Self {
            token: Some(Secret::new(text)),
            ..self
        }
    }
}

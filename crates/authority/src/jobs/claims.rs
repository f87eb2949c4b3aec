//! What a job's token says to those who check it offline.
//!
//! Names and forms are those that such checkers know from GitLab: ids of
//! projects and users are texts, and the job is named by its global id.

use jiff::Timestamp;
use serde_json::{Value, json};
use tokenry_domain::{Project, User, holder::Holder, job::Job};

/// Whom job tokens are for.
const AUDIENCE: &str = "gitlab-authz-token";
/// The version of the claims.
const VERSION: &str = "0.1.0";

/// What all claims follow from.
pub(super) struct Claims<'c> {
    pub(super) issuer: &'c str,
    pub(super) holder: &'c Holder,
    pub(super) job: &'c Job,
    pub(super) project: &'c Project,
    pub(super) user: &'c User,
    pub(super) expires_at: Timestamp,
    /// What makes the text unguessable.
    pub(super) unique: [u8; 16],
}

impl Claims<'_> {
    pub(super) fn to_json(&self) -> Value {
        let began = self.holder.created_at.as_second();
        json!({
            "iss": self.issuer,
            "sub": format!("gid://gitlab/Ci::Build/{}", self.holder.id),
            "aud": AUDIENCE,
            "iat": began,
            "nbf": began,
            "exp": self.expires_at.as_second(),
            "jti": format!("{:032x}", u128::from_be_bytes(self.unique)),
            "version": VERSION,
            "job_id": self.holder.id.to_string(),
            "project_id": self.project.id.to_string(),
            "project_path": self.project.full_path,
            "user_id": self.user.id.to_string(),
            "user_login": self.user.username,
            "ref": self.job.r#ref,
        })
    }
}

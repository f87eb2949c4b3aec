//! What is done elsewhere for a reason: GitLab's API takes none, tokenry's own
//! does.

use serde_json::{Value, json};

use super::{
    Site,
    http::Method,
    own::{Given, told},
    row::{LedgerRow, row},
};
use crate::{
    console::{Command, Outcome, Secret, Which},
    exit::Failure,
};

impl Site {
    /// Does one thing there, and says why.
    pub(super) fn run_because(&self, reason: &str, command: &Command) -> Result<Outcome, Failure> {
        match command {
            Command::RevokeToken(Which::Id(id)) => self.revoke_because(reason, *id),
            Command::RevokeToken(Which::Text(text)) => self.revoke_text_because(reason, text),
            Command::RotateToken { id, expires_at } => {
                let mut body = json!({ "reason": reason });
                if let Some((date, fields)) = expires_at.zip(body.as_object_mut()) {
                    fields.insert("expires_at".to_owned(), json!(date));
                }
                let path = ["tokens", &id.to_string(), "rotate"];
                let given = told::<Given>(
                    &self.own_because(Some(reason)),
                    Method::Post,
                    &path,
                    Some(&body),
                );
                given.map(Outcome::from)
            }
            Command::DeleteToken { id } => self.delete_because(reason, *id),
            Command::CreateToken(new) => self.create_any(new, Some(reason)),
            Command::EditToken { id, change } => self.edit(*id, change, Some(reason)),
            other => {
                let why = format!(
                    "{} takes no --reason over --url; leave it out",
                    other.name()
                );
                Err(Failure::usage("not_over_url", why))
            }
        }
    }

    fn revoke_because(&self, reason: &str, id: i64) -> Result<Outcome, Failure> {
        let path = ["tokens", &id.to_string(), "revoke"];
        let body = json!({ "reason": reason });
        let row: LedgerRow = told(
            &self.own_because(Some(reason)),
            Method::Post,
            &path,
            Some(&body),
        )?;
        Ok(Outcome::Token(Box::new(row.into())))
    }

    /// Identified first: a secret isn't sent where perhaps nobody knows it for
    /// one, and would log it.
    fn revoke_text_because(&self, reason: &str, text: &Secret) -> Result<Outcome, Failure> {
        let shown = self.identify(text)?;
        let id = row(&shown).map(|row| row.id);
        let id = id.or_else(|| shown.get("token_id").and_then(Value::as_i64));
        let id = id.ok_or_else(|| {
            let why = "--reason isn't known to GitLab's API, and no tokenry told this token's id";
            Failure::usage("not_over_url", why)
        })?;
        self.revoke_because(reason, id)
    }

    /// tokenry's own route deletes or fails.
    fn delete_because(&self, reason: &str, id: i64) -> Result<Outcome, Failure> {
        let path = ["tokens", &id.to_string()];
        let body = json!({ "reason": reason });
        let http = self.own_because(Some(reason));
        http.ask(Method::Delete, &path, &[], Some(&body))?;
        Ok(Outcome::Deleted { id })
    }
}

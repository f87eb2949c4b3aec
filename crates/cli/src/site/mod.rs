//! A server elsewhere: the console's commands over `/api/v4`, which tokenry
//! and GitLab both speak, and for what only tokenry has over `/api/v1`.
//!
//! What that API can't do is refused, and nothing is claimed that wasn't seen:
//! where a delete only revokes, as in GitLab, that is a failure.

mod because;
mod http;
mod list;
mod own;
mod row;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokenry_domain::IfExists;
use url::Url;

use self::{
    http::{Http, Method},
    row::{revoked, row},
};
use crate::{
    console::{Command, NewToken, Outcome, Secret, TokenRow, Which},
    exit::{Exit, Failure},
};

const TOKENS: &str = "personal_access_tokens";

/// A server elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    http: Http,
    /// What durations count from.
    now: Timestamp,
}

impl Site {
    pub(crate) fn new(url: Url, token: Secret, now: Timestamp) -> Self {
        Self {
            http: Http::new(url, token),
            now,
        }
    }

    /// Does one thing there.
    pub(crate) fn run(&self, command: &Command) -> Result<Outcome, Failure> {
        match command {
            Command::ListTokens(query) => self.list(query),
            Command::ShowToken { id } => Ok(Outcome::Token(Box::new(self.show(*id)?))),
            Command::IdentifyToken { text } => Ok(told(self.identify(text)?)),
            Command::RevokeToken(Which::Id(id)) => self.revoke(*id),
            Command::RevokeToken(Which::Text(text)) => self.revoke_text(text),
            Command::RotateToken { id, expires_at } => {
                let body = expires_at.map(|date| json!({ "expires_at": date }));
                let path = [TOKENS, &id.to_string(), "rotate"];
                issued(&self.http.ask(Method::Post, &path, &[], body.as_ref())?.body)
            }
            Command::EditToken { id, change } => self.edit(*id, change, None),
            Command::DeleteToken { id } => self.delete(*id),
            Command::CreateToken(new) => self.create(new),
            Command::FilePurge(new) => self.file_purge(new),
            Command::ShowPurge { id } => self.show_purge(*id),
            Command::CancelPurge { id } => self.cancel_purge(*id),
            Command::ShowRetention => self.show_retention(),
            Command::PreviewRetention => self.preview_retention(),
            Command::RunRetention => self.run_retention(),
            // What changes nothing leaves nothing behind that would tell why.
            Command::Because(_, what) if what.only_reads() => self.run(what),
            Command::Because(reason, what) => self.run_because(reason, what),
            other => Err(Failure::usage(
                "not_over_url",
                format!(
                    "{} is done on the server's own machine, not over --url",
                    other.name()
                ),
            )),
        }
    }

    fn show(&self, id: i64) -> Result<TokenRow, Failure> {
        let answer = self
            .http
            .ask(Method::Get, &[TOKENS, &id.to_string()], &[], None)?;
        row(&answer.body).ok_or_else(unexpected)
    }

    /// What a text is: a token's object, or that of what it belongs to.
    fn identify(&self, text: &Secret) -> Result<Value, Failure> {
        let body = json!({ "token": text.reveal() });
        let asked = self
            .http
            .ask(Method::Post, &["admin", "token"], &[], Some(&body));
        Ok(asked?.body)
    }

    /// Shown first: a token that ends itself can't look afterwards.
    fn revoke(&self, id: i64) -> Result<Outcome, Failure> {
        let shown = self.show(id)?;
        self.http
            .ask(Method::Delete, &[TOKENS, &id.to_string()], &[], None)?;
        Ok(Outcome::Token(Box::new(revoked(shown))))
    }

    fn revoke_text(&self, text: &Secret) -> Result<Outcome, Failure> {
        let shown = self.identify(text)?;
        let body = json!({ "token": text.reveal() });
        self.http
            .ask(Method::Delete, &["admin", "token"], &[], Some(&body))?;
        Ok(match row(&shown) {
            Some(row) => Outcome::Token(Box::new(revoked(row))),
            None => Outcome::Found(shown),
        })
    }

    fn delete(&self, id: i64) -> Result<Outcome, Failure> {
        let hard = [("hard_delete", "true".to_owned())];
        let path = [TOKENS, &id.to_string()];
        self.http.ask(Method::Delete, &path, &hard, None)?;
        match self.show(id) {
            Err(gone) if gone.exit == Exit::NotFound => Ok(Outcome::Deleted { id }),
            Ok(_) => Err(Failure::refused(
                "only_revoked",
                format!("token {id} is revoked, but its row stays: that server doesn't delete"),
            )),
            Err(other) => Err(Failure::fault(
                "site_failed",
                format!(
                    "whether token {id} is gone can't be seen: {}",
                    other.message
                ),
            )),
        }
    }

    fn create(&self, new: &NewToken) -> Result<Outcome, Failure> {
        let route = match (new.if_exists, new.kind.as_str()) {
            (IfExists::Add, "personal") => TOKENS,
            (IfExists::Add, "impersonation") => "impersonation_tokens",
            _ => return self.create_any(new, None),
        };
        let body = json!({
            "name": new.name, "description": new.description, "scopes": new.scopes,
            "expires_at": new.expires_at,
        });
        let path = ["users", &self.user(&new.user)?, route];
        issued(&self.http.ask(Method::Post, &path, &[], Some(&body))?.body)
    }

    /// The id of a user who is named by it or by the username.
    fn user(&self, name: &str) -> Result<String, Failure> {
        if name.bytes().all(|c| c.is_ascii_digit()) {
            return Ok(name.to_owned());
        }
        let query = [("username", name.to_owned())];
        let found = self.http.ask(Method::Get, &["users"], &query, None)?;
        let id = found.body.get(0).and_then(|user| user.get("id")?.as_i64());
        id.map(|id| id.to_string()).ok_or_else(|| Failure {
            exit: Exit::NotFound,
            code: "user_not_found".to_owned(),
            message: format!("there is no user {name:?} there"),
        })
    }
}

fn told(body: Value) -> Outcome {
    match row(&body) {
        Some(row) => Outcome::Token(Box::new(row)),
        None => Outcome::Found(body),
    }
}

fn issued(body: &Value) -> Result<Outcome, Failure> {
    let text = body.get("token").and_then(Value::as_str).map(str::to_owned);
    let (row, text) = row(body).zip(text).ok_or_else(unexpected)?;
    Ok(Outcome::Issued(Box::new(row), Secret::new(text)))
}

fn unexpected() -> Failure {
    Failure::fault(
        "not_gitlab",
        "the server answers, but not as GitLab's API does; is --url the address of the instance?",
    )
}

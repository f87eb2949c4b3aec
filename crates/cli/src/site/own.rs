//! What tokenry alone can be asked for, over `/api/v1`: tokens of any kind,
//! lists by any condition, purges and retention.

use std::{collections::BTreeMap, thread, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tokenry_authority::retention::{Due, Preview, Unwanted};
use tokenry_domain::{Retention, retention::Rule};

use super::{
    Site,
    http::{Answer, Http, Method},
    row::LedgerRow,
};
use crate::{
    console::{
        Listed, NewPurge, NewToken, Outcome, RanRow, Secret, TokenChange, TokenRow, due_rows,
    },
    exit::Failure,
};

/// How often to look how far a run is.
const INTERVAL: Duration = Duration::from_millis(500);

/// How many things are due, as that server tells it.
#[derive(Deserialize)]
struct DueShown {
    due_now: u64,
    due_within_30_days: u64,
}

/// The same by a rule.
#[derive(Deserialize)]
struct DueByRule {
    due_now: u64,
    due_within_30_days: u64,
    #[serde(flatten)]
    rule: Map<String, Value>,
}

#[derive(Deserialize)]
struct UnwantedShown {
    would_revoke: u64,
    whole: bool,
}

#[derive(Deserialize)]
struct PreviewShown {
    tokens: Vec<DueByRule>,
    tombstones: DueShown,
    audit: DueShown,
    hygiene: UnwantedShown,
}

/// A run of retention, as far as it has come.
#[derive(Deserialize)]
struct RunShown {
    id: u64,
    state: String,
    began_at: Timestamp,
    ended_at: Option<Timestamp>,
    tokens: u64,
    tombstones: u64,
    audit: u64,
    revoked: u64,
}

#[derive(Deserialize)]
struct RunsShown {
    runs: Vec<RunShown>,
}

/// A token, and its text if it was issued just now.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(flatten)]
    row: LedgerRow,
    token: Option<Secret>,
}

impl From<Given> for Outcome {
    fn from(given: Given) -> Self {
        let row = Box::new(given.row.into());
        match given.token {
            Some(text) => Self::Issued(row, text),
            None => Self::Token(row),
        }
    }
}

/// A page of a list.
#[derive(Deserialize)]
struct TokensShown {
    tokens: Vec<LedgerRow>,
    next_cursor: Option<String>,
}

impl Site {
    pub(super) fn create_any(
        &self,
        new: &NewToken,
        reason: Option<&str>,
    ) -> Result<Outcome, Failure> {
        let mut body = json!({
            "kind": new.kind, "owner": new.user, "name": new.name,
            "description": new.description, "scopes": new.scopes, "if_exists": new.if_exists,
            "reason": reason,
        });
        // One that is there and null would ask for a token without an end.
        if let Some((date, fields)) = new.expires_at.zip(body.as_object_mut()) {
            fields.insert("expires_at".to_owned(), json!(date));
        }
        let given: Given = told(
            &self.own_because(reason),
            Method::Post,
            &["tokens"],
            Some(&body),
        )?;
        Ok(given.into())
    }

    pub(super) fn edit(
        &self,
        id: i64,
        change: &TokenChange,
        reason: Option<&str>,
    ) -> Result<Outcome, Failure> {
        let mut body = json!(change);
        if let Some((reason, fields)) = reason.zip(body.as_object_mut()) {
            fields.insert("reason".to_owned(), json!(reason));
        }
        let path = ["tokens", &id.to_string()];
        let row: LedgerRow = told(&self.own_because(reason), Method::Patch, &path, Some(&body))?;
        Ok(Outcome::Token(Box::new(row.into())))
    }

    /// Only tokenry's own API takes a reason.
    pub(super) fn own_because(&self, reason: Option<&str>) -> Http {
        self.http.own(reason.map(|_| "--reason"))
    }

    pub(super) fn file_purge(&self, new: &NewPurge) -> Result<Outcome, Failure> {
        let mut filter: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (field, text) in &new.filter {
            filter.entry(field).or_default().push(text);
        }
        let body = json!({ "filter": filter, "dry_run": new.dry_run, "reason": new.reason });
        let path = ["purges"];
        told(&self.http.own(None), Method::Post, &path, Some(&body)).map(Outcome::Purge)
    }

    pub(super) fn show_purge(&self, id: i64) -> Result<Outcome, Failure> {
        let path = ["purges", &id.to_string()];
        told(&self.http.own(None), Method::Get, &path, None).map(Outcome::Purge)
    }

    pub(super) fn cancel_purge(&self, id: i64) -> Result<Outcome, Failure> {
        let path = ["purges", &id.to_string(), "cancel"];
        told(&self.http.own(None), Method::Post, &path, None).map(Outcome::Purge)
    }

    pub(super) fn show_retention(&self) -> Result<Outcome, Failure> {
        told(&self.http.own(None), Method::Get, &["retention"], None).map(Outcome::Retention)
    }

    pub(super) fn preview_retention(&self) -> Result<Outcome, Failure> {
        let path = ["retention", "preview"];
        let shown: PreviewShown = told(&self.http.own(None), Method::Get, &path, None)?;
        let preview = preview(shown).ok_or_else(unexpected)?;
        Ok(Outcome::Due(due_rows(&preview)))
    }

    /// Asks for a run, and looks on until it has ended.
    pub(super) fn run_retention(&self) -> Result<Outcome, Failure> {
        let http = self.http.own(None);
        let path = ["retention", "runs"];
        let mut run: RunShown = told(&http, Method::Post, &path, None)?;
        while run.ended_at.is_none() {
            thread::sleep(INTERVAL);
            let shown: RunsShown = told(&http, Method::Get, &path, None).map_err(out_of_sight)?;
            let mut runs = shown.runs.into_iter();
            let same = runs.find(|one| (one.id, one.began_at) == (run.id, run.began_at));
            run = same.ok_or_else(|| out_of_sight(unexpected()))?;
        }
        run.outcome().map(Outcome::Ran)
    }
}

impl RunShown {
    fn outcome(self) -> Result<RanRow, Failure> {
        if self.state == "failed" {
            let why = "the run was interrupted; that server's log says why";
            return Err(Failure::fault("site_failed", why));
        }
        Ok(RanRow {
            tokens: self.tokens,
            tombstones: self.tombstones,
            audit: self.audit,
            revoked: self.revoked,
            whole: self.state == "done",
        })
    }
}

/// What was asked for is done, whether or not anybody looks on.
fn out_of_sight(failure: Failure) -> Failure {
    Failure {
        message: format!("{}; the run goes on without this command", failure.message),
        ..failure
    }
}

/// What the answer to a request tells.
pub(super) fn told<T: DeserializeOwned>(
    http: &Http,
    method: Method,
    path: &[&str],
    body: Option<&Value>,
) -> Result<T, Failure> {
    read(http.ask(method, path, &[], body)?)
}

fn read<T: DeserializeOwned>(answer: Answer) -> Result<T, Failure> {
    serde_json::from_value(answer.body).map_err(|_| unexpected())
}

/// A page of tokens, and the cursor of the next.
pub(super) fn listed(answer: Answer) -> Result<Listed<TokenRow>, Failure> {
    let shown: TokensShown = read(answer)?;
    Ok(Listed {
        rows: shown.tokens.into_iter().map(TokenRow::from).collect(),
        next: shown.next_cursor,
    })
}

/// None for a rule that this version doesn't know.
fn preview(shown: PreviewShown) -> Option<Preview> {
    let mut rules = Vec::new();
    let mut tokens = Vec::new();
    for due in shown.tokens {
        rules.push(Rule::deserialize(Value::Object(due.rule)).ok()?);
        tokens.push(Due {
            now: due.due_now,
            soon: due.due_within_30_days,
        });
    }
    Some(Preview {
        retention: Retention {
            tokens: rules,
            ..Retention::default()
        },
        tokens,
        tombstones: shown.tombstones.into(),
        audit: shown.audit.into(),
        hygiene: Unwanted {
            found: shown.hygiene.would_revoke,
            whole: shown.hygiene.whole,
        },
    })
}

impl From<DueShown> for Due {
    fn from(shown: DueShown) -> Self {
        Self {
            now: shown.due_now,
            soon: shown.due_within_30_days,
        }
    }
}

fn unexpected() -> Failure {
    Failure::fault(
        "not_tokenry",
        "the server answers, but not as this version of tokenry does; is its version another?",
    )
}

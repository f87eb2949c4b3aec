//! The kinds of token there are: the table of descriptors, as JSON.

use serde::Serialize;
use tokenry_domain::kind::{Descriptor, Ending, KINDS, Opens};
use utoipa::ToSchema;

use super::{Answer, problem::ProblemBody};
use crate::{access::Read, answer, call::Call};

/// A kind of token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Kind)]
struct KindBody {
    /// Its name, wherever a kind is named.
    kind: &'static str,
    /// What people call it.
    title: &'static str,
    /// What new tokens of this kind begin with. Former prefixes are known as well.
    prefix: String,
    /// `api`, `browser`, `job`, or `elsewhere`: what it opens.
    opens: &'static str,
    /// What it may be used for; empty if that isn't limited by scopes.
    scopes: Vec<&'static str>,
    /// `revoke`, `reset` or `finish`: what becomes of it when it is ended by its value.
    ending: &'static str,
    /// Whether its text can be shown again.
    shown_again: bool,
}

/// The kinds there are.
#[derive(Debug, Serialize, ToSchema)]
struct Kinds {
    kinds: Vec<KindBody>,
}

/// List the kinds of token
#[utoipa::path(
    get, path = "/api/v1/kinds", tag = "Tokens",
    responses((status = 200, body = Kinds), (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"))
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let settings = call.authority().settings();
    let body = |line: &Descriptor| KindBody {
        kind: line.name,
        title: line.title,
        prefix: settings.prefix(line.kind).to_string(),
        opens: opens(line.opens),
        scopes: line.scopes.names().collect(),
        ending: match line.ending {
            Ending::Revoke => "revoke",
            Ending::Reset => "reset",
            Ending::Finish => "finish",
        },
        shown_again: line.shown_again,
    };
    Ok(answer::ok(&Kinds {
        kinds: KINDS.iter().map(body).collect(),
    }))
}

const fn opens(opens: Opens) -> &'static str {
    match opens {
        Opens::Api | Opens::ApiByOauth => "api",
        Opens::Browser => "browser",
        Opens::Job => "job",
        Opens::Elsewhere => "elsewhere",
    }
}

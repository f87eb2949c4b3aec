//! What is known of tokens, as it is sent: their values, hashes, ids or hints.

use serde::Deserialize;
use tokenry_authority::tokens::{Clue, Fingerprint, MOST_CLUES, TokenText};
use tokenry_domain::{Invalid, TokenId, token_query::TokenQuery};
use utoipa::ToSchema;

use super::problem::Problem;
use crate::call::Call;

/// What is known of one token: exactly one of these.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Clue)]
pub(super) struct ClueForm {
    /// Its value, exactly: nothing is trimmed.
    value: Option<String>,
    /// The SHA-256 of its value, in hexadecimal digits or Base64.
    sha256: Option<String>,
    /// Its id.
    id: Option<i64>,
    /// Its hint, such as `glpat-…x3f9`, or the last four characters.
    hint: Option<String>,
}

impl std::fmt::Debug for ClueForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClueForm(…)")
    }
}

impl ClueForm {
    fn read<A>(self, call: &Call<A>) -> Result<Clue, String> {
        match (self.value, self.sha256, self.id, self.hint) {
            (Some(value), None, None, None) => Ok(Clue::Text(TokenText::new(value))),
            (None, Some(hash), None, None) => Fingerprint::from_text(&hash)
                .map(Clue::Fingerprint)
                .map_err(|_| "takes 64 hexadecimal digits, or 44 letters of Base64".to_owned()),
            (None, None, Some(id), None) => {
                // What no row can have is the id of no row.
                Ok(Clue::Id(TokenId::new(id).unwrap_or(TokenId::from_row(0))))
            }
            (None, None, None, Some(hint)) => {
                let query = TokenQuery::read([("hint", hint.as_str())], call.authority().now());
                let hint = query.map_err(worded)?.filter.hint;
                hint.map(Clue::Hint)
                    .ok_or_else(|| "says nothing".to_owned())
            }
            _ => Err("takes exactly one of value, sha256, id and hint".to_owned()),
        }
    }
}

fn worded(invalid: Invalid) -> String {
    let problems = invalid.problems.into_iter();
    problems
        .map(|problem| problem.problem)
        .collect::<Vec<_>>()
        .join(", ")
}

/// All of them, or what is wrong with the first that can't be read.
pub(super) fn read<A>(call: &Call<A>, forms: Vec<ClueForm>) -> Result<Vec<Clue>, Problem> {
    if forms.is_empty() || forms.len() > MOST_CLUES {
        let problem = format!("takes from 1 to {MOST_CLUES} tokens at once");
        return Err(Problem::field("tokens", problem));
    }
    let read = forms.into_iter().enumerate().map(|(place, form)| {
        let clue = form.read(call);
        clue.map_err(|problem| Problem::field(&format!("tokens[{place}]"), problem))
    });
    read.collect()
}

//! What holds for every route there is, taken from the documents of both faces:
//! one that is added is tested here at once, and needs an example in `examples`.

mod answers;
mod callers;
mod changes;
mod document;
mod examples;
mod scene;
mod wrong_ids;
mod wrong_types;

use tokenry_testkit::Answer;

pub(crate) use self::{document::routes, scene::Scene};

use self::document::Route;

/// Routes for which the token presented has to belong to the place in the
/// path: it doesn't belong to one that isn't there, which is 401 and no 404
/// (spec/rest.md section 3.2).
const BY_THE_TOKEN_ALONE: [&str; 2] = [
    "POST groups/{id}/access_tokens/self/rotate",
    "POST projects/{id}/access_tokens/self/rotate",
];

/// Whether a refusal says why, in its face's way.
fn in_words(route: &Route, answer: &Answer) -> bool {
    let body = answer.json();
    let ways: &[&str] = if route.is_own() {
        &["detail"]
    } else {
        &["message", "error"]
    };
    let why = ways.iter().find_map(|way| body.get(way));
    why.is_some_and(|why| !why.is_null() && why != "")
}

/// Whether a request was refused for what it asks, and told why.
fn refused_in_words(route: &Route, answer: &Answer) -> bool {
    let usual = [400, 404, 422].contains(&answer.code());
    // Where a parameter is the credential, a broken one lets nobody in.
    let of_strangers = route.open && [401, 403, 410].contains(&answer.code());
    let of_bots = answer.code() == 401 && BY_THE_TOKEN_ALONE.contains(&route.name().as_str());
    in_words(route, answer) && (usual || of_strangers || of_bots)
}

//! A kind of token is a line in a table (`crates/domain/src/kind.rs`).
//!
//! What a token goes through asks that line and nothing else: the first test
//! puts one of each kind through all of it and names none, so a kind that is
//! added is in it at once. An enum can't grow in a test; `bench/nineteenth`
//! adds a line to a copy of the sources and runs this there. The second test
//! keeps watch over the sources: where else a kind is named, by how many lines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use common::{user, wanted};
use tokenry_authority::{oauth::Asking, tokens::Wanted};
use tokenry_domain::{
    Scopes, State,
    kind::{Ending, KINDS, Lifetime},
    page::{PerPage, Window},
    token_filter::{TokenFilter, TokenOrder},
};
use tokenry_testkit::{AuthorityFixture, both_engines, sources};

both_engines! {
    async fn a_token_of_any_kind_goes_all_the_way(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let ida = user(&fixture, "ida").await.id;
        let asking = Asking::Administrator(Box::new(console.clone()));
        let window = Window::Page { number: 1, per_page: PerPage::DEFAULT };
        for line in &KINDS {
            let before = fixture.trail().await.len();
            let one = Scopes::from_names(line.scopes.names().take(1)).unwrap();
            let wanted = Wanted { kind: line.kind, scopes: one, ..wanted(ida, line.name) };
            let issued = authority.issue_token(&console, wanted).await.unwrap();
            let text = issued.text.reveal();
            assert!(text.starts_with(line.prefixing.default()), "{}", line.name);
            let limited = matches!(line.lifetime, Lifetime::Policy | Lifetime::ServicePolicy);
            assert_eq!(issued.token.life.expires_at.is_some(), limited, "{}", line.name);

            let named = authority.identify_token(&console, text).await.unwrap();
            assert_eq!((named.kind, named.id), (line.kind, issued.token.id));
            assert!(authority.introspect(&asking, text).await.unwrap().is_some(), "{}", line.name);
            let filter = TokenFilter { kinds: vec![line.kind], ..TokenFilter::default() };
            let listed = authority.list_tokens(&console, filter, TokenOrder::default(), &window).await.unwrap();
            assert!(listed.rows.iter().any(|token| token.id == issued.token.id), "{}", line.name);

            let next = authority.reset_token(&console, issued.token.id).await.unwrap().unwrap();
            assert!(authority.introspect(&asking, text).await.unwrap().is_none(), "{}", line.name);
            authority.revoke_token(&console, next.token.id).await.unwrap();
            let dead = authority.identify_token(&console, next.text.reveal()).await.unwrap();
            assert_eq!((dead.kind, dead.state(authority.now())), (line.kind, State::Revoked));
            authority.delete_token(&console, next.token.id).await.unwrap();
            assert!(authority.identify_token(&console, next.text.reveal()).await.is_err());

            let actions: Vec<_> = fixture.trail().await.split_off(before).into_iter().map(|row| row.action).collect();
            let ended = if line.ending == Ending::Reset { "token_reset" } else { "token_revoked" };
            assert_eq!(actions, ["token_created", "token_reset", ended, "token_deleted"]);
        }
        println!("{} kinds went all the way", KINDS.len());
    }
}

/// The files that name a kind, besides the table: why, and which. The rest of
/// the house, and all of `token`, `store` and `cli`, asks the line.
const NAMED_IN: [(&str, &[&str]); 7] = [
    (
        "the routes of those kinds",
        &[
            "web/src/v4/access_tokens.rs",
            "web/src/v4/deploy_tokens.rs",
            "web/src/v4/flags_clients.rs",
            "web/src/v4/impersonation_tokens.rs",
            "web/src/v4/scim_tokens.rs",
            "web/src/v4/service_account_tokens.rs",
            "web/src/v4/sessions.rs",
            "web/src/v4/sole_tokens.rs",
            "web/src/v4/token_issue.rs",
            "web/src/v4/triggers.rs",
        ],
    ),
    (
        "use cases of those kinds: to run a job, to sign in, to be granted access",
        &[
            "authority/src/agents.rs",
            "authority/src/bootstrap.rs",
            "authority/src/jobs/finish.rs",
            "authority/src/jobs/of_token.rs",
            "authority/src/jobs/start.rs",
            "authority/src/oauth/grant.rs",
            "authority/src/oauth/revoke.rs",
            "authority/src/service_accounts/mod.rs",
            "authority/src/sessions.rs",
        ],
    ),
    (
        "impersonation can be switched off; who asks for a service account's \
         personal token gets one of its own kind",
        &[
            "authority/src/authenticate.rs",
            "authority/src/oauth/introspect.rs",
            "authority/src/tokens/issue.rs",
        ],
    ),
    (
        "what holds a token says of which kind",
        &["domain/src/holder.rs"],
    ),
    (
        "the rules of retention that ship are about those kinds",
        &["domain/src/retention.rs"],
    ),
    ("a module of tests alone", &["store/src/tests/plans.rs"]),
    (
        "an empty slot has to have some kind",
        &["authority/src/index/slot.rs"],
    ),
];

#[test]
fn kinds_are_named_where_there_is_a_reason() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeMap::new();
    for part in ["token", "domain", "store", "authority", "web", "cli"] {
        let files = sources(&crates.join(part).join("src"));
        for file in files.iter().filter(|file| !file.ends_with("tests.rs")) {
            let source = fs::read_to_string(file).unwrap();
            let lines = source
                .lines()
                .take_while(|line| !line.starts_with("mod tests {"));
            let file = file.strip_prefix(&crates).unwrap().to_str().unwrap();
            found.insert(
                file.to_owned(),
                lines.filter(|line| names_a_kind(line)).count(),
            );
        }
    }
    let table = found.remove("domain/src/kind.rs").unwrap();
    assert_eq!(
        table,
        KINDS.len() + 1,
        "a line a kind, and one of what they have in common"
    );
    found.retain(|_, lines| *lines > 0);
    let expected: BTreeSet<_> = NAMED_IN
        .iter()
        .flat_map(|(_, files)| *files)
        .copied()
        .collect();
    let files: BTreeSet<_> = found.keys().map(String::as_str).collect();
    assert_eq!(files, expected, "{found:?}");
}

/// Whether a line has `Kind::` and a variant, and not another enum's.
fn names_a_kind(line: &str) -> bool {
    line.match_indices("Kind::").any(|(at, name)| {
        let before = line[..at].chars().next_back();
        let variant = line[at + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && variant.is_some_and(char::is_uppercase)
    })
}

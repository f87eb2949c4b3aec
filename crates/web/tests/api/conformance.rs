//! GitLab's own cases for the token information API
//! (spec/token-information-api.md section 4): each is tested somewhere, or
//! stands here with the reason why it can't be.
//!
//! A test says which cases are its own: `grep -rn "[Cc]ase.* 17" crates/*/tests`.

use std::{collections::BTreeSet, fs, path::Path};

use tokenry_testkit::sources;

/// How many cases there are; the last ten are of the routable form.
const CASES: u32 = 72;

/// Cases of what isn't here.
const NOT_HERE: [(&[u32], &str); 6] = [
    (&[16, 43], "usage events: nothing reports home"),
    (&[21, 48], "granular tokens: scopes are all there is"),
    (
        &[36, 49],
        "feature flags: triggers are always ended, the API is always on",
    ),
    (
        &[35],
        "a change that can't be written is a fault of the server's, 503, not 400",
    ),
    (
        &[38],
        "a deploy token always belongs to a project or a group",
    ),
    (&[69], "a payload has numbers only"),
];

/// Cases that are answered otherwise on purpose: tokenry does more (section 0).
const OTHERWISE: [(u32, &str); 6] = [
    (37, "a running job's token is ended, and its job: 204"),
    (39, "a service account's token is revoked: 204"),
    (53, "a SCIM token is revoked: 204"),
    (
        63,
        "a payload that says nothing is refused where it is read",
    ),
    (
        64,
        "an unknown key is refused where it is read; written, there is none",
    ),
    (68, "no payload gets as long as what is refused"),
];

/// Where tests say so.
const ROOMS: [&str; 3] = ["crates/web/tests", "crates/token/tests", "crates/token/src"];

#[test]
fn every_case_is_tested_or_cannot_be() {
    let mut tested = BTreeSet::new();
    for room in ROOMS {
        let room = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(room);
        for file in sources(&room) {
            if !file.ends_with("conformance.rs") {
                tested.extend(fs::read_to_string(file).unwrap().lines().flat_map(named));
            }
        }
    }
    let not_here: BTreeSet<_> = NOT_HERE
        .iter()
        .flat_map(|(cases, _)| cases.iter().copied())
        .collect();
    for case in 1..=CASES {
        let (tested, not_here) = (tested.contains(&case), not_here.contains(&case));
        assert!(tested || not_here, "no test says that it has case {case}");
        assert!(
            !tested || !not_here,
            "case {case} is tested, it seems: take it from the list"
        );
    }
    assert!(tested.iter().all(|case| *case <= CASES), "{tested:?}");
    assert!(OTHERWISE.iter().all(|(case, _)| tested.contains(case)));
}

/// The cases that a line names: `case 7`, `cases 1, 2 and 3`.
fn named(line: &str) -> Vec<u32> {
    let line = line.to_lowercase();
    let mut cases = Vec::new();
    for list in line.split("case").skip(1) {
        let list = list.strip_prefix('s').unwrap_or(list);
        let Some(list) = list.strip_prefix(' ') else {
            continue;
        };
        for word in list.split([' ', ',']) {
            match word.trim_end_matches([':', '.', ';', '"']).parse() {
                Ok(case) => cases.push(case),
                Err(_) if ["", "and"].contains(&word) => {}
                Err(_) => break,
            }
        }
    }
    cases
}

#[test]
fn lines_name_their_cases() {
    assert_eq!(named("/// Cases 19, 20 and 54: not 7."), [19, 20, 54]);
    assert_eq!(named("\"cases 1 and 22\" // case 3."), [1, 22, 3]);
    assert!(named("in this case, 2 of them; whatever case").is_empty());
}

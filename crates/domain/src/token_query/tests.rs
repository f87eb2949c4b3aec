use proptest::{prelude::*, sample::select};

use super::*;
use crate::{
    Kind, OwnerState, Scope, Scopes, UserId,
    ids::{GroupId, HolderId, TokenId},
    place::PlaceName,
    token::State,
    token_filter::{Between, HintPart},
};

fn now() -> Timestamp {
    "2031-04-05T06:07:08.123456789Z".parse().unwrap()
}

fn read(pairs: &[(&str, &str)]) -> Result<TokenQuery, Invalid> {
    TokenQuery::read(pairs.iter().copied(), now())
}

fn filter(pairs: &[(&str, &str)]) -> TokenFilter {
    read(pairs).unwrap().filter
}

fn at(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

#[test]
fn fields_say_what_they_say() {
    let read = filter(&[
        ("kind", "personal, group,personal"),
        ("state", "revoked,active"),
        ("owner", "7"),
        ("owner_state", "gone"),
        ("subject", "holder:9"),
        ("scope", "api,read_api"),
        ("name", "Nightly "),
        ("name", "sync"),
        ("hint", "glpat-...x3f9"),
        ("prefix", "glpat-"),
        ("never_used", "true"),
        ("family", "3"),
        ("address", "2001:DB8::9"),
    ]);
    let expected = TokenFilter {
        kinds: vec![Kind::Personal, Kind::Group],
        states: States::of(&[State::Revoked, State::Active]),
        owner: UserId::new(7),
        owner_states: vec![OwnerState::Gone],
        subject: HolderId::new(9).map(Into::into),
        scopes: Scopes::of(&[Scope::Api, Scope::ReadApi]),
        words: vec!["Nightly ".into(), "sync".into()],
        hint: Some(HintPart::Whole(tokenry_token::Hint::from_stored(
            "glpat-…x3f9".into(),
        ))),
        prefix: tokenry_token::Prefix::new("glpat-").ok(),
        used: Some(false),
        family: TokenId::new(3),
        address: "2001:db8::9".parse().ok(),
        ..TokenFilter::default()
    };
    assert_eq!(read, expected);
    assert_eq!(filter(&[]), TokenFilter::default());
}

#[test]
fn times_are_dates_moments_or_how_long_ago() {
    let read = filter(&[
        ("created_after", "2031-04-01"),
        ("created_before", "7d"),
        ("expires_before", "2031-04-05T06:07:08+02:00"),
        ("ended_before", "12h"),
    ]);
    let between = |after, before| Between { after, before };
    assert_eq!(
        read.created,
        between(
            at("2031-04-01T00:00:00Z"),
            at("2031-03-29T06:07:08.123456Z")
        )
    );
    assert_eq!(read.expires, between(None, at("2031-04-05T04:07:08Z")));
    assert_eq!(read.ended_before, at("2031-04-04T18:07:08.123456Z"));
}

#[test]
fn what_expires_soon_works_until_then() {
    let read = filter(&[("expiring_within", "2d"), ("expires_before", "2031-04-06")]);
    assert_eq!(read.states, States::ACTIVE);
    assert_eq!(read.expires.before, at("2031-04-06T00:00:00Z"));
    let read = filter(&[
        ("expires_before", "2032-01-01"),
        ("state", "active,revoked"),
        ("expiring_within", "2d"),
    ]);
    assert_eq!(read.states, States::ACTIVE);
    assert_eq!(read.expires.before, at("2031-04-07T06:07:08.123456Z"));
}

#[test]
fn names_are_left_to_be_looked_up() {
    let query = read(&[("owner", "ida.b"), ("subject", "project:team/app")]).unwrap();
    assert_eq!(query.owner.as_deref(), Some("ida.b"));
    let app = PlaceRef::Project(PlaceName::Path("team/app".into()));
    assert_eq!(query.subject, Some(app));
    assert_eq!(query.filter, TokenFilter::default());
    let by_id = filter(&[("subject", "group:7")]);
    assert_eq!(by_id.subject, GroupId::new(7).map(Into::into));
    assert!(filter(&[("subject", "none")]).without_subject);
}

#[test]
fn whatever_is_wrong_is_named_with_a_way_out() {
    for (pair, way_out) in [
        (
            ("ownr", "ida"),
            "filter has no field called \"ownr\"; there are kind, state, owner,",
        ),
        (("Glpat-Secret", ""), "filter has no field; there are kind,"),
        (
            ("kind", "personal,pat"),
            "kind takes personal, impersonation,",
        ),
        (("kind", ""), "kind takes personal, "),
        (
            ("state", "dead"),
            "state takes active, expired, revoked, inactive",
        ),
        (("owner", ""), "owner takes a username or an id"),
        (("owner", "0"), "owner takes an id, a number above zero"),
        (("owner", "99999999999999999999"), "owner takes an id"),
        (("owner", "a\0b"), "owner takes a username or an id"),
        (
            ("owner_state", "away"),
            "owner_state takes active, blocked, banned, deactivated, gone",
        ),
        (("subject", "7"), "subject takes group:7"),
        (("subject", "user:7"), "subject takes group:7"),
        (("subject", "holder:x"), "subject takes group:7"),
        (("subject", "group:0"), "subject takes an id"),
        (("subject", "project:"), "subject takes group:7"),
        (("scope", "root"), "scope takes api, read_api"),
        (("name", ""), "name takes a text that names contain"),
        (("name", "a\nb"), "name has control characters"),
        (("hint", "x3f"), "hint takes the last 4 characters"),
        (
            ("hint", "glpat-secretsecretsecret"),
            "hint takes the last 4 characters",
        ),
        (
            ("prefix", "gl pat"),
            "prefix takes a prefix, such as glpat-",
        ),
        (
            ("created_after", "yesterday"),
            "created_after takes a date (2031-04-05)",
        ),
        (("created_after", "-7d"), "created_after takes a date"),
        (
            ("created_before", "99999999d"),
            "created_before takes a date",
        ),
        (
            ("expiring_within", "2031-04-05"),
            "expiring_within takes a duration",
        ),
        (
            ("expiring_within", "99999999999d"),
            "expiring_within takes a duration",
        ),
        (("never_used", "yes"), "never_used takes true or false"),
        (("family", "+3"), "family takes an id"),
        (("address", "203.0.113.0/24"), "address takes an address"),
    ] {
        let refused = read(&[pair]).unwrap_err();
        let [Problem { field, problem }] = refused.problems.as_slice() else {
            panic!("{refused:?}");
        };
        let sentence = format!("{field} {problem}");
        assert!(sentence.starts_with(way_out), "{pair:?}: {sentence}");
        assert!(!sentence.contains("secretsecret"), "{sentence}");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let refused = read(&[
        ("kind", "x"),
        ("owner", "ida"),
        ("owner", "ida"),
        ("bogus", ""),
    ])
    .unwrap_err();
    let fields: Vec<_> = refused
        .problems
        .iter()
        .map(|problem| problem.field)
        .collect();
    assert_eq!(fields, ["kind", "owner", "filter"]);
    let refused = read(&[("expiring_within", "7d"), ("state", "revoked")]).unwrap_err();
    assert!(refused.sentence().contains("leave out state"));
}

#[test]
fn orders_go_by_their_names() {
    assert_eq!(order("created_desc").unwrap().name(), "created_desc");
    assert!(
        order("size")
            .unwrap_err()
            .sentence()
            .starts_with("Sort is none of id_asc, id_desc,")
    );
}

#[test]
fn a_filter_is_kept_in_the_words_it_was_asked_for_in() {
    let asked = filter(&[
        ("kind", "personal,project"),
        ("state", "inactive"),
        ("name", "a"),
        ("name", "b"),
        ("ended_before", "7d"),
    ]);
    let kept = serde_json::to_string(&asked).unwrap();
    assert_eq!(
        kept,
        r#"{"kind":"personal,project","state":"expired,revoked","name":["a","b"],"ended_before":"2031-03-29T06:07:08.123456Z"}"#
    );
    assert_eq!(serde_json::from_str::<TokenFilter>(&kept).unwrap(), asked);
    for moving in [
        r#"{"ended_before":"7d"}"#,
        r#"{"expiring_within":"7d"}"#,
        r#"{"owner":"ida"}"#,
        r#"{"subject":"group:team"}"#,
        r#"{"kind":["personal","group"]}"#,
        r#"{"knd":"personal"}"#,
        r#"{"state":""}"#,
        "[]",
    ] {
        assert!(
            serde_json::from_str::<TokenFilter>(moving).is_err(),
            "{moving}"
        );
    }
}

#[test]
fn json_has_numbers_and_flags_too() {
    let asked = |json| serde_json::from_str::<Asked>(json).map(|asked| asked.read(now()));
    let read = asked(r#"{"owner":7,"never_used":true,"name":["a","b"]}"#);
    let expected = filter(&[
        ("owner", "7"),
        ("never_used", "true"),
        ("name", "a"),
        ("name", "b"),
    ]);
    assert_eq!(read.unwrap().unwrap().filter, expected);
    assert!(asked(r#"{"kind":["personal","group"]}"#).unwrap().is_err());
    assert!(asked(r#"{"owner":{"id":7}}"#).is_err());
}

/// Texts that each field takes, or might be taken to.
fn text() -> impl Strategy<Value = String> {
    let apt = select(vec![
        "personal",
        "group,personal",
        "active",
        "inactive,active",
        "ida",
        "7",
        "gone,blocked",
        "group:7",
        "project:a/b",
        "holder:3",
        "none",
        "api,sudo",
        "x3f9",
        "glpat-…x3f9",
        "...",
        "glpat-",
        "2031-04-05",
        "2031-04-05T06:07:08.123456789Z",
        "0001-01-01",
        "9999-12-31",
        "7d",
        "0s",
        "true",
        "false",
        "203.0.113.9",
        "::1",
        "::ffff:1.2.3.4",
        "é…é",
    ]);
    prop_oneof![3 => apt.prop_map(str::to_owned), 1 => any::<String>()]
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = FIELDS
        .iter()
        .map(|field| field.name.to_owned())
        .collect::<Vec<_>>();
    let name = prop_oneof![9 => select(names), 1 => any::<String>()];
    prop::collection::vec((name, text()), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_text_is_more_than_refused_and_what_is_read_reads_back(pairs in pairs()) {
        let texts = pairs.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        match TokenQuery::read(texts, now()) {
            Ok(query) => {
                let kept = serde_json::to_string(&query.filter).unwrap();
                prop_assert_eq!(serde_json::from_str::<TokenFilter>(&kept).unwrap(), query.filter.clone());
                let again: Vec<_> = query.filter.pairs().collect();
                let again = again.iter().map(|(name, text)| (*name, text.as_str()));
                prop_assert_eq!(TokenQuery::read(again, now()).unwrap().filter, query.filter);
            }
            Err(refused) => prop_assert!(!refused.problems.is_empty()),
        }
    }
}

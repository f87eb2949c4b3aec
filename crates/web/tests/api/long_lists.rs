//! Lists longer than one look: searches in names, from memory and along the
//! index, and lists that no index serves.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokenry_authority::Options;
use tokenry_domain::{Kind, TokenId, UserId};
use tokenry_testkit::{App, AuthorityFixture, Engine, Fixture, both_engines};
use tokenry_web::WebOptions;

use crate::message;

const LIST: &str = "/api/v1/tokens";
const OWN: &str = "personal_access_tokens";
const NAMES: [&str; 9] = [
    "Nightly sync",
    "nightly-SYNC 7",
    "İstanbul",
    "straße",
    "STRASSE",
    "50% off",
    "a_b",
    "axb",
    "ΟΔΟΣ",
];
/// Beside what is sought in the names, with the parameters of both lists.
const SEARCHES: [&str; 12] = [
    "sync",
    "SYNC&sort=created_desc",
    "nightly&sort=name_asc",
    "nightly&sort=last_used_desc",
    "i%CC%87stan&sort=expires_asc",
    "ss",
    "%C3%9F&state=active",
    "0%25",
    "a_b",
    "%CE%BF%CE%B4%CE%BF",
    "renamed",
    "nobody-has-this",
];

/// Looks at three rows at a time.
fn options(index_capacity: usize) -> Options {
    Options {
        index_capacity,
        stride: 3,
        ..Options::default()
    }
}

/// An application whose lists are all long, and whose memory is whole.
struct Long(App);

impl Fixture for Long {
    async fn set_up(engine: Engine) -> Self {
        Self(App::with_options(engine, options(1_000), WebOptions::default()).await)
    }
}

/// The same that waits no longer than one look takes.
struct Hasty(App);

impl Fixture for Hasty {
    async fn set_up(engine: Engine) -> Self {
        let options = Options {
            patience: SignedDuration::ZERO,
            ..options(0)
        };
        Self(App::with_options(engine, options, WebOptions::default()).await)
    }
}

/// Forty-five tokens of root's and as many of ida's, of few names.
async fn many(app: &App) -> Vec<TokenId> {
    let (root, ida) = (UserId::from_row(1), app.user("ida").await.id);
    let mut ids = Vec::new();
    for number in 0..90 {
        let owner = if number % 2 == 0 { root } else { ida };
        let name = NAMES[number / 2 % NAMES.len()];
        ids.push(app.token_of(Kind::Personal, owner, name, "api").await.0);
        app.fixture.clock.advance(i64::from(number % 7 == 0));
    }
    ids
}

/// All answers to a list of tokenry's own, put together, and how many these were.
async fn v1(app: &App, query: &str, per_page: u64) -> (Vec<Value>, usize) {
    let (mut ids, mut answers, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let path = format!("{LIST}?{query}&per_page={per_page}&cursor={cursor}");
        let answer = app.get(&path).root().send().await;
        assert_eq!(answer.code(), 200, "{path} {}", answer.text);
        let body = answer.json();
        let rows = body["tokens"].as_array().unwrap().iter();
        ids.extend(rows.map(|row| row["id"].clone()));
        answers += 1;
        match body["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return (ids, answers),
        }
    }
}

/// All pages of a list of GitLab's, put together, whose total must be right.
async fn v4(app: &App, query: &str, per_page: u64, keyset: bool) -> Vec<Value> {
    let way = if keyset { "&pagination=keyset" } else { "" };
    let mut next = Some(format!("/api/v4/{OWN}?{query}&per_page={per_page}{way}"));
    let (mut ids, mut total) = (Vec::new(), String::new());
    while let Some(path) = next {
        let answer = app.get(&path).root().send().await;
        ids.extend(answer.column("id"));
        answer.header("x-total").clone_into(&mut total);
        let mut links = answer.header("link").split(", ");
        let link = links.find_map(|link| link.strip_prefix('<')?.strip_suffix(">; rel=\"next\""));
        next = link.map(|link| link.strip_prefix("http://tokenry.test").unwrap().to_owned());
    }
    assert!(keyset || total == ids.len().to_string(), "{query}: {total}");
    ids
}

/// What all searches find, in the lists of both faces.
async fn searched(app: &App) -> Vec<Vec<Value>> {
    let mut found = Vec::new();
    for search in SEARCHES {
        let ordered = format!("owner=root&name={search}");
        found.push(v1(app, &ordered, 7).await.0);
        let (word, rest) = search.split_once('&').unwrap_or((search, "sort=id_asc"));
        found.push(v1(app, &format!("name={word}&name=s"), 7).await.0);
        for user in ["", "&user_id=1", "&user_id=2"] {
            let query = format!("search={word}&{rest}{user}");
            let pages = v4(app, &query, 7, false).await;
            assert_eq!(v4(app, &query, 7, true).await, pages, "{query}");
            found.push(pages);
        }
        let count = app.get(&format!("{LIST}?name={word}&count=exact&per_page=1"));
        found.push(vec![count.root().send().await.json()["count"].clone()]);
    }
    found
}

/// The same data after another start.
async fn started_again(fixture: AuthorityFixture, index_capacity: usize) -> App {
    let fixture = fixture.reopened(options(index_capacity)).await;
    App::over(fixture, WebOptions::default())
}

async fn rename(app: &App, id: TokenId, name: &str) {
    let asking = app.ask("PATCH", &format!("{LIST}/{id}")).root();
    let answer = asking.json(json!({ "name": name })).send().await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
}

both_engines! {
    async fn an_estimate_knows_both_ends_of_a_list(app: Long) {
        let app = app.0;
        let ids = many(&app).await;
        // As it usually is: the older half is dead.
        for id in &ids[..ids.len() / 2] {
            assert_eq!(app.delete(&format!("{OWN}/{id}")).root().send().await.code(), 204);
        }
        let count = async |way| {
            let path = format!("{LIST}?owner=ida&state=active&per_page=1&count={way}");
            app.get(&path).root().send().await.json()["count"].as_u64().unwrap()
        };
        let (exact, estimate) = (count("exact").await, count("estimate").await);
        assert!(exact.abs_diff(estimate) <= exact / 5, "{estimate} for {exact}");
    }

    async fn a_search_finds_the_same_whether_memory_knows_all_names_or_not(app: Long) {
        let app = app.0;
        let ids = many(&app).await;
        rename(&app, ids[0], "renamed one").await;
        rename(&app, ids[3], "Renamed, nightly").await;
        for (method, path) in [
            ("DELETE", format!("{LIST}/{}", ids[20])),
            ("POST", format!("{OWN}/{}/rotate", ids[18])),
            ("DELETE", format!("{OWN}/{}", ids[36])),
        ] {
            let answer = app.ask(method, &path).root().send().await;
            assert!(answer.status.is_success(), "{path} {}", answer.text);
        }
        let known = searched(&app).await;
        let found = |search: &str| {
            let place = SEARCHES.iter().position(|own| *own == search).unwrap();
            known[place * 6].len()
        };
        // Root's, of forty-five of nine names: ten, less one that was renamed
        // and one that is gone, and two for the one that was rotated.
        assert_eq!((found("sync"), found("renamed"), found("nobody-has-this")), (9, 1, 0));
        let mut fixture = app.fixture;
        for (what, capacity) in [("too small", 20), ("none", 0), ("whole again", 1_000)] {
            let app = started_again(fixture, capacity).await;
            assert_eq!(searched(&app).await, known, "memory is {what}");
            fixture = app.fixture;
        }
    }

    async fn a_search_that_finds_few_takes_one_answer_where_memory_knows_all_names(app: Long) {
        let app = app.0;
        let ids = many(&app).await;
        rename(&app, ids[88], "the only one").await;
        for name in ["the+only", "nobody-has-this"] {
            assert_eq!(v1(&app, &format!("name={name}"), 2).await.1, 1, "{name}");
        }
        let app = started_again(app.fixture, 0).await;
        assert_eq!(v1(&app, "name=nobody-has-this", 2).await.1, 12, "ninety-one rows, eight at a time");
    }

    async fn a_list_that_begins_in_memory_goes_on_along_the_index(app: Long) {
        let app = app.0;
        many(&app).await;
        let whole = v1(&app, "name=sync&sort=created_desc", 2).await.0;
        let path = format!("{LIST}?name=sync&sort=created_desc&per_page=2");
        let begun = app.get(&path).root().send().await.json();
        let cursor = begun["next_cursor"].as_str().unwrap();
        let app = started_again(app.fixture, 0).await;
        let mut query = format!("name=sync&sort=created_desc&cursor={cursor}");
        let mut rest = Vec::new();
        loop {
            let body = app.get(&format!("{LIST}?{query}")).root().send().await.json();
            rest.extend(body["tokens"].as_array().unwrap().iter().map(|row| row["id"].clone()));
            let Some(next) = body["next_cursor"].as_str() else { break };
            query = format!("name=sync&sort=created_desc&cursor={next}");
        }
        assert_eq!(rest, whole[2..]);
    }

    async fn who_looks_for_few_among_many_is_told_what_to_do_instead(app: Hasty) {
        let app = app.0;
        many(&app).await;
        let told = message(400, "400 Bad request - no index serves this list, and there are too many tokens to look at each. \
            Narrow the list by user_id or state, sort it by id or created, or read /api/v1/tokens, which answers a part at a time");
        for query in ["search=nothing", "revoked=true", "state=inactive&user_id=2", "search=no&sort=created_desc"] {
            for way in ["page=1", "page=3", "pagination=keyset"] {
                let answer = app.get(&format!("{OWN}?{query}&per_page=1&{way}")).root().send().await;
                assert_eq!(answer.both(), told, "{query} {way}");
            }
        }
        let deep = app.get(&format!("{OWN}?search=sync&per_page=1&page=20")).root().send().await;
        assert_eq!(deep.both(), told);
    }

    async fn what_is_found_in_time_is_shown(app: Hasty) {
        let app = app.0;
        let ids = many(&app).await;
        let page = app.get(&format!("{OWN}?search=sync&per_page=2")).root().send().await;
        assert_eq!(page.column("id"), [json!(ids[0]), json!(ids[1])]);
        assert_eq!((page.header("x-next-page"), page.header("x-total")), ("2", ""));
        // Of twenty rows two; a short page goes on behind its last row.
        let few = app.get(&format!("{OWN}?search=stanbul&per_page=4&pagination=keyset")).root().send().await;
        assert_eq!(few.column("id"), [json!(ids[4]), json!(ids[5])]);
        let all = v4(&app, "search=stanbul", 4, true).await;
        let expected: Vec<_> = (0..90).filter(|number| NAMES[number / 2 % 9] == "İstanbul").map(|number| json!(ids[number])).collect();
        assert_eq!(all, expected);
    }

    async fn an_order_without_an_index_is_for_lists_that_are_soon_sorted(app: Hasty) {
        let app = app.0;
        many(&app).await;
        assert_eq!(app.get(&format!("{OWN}?sort=name_asc")).root().send().await.code(), 200);
        let none = Options { stride: 0, ..options(0) };
        let app = App::over(app.fixture.reopened(none).await, WebOptions::default());
        for (query, code) in [("sort=name_asc", 400), ("sort=last_used_desc", 400), ("sort=name_asc&user_id=2", 200), ("sort=id_desc", 200)] {
            let answer = app.get(&format!("{OWN}?{query}")).root().send().await;
            assert_eq!(answer.code(), code, "{query} {}", answer.text);
        }
    }
}

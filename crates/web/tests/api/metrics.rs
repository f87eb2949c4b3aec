//! `/-/metrics`.

use std::collections::BTreeSet;

use serde_json::json;
use tokenry_domain::UserId;
use tokenry_testkit::{App, both_engines};

use crate::{forbidden, unauthorized};

const METRICS: &str = "/-/metrics";
const DAY: i64 = 86_400;

async fn read(app: &App) -> String {
    let answer = app.get(METRICS).root().send().await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
    let open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), open_metrics);
    answer.text
}

/// The figure of a sample, by its name and labels.
fn figure<'t>(text: &'t str, sample: &str) -> &'t str {
    let mut figures = text
        .lines()
        .filter_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    let figure = figures.next();
    figure.unwrap_or_else(|| panic!("no {sample} in {text}"))
}

/// Without what another build or machine tells otherwise.
fn steady(text: &str) -> String {
    let bytes = figure(text, "tokenry_index_bytes");
    assert!(bytes.parse::<u64>().unwrap() > 100, "{bytes}");
    text.replace(
        &format!("tokenry_index_bytes {bytes}"),
        "tokenry_index_bytes [bytes]",
    )
    .replace(env!("CARGO_PKG_VERSION"), "[version]")
}

async fn revoked(app: &App, owner: UserId) {
    let (id, _) = app.token(owner, "read_api").await;
    let path = format!("personal_access_tokens/{}", id.get());
    assert_eq!(app.delete(&path).root().send().await.code(), 204);
}

async fn keep(app: &App, rules: serde_json::Value) {
    let set = app.put("/api/v1/retention").root().json(rules).send().await;
    assert_eq!(set.code(), 200, "{}", set.text);
}

both_engines! {
    async fn a_server_that_just_started_tells_all_of_it(app: App) {
        insta::assert_snapshot!("fresh", steady(&read(&app).await));
    }

    async fn what_was_done_and_what_is_due_is_told(app: App) {
        let ida = app.user("ida").await;
        for _ in 0..3 {
            revoked(&app, ida.id).await;
        }
        let filter = json!({ "filter": { "state": "revoked" } });
        for _ in 0..2 {
            app.fixture.clock.advance(1);
            app.post("/api/v1/purges").root().json(filter.clone()).send().await;
        }
        app.fixture.authority.advance_purges().await.unwrap();
        revoked(&app, ida.id).await;
        app.fixture.clock.advance(10 * DAY);
        keep(&app, json!({ "tokens": [{ "kinds": ["personal"], "days": 7 }] })).await;
        app.fixture.authority.retain().await.unwrap();
        revoked(&app, ida.id).await;
        app.fixture.clock.advance(9 * DAY);
        keep(&app, json!({
            "tokens": [{ "kinds": ["personal"], "days": 7 }],
            "tombstone_days": 8, "audit_days": 18,
        })).await;
        insta::assert_snapshot!("busy", steady(&read(&app).await));
    }

    async fn only_administrators_read_it_and_reading_is_enough(app: App) {
        let ida = app.user("ida").await;
        let before = app.actions().await.len();
        assert_eq!(app.get(METRICS).send().await.both(), unauthorized());
        let (_, own) = app.token(ida.id, "api read_api").await;
        assert_eq!(app.get(METRICS).token(&own).send().await.both(), forbidden());
        let root = UserId::from_row(1);
        let (_, narrow) = app.token(root, "read_user").await;
        let answer = app.get(METRICS).token(&narrow).send().await;
        assert_eq!((answer.code(), &answer.json()["error"]), (403, &json!("insufficient_scope")));
        let (_, reads) = app.token(root, "read_api").await;
        let bearer = format!("Bearer {reads}");
        let answer = app.get(METRICS).header("authorization", bearer).send().await;
        assert_eq!(answer.code(), 200);
        assert!(!answer.text.contains("ida") && !answer.text.contains("root"), "{}", answer.text);
        let issued = 3;
        assert_eq!(app.actions().await.len(), before + issued, "reading leaves no row");
    }

    async fn the_handbook_tells_of_each_family_in_the_same_words(app: App) {
        let text = read(&app).await;
        let of = |word: &str| -> BTreeSet<Vec<String>> {
            let lines = text.lines().filter_map(|line| line.strip_prefix(word));
            lines.map(|line| line.splitn(2, ' ').map(str::to_owned).collect()).collect()
        };
        let helps = of("# HELP ");
        let told = of("# TYPE ").into_iter().map(|family| {
            let [name, sort] = family.try_into().unwrap();
            let help = helps.iter().find(|help| help[0] == name).expect("each has a help");
            let end = match sort.as_str() {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            format!("| `{name}{end}` | {sort} | {} |", help[1])
        });
        let page = include_str!("../../../../docs/metrics.md");
        let rows = page.lines().filter(|line| line.starts_with("| `tokenry_"));
        assert_eq!(
            rows.collect::<BTreeSet<_>>(),
            told.collect::<Vec<_>>().iter().map(String::as_str).collect(),
        );
        assert!(text.ends_with("# EOF\n"));
    }
}

//! `GET /api/v1/tokens` as CSV and as a JSON object a line.

use axum::body::Body;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokenry_authority::users::UserChange;
use tokenry_domain::{Kind, UserId, user::StateChange};
use tokenry_testkit::{App, both_engines};

use super::refused;

const LIST: &str = "/api/v1/tokens";
const CSV: &str = "text/csv";
const LINES: &str = "application/x-ndjson";

async fn export(app: &App, form: &str, query: &str) -> String {
    let path = format!("{LIST}?{query}");
    let answer = app.get(&path).root().header("accept", form).send().await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
    let named = answer.header("content-type").split(';').next().unwrap();
    assert!(form.contains(named), "{named}");
    answer.text
}

/// More tokens than are read at a time.
async fn many(app: &App) -> u64 {
    let root = UserId::from_row(1);
    for number in 0..1_050 {
        app.token_of(Kind::Personal, root, &format!("no {number}"), "api")
            .await;
    }
    1_051
}

async fn frame(body: &mut Body) -> Option<String> {
    let frame = body.frame().await?.unwrap().into_data().unwrap();
    Some(String::from_utf8(frame.to_vec()).unwrap())
}

both_engines! {
    async fn a_spreadsheet_takes_no_name_for_a_formula(app: App) {
        let root = UserId::from_row(1);
        for name in ["=HYPERLINK(\"http://x\",\"y\")", "@home", "-1", "plain, with a comma"] {
            app.token_of(Kind::Personal, root, name, "api read_user").await;
        }
        let text = export(&app, CSV, "kind=personal&sort=id_asc").await;
        insta::assert_snapshot!("csv", text.replace("\r\n", "\n"));
        assert!(text.ends_with("\r\n"));
    }

    async fn lines_hold_what_the_list_holds(app: App) {
        let root = UserId::from_row(1);
        for name in ["one\u{2028}two", "three"] {
            app.token_of(Kind::Personal, root, name, "api").await;
        }
        let lines = export(&app, "text/html;q=0.9, application/x-ndjson", "sort=id_desc").await;
        let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let list = app.get(&format!("{LIST}?sort=id_desc")).root().send().await.json();
        assert_eq!(Value::from(rows), list["tokens"]);
        assert_eq!(export(&app, LINES, "name=nothing").await, "");
        assert_eq!(export(&app, CSV, "name=nothing").await.lines().count(), 1);
    }

    async fn users_export_their_own_and_refusals_are_problems(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_api").await;
        let get = |query: &str| app.get(&format!("{LIST}{query}")).header("accept", CSV);
        let text = get("").token(&token).send().await.text;
        assert_eq!(text.lines().count(), 2, "{text}");
        assert_eq!(refused(&get("").send().await).0, 401);
        assert_eq!(refused(&get("?owner=root").token(&token).send().await).0, 403);
        for query in ["?kind=x", "?per_page=5", "?cursor=x", "?count=exact"] {
            let answer = get(query).root().send().await;
            assert_eq!(refused(&answer), (400, "invalid".into()), "{query}");
        }
    }

    async fn all_is_read_a_part_at_a_time_as_the_client_reads(app: App) {
        let all = many(&app).await;
        let open = async || app.get(LIST).root().header("accept", LINES).open().await.into_body();
        let mut body = open().await;
        let mut lines = 0;
        while let Some(part) = frame(&mut body).await {
            lines += part.lines().count() as u64;
        }
        assert_eq!(lines, all);

        // The second part isn't read before somebody asks for it.
        let mut body = open().await;
        let first = frame(&mut body).await.unwrap();
        let last = all.to_string();
        let path = format!("personal_access_tokens/{last}?hard_delete=true");
        assert_eq!(app.delete(&path).root().send().await.code(), 204);
        let rest = frame(&mut body).await.unwrap();
        assert_eq!(first.lines().count() as u64 + rest.lines().count() as u64, all - 1);
        assert!(frame(&mut body).await.is_none());
    }

    async fn who_would_not_be_let_in_any_more_hears_no_more(app: App) {
        many(&app).await;
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        let ends = ["revoke", "delete", "expire", "block", "demote", "demote who acts as root"];
        for (number, end) in ends.into_iter().enumerate() {
            let ada = app.admin(&format!("ada-{number}")).await;
            let (id, token) = app.token(ada.id, "api sudo").await;
            let mut asking = app.get(LIST).token(&token).header("accept", LINES);
            if end.ends_with("root") {
                asking = asking.header("sudo", "root");
            }
            let mut body = asking.open().await.into_body();
            assert!(frame(&mut body).await.is_some());
            match end {
                "revoke" => authority.revoke_token(&console, id).await.unwrap(),
                "delete" => authority.delete_token(&console, id).await.unwrap(),
                "expire" => app.fixture.clock.advance(400 * 24 * 60 * 60),
                "block" => {
                    let blocked = authority.change_user_state(&console, ada.id, StateChange::Block);
                    blocked.await.unwrap();
                }
                _ => {
                    let change = UserChange { admin: Some(false), ..UserChange::default() };
                    authority.update_user(&console, ada.id, change).await.unwrap();
                }
            }
            let broken = body.frame().await.expect("an end that is no end");
            assert!(broken.is_err(), "{end}");
        }
    }
}

//! `GET /personal_access_tokens`: what is listed, and in what order.

use serde_json::{Value, json};
use tokenry_domain::{Kind, UserId};
use tokenry_testkit::{App, both_engines};

use crate::{error, message, unauthorized};

const LIST: &str = "personal_access_tokens";

/// The names of the tokens that a query lists for root, without root's first.
async fn names(app: &App, query: &str) -> Vec<String> {
    let answer = app.get(&format!("{LIST}?{query}")).root().send().await;
    let names = answer
        .column("name")
        .into_iter()
        .map(|name| name.as_str().unwrap().to_owned());
    names.filter(|name| name != "initial root token").collect()
}

/// Three tokens an hour apart: the first is revoked, the second was used, the
/// third expires earlier.
async fn three(app: &App) {
    let root = UserId::from_row(1);
    let mut made = Vec::new();
    for name in ["Alpha sync", "beta-100%", "Gamma SYNC job"] {
        made.push(app.token_of(Kind::Personal, root, name, "api").await);
        app.fixture.clock.advance(3_600);
    }
    app.delete(&format!("{LIST}/{}", made[0].0))
        .root()
        .send()
        .await;
    app.get(&format!("{LIST}/self"))
        .token(&made[1].1)
        .send()
        .await;
    app.fixture.authority.flush_last_uses().await.unwrap();
    let body = json!({ "name": "short", "scopes": "api", "expires_at": "2031-04-06" });
    app.post("users/1/personal_access_tokens")
        .root()
        .json(body)
        .send()
        .await;
}

both_engines! {
    async fn a_row_shows_all_of_a_token_but_its_secret(app: App) {
        let answer = app.get(LIST).root().send().await;
        insta::assert_json_snapshot!("row", answer.json());
    }

    async fn filters_all_hold(app: App) {
        three(&app).await;
        for (query, expected) in [
            (
                "",
                vec!["Alpha sync", "beta-100%", "Gamma SYNC job", "short"],
            ),
            ("revoked=true", vec!["Alpha sync"]),
            (
                "revoked=False",
                vec!["beta-100%", "Gamma SYNC job", "short"],
            ),
            ("state=active", vec!["beta-100%", "Gamma SYNC job", "short"]),
            ("state=inactive", vec!["Alpha sync"]),
            ("state=active&revoked=true", vec![]),
            ("search=sync", vec!["Alpha sync", "Gamma SYNC job"]),
            ("search=SYNC+job", vec!["Gamma SYNC job"]),
            ("search=100%25", vec!["beta-100%"]),
            ("search=_", vec![]),
            (
                "search=",
                vec!["Alpha sync", "beta-100%", "Gamma SYNC job", "short"],
            ),
            (
                "created_after=2031-04-05T13:00:00Z",
                vec!["beta-100%", "Gamma SYNC job", "short"],
            ),
            (
                "created_after=2031-04-05",
                vec!["Alpha sync", "beta-100%", "Gamma SYNC job", "short"],
            ),
            (
                "created_before=2031-04-05T15:00:00.123456%2B02:00",
                vec!["Alpha sync", "beta-100%"],
            ),
            ("expires_before=2031-04-06", vec![]),
            ("expires_before=2031-04-07", vec!["short"]),
            (
                "expires_after=2031-04-06",
                vec!["Alpha sync", "beta-100%", "Gamma SYNC job", "short"],
            ),
            (
                "expires_after=2031-04-06T10:00:00Z&expires_before=9999-12-31",
                vec!["Alpha sync", "beta-100%", "Gamma SYNC job", "short"],
            ),
            (
                "expires_after=2031-04-07",
                vec!["Alpha sync", "beta-100%", "Gamma SYNC job"],
            ),
            ("last_used_before=2032-01-01", vec!["beta-100%"]),
            ("last_used_after=2032-01-01", vec![]),
            ("user_id=1&search=short", vec!["short"]),
        ] {
            assert_eq!(names(&app, query).await, expected, "{query}");
        }
    }

    async fn orders_are_by_name_or_ignored(app: App) {
        three(&app).await;
        let (alpha, beta, gamma, short) = ("Alpha sync", "beta-100%", "Gamma SYNC job", "short");
        for (query, expected) in [
            ("sort=created_asc", [alpha, beta, gamma, short]),
            ("sort=created_desc", [short, gamma, beta, alpha]),
            ("sort=expires_asc", [short, alpha, beta, gamma]),
            ("sort=expires_desc", [gamma, beta, alpha, short]),
            ("sort=last_used_desc", [beta, short, gamma, alpha]),
            ("sort=last_used_asc", [alpha, gamma, short, beta]),
            ("sort=name_asc", [alpha, gamma, beta, short]),
            ("sort=name_desc", [short, beta, gamma, alpha]),
            ("sort=id_desc", [short, gamma, beta, alpha]),
            ("sort=desc", [short, gamma, beta, alpha]),
            ("sort=nonsense", [alpha, beta, gamma, short]),
            ("order_by=name&sort=desc", [short, beta, gamma, alpha]),
            ("order_by=nonsense", [alpha, beta, gamma, short]),
        ] {
            assert_eq!(names(&app, query).await, expected, "{query}");
        }
    }

    async fn users_see_their_own_and_no_impersonation(app: App) {
        let ida = app.user("ida").await;
        let (own, token) = app.token(ida.id, "api").await;
        let (hidden, _) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
        let list = |path: String| app.get(&path).token(&token).send();
        assert_eq!(list(LIST.into()).await.column("id"), [json!(own)]);
        assert_eq!(
            list(format!("{LIST}?user_id={}", ida.id))
                .await
                .column("id"),
            [json!(own)]
        );
        for foreign in ["1", "4711", "", "0", "99999999999999999999"] {
            assert_eq!(
                list(format!("{LIST}?user_id={foreign}")).await.both(),
                unauthorized(),
                "{foreign}"
            );
        }
        let all = app
            .get(&format!("{LIST}?user_id={}", ida.id))
            .root()
            .send()
            .await;
        assert_eq!(all.column("id"), [json!(own), json!(hidden)]);
    }

    async fn administrators_are_told_that_a_user_is_unknown(app: App) {
        for unknown in ["4711", "", "0", "-1", "99999999999999999999"] {
            let answer = app
                .get(&format!("{LIST}?user_id={unknown}"))
                .root()
                .send()
                .await;
            assert_eq!(answer.both(), message(404, "404 Not Found"), "{unknown}");
        }
    }

    async fn parameters_may_stand_in_a_body(app: App) {
        three(&app).await;
        for asking in [
            app.get(LIST)
                .json(json!({ "search": "alpha", "revoked": true })),
            app.get(LIST).form("search=alpha&revoked=1"),
            app.get(&format!("{LIST}?search=gamma"))
                .json(json!({ "search": "alpha" })),
        ] {
            assert_eq!(
                asking.root().send().await.column("name"),
                [json!("Alpha sync")]
            );
        }
    }

    async fn bad_filters_are_named(app: App) {
        for (query, problems) in [
            ("user_id=x", "user_id is invalid"),
            ("user_id[]=1", "user_id is invalid"),
            ("revoked=maybe", "revoked is invalid"),
            ("state=dead", "state does not have a valid value"),
            ("state=", "state does not have a valid value"),
            ("search=%00", "search is invalid"),
            ("search=a%0Ab", "search is invalid"),
            ("search[]=x", "search is invalid"),
            ("search=a&search=b", "search is invalid"),
            ("created_after=yesterday", "created_after is invalid"),
            ("created_before=2031-13-01", "created_before is invalid"),
            ("expires_after=05.04.2031", "expires_after is invalid"),
            ("expires_before=2031-02-30", "expires_before is invalid"),
            ("last_used_after=1712300000", "last_used_after is invalid"),
            (
                "last_used_before=2031-04-05T25:00Z",
                "last_used_before is invalid",
            ),
            (
                "page=x&state=dead&revoked=2",
                "page is invalid, state does not have a valid value, revoked is invalid",
            ),
            ("search=%ff", "the query isn't valid UTF-8"),
        ] {
            let answer = app.get(&format!("{LIST}?{query}")).root().send().await;
            assert_eq!(answer.both(), error(400, problems), "{query}");
        }
        let long = app
            .get(&format!("{LIST}?search={}", "a".repeat(5_000)))
            .root()
            .send()
            .await;
        assert_eq!(long.code(), 400, "{}", long.text);
        let null: Value = app
            .get(LIST)
            .json(json!({ "search": null, "user_id": null }))
            .root()
            .send()
            .await
            .json();
        assert_eq!(null.as_array().unwrap().len(), 1);
    }
}

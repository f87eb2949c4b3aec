//! Windows onto lists: pages of any size, put together, are the list.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokenry_domain::{Kind, UserId};
use tokenry_testkit::{Answer, App, both_engines};

use crate::error;

const LIST: &str = "personal_access_tokens";
const ORDERS: [&str; 5] = ["id", "created", "expires", "last_used", "name"];

/// Eleven tokens besides root's first, with ties in every order.
async fn eleven(app: &App) {
    let root = UserId::from_row(1);
    for n in 0..11 {
        let name = ["twin", "Ünique", "other"][n % 3];
        let (_, text) = app.token_of(Kind::Personal, root, name, "api").await;
        if n % 4 == 0 {
            app.fixture.clock.advance(60);
            app.get("personal_access_tokens/self")
                .token(&text)
                .send()
                .await;
        }
    }
    app.fixture.authority.flush_last_uses().await.unwrap();
}

fn link(answer: &Answer, rel: &str) -> Option<String> {
    let end = format!(">; rel=\"{rel}\"");
    let mut links = answer.header("link").split(", ");
    let found = links.find_map(|link| link.strip_prefix('<')?.strip_suffix(&end))?;
    Some(
        found
            .strip_prefix("http://tokenry.test")
            .expect("our own address")
            .to_owned(),
    )
}

/// All ids, following the links.
async fn walk(app: &App, first: String, per_page: usize) -> Vec<Value> {
    let (mut ids, mut next) = (Vec::new(), Some(first));
    while let Some(path) = next {
        let answer = app.get(&path).root().send().await;
        let rows = answer.column("id");
        next = link(&answer, "next");
        assert!(rows.len() == per_page || next.is_none(), "{path}");
        ids.extend(rows);
    }
    ids
}

both_engines! {
    async fn pages_put_together_are_the_list(app: App) {
        eleven(&app).await;
        for order in ORDERS {
            for direction in ["asc", "desc"] {
                let sort = format!("sort={order}_{direction}");
                let whole = app
                    .get(&format!("{LIST}?{sort}&per_page=100"))
                    .root()
                    .send()
                    .await
                    .column("id");
                let different: BTreeSet<_> = whole.iter().filter_map(Value::as_i64).collect();
                assert_eq!((whole.len(), different.len()), (12, 12));
                for size in [1, 2, 5, 11, 12, 13] {
                    let path = format!("/api/v4/{LIST}?{sort}&per_page={size}");
                    assert_eq!(
                        walk(&app, path.clone(), size).await,
                        whole,
                        "{sort} by {size}"
                    );
                    let path = format!("{path}&pagination=keyset");
                    assert_eq!(
                        walk(&app, path, size).await,
                        whole,
                        "{sort} by {size}, keyset"
                    );
                }
            }
        }
    }

    async fn a_list_of_users_is_walked_alike(app: App) {
        for name in ["ida", "Bo", "carl", "dora"] {
            app.user(name).await;
        }
        for order in ["id", "name", "username", "created_at"] {
            for direction in ["asc", "desc"] {
                let sort = format!("order_by={order}&sort={direction}");
                let whole = app
                    .get(&format!("users?{sort}"))
                    .root()
                    .send()
                    .await
                    .column("id");
                assert_eq!(whole.len(), 5);
                for size in [1, 2, 5] {
                    let path = format!("/api/v4/users?{sort}&per_page={size}");
                    assert_eq!(
                        walk(&app, path.clone(), size).await,
                        whole,
                        "{sort} by {size}"
                    );
                    let path = format!("{path}&pagination=keyset");
                    assert_eq!(
                        walk(&app, path, size).await,
                        whole,
                        "{sort} by {size}, keyset"
                    );
                }
            }
        }
    }

    async fn the_headers_say_where_the_rest_is(app: App) {
        eleven(&app).await;
        let page = async |number: u32| {
            app.get(&format!(
                "{LIST}?per_page=5&page={number}&revoked=no&search=%C3%9Cn+i%26"
            ))
            .root()
            .send()
            .await
        };
        assert_eq!(page(1).await.header("x-total"), "0");
        let page = async |number: u32| {
            app.get(&format!("{LIST}?per_page=5&page={number}&revoked=false"))
                .root()
                .send()
                .await
        };
        let names = [
            "x-per-page",
            "x-page",
            "x-next-page",
            "x-prev-page",
            "x-total",
            "x-total-pages",
        ];
        for (number, expected) in [
            (1, ["5", "1", "2", "", "12", "3"]),
            (2, ["5", "2", "3", "1", "12", "3"]),
            (3, ["5", "3", "", "2", "12", "3"]),
            (9, ["5", "9", "", "8", "12", "3"]),
        ] {
            let answer = page(number).await;
            assert_eq!(
                names.map(|name| answer.header(name)),
                expected,
                "page {number}"
            );
            assert!(names.iter().all(|name| answer.headers.contains_key(*name)));
        }
        let base = format!("http://tokenry.test/api/v4/{LIST}?revoked=false&per_page=5&page=");
        let rels = [("1", "prev"), ("3", "next"), ("1", "first"), ("3", "last")];
        let links = rels.map(|(page, rel)| format!("<{base}{page}>; rel=\"{rel}\""));
        assert_eq!(page(2).await.header("link"), links.join(", "));
    }

    async fn links_repeat_the_query_but_no_token(app: App) {
        let secret = tokenry_testkit::fixture::ROOT_TOKEN;
        let query = format!(
            "private_token={secret}&access_token={secret}&search=a+b%26c&scopes[]=x&page=2&sudo=root"
        );
        let answer = app.get(&format!("{LIST}?{query}")).send().await;
        let first = link(&answer, "first").unwrap();
        assert_eq!(
            first,
            format!("/api/v4/{LIST}?search=a%20b%26c&scopes%5B%5D=x&sudo=root&per_page=20&page=1")
        );
        assert!(!answer.header("link").contains(secret));
    }

    async fn sizes_are_bounded(app: App) {
        let answer = app.get(&format!("{LIST}?per_page=101")).root().send().await;
        assert_eq!(answer.header("x-per-page"), "100");
        assert_eq!(app.get(LIST).root().send().await.header("x-per-page"), "20");
        assert_eq!(
            app.get(&format!("{LIST}?page=&per_page="))
                .root()
                .send()
                .await
                .code(),
            200
        );
        for bad in ["0", "-1", "x", "1.5", "1e3"] {
            for name in ["per_page", "page"] {
                let answer = app.get(&format!("{LIST}?{name}={bad}")).root().send().await;
                assert_eq!(
                    answer.both(),
                    error(400, &format!("{name} is invalid")),
                    "{bad}"
                );
            }
        }
    }

    async fn pages_end_where_keysets_go_on(app: App) {
        for (path, name) in [
            (LIST, "PersonalAccessToken"),
            ("users", "User"),
            ("users/1/impersonation_tokens", "PersonalAccessToken"),
        ] {
            for query in [
                "page=2501",
                "page=501&per_page=100",
                "page=99999999999999999999",
            ] {
                let text = format!(
                    "Offset pagination has a maximum allowed offset of 50000 for requests that return \
                     objects of type {name}. Remaining records can be retrieved using keyset pagination."
                );
                let answer = app.get(&format!("{path}?{query}")).root().send().await;
                assert_eq!(answer.both(), error(405, &text), "{path} {query}");
            }
            assert_eq!(
                app.get(&format!("{path}?page=2500"))
                    .root()
                    .send()
                    .await
                    .code(),
                200
            );
        }
    }

    async fn keysets_begin_after_an_id_too(app: App) {
        eleven(&app).await;
        let asking = app
            .get(&format!(
                "{LIST}?pagination=keyset&order_by=id&sort=asc&id_after=10"
            ))
            .root();
        let answer = asking.send().await;
        assert_eq!(answer.column("id"), [json!(11), json!(12)]);
        assert_eq!(
            (
                answer.header("x-total"),
                answer.header("link"),
                answer.header("x-per-page")
            ),
            ("", "", "20")
        );
        let answer = app
            .get(&format!(
                "{LIST}?pagination=keyset&order_by=id&sort=desc&id_after=3"
            ))
            .root()
            .send()
            .await;
        assert_eq!(answer.column("id"), [json!(2), json!(1)]);
    }

    async fn broken_cursors_are_refused(app: App) {
        let number = tokenry_domain::page::Position {
            value: tokenry_domain::page::SortValue::Number(1),
            id: 1,
        };
        let other_order = number.to_cursor("id_desc");
        let wrong_sort = number.to_cursor("name_asc");
        for (query, cursor) in [
            ("order_by=id", "x"),
            ("order_by=id", "%00"),
            ("order_by=id", "AAAA"),
            ("order_by=id", &other_order),
            ("order_by=name&sort=asc", &wrong_sort),
            ("order_by=id", &"A".repeat(5_000)),
        ] {
            let answer = app
                .get(&format!("{LIST}?pagination=keyset&{query}&cursor={cursor}"))
                .root()
                .send()
                .await;
            assert_eq!(
                answer.both(),
                error(400, "cursor is invalid"),
                "{cursor:.60}"
            );
        }
        let answer = app
            .get(&format!("{LIST}?pagination=keyset&cursor[]=x"))
            .root()
            .send()
            .await;
        assert_eq!(answer.both(), error(400, "cursor is invalid"));
        let answer = app
            .get(&format!("{LIST}?pagination=keyset&cursor="))
            .root()
            .send()
            .await;
        assert_eq!(answer.code(), 200);
    }

    async fn orders_that_keysets_cannot_follow_are_refused(app: App) {
        let text = "Keyset pagination is not yet available for this type of request";
        for path in [
            "personal_access_tokens?order_by=updated_at",
            "users?order_by=email",
            "personal_access_tokens?order_by=name&id_after=1",
        ] {
            let answer = app
                .get(&format!("{path}&pagination=keyset"))
                .root()
                .send()
                .await;
            assert_eq!(answer.both(), error(405, text), "{path}");
        }
    }
}

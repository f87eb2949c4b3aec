//! How SQLite goes about lists: by an index that has their order, however deep.

use jiff::Timestamp;
use tokenry_domain::{
    Kind, States, TokenId, UserId,
    audit_filter::AuditFilter,
    page::{Direction, Position, SortValue},
    token_filter::{HintPart, SortKey, TokenFilter, TokenOrder},
    token_query::TokenQuery,
};
use tokenry_token::Hint;

use crate::{
    Conn, Location, Store, audit_list,
    list::List,
    sql::{Sql, bound},
    token_list,
    token_walk::Walk,
    walk::{self, Way},
};

/// What SQLite says it would do, step by step.
async fn plan(conn: &mut Conn, sql: Sql) -> Vec<String> {
    let (text, values) = sql.after_start("EXPLAIN QUERY PLAN ").finish();
    let Conn::Sqlite(conn) = conn else {
        panic!("these are plans of SQLite");
    };
    let query = sqlx::query_as::<_, (i64, i64, i64, String)>(sqlx::AssertSqlSafe(text));
    let steps = bound!(query, values).fetch_all(&mut **conn).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}

async fn sqlite() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::Sqlite(folder.path().join("db"))).await;
    (store.unwrap(), folder)
}

fn list(owner: Option<i64>, order: TokenOrder) -> List {
    let filter = TokenFilter {
        owner: owner.map(UserId::from_row),
        ..TokenFilter::default()
    };
    token_list::list(&filter, order, Timestamp::UNIX_EPOCH)
}

fn position(order: TokenOrder) -> Position {
    let value = match order.key {
        SortKey::Name => SortValue::Text("ci".into()),
        _ => SortValue::Number(5),
    };
    Position { value, id: 7 }
}

/// Each part of a list of this order seeks in one index and sorts nothing.
async fn assert_seeks(conn: &mut Conn, owner: Option<i64>, order: TokenOrder) {
    let (list, position) = (list(owner, order), position(order));
    let by_id = order.key == SortKey::Id;
    let what = format!("{} owner {owner:?}", order.name());
    let first = plan(conn, list.starting_at(21, 0)).await;
    assert_eq!(first.len(), 1, "no sorting: {what} {first:?}");
    assert!(
        owner.is_none() || first[0].contains("(owner_id=?"),
        "{what} {first:?}"
    );
    let tie = Position {
        id: 9,
        ..position.clone()
    };
    for upto in [None, Some(&later(&position)), Some(&tie)] {
        for stretch in list.stretches(Some(&position), upto) {
            let steps = plan(conn, stretch.rows(21, 0)).await;
            assert_eq!(steps.len(), 1, "no sorting: {what} {steps:?}");
            let seeks = if steps[0].contains("=? AND id") || steps[0].contains("=? AND rowid") {
                true
            } else {
                steps[0].starts_with("SEARCH") && steps[0].contains(['<', '>'])
            };
            assert!(seeks, "{what} {steps:?}");
        }
    }
    let stretches = list.stretches(Some(&position), Some(&later(&position)));
    assert_eq!(stretches.len(), if by_id { 1 } else { 3 }, "{what}");
}

/// A position of another sort value.
fn later(position: &Position) -> Position {
    let value = match &position.value {
        SortValue::Text(text) => SortValue::Text(format!("{text}x")),
        SortValue::Number(number) => SortValue::Number(number + 1),
    };
    Position { value, id: 3 }
}

#[tokio::test]
async fn one_owners_list_of_any_order_is_read_off_an_index_at_any_depth() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    for order in TokenOrder::all() {
        assert_seeks(&mut conn, Some(1), order).await;
    }
}

#[tokio::test]
async fn everybodys_list_by_id_creation_or_expiry_is_read_off_an_index() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    let indexed = [SortKey::Id, SortKey::Created, SortKey::Expires];
    for order in TokenOrder::all().filter(|order| indexed.contains(&order.key)) {
        assert_seeks(&mut conn, None, order).await;
    }
}

/// A text for each field that no index has.
const BESIDE: [(&str, &str); 18] = [
    ("kind", "personal,group"),
    ("state", "active"),
    ("owner_state", "blocked,gone"),
    ("subject", "none"),
    ("scope", "api"),
    ("name", "sync"),
    ("prefix", "glpat-"),
    ("created_after", "2031-04-05"),
    ("created_before", "2031-04-05"),
    ("expires_after", "2031-04-05"),
    ("expires_before", "2031-04-05"),
    ("expiring_within", "7d"),
    ("revoked_before", "2031-04-05"),
    ("ended_before", "2031-04-05"),
    ("last_used_after", "2031-04-05"),
    ("last_used_before", "2031-04-05"),
    ("never_used", "true"),
    ("address", "203.0.113.9"),
];

/// What is done with the table of tokens, which must be one thing, in order.
async fn assert_one_seek(conn: &mut Conn, sql: Sql, what: &str) -> String {
    let steps = plan(conn, sql).await;
    assert!(
        !steps.iter().any(|step| step.contains("TEMP B-TREE FOR")),
        "{what} {steps:?}"
    );
    let tokens: Vec<_> = steps
        .iter()
        .filter(|step| step.contains(" tokens"))
        .collect();
    assert_eq!(tokens.len(), 1, "{what} {steps:?}");
    assert!(tokens[0].starts_with("SEARCH"), "{what} {steps:?}");
    tokens[0].clone()
}

#[tokio::test]
async fn a_walk_keeps_to_the_index_of_its_order_whatever_is_asked_beside() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    let now = Timestamp::from_second(1_900_000_000).unwrap();
    let lists = TokenOrder::all().flat_map(|order| [(order, None), (order, Some(1))]);
    for (order, owner) in lists {
        if owner.is_none() && matches!(order.key, SortKey::Name | SortKey::LastUsed) {
            continue;
        }
        for pair in BESIDE {
            let filter = TokenFilter {
                owner: owner.map(UserId::from_row),
                ..TokenQuery::read([pair], now).unwrap().filter
            };
            let stride = crate::token_walk::STRIDE;
            let walk = Walk {
                filter: &filter,
                order,
                now,
                stride,
                among: None,
            };
            let what = format!("{} owner {owner:?} {pair:?}", order.name());
            let (from, upto) = (position(order), later(&position(order)));
            for stretch in walk.walked().stretches(Some(&from), None) {
                let seek = assert_one_seek(&mut conn, stretch.rows(1, 9_999), &what).await;
                let by_id = order.key == SortKey::Id;
                assert!(by_id || seek.contains("COVERING INDEX"), "{what} {seek}");
            }
            for stretch in walk.shown().stretches(Some(&from), Some(&upto)) {
                assert_one_seek(&mut conn, stretch.rows(21, 0), &what).await;
            }
        }
    }
}

#[tokio::test]
async fn tokens_whose_ids_are_known_are_looked_up_by_them_whatever_else_is_asked() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    let now = Timestamp::from_second(1_900_000_000).unwrap();
    let ids: Vec<_> = (1..2_000).map(TokenId::from_row).collect();
    // No hint: so few tokens have it that its index does no harm.
    let indexed = [("owner", "7"), ("subject", "group:7"), ("family", "7")];
    for (pair, many) in BESIDE
        .map(|pair| (pair, 200))
        .into_iter()
        .chain(indexed.map(|pair| (pair, ids.len())))
    {
        let filter = TokenQuery::read([pair], now).unwrap().filter;
        for order in TokenOrder::all().filter(|order| order.direction == Direction::Ascending) {
            let list = token_list::among(&ids[..many], &filter, order, now);
            for stretch in list.stretches(Some(&position(order)), None) {
                let steps = plan(&mut conn, stretch.rows(21, 0)).await;
                let what = format!("{} {pair:?} {steps:?}", order.name());
                let mut found = steps.iter().filter(|step| step.contains(" tokens"));
                let key = "SEARCH tokens USING INTEGER PRIMARY KEY (rowid=?";
                assert!(found.all(|step| step.starts_with(key)), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_walk_begins_with_what_the_fewest_have() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    for (pair, index) in [
        (("hint", "x3f9"), "tokens_hint"),
        (("family", "7"), "tokens_family"),
        (("subject", "group:7"), "tokens_subject"),
    ] {
        let filter = TokenFilter {
            owner: UserId::new(1),
            ..TokenQuery::read([pair], Timestamp::UNIX_EPOCH)
                .unwrap()
                .filter
        };
        let walk = Walk {
            filter: &filter,
            order: TokenOrder::default(),
            now: Timestamp::UNIX_EPOCH,
            stride: 100,
            among: None,
        };
        assert!(!walk.is_all_in_the_index());
        for list in [walk.walked(), walk.shown()] {
            let steps = plan(&mut conn, list.starting_at(21, 0)).await;
            assert!(
                steps.iter().any(|step| step.contains(index)),
                "{pair:?} {steps:?}"
            );
            assert!(
                !steps.iter().any(|step| step.contains("tokens_owner")),
                "{pair:?} {steps:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_hint_is_sought_in_an_index() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    let whole = HintPart::Whole(Hint::from_stored("glpat-…x3f9".into()));
    for hint in [whole, HintPart::Ending("x3f9".into())] {
        for (table, select) in [
            ("tokens", "SELECT * FROM tokens"),
            ("tombstones", "SELECT * FROM tombstones"),
        ] {
            let mut sql = Sql::default();
            sql.push(select);
            token_list::hinted(&mut sql, &hint);
            let steps = plan(&mut conn, sql).await;
            let expected = format!("SEARCH {table} USING INDEX {table}_hint (<expr>=?)");
            assert_eq!(steps, [expected]);
        }
    }
}

#[tokio::test]
async fn one_owners_tokens_are_counted_in_an_index_alone() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    let steps = plan(&mut conn, list(Some(1), TokenOrder::default()).count()).await;
    let counted = steps.iter().find(|step| step.contains("tokens")).unwrap();
    assert!(counted.contains("USING COVERING INDEX"), "{steps:?}");
}

#[tokio::test]
async fn the_dead_of_a_kind_are_walked_in_the_order_of_their_deaths() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    for states in [States::ALL, States::INACTIVE, States::REVOKED] {
        let filter = TokenFilter {
            states,
            ..TokenFilter::default()
        };
        let way = Way {
            filter: &filter,
            at: Timestamp::UNIX_EPOCH,
            last: i64::MAX,
            until: Timestamp::UNIX_EPOCH,
        };
        let (list, position) = (
            walk::deaths(&way, Kind::Personal),
            position(TokenOrder::default()),
        );
        for part in list.stretches(Some(&position), None) {
            let steps = plan(&mut conn, part.rows(500, 0)).await;
            assert_eq!(steps.len(), 1, "no sorting: {steps:?}");
            let seek = "USING INDEX tokens_died (kind=? AND <expr>";
            assert!(steps[0].contains(seek), "{steps:?}");
        }
    }
}

#[tokio::test]
async fn roles_are_found_by_seeks_from_the_users_side_and_from_the_places() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    for select in [
        "SELECT access_level FROM standings WHERE place_type = 'project' AND user_id = 1",
        "SELECT access_level FROM standings WHERE place_type = 'project' AND place_id = 1",
        "SELECT access_level FROM standings WHERE place_type = 'group' AND place_id = 1",
    ] {
        let mut sql = Sql::default();
        sql.push(select);
        let steps = plan(&mut conn, sql).await;
        let members: Vec<_> = steps
            .iter()
            .filter(|step| step.contains(" members "))
            .collect();
        assert_eq!(members.len(), 3, "{steps:?}");
        let seeks = |step: &&String| step.contains("user_id=?") || step.contains("place_id=?");
        assert!(members.iter().all(seeks), "{select} {steps:?}");
    }
}

#[tokio::test]
async fn what_was_done_to_one_token_is_sought_in_three_indexes() {
    let (store, _folder) = sqlite().await;
    let mut conn = store.read().await.unwrap();
    let filter = AuditFilter {
        token: TokenId::new(7),
        ..AuditFilter::default()
    };
    let steps = plan(&mut conn, audit_list::statement(&filter, 1_000_000, 0, 20)).await;
    let audit: Vec<_> = steps
        .iter()
        .filter(|step| step.contains("audit_"))
        .collect();
    for seek in [
        "SEARCH audit_events USING INTEGER PRIMARY KEY (rowid=?)",
        "audit_events_target (target_id=? AND target_type=?)",
        "audit_events_token (actor_token_id=?)",
        "SEARCH audit_tokens USING PRIMARY KEY (token_id=?)",
    ] {
        assert!(
            audit.iter().any(|step| step.contains(seek)),
            "{seek} {steps:?}"
        );
    }
    assert_eq!(audit.len(), 4, "{steps:?}");
}

//! How SQLite goes about lists: by an index that has their order, however deep.

use jiff::Timestamp;
use tokenry_domain::{
    UserId,
    page::{Position, SortValue},
    token_filter::{HintPart, SortKey, TokenFilter, TokenOrder},
};
use tokenry_token::Hint;

use crate::{
    Conn, Location, Store,
    list::List,
    sql::{Sql, bound},
    token_list,
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
    let beyond = plan(conn, list.beyond(&position, 21)).await;
    assert_eq!(beyond.len(), 1, "no sorting: {what} {beyond:?}");
    assert!(
        beyond[0].starts_with("SEARCH") && beyond[0].contains(['<', '>']),
        "{what} {beyond:?}"
    );
    let ties = list.ties(&position, 21);
    assert_eq!(ties.is_none(), by_id, "{what}");
    let Some(ties) = ties else { return };
    let ties = plan(conn, ties).await;
    assert_eq!(ties.len(), 1, "no sorting: {what} {ties:?}");
    assert!(
        ties[0].contains("=? AND id") || ties[0].contains("=? AND rowid"),
        "{what} {ties:?}"
    );
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

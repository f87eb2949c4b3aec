//! Migrations: both engines get the same tables, twice is once, and newer data is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::collections::BTreeMap;

use common::raw;
use serde_json::Value;
use sqlx::{PgPool, SqlitePool};
use tokenry_domain::{
    TokenId,
    audit::{Action, Actor, Entry, Origin, Target},
    audit_filter::AuditFilter,
};
use tokenry_store::{Location, Store, StoreError, audit, audit_list, particulars};
use tokenry_testkit::{Engine, Fixture as _, StoreFixture, both_engines};

/// A column's class and whether it may be null, by table and name.
type Columns = BTreeMap<(String, String), (&'static str, bool)>;
/// Tables and names of indexes, and whether they are unique.
type Indexes = BTreeMap<(String, String), bool>;

fn class(engines_name: &str) -> &'static str {
    match engines_name {
        "INTEGER" | "bigint" | "boolean" => "number",
        "TEXT" | "text" => "text",
        "BLOB" | "bytea" => "bytes",
        other => panic!("{other} is no type of ours"),
    }
}

async fn sqlite() -> (Columns, Indexes) {
    let fixture = StoreFixture::set_up(Engine::Sqlite).await;
    let Location::Sqlite(file) = &fixture.database.location else {
        panic!("SQLite")
    };
    let pool = SqlitePool::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT m.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0 FROM sqlite_schema m, pragma_table_info(m.name) c \
         WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx%'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let indexes: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT m.name, i.name, i.\"unique\" FROM sqlite_schema m, pragma_index_list(m.name) i \
         WHERE m.type = 'table' AND i.origin = 'c'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    (
        collect(columns),
        indexes
            .into_iter()
            .map(|(table, name, unique)| ((table, name), unique))
            .collect(),
    )
}

async fn postgres() -> (Columns, Indexes) {
    let fixture = StoreFixture::set_up(Engine::Postgres).await;
    let Location::Postgres(url) = &fixture.database.location else {
        panic!("PostgreSQL")
    };
    let pool = PgPool::connect(url).await.unwrap();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let indexes: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT tablename::text, indexname::text, indexdef LIKE 'CREATE UNIQUE%' FROM pg_indexes \
         WHERE schemaname = 'public' AND indexname NOT LIKE '%\\_pkey'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    (
        collect(columns),
        indexes
            .into_iter()
            .map(|(table, name, unique)| ((table, name), unique))
            .collect(),
    )
}

fn collect(columns: Vec<(String, String, String, bool)>) -> Columns {
    columns
        .into_iter()
        .map(|(table, name, of, null)| ((table, name), (class(&of), null)))
        .collect()
}

#[tokio::test]
async fn both_engines_have_the_same_tables_columns_and_indexes() {
    let (columns, indexes) = sqlite().await;
    assert!(
        columns.len() > 40 && indexes.len() > 8,
        "{} columns, {} indexes",
        columns.len(),
        indexes.len()
    );
    let (other_columns, other_indexes) = postgres().await;
    assert_eq!(columns, other_columns);
    assert_eq!(indexes, other_indexes);
}

#[test]
fn migrations_have_the_same_names_on_both_engines() {
    let names = |engine: &str| {
        let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

both_engines! {
    async fn opening_twice_changes_nothing(fixture: StoreFixture) {
        let ida = common::user(&fixture.store, "ida").await;
        fixture.store.close().await;
        for _ in 0..2 {
            let again = Store::open(&fixture.database.location).await.unwrap();
            let found = tokenry_store::users::all(&mut again.read().await.unwrap()).await.unwrap();
            assert_eq!(found, std::slice::from_ref(&ida));
            again.close().await;
        }
    }

    async fn a_database_of_a_newer_version_is_refused_and_left_alone(fixture: StoreFixture) {
        let success = if fixture.engine == Engine::Sqlite { "1" } else { "TRUE" };
        let newer = format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'of the future', {success}, checksum, 0 FROM _sqlx_migrations LIMIT 1"
        );
        raw(&fixture.database, &newer).await;
        fixture.store.close().await;
        let refused = Store::open(&fixture.database.location).await.unwrap_err();
        assert!(matches!(refused, StoreError::Migration(_)));
        let text = refused.to_string();
        assert!(text.contains("newer tokenry") && text.contains("9999"), "{text}");
    }

    async fn a_migration_of_another_branch_may_come_late(fixture: StoreFixture) {
        let undone = "DROP TABLE token_particulars; DELETE FROM _sqlx_migrations WHERE version = 5";
        raw(&fixture.database, undone).await;
        fixture.store.close().await;
        let again = Store::open(&fixture.database.location).await.unwrap();
        let id = TokenId::from_row(1);
        let found = particulars::of(&mut again.read().await.unwrap(), [id]).await.unwrap();
        assert!(found.is_empty());
    }

    async fn a_trail_from_before_it_named_several_tokens_is_read_and_goes_on(fixture: StoreFixture) {
        let of = |number: i64| Entry {
            at: common::at(number),
            action: Action::TokenRevoked,
            actor: Actor::default(),
            origin: Origin::default(),
            target: Target::Token(TokenId::from_row(number)),
            tokens: Vec::new(),
            reason: None,
            before: Value::Null,
            after: Value::Null,
        };
        change!(fixture.store, conn => audit::insert(conn, &of(7))).unwrap();
        let undone = "DROP TABLE audit_tokens; DELETE FROM _sqlx_migrations WHERE version = 12";
        raw(&fixture.database, undone).await;
        fixture.store.close().await;
        let again = Store::open(&fixture.database.location).await.unwrap();
        let several = Entry { tokens: vec![TokenId::from_row(7)], ..of(8) };
        change!(again, conn => audit::insert(conn, &several)).unwrap();
        let filter = AuditFilter { token: Some(TokenId::from_row(7)), ..AuditFilter::default() };
        let part = audit_list::below(&mut again.read().await.unwrap(), &filter, None, 9).await.unwrap();
        assert_eq!(part.entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), [2, 1]);
        let removed = change!(again, conn => audit::delete_some_before(conn, common::at(9), 9)).unwrap();
        assert_eq!((removed, fixture.database.count("audit_tokens").await), (2, 0));
    }

    async fn a_database_that_somebody_altered_is_refused(fixture: StoreFixture) {
        let zeros = if fixture.engine == Engine::Sqlite { "x'00'" } else { r"'\x00'" };
        raw(&fixture.database, &format!("UPDATE _sqlx_migrations SET checksum = {zeros}")).await;
        fixture.store.close().await;
        assert!(matches!(Store::open(&fixture.database.location).await, Err(StoreError::Migration(_))));
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let no_folder = Location::Sqlite(folder.path().join("missing/db.sqlite"));
    assert!(Store::open(&no_folder).await.is_err());
    let file = folder.path().join("not-a-database");
    std::fs::write(
        &file,
        "plain text, longer than the header of a database file would be".repeat(99),
    )
    .unwrap();
    assert!(Store::open(&Location::Sqlite(file)).await.is_err());
    assert!(
        Store::open(&Location::Postgres("not a url".into()))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn one_server_at_a_time_works_on_a_postgres_database() {
    let fixture = StoreFixture::set_up(Engine::Postgres).await;
    for _ in 0..2 {
        let second = Store::open(&fixture.database.location).await;
        assert!(matches!(second, Err(StoreError::InUse)));
    }
    let elsewhere = StoreFixture::set_up(Engine::Postgres).await;
    elsewhere
        .store
        .ping()
        .await
        .expect("another database is another matter");
    fixture.store.close().await;
    Store::open(&fixture.database.location)
        .await
        .expect("it was given up");
}

//! What is deleted isn't left in SQLite's files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, burial, by_id, draft, token, user};
use tokenry_domain::{Kind, token::Draft};
use tokenry_store::{Location, bury, sealed_copies, tombstones};
use tokenry_testkit::{Engine, Fixture as _, StoreFixture};
use tokenry_token::{KeyId, Sealed};

/// Which of these bytes lie in the database file or its log.
async fn left(fixture: &StoreFixture, traces: &[&[u8]]) -> Vec<bool> {
    let Location::Sqlite(file) = &fixture.database.location else {
        panic!("SQLite")
    };
    assert!(
        fixture.store.empty_log().await.unwrap(),
        "nobody else is there"
    );
    let mut bytes = std::fs::read(file).unwrap();
    let log = file.with_extension("sqlite-wal");
    bytes.extend(std::fs::read(log).unwrap());
    let found = |trace: &&[u8]| bytes.windows(trace.len()).any(|window| window == *trace);
    traces.iter().map(found).collect()
}

#[tokio::test]
async fn a_deleted_token_leaves_its_tombstone_and_then_nothing() {
    let fixture = StoreFixture::set_up(Engine::Sqlite).await;
    let store = &fixture.store;
    let ida = user(store, "ida").await.id;
    let mut all = Vec::new();
    // So many that whole pages get free, not only room in pages.
    for number in 0..200 {
        let digest_only = 0xabcd_0000_0000_0000 + number;
        let draft = Draft {
            kind: Kind::PipelineTrigger,
            description: Some(
                format!("a description of some length, number {number:04}").repeat(4),
            ),
            ..draft(ida, &format!("name of number {number:04}"))
        };
        all.push(token(store, draft, digest_only).await);
    }
    for token in &all {
        let (id, key) = (token.id, KeyId::new(3));
        let bytes = format!("sealed copy {:04}", token.id.get()).into_bytes();
        let sealed = Sealed { key, bytes };
        change!(store, conn => sealed_copies::insert(conn, id, &sealed)).unwrap();
    }
    let probe = &all[100];
    let sealed = format!("sealed copy {:04}", probe.id.get());
    let traces = [
        probe.digest.as_bytes().as_slice(),
        probe.name.as_bytes(),
        b"a description of some length, number 0100",
        sealed.as_bytes(),
    ];
    assert_eq!(
        left(&fixture, &traces).await,
        [true; 4],
        "this can find them"
    );
    let gone = change!(store, conn => bury::some_of(conn, ida, 500, &burial())).unwrap();
    assert_eq!((gone.len(), by_id(store, probe).await), (200, None));
    assert_eq!(
        left(&fixture, &traces).await,
        [true, false, false, false],
        "only the tombstone"
    );
    change!(store, conn => tombstones::delete_some_before(conn, at(10), 500)).unwrap();
    assert_eq!(left(&fixture, &traces).await, [false; 4]);
}

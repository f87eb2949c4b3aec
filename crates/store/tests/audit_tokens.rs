//! Entries of the trail that are about several tokens, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::at;
use serde_json::Value;
use tokenry_domain::{
    PurgeId, TokenId,
    audit::{Action, Actor, Entry, Origin, Target},
    audit_filter::AuditFilter,
};
use tokenry_store::{Store, audit, audit_list};
use tokenry_testkit::{StoreFixture, both_engines};

const TABLE: &str = "audit_tokens";

fn purged(second: i64, tokens: impl Iterator<Item = i64>) -> Entry {
    Entry {
        at: at(second),
        action: Action::TokensPurged,
        actor: Actor::default(),
        origin: Origin::default(),
        target: Target::Purge(PurgeId::from_row(1)),
        tokens: tokens.map(TokenId::from_row).collect(),
        reason: None,
        before: Value::Null,
        after: Value::Null,
    }
}

async fn write(store: &Store, entry: Entry) {
    change!(store, conn => audit::insert(conn, &entry)).unwrap();
}

/// The ids of the entries about a token, the newest first, so many at a time.
async fn told(store: &Store, token: i64, most: usize) -> Vec<i64> {
    let filter = AuditFilter {
        token: Some(TokenId::from_row(token)),
        ..AuditFilter::default()
    };
    let mut conn = store.read().await.unwrap();
    let (mut told, mut below) = (Vec::new(), None);
    loop {
        let part = audit_list::below(&mut conn, &filter, below, most).await;
        let part = part.unwrap();
        assert!(part.entries.len() <= most);
        told.extend(part.entries.iter().map(|entry| entry.id));
        below = part.next;
        if below.is_none() {
            return told;
        }
    }
}

async fn remove(store: &Store, second: i64) -> u64 {
    change!(store, conn => audit::delete_some_before(conn, at(second), 500)).unwrap()
}

both_engines! {
    async fn an_entry_is_found_by_each_of_its_tokens(fixture: StoreFixture) {
        let store = &fixture.store;
        write(store, purged(1, 1..=1_201)).await;
        write(store, purged(2, 1_202..=1_202)).await;
        for token in [1, 500, 501, 1_000, 1_001, 1_201] {
            assert_eq!(told(store, token, 9).await, [1], "{token}");
        }
        assert_eq!(told(store, 1_202, 9).await, [2]);
        assert_eq!(told(store, 1_203, 9).await, [0; 0]);
        assert_eq!(fixture.database.count(TABLE).await, 1_202);
    }

    async fn what_is_said_twice_is_kept_once(fixture: StoreFixture) {
        let token = TokenId::from_row(7);
        let entry = Entry { target: Target::Token(token), tokens: vec![token, token], ..purged(1, 1..=1) };
        write(&fixture.store, entry).await;
        assert_eq!(fixture.database.count(TABLE).await, 0, "the target isn't another token");
        let twice = Entry { tokens: vec![token, token], ..purged(2, 1..=1) };
        write(&fixture.store, twice).await;
        assert_eq!(fixture.database.count(TABLE).await, 1);
        assert_eq!(told(&fixture.store, 7, 9).await, [2, 1]);
    }

    async fn pages_come_in_order_wherever_entries_are_found(fixture: StoreFixture) {
        let store = &fixture.store;
        let token = TokenId::from_row(7);
        let others = || purged(1, 1..=3);
        for round in 0..4 {
            let to_it = Entry { target: Target::Token(token), ..others() };
            let with_it = Entry { actor: Actor { token: Some(token), ..Actor::default() }, ..others() };
            for entry in [purged(round, 5..=9), to_it, others(), with_it.clone()] {
                write(store, entry).await;
            }
            // With it, to it and to others at once is once.
            write(store, Entry { tokens: vec![token], ..with_it }).await;
        }
        let of_round = |round: i64| [5, 4, 2, 1].map(|entry| round * 5 + entry);
        let whole: Vec<i64> = (0..4).rev().flat_map(of_round).collect();
        for most in [1, 2, 3, 5, 16, 99] {
            assert_eq!(told(store, 7, most).await, whole, "{most} at a time");
        }
    }

    async fn tokens_go_with_their_entry_so_many_at_once(fixture: StoreFixture) {
        let (store, database) = (&fixture.store, &fixture.database);
        for second in 1..=4 {
            write(store, purged(second, 1..=3_000)).await;
        }
        write(store, purged(5, std::iter::empty())).await;
        write(store, purged(9, 1..=3)).await;
        assert_eq!(remove(store, 9).await, 2, "the second has the five thousandth");
        assert_eq!(database.count(TABLE).await, 6_003);
        assert_eq!(told(store, 1, 9).await, [6, 4, 3]);
        assert_eq!((remove(store, 9).await, remove(store, 9).await), (2, 1));
        assert_eq!(remove(store, 9).await, 0);
        assert_eq!((database.count(TABLE).await, told(store, 1, 9).await), (3, vec![6]));
        assert_eq!(remove(store, 10).await, 1);
        assert_eq!((database.count(TABLE).await, database.count("audit_events").await), (0, 0));
    }
}

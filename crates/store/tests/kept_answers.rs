//! Answers that are kept for who repeats a request, and how they go.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, burial, draft, raw, token, user};
use tokenry_domain::TokenId;
use tokenry_store::{
    Store, StoreError, bury,
    kept_answers::{self, KeptAnswer},
};
use tokenry_testkit::{StoreFixture, both_engines};
use tokenry_token::{Digest, KeyId, Sealed};

fn mark(number: u8) -> Digest {
    Digest::from_bytes([number; 32])
}

fn answer(number: u8, token: TokenId) -> KeptAnswer {
    KeptAnswer {
        mark: mark(number),
        request: mark(100 + number),
        token,
        sealed: Sealed {
            key: KeyId::new(3),
            bytes: vec![number, 0, 255],
        },
    }
}

/// Keeps an answer at a second, where those of before `since` are over.
async fn keep(store: &Store, answer: KeptAnswer, since: i64, now: i64) -> bool {
    let kept = change!(store, conn => kept_answers::insert(conn, &answer, at(since), at(now)));
    kept.unwrap()
}

async fn found(store: &Store, marks: &[u8], since: i64) -> Option<KeptAnswer> {
    let mut conn = store.read().await.unwrap();
    let marks = marks.iter().copied().map(mark);
    kept_answers::find(&mut conn, marks, at(since))
        .await
        .unwrap()
}

both_engines! {
    async fn an_answer_is_found_by_its_mark_for_its_time(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = token(store, draft(ida, "one"), 1).await.id;
        assert!(keep(store, answer(1, one), 0, 10).await);
        assert_eq!(found(store, &[2, 1], 9).await, Some(answer(1, one)));
        assert_eq!(found(store, &[1], 10).await, None, "its time is over");
        assert_eq!(found(store, &[2], 0).await, None);
        assert_eq!(found(store, &[], 0).await, None);
        raw(&fixture.database, "UPDATE idempotency SET key_id = -1").await;
        let mut conn = store.read().await.unwrap();
        let broken = kept_answers::find(&mut conn, [mark(1)], at(0)).await;
        assert!(matches!(broken, Err(StoreError::Corrupt(_))));
    }

    async fn of_one_mark_there_is_one_at_a_time(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut ids = Vec::new();
        for number in 1..=3 {
            ids.push(token(store, draft(ida, "one"), number).await.id);
        }
        assert!(keep(store, answer(1, ids[0]), 0, 10).await);
        assert!(!keep(store, answer(1, ids[1]), 9, 19).await);
        assert_eq!(found(store, &[1], 0).await, Some(answer(1, ids[0])));
        assert!(keep(store, answer(1, ids[1]), 10, 20).await, "the former is over");
        assert_eq!(found(store, &[1], 10).await, Some(answer(1, ids[1])));
        assert!(keep(store, answer(2, ids[2]), 10, 20).await);
    }

    async fn of_many_at_once_one_is_kept(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut ids = Vec::new();
        for number in 1..=8 {
            ids.push(token(store, draft(ida, "one"), number).await.id);
        }
        let all = ids.iter().map(|id| keep(store, answer(1, *id), 0, 10));
        let kept = futures_util::future::join_all(all).await;
        assert_eq!(kept.iter().filter(|kept| **kept).count(), 1);
    }

    async fn they_go_with_their_token_or_the_oldest_first(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        for number in 1..=5 {
            let id = token(store, draft(ida, "one"), u64::from(number)).await.id;
            assert!(keep(store, answer(number, id), 0, i64::from(number)).await);
        }
        let fourth = found(store, &[4], 0).await.unwrap().token;
        change!(store, conn => bury::one(conn, fourth, &burial())).unwrap();
        assert_eq!(found(store, &[4], 0).await, None);
        let remove = async |until, most| {
            change!(store, conn => kept_answers::delete_some_until(conn, at(until), most)).unwrap()
        };
        assert_eq!(remove(3, 2).await, 2);
        assert_eq!((found(store, &[1, 2], 0).await, found(store, &[3], 0).await.is_some()), (None, true));
        assert_eq!((remove(3, 2).await, remove(3, 2).await), (1, 0));
        assert!(found(store, &[5], 0).await.is_some());
    }
}

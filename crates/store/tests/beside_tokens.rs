//! What lies beside the ledger's rows, and what a change of a row does to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, burial, by_id, draft, raw, token, user};
use tokenry_domain::{Kind, Particulars, Token, TokenId, UserId, token::Draft};
use tokenry_store::{
    Store, StoreError, bury, particulars, sealed_copies, tokens,
    unrevoked::{self, Whose},
    users,
};
use tokenry_testkit::{StoreFixture, both_engines};
use tokenry_token::{KeyId, Sealed};

fn sealed(number: u8) -> Sealed {
    Sealed {
        key: KeyId::new(3),
        bytes: vec![number, 0, 255],
    }
}

async fn of_kind(store: &Store, kind: Kind, owner: UserId, number: u64) -> Token {
    let draft = Draft {
        kind,
        ..draft(owner, "one")
    };
    token(store, draft, number).await
}

/// Which of these tokens have a sealed copy.
async fn copies(store: &Store, ids: &[TokenId]) -> Vec<TokenId> {
    let mut conn = store.read().await.unwrap();
    let found = sealed_copies::of(&mut conn, ids.iter().copied()).await;
    found.unwrap().into_keys().collect()
}

both_engines! {
    async fn sealed_copies_go_with_their_token_and_with_its_end(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut ids = Vec::new();
        for number in 1..=4 {
            let id = of_kind(store, Kind::PipelineTrigger, ida, number).await.id;
            let copy = sealed(u8::try_from(number).unwrap());
            change!(store, conn => sealed_copies::insert(conn, id, &copy)).unwrap();
            ids.push(id);
        }
        let [revoked, deleted, removed, kept] = ids[..] else { panic!("four") };
        assert_eq!(copies(store, &ids).await, ids);
        assert_eq!(copies(store, &[deleted]).await, [deleted]);
        assert_eq!(copies(store, &[]).await, []);
        let found = sealed_copies::of(&mut store.read().await.unwrap(), [kept]).await.unwrap();
        assert_eq!(found[&kept], sealed(4));
        assert!(change!(store, conn => tokens::revoke(conn, revoked, at(2))).unwrap());
        assert!(!change!(store, conn => tokens::revoke(conn, revoked, at(3))).unwrap());
        change!(store, conn => bury::one(conn, deleted, &burial())).unwrap();
        change!(store, conn => sealed_copies::remove(conn, removed)).unwrap();
        assert_eq!(copies(store, &ids).await, [kept]);
    }

    async fn particulars_are_put_and_replaced_and_go_with_their_token(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = of_kind(store, Kind::Deploy, ida, 1).await.id;
        let other = of_kind(store, Kind::Deploy, ida, 2).await.id;
        let first = Particulars { username: Some("bot".into()), updated_at: None };
        let second = Particulars { username: None, updated_at: Some(at(5)) };
        for particulars in [&first, &second] {
            let put = particulars.clone();
            change!(store, conn => particulars::put(conn, one, &put)).unwrap();
            let found = particulars::of(&mut store.read().await.unwrap(), [one, other]).await.unwrap();
            assert_eq!(found.into_iter().collect::<Vec<_>>(), [(one, particulars.clone())]);
            for (first, last, within) in [(one, other, 1), (one, one, 1), (other, other, 0)] {
                let mut conn = store.read().await.unwrap();
                let found = particulars::between(&mut conn, first, last).await.unwrap();
                assert_eq!(found.get(&one), (within == 1).then_some(particulars));
                assert_eq!(found.len(), within);
            }
        }
        raw(&fixture.database, "UPDATE token_particulars SET updated_at = 9223372036854775807").await;
        let broken = particulars::of(&mut store.read().await.unwrap(), [one]).await;
        assert!(matches!(broken, Err(StoreError::Corrupt(_))));
        change!(store, conn => bury::one(conn, one, &burial())).unwrap();
        assert!(particulars::of(&mut store.read().await.unwrap(), [one]).await.unwrap().is_empty());
    }

    async fn a_token_gets_another_name_or_owner_and_nothing_else(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, bo) = (user(store, "ida").await.id, user(store, "bo").await.id);
        let one = of_kind(store, Kind::PipelineTrigger, ida, 1).await;
        let other = of_kind(store, Kind::PipelineTrigger, ida, 2).await;
        let (id, gone) = (one.id, TokenId::from_row(99));
        assert!(change!(store, conn => tokens::reword(conn, id, "Nächtlich", None)).unwrap());
        let renamed = Token { name: "Nächtlich".into(), ..one.clone() };
        assert_eq!(by_id(store, &one).await, Some(renamed.clone()));
        assert!(change!(store, conn => tokens::hand_over(conn, id, bo)).unwrap());
        assert_eq!(by_id(store, &one).await, Some(Token { owner: bo, ..renamed }));
        assert_eq!(by_id(store, &other).await, Some(other));
        let refused = change!(store, conn => tokens::hand_over(conn, id, UserId::from_row(99)));
        assert!(matches!(refused, Err(StoreError::NoOwner)), "{refused:?}");
        assert!(!change!(store, conn => tokens::reword(conn, gone, "x", None)).unwrap());
        assert!(!change!(store, conn => tokens::hand_over(conn, gone, ida)).unwrap());
    }

    async fn the_newest_unrevoked_token_of_a_kind_is_that_users(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, bo) = (user(store, "ida").await.id, user(store, "bo").await.id);
        let newest = async |owner| {
            let mut conn = store.read().await.unwrap();
            let found = unrevoked::newest(&mut conn, Whose::Owner(owner), Kind::Feed).await.unwrap();
            found.map(|token| token.id)
        };
        of_kind(store, Kind::IncomingEmail, ida, 1).await;
        assert_eq!(newest(ida).await, None);
        let first = of_kind(store, Kind::Feed, ida, 2).await.id;
        let second = of_kind(store, Kind::Feed, ida, 3).await.id;
        assert_eq!((newest(ida).await, newest(bo).await), (Some(second), None));
        change!(store, conn => tokens::revoke(conn, second, at(2))).unwrap();
        assert_eq!(newest(ida).await, Some(first));
    }

    async fn a_users_unrevoked_tokens_of_a_kind_are_found(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, bo) = (user(store, "ida").await.id, user(store, "bo").await.id);
        let first = of_kind(store, Kind::Session, ida, 1).await.id;
        let second = of_kind(store, Kind::Session, ida, 2).await.id;
        of_kind(store, Kind::Feed, ida, 3).await;
        of_kind(store, Kind::Session, bo, 4).await;
        let found = async || {
            let mut conn = store.read().await.unwrap();
            let found = unrevoked::of(&mut conn, Whose::Owner(ida), Kind::Session).await.unwrap();
            found.into_iter().map(|token| token.id).collect::<Vec<_>>()
        };
        assert_eq!(found().await, [first, second]);
        change!(store, conn => tokens::revoke(conn, first, at(2))).unwrap();
        assert_eq!(found().await, [second]);
    }

    async fn only_tokens_that_are_there_are_held(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = of_kind(store, Kind::Personal, ida, 1).await;
        let id = one.id;
        assert!(change!(store, conn => tokens::hold(conn, id)).unwrap());
        assert_eq!(by_id(store, &one).await, Some(one));
        assert!(!change!(store, conn => tokens::hold(conn, TokenId::from_row(99))).unwrap());
    }

    async fn only_users_who_are_there_are_held(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        assert!(change!(store, conn => users::hold(conn, ida)).unwrap());
        assert!(!change!(store, conn => users::hold(conn, UserId::from_row(99))).unwrap());
    }
}

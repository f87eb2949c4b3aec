//! The ledger, row by row, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, burial, by_id, digest, draft, insert, mark, raw, token, user};
use tokenry_domain::{
    Kind, TokenId, UserId,
    token::{Draft, LastUse},
};
use tokenry_store::{StoreError, bury, last_use, tokens};
use tokenry_testkit::{StoreFixture, both_engines};

both_engines! {
    async fn a_token_reads_back_as_it_was_written(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        let full = Draft {
            kind: Kind::Impersonation,
            description: Some("for\ncron, 50% ünïcode 🦀".into()),
            expires_at: Some(at(500)),
            ..draft(ida.id, "Nächtlich \\ _%")
        };
        let first = token(store, full, 1).await;
        let bare = token(store, draft(ida.id, "bare"), 2).await;
        for written in [&first, &bare] {
            assert_eq!(by_id(store, written).await.as_ref(), Some(written));
            let found = tokens::by_digest(&mut store.read().await.unwrap(), written.digest).await;
            assert_eq!(found.unwrap().as_ref(), Some(written));
        }
        assert_eq!((first.key, first.life.created_at), (mark(1).key, at(1)));
    }

    async fn what_is_not_there_is_none_not_an_error(fixture: StoreFixture) {
        let mut conn = fixture.store.read().await.unwrap();
        for id in [1, 9, TokenId::new((1 << 53) - 1).unwrap().get()] {
            assert_eq!(tokens::by_id(&mut conn, TokenId::from_row(id)).await.unwrap(), None);
        }
        assert_eq!(tokens::by_digest(&mut conn, digest(1)).await.unwrap(), None);
        assert!(tokens::unrevoked_family(&mut conn, TokenId::from_row(1)).await.unwrap().is_empty());
        assert!(tokens::after(&mut conn, 0, 10).await.unwrap().is_empty());
        drop(conn);
        let id = TokenId::from_row(1);
        assert!(!change!(fixture.store, conn => tokens::revoke(conn, id, at(1))).unwrap());
        assert!(!change!(fixture.store, conn => bury::one(conn, id, &burial())).unwrap());
    }

    async fn the_same_text_is_issued_once(fixture: StoreFixture) {
        let ida = user(&fixture.store, "ida").await;
        token(&fixture.store, draft(ida.id, "one"), 1).await;
        let again = insert(&fixture.store, draft(ida.id, "two"), 1).await.unwrap_err();
        assert!(matches!(again, StoreError::Duplicate("tokens_digest")), "{again:?}");
    }

    async fn a_token_without_its_owner_is_refused_by_name(fixture: StoreFixture) {
        let nobody = insert(&fixture.store, draft(UserId::from_row(77), "x"), 1).await.unwrap_err();
        assert!(matches!(nobody, StoreError::NoOwner), "{nobody:?}");
    }

    async fn a_token_is_revoked_once_and_keeps_the_first_time(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        let one = token(store, draft(ida.id, "one"), 1).await;
        let other = token(store, draft(ida.id, "two"), 2).await;
        let id = one.id;
        assert!(change!(store, conn => tokens::revoke(conn, id, at(10))).unwrap());
        assert!(!change!(store, conn => tokens::revoke(conn, id, at(20))).unwrap());
        assert_eq!(by_id(store, &one).await.unwrap().life.revoked_at, Some(at(10)));
        assert_eq!(by_id(store, &other).await.unwrap().life.revoked_at, None);
    }

    async fn ids_are_never_used_again(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        let mut last = 0;
        for number in 1..6 {
            let token = token(store, draft(ida.id, "x"), number).await;
            assert!(token.id.get() > last, "{} after {last}", token.id);
            last = token.id.get();
            let id = token.id;
            assert!(change!(store, conn => bury::one(conn, id, &burial())).unwrap());
            assert_eq!(by_id(store, &token).await, None);
        }
        let id = ida.id;
        assert!(change!(store, conn => tokenry_store::users::delete(conn, id)).unwrap());
        assert!(user(store, "ida").await.id > ida.id);
    }

    async fn a_family_is_its_head_and_all_that_name_it(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        let head = token(store, draft(ida.id, "head"), 1).await;
        let mut members = vec![head.clone()];
        for number in 2..5 {
            let member = Draft {
                rotated_from: members.last().map(|token| token.id),
                family: Some(head.id),
                ..draft(ida.id, "member")
            };
            members.push(token(store, member, number).await);
        }
        token(store, draft(ida.id, "stranger"), 9).await;
        let revoked = members.remove(1).id;
        change!(store, conn => tokens::revoke(conn, revoked, at(5))).unwrap();
        let family = tokens::unrevoked_family(&mut store.read().await.unwrap(), head.id).await;
        assert_eq!(family.unwrap(), members);
    }

    async fn a_users_tokens_are_removed_some_at_a_time(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, bob) = (user(store, "ida").await, user(store, "bob").await);
        let mut all = Vec::new();
        for number in 0..5 {
            let token = token(store, draft(ida.id, "x"), number).await;
            all.push((token.id, token.digest));
        }
        let kept = token(store, draft(bob.id, "kept"), 10).await;
        let id = ida.id;
        let mut gone = Vec::new();
        for expected in [2, 2, 1, 0] {
            let some = change!(store, conn => bury::some_of(conn, id, 2, &burial())).unwrap();
            assert_eq!(some.len(), expected);
            gone.extend(some.into_iter().map(|removed| (removed.id, removed.digest)));
        }
        gone.sort_by_key(|(id, _)| *id);
        assert_eq!(gone, all);
        assert!(by_id(store, &kept).await.is_some());
    }

    async fn memory_is_filled_in_the_order_of_ids_without_gaps(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        let mut all = Vec::new();
        for number in 0..7 {
            all.push(token(store, draft(ida.id, "x"), number).await);
        }
        let mut conn = store.read().await.unwrap();
        let (mut last, mut seen) = (0, Vec::new());
        loop {
            let rows = tokens::after(&mut conn, last, 3).await.unwrap();
            assert!(rows.len() <= 3);
            let Some(end) = rows.last() else { break };
            last = end.id.get();
            seen.extend(rows);
        }
        assert_eq!(seen, all);
        for (owner, most, count) in [(ida.id, 5, 5), (ida.id, 100, 7), (UserId::from_row(99), 9, 0)] {
            assert_eq!(tokens::count_of(&mut conn, owner, most).await.unwrap(), count);
        }
    }

    async fn last_uses_replace_each_other_and_pass_over_the_gone(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        let one = token(store, draft(ida.id, "one"), 1).await;
        let other = token(store, draft(ida.id, "other"), 2).await;
        let uses = [
            LastUse { at: Some(at(5)), addresses: vec![common::address(1), "2001:db8::7".parse().unwrap()] },
            LastUse { at: Some(at(6)), addresses: vec![] },
        ];
        for last in uses {
            let (id, saved) = (one.id, last.clone());
            change!(store, conn => last_use::save(conn, &[(id, saved)])).unwrap();
            assert_eq!(by_id(store, &one).await.unwrap().last_use, last);
        }
        assert_eq!(by_id(store, &other).await.unwrap().last_use, LastUse::default());
        // More than fit into one statement, most of them gone.
        let last = LastUse { at: Some(at(7)), addresses: vec![common::address(2)] };
        let gone = (1_000..1_060).map(TokenId::from_row);
        let many: Vec<_> = [one.id].into_iter().chain(gone).chain([other.id]).map(|id| (id, last.clone())).collect();
        change!(store, conn => last_use::save(conn, &many)).unwrap();
        for used in [&one, &other] {
            assert_eq!(by_id(store, used).await.unwrap().last_use, last);
        }
        change!(store, conn => last_use::save(conn, &[(one.id, LastUse::default())])).unwrap();
        assert_eq!(by_id(store, &one).await.unwrap().last_use, last, "no use is no news");
    }

    async fn rows_that_no_version_writes_are_errors_not_panics(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        let one = token(store, draft(ida.id, "one"), 1).await;
        for broken in [
            "kind = 'sorcery'",
            "scopes = 'api root'",
            "created_at = 9223372036854775807",
            "expires_at = -9223372036854775807",
            "revoked_at = 9223372036854775807",
            "last_used_at = 9223372036854775807",
            "key_id = -1",
            "key_id = 4294967296",
        ] {
            raw(&fixture.database, &format!("UPDATE tokens SET {broken}")).await;
            let mut conn = store.read().await.unwrap();
            let found = tokens::by_id(&mut conn, one.id).await;
            assert!(matches!(found, Err(StoreError::Corrupt(_))), "{broken}: {found:?}");
            assert!(tokens::after(&mut conn, 0, 10).await.is_err(), "{broken}");
            let mend = "UPDATE tokens SET kind = 'personal', scopes = 'api', created_at = 1, \
                        expires_at = NULL, revoked_at = NULL, last_used_at = NULL, key_id = 1";
            raw(&fixture.database, mend).await;
            assert!(tokens::by_id(&mut conn, one.id).await.is_ok(), "{broken} was mended");
        }
    }
}

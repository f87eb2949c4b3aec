//! However a token's row goes, a tombstone stays, in the same transaction.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{at, burial, by_id, digest, draft, group, insert, project, raw, token, user};
use tokenry_domain::{
    Burial, Kind, Reason, States, Subject, Token, TokenId, Tombstone, UserId,
    holder::{ClusterAgent, NewHolder},
    token::Draft,
    token_filter::{HintPart, TokenFilter},
};
use tokenry_store::{
    Store, StoreError, Work, belongings, bury, holders, sweep, tokens, tombstones,
};
use tokenry_testkit::{StoreFixture, both_engines, sources};

/// What is to stay of a token.
fn expected(token: &Token, burial: Burial) -> Tombstone {
    Tombstone {
        id: token.id,
        kind: token.kind,
        digest: token.digest,
        hint: token.hint.clone(),
        owner: token.owner,
        created_at: token.life.created_at,
        revoked_at: token.life.revoked_at,
        burial,
    }
}

async fn tombstone(store: &Store, id: TokenId) -> Option<Tombstone> {
    let mut conn = store.read().await.unwrap();
    tombstones::by_id(&mut conn, id).await.unwrap()
}

/// The row is gone, and its tombstone says so.
async fn assert_buried(store: &Store, token: &Token, burial: Burial) {
    assert_eq!(by_id(store, token).await, None, "{}", token.name);
    let expected = expected(token, burial);
    assert_eq!(tombstone(store, token.id).await.as_ref(), Some(&expected));
    let mut conn = store.read().await.unwrap();
    let found = tombstones::with_digests(&mut conn, [digest(999), token.digest]).await;
    assert_eq!(found.unwrap(), [expected]);
}

async fn of(store: &Store, owner: UserId, subject: impl Into<Subject>, number: u64) -> Token {
    let draft = Draft {
        kind: Kind::ClusterAgent,
        ..draft(owner, "one").of(subject)
    };
    insert(store, draft, number).await.unwrap()
}

fn agent(creator: UserId, place: tokenry_domain::Place) -> NewHolder {
    NewHolder {
        place: Some(place),
        creator,
        name: "agent".into(),
        details: ClusterAgent {}.into(),
    }
}

both_engines! {
    async fn a_tombstone_says_what_the_row_was_and_who_and_why(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut revoked = token(store, draft(ida, "revoked"), 1).await;
        let working = token(store, draft(ida, "working"), 2).await;
        let id = revoked.id;
        change!(store, conn => tokens::revoke(conn, id, at(5))).unwrap();
        revoked.life.revoked_at = Some(at(5));
        let told = Burial { by: Some(ida), reason: Some(Reason::ours("it's, „lost“; --")), ..burial() };
        for (token, burial) in [(&revoked, told), (&working, burial())] {
            let (id, own) = (token.id, burial.clone());
            assert!(change!(store, conn => bury::one(conn, id, &own)).unwrap());
            assert_buried(store, token, burial.clone()).await;
            assert!(!change!(store, conn => bury::one(conn, id, &common::burial())).unwrap());
            assert_buried(store, token, burial).await;
        }
    }

    async fn every_way_leaves_tombstones(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let team = group(store, None, "team").await;
        let app = project(store, team.id.namespace(), "app").await;
        let held = agent(ida, app.place());
        let holder = change!(store, conn => holders::insert(conn, &held, at(1))).unwrap().id;
        let in_project = of(store, ida, app.place(), 1).await;
        let in_holder = of(store, ida, holder, 2).await;
        let in_group = of(store, ida, team.place(), 3).await;
        let own = token(store, draft(ida, "own"), 4).await;
        let subject = app.place().into();
        change!(store, conn => bury::some_in(conn, subject, 9, &burial())).unwrap();
        assert_buried(store, &in_project, burial()).await;
        let scope = sweep::Scope::Namespace(team.id.namespace());
        change!(store, conn => belongings::bury_tokens(conn, scope, 9, &burial())).unwrap();
        assert_buried(store, &in_holder, burial()).await;
        assert_buried(store, &in_group, burial()).await;
        change!(store, conn => bury::some_of(conn, ida, 9, &burial())).unwrap();
        assert_buried(store, &own, burial()).await;
    }

    async fn many_go_at_once(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut all = Vec::new();
        for number in 0..205 {
            all.push(token(store, draft(ida, "x"), number).await);
        }
        let gone = change!(store, conn => bury::some_of(conn, ida, 500, &burial())).unwrap();
        assert_eq!(gone.len(), 205);
        for token in &all {
            assert_buried(store, token, burial()).await;
        }
    }

    async fn a_row_that_stopped_matching_stays(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut all = Vec::new();
        for number in 0..4 {
            all.push(token(store, draft(ida, "x"), number).await);
        }
        let [due, renamed, revoked, unnamed] = &all[..] else { panic!("four") };
        let (named, stopped) = (renamed.id, revoked.id);
        change!(store, conn => tokens::reword(conn, named, "kept", None)).unwrap();
        change!(store, conn => tokens::revoke(conn, stopped, at(3))).unwrap();
        let filter = TokenFilter { states: States::UNREVOKED, words: vec!["x".into()], ..TokenFilter::default() };
        let ids = [due.id, named, stopped, TokenId::from_row(999)];
        let gone = change!(store, conn => bury::matching(conn, ids, &filter, at(5), &burial())).unwrap();
        assert_eq!(gone, [tokens::Removed { id: due.id, digest: due.digest }]);
        assert_buried(store, due, burial()).await;
        for token in [renamed, revoked, unnamed] {
            assert!(by_id(store, token).await.is_some());
            assert_eq!(tombstone(store, token.id).await, None);
        }
        let none = change!(store, conn => bury::matching(conn, [], &TokenFilter::default(), at(5), &burial()));
        assert_eq!(none.unwrap(), []);
    }

    async fn of_two_at_once_one_buries(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        for number in 0..8 {
            let one = token(store, draft(ida, "x"), number).await;
            let id = one.id;
            let (first, second) = tokio::join!(
                async { change!(store, conn => bury::one(conn, id, &burial())) },
                async { change!(store, conn => bury::some_of(conn, ida, 9, &burial())) },
            );
            assert_ne!(first.unwrap(), second.unwrap().len() == 1);
            assert_buried(store, &one, burial()).await;
        }
    }

    async fn what_is_undone_leaves_the_row_and_no_tombstone(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = token(store, draft(ida, "x"), 1).await;
        let id = one.id;
        let undone = store.write(
            move |conn| -> Work<'_, (), StoreError> {
                Box::pin(async move {
                    assert!(bury::one(conn, id, &burial()).await?);
                    Err(StoreError::Dropped)
                })
            },
            |()| {},
        );
        assert!(undone.await.is_err());
        assert_eq!(by_id(store, &one).await.as_ref(), Some(&one));
        assert_eq!(tombstone(store, id).await, None);
    }

    async fn a_tombstone_that_cannot_be_raised_keeps_the_row(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = token(store, draft(ida, "x"), 1).await;
        let id = one.id;
        raw(&fixture.database, "ALTER TABLE tombstones RENAME TO elsewhere").await;
        assert!(change!(store, conn => bury::one(conn, id, &burial())).is_err());
        assert_eq!(by_id(store, &one).await.as_ref(), Some(&one));
    }

    async fn tombstones_are_found_by_hint_and_go_by_age(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut all = Vec::new();
        for number in 0..5 {
            // The hints of the first four are the same.
            let one = token(store, draft(ida, "x"), number / 4 + number * 10_000).await;
            let (id, burial) = (one.id, Burial { at: at(10 + i64::try_from(number).unwrap()), ..burial() });
            change!(store, conn => bury::one(conn, id, &burial)).unwrap();
            all.push(one);
        }
        let mut conn = store.read().await.unwrap();
        let mut hinted = Vec::new();
        for most in [2, 9] {
            let hint = HintPart::Whole(all[0].hint.clone());
            let found = tombstones::hinted(&mut conn, &hint, most).await.unwrap();
            hinted.push(found.into_iter().map(|stone| stone.id).collect::<Vec<_>>());
        }
        let ids: Vec<_> = all.iter().map(|token| token.id).collect();
        assert_eq!(hinted, [ids[..2].to_vec(), ids[..4].to_vec()]);
        for (ending, expected) in [("0000", 4), ("0001", 1), ("000", 0), ("0\0", 0)] {
            let found = tombstones::hinted(&mut conn, &HintPart::Ending(ending.into()), 9).await;
            assert_eq!(found.unwrap().len(), expected, "{ending}");
        }
        assert_eq!(tombstones::oldest(&mut conn).await.unwrap(), Some(at(10)));
        drop(conn);
        for expected in [2, 1, 0] {
            let gone = change!(store, conn => tombstones::delete_some_before(conn, at(13), 2)).unwrap();
            assert_eq!(gone, expected);
        }
        for (number, token) in all.iter().enumerate() {
            assert_eq!(tombstone(store, token.id).await.is_some(), number >= 3, "{number}");
        }
        let found = tombstones::by_digest(&mut store.read().await.unwrap(), digest(0)).await;
        assert_eq!(found.unwrap(), None);
    }

    async fn a_tombstone_that_no_version_writes_is_told(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let id = token(store, draft(ida, "x"), 1).await.id;
        change!(store, conn => bury::one(conn, id, &burial())).unwrap();
        raw(&fixture.database, "UPDATE tombstones SET kind = 'of the future'").await;
        let told = tombstones::by_id(&mut store.read().await.unwrap(), id).await;
        assert!(matches!(told, Err(StoreError::Corrupt("tombstone"))), "{told:?}");
    }
}

/// A statement that removes rows of the ledger elsewhere would leave nothing
/// of them.
#[test]
fn no_other_file_removes_rows_of_the_ledger() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let removes = |path: &PathBuf| {
        let source = fs::read_to_string(path).unwrap();
        source.contains("DELETE FROM tokens")
    };
    let files = sources(&folder).into_iter().filter(removes);
    let mut files: Vec<_> = files
        .map(|path| path.strip_prefix(&folder).unwrap().to_owned())
        .collect();
    files.sort();
    // What lies in a scope is named in `belongings.rs` and buried here.
    assert_eq!(files, [Path::new("belongings.rs"), Path::new("bury.rs")]);
}

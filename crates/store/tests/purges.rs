//! Purges and what they find; how long things are kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;

use common::{at, draft, insert, raw, user};
use tokenry_domain::{
    Kind, Purge, Reason, Retention, State, States, TokenId, UserId, UserType,
    audit::Actor,
    page::{PerPage, Position, SortValue, Window},
    purge::{Cursor, NewPurge, Outcome, Progress},
    token::Draft,
    token_filter::TokenFilter,
};
use tokenry_store::{Store, purges, retention, tokens, walk, walk::Way};
use tokenry_testkit::{StoreFixture, both_engines};

fn wanted(states: States) -> NewPurge {
    NewPurge {
        filter: TokenFilter {
            states,
            ..TokenFilter::default()
        },
        dry_run: false,
        reason: Some(Reason::new("tidying").unwrap()),
    }
}

async fn file(store: &Store, states: States) -> Purge {
    let actor = Actor {
        user: Some(UserId::from_row(7)),
        token: Some(TokenId::from_row(9)),
        on_behalf: None,
    };
    let owners = BTreeSet::from([UserId::from_row(3), UserId::from_row(4)]);
    let wanted = wanted(states);
    change!(store, conn => purges::insert(conn, &wanted, &actor, "req", Some(&owners), at(9)))
        .unwrap()
}

async fn show(store: &Store, purge: &Purge) -> Purge {
    let mut conn = store.read().await.unwrap();
    purges::by_id(&mut conn, purge.id).await.unwrap().unwrap()
}

async fn advance(store: &Store, purge: &Purge, progress: Progress) -> bool {
    let id = purge.id;
    change!(store, conn => purges::advance(conn, id, &progress)).unwrap()
}

async fn end(store: &Store, purge: &Purge, outcome: Outcome) -> bool {
    let id = purge.id;
    change!(store, conn => purges::end(conn, id, outcome, at(20))).unwrap()
}

/// The ids that a walk finds, so many at a time, from here to its end.
async fn walked(store: &Store, way: &Way<'_>, mut cursor: Cursor, most: u32) -> Vec<i64> {
    let mut conn = store.read().await.unwrap();
    let mut ids = Vec::new();
    loop {
        let found = walk::on(&mut conn, way, cursor, most).await.unwrap();
        assert!(found.tokens.len() <= most as usize);
        ids.extend(found.tokens.iter().map(|token| token.id.get()));
        cursor = found.reached;
        if !found.more {
            return ids;
        }
    }
}

/// Six tokens: revoked at 5, 3 and 3, expired at 4, expiring at 50, for ever.
async fn ledger(store: &Store) {
    let ida = user(store, "ida").await;
    for (number, end) in [
        (1, None),
        (2, Some(9)),
        (3, None),
        (4, Some(4)),
        (5, Some(50)),
        (6, None),
    ] {
        let draft = Draft {
            expires_at: end.map(at),
            ..draft(ida.id, "x")
        };
        insert(store, draft, number).await.unwrap();
    }
    for (id, when) in [(1, 5), (2, 3), (3, 3)] {
        let id = TokenId::from_row(id);
        change!(store, conn => tokens::revoke(conn, id, at(when))).unwrap();
    }
}

both_engines! {
    async fn a_purge_reads_back_as_it_was_filed(fixture: StoreFixture) {
        let store = &fixture.store;
        ledger(store).await;
        let purge = file(store, States::ALL.within(States::UNREVOKED)).await;
        assert_eq!(show(store, &purge).await, purge);
        assert_eq!((purge.filed.last, purge.filed.at), (6, at(9)));
        assert_eq!(purge.progress.cursor, Cursor::Id(0));
        assert_eq!(purge.wanted, wanted(States::UNREVOKED));
        assert_eq!(purge.filed.owners.as_ref().map(BTreeSet::len), Some(2));
        let dead = file(store, States::INACTIVE).await;
        assert_eq!(dead.progress.cursor, Cursor::before(Kind::Personal), "by deaths");
        assert_eq!(show(store, &dead).await, dead);
    }

    async fn each_step_is_written_once_and_none_after_the_end(fixture: StoreFixture) {
        let store = &fixture.store;
        let purge = file(store, States::INACTIVE).await;
        let cursor = Cursor::Death { kind: Kind::Group, at: at(3), id: 8 };
        let progress = Progress { cursor, steps: 1, examined: 5, deleted: 0 };
        assert!(advance(store, &purge, progress.clone()).await);
        assert!(!advance(store, &purge, progress.clone()).await, "the same step again");
        let id = purge.id;
        change!(store, conn => purges::count_deleted(conn, id, 3)).unwrap();
        let now = show(store, &purge).await;
        assert_eq!(now.progress, Progress { deleted: 3, ..progress.clone() });
        assert_eq!(now.state(), "running");
        assert!(end(store, &purge, Outcome::Cancelled).await);
        assert!(!end(store, &purge, Outcome::Done).await);
        assert!(!advance(store, &purge, Progress { steps: 2, ..progress }).await);
        assert_eq!(show(store, &purge).await.ended, Some((at(20), Outcome::Cancelled)));
    }

    async fn the_oldest_open_purge_comes_first_and_lists_begin_with_the_newest(fixture: StoreFixture) {
        let store = &fixture.store;
        let mut filed = Vec::new();
        for _ in 0..3 {
            filed.push(file(store, States::REVOKED).await);
        }
        assert!(end(store, &filed[0], Outcome::Done).await);
        let mut conn = store.read().await.unwrap();
        assert_eq!(purges::oldest_open(&mut conn).await.unwrap(), Some(filed[1].id));
        assert_eq!(purges::count_open(&mut conn).await.unwrap(), 2);
        let per_page = PerPage::new(2).unwrap();
        let page = purges::page(&mut conn, &Window::After { position: None, per_page }).await.unwrap();
        assert_eq!((page.rows, page.more), (vec![filed[2].clone(), filed[1].clone()], true));
        let id = filed[1].id.get();
        let position = Some(Position { value: SortValue::Number(id), id });
        let page = purges::page(&mut conn, &Window::After { position, per_page }).await.unwrap();
        assert_eq!((page.rows.len(), page.more), (1, false));
    }

    async fn what_no_version_wrote_is_corrupt(fixture: StoreFixture) {
        let store = &fixture.store;
        let purge = file(store, States::REVOKED).await;
        raw(&fixture.database, "UPDATE purges SET filter = '{\"colour\":\"red\"}'").await;
        let mut conn = store.read().await.unwrap();
        assert!(purges::by_id(&mut conn, purge.id).await.is_err());
        assert_eq!(purges::oldest_open(&mut conn).await.unwrap(), Some(purge.id));
    }

    async fn walks_find_each_token_once_whatever_the_size_of_a_step(fixture: StoreFixture) {
        let store = &fixture.store;
        ledger(store).await;
        let all = TokenFilter::default();
        let way = Way { filter: &all, at: at(9), last: 5, until: at(9) };
        for most in [1, 2, 3, 100] {
            assert_eq!(walked(store, &way, Cursor::Id(0), most).await, [1, 2, 3, 4, 5]);
            let deaths = walked(store, &way, Cursor::before(Kind::Personal), most).await;
            assert_eq!(deaths, [2, 3, 4, 1], "by when they died, then by id");
            assert!(walked(store, &way, Cursor::before(Kind::Group), most).await.is_empty());
        }
        let expired = TokenFilter { states: States::of(&[State::Expired]), ..all.clone() };
        let way = Way { filter: &expired, ..way };
        assert_eq!(walked(store, &way, Cursor::Id(0), 2).await, [4]);
        assert_eq!(walked(store, &way, Cursor::before(Kind::Personal), 2).await, [4]);
        let mut conn = store.read().await.unwrap();
        let ids = [5, 99, 2].map(TokenId::from_row);
        let again = walk::again(&mut conn, ids).await.unwrap();
        assert_eq!(again.iter().map(|token| token.id.get()).collect::<Vec<_>>(), [2, 5]);
    }

    async fn the_dead_are_counted_by_owner_and_by_how_they_died(fixture: StoreFixture) {
        let store = &fixture.store;
        ledger(store).await;
        let mut conn = store.read().await.unwrap();
        for (state, until, count) in [(State::Revoked, 3, 2), (State::Revoked, 9, 3), (State::Expired, 9, 1), (State::Expired, 50, 2)] {
            let dead = retention::count_dead(&mut conn, Kind::Personal, UserType::Human, state, at(until));
            assert_eq!(dead.await.unwrap(), count, "{state:?} {until}");
        }
        let bots = retention::count_dead(&mut conn, Kind::Personal, UserType::ProjectBot, State::Revoked, at(9));
        assert_eq!(bots.await.unwrap(), 0);
    }

    async fn retention_is_as_shipped_until_it_is_saved(fixture: StoreFixture) {
        let store = &fixture.store;
        let mut conn = store.read().await.unwrap();
        assert_eq!(retention::load(&mut conn).await.unwrap(), Retention::default());
        for days in [Some(400), None] {
            let kept = Retention { tokens: vec![], tombstone_days: days, audit_days: days, ..Retention::default() };
            let wanted = kept.clone();
            change!(store, conn => retention::save(conn, &wanted)).unwrap();
            assert_eq!(retention::load(&mut conn).await.unwrap(), kept);
        }
    }
}

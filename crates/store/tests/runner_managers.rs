//! Machines that work as a runner, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, group, raw, user};
use tokenry_domain::{
    HolderId, Place, UserId,
    holder::{Details, NewHolder, Runner},
    runner_manager::{Contact, Program, RunnerManager},
};
use tokenry_store::{Store, StoreError, belongings, holders, runner_managers, sweep::Scope};
use tokenry_testkit::{StoreFixture, both_engines};

async fn runner(store: &Store, creator: UserId, place: Option<Place>) -> HolderId {
    let new = NewHolder {
        place,
        creator,
        name: "linux".into(),
        details: Details::Runner(Runner::plain(false)),
    };
    change!(store, conn => holders::insert(conn, &new, at(1)))
        .unwrap()
        .id
}

fn contact(system_id: &str) -> Contact {
    Contact {
        system_id: system_id.into(),
        program: Program {
            version: Some("17.1".into()),
            platform: Some("linux".into()),
            ..Program::default()
        },
        address: Some([203, 0, 113, 9].into()),
    }
}

async fn added(
    store: &Store,
    runner: HolderId,
    system_id: &str,
) -> Result<RunnerManager, StoreError> {
    let contact = contact(system_id);
    change!(store, conn => runner_managers::insert(conn, runner, &contact, at(5)))
}

async fn of(store: &Store, runners: &[HolderId]) -> Vec<String> {
    let mut conn = store.read().await.unwrap();
    let found = runner_managers::of(&mut conn, runners.iter().copied())
        .await
        .unwrap();
    found
        .into_iter()
        .map(|manager| manager.said.system_id)
        .collect()
}

both_engines! {
    async fn a_manager_reads_back_until_it_is_removed(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = runner(store, ida, None).await;
        let manager = added(store, one, "s_ä").await.unwrap();
        assert_eq!((manager.runner, &manager.said), (one, &contact("s_ä")));
        assert_eq!((manager.created_at, manager.contacted_at), (at(5), at(5)));
        let find = async |system_id: &str| {
            let mut conn = store.read().await.unwrap();
            runner_managers::find(&mut conn, one, system_id).await.unwrap()
        };
        assert_eq!(find("s_ä").await.as_ref(), Some(&manager));
        assert_eq!((find("s_Ä").await, find("a\0").await), (None, None));
        let later = RunnerManager {
            said: Contact { program: Program::default(), address: None, ..contact("s_ä") },
            contacted_at: at(9),
            ..manager.clone()
        };
        let update = later.clone();
        assert!(change!(store, conn => runner_managers::update(conn, &update)).unwrap());
        assert_eq!(find("s_ä").await, Some(later.clone()));
        let id = manager.id;
        assert!(change!(store, conn => runner_managers::delete(conn, id)).unwrap());
        assert!(!change!(store, conn => runner_managers::delete(conn, id)).unwrap());
        assert!(!change!(store, conn => runner_managers::update(conn, &later)).unwrap());
        assert_eq!(find("s_ä").await, None);
    }

    async fn of_one_runner_no_two_have_the_same_id(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let (one, other) = (runner(store, ida, None).await, runner(store, ida, None).await);
        added(store, one, "b").await.unwrap();
        let again = added(store, one, "b").await;
        assert!(again.is_err(), "{again:?}");
        added(store, other, "b").await.unwrap();
        added(store, one, "a").await.unwrap();
        assert_eq!(of(store, &[one]).await, ["b", "a"]);
        assert_eq!(of(store, &[one, other]).await, ["b", "b", "a"]);
        assert!(of(store, &[]).await.is_empty());
        let ghost = added(store, HolderId::from_row(4711), "a").await;
        assert!(ghost.is_err(), "{ghost:?}");
        raw(&fixture.database, "UPDATE runner_managers SET address = 'x'").await;
        let mut conn = store.read().await.unwrap();
        let broken = runner_managers::of(&mut conn, [one]).await;
        assert!(matches!(broken, Err(StoreError::Corrupt(_))), "{broken:?}");
    }

    async fn they_go_with_their_runner_and_its_place(fixture: StoreFixture) {
        let store = &fixture.store;
        let team = group(store, None, "team").await;
        let ida = user(store, "ida").await.id;
        let (one, kept) = (runner(store, ida, None).await, runner(store, ida, None).await);
        let swept = runner(store, ida, Some(team.place())).await;
        for runner in [one, swept, kept] {
            added(store, runner, "s").await.unwrap();
        }
        assert!(change!(store, conn => holders::delete(conn, one)).unwrap());
        let scope = Scope::Namespace(team.id.namespace());
        assert_eq!(change!(store, conn => belongings::delete_holders(conn, scope, 9)).unwrap(), 1);
        assert!(of(store, &[one, swept]).await.is_empty());
        assert_eq!(of(store, &[kept]).await, ["s"]);
    }
}

//! What belongs to places, and what outlives its maker, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, burial, by_id, draft, group, join, member, profile, project, token, user};
use tokenry_domain::{
    AccessLevel::{Guest, Maintainer, Owner},
    HolderId, Kind, Place, Subject, Token, User, UserId, UserType,
    holder::{ClusterAgent, NewHolder},
    token::Draft,
};
use tokenry_store::{
    Store, belongings, ghost, holders, members, namespaces, standings, subjects, sweep::Scope,
    users,
};
use tokenry_testkit::{StoreFixture, both_engines};

/// A token of a kind that belongs to something.
async fn of(store: &Store, kind: Kind, owner: UserId, subject: Subject, number: u64) -> Token {
    let draft = Draft {
        kind,
        subject: Some(subject),
        ..draft(owner, "a test's")
    };
    token(store, draft, number).await
}

async fn agent(store: &Store, place: Place, creator: UserId) -> HolderId {
    let new = NewHolder {
        place: Some(place),
        creator,
        name: "agent".into(),
        details: ClusterAgent {}.into(),
    };
    change!(store, conn => holders::insert(conn, &new, at(1)))
        .unwrap()
        .id
}

async fn machine(store: &Store, home: Option<Place>, username: &str) -> User {
    let (profile, sort) = (profile(username), UserType::ServiceAccount);
    change!(store, conn => users::insert_bot(conn, sort, home, &profile, at(1))).unwrap()
}

both_engines! {
    async fn what_belongs_to_a_tree_is_found_and_nothing_else(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let team = group(store, None, "team").await;
        let sub = group(store, Some(&team), "sub").await;
        let app = project(store, sub.id.namespace(), "app").await;
        let other = group(store, None, "other").await;
        let beside = project(store, other.id.namespace(), "beside").await;
        let mut inside = Vec::new();
        let mut homes = Vec::new();
        for (number, place) in [team.place(), sub.place(), app.place()].into_iter().enumerate() {
            let number = number as u64 * 10;
            inside.push(of(store, Kind::Deploy, ida, place.into(), number).await);
            let holder = agent(store, place, ida).await;
            inside.push(of(store, Kind::ClusterAgent, ida, holder.into(), number + 1).await);
            homes.push(machine(store, Some(place), &format!("machine{number}")).await.id);
        }
        // The same numbers as those of the project and the group above.
        let outside = [beside.place(), other.place()];
        let mut kept = vec![token(store, draft(ida, "own"), 90).await];
        for (number, place) in outside.into_iter().enumerate() {
            let holder = agent(store, place, ida).await;
            kept.push(of(store, Kind::ClusterAgent, ida, holder.into(), 91 + number as u64).await);
            machine(store, Some(place), &format!("kept{number}")).await;
        }
        machine(store, None, "homeless").await;

        let scope = Scope::Namespace(team.id.namespace());
        let mut found = belongings::machines(&mut store.read().await.unwrap(), scope, 10).await.unwrap();
        found.sort_unstable();
        assert_eq!(found, homes);
        let of_project = Scope::Project(app.id);
        let found = belongings::machines(&mut store.read().await.unwrap(), of_project, 10).await.unwrap();
        assert_eq!(found, [homes[2]]);
        assert_eq!(belongings::machines(&mut store.read().await.unwrap(), scope, 2).await.unwrap().len(), 2);

        assert!(change!(store, conn => belongings::bury_tokens(conn, scope, 0, &burial())).unwrap().is_empty());
        let mut gone = Vec::new();
        for step in [4, 2, 0] {
            let removed = change!(store, conn => belongings::bury_tokens(conn, scope, 4, &burial())).unwrap();
            assert_eq!(removed.len(), step);
            gone.extend(removed.into_iter().map(|token| token.id));
        }
        gone.sort_unstable();
        assert_eq!(gone, inside.iter().map(|token| token.id).collect::<Vec<_>>());
        for step in [2, 1, 0] {
            let removed = change!(store, conn => belongings::delete_holders(conn, scope, 2)).unwrap();
            assert_eq!(removed, step);
        }
        for token in &kept {
            assert!(by_id(store, token).await.is_some());
        }
    }

    async fn what_tokens_belong_to_has_names(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let team = group(store, None, "team").await;
        let app = project(store, team.id.namespace(), "app").await;
        let agent = agent(store, app.place(), ida).await;
        let gone = HolderId::from_row(4_711);
        let [team, app, agent, gone]: [Subject; 4] = [team.place().into(), app.place().into(), agent.into(), gone.into()];
        let mut conn = store.read().await.unwrap();
        let names = subjects::names(&mut conn, [team, app, app, agent, gone]).await.unwrap();
        let told = |subject| names.get(&subject).map(String::as_str);
        assert_eq!([told(team), told(app), told(agent), told(gone)], [Some("team"), Some("team/app"), Some("agent"), None]);
        assert!(subjects::names(&mut conn, []).await.unwrap().is_empty());
    }

    async fn what_outlives_its_maker_goes_to_one_ghost(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, bo) = (user(store, "ida").await.id, user(store, "ghost").await.id);
        let place = group(store, None, "team").await.place();
        let lasting = [Kind::Deploy, Kind::ClusterAgent];
        let nothing = change!(store, conn => ghost::hand_over(conn, ida, lasting, 9, at(5))).unwrap();
        assert!(nothing.ghost.is_none(), "nobody is made for nothing");
        let own = token(store, draft(ida, "own"), 1).await;
        let first = of(store, Kind::Deploy, ida, place.into(), 2).await;
        let second = of(store, Kind::Deploy, ida, place.into(), 3).await;
        agent(store, place, ida).await;
        assert!(users::answers_for_something(&mut store.read().await.unwrap(), ida).await.unwrap());
        let handed = change!(store, conn => ghost::hand_over(conn, ida, lasting, 1, at(5))).unwrap();
        assert_eq!((handed.tokens.len(), handed.holders), (1, 1));
        let heir = handed.ghost.unwrap();
        assert_eq!((heir.user_type, heir.username.as_str()), (UserType::Ghost, "ghost_"), "the name was taken");
        let handed = change!(store, conn => ghost::hand_over(conn, ida, lasting, 9, at(6))).unwrap();
        assert_eq!((handed.tokens.len(), handed.holders, handed.ghost.unwrap().id), (1, 0, heir.id));
        for token in [&first, &second] {
            assert_eq!(by_id(store, token).await.unwrap().owner, heir.id);
        }
        assert_eq!(by_id(store, &own).await.unwrap().owner, ida);
        assert!(!users::answers_for_something(&mut store.read().await.unwrap(), bo).await.unwrap());
    }

    async fn roles_of_many_in_one_place(fixture: StoreFixture) {
        let store = &fixture.store;
        let [ida, bo, eve] = ["ida", "bo", "eve"].map(|name| user(store, name));
        let (ida, bo, eve) = (ida.await.id, bo.await.id, eve.await.id);
        let team = group(store, None, "team").await;
        let sub = group(store, Some(&team), "sub").await;
        join(store, member(ida, team.place(), Owner)).await;
        join(store, member(bo, team.place(), Guest)).await;
        join(store, member(eve, sub.place(), Maintainer)).await;
        let mut conn = store.read().await.unwrap();
        let levels = members::levels(&mut conn, team.place(), &[ida, bo, eve], at(9)).await.unwrap();
        assert_eq!(levels.into_iter().collect::<Vec<_>>(), [(ida, Owner), (bo, Guest)]);
        assert!(members::levels(&mut conn, team.place(), &[], at(9)).await.unwrap().is_empty());
        let app = project(store, sub.id.namespace(), "app").await;
        for (place, holds) in [(team.place(), true), (sub.place(), true), (app.place(), true)] {
            assert_eq!(namespaces::holds(&mut conn, team.id, place).await.unwrap(), holds);
        }
        assert!(!namespaces::holds(&mut conn, sub.id, team.place()).await.unwrap());
    }

    async fn the_sole_owner_of_a_group_is_told_from_others(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, bo) = (user(store, "ida").await.id, user(store, "bo").await.id);
        let team = group(store, None, "team").await;
        let sub = group(store, Some(&team), "sub").await;
        let mut conn = store.read().await.unwrap();
        join(store, member(ida, sub.place(), Owner)).await;
        assert!(standings::is_sole_owner(&mut conn, ida, at(9)).await.unwrap());
        assert!(!standings::is_sole_owner(&mut conn, bo, at(9)).await.unwrap());
        join(store, member(bo, team.place(), Owner)).await;
        assert!(!standings::is_sole_owner(&mut conn, ida, at(9)).await.unwrap(), "one above owns it too");
        assert!(standings::is_sole_owner(&mut conn, bo, at(9)).await.unwrap());
    }
}

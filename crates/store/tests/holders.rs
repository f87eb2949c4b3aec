//! What holds a token of its own, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, burial, draft, group, insert, join, member, project, raw, user};
use tokenry_domain::{
    AccessLevel, HolderId, Kind, Place, UserId,
    holder::{
        Application, ClusterAgent, Details, Holder, HolderFilter, HolderKind, Keeper, NewHolder,
    },
    page::{Direction, PerPage, Window},
    token::Draft,
};
use tokenry_store::{
    Store, StoreError, bury, holder_list, holders, tokens,
    unrevoked::{self, Whose},
};
use tokenry_testkit::{StoreFixture, both_engines};

fn application(owner: Option<UserId>) -> Details {
    Application {
        uid: "ab".repeat(32),
        redirect_uri: "https://chat.example/cb".into(),
        confidential: true,
        scopes: "api openid".into(),
        owner,
    }
    .into()
}

fn new(creator: UserId, place: Option<Place>, details: impl Into<Details>) -> NewHolder {
    NewHolder {
        place,
        creator,
        name: "brücke".into(),
        details: details.into(),
    }
}

async fn made(store: &Store, new: NewHolder) -> Holder {
    change!(store, conn => holders::insert(conn, &new, at(5))).unwrap()
}

async fn ids(store: &Store, filter: HolderFilter) -> Vec<HolderId> {
    let window = Window::Page {
        number: 1,
        per_page: PerPage::DEFAULT,
    };
    let mut conn = store.read().await.unwrap();
    let page = holder_list::page(&mut conn, &filter, Direction::Ascending, &window).await;
    page.unwrap().rows.iter().map(|holder| holder.id).collect()
}

both_engines! {
    async fn a_holder_reads_back_until_it_is_removed(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut one = made(store, new(ida, None, application(Some(ida)))).await;
        assert_eq!((one.creator, one.name.as_str(), one.created_at), (ida, "brücke", at(5)));
        assert_eq!(one.details, application(Some(ida)));
        one.name = "other".into();
        one.details = application(None);
        let edited = one.clone();
        assert!(change!(store, conn => holders::update(conn, &edited, at(6))).unwrap());
        let id = one.id;
        assert!(change!(store, conn => holders::hold(conn, id)).unwrap());
        let read = holders::by_id(&mut store.read().await.unwrap(), id).await.unwrap().unwrap();
        assert_eq!((read.name.as_str(), &read.details, read.updated_at), ("other", &one.details, at(6)));
        assert!(change!(store, conn => holders::end(conn, id, at(7))).unwrap());
        assert!(!change!(store, conn => holders::end(conn, id, at(8))).unwrap(), "it ends once");
        assert!(change!(store, conn => holders::delete(conn, id)).unwrap());
        assert!(!change!(store, conn => holders::delete(conn, id)).unwrap());
        assert!(!change!(store, conn => holders::hold(conn, id)).unwrap());
        assert_eq!(holders::by_id(&mut store.read().await.unwrap(), id).await.unwrap(), None);
    }

    async fn nobody_makes_a_holder_who_is_not_there(fixture: StoreFixture) {
        let store = &fixture.store;
        let ghost = new(UserId::from_row(4711), None, application(None));
        let refused = change!(store, conn => holders::insert(conn, &ghost, at(5)));
        assert!(matches!(refused, Err(StoreError::NoOwner)), "{refused:?}");
    }

    async fn details_that_cannot_be_read_are_corrupt(fixture: StoreFixture) {
        let ida = user(&fixture.store, "ida").await.id;
        let one = made(&fixture.store, new(ida, None, application(None))).await;
        raw(&fixture.database, "UPDATE holders SET details = '{'").await;
        let read = holders::by_id(&mut fixture.store.read().await.unwrap(), one.id).await;
        assert!(matches!(read, Err(StoreError::Corrupt("holder"))), "{read:?}");
    }

    async fn those_that_last_are_read_the_newest_first(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(made(store, new(ida, None, application(None))).await.id);
            made(store, new(ida, None, ClusterAgent {})).await;
        }
        let [first, second, ended, last] = held[..] else { panic!("four") };
        assert!(change!(store, conn => holders::end(conn, ended, at(7))).unwrap());
        let lasting = async |before, most| -> Vec<HolderId> {
            let mut conn = store.read().await.unwrap();
            let rows = holders::lasting(&mut conn, HolderKind::Application, before, most).await;
            rows.unwrap().iter().map(|holder| holder.id).collect()
        };
        assert_eq!(lasting(None, 9).await, [last, second, first]);
        assert_eq!(lasting(None, 2).await, [last, second]);
        assert_eq!(lasting(Some(second), 9).await, [first]);
        assert_eq!(lasting(Some(first), 9).await, []);
    }

    async fn lists_show_whose_they_are(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, ben) = (user(store, "ida").await.id, user(store, "ben").await.id);
        let team = group(store, None, "team").await;
        let app = project(store, team.id.namespace(), "app").await;
        let instance = made(store, new(ida, None, application(None))).await.id;
        let own = made(store, new(ida, None, application(Some(ida)))).await.id;
        let bens = made(store, new(ben, None, application(Some(ben)))).await.id;
        let agent = made(store, new(ida, Some(app.place()), ClusterAgent {})).await.id;
        let of_group = made(store, new(ida, Some(team.place()), ClusterAgent {})).await.id;
        let applications = HolderFilter::of(HolderKind::Application);
        assert_eq!(ids(store, applications.clone()).await, [instance, own, bens]);
        let filter = HolderFilter { of_instance: true, ..applications.clone() };
        assert_eq!(ids(store, filter).await, [instance]);
        let filter = HolderFilter { owner: Some(ben), ..applications.clone() };
        assert_eq!(ids(store, filter).await, [bens]);
        let filter = HolderFilter { creator: Some(ida), ..applications };
        assert_eq!(ids(store, filter).await, [instance, own]);
        let agents = HolderFilter::of(HolderKind::ClusterAgent);
        let filter = HolderFilter { place: Some(app.place()), ..agents.clone() };
        assert_eq!(ids(store, filter).await, [agent]);
        let filter = HolderFilter { ended: Some(true), ..agents.clone() };
        assert!(ids(store, filter).await.is_empty());
        let mut conn = store.read().await.unwrap();
        for (place, name, named) in [(app.place(), "brücke", true), (team.place(), "brücke", true), (app.place(), "Brücke", false)] {
            let found = holders::is_named(&mut conn, HolderKind::ClusterAgent, place, name).await;
            assert_eq!(found.unwrap(), named);
        }
        assert!(!holders::is_named(&mut conn, HolderKind::Runner, app.place(), "brücke").await.unwrap());
        drop(conn);

        // A role in the group counts in its project, for each at its own height.
        let kept_by = |user| HolderFilter {
            kept_by: Some(Keeper { user, levels: [AccessLevel::Maintainer, AccessLevel::Owner], now: at(9) }),
            ..agents.clone()
        };
        assert!(ids(store, kept_by(ida)).await.is_empty());
        join(store, member(ida, team.place(), AccessLevel::Maintainer)).await;
        assert_eq!(ids(store, kept_by(ida)).await, [agent]);
        join(store, member(ben, team.place(), AccessLevel::Owner)).await;
        assert_eq!(ids(store, kept_by(ben)).await, [agent, of_group]);
    }

    async fn what_belongs_to_a_user_goes_in_parts(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, ben) = (user(store, "ida").await.id, user(store, "ben").await.id);
        let mut number = 0;
        for owner in [Some(ida), Some(ida), Some(ben), None] {
            let one = made(store, new(ida, None, application(owner))).await.id;
            number += 1;
            let draft = Draft { kind: Kind::OauthApplicationSecret, ..draft(ida, "x").of(one) };
            insert(store, draft, number).await.unwrap();
        }
        for expected in [1, 1, 0] {
            let gone = change!(store, conn => bury::some_of_holders(conn, ida, 1, &burial())).unwrap();
            assert_eq!(gone.len(), expected);
        }
        for expected in [1, 1, 0] {
            assert_eq!(change!(store, conn => holders::delete_some_of(conn, ida, 1)).unwrap(), expected);
        }
        let left = ids(store, HolderFilter::of(HolderKind::Application)).await;
        assert_eq!(left.len(), 2, "another's, and the instance's");
        assert_eq!(tokens::count_of(&mut store.read().await.unwrap(), ida, 9).await.unwrap(), 2);
    }

    async fn the_last_use_of_any_token_counts(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = made(store, new(ida, None, application(None))).await.id;
        let never = made(store, new(ida, None, application(None))).await.id;
        for number in 1..=2 {
            insert(store, draft(ida, "x").of(one), number).await.unwrap();
        }
        insert(store, draft(ida, "x").of(never), 3).await.unwrap();
        raw(&fixture.database, &format!("UPDATE tokens SET last_used_at = {} WHERE id = 1", at(7).as_microsecond())).await;
        raw(&fixture.database, &format!("UPDATE tokens SET last_used_at = {} WHERE id = 2", at(6).as_microsecond())).await;
        let uses = tokens::last_uses(&mut store.read().await.unwrap(), [one, never]).await.unwrap();
        assert_eq!(uses.into_iter().collect::<Vec<_>>(), [(one, at(7))]);
        assert!(tokens::last_uses(&mut store.read().await.unwrap(), []).await.unwrap().is_empty());
    }

    async fn unrevoked_tokens_of_one_kind_are_found(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let one = made(store, new(ida, None, application(None))).await.id;
        let of = |kind| Draft { kind, ..draft(ida, "x").of(one) };
        let secret = insert(store, of(Kind::OauthApplicationSecret), 1).await.unwrap();
        insert(store, of(Kind::OauthAccess), 2).await.unwrap();
        let revoked = insert(store, of(Kind::OauthApplicationSecret), 3).await.unwrap().id;
        assert!(change!(store, conn => tokens::revoke(conn, revoked, at(6))).unwrap());
        let mut conn = store.read().await.unwrap();
        let kind = Kind::OauthApplicationSecret;
        let found = unrevoked::of(&mut conn, Whose::Subject(one.into()), kind).await.unwrap();
        assert_eq!(found.iter().map(|token| token.id).collect::<Vec<_>>(), [secret.id]);
    }
}

//! Members and their standing, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, group, join, member, person, project, raw, user};
use tokenry_domain::{
    AccessLevel,
    AccessLevel::{Developer, Guest, Maintainer, Owner, Reporter},
    GroupId, Levels, Member, Place, UserId,
    member::MemberFilter,
    page::{PerPage, Window},
};
use tokenry_store::{Store, StoreError, member_list, members, standings};
use tokenry_testkit::{StoreFixture, both_engines};

async fn levels(store: &Store, user: UserId, place: Place, second: i64) -> Levels {
    let mut conn = store.read().await.unwrap();
    let found = standings::levels(&mut conn, user, &[place], at(second))
        .await
        .unwrap();
    found.get(&place).copied().unwrap_or_default()
}

/// Usernames and roles, one window after the other.
async fn listed(store: &Store, place: Place, filter: MemberFilter) -> Vec<(String, AccessLevel)> {
    let mut conn = store.read().await.unwrap();
    let mut all = Vec::new();
    for number in 1.. {
        let window = Window::Page {
            number,
            per_page: PerPage::new(2).unwrap(),
        };
        let page = member_list::page(&mut conn, place, &filter, &window, at(10))
            .await
            .unwrap();
        all.extend(
            page.rows
                .into_iter()
                .map(|(member, user)| (user.username, member.level)),
        );
        if !page.more {
            break;
        }
    }
    all
}

both_engines! {
    async fn a_member_reads_back_as_written(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let place = group(store, None, "team").await.place();
        let first = Member { created_by: Some(UserId::from_row(77)), expires_at: Some(at(50)), ..member(ida, place, Reporter) };
        join(store, first).await;
        let find = async |second| members::find(&mut store.read().await.unwrap(), place, ida, at(second)).await.unwrap();
        assert_eq!(find(49).await, Some(first));
        assert_eq!(find(50).await, None, "its date has come");
        let again = member(ida, place, Owner);
        assert!(!change!(store, conn => members::insert(conn, &again, at(49))).unwrap(), "a member already");
        assert!(change!(store, conn => members::insert(conn, &again, at(50))).unwrap(), "after its end");
        assert_eq!(find(60).await, Some(again));
        let sent = Member { level: Guest, ..again };
        assert!(change!(store, conn => members::update(conn, &sent)).unwrap());
        assert_eq!(find(60).await.unwrap().level, Guest);
        assert!(change!(store, conn => members::delete(conn, place, ida)).unwrap());
        assert!(!change!(store, conn => members::delete(conn, place, ida)).unwrap());
        assert!(!change!(store, conn => members::update(conn, &sent)).unwrap());
    }

    async fn nobody_who_is_gone_becomes_a_member(fixture: StoreFixture) {
        let store = &fixture.store;
        let place = group(store, None, "team").await.place();
        let nobody = member(UserId::from_row(99), place, Guest);
        let refused = change!(store, conn => members::insert(conn, &nobody, at(4)));
        assert!(matches!(refused, Err(StoreError::NoOwner)), "{refused:?}");
    }

    async fn a_role_reaches_all_beneath_and_nothing_else(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let team = group(store, None, "team").await;
        let sub = group(store, Some(&team), "sub").await;
        let deep = group(store, Some(&sub), "deep").await;
        let app = project(store, deep.id.namespace(), "app").await;
        let side = project(store, team.id.namespace(), "side").await;
        join(store, member(ida, sub.place(), Developer)).await;
        join(store, member(ida, deep.place(), Guest)).await;
        join(store, member(ida, app.place(), Maintainer)).await;
        let all = |own, inherited| Levels { own, inherited };
        for (place, expected) in [
            (team.place(), all(None, None)),
            (side.place(), all(None, None)),
            (sub.place(), all(Some(Developer), None)),
            (deep.place(), all(Some(Guest), Some(Developer))),
            (app.place(), all(Some(Maintainer), Some(Developer))),
            (Place::Group(GroupId::from_row(99)), all(None, None)),
        ] {
            assert_eq!(levels(store, ida, place, 10).await, expected, "{place:?}");
        }
        let mut conn = store.read().await.unwrap();
        let places = [team.place(), app.place(), deep.place(), side.place()];
        let together = standings::levels(&mut conn, ida, &places, at(10)).await.unwrap();
        assert_eq!(together.into_keys().collect::<Vec<_>>(), [deep.place(), app.place()]);
        for (group, beneath) in [(team.id, true), (deep.id, true), (GroupId::from_row(99), false)] {
            assert_eq!(standings::is_member_beneath(&mut conn, ida, group, at(10)).await.unwrap(), beneath);
        }
    }

    async fn an_ended_membership_gives_nothing(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, bo) = (user(store, "ida").await.id, user(store, "bo").await.id);
        let team = group(store, None, "team").await;
        let app = project(store, team.id.namespace(), "app").await;
        join(store, Member { expires_at: Some(at(20)), ..member(ida, team.place(), Owner) }).await;
        join(store, Member { expires_at: Some(at(20)), ..member(bo, app.place(), Guest) }).await;
        for (second, there) in [(19, true), (20, false)] {
            assert_eq!(levels(store, ida, app.place(), second).await.inherited.is_some(), there);
            let mut conn = store.read().await.unwrap();
            assert_eq!(standings::has_other_owner(&mut conn, team.id, bo, at(second)).await.unwrap(), there);
            assert_eq!(standings::is_member_beneath(&mut conn, bo, team.id, at(second)).await.unwrap(), there);
        }
        let mut conn = store.read().await.unwrap();
        assert!(!standings::has_other_owner(&mut conn, team.id, ida, at(10)).await.unwrap());
    }

    async fn members_are_listed_once_with_their_highest_role(fixture: StoreFixture) {
        let store = &fixture.store;
        let [ida, bo, cleo] = [user(store, "ida").await.id, user(store, "bo").await.id, user(store, "cleo").await.id];
        let team = group(store, None, "team").await;
        let sub = group(store, Some(&team), "sub").await;
        let app = project(store, sub.id.namespace(), "app").await;
        for member in [
            member(ida, team.place(), Owner),
            member(ida, sub.place(), Guest),
            member(ida, app.place(), Developer),
            member(bo, app.place(), Maintainer),
            member(bo, sub.place(), Maintainer),
            member(cleo, sub.place(), Reporter),
            Member { expires_at: Some(at(5)), ..member(cleo, app.place(), Owner) },
        ] {
            join(store, member).await;
        }
        let names = |all: Vec<(String, AccessLevel)>| all.into_iter().map(|(name, level)| format!("{name} {}", level.name())).collect::<Vec<_>>();
        let direct = MemberFilter::default();
        let all = MemberFilter { inherited: true, ..MemberFilter::default() };
        assert_eq!(names(listed(store, app.place(), direct.clone()).await), ["ida Developer", "bo Maintainer"]);
        assert_eq!(names(listed(store, app.place(), all.clone()).await), ["ida Owner", "bo Maintainer", "cleo Reporter"]);
        assert_eq!(names(listed(store, sub.place(), all.clone()).await), ["ida Owner", "bo Maintainer", "cleo Reporter"]);
        assert_eq!(names(listed(store, team.place(), all.clone()).await), ["ida Owner"]);
        assert_eq!(names(listed(store, app.place(), MemberFilter { user: Some(cleo), ..all.clone() }).await), ["cleo Reporter"]);
        assert_eq!(names(listed(store, app.place(), MemberFilter { search: Some("LE".into()), ..all }).await), ["cleo Reporter"]);
        assert_eq!(names(listed(store, app.place(), MemberFilter { search: Some("%".into()), ..direct }).await), [""; 0]);
    }

    async fn a_role_that_no_version_writes_is_an_error(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, own) = person(store, "ida").await;
        let app = project(store, own.id, "app").await;
        join(store, member(ida.id, app.place(), Owner)).await;
        raw(&fixture.database, "UPDATE members SET access_level = 47").await;
        let mut conn = store.read().await.unwrap();
        let corrupt = StoreError::Corrupt("access level").to_string();
        let found = members::find(&mut conn, app.place(), ida.id, at(9)).await.unwrap_err();
        assert_eq!(found.to_string(), corrupt);
        let found = standings::levels(&mut conn, ida.id, &[app.place()], at(9)).await.unwrap_err();
        assert_eq!(found.to_string(), corrupt);
    }
}

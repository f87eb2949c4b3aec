//! Members: who may add, change and remove whom.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::code;
use tokenry_authority::{
    Caller,
    places::{MemberChange, NewGroup, NewMember, NewProject, UserName},
};
use tokenry_domain::{
    AccessLevel::{self, Developer, Guest, Maintainer, Owner, Reporter},
    PlaceRef, UserId, Visibility,
    place::Profile,
};
use tokenry_testkit::{AuthorityFixture, Engine, Fixture as _, both_engines};

fn named(path: &str) -> Profile {
    Profile {
        name: path.to_owned(),
        path: path.to_owned(),
        description: None,
        visibility: Visibility::Private,
    }
}

/// A private group of the console's, and a project in it.
async fn places(fixture: &AuthorityFixture) -> (PlaceRef, PlaceRef) {
    let (authority, console) = (&fixture.authority, fixture.console());
    let new = NewGroup {
        parent: None,
        profile: named("team"),
    };
    let group = authority.create_group(&console, new).await.unwrap();
    let new = NewProject {
        namespace: Some(group.id.namespace()),
        profile: named("app"),
    };
    let project = authority.create_project(&console, new).await.unwrap();
    (group.place().into(), project.place().into())
}

async fn person(fixture: &AuthorityFixture, username: &str) -> (UserId, Caller) {
    let user = common::user(fixture, username).await.id;
    let issued = common::issue(fixture, user).await;
    (user, common::bearer(fixture, &issued).await)
}

fn new(user: UserId, level: AccessLevel) -> NewMember {
    NewMember {
        user: UserName::Id(user),
        level,
        expires: None,
    }
}

fn to(level: AccessLevel) -> MemberChange {
    MemberChange {
        level: Some(level),
        expires: None,
    }
}

async fn add(
    fixture: &AuthorityFixture,
    caller: &Caller,
    place: &PlaceRef,
    new: NewMember,
) -> &'static str {
    code(
        &fixture
            .authority
            .add_member(caller, place.clone(), new)
            .await,
    )
}

async fn change(
    fixture: &AuthorityFixture,
    caller: &Caller,
    place: &PlaceRef,
    user: UserId,
    change: MemberChange,
) -> &'static str {
    code(
        &fixture
            .authority
            .change_member(caller, place.clone(), user, change)
            .await,
    )
}

async fn remove(
    fixture: &AuthorityFixture,
    caller: &Caller,
    place: &PlaceRef,
    user: UserId,
) -> &'static str {
    code(
        &fixture
            .authority
            .remove_member(caller, place.clone(), user)
            .await,
    )
}

both_engines! {
    async fn each_change_of_a_member_is_written_once(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (group, _) = places(&fixture).await;
        let (ida, _) = person(&fixture, "ida").await;
        let before = fixture.trail().await.len();
        assert_eq!(add(&fixture, &console, &group, new(ida, Reporter)).await, "ok");
        assert_eq!(add(&fixture, &console, &group, new(ida, Owner)).await, "already_member");
        assert_eq!(change(&fixture, &console, &group, ida, to(Developer)).await, "ok");
        assert_eq!(remove(&fixture, &console, &group, ida).await, "ok");
        assert_eq!(remove(&fixture, &console, &group, ida).await, "member_not_found");
        assert_eq!(change(&fixture, &console, &group, ida, to(Developer)).await, "member_not_found");
        let trail = fixture.trail().await.split_off(before);
        let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["member_added", "member_changed", "member_removed"]);
        assert!(trail.iter().all(|entry| entry.target.0 == "group"));
        assert_eq!((&trail[1].before["access_level"], &trail[1].after["access_level"]), (&20.into(), &30.into()));
    }

    async fn roles_decide_who_changes_members(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (group, project) = places(&fixture).await;
        for level in AccessLevel::ALL {
            let (runner, caller) = person(&fixture, &format!("p{}", level.number())).await;
            let (other, _) = person(&fixture, &format!("o{}", level.number())).await;
            assert_eq!(add(&fixture, &console, &group, new(runner, level)).await, "ok");
            let in_group = if level == Owner { "ok" } else { "role_too_low" };
            let in_project = if level >= Maintainer { "ok" } else { "role_too_low" };
            assert_eq!(add(&fixture, &caller, &group, new(other, Guest)).await, in_group, "{level:?}");
            assert_eq!(add(&fixture, &caller, &project, new(other, Guest)).await, in_project, "{level:?}");
            if level < Maintainer {
                assert_eq!(add(&fixture, &console, &project, new(other, Guest)).await, "ok");
            }
            assert_eq!(change(&fixture, &caller, &project, other, to(Reporter)).await, in_project, "{level:?}");
            assert_eq!(remove(&fixture, &caller, &project, other).await, in_project, "{level:?}");
        }
        let (_, stranger) = person(&fixture, "stranger").await;
        assert_eq!(add(&fixture, &stranger, &group, new(UserId::from_row(1), Guest)).await, "group_not_found");
        assert_eq!(remove(&fixture, &stranger, &project, UserId::from_row(1)).await, "project_not_found");
    }

    async fn nobody_gives_or_takes_a_higher_role_than_theirs(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (_, project) = places(&fixture).await;
        let (ida, maintainer) = person(&fixture, "ida").await;
        let (bo, _) = person(&fixture, "bo").await;
        let (cleo, _) = person(&fixture, "cleo").await;
        add(&fixture, &console, &project, new(ida, Maintainer)).await;
        add(&fixture, &console, &project, new(bo, Owner)).await;
        assert_eq!(add(&fixture, &maintainer, &project, new(cleo, Owner)).await, "not_permitted");
        assert_eq!(add(&fixture, &maintainer, &project, new(cleo, Maintainer)).await, "ok");
        assert_eq!(change(&fixture, &maintainer, &project, cleo, to(Owner)).await, "not_permitted");
        assert_eq!(change(&fixture, &maintainer, &project, ida, to(Owner)).await, "not_permitted");
        assert_eq!(change(&fixture, &maintainer, &project, bo, to(Guest)).await, "not_permitted");
        assert_eq!(remove(&fixture, &maintainer, &project, bo).await, "not_permitted");
        assert_eq!(remove(&fixture, &maintainer, &project, cleo).await, "ok");
    }

    async fn a_groups_last_owner_stays_one(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (group, _) = places(&fixture).await;
        let (ida, owner) = person(&fixture, "ida").await;
        let (bo, _) = person(&fixture, "bo").await;
        add(&fixture, &console, &group, new(ida, Owner)).await;
        for caller in [&owner, &console] {
            assert_eq!(change(&fixture, caller, &group, ida, to(Maintainer)).await, "not_permitted");
            assert_eq!(remove(&fixture, caller, &group, ida).await, "not_permitted");
        }
        add(&fixture, &console, &group, new(bo, Owner)).await;
        assert_eq!(change(&fixture, &owner, &group, ida, to(Maintainer)).await, "ok");
        assert_eq!(remove(&fixture, &console, &group, bo).await, "not_permitted");
    }

    async fn members_leave_by_themselves(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (group, project) = places(&fixture).await;
        let (ida, caller) = person(&fixture, "ida").await;
        for place in [&group, &project] {
            add(&fixture, &console, place, new(ida, Guest)).await;
        }
        assert_eq!(remove(&fixture, &caller, &project, ida).await, "ok");
        assert_eq!(remove(&fixture, &caller, &group, ida).await, "ok");
        assert_eq!(remove(&fixture, &caller, &group, ida).await, "group_not_found", "it is private");
    }

    async fn a_person_stays_owner_at_home(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (ida, caller) = person(&fixture, "ida").await;
        let own = NewProject { namespace: None, profile: named("own") };
        let place = fixture.authority.create_project(&caller, own).await.unwrap().place().into();
        let (bo, _) = person(&fixture, "bo").await;
        assert_eq!(add(&fixture, &caller, &place, new(bo, Owner)).await, "ok");
        assert_eq!(remove(&fixture, &caller, &place, ida).await, "not_permitted");
        assert_eq!(change(&fixture, &console, &place, ida, to(Guest)).await, "not_permitted");
        assert_eq!(remove(&fixture, &console, &place, bo).await, "ok");
    }

    async fn a_membership_ends_at_its_date(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (group, _) = places(&fixture).await;
        let (ida, caller) = person(&fixture, "ida").await;
        let until = |text: &str| NewMember { expires: Some(text.parse().unwrap()), ..new(ida, Guest) };
        for bad in ["2031-04-05", "2030-01-01", "9999-12-31"] {
            assert_eq!(add(&fixture, &console, &group, until(bad)).await, "invalid", "{bad}");
        }
        assert_eq!(add(&fixture, &console, &group, until("2031-04-06")).await, "ok");
        let never = MemberChange { level: None, expires: Some(None) };
        let day = MemberChange { level: None, expires: Some("2031-04-06".parse().ok()) };
        assert_eq!(change(&fixture, &console, &group, ida, never).await, "ok");
        assert_eq!(change(&fixture, &console, &group, ida, day).await, "ok");
        assert_eq!(code(&fixture.authority.place(&caller, &group).await), "ok");
        fixture.clock.advance(24 * 60 * 60);
        assert_eq!(code(&fixture.authority.place(&caller, &group).await), "group_not_found");
        assert_eq!(change(&fixture, &console, &group, ida, never).await, "member_not_found");
        assert_eq!(add(&fixture, &console, &group, new(ida, Guest)).await, "ok", "again");
    }

    async fn only_users_become_members(fixture: AuthorityFixture) {
        let console = fixture.console();
        let (group, _) = places(&fixture).await;
        assert_eq!(add(&fixture, &console, &group, new(UserId::from_row(99), Guest)).await, "user_not_found");
        let by_name = |name: &str| NewMember { user: UserName::Username(name.to_owned()), ..new(UserId::from_row(0), Guest) };
        assert_eq!(add(&fixture, &console, &group, by_name("nobody\0")).await, "user_not_found");
        assert_eq!(add(&fixture, &console, &group, by_name("ROOT")).await, "ok");
    }
}

async fn two_owners_step_down_at_once(engine: Engine) {
    let fixture = AuthorityFixture::set_up(engine).await;
    let console = fixture.console();
    let (group, _) = places(&fixture).await;
    let (ida, first) = person(&fixture, "ida").await;
    let (bo, second) = person(&fixture, "bo").await;
    add(&fixture, &console, &group, new(ida, Owner)).await;
    add(&fixture, &console, &group, new(bo, Owner)).await;
    for _ in 0..10 {
        let both = tokio::join!(
            change(&fixture, &first, &group, ida, to(Maintainer)),
            change(&fixture, &second, &group, bo, to(Maintainer)),
        );
        let lower = match both {
            ("ok", "not_permitted") => ida,
            ("not_permitted", "ok") => bo,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            change(&fixture, &console, &group, lower, to(Owner)).await,
            "ok"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_owners_who_step_down_at_once_one_stays_on_sqlite() {
    two_owners_step_down_at_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_owners_who_step_down_at_once_one_stays_on_postgres() {
    two_owners_step_down_at_once(Engine::Postgres).await;
}

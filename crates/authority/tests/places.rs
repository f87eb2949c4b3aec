//! Groups and projects: who sees them and who may change them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{code, profile};
use tokenry_authority::{
    Caller, Error,
    places::{NewGroup, NewMember, NewProject, PlaceChange, UserName},
    users::{NewUser, UserChange},
};
use tokenry_domain::{
    AccessLevel::{self, Developer, Guest, Maintainer, Owner, Reporter},
    Group, GroupId, Invalid, Kind, NamespaceId, PlaceName, PlaceRef, Project, User, UserId,
    UserType, Visibility,
    page::{Direction, PerPage, Window},
    place::Profile,
    place_filter::{GroupFilter, PlaceFilter, ProjectFilter},
    place_order::{PlaceOrder, PlaceSortKey},
};
use tokenry_testkit::{AuthorityFixture, both_engines};

fn named(path: &str, visibility: Visibility) -> Profile {
    Profile {
        name: path.to_owned(),
        path: path.to_owned(),
        description: None,
        visibility,
    }
}

/// A user and what they call with.
struct Person {
    user: User,
    caller: Caller,
}

async fn person(fixture: &AuthorityFixture, username: &str, external: bool) -> Person {
    let new = NewUser {
        profile: tokenry_domain::user::Profile {
            external,
            ..profile(username)
        },
        password: None,
    };
    let user = fixture
        .authority
        .create_user(&fixture.console(), new)
        .await
        .unwrap();
    let issued = common::issue(fixture, user.id).await;
    let caller = common::bearer(fixture, &issued).await;
    Person { user, caller }
}

async fn group(
    fixture: &AuthorityFixture,
    caller: &Caller,
    parent: Option<&Group>,
    path: &str,
    visibility: Visibility,
) -> Result<Group, Error> {
    let new = NewGroup {
        parent: parent.map(|group| group.id.into()),
        profile: named(path, visibility),
    };
    fixture.authority.create_group(caller, new).await
}

async fn project(
    fixture: &AuthorityFixture,
    caller: &Caller,
    namespace: Option<NamespaceId>,
    path: &str,
    visibility: Visibility,
) -> Result<Project, Error> {
    let new = NewProject {
        namespace,
        profile: named(path, visibility),
    };
    fixture.authority.create_project(caller, new).await
}

async fn join(
    fixture: &AuthorityFixture,
    place: impl Into<PlaceRef>,
    user: UserId,
    level: AccessLevel,
) {
    let new = NewMember {
        user: UserName::Id(user),
        level,
        expires: None,
    };
    fixture
        .authority
        .add_member(&fixture.console(), place.into(), new)
        .await
        .unwrap();
}

async fn sees_group(fixture: &AuthorityFixture, caller: &Caller, group: &Group) -> bool {
    fixture
        .authority
        .group(caller, &group.id.into())
        .await
        .is_ok()
}

async fn sees_project(fixture: &AuthorityFixture, caller: &Caller, project: &Project) -> bool {
    fixture
        .authority
        .project(caller, &PlaceName::Path(project.full_path.to_uppercase()))
        .await
        .is_ok()
}

const BY_ID: PlaceOrder = PlaceOrder {
    key: PlaceSortKey::Id,
    direction: Direction::Ascending,
};

fn page() -> Window {
    Window::Page {
        number: 1,
        per_page: PerPage::MOST,
    }
}

async fn listed_projects(
    fixture: &AuthorityFixture,
    caller: &Caller,
    common: PlaceFilter,
) -> Vec<String> {
    let filter = ProjectFilter {
        common,
        ..ProjectFilter::default()
    };
    let page = fixture
        .authority
        .list_projects(caller, filter, BY_ID, &page())
        .await
        .unwrap();
    page.rows
        .into_iter()
        .map(|(project, _)| project.full_path)
        .collect()
}

async fn listed_groups(
    fixture: &AuthorityFixture,
    caller: &Caller,
    members_only: bool,
) -> Vec<String> {
    let page = fixture
        .authority
        .list_groups(caller, GroupFilter::default(), members_only, BY_ID, &page())
        .await
        .unwrap();
    page.rows
        .into_iter()
        .map(|(group, _)| group.full_path)
        .collect()
}

both_engines! {
    async fn what_is_seen_follows_from_visibility_and_membership(fixture: AuthorityFixture) {
        let console = fixture.console();
        let ida = person(&fixture, "ida", false).await;
        let guest = person(&fixture, "guest", false).await;
        let beneath = person(&fixture, "beneath", false).await;
        let outside = person(&fixture, "outside", true).await;
        let mut groups = Vec::new();
        let mut projects = Vec::new();
        for visibility in Visibility::ALL {
            let top = group(&fixture, &ida.caller, None, visibility.name(), visibility).await.unwrap();
            projects.push(project(&fixture, &ida.caller, Some(top.id.namespace()), "app", visibility).await.unwrap());
            groups.push(top);
        }
        join(&fixture, groups[0].place(), guest.user.id, Guest).await;
        join(&fixture, projects[0].place(), beneath.user.id, Guest).await;
        let stranger = person(&fixture, "stranger", false).await;
        let root = common::root(&fixture).await;
        for (caller, seen_groups, seen_projects) in [
            (&console, [true, true, true], [true, true, true]),
            (&root, [true, true, true], [true, true, true]),
            (&ida.caller, [true, true, true], [true, true, true]),
            (&guest.caller, [true, true, true], [true, true, true]),
            (&beneath.caller, [true, true, true], [true, true, true]),
            (&stranger.caller, [false, true, true], [false, true, true]),
            (&outside.caller, [false, false, true], [false, false, true]),
        ] {
            for number in 0..3 {
                assert_eq!(sees_group(&fixture, caller, &groups[number]).await, seen_groups[number], "{caller:?} {number}");
                assert_eq!(sees_project(&fixture, caller, &projects[number]).await, seen_projects[number], "{caller:?} {number}");
            }
            // Lists show what can be shown one by one.
            let names = |seen: [bool; 3], all: Vec<String>| all.into_iter().zip(seen).filter_map(|(name, seen)| seen.then_some(name)).collect::<Vec<_>>();
            let all_groups = groups.iter().map(|group| group.full_path.clone()).collect();
            assert_eq!(listed_groups(&fixture, caller, false).await, names(seen_groups, all_groups));
            let all_projects = projects.iter().map(|project| project.full_path.clone()).collect();
            assert_eq!(listed_projects(&fixture, caller, PlaceFilter::default()).await, names(seen_projects, all_projects));
        }
        assert_eq!(listed_groups(&fixture, &beneath.caller, true).await, ["private"], "the group above, and no open one");
        assert_eq!(listed_groups(&fixture, &stranger.caller, true).await, [""; 0]);
        let own = PlaceFilter { role: Some((guest.user.id, Guest)), ..PlaceFilter::default() };
        assert_eq!(listed_projects(&fixture, &guest.caller, own).await, ["private/app"]);
        let own = PlaceFilter { role: Some((guest.user.id, Reporter)), ..PlaceFilter::default() };
        assert_eq!(listed_projects(&fixture, &guest.caller, own).await, [""; 0]);
    }

    async fn standing_is_the_highest_role_there_or_above(fixture: AuthorityFixture) {
        let console = fixture.console();
        let ida = person(&fixture, "ida", false).await;
        let top = group(&fixture, &console, None, "top", Visibility::Private).await.unwrap();
        let sub = group(&fixture, &console, Some(&top), "sub", Visibility::Private).await.unwrap();
        let app = project(&fixture, &console, Some(sub.id.namespace()), "app", Visibility::Private).await.unwrap();
        let level = async || fixture.authority.place(&ida.caller, &app.place().into()).await.map(|standing| standing.level);
        assert_eq!(code(&level().await), "project_not_found");
        join(&fixture, top.place(), ida.user.id, Reporter).await;
        assert_eq!(level().await.unwrap(), Some(Reporter));
        join(&fixture, app.place(), ida.user.id, Maintainer).await;
        let (_, standing) = fixture.authority.project(&ida.caller, &app.id.into()).await.unwrap();
        assert!(standing.has(Maintainer) && standing.has(Guest) && !standing.has(Owner));
        assert_eq!((standing.given.own, standing.given.inherited), (Some(Maintainer), Some(Reporter)));
        let root = common::root(&fixture).await;
        let (_, standing) = fixture.authority.project(&root, &app.id.into()).await.unwrap();
        assert!(standing.has(Owner) && standing.given.highest().is_none(), "administrators have rights, not roles");
    }

    async fn who_may_create_where(fixture: AuthorityFixture) {
        let console = fixture.console();
        let ida = person(&fixture, "ida", false).await;
        let outside = person(&fixture, "outside", true).await;
        let top = group(&fixture, &ida.caller, None, "top", Visibility::Internal).await.unwrap();
        let hidden = group(&fixture, &console, None, "hidden", Visibility::Private).await.unwrap();
        let before = fixture.trail().await.len();
        assert_eq!(code(&group(&fixture, &outside.caller, None, "x", Visibility::Private).await), "not_permitted");
        assert_eq!(code(&project(&fixture, &outside.caller, None, "x", Visibility::Private).await), "not_permitted");
        assert_eq!(code(&project(&fixture, &console, None, "x", Visibility::Private).await), "invalid", "the console has no namespace");
        let stranger = person(&fixture, "stranger", false).await;
        let before = before + (fixture.trail().await.len() - before);
        assert_eq!(code(&group(&fixture, &stranger.caller, Some(&top), "x", Visibility::Private).await), "role_too_low");
        assert_eq!(code(&group(&fixture, &stranger.caller, Some(&hidden), "x", Visibility::Private).await), "group_not_found");
        for (namespace, expected) in [
            (Some(top.id.namespace()), "role_too_low"),
            (Some(hidden.id.namespace()), "invalid"),
            (Some(NamespaceId::from_row(0)), "invalid"),
            (Some(NamespaceId::from_row(4_711)), "invalid"),
        ] {
            assert_eq!(code(&project(&fixture, &stranger.caller, namespace, "x", Visibility::Private).await), expected, "{namespace:?}");
        }
        let idas = project(&fixture, &ida.caller, None, "own", Visibility::Public).await.unwrap();
        assert_eq!((idas.full_path.as_str(), idas.creator), ("ida/own", Some(ida.user.id)));
        let others = project(&fixture, &stranger.caller, Some(idas.namespace.id), "x", Visibility::Private).await;
        assert_eq!(others.unwrap_err().to_string(), Error::from(Invalid::field("namespace", "is not valid")).to_string());
        let for_ida = project(&fixture, &console, Some(idas.namespace.id), "gift", Visibility::Private).await.unwrap();
        let (_, standing) = fixture.authority.project(&ida.caller, &for_ida.id.into()).await.unwrap();
        assert_eq!(standing.given.own, Some(Owner), "the owner of a namespace owns what lies in it");
        for (level, may_project, may_group) in [(Guest, false, false), (Reporter, false, false), (Developer, true, false), (Maintainer, true, false), (Owner, true, true)] {
            let name = format!("p{}", level.number());
            let member = person(&fixture, &name, false).await;
            join(&fixture, top.place(), member.user.id, level).await;
            assert_eq!(project(&fixture, &member.caller, Some(top.id.namespace()), &name, Visibility::Private).await.is_ok(), may_project, "{level:?}");
            assert_eq!(group(&fixture, &member.caller, Some(&top), &format!("g{name}"), Visibility::Private).await.is_ok(), may_group, "{level:?}");
        }
        assert!(fixture.trail().await.len() > before);
    }

    async fn a_creator_owns_the_group_and_the_console_none(fixture: AuthorityFixture) {
        let ida = person(&fixture, "ida", false).await;
        let top = group(&fixture, &ida.caller, None, "top", Visibility::Private).await.unwrap();
        let bare = group(&fixture, &fixture.console(), None, "bare", Visibility::Private).await.unwrap();
        let members = async |group: &Group| {
            let page = fixture.authority.list_members(&fixture.console(), &group.place().into(), &tokenry_domain::member::MemberFilter::default(), &page()).await.unwrap();
            page.rows.into_iter().map(|(member, user)| (user.username, member.level)).collect::<Vec<_>>()
        };
        assert_eq!(members(&top).await, [("ida".to_owned(), Owner)]);
        assert_eq!(members(&bare).await, []);
    }

    async fn paths_are_taken_and_depth_ends(fixture: AuthorityFixture) {
        let ida = person(&fixture, "ida", false).await;
        let top = group(&fixture, &ida.caller, None, "top", Visibility::Private).await.unwrap();
        project(&fixture, &ida.caller, Some(top.id.namespace()), "app", Visibility::Private).await.unwrap();
        let before = fixture.trail().await.len();
        for (parent, path) in [(None, "TOP"), (None, "Ida"), (Some(&top), "App"), (None, "a b"), (None, "x.git")] {
            assert_eq!(code(&group(&fixture, &ida.caller, parent, path, Visibility::Private).await), "invalid", "{path}");
        }
        for path in ["APP", "-x", "", "a/b"] {
            assert_eq!(code(&project(&fixture, &ida.caller, Some(top.id.namespace()), path, Visibility::Private).await), "invalid", "{path}");
        }
        let new = NewUser { profile: profile("TOP"), password: None };
        assert_eq!(code(&fixture.authority.create_user(&fixture.console(), new).await), "taken");
        let rename = UserChange { username: Some("Top".into()), ..UserChange::default() };
        assert_eq!(code(&fixture.authority.update_user(&fixture.console(), ida.user.id, rename).await), "taken");
        assert_eq!(fixture.trail().await.len(), before, "what was refused wrote nothing");
        let mut above = top;
        for depth in 2..=20 {
            above = group(&fixture, &ida.caller, Some(&above), &format!("g{depth}"), Visibility::Private).await.unwrap();
        }
        assert_eq!(code(&group(&fixture, &ida.caller, Some(&above), "g21", Visibility::Private).await), "invalid");
    }

    async fn nothing_is_wider_open_than_the_group_it_lies_in(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let top = group(&fixture, &console, None, "top", Visibility::Internal).await.unwrap();
        let inside = Some(top.id.namespace());
        assert_eq!(code(&project(&fixture, &console, inside, "x", Visibility::Public).await), "invalid");
        assert_eq!(code(&group(&fixture, &console, Some(&top), "x", Visibility::Public).await), "invalid");
        let app = project(&fixture, &console, inside, "app", Visibility::Internal).await.unwrap();
        let to = |visibility| PlaceChange { visibility: Some(visibility), ..PlaceChange::default() };
        assert_eq!(code(&authority.update_project(&console, app.id.into(), to(Visibility::Public)).await), "invalid");
        assert_eq!(code(&authority.update_group(&console, top.id.into(), to(Visibility::Private)).await), "invalid", "the project shows");
        assert_eq!(code(&authority.update_project(&console, app.id.into(), to(Visibility::Private)).await), "ok");
        assert_eq!(code(&authority.update_group(&console, top.id.into(), to(Visibility::Private)).await), "ok");
        assert_eq!(code(&authority.update_project(&console, app.id.into(), to(Visibility::Internal)).await), "invalid");
    }

    async fn roles_decide_on_edits_and_removals(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let top = group(&fixture, &console, None, "top", Visibility::Public).await.unwrap();
        let app = project(&fixture, &console, Some(top.id.namespace()), "app", Visibility::Public).await.unwrap();
        let rename = || PlaceChange { name: Some("other".into()), ..PlaceChange::default() };
        for level in AccessLevel::ALL {
            let member = person(&fixture, &format!("p{}", level.number()), false).await;
            join(&fixture, app.place(), member.user.id, level).await;
            let trail = fixture.trail().await.len();
            assert_eq!(authority.update_project(&member.caller, app.id.into(), rename()).await.is_ok(), level >= Maintainer, "{level:?}");
            assert_eq!(code(&authority.update_group(&member.caller, top.id.into(), rename()).await), "role_too_low");
            assert_eq!(code(&authority.remove_place(&member.caller, &top.place().into()).await), "role_too_low");
            assert_eq!(fixture.trail().await.len() - trail, usize::from(level >= Maintainer));
            let removed = authority.remove_place(&member.caller, &app.place().into()).await;
            assert_eq!(code(&removed), if level == Owner { "ok" } else { "role_too_low" });
        }
        assert_eq!(code(&authority.project(&console, &app.id.into()).await), "project_not_found");
    }

    async fn a_rename_reaches_all_beneath_and_ends_at_what_is_taken(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let ida = person(&fixture, "ida", false).await;
        let top = group(&fixture, &console, None, "top", Visibility::Private).await.unwrap();
        let sub = group(&fixture, &console, Some(&top), "sub", Visibility::Private).await.unwrap();
        let app = project(&fixture, &console, Some(sub.id.namespace()), "app", Visibility::Private).await.unwrap();
        let path = |text: &str| PlaceChange { path: Some(text.to_owned()), ..PlaceChange::default() };
        authority.update_group(&console, PlaceName::Path("TOP".into()), path("crew")).await.unwrap();
        let (found, _) = authority.project(&console, &PlaceName::Path("crew/sub/app".into())).await.unwrap();
        assert_eq!(found.id, app.id);
        assert_eq!(code(&authority.group(&console, &PlaceName::Path("top/sub".into())).await), "group_not_found");
        assert_eq!(code(&authority.update_group(&console, top.id.into(), path("ida")).await), "invalid");
        let own = project(&fixture, &ida.caller, None, "own", Visibility::Private).await.unwrap();
        let rename = UserChange { username: Some("ada".into()), name: Some("Ada".into()), ..UserChange::default() };
        authority.update_user(&console, ida.user.id, rename).await.unwrap();
        let (own, _) = authority.project(&console, &own.id.into()).await.unwrap();
        assert_eq!((own.full_path.as_str(), own.full_name().as_str()), ("ada/own", "Ada / own"));
    }

    async fn a_group_goes_with_all_beneath_in_steps(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let ida = person(&fixture, "ida", false).await;
        let top = group(&fixture, &ida.caller, None, "top", Visibility::Private).await.unwrap();
        let sub = group(&fixture, &ida.caller, Some(&top), "sub", Visibility::Private).await.unwrap();
        for number in 0..520 {
            project(&fixture, &console, Some(sub.id.namespace()), &format!("p{number}"), Visibility::Private).await.unwrap();
        }
        let before = fixture.trail().await.len();
        authority.remove_place(&ida.caller, &PlaceRef::Group(PlaceName::Path("top".into()))).await.unwrap();
        let trail = fixture.trail().await.split_off(before);
        let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["group_partly_deleted", "group_deleted"]);
        let count = |entry: &tokenry_store::audit::Written, field: &str| entry.before[field].as_array().unwrap().len();
        assert_eq!((count(&trail[0], "project_ids"), count(&trail[1], "project_ids"), count(&trail[1], "group_ids")), (500, 20, 1));
        assert_eq!(trail[1].before["members"], 2);
        assert_eq!(code(&authority.remove_place(&console, &top.place().into()).await), "group_not_found");
        assert_eq!(code(&authority.group(&console, &sub.id.into()).await), "group_not_found");
        group(&fixture, &ida.caller, None, "top", Visibility::Private).await.expect("the path is free again");
    }

    async fn a_user_goes_with_projects_and_memberships(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let ida = person(&fixture, "ida", false).await;
        let top = group(&fixture, &ida.caller, None, "top", Visibility::Private).await.unwrap();
        let own = project(&fixture, &ida.caller, None, "own", Visibility::Private).await.unwrap();
        join(&fixture, own.place(), common::user(&fixture, "bo").await.id, Guest).await;
        let before = fixture.trail().await.len();
        authority.remove_user(&console, ida.user.id).await.unwrap();
        let trail = fixture.trail().await.split_off(before);
        assert_eq!(trail.len(), 1);
        assert_eq!((trail[0].action.as_str(), &trail[0].before["members"], &trail[0].before["project_ids"][0]), ("user_deleted", &3.into(), &own.id.get().into()));
        assert_eq!(code(&authority.project(&console, &own.id.into()).await), "project_not_found");
        assert!(authority.group(&console, &top.id.into()).await.is_ok(), "groups stay");
        common::user(&fixture, "ida").await;
    }

    async fn bots_have_no_namespace_and_found_nothing(fixture: AuthorityFixture) {
        let robot = fixture.bot("robot", UserType::ProjectBot).await;
        let fixture = fixture.reopened(tokenry_authority::Options::default()).await;
        let issued = common::issue_of(&fixture, Kind::Group, robot.id).await;
        let caller = common::bearer(&fixture, &issued).await;
        assert_eq!(code(&group(&fixture, &caller, None, "x", Visibility::Private).await), "not_permitted");
        assert_eq!(code(&project(&fixture, &caller, None, "x", Visibility::Private).await), "invalid");
        let top = group(&fixture, &fixture.console(), None, "top", Visibility::Private).await.unwrap();
        let new = NewMember { user: UserName::Id(robot.id), level: Guest, expires: None };
        assert_eq!(code(&fixture.authority.add_member(&fixture.console(), top.place().into(), new).await), "not_permitted");
        assert_eq!(code(&fixture.authority.remove_user(&fixture.console(), robot.id).await), "ok");
    }

    async fn unknown_names_are_not_found(fixture: AuthorityFixture) {
        let console = fixture.console();
        for name in ["0", "4711", "99999999999999999999", "", "a/b", "root", "\0", &"x/".repeat(10_000)] {
            let name = PlaceName::parse(name);
            assert_eq!(code(&fixture.authority.group(&console, &name).await), "group_not_found", "{name:?}");
            assert_eq!(code(&fixture.authority.project(&console, &name).await), "project_not_found", "{name:?}");
        }
        let gone = PlaceRef::from(tokenry_domain::Place::Group(GroupId::from_row(9)));
        assert_eq!(code(&fixture.authority.remove_place(&console, &gone).await), "group_not_found");
    }
}

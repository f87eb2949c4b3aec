//! Groups, projects and namespaces, row by row, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, group, join, member, person, place, project, raw, user};
use tokenry_domain::{
    AccessLevel, Group, GroupId, NamespaceKind, Place, ProjectId, Visibility, namespace::Title,
    place::Profile,
};
use tokenry_store::{
    Store, StoreError, groups, members, namespaces, projects, standings, sweep,
    sweep::{Scope, Swept},
    users,
};
use tokenry_testkit::{Engine, StoreFixture, both_engines};

fn title(path: &str) -> Title {
    Title {
        name: format!("{path} Place"),
        path: path.to_owned(),
    }
}

async fn full_path(store: &Store, place: Place) -> Option<String> {
    let mut conn = store.read().await.unwrap();
    match place {
        Place::Group(id) => {
            let group = groups::by_id(&mut conn, id).await.unwrap();
            group.map(|group| group.full_path)
        }
        Place::Project(id) => {
            let project = projects::by_id(&mut conn, id).await.unwrap();
            project.map(|project| project.full_path)
        }
    }
}

/// `taken`, or the group's new path.
async fn renamed(store: &Store, group: &Group, path: &str) -> String {
    let (id, title) = (group.id.namespace(), title(path));
    let done = change!(store, conn => namespaces::rename(conn, id, &title, at(9)));
    match done {
        Ok(true) => full_path(store, group.place()).await.unwrap(),
        Ok(false) => "gone".to_owned(),
        Err(StoreError::Duplicate(_)) => "taken".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

both_engines! {
    async fn groups_and_projects_read_back_as_written(fixture: StoreFixture) {
        let store = &fixture.store;
        let team = group(store, None, "Team").await;
        let profile = Profile {
            name: "Ünal's 🦀".into(),
            description: Some("two\nlines".into()),
            visibility: Visibility::Internal,
            ..place("sub")
        };
        let sent = profile.clone();
        let above = namespaces::by_id(&mut store.read().await.unwrap(), team.id.namespace()).await.unwrap().unwrap();
        let sub = change!(store, conn => groups::insert(conn, Some(&above), &sent, at(5))).unwrap();
        assert_eq!((sub.full_path.as_str(), sub.full_name.as_str()), ("Team/sub", "Team Place / Ünal's 🦀"));
        assert_eq!((sub.parent, sub.created_at, sub.updated_at), (Some(team.id), at(5), at(5)));
        assert_eq!(Profile::from(sub.clone()), profile);
        let app = project(store, sub.id.namespace(), "App").await;
        assert_eq!((app.full_path.as_str(), app.full_name().as_str()), ("Team/sub/App", "Team Place / Ünal's 🦀 / App Place"));
        assert_eq!((app.namespace.group(), app.namespace.kind), (Some(sub.id), NamespaceKind::Group));
        let mut conn = store.read().await.unwrap();
        assert_eq!(groups::by_path(&mut conn, "TEAM/Sub").await.unwrap(), Some(sub));
        assert_eq!(projects::by_path(&mut conn, "team/sub/app").await.unwrap(), Some(app));
        for nothing in ["", "team/", "sub", "team\0", "%"] {
            assert_eq!(groups::by_path(&mut conn, nothing).await.unwrap(), None, "{nothing:?}");
            assert_eq!(projects::by_path(&mut conn, nothing).await.unwrap(), None, "{nothing:?}");
        }
        assert_eq!(groups::by_id(&mut conn, GroupId::from_row(99)).await.unwrap(), None);
        assert_eq!(projects::by_id(&mut conn, ProjectId::from_row(99)).await.unwrap(), None);
    }

    async fn a_persons_namespace_is_no_group(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, own) = person(store, "ida").await;
        assert_eq!((own.kind, own.owner, own.full_path.as_str(), own.full_name.as_str()), (NamespaceKind::User, Some(ida.id), "ida", "ida Person"));
        let bo = user(store, "bo").await;
        let mut conn = store.read().await.unwrap();
        assert_eq!(groups::by_id(&mut conn, GroupId::from_row(own.id.get())).await.unwrap(), None);
        assert_eq!(groups::by_path(&mut conn, "ida").await.unwrap(), None);
        assert_eq!(namespaces::of_user(&mut conn, bo.id).await.unwrap(), None);
    }

    async fn the_groups_around_a_namespace_are_told_from_the_nearest_on(fixture: StoreFixture) {
        let store = &fixture.store;
        let team = group(store, None, "team").await;
        let tools = group(store, Some(&team), "tools").await;
        let deep = group(store, Some(&tools), "deep").await;
        group(store, Some(&team), "other").await;
        let (_, own) = person(store, "ida").await;
        let around = async |id| groups::around(&mut store.read().await.unwrap(), id).await.unwrap();
        assert_eq!(around(deep.id.namespace()).await, [deep.id, tools.id, team.id]);
        assert_eq!(around(team.id.namespace()).await, [team.id]);
        assert_eq!(around(own.id).await, []);
    }

    async fn a_path_is_taken_by_groups_projects_and_people_alike(fixture: StoreFixture) {
        let store = &fixture.store;
        let (_, ida) = person(store, "ida").await;
        let team = group(store, None, "team").await;
        let app = project(store, team.id.namespace(), "app").await;
        let sub = group(store, Some(&team), "sub").await;
        let above = app.namespace.clone();
        let taken = |done: Result<_, StoreError>| matches!(done, Err(StoreError::Duplicate(_)));
        for path in ["IDA", "Team"] {
            let sent = place(path);
            assert!(taken(change!(store, conn => groups::insert(conn, None, &sent, at(5))).map(drop)), "{path}");
        }
        for path in ["APP", "Sub"] {
            let (first, second) = ((place(path), above.clone()), (place(path), above.clone()));
            assert!(taken(change!(store, conn => groups::insert(conn, Some(&first.1), &first.0, at(5))).map(drop)), "{path}");
            assert!(taken(change!(store, conn => projects::insert(conn, &second.1, &second.0, None, at(5))).map(drop)), "{path}");
        }
        assert_eq!(renamed(store, &sub, "App").await, "taken");
        let (before, sent) = (app.clone(), place("sub"));
        assert!(taken(change!(store, conn => projects::update(conn, &before, &sent, false, at(5))).map(drop)));
        let team_user = user(store, "TEAM").await;
        assert!(taken(change!(store, conn => namespaces::insert_of_user(conn, &team_user, at(0))).map(drop)));
        let own = project(store, ida.id, "app").await;
        assert_eq!(own.full_path, "ida/app", "elsewhere it is free");
    }

    async fn a_rename_reaches_all_that_lies_beneath(fixture: StoreFixture) {
        let store = &fixture.store;
        let team = group(store, None, "ünit").await;
        let other = group(store, None, "ünited").await;
        let sub = group(store, Some(&team), "ünit").await;
        let app = project(store, sub.id.namespace(), "app").await;
        let elsewhere = project(store, other.id.namespace(), "app").await;
        assert_eq!(renamed(store, &team, "Crew").await, "Crew");
        assert_eq!(full_path(store, sub.place()).await.unwrap(), "Crew/ünit");
        assert_eq!(full_path(store, app.place()).await.unwrap(), "Crew/ünit/app");
        assert_eq!(full_path(store, elsewhere.place()).await.unwrap(), "ünited/app");
        assert_eq!(renamed(store, &sub, "crew").await, "Crew/crew");
        assert_eq!(renamed(store, &sub, "CREW").await, "Crew/CREW", "another case is no other path");
        let app = projects::by_id(&mut store.read().await.unwrap(), app.id).await.unwrap().unwrap();
        assert_eq!((app.full_path.as_str(), app.full_name().as_str()), ("Crew/CREW/app", "Crew Place / CREW Place / app Place"));
        assert_eq!(renamed(store, &team, "ünited").await, "taken");
        assert_eq!(full_path(store, app.place()).await.unwrap(), "Crew/CREW/app", "what was refused changed nothing");
        let gone = change!(store, conn => namespaces::rename(conn, GroupId::from_row(99).namespace(), &title("x"), at(9)));
        assert!(!gone.unwrap());
    }

    async fn an_update_changes_what_it_says(fixture: StoreFixture) {
        let store = &fixture.store;
        let team = group(store, None, "team").await;
        let app = project(store, team.id.namespace(), "app").await;
        let public = |path| Profile { description: Some("open".into()), visibility: Visibility::Public, ..place(path) };
        let (id, sent) = (team.id, public("crew"));
        let crew = change!(store, conn => groups::update(conn, id, &sent, at(8))).unwrap().unwrap();
        assert_eq!((Profile::from(crew.clone()), crew.updated_at, crew.created_at), (public("crew"), at(8), at(2)));
        let before = projects::by_id(&mut store.read().await.unwrap(), app.id).await.unwrap().unwrap();
        let sent = public("tool");
        let tool = change!(store, conn => projects::update(conn, &before, &sent, true, at(8))).unwrap().unwrap();
        assert_eq!((Profile::from(tool.clone()), tool.archived, tool.full_path.as_str()), (public("tool"), true, "crew/tool"));
        assert_eq!((tool.updated_at, tool.created_at), (at(8), at(3)));
        let mut conn = store.read().await.unwrap();
        let more = async |conn: &mut _, level| groups::holds_more_visible(conn, id, level).await.unwrap();
        assert!(more(&mut conn, Visibility::Private).await && more(&mut conn, Visibility::Internal).await);
        assert!(!more(&mut conn, Visibility::Public).await);
    }

    async fn a_tree_is_held_by_its_top(fixture: StoreFixture) {
        let store = &fixture.store;
        let team = group(store, None, "team").await;
        let sub = group(store, Some(&team), "sub").await;
        for (id, there) in [(team.id, true), (sub.id, true), (GroupId::from_row(99), false)] {
            let id = id.namespace();
            assert_eq!(change!(store, conn => namespaces::hold(conn, id)).unwrap(), there);
        }
    }

    async fn a_sweep_takes_what_lies_beneath_in_steps(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await.id;
        let team = group(store, None, "team").await;
        let other = group(store, None, "other").await;
        let kept = project(store, other.id.namespace(), "kept").await;
        let (mut places, mut above) = (vec![team.place(), kept.place(), other.place()], team.clone());
        for number in 0..3 {
            above = group(store, Some(&above), &format!("g{number}")).await;
            let app = project(store, above.id.namespace(), "app").await;
            places.extend([above.place(), app.place()]);
        }
        for place in &places {
            join(store, member(ida, *place, AccessLevel::Guest)).await;
        }
        let (id, mut steps) = (team.id.namespace(), Vec::new());
        assert!(change!(store, conn => namespaces::delete(conn, id)).is_err(), "something lies in it");
        loop {
            let swept: Swept = change!(store, conn => sweep::some(conn, Scope::Namespace(id), 4)).unwrap();
            steps.push((swept.members, swept.projects.len(), swept.groups.len()));
            if swept.rows() < 4 {
                break;
            }
        }
        assert_eq!(steps, [(3, 1, 0), (2, 2, 0), (1, 0, 3), (1, 0, 0)]);
        assert!(change!(store, conn => namespaces::delete(conn, id)).unwrap());
        assert!(!change!(store, conn => namespaces::delete(conn, id)).unwrap());
        assert_eq!(full_path(store, kept.place()).await.unwrap(), "other/kept");
        let mut conn = store.read().await.unwrap();
        let left = standings::levels(&mut conn, ida, &places, at(9)).await.unwrap();
        assert_eq!(left.into_keys().collect::<Vec<_>>(), [other.place(), kept.place()]);
    }

    async fn a_projects_members_go_before_it(fixture: StoreFixture) {
        let store = &fixture.store;
        let team = group(store, None, "team").await;
        let app = project(store, team.id.namespace(), "app").await;
        for name in ["a", "b", "c"] {
            let user = user(store, name).await.id;
            join(store, member(user, app.place(), AccessLevel::Guest)).await;
            join(store, member(user, team.place(), AccessLevel::Guest)).await;
        }
        let (id, place) = (app.id, app.place());
        for left in [2, 1, 0] {
            assert_eq!(change!(store, conn => sweep::some(conn, place.into(), 2)).unwrap().members, left.min(2));
            if left < 2 { break; }
        }
        assert!(change!(store, conn => projects::delete(conn, id)).unwrap());
        assert!(!change!(store, conn => projects::delete(conn, id)).unwrap());
        assert_eq!(full_path(store, place).await, None);
    }

    async fn a_user_with_a_namespace_or_a_membership_is_not_removed(fixture: StoreFixture) {
        let store = &fixture.store;
        let (ida, own) = person(store, "ida").await;
        let team = group(store, None, "team").await;
        join(store, member(ida.id, team.place(), AccessLevel::Guest)).await;
        let (user, namespace) = (ida.id, own.id);
        assert!(change!(store, conn => users::delete(conn, user)).is_err());
        assert!(change!(store, conn => namespaces::delete(conn, namespace)).unwrap());
        assert!(change!(store, conn => users::delete(conn, user)).is_err());
        assert_eq!(change!(store, conn => members::delete_some_of(conn, user, 5)).unwrap(), 1);
        assert!(change!(store, conn => users::delete(conn, user)).unwrap());
    }

    async fn people_of_the_former_version_get_their_namespaces(fixture: StoreFixture) {
        let ida = user(&fixture.store, "ida").await;
        user(&fixture.store, "Bo").await;
        let columns = ["home_id", "home_type", "user_type"].map(|column| format!("ALTER TABLE users DROP COLUMN {column};"));
        let former = format!(
            "DROP VIEW standings; DROP TABLE members; DROP TABLE projects; DROP TABLE ancestry; \
             DROP TABLE namespaces; DROP INDEX users_home; {} DELETE FROM _sqlx_migrations WHERE version = 2;",
            columns.concat()
        );
        raw(&fixture.database, &former).await;
        fixture.store.close().await;
        let store = Store::open(&fixture.database.location).await.unwrap();
        let mut conn = store.read().await.unwrap();
        assert_eq!(users::by_id(&mut conn, ida.id).await.unwrap(), Some(ida.clone()));
        let own = namespaces::of_user(&mut conn, ida.id).await.unwrap().unwrap();
        assert_eq!((own.kind, own.full_path.as_str(), own.full_name.as_str()), (NamespaceKind::User, "ida", "ida Person"));
        drop(conn);
        let app = project(&store, own.id, "app").await;
        assert_eq!(app.full_path, "ida/app");
        let held = own.id;
        assert!(change!(store, conn => namespaces::hold(conn, held)).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_group_and_a_project_of_one_path_one_is_added() {
    let fixture = <StoreFixture as tokenry_testkit::Fixture>::set_up(Engine::Postgres).await;
    let store = &fixture.store;
    let team = group(store, None, "team").await;
    for number in 0..10 {
        let mut conn = store.read().await.unwrap();
        let above = namespaces::by_id(&mut conn, team.id.namespace())
            .await
            .unwrap()
            .unwrap();
        drop(conn);
        let path = format!("x{number}");
        let (first, second) = ((above.clone(), place(&path)), (above, place(&path)));
        let adding = store.write(
            move |conn| -> tokenry_store::Work<'_, _, StoreError> {
                Box::pin(async move {
                    namespaces::hold(conn, first.0.id).await?;
                    groups::insert(conn, Some(&first.0), &first.1, at(1)).await
                })
            },
            |_| {},
        );
        let also = store.write(
            move |conn| -> tokenry_store::Work<'_, _, StoreError> {
                Box::pin(async move {
                    namespaces::hold(conn, second.0.id).await?;
                    projects::insert(conn, &second.0, &second.1, None, at(1)).await
                })
            },
            |_| {},
        );
        let (group, project) = tokio::join!(adding, also);
        assert!(group.is_ok() != project.is_ok(), "{path}");
    }
}

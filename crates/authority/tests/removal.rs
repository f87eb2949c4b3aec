//! What goes with a project, group or user that is removed, and what stays.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{agree, beside, code, enter, issue, until_somebody_waits, user};
use futures_util::future::join_all;
use sqlx::AssertSqlSafe;
use tokenry_authority::{
    Caller, Options,
    places::{NewGroup, NewMember, NewProject, Standing, UserName},
    service_accounts::NewServiceAccount,
    tokens::{Issued, NewAccessToken, NewPlaceToken},
};
use tokenry_domain::{
    AccessLevel, IfExists, Kind, Place, PlaceRef, Scope, Scopes, UserId, UserType, Visibility,
    expiry::Expires, place::Profile,
};
use tokenry_testkit::{AuthorityFixture, Engine, Fixture as _, both_engines, fixture::ROOT_TOKEN};

async fn root(fixture: &AuthorityFixture) -> Caller {
    common::root(fixture).await
}

fn profile(path: &str) -> Profile {
    Profile {
        name: path.to_owned(),
        path: path.to_owned(),
        description: None,
        visibility: Visibility::Private,
    }
}

/// A group with a project in it, and how root stands to both.
async fn places(fixture: &AuthorityFixture) -> [Standing; 2] {
    let (root, authority) = (root(fixture).await, &fixture.authority);
    let new = NewGroup {
        parent: None,
        profile: profile("team"),
    };
    let group = authority.create_group(&root, new).await.unwrap();
    let new = NewProject {
        namespace: Some(group.id.namespace()),
        profile: profile("app"),
    };
    let project = authority.create_project(&root, new).await.unwrap();
    let group = authority.place(&root, &group.place().into()).await.unwrap();
    let project = authority.place(&root, &project.place().into()).await;
    [group, project.unwrap()]
}

/// A token with a bot.
async fn with_bot(fixture: &AuthorityFixture, caller: &Caller, standing: Standing) -> Issued {
    let kind = match standing.place {
        Place::Group(_) => Kind::Group,
        Place::Project(_) => Kind::Project,
    };
    let tokens = fixture.authority.tokens_in(caller, standing, kind);
    tokens.issue_with_bot(access_token()).await.unwrap()
}

fn access_token() -> NewAccessToken {
    NewAccessToken {
        name: "bot".into(),
        description: None,
        scopes: Scopes::of(&[Scope::Api]),
        expires: None,
        level: AccessLevel::Maintainer,
        host: None,
        if_exists: IfExists::Add,
    }
}

/// A deploy token that this caller answers for.
async fn deploy(fixture: &AuthorityFixture, caller: &Caller, standing: Standing) -> Issued {
    let new = NewPlaceToken {
        name: "mirror".into(),
        description: None,
        scopes: Scopes::of(&[Scope::ReadRepository]),
        expires: Expires::At(None),
        if_exists: IfExists::Add,
    };
    let tokens = fixture.authority.tokens_in(caller, standing, Kind::Deploy);
    tokens.issue(new).await.unwrap()
}

/// A service account of a place, with a token.
async fn account(
    fixture: &AuthorityFixture,
    caller: &Caller,
    standing: Standing,
) -> (UserId, Issued) {
    let authority = &fixture.authority;
    let new = NewServiceAccount::default();
    let user = authority.create_service_account(caller, Some(standing), new);
    let user = user.await.unwrap().id;
    let new = NewPlaceToken {
        name: "x".into(),
        description: None,
        scopes: Scopes::of(&[Scope::Api]),
        expires: Expires::default(),
        if_exists: IfExists::Add,
    };
    let tokens = authority.tokens_in(caller, standing, Kind::ServiceAccount);
    (user, tokens.issue_for(user, new).await.unwrap())
}

async fn identify(fixture: &AuthorityFixture, issued: &Issued) -> &'static str {
    let console = fixture.console();
    let named = fixture
        .authority
        .identify_token(&console, issued.text.reveal());
    code(&named.await)
}

both_engines! {
    async fn with_a_place_go_its_tokens_and_machines(fixture: AuthorityFixture) {
        let root = root(&fixture).await;
        let [group, project] = places(&fixture).await;
        let mut gone = Vec::new();
        let mut users = Vec::new();
        for standing in [group, project] {
            let bot = with_bot(&fixture, &root, standing).await;
            let (user, token) = account(&fixture, &root, standing).await;
            users.extend([bot.token.owner, user]);
            gone.extend([bot, token, deploy(&fixture, &root, standing).await]);
        }
        let others = issue(&fixture, UserId::from_row(1)).await;
        let before = fixture.trail().await.len();
        let place: PlaceRef = group.place.into();
        fixture.authority.remove_place(&root, &place).await.unwrap();
        for issued in &gone {
            assert_eq!(identify(&fixture, issued).await, "token_not_found");
        }
        for user in &users {
            assert_eq!(code(&fixture.authority.show_user(*user).await), "user_not_found");
            assert!(fixture.authority.recall_user(*user).is_none());
        }
        assert_eq!(identify(&fixture, &others).await, "ok");
        let trail = fixture.trail().await;
        assert_eq!(trail.len(), before + 1);
        let facts = &trail[before].before;
        assert_eq!(facts["token_ids"].as_array().unwrap().len(), 6);
        assert_eq!(facts["user_ids"].as_array().unwrap().len(), 4);
        agree(&fixture, [ROOT_TOKEN]).await;
    }

    async fn what_lies_beside_stays(fixture: AuthorityFixture) {
        let root = root(&fixture).await;
        let [group, project] = places(&fixture).await;
        let above = with_bot(&fixture, &root, group).await;
        let within = with_bot(&fixture, &root, project).await;
        let place: PlaceRef = project.place.into();
        fixture.authority.remove_place(&root, &place).await.unwrap();
        assert_eq!(code(&enter(&fixture, above.text.reveal()).await), "ok");
        assert_eq!(code(&enter(&fixture, within.text.reveal()).await), "credential_unknown");
    }

    async fn more_than_one_transaction_holds(fixture: AuthorityFixture) {
        let root = root(&fixture).await;
        let [_, project] = places(&fixture).await;
        let first = deploy(&fixture, &root, project).await;
        for _ in 0..520 {
            deploy(&fixture, &root, project).await;
        }
        let bot = with_bot(&fixture, &root, project).await;
        let place: PlaceRef = project.place.into();
        let before = fixture.trail().await.len();
        fixture.authority.remove_place(&root, &place).await.unwrap();
        let actions: Vec<_> = fixture.trail().await.split_off(before);
        let actions: Vec<_> = actions.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["project_partly_deleted", "project_deleted"]);
        assert_eq!(identify(&fixture, &first).await, "token_not_found");
        assert_eq!(code(&enter(&fixture, bot.text.reveal()).await), "credential_unknown");
    }

    async fn who_goes_while_tokens_are_issued_to_them_goes(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        for round in 0..5 {
            let ida = user(&fixture, &format!("ida{round}")).await.id;
            let issuing = join_all((0..8).map(|_| authority.issue_token(&console, common::wanted(ida, "x"))));
            let (issued, removed) = tokio::join!(issuing, authority.remove_user(&console, ida));
            assert_eq!(code(&removed), "ok");
            for issued in issued {
                assert!(["ok", "user_not_found"].contains(&code(&issued)), "{issued:?}");
                if let Ok(issued) = issued {
                    assert_eq!(identify(&fixture, &issued).await, "token_not_found");
                }
            }
        }
    }

    async fn a_bot_finishes_what_it_began_by_its_own_end(fixture: AuthorityFixture) {
        let root = root(&fixture).await;
        let [group, project] = places(&fixture).await;
        let owner = NewAccessToken { level: AccessLevel::Owner, ..access_token() };
        let bot = fixture.authority.tokens_in(&root, group, Kind::Group).issue_with_bot(owner).await.unwrap();
        let caller = common::bearer(&fixture, &bot).await;
        for _ in 0..520 {
            deploy(&fixture, &root, project).await;
        }
        let before = fixture.trail().await.len();
        fixture.authority.remove_place(&caller, &group.place.into()).await.unwrap();
        let trail = fixture.trail().await.split_off(before);
        let actions: Vec<_> = trail.iter().map(|entry| (entry.action.as_str(), entry.actor_user)).collect();
        let bot = Some(bot.token.owner.get());
        assert_eq!(actions, [("group_partly_deleted", bot), ("group_deleted", bot)]);
    }

    async fn an_owner_finishes_what_ends_with_a_full_step(fixture: AuthorityFixture) {
        let [group, project] = places(&fixture).await;
        let ida = user(&fixture, "ida").await;
        let caller = common::bearer(&fixture, &issue(&fixture, ida.id).await).await;
        let new = NewMember { user: UserName::Id(ida.id), level: AccessLevel::Owner, expires: None };
        fixture.authority.add_member(&fixture.console(), group.place.into(), new).await.unwrap();
        let root = root(&fixture).await;
        // With the project and two memberships, one step is full.
        for _ in 0..497 {
            deploy(&fixture, &root, project).await;
        }
        let before = fixture.trail().await.len();
        fixture.authority.remove_place(&caller, &group.place.into()).await.unwrap();
        let steps = fixture.trail().await.split_off(before);
        let steps: Vec<_> = steps.iter().map(|entry| (entry.action.as_str(), entry.before["members"].as_i64())).collect();
        assert_eq!(steps, [("group_partly_deleted", Some(2)), ("group_deleted", Some(0))]);
    }

    async fn what_acts_as_nobody_outlives_who_issued_it(fixture: AuthorityFixture) {
        let [group, project] = places(&fixture).await;
        let ida = user(&fixture, "ida").await;
        let own = issue(&fixture, ida.id).await;
        let caller = common::bearer(&fixture, &own).await;
        let new = NewMember {
            user: UserName::Id(ida.id),
            level: AccessLevel::Owner,
            expires: None,
        };
        let console = fixture.console();
        fixture.authority.add_member(&console, group.place.into(), new).await.unwrap();
        let issued = deploy(&fixture, &caller, project).await;
        fixture.authority.remove_user(&console, ida.id).await.unwrap();
        assert_eq!(identify(&fixture, &own).await, "token_not_found");
        let card = fixture.authority.identify_token(&console, issued.text.reveal()).await.unwrap();
        let ghost = fixture.authority.recall_user(card.owner).unwrap();
        assert_eq!((ghost.user_type, ghost.username.as_str()), (UserType::Ghost, "ghost"));
        assert_eq!(code(&fixture.authority.remove_user(&console, ghost.id).await), "not_permitted");
        let fixture = fixture.reopened(Options::default()).await;
        assert_eq!(identify(&fixture, &issued).await, "ok");
    }
}

/// Something is issued to a user at the very moment they go, by whoever got
/// there first. Only PostgreSQL lets two changes be under way at once.
#[tokio::test]
async fn what_is_issued_to_a_user_who_goes_goes_along() {
    let fixture = AuthorityFixture::set_up(Engine::Postgres).await;
    let root = root(&fixture).await;
    let [group, project] = places(&fixture).await;
    let (account, _) = account(&fixture, &root, project).await;
    let mut other = beside(&fixture).await;
    for who in [user(&fixture, "ida").await.id, account] {
        let insert = format!(
            "BEGIN; INSERT INTO tokens (kind, owner_id, name, scopes, digest, key_id, hint, created_at) \
             SELECT kind, {who}, name, scopes, sha256('{who}'), key_id, hint, created_at FROM tokens WHERE id = 1"
        );
        sqlx::raw_sql(AssertSqlSafe(insert))
            .execute(&mut other)
            .await
            .unwrap();
        let (authority, console) = (fixture.authority.clone(), fixture.console());
        let removing = tokio::spawn(async move {
            if who == account {
                authority.remove_place(&console, &group.place.into()).await
            } else {
                authority.remove_user(&console, who).await
            }
        });
        until_somebody_waits(&mut other).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
        assert_eq!(code(&removing.await.unwrap()), "ok");
        let owned = format!("SELECT COUNT(*) FROM tokens WHERE owner_id = {who}");
        let owned = sqlx::query_scalar::<_, i64>(AssertSqlSafe(owned))
            .fetch_one(&mut other)
            .await;
        assert_eq!(owned.unwrap(), 0);
        assert_eq!(
            code(&fixture.authority.show_user(who).await),
            "user_not_found"
        );
    }
}

#[tokio::test]
async fn nothing_is_issued_to_a_user_who_has_gone() {
    let fixture = AuthorityFixture::set_up(Engine::Postgres).await;
    let ida = user(&fixture, "ida").await.id;
    let mut other = beside(&fixture).await;
    let delete = format!(
        "BEGIN; DELETE FROM namespaces WHERE owner_id = {ida}; DELETE FROM users WHERE id = {ida}"
    );
    sqlx::raw_sql(AssertSqlSafe(delete))
        .execute(&mut other)
        .await
        .unwrap();
    let (authority, console) = (fixture.authority.clone(), fixture.console());
    let issuing = tokio::spawn(async move {
        authority
            .issue_token(&console, common::wanted(ida, "late"))
            .await
    });
    until_somebody_waits(&mut other).await;
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    assert_eq!(code(&issuing.await.unwrap()), "user_not_found");
}

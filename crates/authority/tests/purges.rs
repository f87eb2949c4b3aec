//! Purges: filed, run, looked at, stopped, and what goes with the tokens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{Small, agree, bearer, code, enter, impersonate, issue, row, two_at_a_time, user};
use tokenry_authority::{
    Caller,
    places::NewProject,
    tokens::{Issued, NewAccessToken},
};
use tokenry_domain::{
    AccessLevel, IfExists, Kind, Purge, PurgeId, Reason, Scope, Scopes, States, UserId, Visibility,
    page::{PerPage, Window},
    place::Profile,
    purge::NewPurge,
    token_filter::TokenFilter,
};
use tokenry_store::tombstones;
use tokenry_testkit::{AuthorityFixture, both_engines, fixture::ROOT_TOKEN};

fn of_owner(owner: UserId) -> NewPurge {
    NewPurge {
        filter: TokenFilter {
            owner: Some(owner),
            ..TokenFilter::default()
        },
        dry_run: false,
        reason: Some(Reason::new("left the company").unwrap()),
    }
}

fn dead() -> NewPurge {
    NewPurge {
        filter: TokenFilter {
            states: States::INACTIVE,
            ..TokenFilter::default()
        },
        dry_run: false,
        reason: None,
    }
}

async fn file(fixture: &AuthorityFixture, wanted: NewPurge) -> Purge {
    let console = fixture.console();
    fixture
        .authority
        .file_purge(&console, wanted)
        .await
        .unwrap()
}

async fn show(fixture: &AuthorityFixture, id: PurgeId) -> Purge {
    let console = fixture.console();
    fixture.authority.show_purge(&console, id).await.unwrap()
}

async fn some_of(fixture: &AuthorityFixture, owner: UserId, count: usize) -> Vec<Issued> {
    let mut issued = Vec::new();
    for _ in 0..count {
        issued.push(issue(fixture, owner).await);
    }
    issued
}

/// What is there now of what was issued.
async fn left(fixture: &AuthorityFixture, issued: &[Issued]) -> usize {
    let mut left = 0;
    for one in issued {
        left += usize::from(row(fixture, one.token.id).await.is_some());
    }
    left
}

async fn actions(fixture: &AuthorityFixture, before: usize) -> Vec<String> {
    let trail = fixture.trail().await.split_off(before);
    trail.into_iter().map(|entry| entry.action).collect()
}

both_engines! {
    async fn each_step_is_one_row_of_the_trail_and_leaves_tombstones(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        let issued = some_of(&fixture, ida.id, 5).await;
        let others = issue(&fixture, UserId::from_row(1)).await;
        let before = fixture.trail().await.len();
        let root = common::root(&fixture).await;
        let filed = fixture.authority.file_purge(&root, of_owner(ida.id)).await.unwrap();
        assert_eq!((filed.state(), filed.share()), ("waiting", Some(0.0)));
        fixture.authority.work_off_purges().await.unwrap();
        let purge = show(&fixture, filed.id).await;
        assert_eq!((purge.state(), purge.share()), ("done", Some(1.0)));
        assert_eq!((purge.progress.examined, purge.progress.deleted, purge.kept()), (5, 5, 0));
        let trail = fixture.trail().await.split_off(before);
        let told: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
        let steps = ["tokens_purged"; 3];
        assert_eq!(told, [&["purge_filed"], &steps[..], &["purge_done"]].concat());
        for entry in &trail {
            assert_eq!(entry.actor_user, Some(1));
            assert_eq!(entry.target, ("purge".to_owned(), Some(filed.id.get())));
            assert_eq!(entry.reason.as_deref(), Some("left the company"));
        }
        assert_eq!(trail[1].after["deleted"], 2);
        assert_eq!(trail[1].after["first_id"], issued[0].token.id.get());
        assert_eq!(trail[1].after["last_id"], issued[1].token.id.get());
        let mut conn = fixture.store.read().await.unwrap();
        for one in &issued {
            let stone = tombstones::by_id(&mut conn, one.token.id).await.unwrap().unwrap();
            assert_eq!(stone.burial.by, Some(UserId::from_row(1)));
            assert_eq!(stone.burial.reason, Reason::new("left the company").ok());
            assert_eq!(code(&enter(&fixture, one.text.reveal()).await), "credential_unknown");
        }
        agree(&fixture, [ROOT_TOKEN, others.text.reveal()]).await;
    }

    async fn a_dry_run_counts_and_deletes_nothing(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        let issued = some_of(&fixture, ida.id, 5).await;
        let before = fixture.trail().await.len();
        let wanted = NewPurge { dry_run: true, ..of_owner(ida.id) };
        let filed = file(&fixture, wanted).await;
        fixture.authority.work_off_purges().await.unwrap();
        let purge = show(&fixture, filed.id).await;
        assert_eq!((purge.state(), purge.progress.deleted), ("done", 5));
        assert_eq!(left(&fixture, &issued).await, 5);
        assert_eq!(actions(&fixture, before).await, ["purge_filed", "purge_done"]);
    }

    async fn what_was_issued_revoked_or_used_since_stays(small: Small) {
        let fixture = small.0;
        let console = fixture.console();
        let ida = user(&fixture, "ida").await;
        let issued = some_of(&fixture, ida.id, 4).await;
        let (authority, clock) = (&fixture.authority, &fixture.clock);
        authority.revoke_token(&console, issued[0].token.id).await.unwrap();
        clock.advance(1);
        let revoked = file(&fixture, dead()).await;
        let unused = NewPurge {
            filter: TokenFilter { used: Some(false), owner: Some(ida.id), ..TokenFilter::default() },
            ..dead()
        };
        let unused = file(&fixture, unused).await;
        clock.advance(1);
        authority.revoke_token(&console, issued[1].token.id).await.unwrap();
        enter(&fixture, issued[2].text.reveal()).await.unwrap();
        let later = issue(&fixture, ida.id).await;
        authority.work_off_purges().await.unwrap();
        let purge = show(&fixture, revoked.id).await;
        assert_eq!((purge.progress.deleted, purge.kept()), (1, 1));
        let purge = show(&fixture, unused.id).await;
        assert_eq!((purge.progress.deleted, purge.kept()), (2, 1), "memory knows of the use");
        assert!(row(&fixture, issued[1].token.id).await.is_none(), "it was revoked, and never used");
        assert!(row(&fixture, issued[2].token.id).await.is_some());
        assert!(row(&fixture, issued[3].token.id).await.is_none());
        assert!(row(&fixture, later.token.id).await.is_some());
    }

    async fn one_that_is_stopped_deletes_nothing_more(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        let issued = some_of(&fixture, ida.id, 5).await;
        let console = fixture.console();
        let authority = &fixture.authority;
        let id = file(&fixture, of_owner(ida.id)).await.id;
        assert!(authority.advance_purges().await.unwrap());
        assert_eq!(show(&fixture, id).await.state(), "running");
        let before = fixture.trail().await.len();
        let purge = authority.cancel_purge(&console, id).await.unwrap();
        assert_eq!((purge.state(), purge.progress.deleted), ("cancelled", 2));
        assert!(!authority.advance_purges().await.unwrap());
        assert_eq!(left(&fixture, &issued).await, 3);
        assert_eq!(code(&authority.cancel_purge(&console, id).await), "purge_ended");
        assert_eq!(actions(&fixture, before).await, ["purge_cancelled"]);
        let missing = PurgeId::from_row(99);
        assert_eq!(code(&authority.cancel_purge(&console, missing).await), "purge_not_found");
    }

    async fn one_that_is_stopped_in_the_middle_of_a_step_ends_with_it(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        let issued = some_of(&fixture, ida.id, 9).await;
        let console = fixture.console();
        let id = file(&fixture, of_owner(ida.id)).await.id;
        let authority = &fixture.authority;
        let (worked, cancelled) =
            tokio::join!(authority.work_off_purges(), authority.cancel_purge(&console, id));
        worked.unwrap();
        let deleted = cancelled.unwrap().progress.deleted;
        assert_eq!(show(&fixture, id).await.progress.deleted, deleted);
        assert_eq!(left(&fixture, &issued).await, 9 - usize::try_from(deleted).unwrap());
    }

    async fn a_server_that_starts_again_does_the_rest(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        let issued = some_of(&fixture, ida.id, 5).await;
        let id = file(&fixture, of_owner(ida.id)).await.id;
        fixture.authority.advance_purges().await.unwrap();
        let fixture = fixture.reopened(two_at_a_time()).await;
        let later = issue(&fixture, ida.id).await;
        fixture.authority.work_off_purges().await.unwrap();
        let purge = show(&fixture, id).await;
        assert_eq!((purge.progress.examined, purge.progress.deleted), (5, 5));
        assert_eq!(left(&fixture, &issued).await, 0);
        assert!(row(&fixture, later.token.id).await.is_some());
    }

    async fn with_its_last_token_goes_a_bot(fixture: AuthorityFixture) {
        let root = common::root(&fixture).await;
        let bot = with_bot(&fixture, &root).await;
        let console = fixture.console();
        fixture.authority.revoke_token(&console, bot.token.id).await.unwrap();
        fixture.clock.advance(1);
        file(&fixture, dead()).await;
        fixture.authority.work_off_purges().await.unwrap();
        assert!(row(&fixture, bot.token.id).await.is_none());
        assert!(fixture.authority.recall_user(bot.token.owner).is_none());
        let shown = fixture.authority.show_user(bot.token.owner).await;
        assert_eq!(code(&shown), "user_not_found");
        let trail = fixture.trail().await;
        let step = trail.iter().find(|entry| entry.action == "tokens_purged").unwrap();
        assert_eq!(step.after["bots_deleted"][0], bot.token.owner.get());
    }

    async fn only_administrators_purge_and_never_everything(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await;
        let own = issue(&fixture, ida.id).await;
        let caller = bearer(&fixture, &own).await;
        let before = fixture.trail().await.len();
        let (authority, console) = (&fixture.authority, fixture.console());
        let window = Window::After { position: None, per_page: PerPage::DEFAULT };
        assert_eq!(code(&authority.file_purge(&caller, of_owner(ida.id)).await), "admin_only");
        assert_eq!(code(&authority.list_purges(&caller, &window).await), "admin_only");
        let all = NewPurge { filter: TokenFilter::default(), ..dead() };
        assert_eq!(code(&authority.file_purge(&console, all).await), "invalid");
        assert_eq!(fixture.trail().await.len(), before);
        let id = file(&fixture, of_owner(ida.id)).await.id;
        assert_eq!(code(&authority.show_purge(&caller, id).await), "admin_only");
        assert_eq!(code(&authority.cancel_purge(&caller, id).await), "admin_only");
        assert_eq!(code(&authority.watch_purge(&caller, id).await), "admin_only");
        let listed = authority.list_purges(&console, &window).await.unwrap();
        assert_eq!(listed.rows, [show(&fixture, id).await]);
    }

    async fn whoever_watches_sees_it_go_on_and_end(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        impersonate(&fixture, ida.id).await;
        some_of(&fixture, ida.id, 4).await;
        let id = file(&fixture, of_owner(ida.id)).await.id;
        let authority = &fixture.authority;
        let mut watch = authority.watch_purge(&fixture.console(), id).await.unwrap();
        let first = watch.next().await.unwrap().unwrap();
        let mut seen = vec![(first.state(), first.progress.deleted)];
        let looking = async {
            while let Some(purge) = watch.next().await.unwrap() {
                seen.push((purge.state(), purge.progress.deleted));
            }
        };
        let (worked, ()) = tokio::join!(authority.work_off_purges(), looking);
        worked.unwrap();
        assert_eq!(seen.first(), Some(&("waiting", 0)));
        assert_eq!(seen.last(), Some(&("done", 5)));
        assert!(seen.is_sorted_by_key(|(_, deleted)| *deleted));
        assert_eq!(authority.watch_purge(&fixture.console(), id).await.unwrap()
            .next().await.unwrap().unwrap().state(), "done");
    }

    async fn a_server_that_stops_keeps_nobody_watching(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        some_of(&fixture, ida.id, 4).await;
        let id = file(&fixture, of_owner(ida.id)).await.id;
        let authority = &fixture.authority;
        let mut watch = authority.watch_purge(&fixture.console(), id).await.unwrap();
        assert!(watch.next().await.unwrap().is_some());
        let (next, ()) = tokio::join!(watch.next(), async { authority.stop_purges() });
        assert_eq!(next.unwrap(), None);
        authority.work_off_purges().await.unwrap();
        assert_eq!(show(&fixture, id).await.state(), "waiting", "nothing is begun any more");
    }
}

/// A project access token, with a bot.
async fn with_bot(fixture: &AuthorityFixture, root: &Caller) -> Issued {
    let authority = &fixture.authority;
    let profile = Profile {
        name: "app".to_owned(),
        path: "app".to_owned(),
        description: None,
        visibility: Visibility::Private,
    };
    let new = NewProject {
        namespace: None,
        profile,
    };
    let project = authority.create_project(root, new).await.unwrap();
    let standing = authority.place(root, &project.place().into()).await;
    let new = NewAccessToken {
        name: "bot".into(),
        description: None,
        scopes: Scopes::of(&[Scope::Api]),
        expires: None,
        level: AccessLevel::Maintainer,
        host: None,
        if_exists: IfExists::Add,
    };
    let tokens = authority.tokens_in(root, standing.unwrap(), Kind::Project);
    tokens.issue_with_bot(new).await.unwrap()
}

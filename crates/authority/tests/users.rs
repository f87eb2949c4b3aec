//! Users: what becomes of them and of their tokens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::pin::pin;

use common::{agree, bearer, begin, code, enter, impersonate, issue, profile, root, user};
use futures_util::future::join_all;
use tokenry_authority::{
    Options,
    users::{NewUser, UserChange},
};
use tokenry_domain::{
    UserId, UserState,
    page::{PerPage, Position, SortValue, Window},
    user::StateChange::{self, Activate, Ban, Block, Deactivate, Unban, Unblock},
    user_filter::{UserFilter, UserOrder},
};
use tokenry_testkit::{AuthorityFixture, Engine, Fixture as _, both_engines};
use tokenry_token::TokenText;

async fn change(fixture: &AuthorityFixture, id: UserId, verb: StateChange) -> &'static str {
    code(
        &fixture
            .authority
            .change_user_state(&fixture.console(), id, verb)
            .await,
    )
}

both_engines! {
    async fn who_is_shut_out_is_refused_at_once_and_let_in_again(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await.id;
        let texts = [issue(&fixture, ida).await.text, impersonate(&fixture, ida).await.text];
        for (out, back) in [(Block, Unblock), (Ban, Unban), (Deactivate, Activate)] {
            for (verb, told) in [(out, "account_not_active"), (back, "ok")] {
                assert_eq!(change(&fixture, ida, verb).await, "ok");
                for text in &texts {
                    assert_eq!(code(&enter(&fixture, text.reveal()).await), told, "{verb:?}");
                }
                agree(&fixture, texts.iter().map(TokenText::reveal)).await;
            }
        }
    }

    async fn a_state_asked_for_twice_is_written_once_and_a_wrong_verb_not_at_all(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await.id;
        let before = fixture.trail().await.len();
        assert_eq!((change(&fixture, ida, Block).await, change(&fixture, ida, Block).await), ("ok", "ok"));
        assert_eq!(fixture.trail().await.len(), before + 1);
        for verb in [Ban, Unban, Activate, Deactivate] {
            assert_eq!(change(&fixture, ida, verb).await, "wrong_state", "{verb:?}");
        }
        assert_eq!(change(&fixture, UserId::from_row(999), Block).await, "user_not_found");
        assert_eq!(fixture.trail().await.len(), before + 1);
    }

    async fn administrators_do_not_shut_themselves_out(fixture: AuthorityFixture) {
        let root = root(&fixture).await;
        let id = UserId::from_row(1);
        let authority = &fixture.authority;
        assert_eq!(code(&authority.change_user_state(&root, id, Block).await), "not_permitted");
        assert_eq!(code(&authority.remove_user(&root, id).await), "not_permitted");
        let no_admin = UserChange { admin: Some(false), ..UserChange::default() };
        assert_eq!(code(&authority.update_user(&root, id, no_admin).await), "not_permitted");
        assert!(common::root(&fixture).await.is_admin());
    }

    async fn whoever_ceases_to_be_an_administrator_has_no_such_rights_at_once(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let ida = user(&fixture, "ida").await.id;
        let token = issue(&fixture, ida).await;
        for admin in [true, false] {
            let change = UserChange { admin: Some(admin), ..UserChange::default() };
            authority.update_user(&fixture.console(), ida, change).await.unwrap();
            assert_eq!(bearer(&fixture, &token).await.is_admin(), admin);
        }
    }

    async fn names_and_addresses_are_taken_and_bad_ones_refused(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let ida = user(&fixture, "ida").await;
        let before = fixture.trail().await.len();
        let create = async |change: &dyn Fn(&mut NewUser)| {
            let mut new = NewUser { profile: profile("bob"), password: Some("long enough".into()) };
            change(&mut new);
            code(&authority.create_user(&console, new).await)
        };
        assert_eq!(create(&|new| new.profile.username = "IDA".into()).await, "taken");
        assert_eq!(create(&|new| new.profile.email = "Ida@Example.com".into()).await, "taken");
        assert_eq!(create(&|new| new.profile.username = "a b".into()).await, "invalid");
        assert_eq!(create(&|new| new.profile.name = "a\0b".into()).await, "invalid");
        assert_eq!(create(&|new| new.password = Some("short".into())).await, "invalid");
        assert_eq!(create(&|new| new.password = Some("x".repeat(1_000).into())).await, "invalid");
        assert_eq!(fixture.trail().await.len(), before);
        assert_eq!(create(&|_| ()).await, "ok");
        let taken = UserChange { username: Some("BOB".into()), ..UserChange::default() };
        assert_eq!(code(&authority.update_user(&console, ida.id, taken).await), "taken");
        assert_eq!(authority.show_user(ida.id).await.unwrap(), ida);
        assert_eq!(authority.recall_user(ida.id).as_deref(), Some(&ida));
    }

    async fn a_removed_users_tokens_are_gone_and_refused(fixture: AuthorityFixture) {
        const TOKENS: usize = 1_200;
        let authority = &fixture.authority;
        let ida = user(&fixture, "ida").await.id;
        let issued = join_all((0..TOKENS).map(|_| issue(&fixture, ida))).await;
        let before = (fixture.trail().await.len(), authority.index_size().0);
        assert_eq!(code(&authority.remove_user(&fixture.console(), ida).await), "ok");
        let trail = fixture.trail().await.split_off(before.0);
        assert_eq!(authority.index_size().0, before.1 - TOKENS);
        let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["user_partly_deleted", "user_partly_deleted", "user_deleted"]);
        let gone = trail.iter().flat_map(|entry| entry.before["token_ids"].as_array().unwrap().clone());
        let mut gone: Vec<_> = gone.map(|id| id.as_i64().unwrap()).collect();
        gone.sort_unstable();
        let mut all: Vec<_> = issued.iter().map(|issued| issued.token.id.get()).collect();
        all.sort_unstable();
        assert_eq!(gone, all, "the trail names each of them once");
        for issued in issued.iter().step_by(97) {
            assert_eq!(code(&enter(&fixture, issued.text.reveal()).await), "credential_unknown");
            agree(&fixture, [issued.text.reveal()]).await;
        }
        assert_eq!(code(&authority.remove_user(&fixture.console(), ida).await), "user_not_found");
        assert_eq!(code(&authority.issue_token(&fixture.console(), common::wanted(ida, "x")).await), "user_not_found");
        assert_eq!(fixture.trail().await.len(), before.0 + 3);
    }

    async fn a_block_is_kept_in_order_though_its_caller_went_away(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await.id;
        let text = issue(&fixture, ida).await.text;
        for round in 0..20 {
            let (first, second) = if round % 2 == 0 { (Block, Unblock) } else { (Unblock, Block) };
            {
                let console = fixture.console();
                let mut abandoned = pin!(fixture.authority.change_user_state(&console, ida, first));
                begin(abandoned.as_mut()).await;
            }
            change(&fixture, ida, second).await;
            agree(&fixture, [text.reveal()]).await;
            let told = code(&enter(&fixture, text.reveal()).await);
            assert_eq!(told, if round % 2 == 0 { "ok" } else { "account_not_active" });
        }
    }

    async fn a_removal_whose_caller_went_away_can_be_asked_for_again(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let ida = user(&fixture, "ida").await.id;
        let issued = join_all((0..501).map(|_| issue(&fixture, ida))).await;
        {
            let mut abandoned = pin!(authority.remove_user(&console, ida));
            while authority.recall_user(ida).is_some() {
                begin(abandoned.as_mut()).await;
                tokio::task::yield_now().await;
            }
        }
        // Waits for its turn, and so until the step that had begun is done.
        authority.update_user(&console, ida, UserChange::default()).await.unwrap();
        assert!(authority.recall_user(ida).is_some(), "in memory, as in the database");
        agree(&fixture, issued.iter().map(|issued| issued.text.reveal())).await;
        assert_eq!(code(&authority.remove_user(&console, ida).await), "ok");
        agree(&fixture, issued.iter().map(|issued| issued.text.reveal())).await;
        assert!(authority.recall_user(ida).is_none());
    }

    async fn users_are_listed_and_found_by_anybody(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let ida = user(&fixture, "ida").await;
        let page = Window::Page { number: 1, per_page: PerPage::DEFAULT };
        let all = authority.list_users(&fixture.console(), UserFilter::default(), UserOrder::default(), &page).await.unwrap();
        assert_eq!(all.rows.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), ["ida", "root"]);
        assert_eq!(authority.find_user("Ida").await.unwrap(), ida);
        assert_eq!(code(&authority.find_user("a\0b").await), "user_not_found");
        assert_eq!(code(&authority.show_user(UserId::from_row(99)).await), "user_not_found");
        let long = UserFilter { search: Some("x".repeat(100_000)), ..UserFilter::default() };
        assert_eq!(code(&authority.list_users(&fixture.console(), long, UserOrder::default(), &page).await), "invalid");
        let after = |value| Window::After { position: Some(Position { value, id: 1 }), per_page: PerPage::DEFAULT };
        let text = after(SortValue::Text("x".into()));
        assert_eq!(code(&authority.list_users(&fixture.console(), UserFilter::default(), UserOrder::default(), &text).await), "broken_cursor");
    }

    async fn users_are_as_they_were_after_a_start(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await.id;
        let text = issue(&fixture, ida).await.text;
        change(&fixture, ida, Ban).await;
        let fixture = fixture.reopened(Options::default()).await;
        assert_eq!(code(&enter(&fixture, text.reveal()).await), "account_not_active");
        assert_eq!(fixture.authority.show_user(ida).await.unwrap().state, UserState::Banned);
    }
}

async fn blocked_and_unblocked_at_once(engine: Engine) {
    let fixture = AuthorityFixture::set_up(engine).await;
    let ida = user(&fixture, "ida").await.id;
    let text = issue(&fixture, ida).await.text.reveal().to_owned();
    for _ in 0..30 {
        let changes = [Block, Unblock, Block, Unblock].map(|verb| {
            let (authority, console) = (fixture.authority.clone(), fixture.console());
            tokio::spawn(async move {
                authority
                    .change_user_state(&console, ida, verb)
                    .await
                    .map(drop)
            })
        });
        for change in changes {
            change.await.unwrap().unwrap();
        }
        agree(&fixture, [text.as_str()]).await;
    }
    // Issued and removed at once: no token is left without its owner.
    let issuing: Vec<_> = (0..20)
        .map(|_| {
            let (authority, console) = (fixture.authority.clone(), fixture.console());
            tokio::spawn(async move {
                authority
                    .issue_token(&console, common::wanted(ida, "late"))
                    .await
            })
        })
        .collect();
    let removed = fixture.authority.remove_user(&fixture.console(), ida).await;
    let mut texts = vec![text];
    for issued in issuing {
        match issued.await.unwrap() {
            Ok(issued) => texts.push(issued.text.reveal().to_owned()),
            Err(error) => assert_eq!(error.code(), "user_not_found"),
        }
    }
    assert!(
        ["ok", "store_failed"].contains(&code(&removed)),
        "{removed:?}"
    );
    agree(&fixture, texts.iter().map(String::as_str)).await;
    if removed.is_err() {
        fixture
            .authority
            .remove_user(&fixture.console(), ida)
            .await
            .expect("asking again finishes it");
        agree(&fixture, texts.iter().map(String::as_str)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn blocks_and_unblocks_at_once_leave_memory_and_sqlite_alike() {
    blocked_and_unblocked_at_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn blocks_and_unblocks_at_once_leave_memory_and_postgres_alike() {
    blocked_and_unblocked_at_once(Engine::Postgres).await;
}

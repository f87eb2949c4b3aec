//! Tokens that are reset, and texts that are shown again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{bearer, code, enter, issue, row, user};
use futures_util::future::join_all;
use tokenry_authority::{Caller, Error, Options};
use tokenry_domain::{Kind, UserId};
use tokenry_testkit::{AuthorityFixture, both_engines};
use tokenry_token::KeyRing;

async fn ida(fixture: &AuthorityFixture) -> Caller {
    let ida = user(fixture, "ida").await;
    let issued = issue(fixture, ida.id).await;
    bearer(fixture, &issued).await
}

both_engines! {
    async fn a_reset_token_hands_everything_on_but_its_text(fixture: AuthorityFixture) {
        let old = issue(&fixture, UserId::from_row(1)).await;
        let before = fixture.trail().await.len();
        let console = fixture.console();
        let new = fixture.authority.reset_token(&console, old.token.id).await.unwrap().unwrap();
        assert_ne!(old.text.reveal(), new.text.reveal());
        let (a, b) = (&old.token, &new.token);
        assert_eq!((&a.name, &a.description, a.scopes, a.owner, a.kind), (&b.name, &b.description, b.scopes, b.owner, b.kind));
        assert_eq!((b.rotated_from, b.family), (Some(a.id), Some(a.id)));
        assert_eq!(code(&enter(&fixture, old.text.reveal()).await), "credential_revoked");
        assert_eq!(code(&enter(&fixture, new.text.reveal()).await), "ok");
        assert!(fixture.authority.reset_token(&console, a.id).await.unwrap().is_none(), "it was revoked before");
        let trail = fixture.trail().await;
        let [entry] = &trail[before..] else { panic!("one entry, not {}", trail.len() - before) };
        assert_eq!((entry.action.as_str(), entry.target.1), ("token_reset", Some(a.id.get())));
        assert_eq!((entry.before["id"].as_i64(), entry.after["id"].as_i64()), (Some(a.id.get()), Some(b.id.get())));
        let written = format!("{trail:?}");
        assert!(!written.contains(old.text.reveal()) && !written.contains(new.text.reveal()));
    }

    async fn of_several_resets_of_one_token_one_is_done(fixture: AuthorityFixture) {
        let old = issue(&fixture, UserId::from_row(1)).await;
        let before = fixture.trail().await.len();
        let console = fixture.console();
        let resets = (0..6).map(|_| fixture.authority.reset_token(&console, old.token.id));
        let done = join_all(resets).await.into_iter().filter_map(Result::unwrap).count();
        assert_eq!((done, fixture.trail().await.len() - before), (1, 1));
    }

    async fn a_text_is_shown_again_after_a_start_and_under_another_key(fixture: AuthorityFixture) {
        let caller = ida(&fixture).await;
        let made = fixture.authority.renew_sole_token(&caller, Kind::Feed).await.unwrap();
        let kept = |_: &KeyRing| Ok::<_, Error>(());
        fixture.authority.rotate_digest_key(&fixture.console(), kept).await.unwrap();
        let shown = fixture.authority.show_sole_token(&caller, Kind::Feed).await.unwrap();
        assert_eq!(shown.text.reveal(), made.text.reveal());
    }

    async fn a_revoked_tokens_text_is_shown_to_nobody(fixture: AuthorityFixture) {
        let caller = ida(&fixture).await;
        let made = fixture.authority.renew_sole_token(&caller, Kind::IncomingEmail).await.unwrap();
        fixture.authority.revoke_sole_token(&caller, Kind::IncomingEmail).await.unwrap();
        let revoked = row(&fixture, made.token.id).await.unwrap();
        let shown = fixture.authority.reveal_tokens(&caller, &[revoked]).await.unwrap();
        assert!(shown[0].is_none());
        let gone = fixture.authority.show_sole_token(&caller, Kind::IncomingEmail).await;
        assert_eq!(code(&gone), "token_not_found");
    }

    async fn what_is_sealed_is_not_shown_without_its_key(fixture: AuthorityFixture) {
        let caller = ida(&fixture).await;
        fixture.authority.renew_sole_token(&caller, Kind::Feed).await.unwrap();
        let fixture = fixture.reopened(Options::default()).await;
        let mut conn = fixture.store.read().await.unwrap();
        let owner = caller.user().unwrap().id;
        let token = tokenry_store::unrevoked::newest(&mut conn, tokenry_store::unrevoked::Whose::Owner(owner), Kind::Feed).await.unwrap().unwrap();
        drop(conn);
        let moved = tokenry_domain::Token { digest: common::digest("another row's"), ..token };
        let shown = fixture.authority.reveal_tokens(&caller, &[moved]).await;
        assert_eq!(code(&shown), "unsealable");
    }

    async fn the_console_has_no_token_of_its_own(fixture: AuthorityFixture) {
        let console = fixture.console();
        let before = fixture.trail().await.len();
        for kind in [Kind::Feed, Kind::IncomingEmail] {
            assert_eq!(code(&fixture.authority.show_sole_token(&console, kind).await), "not_permitted");
            assert_eq!(code(&fixture.authority.renew_sole_token(&console, kind).await), "not_permitted");
            assert_eq!(code(&fixture.authority.revoke_sole_token(&console, kind).await), "not_permitted");
        }
        assert_eq!(fixture.trail().await.len(), before);
    }
}

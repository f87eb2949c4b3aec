//! Hygiene: access tokens that nobody should have any more are revoked.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{Small, agree, enter, issue, row, user, wanted};
use tokenry_authority::{
    retention::Unwanted,
    tokens::{Issued, Wanted},
};
use tokenry_domain::{
    Retention, UserId,
    expiry::{self, Expires},
    hygiene::Hygiene,
    settings::SettingsChange,
    user::StateChange,
};
use tokenry_testkit::{AuthorityFixture, both_engines, fixture::ROOT_TOKEN};

const DAY: i64 = 86_400;

async fn set(fixture: &AuthorityFixture, hygiene: Hygiene) {
    let wanted = Retention {
        tokens: Vec::new(),
        hygiene,
        ..Retention::default()
    };
    let console = fixture.console();
    let changed = fixture.authority.change_retention(&console, wanted);
    changed.await.unwrap();
}

async fn lasting(fixture: &AuthorityFixture, owner: UserId, days: i64) -> Issued {
    let end = expiry::after(fixture.authority.now(), days * DAY);
    let wanted = Wanted {
        expires: Expires::On(Some(expiry::date(end))),
        ..wanted(owner, "x")
    };
    let console = fixture.console();
    let issued = fixture.authority.issue_token(&console, wanted);
    issued.await.unwrap()
}

async fn is_revoked(fixture: &AuthorityFixture, issued: &Issued) -> bool {
    let row = row(fixture, issued.token.id).await.unwrap();
    row.life.revoked_at.is_some()
}

async fn unwanted(fixture: &AuthorityFixture) -> Unwanted {
    let console = fixture.console();
    let preview = fixture.authority.preview_retention(&console, None).await;
    preview.unwrap().hygiene
}

both_engines! {
    async fn nothing_is_revoked_until_somebody_says_so(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await;
        let unused = issue(&fixture, ida.id).await;
        fixture.clock.advance(300 * DAY);
        assert_eq!(unwanted(&fixture).await, Unwanted { found: 0, whole: true });
        assert_eq!(fixture.authority.retain().await.unwrap().ran.revoked, 0);
        assert!(!is_revoked(&fixture, &unused).await);
    }

    async fn what_is_not_used_for_so_long_is_revoked_in_small_steps(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        let mut unused = Vec::new();
        for _ in 0..3 {
            unused.push(issue(&fixture, ida.id).await);
        }
        let (lately, long_ago) = (issue(&fixture, ida.id).await, issue(&fixture, ida.id).await);
        enter(&fixture, long_ago.text.reveal()).await.unwrap();
        fixture.clock.advance(30 * DAY);
        enter(&fixture, lately.text.reveal()).await.unwrap();
        enter(&fixture, ROOT_TOKEN).await.unwrap();
        let young = issue(&fixture, ida.id).await;
        set(&fixture, Hygiene { unused_days: Some(30), ..Hygiene::default() }).await;
        let before = fixture.trail().await.len();
        fixture.authority.flush_last_uses().await.unwrap();
        assert_eq!(unwanted(&fixture).await, Unwanted { found: 4, whole: true });
        assert_eq!(fixture.authority.retain().await.unwrap().ran.revoked, 4);
        for issued in unused.iter().chain([&long_ago]) {
            assert!(is_revoked(&fixture, issued).await);
        }
        assert!(!is_revoked(&fixture, &lately).await && !is_revoked(&fixture, &young).await);
        let trail = fixture.trail().await.split_off(before);
        assert!(trail.iter().all(|entry| entry.action == "hygiene_applied"));
        let told = trail.iter().map(|entry| entry.after["revoked"].as_array().unwrap().len());
        assert_eq!(told.sum::<usize>(), 4);
        assert_eq!(trail[0].after["revoked"][0]["reason"], "it wasn't used for long");
        let texts = [&unused[0], &long_ago, &lately, &young].map(|one| one.text.reveal());
        agree(&fixture, texts).await;
        assert_eq!(fixture.authority.retain().await.unwrap().ran.revoked, 0);
    }

    async fn what_belongs_to_somebody_who_is_out_is_revoked(fixture: AuthorityFixture) {
        let (ida, bob) = (user(&fixture, "ida").await, user(&fixture, "bob").await);
        let (out, other) = (issue(&fixture, ida.id).await, issue(&fixture, bob.id).await);
        let console = fixture.console();
        let authority = &fixture.authority;
        authority.change_user_state(&console, ida.id, StateChange::Block).await.unwrap();
        set(&fixture, Hygiene { owner_out: true, ..Hygiene::default() }).await;
        assert_eq!(unwanted(&fixture).await.found, 1);
        assert_eq!(authority.retain().await.unwrap().ran.revoked, 1);
        assert!(is_revoked(&fixture, &out).await && !is_revoked(&fixture, &other).await);
    }

    async fn what_outlives_the_maximum_of_today_is_revoked(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await;
        let (long, short) = (lasting(&fixture, ida.id, 90).await, lasting(&fixture, ida.id, 30).await);
        set(&fixture, Hygiene { over_maximum: true, ..Hygiene::default() }).await;
        assert_eq!(fixture.authority.retain().await.unwrap().ran.revoked, 0, "there is no maximum");
        let change = SettingsChange {
            max_personal_access_token_lifetime: Some(Some(30)),
            ..SettingsChange::default()
        };
        let console = fixture.console();
        fixture.authority.change_settings(&console, change).await.unwrap();
        fixture.authority.retain().await.unwrap();
        assert!(is_revoked(&fixture, &long).await && !is_revoked(&fixture, &short).await);
    }
}

//! Retention: what goes when its time has come, and what stays.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{Small, agree, issue, row, user};
use tokenry_authority::tokens::Issued;
use tokenry_domain::{Kind, Retention, State, UserId, UserType, retention::Rule};
use tokenry_store::tombstones;
use tokenry_testkit::{AuthorityFixture, both_engines, fixture::ROOT_TOKEN};

const DAY: i64 = 86_400;

fn personal(state: Option<State>, days: u16) -> Rule {
    Rule {
        kinds: vec![Kind::Personal],
        owners: Vec::new(),
        state,
        days: Some(days),
    }
}

async fn keep(fixture: &AuthorityFixture, tokens: Vec<Rule>) {
    let wanted = Retention {
        tokens,
        ..Retention::default()
    };
    set(fixture, wanted).await;
}

async fn set(fixture: &AuthorityFixture, wanted: Retention) {
    let console = fixture.console();
    let changed = fixture.authority.change_retention(&console, wanted);
    changed.await.unwrap();
}

async fn revoked(fixture: &AuthorityFixture, owner: UserId) -> Issued {
    let issued = issue(fixture, owner).await;
    let console = fixture.console();
    let revoked = fixture.authority.revoke_token(&console, issued.token.id);
    revoked.await.unwrap();
    issued
}

async fn is_there(fixture: &AuthorityFixture, issued: &Issued) -> bool {
    row(fixture, issued.token.id).await.is_some()
}

both_engines! {
    async fn nothing_personal_goes_until_somebody_says_so(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await;
        let old = revoked(&fixture, ida.id).await;
        fixture.clock.advance(4_000 * DAY);
        let before = fixture.trail().await.len();
        let ran = fixture.authority.retain().await.unwrap();
        assert_eq!((ran.tokens, ran.tombstones, ran.audit, ran.whole), (0, 0, 0, true));
        assert!(is_there(&fixture, &old).await);
        assert_eq!(fixture.trail().await.len(), before);
    }

    async fn what_died_long_enough_ago_goes_in_small_steps(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        let mut old = Vec::new();
        for _ in 0..5 {
            old.push(revoked(&fixture, ida.id).await);
        }
        let working = issue(&fixture, ida.id).await;
        fixture.clock.advance(10 * DAY - 1);
        let young = revoked(&fixture, ida.id).await;
        keep(&fixture, vec![personal(None, 10)]).await;
        let before = fixture.trail().await.len();
        let ran = fixture.authority.retain().await.unwrap();
        assert_eq!((ran.tokens, ran.whole), (0, true), "not quite ten days");
        fixture.clock.advance(1);
        assert_eq!(fixture.authority.retain().await.unwrap().tokens, 5);
        let trail = fixture.trail().await.split_off(before);
        let told: Vec<_> = trail.iter().map(|entry| &entry.after["deleted"]).collect();
        assert_eq!(told, [2, 2, 1]);
        assert!(trail.iter().all(|entry| entry.action == "retention_applied"));
        assert!(is_there(&fixture, &working).await && is_there(&fixture, &young).await);
        let mut conn = fixture.store.read().await.unwrap();
        for one in &old {
            let stone = tombstones::by_id(&mut conn, one.token.id).await.unwrap().unwrap();
            assert_eq!(stone.burial.reason.unwrap().as_str(), "its retention is over");
            assert_eq!(stone.burial.by, None);
        }
        agree(&fixture, old.iter().map(|one| one.text.reveal())).await;
        agree(&fixture, [ROOT_TOKEN, working.text.reveal(), young.text.reveal()]).await;
    }

    async fn the_first_rule_that_fits_decides(fixture: AuthorityFixture) {
        let (ida, machine) = (user(&fixture, "ida").await, user(&fixture, "machine").await);
        let gone = revoked(&fixture, ida.id).await;
        let expired = issue(&fixture, machine.id).await;
        fixture.clock.advance(400 * DAY);
        let keep_expired = Rule { days: None, ..personal(Some(State::Expired), 0) };
        keep(&fixture, vec![keep_expired, personal(None, 30)]).await;
        assert_eq!(fixture.authority.retain().await.unwrap().tokens, 1);
        assert!(!is_there(&fixture, &gone).await);
        assert!(is_there(&fixture, &expired).await, "a rule before says it stays");
        let of_bots = Rule { owners: vec![UserType::ServiceAccount], ..personal(None, 0) };
        keep(&fixture, vec![of_bots]).await;
        assert_eq!(fixture.authority.retain().await.unwrap().tokens, 0);
    }

    async fn tombstones_and_the_trail_go_by_rules_of_their_own(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await;
        let token = issue(&fixture, ida.id).await;
        let console = fixture.console();
        fixture.authority.delete_token(&console, token.token.id).await.unwrap();
        fixture.clock.advance(100 * DAY);
        let before = fixture.trail().await.len();
        let wanted = Retention { tokens: vec![], tombstone_days: Some(99), ..Retention::default() };
        set(&fixture, wanted.clone()).await;
        let ran = fixture.authority.retain().await.unwrap();
        assert_eq!((ran.tombstones, ran.audit), (1, 0));
        let mut conn = fixture.store.read().await.unwrap();
        assert_eq!(tombstones::by_id(&mut conn, token.token.id).await.unwrap(), None);
        drop(conn);
        set(&fixture, Retention { audit_days: Some(99), ..wanted }).await;
        let ran = fixture.authority.retain().await.unwrap();
        assert_eq!(ran.audit, before as u64);
        let left: Vec<_> = fixture.trail().await.into_iter().map(|entry| entry.action).collect();
        let kept = ["retention_changed", "retention_applied", "retention_changed", "retention_applied"];
        assert_eq!(left, kept);
    }
}

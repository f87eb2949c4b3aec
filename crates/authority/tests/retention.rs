//! Retention: what goes when its time has come, and what stays.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::pin::pin;

use common::{Small, agree, begin, code, issue, row, user};
use tokenry_authority::{
    retention::{Ran, Run},
    tokens::Issued,
};
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

/// For how many seconds the oldest token has been due that is there yet.
async fn waited(fixture: &AuthorityFixture) -> i64 {
    let measures = fixture.authority.measure(&fixture.console()).await;
    measures.unwrap().behind.tokens.as_secs()
}

both_engines! {
    async fn nothing_personal_goes_until_somebody_says_so(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await;
        let old = revoked(&fixture, ida.id).await;
        fixture.clock.advance(4_000 * DAY);
        let before = fixture.trail().await.len();
        let run = fixture.authority.retain().await.unwrap();
        assert_eq!((run.ran, run.is_whole()), (Ran::default(), true));
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
        let run = fixture.authority.retain().await.unwrap();
        assert_eq!((run.ran.tokens, run.is_whole()), (0, true), "not quite ten days");
        fixture.clock.advance(1);
        assert_eq!(fixture.authority.retain().await.unwrap().ran.tokens, 5);
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
        assert_eq!(fixture.authority.retain().await.unwrap().ran.tokens, 1);
        assert!(!is_there(&fixture, &gone).await);
        assert!(is_there(&fixture, &expired).await, "a rule before says it stays");
        let of_bots = Rule { owners: vec![UserType::ServiceAccount], ..personal(None, 0) };
        keep(&fixture, vec![of_bots]).await;
        assert_eq!(fixture.authority.retain().await.unwrap().ran.tokens, 0);
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
        let run = fixture.authority.retain().await.unwrap();
        assert_eq!((run.ran.tombstones, run.ran.audit), (1, 0));
        let mut conn = fixture.store.read().await.unwrap();
        assert_eq!(tombstones::by_id(&mut conn, token.token.id).await.unwrap(), None);
        drop(conn);
        set(&fixture, Retention { audit_days: Some(99), ..wanted }).await;
        let run = fixture.authority.retain().await.unwrap();
        assert_eq!(run.ran.audit, before as u64);
        let left: Vec<_> = fixture.trail().await.into_iter().map(|entry| entry.action).collect();
        let kept = ["retention_changed", "retention_applied", "retention_changed", "retention_applied"];
        assert_eq!(left, kept);
    }

    async fn what_stays_hides_nothing_that_is_due(small: Small) {
        let fixture = small.0;
        let ida = user(&fixture, "ida").await;
        for _ in 0..3 {
            issue(&fixture, ida.id).await;
        }
        // They and root's expire on day 365, and are due a hundred days later.
        keep(&fixture, vec![personal(Some(State::Expired), 100), personal(None, 3)]).await;
        fixture.clock.advance(370 * DAY);
        revoked(&fixture, ida.id).await;
        fixture.clock.advance(4 * DAY);
        assert_eq!(fixture.authority.retain().await.unwrap().ran.tokens, 1);
        assert_eq!(waited(&fixture).await, 0);
        revoked(&fixture, ida.id).await;
        fixture.clock.advance(4 * DAY);
        assert_eq!(waited(&fixture).await, DAY, "behind those that stay");
        fixture.clock.advance(200 * DAY);
        assert_eq!(waited(&fixture).await, 201 * DAY, "longer than those that stayed");
        keep(&fixture, vec![personal(Some(State::Expired), 100)]).await;
        assert!(waited(&fixture).await < 201 * DAY, "by other rules");
        assert_eq!(fixture.authority.retain().await.unwrap().ran.tokens, 4);
        assert_eq!(waited(&fixture).await, 0);
    }

    async fn there_is_one_run_at_a_time(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let asked = authority.ask_for_retention(&console).unwrap();
        assert_eq!((asked.number, asked.state()), (1, "running"));
        authority.retention_asked().await;
        assert_eq!(code(&authority.run_retention(&console).await), "retention_running");
        assert_eq!(code(&authority.ask_for_retention(&console)), "retention_running");
        let run = authority.retain().await.unwrap();
        assert_eq!((run.number, run.state()), (1, "done"));
        assert_eq!(authority.retain().await.unwrap().number, 2);
    }

    async fn a_run_that_is_cut_off_has_failed_and_hinders_no_other(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        {
            let mut run = pin!(authority.retain());
            begin(run.as_mut()).await;
        }
        let states = || {
            let runs = authority.retention_runs(&fixture.console()).unwrap();
            runs.iter().map(Run::state).collect::<Vec<_>>()
        };
        assert_eq!(states(), ["failed"]);
        authority.retain().await.unwrap();
        authority.stop_purges();
        authority.retain().await.unwrap();
        authority.close().await.unwrap();
        assert_eq!(code(&authority.retain().await), "store_failed");
        assert_eq!(states(), ["failed", "early", "done", "failed"]);
    }

    async fn only_so_many_runs_are_remembered(fixture: AuthorityFixture) {
        for _ in 0..52 {
            fixture.authority.retain().await.unwrap();
        }
        let runs = fixture.authority.retention_runs(&fixture.console()).unwrap();
        assert_eq!((runs.len(), runs[0].number, runs[49].number), (50, 52, 3));
        let measures = fixture.authority.measure(&fixture.console()).await.unwrap();
        assert_eq!((measures.retention.done, measures.retention.failed), (52, 0));
    }
}

//! Rotation, reuse, and changes of one token at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::Arc;

use common::{
    agree, bearer, beside, code, enter, issue, root, row, truth, until_somebody_waits, user,
};
use jiff::civil::date;
use tokenry_authority::{Authority, Caller, Error, Options, tokens::Issued};
use tokenry_domain::{TokenId, UserId, access::Need, audit::Origin};
use tokenry_testkit::{AuthorityFixture, Engine, Fixture as _, both_engines};

async fn rotate(fixture: &AuthorityFixture, id: TokenId) -> Issued {
    fixture
        .authority
        .rotate_token(&fixture.console(), id, None)
        .await
        .unwrap()
}

async fn present_to_rotate(fixture: &AuthorityFixture, issued: &Issued) -> &'static str {
    let origin = Origin::default();
    code(
        &fixture
            .authority
            .authenticate_to_rotate(issued.text.reveal(), Need::RotateSelf, None, origin)
            .await,
    )
}

/// The codes that checks of these tokens come to.
async fn checks(fixture: &AuthorityFixture, all: &[&Issued]) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for issued in all {
        codes.push(code(&enter(fixture, issued.text.reveal()).await));
    }
    agree(fixture, all.iter().map(|issued| issued.text.reveal())).await;
    codes
}

const WORKS: &str = "ok";
const REVOKED: &str = "credential_revoked";

both_engines! {
    async fn a_rotated_token_hands_everything_on(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await.id;
        let old = issue(&fixture, ida).await;
        let caller = bearer(&fixture, &old).await;
        let new = fixture.authority.rotate_token(&caller, old.token.id, Some(date(2031, 5, 1))).await.unwrap();
        assert_eq!(checks(&fixture, &[&old, &new]).await, [REVOKED, WORKS]);
        let (a, b) = (&old.token, &new.token);
        assert_eq!((&a.name, &a.description, a.scopes, a.owner, a.kind), (&b.name, &b.description, b.scopes, b.owner, b.kind));
        assert_eq!((b.rotated_from, b.family), (Some(a.id), Some(a.id)));
        assert_eq!(b.life.expires_at.unwrap().to_string(), "2031-05-01T00:00:00Z");
        let week = rotate(&fixture, b.id).await;
        assert_eq!(week.token.life.expires_at.unwrap().to_string(), "2031-04-12T00:00:00Z");
        assert_eq!(row(&fixture, week.token.id).await.unwrap(), week.token);
    }

    async fn a_revoked_token_is_not_rotated_and_an_expired_one_is(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let old = issue(&fixture, UserId::from_row(1)).await;
        authority.revoke_token(&console, old.token.id).await.unwrap();
        assert_eq!(code(&authority.rotate_token(&console, old.token.id, None).await), "already_revoked");
        let late = issue(&fixture, UserId::from_row(1)).await;
        fixture.clock.advance(400 * 86_400);
        let new = rotate(&fixture, late.token.id).await;
        assert_eq!(checks(&fixture, &[&late, &new]).await, ["credential_expired", WORKS]);
    }

    async fn a_rotation_with_a_bad_date_leaves_the_old_token(fixture: AuthorityFixture) {
        let old = issue(&fixture, UserId::from_row(1)).await;
        let before = fixture.trail().await.len();
        for bad in [date(2031, 4, 5), date(2040, 1, 1)] {
            let answer = fixture.authority.rotate_token(&fixture.console(), old.token.id, Some(bad)).await;
            assert_eq!(code(&answer), "invalid");
        }
        assert_eq!(checks(&fixture, &[&old]).await, [WORKS]);
        assert_eq!(fixture.trail().await.len(), before);
    }

    async fn a_revoked_token_presented_to_rotate_ends_its_family_and_no_other(fixture: AuthorityFixture) {
        let first = issue(&fixture, UserId::from_row(1)).await;
        let second = rotate(&fixture, first.token.id).await;
        let third = rotate(&fixture, second.token.id).await;
        let stranger = issue(&fixture, UserId::from_row(1)).await;
        let strangers = rotate(&fixture, stranger.token.id).await;
        let before = fixture.trail().await.len();
        assert_eq!(present_to_rotate(&fixture, &second).await, REVOKED);
        let all = [&first, &second, &third, &stranger, &strangers];
        assert_eq!(checks(&fixture, &all).await, [REVOKED, REVOKED, REVOKED, REVOKED, WORKS]);
        let trail = fixture.trail().await;
        assert_eq!(trail.len(), before + 1);
        let entry = trail.last().unwrap();
        assert_eq!((entry.action.as_str(), entry.target.1), ("token_family_revoked", Some(second.token.id.get())));
        // Once more there is nothing left to end, and nothing to write.
        assert_eq!(present_to_rotate(&fixture, &first).await, REVOKED);
        assert_eq!(fixture.trail().await.len(), before + 1);
    }

    async fn nothing_but_a_revoked_token_presented_to_rotate_ends_a_family(fixture: AuthorityFixture) {
        let first = issue(&fixture, UserId::from_row(1)).await;
        let second = rotate(&fixture, first.token.id).await;
        // Presented elsewhere.
        assert_eq!(code(&enter(&fixture, first.text.reveal()).await), REVOKED);
        // Named with a healthy credential.
        assert_eq!(code(&fixture.authority.rotate_token(&root(&fixture).await, first.token.id, None).await), "already_revoked");
        // A healthy one presented.
        assert_eq!(present_to_rotate(&fixture, &second).await, WORKS);
        assert_eq!(checks(&fixture, &[&first, &second]).await, [REVOKED, WORKS]);
    }

    async fn an_expired_token_ends_no_family_though_it_is_revoked(fixture: AuthorityFixture) {
        let first = issue(&fixture, UserId::from_row(1)).await;
        fixture.clock.advance(364 * 86_400);
        let second = rotate(&fixture, first.token.id).await;
        fixture.clock.advance(2 * 86_400);
        assert_eq!(present_to_rotate(&fixture, &first).await, "credential_expired");
        assert_eq!(checks(&fixture, &[&second]).await, [WORKS]);
    }

    async fn a_deleted_head_leaves_a_family_that_can_still_be_ended(fixture: AuthorityFixture) {
        let first = issue(&fixture, UserId::from_row(1)).await;
        let second = rotate(&fixture, first.token.id).await;
        let third = rotate(&fixture, second.token.id).await;
        fixture.authority.delete_token(&fixture.console(), first.token.id).await.unwrap();
        assert_eq!(present_to_rotate(&fixture, &second).await, REVOKED);
        assert_eq!(checks(&fixture, &[&first, &second, &third]).await, ["credential_unknown", REVOKED, REVOKED]);
    }

    async fn what_was_changed_is_so_after_a_start(fixture: AuthorityFixture) {
        let kept = issue(&fixture, UserId::from_row(1)).await;
        let rotated = issue(&fixture, UserId::from_row(1)).await;
        let new = rotate(&fixture, rotated.token.id).await;
        let deleted = issue(&fixture, UserId::from_row(1)).await;
        fixture.authority.delete_token(&fixture.console(), deleted.token.id).await.unwrap();
        let all = [&kept, &rotated, &new, &deleted];
        let before = checks(&fixture, &all).await;
        assert_eq!(before, [WORKS, REVOKED, WORKS, "credential_unknown"]);
        let fixture = fixture.reopened(Options::default()).await;
        assert_eq!(checks(&fixture, &all).await, before);
    }
}

/// What is done to a token at the same time as something else.
#[derive(Clone, Copy, Debug)]
enum Act {
    Rotate,
    Revoke,
    Delete,
    Reuse,
}

/// The answer, and a new text if there is one.
async fn act(
    authority: Arc<Authority>,
    caller: Caller,
    id: TokenId,
    old_text: String,
    what: Act,
) -> (&'static str, Option<String>) {
    match what {
        Act::Rotate => {
            let rotated = authority.rotate_token(&caller, id, None).await;
            (
                code(&rotated),
                rotated.ok().map(|issued| issued.text.reveal().to_owned()),
            )
        }
        Act::Revoke => (code(&authority.revoke_token(&caller, id).await), None),
        Act::Delete => (code(&authority.delete_token(&caller, id).await), None),
        Act::Reuse => {
            let answer = authority
                .authenticate_to_rotate(&old_text, Need::RotateSelf, None, Origin::default())
                .await;
            (code(&answer), None)
        }
    }
}

/// Does all of these to the second token of a family at once; answers what
/// each came to and every text of the family.
async fn at_once(fixture: &AuthorityFixture, acts: &[Act]) -> (Vec<&'static str>, Vec<String>) {
    let first = issue(fixture, UserId::from_row(1)).await;
    let second = rotate(fixture, first.token.id).await;
    let old_text = first.text.reveal().to_owned();
    let mut running = Vec::new();
    for what in acts {
        let (authority, caller) = (fixture.authority.clone(), fixture.console());
        running.push(tokio::spawn(act(
            authority,
            caller,
            second.token.id,
            old_text.clone(),
            *what,
        )));
    }
    let (mut codes, mut texts) = (Vec::new(), vec![old_text, second.text.reveal().to_owned()]);
    for done in running {
        let (code, text) = done.await.unwrap();
        codes.push(code);
        texts.extend(text);
    }
    (codes, texts)
}

async fn rounds(engine: Engine) {
    let fixture = AuthorityFixture::set_up(engine).await;
    for round in 0..40 {
        let (codes, texts) = at_once(&fixture, &[Act::Rotate; 4]).await;
        assert_eq!(
            codes.iter().filter(|code| **code == "ok").count(),
            1,
            "round {round}: {codes:?}"
        );
        assert!(
            codes
                .iter()
                .all(|code| ["ok", "already_revoked"].contains(code)),
            "{codes:?}"
        );
        agree(&fixture, texts.iter().map(String::as_str)).await;

        let (_, texts) = at_once(
            &fixture,
            &[Act::Rotate, Act::Revoke, Act::Delete, Act::Revoke],
        )
        .await;
        agree(&fixture, texts.iter().map(String::as_str)).await;

        let (_, texts) = at_once(&fixture, &[Act::Rotate, Act::Reuse]).await;
        agree(&fixture, texts.iter().map(String::as_str)).await;
        for text in &texts {
            // Whoever came first: none of the family outlives the reuse.
            assert_eq!(truth(&fixture, text).await, REVOKED, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_of_one_token_at_once_leave_memory_and_sqlite_alike() {
    rounds(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_of_one_token_at_once_leave_memory_and_postgres_alike() {
    rounds(Engine::Postgres).await;
}

async fn revoked_while_used(engine: Engine, capacity: usize) {
    let options = Options {
        index_capacity: capacity,
        unknown_per_minute: u32::MAX,
        ..Options::default()
    };
    let fixture = AuthorityFixture::with_options(engine, options).await;
    for _ in 0..25 {
        let issued = issue(&fixture, UserId::from_row(1)).await;
        let text = issued.text.reveal().to_owned();
        let mut users = Vec::new();
        for _ in 0..3 {
            let (authority, text) = (fixture.authority.clone(), text.clone());
            users.push(tokio::spawn(async move {
                while authority
                    .authenticate(&text, Need::Own, Origin::default())
                    .await
                    .is_ok()
                {
                    tokio::task::yield_now().await;
                }
            }));
        }
        let done: Result<(), Error> = if issued.token.id.get() % 2 == 0 {
            fixture
                .authority
                .revoke_token(&fixture.console(), issued.token.id)
                .await
        } else {
            fixture
                .authority
                .delete_token(&fixture.console(), issued.token.id)
                .await
        };
        done.unwrap();
        assert_ne!(
            code(&enter(&fixture, &text).await),
            WORKS,
            "an answered end is the end"
        );
        for user in users {
            user.await.unwrap();
        }
        agree(&fixture, [text.as_str()]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_ended_token_is_over_while_others_use_it_on_sqlite() {
    revoked_while_used(Engine::Sqlite, 1_000).await;
    revoked_while_used(Engine::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_ended_token_is_over_while_others_use_it_on_postgres() {
    revoked_while_used(Engine::Postgres, 1_000).await;
    revoked_while_used(Engine::Postgres, 1).await;
}

/// A rotation by hand that stops before its commit, so that the end of the
/// family has to wait for it.
#[tokio::test]
async fn a_rotation_under_way_does_not_escape_the_end_of_its_family() {
    let fixture = AuthorityFixture::set_up(Engine::Postgres).await;
    let first = issue(&fixture, UserId::from_row(1)).await;
    let second = rotate(&fixture, first.token.id).await;
    let mut other = beside(&fixture).await;
    sqlx::raw_sql(
        "BEGIN; UPDATE tokens SET revoked_at = 1 WHERE id = 3; \
         INSERT INTO tokens (kind, owner_id, name, scopes, digest, key_id, hint, created_at, rotated_from, family_id) \
         SELECT kind, owner_id, name, scopes, sha256('third'), key_id, hint, created_at, id, family_id FROM tokens WHERE id = 3",
    )
    .execute(&mut other)
    .await
    .unwrap();
    assert_eq!(
        (second.token.id.get(), second.token.family),
        (3, Some(first.token.id))
    );
    let (authority, text) = (fixture.authority.clone(), first.text.reveal().to_owned());
    let reuse = tokio::spawn(async move {
        let reuse = authority
            .authenticate_to_rotate(&text, Need::RotateSelf, None, Origin::default())
            .await;
        code(&reuse)
    });
    until_somebody_waits(&mut other).await;
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    assert_eq!(reuse.await.unwrap(), REVOKED);
    let third = row(&fixture, TokenId::from_row(4)).await.unwrap();
    assert_eq!(third.family, Some(first.token.id));
    assert!(
        third.life.revoked_at.is_some(),
        "the successor came while its family ended"
    );
}

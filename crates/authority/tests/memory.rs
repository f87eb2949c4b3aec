//! Memory, whole or too small: it never says other than the database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::{collections::HashMap, sync::Arc};

use common::{agree, code, enter, issue, origin, user};
use jiff::Timestamp;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sqlx::{Connection as _, SqliteConnection};
use tokenry_authority::{Authority, Options};
use tokenry_domain::{TokenId, UserId, UserState, access::Need, user::StateChange};
use tokenry_store::{Location, Store};
use tokenry_testkit::{AuthorityFixture, Engine, TestEntropy};
use tokenry_token::{DigestKey, KeyId, KeyRing};

fn room_for(index_capacity: usize) -> Options {
    Options {
        index_capacity,
        unknown_per_minute: u32::MAX,
        ..Options::default()
    }
}

/// What somebody does; the numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Issue(usize),
    Revoke(usize),
    Delete(usize),
    Rotate(usize),
    Check(usize),
    PresentToRotate(usize),
    Identify(usize),
    Shut(usize, bool),
    Wait(i64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let some = || 0..1_000_usize;
    prop_oneof![
        4 => some().prop_map(Step::Issue),
        2 => some().prop_map(Step::Revoke),
        1 => some().prop_map(Step::Delete),
        2 => some().prop_map(Step::Rotate),
        6 => some().prop_map(Step::Check),
        1 => some().prop_map(Step::PresentToRotate),
        1 => some().prop_map(Step::Identify),
        1 => (some(), any::<bool>()).prop_map(|(who, out)| Step::Shut(who, out)),
        1 => (1..9_i64).prop_map(|days| Step::Wait(days * 86_400)),
        1 => Just(Step::Restart),
    ]
}

#[derive(Debug, Clone)]
struct Known {
    text: String,
    owner: UserId,
    expires: Option<Timestamp>,
    revoked: bool,
    family: TokenId,
}

/// The plainest ledger there can be.
#[derive(Default)]
struct Model {
    tokens: HashMap<TokenId, Known>,
    /// In the order of issue, the deleted too.
    issued: Vec<(TokenId, String)>,
    shut: HashMap<UserId, bool>,
    changes: usize,
}

impl Model {
    fn check(&self, id: TokenId, now: Timestamp) -> &'static str {
        match self.tokens.get(&id) {
            None => "credential_unknown",
            Some(known) if known.expires.is_some_and(|end| end <= now) => "credential_expired",
            Some(known) if known.revoked => "credential_revoked",
            Some(known) if self.shut.get(&known.owner) == Some(&true) => "account_not_active",
            Some(_) => "ok",
        }
    }
}

struct World {
    fixture: Option<AuthorityFixture>,
    owners: Vec<UserId>,
    model: Model,
    options: Options,
    starts: u64,
}

impl World {
    async fn new(options: Options) -> Self {
        let fixture = AuthorityFixture::with_options(Engine::Sqlite, options.clone()).await;
        let mut owners = vec![];
        for name in ["ida", "bob"] {
            owners.push(user(&fixture, name).await.id);
        }
        Self {
            fixture: Some(fixture),
            owners,
            model: Model {
                changes: 4,
                ..Model::default()
            },
            options,
            starts: 0,
        }
    }

    fn learn(&mut self, issued: &tokenry_authority::tokens::Issued) {
        let (token, text) = (&issued.token, issued.text.reveal().to_owned());
        let known = Known {
            text: text.clone(),
            owner: token.owner,
            expires: token.life.expires_at,
            revoked: false,
            family: token.family_head(),
        };
        self.model.tokens.insert(token.id, known);
        self.model.issued.push((token.id, text));
        self.model.changes += 1;
    }

    async fn take(&mut self, step: &Step) {
        if let Step::Restart = step {
            return self.restart().await;
        }
        let fixture = self.fixture.take().unwrap();
        self.act(&fixture, step).await;
        self.fixture = Some(fixture);
    }

    /// As `AuthorityFixture::reopened`, but never with the same randomness twice.
    async fn restart(&mut self) {
        let fixture = self.fixture.as_mut().unwrap();
        fixture.authority.close().await.unwrap();
        self.starts += 1;
        let store = Store::open(&fixture.database.location).await.unwrap();
        let keys = KeyRing::new(DigestKey::new(KeyId::new(1), [7; 32]), Vec::new());
        fixture.store = store.clone();
        let entropy = Arc::new(TestEntropy::seeded(100 + self.starts));
        let opened = Authority::open(
            store,
            keys,
            self.options.clone(),
            fixture.clock.clone(),
            entropy,
        )
        .await;
        fixture.authority = Arc::new(opened.unwrap());
    }

    #[expect(clippy::too_many_lines, reason = "one arm a step")]
    async fn act(&mut self, fixture: &AuthorityFixture, step: &Step) {
        let (authority, console, now) = (
            &fixture.authority,
            fixture.console(),
            fixture.authority.now(),
        );
        match *step {
            Step::Issue(who) => {
                let owner = self.owners[who % self.owners.len()];
                let issued = issue(fixture, owner).await;
                return self.learn(&issued);
            }
            Step::Shut(who, out) => {
                let owner = self.owners[who % self.owners.len()];
                let verb = if out {
                    StateChange::Block
                } else {
                    StateChange::Unblock
                };
                let user = authority
                    .change_user_state(&console, owner, verb)
                    .await
                    .unwrap();
                assert_eq!(user.state == UserState::Blocked, out);
                let before = self.model.shut.insert(owner, out).unwrap_or(false);
                self.model.changes += usize::from(before != out);
                return;
            }
            Step::Wait(seconds) => return fixture.clock.advance(seconds),
            _ => {}
        }
        let (Step::Revoke(n)
        | Step::Delete(n)
        | Step::Rotate(n)
        | Step::Check(n)
        | Step::PresentToRotate(n)
        | Step::Identify(n)) = *step
        else {
            return;
        };
        let Some((id, text)) = self
            .model
            .issued
            .get(n % self.model.issued.len().max(1))
            .cloned()
        else {
            return;
        };
        let known = self.model.tokens.get(&id).cloned();
        match step {
            Step::Revoke(_) => {
                let told = code(&authority.revoke_token(&console, id).await);
                assert_eq!(
                    told,
                    if known.is_some() {
                        "ok"
                    } else {
                        "token_not_found"
                    }
                );
                if let Some(known) = self.model.tokens.get_mut(&id) {
                    self.model.changes += usize::from(!known.revoked);
                    known.revoked = true;
                }
            }
            Step::Delete(_) => {
                let told = code(&authority.delete_token(&console, id).await);
                assert_eq!(
                    told,
                    if known.is_some() {
                        "ok"
                    } else {
                        "token_not_found"
                    }
                );
                self.model.changes += usize::from(self.model.tokens.remove(&id).is_some());
            }
            Step::Rotate(_) => {
                let rotated = authority.rotate_token(&console, id, None).await;
                let expected = known.map_or("token_not_found", |known| {
                    if known.revoked {
                        "already_revoked"
                    } else {
                        "ok"
                    }
                });
                assert_eq!(code(&rotated), expected);
                if let Ok(issued) = rotated {
                    self.model.tokens.get_mut(&id).unwrap().revoked = true;
                    self.learn(&issued);
                }
            }
            Step::PresentToRotate(_) => {
                let told = authority
                    .authenticate_to_rotate(&text, Need::RotateSelf, None, origin(1))
                    .await;
                assert_eq!(code(&told), self.model.check(id, now));
                if code(&told) == "credential_revoked" {
                    let mut ended = 0;
                    for member in self
                        .model
                        .tokens
                        .values_mut()
                        .filter(|member| member.family == known.as_ref().unwrap().family)
                    {
                        ended += usize::from(!member.revoked);
                        member.revoked = true;
                    }
                    self.model.changes += usize::from(ended > 0);
                }
            }
            Step::Identify(_) => {
                let card = authority.identify_token(&console, &text).await;
                assert_eq!(
                    card.ok().map(|card| (card.id, card.revoked)),
                    known.map(|known| (id, known.revoked))
                );
            }
            _ => {
                let told = enter(fixture, &text).await;
                assert_eq!(code(&told), self.model.check(id, now), "token {id}");
                if let Ok(caller) = told {
                    assert_eq!(caller.token().unwrap().id, id);
                }
            }
        }
    }

    async fn compare(&self) {
        let fixture = self.fixture.as_ref().unwrap();
        let now = fixture.authority.now();
        for (id, text) in &self.model.issued {
            assert_eq!(
                code(&enter(fixture, text).await),
                self.model.check(*id, now),
                "token {id} in the end"
            );
            if let Some(known) = self.model.tokens.get(id) {
                assert_eq!(&known.text, text);
            }
        }
        assert_eq!(
            fixture.trail().await.len(),
            self.model.changes,
            "one row each change"
        );
    }
}

fn sequences(options: &Options) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 1..80), |steps| {
            runtime.block_on(async {
                let mut world = World::new(options.clone()).await;
                for step in &steps {
                    world.take(step).await;
                }
                world.compare().await;
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_sequence_of_changes_comes_to_what_a_plain_ledger_says() {
    sequences(&room_for(10_000));
}

#[test]
fn any_sequence_comes_to_the_same_with_hardly_any_memory() {
    sequences(&room_for(1));
}

async fn a_thousand_in(capacity: usize, engine: Engine) {
    let fixture = AuthorityFixture::with_options(engine, room_for(capacity)).await;
    let ida = user(&fixture, "ida").await.id;
    let issued = futures_util::future::join_all((0..1_000).map(|_| issue(&fixture, ida))).await;
    let (authority, console) = (&fixture.authority, fixture.console());
    for (number, issued) in issued.iter().enumerate() {
        match number % 10 {
            3 => authority
                .revoke_token(&console, issued.token.id)
                .await
                .unwrap(),
            7 => authority
                .delete_token(&console, issued.token.id)
                .await
                .unwrap(),
            _ => {}
        }
    }
    let texts: Vec<&str> = issued.iter().map(|issued| issued.text.reveal()).collect();
    agree(&fixture, texts.iter().copied()).await;
    let (tokens, _, complete) = authority.index_size();
    assert!(!complete && tokens < 800, "{tokens} in room for {capacity}");
    let fixture = fixture.reopened(room_for(capacity)).await;
    agree(&fixture, texts.iter().copied()).await;
}

#[tokio::test]
async fn with_room_for_some_all_are_told_right_on_sqlite() {
    for capacity in [0, 64, 200] {
        a_thousand_in(capacity, Engine::Sqlite).await;
    }
}

#[tokio::test]
async fn with_room_for_some_all_are_told_right_on_postgres() {
    a_thousand_in(200, Engine::Postgres).await;
}

/// Shards fill unevenly: room for all together isn't room in each.
#[tokio::test]
async fn a_start_with_hardly_enough_room_refuses_no_good_token() {
    let mut fixture = AuthorityFixture::with_options(Engine::Sqlite, Options::default()).await;
    let issued =
        futures_util::future::join_all((0..500).map(|_| issue(&fixture, UserId::from_row(1))))
            .await;
    for (capacity, complete) in [(501, true), (500, false), (100, false), (100_000, true)] {
        fixture = fixture.reopened(room_for(capacity)).await;
        assert_eq!(
            fixture.authority.index_size().2,
            complete,
            "room for {capacity}"
        );
        for issued in &issued {
            assert_eq!(code(&enter(&fixture, issued.text.reveal()).await), "ok");
        }
    }
}

#[tokio::test]
async fn a_use_is_not_forgotten_with_its_token() {
    let fixture = AuthorityFixture::with_options(Engine::Sqlite, room_for(1)).await;
    let issued =
        futures_util::future::join_all((0..200).map(|_| issue(&fixture, UserId::from_row(1))))
            .await;
    for end in 1..4 {
        for issued in &issued {
            let entered = fixture
                .authority
                .authenticate(issued.text.reveal(), Need::Own, origin(end))
                .await;
            assert_eq!(code(&entered), "ok");
        }
    }
    fixture.authority.flush_last_uses().await.unwrap();
    for issued in &issued {
        let last = common::row(&fixture, issued.token.id)
            .await
            .unwrap()
            .last_use;
        assert_eq!(last.addresses.len(), 3, "token {}", issued.token.id);
    }
}

#[tokio::test]
async fn two_hundred_thousand_tokens_take_at_most_128_bytes_each() {
    const TOKENS: usize = 200_000;
    let fixture = AuthorityFixture::with_options(Engine::Sqlite, Options::default()).await;
    let Location::Sqlite(file) = &fixture.database.location else {
        panic!("SQLite")
    };
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
         INSERT INTO tokens (kind, owner_id, name, scopes, digest, key_id, hint, created_at, expires_at) \
         SELECT 'personal', 1, CASE i % 4 WHEN 0 THEN 'ci' WHEN 1 THEN 'deploy-' || i WHEN 2 THEN 'backup of server ' || i \
         ELSE 'renovate-bot/project-' || i END, 'api', randomblob(32), 1, 'glpat-abcd', 1, 2000000000000000 FROM n",
    )
    .bind(i64::try_from(TOKENS).unwrap())
    .execute(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    let fixture = fixture.reopened(Options::default()).await;
    let (tokens, bytes, complete) = fixture.authority.index_size();
    assert!(complete && tokens == TOKENS + 1, "{tokens}");
    assert!(bytes / tokens <= 128, "{} bytes each", bytes / tokens);
}

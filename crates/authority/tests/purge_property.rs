//! A purge, held against a slow plain reference, while tokens are issued,
//! revoked, used and deleted between its steps and the server starts again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{enter, user, wanted};
use jiff::Timestamp;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokenry_authority::{Options, tokens::Wanted};
use tokenry_domain::{
    Kind, OwnerState, Purge, States, Token, TokenId, User, UserId,
    expiry::{self, Expires},
    purge::NewPurge,
    token_filter::{Between, TokenFilter},
    user::StateChange,
};
use tokenry_store::tokens;
use tokenry_testkit::{AuthorityFixture, Engine};

const DAY: i64 = 86_400;
/// So small that every purge takes many steps.
const CHUNK: u32 = 4;

fn options() -> Options {
    Options {
        purge_chunk: CHUNK,
        unknown_per_minute: u32::MAX,
        ..Options::default()
    }
}

/// What somebody does; the numbers choose among what there is.
#[derive(Debug, Clone)]
enum Deed {
    Issue {
        owner: usize,
        kind: usize,
        days: i64,
    },
    Revoke(usize),
    Use(usize),
    Delete(usize),
    Block(usize),
    Wait(i64),
    Restart,
}

fn deed() -> impl Strategy<Value = Deed> {
    let some = || 0..1_000_usize;
    prop_oneof![
        5 => (some(), some(), 1..12_i64).prop_map(|(owner, kind, days)| Deed::Issue { owner, kind, days }),
        4 => some().prop_map(Deed::Revoke),
        3 => some().prop_map(Deed::Use),
        1 => some().prop_map(Deed::Delete),
        1 => some().prop_map(Deed::Block),
        1 => (1..3 * DAY).prop_map(Deed::Wait),
        1 => Just(Deed::Restart),
    ]
}

/// A filter of those that purges are filed with, its times in days from now.
#[derive(Debug, Clone)]
struct Sought {
    states: States,
    kinds: Vec<Kind>,
    owner: Option<usize>,
    owner_states: Vec<OwnerState>,
    ended: Option<i64>,
    created: Option<i64>,
    unused: Option<i64>,
    used: Option<bool>,
}

fn sought() -> impl Strategy<Value = Sought> {
    let states = prop::sample::select(vec![
        States::ALL,
        States::ACTIVE,
        States::INACTIVE,
        States::REVOKED,
        States::UNREVOKED,
    ]);
    let kinds = prop::sample::select(vec![
        vec![],
        vec![Kind::Personal],
        vec![Kind::Impersonation, Kind::Personal],
    ]);
    let owner_states = prop::sample::select(vec![
        vec![],
        vec![],
        vec![OwnerState::Blocked, OwnerState::Gone],
    ]);
    let days = || prop::option::weighted(0.2, -3..2_i64);
    (
        states,
        kinds,
        prop::option::weighted(0.4, 0..3_usize),
        owner_states,
        days(),
        days(),
        days(),
        prop::option::weighted(0.2, any::<bool>()),
    )
        .prop_map(
            |(states, kinds, owner, owner_states, ended, created, unused, used)| Sought {
                states,
                kinds,
                owner,
                owner_states,
                ended,
                created,
                unused,
                used,
            },
        )
}

impl Sought {
    fn filter(&self, owners: &[UserId], now: Timestamp) -> TokenFilter {
        let then = |days: i64| expiry::after(now, days * DAY);
        let filter = TokenFilter {
            states: self.states,
            kinds: self.kinds.clone(),
            owner: self.owner.map(|owner| owners[owner]),
            owner_states: self.owner_states.clone(),
            ended_before: self.ended.map(then),
            created: Between {
                after: None,
                before: self.created.map(then),
            },
            last_used: Between {
                after: None,
                before: self.unused.map(then),
            },
            used: self.used,
            ..TokenFilter::default()
        };
        if filter == TokenFilter::default() {
            // Such a purge is refused.
            return TokenFilter {
                states: States::INACTIVE,
                ..filter
            };
        }
        filter
    }
}

struct World {
    fixture: Option<AuthorityFixture>,
    owners: Vec<User>,
    /// Texts by id, in the order of issue.
    texts: Vec<(TokenId, String)>,
}

impl World {
    async fn new(engine: Engine) -> Self {
        let fixture = AuthorityFixture::with_options(engine, options()).await;
        let mut owners = vec![];
        for name in ["ida", "bob", "eve"] {
            owners.push(user(&fixture, name).await);
        }
        Self {
            fixture: Some(fixture),
            owners,
            texts: vec![],
        }
    }

    fn fixture(&self) -> &AuthorityFixture {
        self.fixture.as_ref().unwrap()
    }

    fn now(&self) -> Timestamp {
        self.fixture().authority.now()
    }

    fn some(&self, number: usize) -> Option<(TokenId, String)> {
        let count = self.texts.len();
        (count > 0).then(|| self.texts[number % count].clone())
    }

    /// Does it, a moment after what was before. What can't be done isn't.
    async fn act(&mut self, deed: &Deed) {
        self.fixture().clock.advance(1);
        let fixture = self.fixture();
        let (authority, console) = (&fixture.authority, fixture.console());
        match deed {
            Deed::Issue { owner, kind, days } => {
                let end = expiry::after(self.now(), days * DAY);
                let wanted = Wanted {
                    kind: [Kind::Personal, Kind::Impersonation][kind % 2],
                    expires: Expires::On(Some(expiry::date(end))),
                    ..wanted(self.owners[owner % 3].id, "x")
                };
                if let Ok(issued) = authority.issue_token(&console, wanted).await {
                    let text = issued.text.reveal().to_owned();
                    self.texts.push((issued.token.id, text));
                }
            }
            Deed::Revoke(number) => {
                if let Some((id, _)) = self.some(*number) {
                    let _ = authority.revoke_token(&console, id).await;
                }
            }
            Deed::Use(number) => {
                if let Some((_, text)) = self.some(*number) {
                    let _ = enter(fixture, &text).await;
                }
            }
            Deed::Delete(number) => {
                if let Some((id, _)) = self.some(*number) {
                    let _ = authority.delete_token(&console, id).await;
                }
            }
            Deed::Block(number) => {
                let owner = self.owners[number % 3].id;
                let change = if number % 2 == 0 {
                    StateChange::Block
                } else {
                    StateChange::Unblock
                };
                let _ = authority.change_user_state(&console, owner, change).await;
            }
            Deed::Wait(seconds) => fixture.clock.advance(*seconds),
            Deed::Restart => {
                let fixture = self.fixture.take().unwrap();
                self.fixture = Some(fixture.reopened(options()).await);
            }
        }
    }

    /// Every token there is, with what memory knows of its last use.
    async fn ledger(&self) -> BTreeMap<TokenId, Token> {
        let fixture = self.fixture();
        fixture.authority.flush_last_uses().await.unwrap();
        let mut conn = fixture.store.read().await.unwrap();
        let all = tokens::after(&mut conn, 0, 10_000).await.unwrap();
        all.into_iter().map(|token| (token.id, token)).collect()
    }

    fn owner_state(&self, owner: UserId) -> OwnerState {
        let owner = self.fixture().authority.recall_user(owner);
        owner.map_or(OwnerState::Gone, |owner| OwnerState::of(&owner))
    }

    /// What a filter shows of a ledger at a moment.
    fn shown(
        &self,
        ledger: &BTreeMap<TokenId, Token>,
        filter: &TokenFilter,
        at: Timestamp,
    ) -> BTreeSet<TokenId> {
        let shown = ledger
            .values()
            .filter(|token| filter.matches(token, self.owner_state(token.owner), at));
        shown.map(|token| token.id).collect()
    }

    async fn purge(&self, id: tokenry_domain::PurgeId) -> Purge {
        let fixture = self.fixture();
        let shown = fixture.authority.show_purge(&fixture.console(), id).await;
        shown.unwrap()
    }
}

/// Runs a purge step by step, with deeds between; each step takes what is meant
/// and nothing else.
async fn one_case(engine: Engine, before: Vec<Deed>, sought: Sought, between: Vec<Deed>) {
    let mut world = World::new(engine).await;
    for deed in &before {
        world.act(deed).await;
    }
    world.fixture().clock.advance(1);
    let at = world.now();
    let ids: Vec<_> = world.owners.iter().map(|owner| owner.id).collect();
    let filter = sought.filter(&ids, at);
    let wanted = NewPurge {
        filter: filter.clone(),
        dry_run: false,
        reason: None,
    };
    let (authority, console) = (&world.fixture().authority, world.fixture().console());
    let id = authority.file_purge(&console, wanted).await.unwrap().id;
    let meant = {
        let ledger = world.ledger().await;
        world.shown(&ledger, &filter, at)
    };
    let mut taken = BTreeSet::new();
    let mut deeds = between.iter();
    loop {
        let ledger = world.ledger().await;
        if !world.fixture().authority.advance_purges().await.unwrap() {
            break;
        }
        let after = world.ledger().await;
        let matching = world.shown(&ledger, &filter, at);
        for id in ledger.keys().filter(|id| !after.contains_key(id)) {
            assert!(meant.contains(id) && matching.contains(id), "{id} went");
            assert!(taken.insert(*id));
        }
        for deed in deeds.by_ref().take(2) {
            world.act(deed).await;
        }
    }
    let ledger = world.ledger().await;
    let matching = world.shown(&ledger, &filter, at);
    for id in meant.iter().filter(|id| ledger.contains_key(id)) {
        let used_since = ledger[id].last_use.at.is_some_and(|used| used > at);
        let excused = !matching.contains(id) || (filter.asks_for_uses() && used_since);
        assert!(excused, "{id} stayed: {:?}", ledger[id]);
    }
    let purge = world.purge(id).await;
    assert_eq!(purge.state(), "done");
    assert_eq!(purge.progress.deleted, taken.len() as u64);
    is_told(&world, &taken).await;
}

/// The trail tells of each that went, once.
async fn is_told(world: &World, taken: &BTreeSet<TokenId>) {
    let trail = world.fixture().trail().await;
    let steps = trail.iter().filter(|entry| entry.action == "tokens_purged");
    let told: u64 = steps
        .map(|step| step.after["deleted"].as_u64().unwrap())
        .sum();
    assert_eq!(told, taken.len() as u64);
}

fn hold_against_the_reference(engine: Engine, cases: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let many = || prop::collection::vec(deed(), 10..60);
    let few = prop::collection::vec(deed(), 0..30);
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    })
    .run(&(many(), sought(), few), |(before, sought, between)| {
        runtime.block_on(one_case(engine, before, sought, between));
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_purge_takes_what_was_meant_and_nothing_else_on_sqlite() {
    hold_against_the_reference(Engine::Sqlite, 48);
}

#[test]
fn a_purge_takes_what_was_meant_and_nothing_else_on_postgres() {
    hold_against_the_reference(Engine::Postgres, 12);
}

//! Token lists against the plain reference, `TokenFilter::matches` and `TokenOrder::position`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::cmp::Ordering;

use common::{address, at, draft, mark, profile, raw};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use tokenry_domain::{
    GroupId, Kind, OwnerState, ProjectId, Scope, Scopes, State, States, Subject, Token, UserId,
    UserType,
    page::{COUNTED, Direction, Page, PerPage, Position, SortValue, Total, Window},
    token::{Draft, LastUse},
    token_filter::{Between, HintPart, SortKey, TokenFilter, TokenOrder},
};
use tokenry_store::{
    Conn, Store, StoreError, Work, last_use,
    token_page::NumberedPage,
    token_walk::{STRIDE, Walk},
    tokens::{self, Mark},
    users,
};
use tokenry_testkit::{Engine, Fixture as _, StoreFixture, both_engines};
use tokenry_token::{Hint, Prefix, TokenText};

/// What a token of a test is made from.
#[derive(Debug, Clone)]
struct Made {
    kind: Kind,
    owner: usize,
    subject: Option<Subject>,
    name: String,
    created: i64,
    expires: Option<i64>,
    revoked: Option<i64>,
    used: Option<i64>,
    scopes: Scopes,
    prefix: &'static str,
    /// The place in the world of the token that this one came of.
    from: Option<usize>,
}

/// Few values, so that there are ties and matches.
fn second() -> impl Strategy<Value = i64> {
    0..6_i64
}

fn name() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "50%",
        "a_b",
        r"back\slash",
        "Zeta",
        "zeta",
        "ÉCLAIR",
        "éclair",
        "İstanbul",
        "ΟΔΟΣ",
        "straße",
        "🦀",
        "\u{ffff}",
        "a'b",
        "a\"b",
        "aB",
        "Ab",
        "ab",
        "a",
        "",
    ]);
    prop_oneof![odd.prop_map(str::to_owned), "[a-cA-C%_\\\\éÉ ]{1,5}"]
}

fn made() -> impl Strategy<Value = Made> {
    let kind = select(Kind::all().collect::<Vec<_>>());
    let times = (
        second(),
        prop::option::of(second()),
        prop::option::of(second()),
        prop::option::of(second()),
    );
    let from = prop::option::weighted(0.2, 0..5_usize);
    let looks = (name(), select(PREFIXES.to_vec()), scopes());
    (kind, (0..4_usize, subject(), from), looks, times).prop_map(
        |(
            kind,
            (owner, subject, from),
            (name, prefix, scopes),
            (created, expires, revoked, used),
        )| {
            Made {
                kind,
                owner,
                subject,
                name,
                created,
                expires,
                revoked,
                used,
                scopes,
                prefix,
                from,
            }
        },
    )
}

/// Of which one begins another, and one is the same but for its case.
const PREFIXES: [&str; 3] = ["glpat-", "GLPAT-", "gl"];

/// Of which one begins another.
fn scopes() -> impl Strategy<Value = Scopes> {
    let sets = [
        Scopes::NONE,
        Scopes::of(&[Scope::Api]),
        Scopes::of(&[Scope::ReadApi, Scope::Sudo]),
        Scopes::of(&[Scope::ReadUser]),
    ];
    select(sets.to_vec())
}

/// What the owners of tests are, the last of them the ghost.
const OWNERS: [OwnerState; 4] = [
    OwnerState::Active,
    OwnerState::Blocked,
    OwnerState::Deactivated,
    OwnerState::Gone,
];

/// Two subjects of the same number, or none.
fn subject() -> impl Strategy<Value = Option<Subject>> {
    let group = Subject::from(GroupId::from_row(1));
    let project = Subject::from(ProjectId::from_row(1));
    select(vec![None, Some(group), Some(project)])
}

/// A filter whose owner and family are places in the world, for want of ids.
#[derive(Debug, Clone)]
struct Asked {
    filter: TokenFilter,
    owner: Option<usize>,
    family: Option<usize>,
}

fn states() -> impl Strategy<Value = States> {
    let any = prop::sample::subsequence(vec![State::Active, State::Expired, State::Revoked], 0..=3);
    prop_oneof![3 => Just(States::ALL), 2 => any.prop_map(|states| States::of(&states))]
}

fn hint() -> impl Strategy<Value = HintPart> {
    let whole = select(vec!["glpat-…0003", "GLPAT-…0004", "gl…0000"]);
    let ending = select(vec!["0001", "0002", "000%", "000_"]);
    prop_oneof![
        whole.prop_map(|hint| HintPart::Whole(Hint::from_stored(hint.to_owned()))),
        ending.prop_map(|ending| HintPart::Ending(ending.to_owned())),
    ]
}

fn filter() -> impl Strategy<Value = Asked> {
    let between = || {
        let end = || prop_oneof![3 => Just(None), 1 => second().prop_map(|s| Some(at(s)))];
        (end(), end()).prop_map(|(after, before)| Between { after, before })
    };
    let word = prop_oneof![
        select(vec![
            "%", "_", "\\", "A", "b", "É", "é", "i̇", "İ", "σ", "ς", "SS", "🦀", "'", "a\0"
        ])
        .prop_map(str::to_owned),
        "[a-cA-C%_\\\\éÉ]{1,2}",
    ];
    let words = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(word, 1..3)];
    let kinds = prop_oneof![2 => Just(Vec::new()), 1 => Just(vec![Kind::Personal]), 1 => Just(vec![Kind::Impersonation]), 1 => Just(Kind::all().collect())];
    let owner = (
        prop::option::weighted(0.4, 0..4_usize),
        prop::option::weighted(0.2, subject()),
        prop_oneof![4 => Just(Vec::new()), 1 => prop::sample::subsequence(OwnerState::ALL.to_vec(), 1..3)],
        prop::option::weighted(0.1, 0..5_usize),
    );
    let looks = (
        words,
        prop::option::weighted(0.1, hint()),
        prop::option::weighted(0.1, select(PREFIXES.to_vec())),
        prop_oneof![3 => Just(Scopes::NONE), 1 => scopes()],
    );
    let traces = (
        prop::option::weighted(0.2, any::<bool>()),
        prop::option::weighted(0.1, (1..3_u8).prop_map(address)),
        prop::option::weighted(0.1, second().prop_map(at)),
    );
    let times = (between(), between(), between(), between(), states(), traces);
    (kinds, owner, looks, times).prop_map(
        |(kinds, (owner, subject, owner_states, family), (words, hint, prefix, scopes), times)| {
            let (created, expires, revoked, last_used, states, (used, address, ended_before)) =
                times;
            let filter = TokenFilter {
                kinds,
                states,
                owner: None,
                owner_states,
                subject: subject.flatten(),
                without_subject: subject == Some(None),
                scopes,
                words,
                hint,
                prefix: prefix.map(|prefix| Prefix::new(prefix).unwrap()),
                created,
                expires,
                revoked,
                ended_before,
                last_used,
                used,
                family: None,
                address,
            };
            Asked {
                filter,
                owner,
                family,
            }
        },
    )
}

/// Puts the tokens into an empty ledger and answers them as they must read back.
async fn fill(fixture: &StoreFixture, owners: &[UserId], world: &[Made]) -> Vec<Token> {
    raw(&fixture.database, "DELETE FROM tokens").await;
    let (world, owners) = (world.to_vec(), owners.to_vec());
    fixture
        .store
        .write(
            move |conn| -> Work<'_, Vec<Token>, StoreError> {
                Box::pin(async move {
                    let mut all = Vec::new();
                    for (number, made) in world.into_iter().enumerate() {
                        let from: Option<&Token> = made.from.and_then(|place| all.get(place));
                        let draft = Draft {
                            kind: made.kind,
                            expires_at: made.expires.map(at),
                            subject: made.subject,
                            scopes: made.scopes,
                            rotated_from: from.map(|from| from.id),
                            family: from.map(Token::family_head),
                            ..draft(owners[made.owner], &made.name)
                        };
                        let text = format!("{}secretsecret{number:04}", made.prefix);
                        let mark = Mark {
                            hint: TokenText::new(text).hint(made.prefix),
                            ..mark(number as u64)
                        };
                        let mut token =
                            tokens::insert(conn, &draft, mark, at(made.created)).await?;
                        if let Some(revoked) = made.revoked {
                            tokens::revoke(conn, token.id, at(revoked)).await?;
                            token.life.revoked_at = Some(at(revoked));
                        }
                        if let Some(used) = made.used {
                            token.last_use = LastUse {
                                at: Some(at(used)),
                                addresses: vec![address(11), address(1)],
                            };
                            last_use::save(conn, &[(token.id, token.last_use.clone())]).await?;
                        }
                        all.push(token);
                    }
                    Ok(all)
                })
            },
            |_| {},
        )
        .await
        .unwrap()
}

fn compare(order: TokenOrder, one: &Token, other: &Token) -> Ordering {
    let key = |token| {
        let position = order.position(token);
        match position.value {
            SortValue::Number(number) => (number, Vec::new(), position.id),
            SortValue::Text(text) => (0, text.into_bytes(), position.id),
        }
    };
    match order.direction {
        Direction::Ascending => key(one).cmp(&key(other)),
        Direction::Descending => key(other).cmp(&key(one)),
    }
}

/// A way through a list, in strides of the usual length.
fn way(filter: &TokenFilter, order: TokenOrder) -> Walk<'_> {
    Walk {
        filter,
        order,
        now: at(3),
        stride: STRIDE,
        among: None,
    }
}

/// Walks through all windows, by page number or by position, and checks each
/// window's `more` and `total` on the way.
async fn walk(
    store: &Store,
    way: Walk<'_>,
    per_page: u64,
    keyset: bool,
    expected: usize,
) -> Vec<Token> {
    let per_page = PerPage::new(per_page).unwrap();
    let mut conn = store.read().await.unwrap();
    let (mut rows, mut position) = (Vec::new(), None);
    for number in 1.. {
        let page = if keyset {
            let window = Window::After { position, per_page };
            let page = way.page(&mut conn, &window).await.unwrap();
            assert_eq!(page.total, Total::Uncounted);
            page
        } else {
            let page = numbered(&mut conn, way, number, per_page, 3).await;
            assert_eq!(page.total, Total::Exactly(expected as u64));
            page
        };
        assert!(page.rows.len() <= per_page.get() as usize);
        position = page.rows.last().map(|row| way.order.position(row));
        rows.extend(page.rows);
        assert_eq!(
            page.more,
            rows.len() < expected,
            "after {} of {expected}",
            rows.len()
        );
        if !page.more {
            break;
        }
    }
    rows
}

/// A page read in one go, which is the same read stride by stride.
async fn numbered(
    conn: &mut Conn,
    way: Walk<'_>,
    number: u64,
    per_page: PerPage,
    stride: u64,
) -> Page<Token> {
    let window = Window::Page { number, per_page };
    let page = way.page(conn, &window).await.unwrap();
    let mut read = NumberedPage::new(number, per_page);
    while !read.is_whole() {
        read.read_on(conn, Walk { stride, ..way }).await.unwrap();
    }
    let read = read.finish();
    assert_eq!(read.rows, page.rows, "page {number} in strides of {stride}");
    assert_eq!((read.more, read.total), (page.more, page.total));
    page
}

/// An owner in each state of [`OWNERS`].
async fn owners(fixture: &StoreFixture) -> Vec<UserId> {
    let mut owners = Vec::new();
    for name in ["a", "b", "c"] {
        owners.push(common::user(&fixture.store, name).await.id);
    }
    let ghost = profile("ghost");
    let made = crate::change!(fixture.store, conn => users::insert_bot(conn, UserType::Ghost, None, &ghost, at(0)));
    owners.push(made.unwrap().id);
    for (state, owner) in [("blocked", owners[1]), ("deactivated", owners[2])] {
        let sql = format!("UPDATE users SET state = '{state}' WHERE id = {owner}");
        raw(&fixture.database, &sql).await;
    }
    owners
}

/// Walks through all strides of a list, and counts on the way.
async fn strides(store: &Store, way: Walk<'_>, most: u64) -> Vec<Token> {
    let mut conn = store.read().await.unwrap();
    // Of odd ones, more is looked at after a first look at a few.
    let stride = if most.is_multiple_of(2) {
        most
    } else {
        most * 6
    };
    let walk = Walk { stride, ..way };
    let (mut rows, mut position) = (Vec::new(), None);
    loop {
        let most = usize::try_from(most).unwrap();
        let walked = walk.rows(&mut conn, position.as_ref(), most).await.unwrap();
        assert!(walked.rows.len() <= most);
        rows.extend(walked.rows);
        position = walked.next;
        if position.is_none() {
            break;
        }
    }
    let (mut total, mut position) = (0, None);
    loop {
        let (counted, next) = walk.count(&mut conn, position.as_ref()).await.unwrap();
        total += counted;
        position = next;
        if position.is_none() {
            break;
        }
    }
    assert_eq!(total, rows.len() as u64);
    assert!(walk.extent(&mut conn, 1_000).await.unwrap() >= total);
    rows
}

fn lists_are_the_reference(engine: Engine) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fixture = runtime.block_on(StoreFixture::set_up(engine));
    let owners = runtime.block_on(owners(&fixture));
    let orders = select(TokenOrder::all().collect::<Vec<_>>());
    let lists = prop::collection::vec((filter(), orders, 1..8_u64), 6);
    let cases = (prop::collection::vec(made(), 0..25), lists);
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&cases, |(world, lists)| {
            runtime.block_on(async {
                let all = fill(&fixture, &owners, &world).await;
                for (asked, order, per_page) in lists {
                    let family = asked.family.and_then(|place| all.get(place));
                    let filter = TokenFilter {
                        owner: asked.owner.map(|number| owners[number]),
                        family: family.map(Token::family_head),
                        ..asked.filter
                    };
                    let state = |owner| {
                        let place = owners.iter().position(|known| *known == owner);
                        OWNERS[place.unwrap()]
                    };
                    let mut reference: Vec<Token> = all
                        .iter()
                        .filter(|token| filter.matches(token, state(token.owner), at(3)))
                        .cloned()
                        .collect();
                    reference.sort_by(|one, other| compare(order, one, other));
                    let some: Vec<_> = all.iter().map(|token| token.id).step_by(2).collect();
                    for among in [None, Some(&*some)] {
                        if let Some(ids) = among {
                            reference.retain(|token| ids.contains(&token.id));
                        }
                        let (store, expected) = (&fixture.store, reference.len());
                        let way = Walk {
                            among,
                            ..way(&filter, order)
                        };
                        let what = format!("{} among {among:?} {filter:?}", order.name());
                        let rows = strides(store, way, per_page).await;
                        prop_assert_eq!(&rows, &reference, "{}", &what);
                        for keyset in [false, true] {
                            let rows = walk(store, way, per_page, keyset, expected).await;
                            prop_assert_eq!(&rows, &reference, "keyset {} {}", keyset, &what);
                        }
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}

#[test]
fn pages_of_any_size_put_together_are_the_list_once_each_on_sqlite() {
    lists_are_the_reference(Engine::Sqlite);
}

#[test]
fn pages_of_any_size_put_together_are_the_list_once_each_on_postgres() {
    lists_are_the_reference(Engine::Postgres);
}

/// So many tokens of one owner, all with the same name and times.
async fn alike(fixture: &StoreFixture, count: u64) -> UserId {
    let owner = fixture
        .store
        .write(
            move |conn| -> Work<'_, UserId, StoreError> {
                Box::pin(async move {
                    let owner = users::insert(conn, &profile("ida"), None, at(0)).await?.id;
                    for number in 0..count {
                        tokens::insert(conn, &draft(owner, "ci"), mark(number), at(1)).await?;
                    }
                    Ok(owner)
                })
            },
            |_| {},
        )
        .await;
    owner.unwrap()
}

both_engines! {
    async fn what_differs_in_nothing_but_its_id_is_paged_once_each(fixture: StoreFixture) {
        let owner = alike(&fixture, 30).await;
        for (order, owner) in TokenOrder::all().flat_map(|order| [(order, None), (order, Some(owner))]) {
            let filter = TokenFilter { owner, ..TokenFilter::default() };
            let rows = walk(&fixture.store, way(&filter, order), 7, true, 30).await;
            let mut ids: Vec<_> = rows.iter().map(|token| token.id).collect();
            if order.direction == Direction::Descending {
                ids.reverse();
            }
            assert_eq!(ids.len(), 30);
            assert!(ids.is_sorted(), "{}", order.name());
        }
    }

    async fn a_total_is_counted_so_far_and_no_further(fixture: StoreFixture) {
        let owner = alike(&fixture, COUNTED).await;
        let total = async |filter: &TokenFilter| {
            let mut conn = fixture.store.read().await.unwrap();
            numbered(&mut conn, way(filter, TokenOrder::default()), 1, PerPage::DEFAULT, 4_000).await.total
        };
        let all = TokenFilter::default();
        assert_eq!(total(&all).await, Total::Exactly(COUNTED));
        common::token(&fixture.store, draft(owner, "one more"), COUNTED).await;
        assert_eq!(total(&all).await, Total::Many);
        let some = TokenFilter { words: vec!["more".into()], ..all };
        assert_eq!(total(&some).await, Total::Exactly(1));
    }

    async fn a_page_past_the_end_is_empty_and_the_largest_number_too(fixture: StoreFixture) {
        alike(&fixture, 3).await;
        let mut conn = fixture.store.read().await.unwrap();
        for number in [2, 1_000_000, u64::MAX] {
            let filter = TokenFilter::default();
            let page = numbered(&mut conn, way(&filter, TokenOrder::default()), number, PerPage::MOST, 2).await;
            assert!(page.rows.is_empty() && !page.more, "{number}");
            assert_eq!(page.total, Total::Exactly(3));
        }
    }

    async fn a_position_needs_no_row_that_is_still_there(fixture: StoreFixture) {
        alike(&fixture, 3).await;
        let mut conn = fixture.store.read().await.unwrap();
        for (value, id, left) in [("", 0, 3), ("ci", i64::MIN, 3), ("ci", i64::MAX, 0), ("zz", 0, 0), ("c\u{0}", 0, 3)] {
            let position = Some(Position { value: SortValue::Text(value.into()), id });
            let window = Window::After { position, per_page: PerPage::DEFAULT };
            let order = TokenOrder { key: SortKey::Name, direction: Direction::Ascending };
            let page = way(&TokenFilter::default(), order).page(&mut conn, &window).await.unwrap();
            assert_eq!(page.rows.len(), left, "after {value:?} {id}");
        }
    }
}

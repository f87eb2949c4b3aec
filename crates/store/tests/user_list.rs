//! User lists against a plain reference.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, raw};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use tokenry_domain::{
    User, UserState, UserType,
    page::{Direction, PerPage, SortValue, Total, Window},
    user::Profile,
    user_filter::{UserFilter, UserOrder, UserSortKey},
};
use tokenry_store::{StoreError, Work, user_list, users};
use tokenry_testkit::{Engine, Fixture as _, StoreFixture};

#[derive(Debug, Clone)]
struct Made {
    name: String,
    letters: String,
    admin: bool,
    external: bool,
    state: UserState,
    user_type: UserType,
    created: i64,
}

fn made() -> impl Strategy<Value = Made> {
    let name = prop_oneof![
        "[a-cA-C%_\\\\éÉ ]{1,5}",
        select(vec!["Ünal", "ünal", "Zoë", "🦀", "\u{ffff}"]).prop_map(str::to_owned)
    ];
    let state = select(vec![
        UserState::Active,
        UserState::Blocked,
        UserState::Banned,
        UserState::Deactivated,
    ]);
    (
        name,
        "[a-cA-C]{1,2}",
        any::<bool>(),
        any::<bool>(),
        state,
        select(UserType::ALL.to_vec()),
        0..4_i64,
    )
        .prop_map(
            |(name, letters, admin, external, state, user_type, created)| Made {
                name,
                letters,
                admin,
                external,
                state,
                user_type,
                created,
            },
        )
}

fn filter() -> impl Strategy<Value = UserFilter> {
    let rarely = |some: BoxedStrategy<String>| prop::option::weighted(0.3, some);
    let username = "[a-cA-C]{1,2}[0-9]".boxed();
    let search = prop_oneof![
        "[a-cA-C%_\\\\éÉü]{1,2}",
        "[a-cA-C]{1,2}[0-9]@Example\\.com",
        Just("a\0".to_owned())
    ]
    .boxed();
    let state = prop::option::weighted(0.3, select(vec![UserState::Active, UserState::Banned]));
    let moment = || prop::option::weighted(0.2, (0..4_i64).prop_map(at));
    (
        rarely(username),
        rarely(search),
        state,
        prop::bool::weighted(0.2),
        prop::option::weighted(0.2, any::<bool>()),
        (
            prop::option::weighted(0.2, any::<bool>()),
            prop::bool::weighted(0.2),
            any::<bool>(),
        ),
        (moment(), moment()),
    )
        .prop_map(
            |(
                username,
                search,
                state,
                admins,
                external,
                (humans, without_project_bots, emails),
                (created_after, created_before),
            )| {
                UserFilter {
                    username,
                    search,
                    emails,
                    state,
                    admins,
                    external,
                    humans,
                    without_project_bots,
                    service_accounts_of: None,
                    created_after,
                    created_before,
                }
            },
        )
}

fn matches(filter: &UserFilter, user: &User) -> bool {
    let found = |text: &String| {
        let text = text.to_lowercase();
        user.name.to_lowercase().contains(&text)
            || user.username.to_lowercase().contains(&text)
            || (filter.emails && user.email.to_lowercase() == text)
    };
    filter
        .username
        .as_ref()
        .is_none_or(|name| name.eq_ignore_ascii_case(&user.username))
        && filter.search.as_ref().is_none_or(found)
        && filter.state.is_none_or(|state| state == user.state)
        && (!filter.admins || user.admin)
        && filter
            .external
            .is_none_or(|external| external == user.external)
        && filter.humans.is_none_or(|humans| humans == user.is_human())
        && !(filter.without_project_bots && user.user_type == UserType::ProjectBot)
        && filter
            .created_after
            .is_none_or(|start| user.created_at >= start)
        && filter
            .created_before
            .is_none_or(|end| user.created_at <= end)
}

fn orders() -> Vec<UserOrder> {
    [
        UserSortKey::Id,
        UserSortKey::Name,
        UserSortKey::Username,
        UserSortKey::Created,
    ]
    .into_iter()
    .flat_map(|key| {
        [Direction::Ascending, Direction::Descending].map(|direction| UserOrder { key, direction })
    })
    .collect()
}

fn sort(users: &mut [User], order: UserOrder) {
    users.sort_by_key(|user| match order.position(user).value {
        SortValue::Number(number) => (number, Vec::new(), user.id),
        SortValue::Text(text) => (0, text.into_bytes(), user.id),
    });
    if order.direction == Direction::Descending {
        users.reverse();
    }
}

async fn fill(fixture: &StoreFixture, world: Vec<Made>) -> Vec<User> {
    raw(&fixture.database, "DELETE FROM users").await;
    fixture
        .store
        .write(
            move |conn| -> Work<'_, Vec<User>, StoreError> {
                Box::pin(async move {
                    let mut all = Vec::new();
                    for (number, made) in world.into_iter().enumerate() {
                        let username = format!("{}{number}", made.letters);
                        let email = format!("{username}@example.com");
                        let profile = Profile {
                            username,
                            name: made.name,
                            email,
                            admin: made.admin,
                            external: made.external,
                        };
                        let at = at(made.created);
                        let user = users::insert_bot(conn, made.user_type, None, &profile, at);
                        let user = user.await?;
                        users::change_state(conn, user.id, UserState::Active, made.state).await?;
                        all.push(User {
                            state: made.state,
                            ..user
                        });
                    }
                    Ok(all)
                })
            },
            |_| {},
        )
        .await
        .unwrap()
}

fn lists_are_the_reference(engine: Engine) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fixture = runtime.block_on(StoreFixture::set_up(engine));
    let lists = prop::collection::vec((filter(), select(orders()), 1..8_u64), 6);
    let cases = (prop::collection::vec(made(), 0..16), lists);
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&cases, |(world, lists)| {
            runtime.block_on(async {
                let all = fill(&fixture, world).await;
                let mut conn = fixture.store.read().await.unwrap();
                for (filter, order, per_page) in lists {
                    let mut reference: Vec<User> = all
                        .iter()
                        .filter(|user| matches(&filter, user))
                        .cloned()
                        .collect();
                    sort(&mut reference, order);
                    let per_page = PerPage::new(per_page).unwrap();
                    for keyset in [false, true] {
                        let (mut rows, mut position) = (Vec::new(), None);
                        for number in 1.. {
                            let window = if keyset {
                                Window::After { position, per_page }
                            } else {
                                Window::Page { number, per_page }
                            };
                            let page = user_list::page(&mut conn, &filter, order, &window)
                                .await
                                .unwrap();
                            let total = if keyset {
                                Total::Uncounted
                            } else {
                                Total::Exactly(reference.len() as u64)
                            };
                            prop_assert_eq!(page.total, total);
                            position = page.rows.last().map(|user| order.position(user));
                            rows.extend(page.rows);
                            prop_assert_eq!(page.more, rows.len() < reference.len());
                            if !page.more {
                                break;
                            }
                        }
                        prop_assert_eq!(
                            &rows,
                            &reference,
                            "{} keyset {} {:?}",
                            order.name(),
                            keyset,
                            filter
                        );
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}

#[test]
fn pages_of_users_put_together_are_the_list_on_sqlite() {
    lists_are_the_reference(Engine::Sqlite);
}

#[test]
fn pages_of_users_put_together_are_the_list_on_postgres() {
    lists_are_the_reference(Engine::Postgres);
}

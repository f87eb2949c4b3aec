//! What an answered, a refused and a lost change are worth.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use common::{at, profile};
use futures_util::future::join_all;
use sqlx::AssertSqlSafe;
use tokenry_store::{Conn, Store, StoreError, Work, users};
use tokenry_testkit::{StoreFixture, both_engines};
use tokio::sync::{Notify, oneshot};

type Answer = Result<(), StoreError>;

/// Adds a user of this name, after a word from the gate if there is one.
async fn add(store: &Store, username: String, gate: Option<Arc<Notify>>) -> Answer {
    store
        .write(
            move |conn| -> Work<'_, (), StoreError> {
                Box::pin(async move {
                    if let Some(gate) = gate {
                        gate.notified().await;
                    }
                    users::insert(conn, &profile(&username), None, at(0))
                        .await
                        .map(drop)
                })
            },
            |()| {},
        )
        .await
}

async fn names(store: &Store) -> Vec<String> {
    let all = users::all(&mut store.read().await.unwrap()).await.unwrap();
    let mut names: Vec<_> = all.into_iter().map(|user| user.username).collect();
    names.sort();
    names
}

async fn execute(conn: &mut Conn, sql: &str) -> Answer {
    let sql = AssertSqlSafe(sql.to_owned());
    match conn {
        Conn::Sqlite(conn) => sqlx::query(sql).execute(&mut **conn).await.map(drop)?,
        Conn::Postgres(conn) => sqlx::query(sql).execute(&mut **conn).await.map(drop)?,
    }
    Ok(())
}

/// Runs a piece of SQL as a change.
async fn statement(store: &Store, sql: &'static str) -> Answer {
    store
        .write(
            move |conn| -> Work<'_, (), StoreError> { Box::pin(execute(conn, sql)) },
            |()| {},
        )
        .await
}

/// Polls once, which hands the change to the writer.
async fn begin(mut future: std::pin::Pin<&mut impl Future>) {
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

both_engines! {
    async fn of_many_changes_at_once_the_failing_ones_take_nothing_with_them(fixture: StoreFixture) {
        let store = &fixture.store;
        // Every third name is there already.
        let answers = join_all((0..90).map(|n| add(store, format!("user{}", if n % 3 == 2 { n - 1 } else { n }), None))).await;
        let kept = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(kept, 60);
        assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| matches!(error, StoreError::Duplicate(_))));
        assert_eq!(names(store).await.len(), 60);
    }

    async fn a_change_that_fails_half_way_leaves_nothing(fixture: StoreFixture) {
        let store = &fixture.store;
        let refused = store
            .write(
                |conn| -> Work<'_, (), StoreError> {
                    Box::pin(async move {
                        users::insert(conn, &profile("half"), None, at(0)).await?;
                        Err(StoreError::Corrupt("test"))
                    })
                },
                |()| panic!("nothing was committed"),
            )
            .await;
        assert!(matches!(refused, Err(StoreError::Corrupt("test"))));
        assert!(names(store).await.is_empty());
    }

    async fn a_change_is_done_though_its_caller_went_away(fixture: StoreFixture) {
        let store = fixture.store.clone();
        let gate = Arc::new(Notify::new());
        let (committed, heard) = oneshot::channel();
        {
            let gate = gate.clone();
            let mut write = pin!(store.write(
                move |conn| -> Work<'_, (), StoreError> {
                    Box::pin(async move {
                        gate.notified().await;
                        users::insert(conn, &profile("ida"), None, at(0)).await.map(drop)
                    })
                },
                |()| committed.send(()).unwrap(),
            ));
            begin(write.as_mut()).await;
        }
        gate.notify_one();
        heard.await.expect("what follows the commit is run");
        assert_eq!(names(&store).await, ["ida"]);
    }

    async fn memory_hears_of_a_commit_before_the_caller_does(fixture: StoreFixture) {
        let order = Arc::new(parking::Order::default());
        let inner = order.clone();
        fixture
            .store
            .write(
                |conn| -> Work<'_, (), StoreError> { Box::pin(async move { users::insert(conn, &profile("ida"), None, at(0)).await.map(drop) }) },
                move |()| inner.add("memory"),
            )
            .await
            .unwrap();
        order.add("caller");
        assert_eq!(order.all(), ["memory", "caller"]);
    }

    async fn an_answered_change_is_on_disk_even_if_it_overlooked_a_failure(fixture: StoreFixture) {
        let store = &fixture.store;
        let answer = store
            .write(
                |conn| -> Work<'_, (), StoreError> {
                    Box::pin(async move {
                        users::insert(conn, &profile("ida"), None, at(0)).await?;
                        let overlooked = execute(conn, "SELECT * FROM nowhere").await;
                        assert!(overlooked.is_err());
                        Ok(())
                    })
                },
                |()| {},
            )
            .await;
        assert_eq!(names(store).await.len(), usize::from(answer.is_ok()), "{answer:?}");
        add(store, "next".into(), None).await.unwrap();
    }

    async fn a_change_that_panics_stops_nobody_else(fixture: StoreFixture) {
        let store = &fixture.store;
        for _ in 0..3 {
            let answer = store
                .write(
                    |conn| -> Work<'_, (), StoreError> {
                        Box::pin(async move {
                            users::insert(conn, &profile("panic"), None, at(0)).await?;
                            panic!("a fault of ours")
                        })
                    },
                    |()| {},
                )
                .await;
            assert!(answer.is_err());
            let after_commit = store
                .write(|_| -> Work<'_, (), StoreError> { Box::pin(async { Ok(()) }) }, |()| panic!("a fault of ours"))
                .await;
            assert!(after_commit.is_err());
        }
        add(store, "ida".into(), None).await.unwrap();
        assert_eq!(names(store).await, ["ida"]);
    }

    async fn a_change_that_breaks_its_transaction_is_an_error_and_the_next_works(fixture: StoreFixture) {
        let store = &fixture.store;
        for sql in ["ROLLBACK", "COMMIT"] {
            let _ = statement(store, sql).await;
            let name = sql.to_lowercase();
            add(store, name.clone(), None).await.unwrap();
            assert!(names(store).await.contains(&name));
        }
    }

    async fn a_closed_store_refuses_changes_and_reads(fixture: StoreFixture) {
        add(&fixture.store, "ida".into(), None).await.unwrap();
        fixture.store.close().await;
        assert!(matches!(add(&fixture.store, "late".into(), None).await, Err(StoreError::Closed)));
        assert!(matches!(fixture.store.read().await, Err(StoreError::Closed)));
        let again = Store::open(&fixture.database.location).await.unwrap();
        assert_eq!(names(&again).await, ["ida"]);
    }

    async fn a_reading_connection_answers_a_ping(fixture: StoreFixture) {
        fixture.store.ping().await.unwrap();
        fixture.store.close().await;
        assert!(fixture.store.ping().await.is_err());
    }
}

mod parking {
    use std::sync::Mutex;

    /// What happened, in order.
    #[derive(Default)]
    pub(crate) struct Order(Mutex<Vec<&'static str>>);

    impl Order {
        pub(crate) fn add(&self, what: &'static str) {
            self.0.lock().unwrap().push(what);
        }

        pub(crate) fn all(&self) -> Vec<&'static str> {
            self.0.lock().unwrap().clone()
        }
    }
}

async fn sqlite() -> StoreFixture {
    <StoreFixture as tokenry_testkit::Fixture>::set_up(tokenry_testkit::Engine::Sqlite).await
}

#[tokio::test]
async fn changes_that_wait_share_a_commit() {
    let fixture = sqlite().await;
    let order = Arc::new(parking::Order::default());
    let gate = Arc::new(Notify::new());
    let change = |gate: Option<Arc<Notify>>| {
        let (ran, committed) = (order.clone(), order.clone());
        fixture.store.write(
            move |_| -> Work<'_, (), StoreError> {
                Box::pin(async move {
                    if let Some(gate) = gate {
                        gate.notified().await;
                    }
                    ran.add("run");
                    Ok(())
                })
            },
            move |()| committed.add("committed"),
        )
    };
    let mut all = pin!(join_all(
        (0..50).map(|n| change((n == 0).then(|| gate.clone())))
    ));
    begin(all.as_mut()).await;
    gate.notify_one();
    assert!(all.await.iter().all(Result::is_ok));
    let expected: Vec<_> = std::iter::repeat_n("run", 50)
        .chain(std::iter::repeat_n("committed", 50))
        .collect();
    assert_eq!(order.all(), expected);
}

#[tokio::test]
async fn a_lost_group_is_an_error_to_all_in_it_and_to_nobody_else() {
    let fixture = sqlite().await;
    let store = &fixture.store;
    add(store, "before".into(), None).await.unwrap();
    let gate = Arc::new(Notify::new());
    let mut group = pin!(async {
        tokio::join!(
            add(store, "first".into(), Some(gate.clone())),
            add(store, "before".into(), None),
            statement(store, "ROLLBACK"),
            add(store, "after".into(), None),
        )
    });
    begin(group.as_mut()).await;
    gate.notify_one();
    let (first, duplicate, breaker, after) = group.await;
    assert!(matches!(first, Err(StoreError::GroupLost)), "{first:?}");
    assert!(
        matches!(duplicate, Err(StoreError::Duplicate(_))),
        "its own error is heard: {duplicate:?}"
    );
    assert!(matches!(breaker, Err(StoreError::GroupLost)), "{breaker:?}");
    after.unwrap();
    assert_eq!(names(store).await, ["after", "before"]);
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_with_room_again_it_goes_on() {
    let fixture = sqlite().await;
    let store = &fixture.store;
    add(store, "before".into(), None).await.unwrap();
    // No page more than there are now.
    statement(store, "PRAGMA max_page_count = 1").await.unwrap();
    let big = |name: &str| format!("{name}{}", "x".repeat(9_000));
    let answers = join_all((0..20).map(|n| add(store, big(&n.to_string()), None))).await;
    assert!(answers.iter().all(Result::is_err), "nothing fits");
    assert_eq!(names(store).await, ["before"]);
    statement(store, "PRAGMA max_page_count = 1000000")
        .await
        .unwrap();
    add(store, big("after"), None).await.unwrap();
    assert_eq!(names(store).await, [big("after"), "before".to_owned()]);
}

#[tokio::test]
async fn what_was_answered_is_there_when_the_database_is_opened_again() {
    let fixture = sqlite().await;
    let store = &fixture.store;
    join_all((0..40).map(|n| add(store, format!("user{n}"), None)))
        .await
        .into_iter()
        .for_each(|answer| answer.unwrap());
    // Without closing: as a process that is killed.
    let again = Store::open(&fixture.database.location).await.unwrap();
    assert_eq!(names(&again).await.len(), 40);
}

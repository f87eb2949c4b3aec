//! Creating tokens without HTTP: through the store, which commits in groups,
//! and with one commit for each, as a plain program would.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokenry_domain::{
    audit::{Action, Actor, Entry, Origin, Target, token_facts},
    token::Draft,
};
use tokenry_store::{Conn, Location, Store, StoreError, Work, audit, tokens, tokens::Mark};
use tokenry_token::{DigestKey, Prefix};
use tokio::{sync::Mutex, task::JoinSet};

use crate::{
    clock,
    data::{Ground, Plan, digest_key},
    fault::{Outcome, fault},
    load::CONNECTIONS,
    machine::per_second,
};

/// What a token needs to be created.
struct Maker {
    plan: Plan,
    key: DigestKey,
    /// The number of the next token; none that was made before.
    next: AtomicU64,
}

impl Maker {
    fn new(ground: &Ground) -> Outcome<Arc<Self>> {
        Ok(Arc::new(Self {
            plan: ground.plan,
            key: digest_key(&ground.directory)?,
            next: AtomicU64::new(u64::try_from(clock::now().as_microsecond())?),
        }))
    }

    fn next(&self) -> (Draft, Mark) {
        let number = self.next.fetch_add(1, Relaxed);
        let text = self.plan.text(number);
        let mark = Mark {
            digest: self.key.digest(&text.fingerprint()),
            key: self.key.id(),
            hint: text.hint(Prefix::default().as_str()),
        };
        (self.plan.draft(number), mark)
    }
}

/// A token and its audit entry: what one change writes.
async fn insert(conn: &mut Conn, draft: &Draft, mark: Mark) -> Result<(), StoreError> {
    let now = clock::now();
    let token = tokens::insert(conn, draft, mark, now).await?;
    let entry = entry(&token, now);
    audit::insert(conn, &entry).await
}

fn entry(token: &tokenry_domain::Token, now: Timestamp) -> Entry {
    Entry {
        at: now,
        action: Action::TokenCreated,
        actor: Actor {
            user: Some(token.owner),
            token: Some(token.id),
            on_behalf: None,
        },
        origin: Origin {
            address: Some([127, 0, 0, 1].into()),
            request_id: format!("{:032x}", token.id.get()),
        },
        target: Target::Token(token.id),
        reason: None,
        tokens: Vec::new(),
        before: serde_json::Value::Null,
        after: token_facts(token),
    }
}

/// Tokens a second with 64 tasks, through the store.
pub(super) async fn through_the_store(ground: &Ground, time: Duration) -> Outcome<f64> {
    let store = Store::open(&ground.location()).await?;
    let maker = Maker::new(ground)?;
    let owned = store.clone();
    let rate = many(time, move || {
        let (owned, maker) = (owned.clone(), maker.clone());
        async move {
            let (draft, mark) = maker.next();
            let made = owned
                .write(
                    move |conn| -> Work<'_, (), StoreError> {
                        Box::pin(async move { insert(conn, &draft, mark).await })
                    },
                    |()| {},
                )
                .await;
            Ok(made?)
        }
    })
    .await?;
    store.close().await;
    Ok(rate)
}

/// Tokens a second with 64 tasks that take turns on one connection, each with
/// a transaction of its own.
pub(super) async fn one_commit_each(ground: &Ground, time: Duration) -> Outcome<f64> {
    let pool = writer(&ground.location()).await?;
    let conn = Arc::new(Mutex::new(Conn::Sqlite(pool.acquire().await?)));
    let maker = Maker::new(ground)?;
    let rate = many(time, move || {
        let (conn, maker) = (conn.clone(), maker.clone());
        async move {
            let (draft, mark) = maker.next();
            let mut conn = conn.lock().await;
            run(&mut conn, "BEGIN IMMEDIATE").await?;
            insert(&mut conn, &draft, mark).await?;
            run(&mut conn, "COMMIT").await
        }
    })
    .await?;
    pool.close().await;
    Ok(rate)
}

/// A connection set up as the store's writer.
async fn writer(location: &Location) -> Outcome<SqlitePool> {
    let Location::Sqlite(file) = location else {
        return Err(fault("on PostgreSQL every change is a commit of its own"));
    };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", "10000")
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "MEMORY");
    let pool = SqlitePoolOptions::new().max_connections(1);
    Ok(pool.connect_with(options).await?)
}

async fn run(conn: &mut Conn, statement: &'static str) -> Outcome<()> {
    if let Conn::Sqlite(lease) = conn {
        sqlx::query(statement).execute(&mut **lease).await?;
    }
    Ok(())
}

/// How often in a second 64 tasks do something.
async fn many<F>(time: Duration, work: impl Fn() -> F + Clone + Send + 'static) -> Outcome<f64>
where
    F: Future<Output = Outcome<()>> + Send,
{
    let (start, done) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut tasks: JoinSet<Outcome<()>> = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (work, done) = (work.clone(), done.clone());
        tasks.spawn(async move {
            while start.elapsed() < time {
                work().await?;
                done.fetch_add(1, Relaxed);
            }
            Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(per_second(done.load(Relaxed), start.elapsed()))
}

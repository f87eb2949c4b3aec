//! Things a test begins with, on either engine.

use std::sync::Arc;

use tokenry_authority::{Authority, Caller, Clock as _, Options};
use tokenry_domain::{
    Kind, Scope, Scopes, User, UserId, UserType, audit::Origin, token::Draft, user::Profile,
};
use tokenry_store::{
    Store, StoreError, Work,
    audit::Written,
    tokens::{self, Mark},
    users,
};
use tokenry_token::{Digest, DigestKey, Hint, KeyId, KeyRing, TokenText};

use crate::{Database, Engine, TestClock, TestEntropy};

/// What a test begins with.
pub trait Fixture: Sized {
    /// Sets it up over an empty database of this engine.
    fn set_up(engine: Engine) -> impl Future<Output = Self> + Send;
}

/// Runs each test once over SQLite and once over PostgreSQL.
///
/// ```text
/// both_engines! {
///     async fn a_revoked_token_stays_revoked(fixture: AuthorityFixture) { … }
/// }
/// ```
#[macro_export]
macro_rules! both_engines {
    ($($(#[$attribute:meta])* async fn $name:ident($fixture:ident: $type:ty) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                $(#[$attribute])*
                async fn run($fixture: $type) $body

                #[tokio::test]
                async fn sqlite() {
                    run(<$type as $crate::Fixture>::set_up($crate::Engine::Sqlite).await).await;
                }

                #[tokio::test]
                async fn postgres() {
                    run(<$type as $crate::Fixture>::set_up($crate::Engine::Postgres).await).await;
                }
            }
        )+
    };
}

/// An open store with nothing in it.
#[derive(Debug)]
pub struct StoreFixture {
    /// The store.
    pub store: Store,
    /// The engine below.
    pub engine: Engine,
    /// Where the data is; kept so that it outlives the store.
    pub database: Database,
}

impl Fixture for StoreFixture {
    async fn set_up(engine: Engine) -> Self {
        let database = engine.database().await;
        let store = Store::open(&database.location).await.unwrap();
        Self {
            store,
            engine,
            database,
        }
    }
}

/// The text of root's token in every test.
pub const ROOT_TOKEN: &str = "glpat-rootRootRootRoot0001";

/// An authority with one administrator, `root`, who holds [`ROOT_TOKEN`].
#[derive(Debug)]
pub struct AuthorityFixture {
    /// The authority.
    pub authority: Arc<Authority>,
    /// The store below it, to look past its memory.
    pub store: Store,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// The engine below.
    pub engine: Engine,
    /// Where the data is.
    pub database: Database,
    /// How often it was opened: no randomness comes twice.
    starts: u64,
}

impl Fixture for AuthorityFixture {
    async fn set_up(engine: Engine) -> Self {
        Self::with_options(engine, Options::default()).await
    }
}

impl AuthorityFixture {
    /// With options of the test's own.
    pub async fn with_options(engine: Engine, options: Options) -> Self {
        let database = engine.database().await;
        let clock = Arc::new(TestClock::default());
        let store = Store::open(&database.location).await.unwrap();
        let authority = open(store.clone(), options, clock.clone(), 1).await;
        authority
            .bootstrap(Some(TokenText::new(ROOT_TOKEN.to_owned())))
            .await
            .unwrap();
        Self {
            authority: Arc::new(authority),
            store,
            clock,
            engine,
            database,
            starts: 1,
        }
    }

    /// Opens the same data again, as a server that starts again does: with
    /// nothing in memory.
    pub async fn reopened(self, options: Options) -> Self {
        self.authority.close().await.unwrap();
        let starts = self.starts + 1;
        let store = Store::open(&self.database.location).await.unwrap();
        let authority = open(store.clone(), options, self.clock.clone(), starts).await;
        Self {
            authority: Arc::new(authority),
            store,
            starts,
            ..self
        }
    }

    /// The server's own console.
    #[must_use]
    pub fn console(&self) -> Caller {
        Caller::console(Origin::default())
    }

    /// A bot or a service account without a home. No use case makes one by
    /// itself, so it is known to memory only after the next start.
    pub async fn bot(&self, username: &str, user_type: UserType) -> User {
        let (now, profile) = (self.clock.now(), profile(username));
        let made = self.store.write(
            move |conn| -> Work<'_, User, StoreError> {
                Box::pin(
                    async move { users::insert_bot(conn, user_type, None, &profile, now).await },
                )
            },
            |_| {},
        );
        made.await.unwrap()
    }

    /// Many tokens of a user, whose texts nobody knows.
    pub async fn many_tokens(&self, owner: UserId, count: u64) {
        let now = self.clock.now();
        let made = self.store.write(
            move |conn| -> Work<'_, (), StoreError> {
                Box::pin(async move {
                    for number in 0..count {
                        let mut bytes = [0; 32];
                        bytes[..8].copy_from_slice(&number.to_be_bytes());
                        let mark = Mark {
                            digest: Digest::from_bytes(bytes),
                            key: KeyId::new(1),
                            hint: Hint::from_stored(format!("glpat-…{number:04}")),
                        };
                        tokens::insert(conn, &plain(owner), mark, now).await?;
                    }
                    Ok(())
                })
            },
            |()| {},
        );
        made.await.unwrap();
    }

    /// The whole audit trail, oldest entry first.
    pub async fn trail(&self) -> Vec<Written> {
        let mut conn = self.store.read().await.unwrap();
        tokenry_store::audit::after(&mut conn, 0, 100_000)
            .await
            .unwrap()
    }
}

fn plain(owner: UserId) -> Draft {
    Draft {
        kind: Kind::Personal,
        owner,
        subject: None,
        name: "one of many".to_owned(),
        description: None,
        scopes: Scopes::of(&[Scope::Api]),
        expires_at: None,
        rotated_from: None,
        family: None,
    }
}

/// Who is called so and is nothing special.
pub(crate) fn profile(username: &str) -> Profile {
    Profile {
        username: username.to_owned(),
        name: format!("{username} Tester"),
        email: format!("{username}@example.com"),
        admin: false,
        external: false,
    }
}

async fn open(store: Store, options: Options, clock: Arc<TestClock>, seed: u64) -> Authority {
    let keys = KeyRing::new(DigestKey::new(KeyId::new(1), [7; 32]), Vec::new());
    Authority::open(
        store,
        keys,
        options,
        clock,
        Arc::new(TestEntropy::seeded(seed)),
    )
    .await
    .unwrap()
}

//! What the authority's tests have in common.
#![allow(dead_code, reason = "no test file needs all of it")]

use std::{future::poll_fn, pin::Pin, task::Poll};

use sqlx::{Connection as _, PgConnection};
use tokenry_authority::{
    Caller, Error, Options,
    tokens::{Issued, Wanted},
    users::NewUser,
};
use tokenry_domain::{
    IfExists, Kind, Scope, Scopes, State, Token, TokenId, User, UserId, UserState, access::Need,
    audit::Origin, expiry::Expires, user::Profile,
};
use tokenry_store::{Location, tokens, users};
use tokenry_testkit::{AuthorityFixture, Engine, Fixture, fixture::ROOT_TOKEN};
use tokenry_token::{Digest, DigestKey, Fingerprint, KeyId};

/// An authority whose purges, retention and hygiene take two tokens at a time.
pub(crate) struct Small(pub(crate) AuthorityFixture);

impl Fixture for Small {
    async fn set_up(engine: Engine) -> Self {
        Self(AuthorityFixture::with_options(engine, two_at_a_time()).await)
    }
}

pub(crate) fn two_at_a_time() -> Options {
    Options {
        purge_chunk: 2,
        ..Options::default()
    }
}

pub(crate) fn origin(end: u8) -> Origin {
    Origin {
        address: Some([203, 0, 113, end].into()),
        request_id: "test".into(),
    }
}

pub(crate) fn profile(username: &str) -> Profile {
    Profile {
        username: username.to_owned(),
        name: format!("{username} Person"),
        email: format!("{username}@example.com"),
        admin: false,
        external: false,
    }
}

pub(crate) fn wanted(owner: UserId, name: &str) -> Wanted {
    Wanted {
        kind: Kind::Personal,
        owner,
        subject: None,
        name: name.to_owned(),
        description: None,
        scopes: Scopes::of(&[Scope::Api]),
        expires: Expires::default(),
        if_exists: IfExists::Add,
    }
}

pub(crate) async fn user(fixture: &AuthorityFixture, username: &str) -> User {
    let new = NewUser {
        profile: profile(username),
        password: None,
    };
    fixture
        .authority
        .create_user(&fixture.console(), new)
        .await
        .unwrap()
}

pub(crate) async fn issue(fixture: &AuthorityFixture, owner: UserId) -> Issued {
    fixture
        .authority
        .issue_token(&fixture.console(), wanted(owner, "nightly"))
        .await
        .unwrap()
}

pub(crate) async fn impersonate(fixture: &AuthorityFixture, owner: UserId) -> Issued {
    issue_of(fixture, Kind::Impersonation, owner).await
}

pub(crate) async fn issue_of(fixture: &AuthorityFixture, kind: Kind, owner: UserId) -> Issued {
    let wanted = Wanted {
        kind,
        ..wanted(owner, "acting")
    };
    fixture
        .authority
        .issue_token(&fixture.console(), wanted)
        .await
        .unwrap()
}

pub(crate) async fn enter(fixture: &AuthorityFixture, text: &str) -> Result<Caller, Error> {
    fixture
        .authority
        .authenticate(text, Need::Own, Origin::default())
        .await
}

pub(crate) async fn bearer(fixture: &AuthorityFixture, issued: &Issued) -> Caller {
    enter(fixture, issued.text.reveal()).await.unwrap()
}

pub(crate) async fn root(fixture: &AuthorityFixture) -> Caller {
    enter(fixture, ROOT_TOKEN).await.unwrap()
}

/// `ok`, or the stable code of the error.
pub(crate) fn code<T>(result: &Result<T, Error>) -> &'static str {
    result.as_ref().map_or_else(Error::code, |_| "ok")
}

pub(crate) fn digest(text: &str) -> Digest {
    DigestKey::new(KeyId::new(1), [7; 32]).digest(&Fingerprint::of(text))
}

/// The row of a token, past all memory.
pub(crate) async fn row(fixture: &AuthorityFixture, id: TokenId) -> Option<Token> {
    tokens::by_id(&mut fixture.store.read().await.unwrap(), id)
        .await
        .unwrap()
}

/// What a check of this text must come to, by the database alone.
pub(crate) async fn truth(fixture: &AuthorityFixture, text: &str) -> &'static str {
    let mut conn = fixture.store.read().await.unwrap();
    let Some(token) = tokens::by_digest(&mut conn, digest(text)).await.unwrap() else {
        return "credential_unknown";
    };
    let expired = token
        .life
        .expires_at
        .is_some_and(|end| end <= fixture.authority.now());
    match token.state(fixture.authority.now()) {
        _ if expired => return "credential_expired",
        State::Revoked => return "credential_revoked",
        State::Active | State::Expired => {}
    }
    match users::by_id(&mut conn, token.owner)
        .await
        .unwrap()
        .map(|user| user.state)
    {
        None => "credential_unknown",
        Some(UserState::Active) => "ok",
        Some(_) => "account_not_active",
    }
}

/// Memory and database say the same of every text.
pub(crate) async fn agree(fixture: &AuthorityFixture, texts: impl IntoIterator<Item = &str>) {
    for text in texts {
        let said = fixture
            .authority
            .authenticate(text, Need::Own, Origin::default())
            .await;
        assert_eq!(
            code(&said),
            truth(fixture, text).await,
            "memory, then database"
        );
    }
}

/// Another connection to the same database, which must be PostgreSQL's.
pub(crate) async fn beside(fixture: &AuthorityFixture) -> PgConnection {
    let Location::Postgres(url) = &fixture.database.location else {
        panic!("PostgreSQL")
    };
    PgConnection::connect(url).await.unwrap()
}

/// Returns when somebody waits for a lock of this database.
pub(crate) async fn until_somebody_waits(conn: &mut PgConnection) {
    const WAITS: &str = "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
                         WHERE NOT l.granted AND a.datname = current_database())";
    while !sqlx::query_scalar::<_, bool>(WAITS)
        .fetch_one(&mut *conn)
        .await
        .unwrap()
    {
        tokio::task::yield_now().await;
    }
}

/// Polls once: whatever it begins is under way.
pub(crate) async fn begin(mut future: Pin<&mut impl Future>) {
    poll_fn(|context| {
        let _ = future.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}

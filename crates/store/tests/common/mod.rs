//! What the store's tests have in common.
#![allow(dead_code, reason = "no test file needs all of it")]

use std::net::IpAddr;

use jiff::Timestamp;
use tokenry_domain::{
    AccessLevel, Burial, Group, Kind, Member, Namespace, NamespaceId, Place, Project, Scope,
    Scopes, Token, User, UserId, Visibility, place, token::Draft, user::Profile,
};
use tokenry_store::{
    Store, StoreError, Work, groups, members, namespaces, projects, tokens, tokens::Mark, users,
};
use tokenry_testkit::Database;
use tokenry_token::{Digest, KeyId, TokenText};

/// Runs one statement of the store as a change: `change!(store, conn => users::delete(conn, id))`.
#[macro_export]
macro_rules! change {
    ($store:expr, $conn:ident => $work:expr) => {
        $store
            .write(
                move |$conn| -> tokenry_store::Work<'_, _, tokenry_store::StoreError> {
                    Box::pin(async move { $work.await })
                },
                |_| {},
            )
            .await
    };
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_900_000_000 + second).unwrap()
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

pub(crate) async fn user(store: &Store, username: &str) -> User {
    let profile = profile(username);
    change!(store, conn => users::insert(conn, &profile, None, at(0))).unwrap()
}

pub(crate) fn place(path: &str) -> place::Profile {
    place::Profile {
        name: format!("{path} Place"),
        path: path.to_owned(),
        description: None,
        visibility: Visibility::Private,
    }
}

/// A person with a namespace of their own.
pub(crate) async fn person(store: &Store, username: &str) -> (User, Namespace) {
    let user = user(store, username).await;
    let (own, id) = (user.clone(), user.id);
    change!(store, conn => namespaces::insert_of_user(conn, &own, at(0))).unwrap();
    let namespace = namespaces::of_user(&mut store.read().await.unwrap(), id).await;
    (user, namespace.unwrap().unwrap())
}

/// A group, at the top or in another.
pub(crate) async fn group(store: &Store, parent: Option<&Group>, path: &str) -> Group {
    let (profile, parent) = (place(path), parent.map(|group| group.id.namespace()));
    store
        .write(
            move |conn| -> Work<'_, Group, StoreError> {
                Box::pin(async move {
                    let above = match parent {
                        Some(id) => namespaces::by_id(conn, id).await?,
                        None => None,
                    };
                    groups::insert(conn, above.as_ref(), &profile, at(2)).await
                })
            },
            |_| {},
        )
        .await
        .unwrap()
}

/// A project in a namespace.
pub(crate) async fn project(store: &Store, namespace: NamespaceId, path: &str) -> Project {
    let profile = place(path);
    store
        .write(
            move |conn| -> Work<'_, Project, StoreError> {
                Box::pin(async move {
                    let namespace = namespaces::by_id(conn, namespace).await?.unwrap();
                    projects::insert(conn, &namespace, &profile, None, at(3)).await
                })
            },
            |_| {},
        )
        .await
        .unwrap()
}

pub(crate) fn member(user: UserId, place: Place, level: AccessLevel) -> Member {
    Member {
        user,
        place,
        level,
        created_at: at(4),
        created_by: None,
        expires_at: None,
    }
}

/// Makes a user a member.
pub(crate) async fn join(store: &Store, member: Member) {
    assert!(change!(store, conn => members::insert(conn, &member, at(4))).unwrap());
}

pub(crate) fn draft(owner: UserId, name: &str) -> Draft {
    Draft {
        kind: Kind::Personal,
        owner,
        subject: None,
        name: name.to_owned(),
        description: None,
        scopes: Scopes::of(&[Scope::Api, Scope::ReadUser]),
        expires_at: None,
        rotated_from: None,
        family: None,
    }
}

/// A burial by nobody, for no reason.
pub(crate) fn burial() -> Burial {
    Burial {
        at: at(9),
        by: None,
        reason: None,
    }
}

pub(crate) fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest::from_bytes(bytes)
}

pub(crate) fn mark(number: u64) -> Mark {
    Mark {
        digest: digest(number),
        key: KeyId::new(3),
        hint: TokenText::new(format!("glpat-secretsecret{number:04}")).hint("glpat-"),
    }
}

pub(crate) async fn token(store: &Store, draft: Draft, number: u64) -> Token {
    change!(store, conn => tokens::insert(conn, &draft, mark(number), at(1))).unwrap()
}

pub(crate) async fn insert(store: &Store, draft: Draft, number: u64) -> Result<Token, StoreError> {
    change!(store, conn => tokens::insert(conn, &draft, mark(number), at(1)))
}

pub(crate) async fn by_id(store: &Store, token: &Token) -> Option<Token> {
    tokens::by_id(&mut store.read().await.unwrap(), token.id)
        .await
        .unwrap()
}

pub(crate) fn address(end: u8) -> IpAddr {
    IpAddr::from([203, 0, 113, end])
}

/// Runs SQL past the store, as no version of it does.
pub(crate) async fn raw(database: &Database, sql: &str) {
    database.run(sql).await;
}

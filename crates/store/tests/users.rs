//! Users, row by row, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{at, draft, profile, raw, token, user};
use tokenry_domain::{UserId, UserState, user::Profile};
use tokenry_store::{StoreError, users};
use tokenry_testkit::{StoreFixture, both_engines};

both_engines! {
    async fn a_user_reads_back_as_written(fixture: StoreFixture) {
        let store = &fixture.store;
        let unusual = Profile { name: "Ünal 🦀".into(), admin: true, external: true, ..profile("u.n_a-l") };
        let sent = unusual.clone();
        let written = change!(store, conn => users::insert(conn, &sent, Some("$argon2id$x"), at(4))).unwrap();
        assert_eq!((Profile::from(written.clone()), written.state, written.created_at), (unusual, UserState::Active, at(4)));
        let mut conn = store.read().await.unwrap();
        assert_eq!(users::by_id(&mut conn, written.id).await.unwrap(), Some(written.clone()));
        assert_eq!(users::by_username(&mut conn, "U.N_A-L").await.unwrap(), Some(written.clone()));
        assert_eq!(users::all(&mut conn).await.unwrap(), [written]);
        assert_eq!(users::count(&mut conn).await.unwrap(), 1);
    }

    async fn one_signs_in_by_username_or_address(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = profile("ida");
        let ida = change!(store, conn => users::insert(conn, &ida, Some("$argon2id$x"), at(4))).unwrap();
        let bo = user(store, "bo").await;
        let mut conn = store.read().await.unwrap();
        for login in ["ida", "IDA", &ida.email.to_uppercase()] {
            let found = users::by_login(&mut conn, login).await.unwrap();
            assert_eq!(found, Some((ida.id, Some("$argon2id$x".to_owned()))), "{login}");
        }
        assert_eq!(users::by_login(&mut conn, "bo").await.unwrap(), Some((bo.id, None)));
        for nobody in ["", "ida\0", "ida@", "%"] {
            assert_eq!(users::by_login(&mut conn, nobody).await.unwrap(), None, "{nobody:?}");
        }
    }

    async fn who_is_not_there_is_none(fixture: StoreFixture) {
        let store = &fixture.store;
        let id = UserId::from_row(5);
        {
            let mut conn = store.read().await.unwrap();
            assert_eq!(users::by_id(&mut conn, id).await.unwrap(), None);
            for name in ["", "nobody", "a\0b", "%", "ı"] {
                assert_eq!(users::by_username(&mut conn, name).await.unwrap(), None, "{name:?}");
            }
        }
        let sent = profile("x");
        assert_eq!(change!(store, conn => users::update(conn, id, &sent, None)).unwrap(), None);
        assert!(!change!(store, conn => users::delete(conn, id)).unwrap());
        assert!(!change!(store, conn => users::change_state(conn, id, UserState::Active, UserState::Blocked)).unwrap());
    }

    async fn names_and_addresses_are_taken_whatever_the_case(fixture: StoreFixture) {
        let store = &fixture.store;
        user(store, "ida").await;
        let bob = user(store, "bob").await;
        let same_name = Profile { email: "new@example.com".into(), ..profile("IDA") };
        let same_address = Profile { email: "Ida@Example.com".into(), ..profile("new") };
        for (sent, index) in [(same_name, "users_username"), (same_address, "users_email")] {
            let (created, updated) = (sent.clone(), sent);
            let error = change!(store, conn => users::insert(conn, &created, None, at(0))).unwrap_err();
            assert!(matches!(error, StoreError::Duplicate(of) if of == index), "{error:?}");
            let id = bob.id;
            let error = change!(store, conn => users::update(conn, id, &updated, None)).unwrap_err();
            assert!(matches!(error, StoreError::Duplicate(of) if of == index), "{error:?}");
        }
        let found = users::by_id(&mut store.read().await.unwrap(), bob.id).await.unwrap();
        assert_eq!(found, Some(bob), "what was refused changed nothing");
    }

    async fn an_update_keeps_the_password_unless_one_is_given(fixture: StoreFixture) {
        let store = &fixture.store;
        let first = profile("ida");
        let ida = change!(store, conn => users::insert(conn, &first, Some("hash-1"), at(0))).unwrap();
        let id = ida.id;
        for (given, kept) in [(None, "hash-1"), (Some("hash-2"), "hash-2")] {
            let sent = Profile { name: "Other".into(), ..profile("ida2") };
            let updated = change!(store, conn => users::update(conn, id, &sent, given)).unwrap().unwrap();
            assert_eq!((updated.username.as_str(), updated.name.as_str()), ("ida2", "Other"));
            let kept_hash = password_hash(&fixture).await;
            assert_eq!(kept_hash.as_deref(), Some(kept));
        }
    }

    async fn a_state_changes_only_from_the_one_expected(fixture: StoreFixture) {
        let store = &fixture.store;
        let id = user(store, "ida").await.id;
        let state = async || {
            users::by_id(&mut store.read().await.unwrap(), id).await.unwrap().unwrap().state
        };
        assert!(change!(store, conn => users::change_state(conn, id, UserState::Active, UserState::Banned)).unwrap());
        assert_eq!(state().await, UserState::Banned);
        assert!(!change!(store, conn => users::change_state(conn, id, UserState::Active, UserState::Blocked)).unwrap());
        assert_eq!(state().await, UserState::Banned);
    }

    async fn a_user_with_tokens_is_not_removed(fixture: StoreFixture) {
        let store = &fixture.store;
        let ida = user(store, "ida").await;
        token(store, draft(ida.id, "x"), 1).await;
        let id = ida.id;
        let error = change!(store, conn => users::delete(conn, id)).unwrap_err();
        assert!(matches!(error, StoreError::HasBelongings), "{error:?}");
        assert_eq!(users::count(&mut store.read().await.unwrap()).await.unwrap(), 1);
    }

    async fn a_state_that_no_version_writes_is_an_error(fixture: StoreFixture) {
        let ida = user(&fixture.store, "ida").await;
        let drop_check = match fixture.engine {
            tokenry_testkit::Engine::Sqlite => "",
            tokenry_testkit::Engine::Postgres => "ALTER TABLE users DROP CONSTRAINT users_state_check;",
        };
        raw(&fixture.database, &format!("{drop_check} UPDATE users SET state = 'asleep'")).await;
        let mut conn = fixture.store.read().await.unwrap();
        assert!(matches!(users::by_id(&mut conn, ida.id).await, Err(StoreError::Corrupt("user"))));
        assert!(users::all(&mut conn).await.is_err());
    }
}

async fn password_hash(fixture: &StoreFixture) -> Option<String> {
    const SELECT: &str = "SELECT password_hash FROM users";
    match &mut fixture.store.read().await.unwrap() {
        tokenry_store::Conn::Sqlite(conn) => sqlx::query_scalar(SELECT)
            .fetch_one(&mut **conn)
            .await
            .unwrap(),
        tokenry_store::Conn::Postgres(conn) => sqlx::query_scalar(SELECT)
            .fetch_one(&mut **conn)
            .await
            .unwrap(),
    }
}

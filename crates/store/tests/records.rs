//! Audit, settings, prefixes and digest keys, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{address, at, raw};
use serde_json::{Value, json};
use tokenry_domain::{
    Reason, TokenId, UserId,
    audit::{Action, Actor, Entry, Origin, Target},
    settings::Settings,
};
use tokenry_store::{StoreError, audit, digest_keys, digest_keys::KnownKey, prefixes, settings};
use tokenry_testkit::{StoreFixture, both_engines};
use tokenry_token::{KeyId, Prefix};

fn entry(number: i64) -> Entry {
    Entry {
        at: at(number),
        action: Action::TokenRevoked,
        actor: Actor {
            user: Some(UserId::from_row(2)),
            token: Some(TokenId::from_row(3)),
            on_behalf: Some(UserId::from_row(1)),
        },
        origin: Origin {
            address: Some(address(9)),
            request_id: format!("request-{number}"),
        },
        target: Target::Token(TokenId::from_row(number)),
        reason: Some(Reason::ours("found in a log")),
        before: json!({ "name": "nächtlich", "revoked_at": null }),
        after: Value::Null,
    }
}

both_engines! {
    async fn audit_entries_read_back_in_order(fixture: StoreFixture) {
        let store = &fixture.store;
        assert_eq!(audit::oldest(&mut store.read().await.unwrap()).await.unwrap(), None);
        for number in 1..=5 {
            change!(store, conn => audit::insert(conn, &entry(number))).unwrap();
        }
        let mut conn = store.read().await.unwrap();
        assert_eq!(audit::oldest(&mut conn).await.unwrap(), Some(at(1)));
        let first = audit::after(&mut conn, 0, 2).await.unwrap();
        let rest = audit::after(&mut conn, first[1].id, 100).await.unwrap();
        let requests: Vec<_> = first.iter().chain(&rest).map(|entry| entry.request_id.as_str()).collect();
        assert_eq!(requests, ["request-1", "request-2", "request-3", "request-4", "request-5"]);
        let one = &first[0];
        assert_eq!((one.at, one.action.as_str()), (at(1), "token_revoked"));
        assert_eq!((one.actor_user, one.actor_token, one.on_behalf), (Some(2), Some(3), Some(1)));
        assert_eq!((one.address.as_deref(), &one.target), (Some("203.0.113.9"), &("token".to_owned(), Some(1))));
        assert_eq!(one.reason.as_deref(), Some("found in a log"));
        assert_eq!((&one.before, &one.after), (&entry(1).before, &Value::Null));
    }

    async fn an_entry_of_the_console_about_the_instance_reads_back(fixture: StoreFixture) {
        let bare = Entry {
            actor: Actor::default(),
            origin: Origin::default(),
            target: Target::Instance,
            reason: None,
            before: Value::Null,
            ..entry(1)
        };
        change!(fixture.store, conn => audit::insert(conn, &bare)).unwrap();
        let written = audit::after(&mut fixture.store.read().await.unwrap(), 0, 9).await.unwrap().remove(0);
        assert_eq!((written.actor_user, written.actor_token, written.on_behalf, written.address), (None, None, None, None));
        assert_eq!(written.reason, None);
        assert_eq!((written.target, written.before), (("instance".to_owned(), None), Value::Null));
    }

    async fn settings_are_the_shipped_ones_until_saved(fixture: StoreFixture) {
        let store = &fixture.store;
        assert_eq!(settings::load(&mut store.read().await.unwrap()).await.unwrap(), Settings::default());
        for prefix in ["one-", "two-"] {
            let own = Settings { personal_access_token_prefix: prefix.into(), admin_mode: true, ..Settings::default() };
            let saved = own.clone();
            change!(store, conn => settings::save(conn, &saved)).unwrap();
            assert_eq!(settings::load(&mut store.read().await.unwrap()).await.unwrap(), own);
        }
    }

    async fn settings_of_a_former_version_are_filled_up_and_broken_ones_refused(fixture: StoreFixture) {
        raw(&fixture.database, r#"INSERT INTO settings (id, json) VALUES (1, '{"admin_mode":true}')"#).await;
        let mut conn = fixture.store.read().await.unwrap();
        let loaded = settings::load(&mut conn).await.unwrap();
        assert_eq!(loaded, Settings { admin_mode: true, ..Settings::default() });
        raw(&fixture.database, "UPDATE settings SET json = '{'").await;
        assert!(matches!(settings::load(&mut conn).await, Err(StoreError::Corrupt("settings"))));
    }

    async fn prefixes_are_remembered_once_and_for_good(fixture: StoreFixture) {
        let store = &fixture.store;
        let of = |texts: &[&str]| texts.iter().map(|text| Prefix::new(text).unwrap()).collect::<Vec<_>>();
        for some in [of(&["b-", "Z-", "a-"]), of(&["a-", "c-"]), Vec::new()] {
            change!(store, conn => prefixes::remember(conn, &some, at(0))).unwrap();
        }
        let mut conn = store.read().await.unwrap();
        assert_eq!(prefixes::all(&mut conn).await.unwrap(), of(&["Z-", "a-", "b-", "c-"]));
        raw(&fixture.database, "UPDATE prefixes SET prefix = 'a b' WHERE prefix = 'a-'").await;
        assert!(matches!(prefixes::all(&mut conn).await, Err(StoreError::Corrupt("prefix"))));
    }

    async fn digest_keys_are_known_by_id(fixture: StoreFixture) {
        let store = &fixture.store;
        let key = |id: u32| KnownKey { id: KeyId::new(id), check_value: [id.to_be_bytes()[3]; 8] };
        for id in [2, 1, u32::MAX] {
            change!(store, conn => digest_keys::insert(conn, key(id), at(0))).unwrap();
        }
        assert!(change!(store, conn => digest_keys::insert(conn, key(2), at(0))).is_err(), "an id is used once");
        let mut conn = store.read().await.unwrap();
        assert_eq!(digest_keys::all(&mut conn).await.unwrap(), [key(1), key(2), key(u32::MAX)]);
        raw(&fixture.database, "UPDATE digest_keys SET id = -1 WHERE id = 1").await;
        assert!(matches!(digest_keys::all(&mut conn).await, Err(StoreError::Corrupt(_))));
    }
}

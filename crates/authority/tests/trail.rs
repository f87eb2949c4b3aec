//! The audit trail, last uses, guesses and keys.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::Arc;

use common::{bearer, code, digest, enter, impersonate, issue, origin, profile, row, user, wanted};
use tokenry_authority::{
    Authority, Error, Options,
    users::{NewUser, UserChange},
};
use tokenry_domain::{UserId, access::Need, settings::SettingsChange, user::StateChange};
use tokenry_store::{Store, StoreError};
use tokenry_testkit::{AuthorityFixture, Engine, TestEntropy, both_engines, fixture::ROOT_TOKEN};
use tokenry_token::{DigestKey, KeyId, KeyRing};

/// Does one of everything; answers every secret that came up.
async fn one_of_everything(fixture: &AuthorityFixture) -> Vec<String> {
    let (authority, console) = (&fixture.authority, fixture.console());
    let mut rows = fixture.trail().await.len();
    let mut wrote = async |what: &str| {
        rows += 1;
        assert_eq!(fixture.trail().await.len(), rows, "{what} writes one row");
    };
    let new = NewUser {
        profile: profile("ida"),
        password: Some("a password of hers".into()),
    };
    let ida = authority.create_user(&console, new).await.unwrap().id;
    wrote("create_user").await;
    let change = UserChange {
        name: Some("Ida B.".into()),
        password: Some("another of hers".into()),
        ..UserChange::default()
    };
    authority.update_user(&console, ida, change).await.unwrap();
    wrote("update_user").await;
    for verb in [StateChange::Block, StateChange::Unblock] {
        authority
            .change_user_state(&console, ida, verb)
            .await
            .unwrap();
        wrote("change_user_state").await;
    }
    let first = issue(fixture, ida).await;
    wrote("issue_token").await;
    let acting = impersonate(fixture, ida).await;
    wrote("issue_token").await;
    let second = authority
        .rotate_token(&console, first.token.id, None)
        .await
        .unwrap();
    wrote("rotate_token").await;
    let reuse = authority
        .authenticate_to_rotate(first.text.reveal(), Need::RotateSelf, None, origin(1))
        .await;
    assert_eq!(code(&reuse), "credential_revoked");
    wrote("reuse").await;
    authority
        .revoke_token(&console, acting.token.id)
        .await
        .unwrap();
    wrote("revoke_token").await;
    authority
        .delete_token(&console, second.token.id)
        .await
        .unwrap();
    wrote("delete_token").await;
    let prefix = SettingsChange {
        personal_access_token_prefix: Some("lab-".into()),
        ..SettingsChange::default()
    };
    authority.change_settings(&console, prefix).await.unwrap();
    wrote("change_settings").await;
    authority
        .rotate_digest_key(&console, |_| Ok::<_, Error>(()))
        .await
        .unwrap();
    wrote("rotate_digest_key").await;
    authority.remove_user(&console, ida).await.unwrap();
    wrote("remove_user").await;
    let mut secrets: Vec<String> = [
        ROOT_TOKEN,
        first.text.reveal(),
        acting.text.reveal(),
        second.text.reveal(),
    ]
    .map(str::to_owned)
    .into();
    secrets.extend([
        "a password of hers".into(),
        "another of hers".into(),
        "argon2".into(),
    ]);
    secrets
}

/// Everything that would find a token, or be one.
fn traces(secret: &str) -> Vec<String> {
    let bytes = digest(secret);
    let hex: Vec<_> = bytes
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let hex = hex.concat();
    let tail = secret
        .split_once('-')
        .map_or(secret, |(_, rest)| rest)
        .to_owned();
    vec![
        secret.to_owned(),
        tail,
        hex.to_uppercase(),
        hex,
        format!("{:?}", bytes.as_bytes()),
    ]
}

both_engines! {
    async fn every_change_writes_one_row_and_no_row_holds_a_secret(fixture: AuthorityFixture) {
        let secrets = one_of_everything(&fixture).await;
        let trail = format!("{:?}", fixture.trail().await);
        for trace in secrets.iter().flat_map(|secret| traces(secret)) {
            assert!(!trail.contains(&trace), "the trail holds {trace}");
        }
        assert!(trail.contains("glpat-"), "hints are there");
    }

    async fn what_changes_nothing_writes_nothing(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let issued = issue(&fixture, UserId::from_row(1)).await;
        authority.revoke_token(&console, issued.token.id).await.unwrap();
        let before = fixture.trail().await.len();
        authority.revoke_token(&console, issued.token.id).await.unwrap();
        authority.identify_token(&console, issued.text.reveal()).await.unwrap();
        enter(&fixture, ROOT_TOKEN).await.unwrap();
        authority.show_token(&console, issued.token.id).await.unwrap();
        assert!(authority.issue_token(&console, wanted(UserId::from_row(1), " ")).await.is_err());
        assert!(authority.bootstrap(None).await.unwrap().is_none(), "there is a user already");
        authority.flush_last_uses().await.unwrap();
        assert_eq!(fixture.trail().await.len(), before);
    }

    async fn an_entry_tells_who_with_which_token_from_where(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let ida = user(&fixture, "ida").await;
        let root = authority.authenticate(ROOT_TOKEN, Need::Write, origin(7)).await.unwrap();
        let as_ida = authority.sudo(root, "ida").await.unwrap();
        let issued = issue(&fixture, ida.id).await;
        authority.revoke_token(&as_ida, issued.token.id).await.unwrap();
        let entry = fixture.trail().await.pop().unwrap();
        assert_eq!((entry.actor_user, entry.actor_token, entry.on_behalf), (Some(ida.id.get()), Some(1), Some(1)));
        assert_eq!((entry.address.as_deref(), entry.request_id.as_str()), (Some("203.0.113.7"), "test"));
        assert_eq!(entry.target, ("token".to_owned(), Some(issued.token.id.get())));
        assert_eq!((&entry.before["revoked_at"], entry.before["name"].as_str()), (&serde_json::Value::Null, Some("nightly")));
        assert!(entry.after["revoked_at"].is_string());
    }

    async fn a_use_is_recorded_once_a_minute_and_from_every_address(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let issued = issue(&fixture, UserId::from_row(1)).await;
        let (text, id) = (issued.text.reveal(), issued.token.id);
        let seen = async || {
            let card = authority.identify_token(&fixture.console(), text).await.unwrap();
            (card.last_use.at, card.last_use.addresses.len())
        };
        let come = async |end| authority.authenticate(text, Need::Own, origin(end)).await.unwrap();
        assert_eq!(seen().await, (None, 0), "to be identified is no use");
        let first = authority.now();
        come(1).await;
        assert_eq!(seen().await, (Some(first), 1));
        fixture.clock.advance(59);
        come(1).await;
        assert_eq!(seen().await, (Some(first), 1), "not again within the minute");
        come(2).await;
        let second = authority.now();
        assert_eq!(seen().await, (Some(second), 2), "another address is news");
        fixture.clock.advance(60);
        come(2).await;
        assert_eq!(seen().await, (Some(authority.now()), 2));
        for end in 3..9 {
            come(end).await;
        }
        assert_eq!(seen().await.1, 5, "five are kept");
        assert_eq!(row(&fixture, id).await.unwrap().last_use.at, None, "not written yet");
        authority.flush_last_uses().await.unwrap();
        let written = row(&fixture, id).await.unwrap().last_use;
        assert_eq!(written.at, Some(authority.now()));
        let ends: Vec<_> = written.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(ends, ["203.0.113.4", "203.0.113.5", "203.0.113.6", "203.0.113.7", "203.0.113.8"]);
    }

    async fn refused_uses_are_not_recorded_and_closing_writes_the_others(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let (used, revoked) = (issue(&fixture, UserId::from_row(1)).await, issue(&fixture, UserId::from_row(1)).await);
        bearer(&fixture, &used).await;
        authority.revoke_token(&fixture.console(), revoked.token.id).await.unwrap();
        assert!(enter(&fixture, revoked.text.reveal()).await.is_err());
        let fixture = fixture.reopened(Options::default()).await;
        assert!(row(&fixture, used.token.id).await.unwrap().last_use.at.is_some());
        assert!(row(&fixture, revoked.token.id).await.unwrap().last_use.at.is_none());
    }

    async fn a_new_digest_key_keeps_old_tokens_working(fixture: AuthorityFixture) {
        let old = issue(&fixture, UserId::from_row(1)).await;
        let mut kept = Vec::new();
        for expected in [2, 3] {
            let console = fixture.console();
            let id = fixture.authority.rotate_digest_key(&console, |ring| {
                kept = ring.keys().map(|key| (key.id(), *key.secret_bytes())).collect();
                Ok::<_, Error>(())
            });
            assert_eq!(id.await.unwrap(), KeyId::new(expected));
        }
        let new = issue(&fixture, UserId::from_row(1)).await;
        assert_eq!((old.token.key, new.token.key), (KeyId::new(1), KeyId::new(3)));
        for text in [ROOT_TOKEN, old.text.reveal(), new.text.reveal()] {
            assert_eq!(code(&enter(&fixture, text).await), "ok");
        }
        fixture.authority.close().await.unwrap();
        let keys = || kept.iter().map(|(id, secret)| DigestKey::new(*id, *secret)).collect::<Vec<_>>();
        let open = async |mut keys: Vec<DigestKey>| {
            let ring = KeyRing::new(keys.remove(0), keys);
            let store = Store::open(&fixture.database.location).await.unwrap();
            let entropy = Arc::new(TestEntropy::seeded(9));
            let opened = Authority::open(store.clone(), ring, Options::default(), fixture.clock.clone(), entropy).await;
            (opened, store)
        };
        let (again, store) = open(keys()).await;
        for text in [ROOT_TOKEN, old.text.reveal(), new.text.reveal()] {
            let entered = again.as_ref().unwrap().authenticate(text, Need::Own, origin(1)).await;
            assert_eq!(code(&entered), "ok");
        }
        store.close().await;
        let without_the_first = keys().into_iter().filter(|key| key.id() != KeyId::new(1)).collect();
        let mut another = keys();
        another[0] = DigestKey::new(KeyId::new(3), [9; 32]);
        for (wrong, number) in [(without_the_first, 1), (another, 3)] {
            let (refused, store) = open(wrong).await;
            assert_wrong_key(refused, number);
            store.close().await;
        }
    }

    async fn a_key_that_could_not_be_kept_is_not_used(fixture: AuthorityFixture) {
        let failed = fixture.authority.rotate_digest_key(&fixture.console(), |_| Err(Error::AdminOnly)).await;
        assert!(failed.is_err());
        assert_eq!(fixture.authority.digest_key_ids(), [KeyId::new(1)]);
        assert_eq!(issue(&fixture, UserId::from_row(1)).await.token.key, KeyId::new(1));
    }
}

fn assert_wrong_key(opened: Result<Authority, Error>, number: u32) {
    let error = opened.expect_err("a wrong key");
    assert!(
        matches!(error, Error::Store(StoreError::WrongKey(id)) if id == KeyId::new(number)),
        "{error}"
    );
    assert!(error.to_string().contains("data directory"), "{error}");
}

#[tokio::test]
async fn an_address_that_guesses_is_told_to_wait() {
    for index_capacity in [1_000, 0] {
        let options = Options {
            unknown_per_minute: 3,
            index_capacity,
            ..Options::default()
        };
        let fixture = AuthorityFixture::with_options(Engine::Sqlite, options).await;
        let guess = async |end, number: u32| {
            let text = format!("glpat-neverIssuedHere{number:05}");
            fixture
                .authority
                .authenticate(&text, Need::Own, origin(end))
                .await
        };
        for number in 0..3 {
            assert_eq!(code(&guess(1, number).await), "credential_unknown");
        }
        assert_eq!(code(&guess(1, 9).await), "too_many_guesses");
        assert_eq!(
            code(&guess(2, 9).await),
            "credential_unknown",
            "another address"
        );
        let malformed = fixture
            .authority
            .authenticate("glpat-short", Need::Own, origin(1))
            .await;
        assert_eq!(
            code(&malformed),
            "credential_unknown",
            "what can't be a token is no guess"
        );
        fixture.clock.advance(60);
        assert_eq!(
            code(&guess(1, 9).await),
            "credential_unknown",
            "a minute later"
        );
    }
}

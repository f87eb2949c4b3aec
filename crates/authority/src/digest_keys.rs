//! The keys that digests are made with, and their change.

use tokenry_domain::audit::{Action, Target};
use tokenry_store::{
    StoreError, Work, audit,
    digest_keys::{self, KnownKey},
};
use tokenry_token::{DigestKey, KeyId, KeyRing};

use crate::{Authority, Caller, Error};

impl Authority {
    /// Makes sure that the keys given are those the database's tokens were
    /// made with, and makes new ones known to it.
    pub(crate) async fn check_keys(&self) -> Result<(), Error> {
        let ring = self.keys.load_full();
        let known = digest_keys::all(&mut self.store.read().await?).await?;
        for key in &known {
            let own = ring.keys().find(|own| own.id() == key.id);
            if own.is_none_or(|own| own.check_value() != key.check_value) {
                return Err(StoreError::WrongKey(key.id).into());
            }
        }
        for key in ring
            .keys()
            .filter(|own| known.iter().all(|key| key.id != own.id()))
        {
            self.make_known(key).await?;
        }
        Ok(())
    }

    async fn make_known(&self, key: &DigestKey) -> Result<(), Error> {
        let known = KnownKey {
            id: key.id(),
            check_value: key.check_value(),
        };
        let now = self.now();
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move { Ok(digest_keys::insert(conn, known, now).await?) })
                },
                |()| {},
            )
            .await
    }

    /// The ids of all keys, the one in use first.
    #[must_use]
    pub fn digest_key_ids(&self) -> Vec<KeyId> {
        self.keys.load().keys().map(DigestKey::id).collect()
    }

    /// Issues tokens under a new key from now on. Tokens issued under former
    /// keys keep working, so the former keys are kept.
    ///
    /// `keep` is handed the ring as it will be and writes it where it
    /// survives; only when that is done is the key used.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], what `keep` answers, or a fault of ours.
    pub async fn rotate_digest_key<E: From<Error>>(
        &self,
        caller: &Caller,
        keep: impl FnOnce(&KeyRing) -> Result<(), E>,
    ) -> Result<KeyId, E> {
        caller.require_admin()?;
        let turn = self.turn().await;
        let ring = self.keys.load_full();
        let last = ring
            .keys()
            .map(|key| key.id().get())
            .max()
            .unwrap_or_default();
        let id = KeyId::new(last.saturating_add(1));
        let next = ring.with_new(DigestKey::new(id, self.random::<32>()?));
        keep(&next)?;
        let known = KnownKey {
            id,
            check_value: next.current().check_value(),
        };
        // What is kept is in use, whatever becomes of the row below: the next
        // start makes a key known that the database hasn't heard of.
        self.keys.store(next.into());
        let mut entry = self.entry(caller, Action::DigestKeyRotated, Target::Instance);
        entry.before = serde_json::json!({ "key_id": last });
        entry.after = serde_json::json!({ "key_id": id.get() });
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move {
                        digest_keys::insert(conn, known, entry.at).await?;
                        Ok(audit::insert(conn, &entry).await?)
                    })
                },
                move |()| drop(turn),
            )
            .await?;
        Ok(id)
    }
}

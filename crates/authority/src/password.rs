//! Passwords are kept as argon2id hashes (RFC 9106).

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokenry_domain::Password;
use tokio::sync::Semaphore;

use crate::Error;

/// Passwords hashed at a time; each takes 19 MiB of memory and a core.
const AT_A_TIME: usize = 4;

/// What a password is compared with where there is no user, or one without a
/// password: it takes as long, and nothing matches it.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dG9rZW5yeSwgbm9ib2R5$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and compares passwords, off the threads that serve requests, since
/// that takes tens of milliseconds by design.
#[derive(Debug)]
pub(crate) struct Passwords {
    free: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Passwords {
    /// The hash to keep of a password.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a password that is too short or too long.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        let password = password.checked()?;
        let hash = move || Argon2::default().hash_password(password.reveal().as_bytes());
        let hashed = self.in_turn(|| Ok(()), hash).await?;
        hashed
            .map(|hash| hash.to_string())
            .map_err(|error| Error::Hashing(error.to_string()))
    }

    /// Whether a password is the one that this hash is kept of. Takes the same
    /// time where there is none. `allowed` is asked when its turn has come, so
    /// that many at once are no way around a limit.
    ///
    /// # Errors
    /// What `allowed` answers.
    pub(crate) async fn matches(
        &self,
        password: Password,
        hash: Option<String>,
        allowed: impl FnOnce() -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let hash = hash.filter(|_| password.is_short_enough());
        let compare = move || {
            let tried = password.beginning().as_bytes();
            let hash = hash.as_deref().unwrap_or(NOBODY);
            Argon2::default().verify_password(tried, hash).is_ok()
        };
        self.in_turn(allowed, compare).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        allowed: impl FnOnce() -> Result<(), Error>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        // Nobody closes it.
        let turn = self.free.clone().acquire_owned().await.ok();
        allowed()?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        // What it panicked with isn't told: it had the password in hand.
        done.await
            .map_err(|_| Error::Hashing("the work came to no end".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_matches_its_hash() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        let matches = async |password: &str, hash: Option<&String>| {
            let matched = passwords.matches(password.into(), hash.cloned(), || Ok(()));
            matched.await.unwrap()
        };
        assert!(matches("correct horse", Some(&hash)).await);
        let long = format!("correct horse{}", " ".repeat(200));
        for wrong in ["correct hors", "", "correct horse ", &long] {
            assert!(!matches(wrong, Some(&hash)).await, "{wrong}");
            assert!(!matches(wrong, None).await);
        }
    }

    #[tokio::test]
    async fn work_that_stops_is_a_fault_of_ours_and_leaves_room_for_others() {
        let passwords = Passwords::default();
        for _ in 0..=AT_A_TIME {
            let stopped = passwords.in_turn(|| Ok(()), || panic!("out of memory"));
            let error = Result::<(), _>::unwrap_err(stopped.await);
            assert_eq!((error.code(), error.is_ours()), ("hashing_failed", true));
        }
    }

    #[test]
    fn nobody_takes_as_long_as_somebody() {
        let hash = Argon2::default().hash_password(b"somebody").unwrap();
        let cost = |text: &str| text.splitn(5, '$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(NOBODY), cost(&hash.to_string()));
        let compared = Argon2::default().verify_password(b"x", NOBODY);
        assert_eq!(
            compared,
            Err(argon2::password_hash::Error::PasswordInvalid),
            "it is compared, not refused for its form"
        );
    }
}

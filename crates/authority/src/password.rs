//! Passwords are kept as argon2id hashes (RFC 9106).

use argon2::{Argon2, PasswordHasher as _};
use tokenry_domain::Invalid;

use crate::Error;

/// The fewest characters of a password.
const FEWEST: usize = 8;
/// The most bytes: bounds the work of hashing.
const MOST_BYTES: usize = 128;

/// The hash to keep of a password, off the threads that serve requests, since
/// it takes tens of milliseconds by design.
///
/// # Errors
/// [`Error::Invalid`] for a password that is too short or too long.
pub(crate) async fn hash(password: String) -> Result<String, Error> {
    if password.chars().count() < FEWEST {
        let problem = format!("is too short (minimum is {FEWEST} characters)");
        return Err(Invalid::field("password", problem).into());
    }
    if password.len() > MOST_BYTES {
        let problem = format!("is too long (maximum is {MOST_BYTES} bytes)");
        return Err(Invalid::field("password", problem).into());
    }
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(_)) | Err(_) => Err(Error::Entropy(crate::surroundings::NoEntropy)),
    }
}

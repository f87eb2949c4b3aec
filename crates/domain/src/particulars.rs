//! What only few kinds of token have beside the rest.

use jiff::Timestamp;

use crate::{ids::TokenId, invalid::Invalid, token::MOST_CHARACTERS};

/// What only few kinds of token have beside the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Particulars {
    /// The username with which a deploy token is presented, where one was chosen.
    pub username: Option<String>,
    /// When a trigger was edited last, if it was.
    pub updated_at: Option<Timestamp>,
}

impl Particulars {
    /// Those of a deploy token that is presented with this username.
    ///
    /// # Errors
    /// [`Invalid`] for a username that is too long, or has letters that
    /// registries don't take.
    pub fn with_username(username: String) -> Result<Self, Invalid> {
        if username.chars().count() > MOST_CHARACTERS {
            let problem = format!("is too long (maximum is {MOST_CHARACTERS} characters)");
            return Err(Invalid::field("username", problem));
        }
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"_-+.".contains(&c);
        if username.is_empty() || !username.bytes().all(allowed) {
            let problem = "can contain only letters, digits, '_', '-', '+', and '.'";
            return Err(Invalid::field("username", problem));
        }
        Ok(Self {
            username: Some(username),
            updated_at: None,
        })
    }

    /// The username with which a deploy token is presented
    /// (spec/rest.md section 3.5).
    #[must_use]
    pub fn deploy_username(&self, token: TokenId) -> String {
        let default = || format!("gitlab+deploy-token-{token}");
        self.username.clone().unwrap_or_else(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deploy_token_has_the_username_chosen_or_one_with_its_id() {
        let id = TokenId::from_row(57);
        let chosen = Particulars::with_username("ci+pull.1_a-b".into()).unwrap();
        assert_eq!(chosen.deploy_username(id), "ci+pull.1_a-b");
        assert_eq!(
            Particulars::default().deploy_username(id),
            "gitlab+deploy-token-57"
        );
    }

    #[test]
    fn usernames_are_what_registries_take() {
        let longest = "x".repeat(MOST_CHARACTERS);
        assert!(Particulars::with_username(longest.clone() + "x").is_err());
        assert!(Particulars::with_username(longest).is_ok());
        for bad in ["", "a b", "a:b", "a/b", "ä", "a\n"] {
            assert!(Particulars::with_username(bad.into()).is_err(), "{bad:?}");
        }
    }
}

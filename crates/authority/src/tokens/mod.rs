//! What is done with tokens, whatever their kind.

mod delete;
mod identify;
mod issue;
mod list;
mod revoke;
mod rotate;
mod show;

pub(crate) use self::list::{check_search, check_window};
use tokenry_domain::{Kind, Scopes, Token, UserId};
use tokenry_token::TokenText;

/// What is asked for of a new token.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What sort of token.
    pub kind: Kind,
    /// The user it is to act as.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What its owner says of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// The date it stops working at; the policy decides where none is given.
    pub expires: Option<jiff::civil::Date>,
}

/// A new token, with its text for the one time it is shown.
#[derive(Debug)]
pub struct Issued {
    /// The secret.
    pub text: TokenText,
    /// The row.
    pub token: Token,
}

//! What is done with tokens, whatever their kind.

mod bots;
mod clues;
mod delete;
mod edit;
mod gather;
mod grounds;
mod identify;
mod in_place;
mod instance;
mod issue;
mod list;
mod mint;
mod named;
mod namesakes;
mod particulars;
mod query;
mod reset;
mod reveal;
mod revoke;
mod revoke_in_group;
mod revoke_many;
mod rights;
mod rotate;
mod show;
mod sign;
mod sole;
mod told;
mod walk;

pub use self::bots::NewAccessToken;
pub(crate) use self::{
    bots::remove_if_idle,
    grounds::{Grounds, Sought},
    in_place::answering,
    issue::require_no_bot,
    list::{check_search, check_window},
    mint::{Belonging, Kept},
    rights::{may_be_handed, require_manager},
    rotate::{replace, take_over},
    sign::Signer,
    sole::sole_token,
};
pub use self::{
    clues::{Clue, Identified, MOST_CLUES},
    edit::TokenChange,
    in_place::{NewPlaceToken, PlaceTokens},
    revoke_many::{Fate, Revoked},
    walk::{TokenList, TokenPage},
};
use tokenry_domain::{IfExists, Kind, Scopes, Subject, Token, UserId, expiry::Expires};
pub use tokenry_token::{Fingerprint, TokenText};

/// What is asked for of a new token.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What sort of token.
    pub kind: Kind,
    /// The user it is to act as, or who is to answer for it.
    pub owner: UserId,
    /// What it is to belong to, where that isn't just its owner.
    pub subject: Option<Subject>,
    /// What its owner calls it.
    pub name: String,
    /// What its owner says of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it is to stop working.
    pub expires: Expires,
    /// What becomes of others of its name.
    pub if_exists: IfExists,
}

/// A new token, with its text for the one time it is shown.
#[derive(Debug)]
pub struct Issued {
    /// The secret.
    pub text: TokenText,
    /// The row.
    pub token: Token,
}

//! The rules of the ledger: what tokens, users, scopes and policies are, and
//! which changes of them are allowed.
//!
//! Nothing here does I/O, reads a clock or draws randomness: times and random
//! bytes are arguments, so every rule can be tested with values.
#![deny(missing_docs)]

pub mod access;
pub mod access_level;
pub mod application;
pub mod audit;
pub mod audit_filter;
pub mod delete_means;
pub mod expiry;
pub mod group;
pub mod holder;
pub mod hygiene;
pub mod ids;
pub mod if_exists;
pub mod invalid;
pub mod job;
pub mod kind;
pub mod member;
pub mod namespace;
pub mod owner_state;
pub mod page;
pub mod particulars;
pub mod password;
pub mod place;
pub mod place_filter;
pub mod place_order;
pub mod project;
pub mod purge;
pub mod reason;
pub mod retention;
pub mod runner;
pub mod runner_manager;
pub mod scope;
mod setting;
pub mod settings;
pub mod states;
pub mod subject;
pub mod token;
pub mod token_filter;
pub mod token_query;
pub mod tombstone;
pub mod user;
pub mod user_filter;
pub mod visibility;
pub mod written;

pub use access_level::AccessLevel;
pub use delete_means::DeleteMeans;
pub use group::Group;
pub use ids::{
    GroupId, HolderId, NamespaceId, ProjectId, PurgeId, RunnerManagerId, TokenId, UserId,
};
pub use if_exists::IfExists;
pub use invalid::{Invalid, Problem};
pub use kind::Kind;
pub use member::{Levels, Member};
pub use namespace::{Namespace, NamespaceKind};
pub use owner_state::OwnerState;
pub use particulars::Particulars;
pub use password::Password;
pub use place::{Place, PlaceName, PlaceRef};
pub use project::Project;
pub use purge::Purge;
pub use reason::Reason;
pub use retention::Retention;
pub use scope::{Scope, Scopes};
pub use states::States;
pub use subject::Subject;
pub use token::{State, Token};
pub use tombstone::{Burial, Tombstone};
pub use user::{User, UserState, UserType};
pub use visibility::Visibility;

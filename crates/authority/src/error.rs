//! Why a use case didn't do what was asked.

use tokenry_domain::{
    AccessLevel, Invalid, Kind, Token, UserState, access::Need, holder::HolderKind,
    page::BrokenCursor, token::AlreadyRevoked, user::StateRefused,
};
use tokenry_store::StoreError;
use tokenry_token::Unsealable;

use crate::surroundings::NoEntropy;

/// What wasn't there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A token.
    Token,
    /// A user.
    User,
    /// A group.
    Group,
    /// A project.
    Project,
    /// A member of a group or project.
    Member,
    /// A browser that is signed in.
    Session,
    /// What holds a token of its own.
    Holder(HolderKind),
    /// A machine that works as a runner.
    RunnerManager,
    /// Many tokens that go by one filter.
    Purge,
}

impl Thing {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::User => "user",
            Self::Group => "group",
            Self::Project => "project",
            Self::Member => "member",
            Self::Session => "session",
            Self::Holder(kind) => kind.title(),
            Self::RunnerManager => "runner manager",
            Self::Purge => "purge",
        }
    }
}

/// Why a credential doesn't let its bearer in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// None was presented.
    #[error("no token was presented; send one in the PRIVATE-TOKEN header")]
    Missing,
    /// No such token was issued, or tokens are switched off.
    #[error("the token is not known here")]
    Unknown,
    /// Its date has come.
    #[error("the token is expired; issue a new one")]
    Expired,
    /// Somebody ended it.
    #[error("the token was revoked; issue a new one")]
    Revoked,
    /// It is an impersonation token, and these are switched off.
    #[error("impersonation tokens are switched off on this server")]
    ImpersonationDisabled,
    /// It got its rights from another token, and the route is for tokens that
    /// speak of themselves.
    #[error("this takes a personal access token")]
    NotPersonal(Need),
    /// Its scopes aren't enough.
    #[error("the token lacks the scope for this; enough is one of: {}", .0.accepted())]
    Scope(Need),
    /// Its owner may not use the API.
    #[error("the token's owner is {}", .0.name())]
    Account(UserState),
    /// No user has this name and this password.
    #[error("the name or the password is wrong")]
    WrongPassword,
    /// Too many unknown tokens or wrong passwords came from this address.
    #[error(
        "too many unknown tokens or wrong passwords from this address; try again in {seconds} s"
    )]
    TooManyGuesses {
        /// When it is worth trying again, in seconds.
        seconds: u64,
    },
}

/// Why a use case didn't do what was asked. Nothing was changed then.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The credential isn't enough.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Only administrators may do this.
    #[error("only administrators may do this")]
    AdminOnly,
    /// The caller may not do this to that; names what was asked.
    #[error("not permitted to {0}")]
    NotPermitted(&'static str),
    /// The caller's role there is too low; names the one it takes.
    #[error("this takes the role {} there; ask one of its owners", .0.name())]
    RoleTooLow(AccessLevel),
    /// The user is a member of the group or project already.
    #[error("Member already exists")]
    AlreadyMember,
    /// What the token would belong to has as many as it may have at once.
    #[error("there may be no more than {most} active tokens at once; revoke one first")]
    TooManyTokens {
        /// How many it may have.
        most: usize,
    },
    /// The job has come to its end.
    #[error("the job is not running")]
    JobEnded,
    /// The caller gave another request this key.
    #[error("this Idempotency-Key was sent with another request")]
    KeyReused,
    /// The same request is being done.
    #[error("the same request is being done; ask again")]
    UnderWay,
    /// The purge has come to its end.
    #[error("the purge has ended")]
    PurgeEnded,
    /// Retention is being run; what is due goes with that run.
    #[error("retention is being run already; what is due goes with that run")]
    RetentionRunning,
    /// It isn't there.
    #[error("there is no such {}", .0.name())]
    NotFound(Thing),
    /// The token's owner has a higher role there than the caller, who would be
    /// handed it.
    #[error("the token would have a higher role than you")]
    AboveOwnRole,
    /// A group has no other owner.
    #[error("the user is the sole owner of a group")]
    SoleOwner,
    /// The text begins with no prefix that was ever in use here.
    #[error("the text begins with no token prefix that was ever in use here")]
    NoKnownPrefix,
    /// A token of this kind comes about in another way; names it.
    #[error("tokens of this kind aren't issued so: {0}")]
    IssuedOtherwise(&'static str),
    /// Tokens of this kind don't make way for another one by rotation.
    #[error("{} tokens aren't rotated; what they belong to has a route that resets or renews them", .0.name())]
    NotRotated(Kind),
    /// A token of this name is there, and no other was to be issued.
    #[error("token {} has this name and works", .0.id)]
    TokenExists(Box<Token>),
    /// Values break the rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The token to be rotated was revoked before.
    #[error(transparent)]
    AlreadyRevoked(#[from] AlreadyRevoked),
    /// Another verb is the right one for a user in this state.
    #[error(transparent)]
    WrongState(#[from] StateRefused),
    /// Another user has this username or e-mail address.
    #[error("{0} has already been taken")]
    Taken(&'static str),
    /// The cursor isn't one of this list's.
    #[error(transparent)]
    Cursor(#[from] BrokenCursor),
    /// The page lies deeper than page numbers reach.
    #[error("page numbers reach {most} rows deep; use keyset paging for what follows")]
    TooDeep {
        /// The deepest row that page numbers reach.
        most: u64,
    },
    /// No index serves the filter or the order, and looking at each token would
    /// take too long.
    #[error("no index serves this list, and there are too many tokens to look at each")]
    NotIndexed,
    /// A fault of ours.
    #[error(transparent)]
    Store(StoreError),
    /// A fault of ours: the system has no randomness.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// A fault of ours: a password could be neither hashed nor compared.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
    /// A fault of ours: a sealed copy doesn't open.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate("users_username") => Self::Taken("Username"),
            StoreError::Duplicate("users_email") => Self::Taken("Email"),
            StoreError::Duplicate("namespaces_full_path" | "projects_full_path") => {
                Self::Invalid(Invalid::field("path", "has already been taken"))
            }
            StoreError::NoOwner => Self::NotFound(Thing::User),
            other => Self::Store(other),
        }
    }
}

impl Error {
    /// The stable code: what scripts compare and the handbook explains.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::AdminOnly => "admin_only",
            Self::NotPermitted(_) => "not_permitted",
            Self::NotFound(Thing::Token) => "token_not_found",
            Self::NotFound(Thing::User) => "user_not_found",
            Self::NotFound(Thing::Group) => "group_not_found",
            Self::NotFound(Thing::Project) => "project_not_found",
            Self::NotFound(Thing::Member) => "member_not_found",
            Self::NotFound(Thing::Session) => "session_not_found",
            Self::NotFound(Thing::Holder(_)) => "holder_not_found",
            Self::NotFound(Thing::RunnerManager) => "runner_manager_not_found",
            Self::NotFound(Thing::Purge) => "purge_not_found",
            Self::TooManyTokens { .. } => "too_many_tokens",
            Self::RoleTooLow(_) => "role_too_low",
            Self::AlreadyMember => "already_member",
            Self::JobEnded => "job_not_running",
            Self::KeyReused => "idempotency_key_reused",
            Self::UnderWay => "request_under_way",
            Self::PurgeEnded => "purge_ended",
            Self::RetentionRunning => "retention_running",
            Self::AboveOwnRole => "above_own_role",
            Self::SoleOwner => "sole_owner",
            Self::NoKnownPrefix => "no_known_prefix",
            Self::IssuedOtherwise(_) => "issued_otherwise",
            Self::NotRotated(_) => "not_rotated",
            Self::TokenExists(_) => "token_exists",
            Self::Invalid(_) => "invalid",
            Self::AlreadyRevoked(_) => "already_revoked",
            Self::WrongState(_) => "wrong_state",
            Self::Taken(_) => "taken",
            Self::Cursor(_) => "broken_cursor",
            Self::TooDeep { .. } => "too_deep",
            Self::NotIndexed => "not_indexed",
            Self::Store(StoreError::Full) => "disk_full",
            Self::Store(_) => "store_failed",
            Self::Entropy(_) => "no_entropy",
            Self::Hashing(_) => "hashing_failed",
            Self::Unsealable(_) => "unsealable",
        }
    }

    /// Whether there is no room left for what was to be written.
    #[must_use]
    pub const fn is_full_disk(&self) -> bool {
        matches!(self, Self::Store(StoreError::Full))
    }

    /// Whether it is a fault of ours that passes by itself, so that it is worth
    /// trying again: a group of changes was given up, no connection was free, or the server
    /// stops.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::GroupLost | StoreError::Busy | StoreError::Closed)
        )
    }

    /// Whether it is a fault of ours rather than the caller's.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::Store(_) | Self::Entropy(_) | Self::Hashing(_) | Self::Unsealable(_)
        )
    }
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "credential_missing",
            Self::Unknown => "credential_unknown",
            Self::Expired => "credential_expired",
            Self::Revoked => "credential_revoked",
            Self::ImpersonationDisabled => "impersonation_disabled",
            Self::NotPersonal(_) => "not_personal",
            Self::Scope(_) => "insufficient_scope",
            Self::Account(_) => "account_not_active",
            Self::WrongPassword => "wrong_password",
            Self::TooManyGuesses { .. } => "too_many_guesses",
        }
    }
}

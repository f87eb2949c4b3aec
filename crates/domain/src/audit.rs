//! The audit trail: who changed what, with which token, from where.
//!
//! One entry is written with every change, in the same transaction. Entries
//! hold what a person may read: a token appears by id, name and hint, never
//! by its text or digest.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    group::Group,
    holder::{Holder, HolderKind},
    ids::{GroupId, HolderId, ProjectId, PurgeId, TokenId, UserId},
    member::Member,
    place::Place,
    project::Project,
    reason::Reason,
    runner_manager::{Contact, RunnerManager},
    settings::Settings,
    token::Token,
    tombstone::Burial,
    user::User,
};

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])* $variant,)+ }

        impl Action {
            /// The action with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|action| action.name() == name)
            }

            /// The stable name in the trail.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

actions! {
    /// A token was issued.
    TokenCreated = "token_created",
    /// A token was replaced by a new one.
    TokenRotated = "token_rotated",
    /// A token was ended, and another took its place that nobody chose.
    TokenReset = "token_reset",
    /// Tokens gave way to a new one of the same name.
    TokenReplaced = "token_replaced",
    /// A token got another name, description or owner.
    TokenUpdated = "token_updated",
    /// A token was ended.
    TokenRevoked = "token_revoked",
    /// A revoked token was presented for rotation, so its family was ended.
    TokenFamilyRevoked = "token_family_revoked",
    /// A token's row was removed.
    TokenDeleted = "token_deleted",
    /// A purge was filed: tokens are to be deleted by a filter.
    PurgeFiled = "purge_filed",
    /// Some of the tokens that a purge covers were deleted.
    TokensPurged = "tokens_purged",
    /// A purge has come to its end.
    PurgeDone = "purge_done",
    /// A purge was stopped before its end.
    PurgeCancelled = "purge_cancelled",
    /// It was said how long things are kept.
    RetentionChanged = "retention_changed",
    /// Some of what had been kept long enough was deleted.
    RetentionApplied = "retention_applied",
    /// Tokens were revoked by the rules of hygiene.
    HygieneApplied = "hygiene_applied",
    /// A purge can't be run.
    PurgeFailed = "purge_failed",
    /// A user was created.
    UserCreated = "user_created",
    /// A user's profile was edited.
    UserUpdated = "user_updated",
    /// A user was blocked, banned, put to rest or let in again.
    UserStateChanged = "user_state_changed",
    /// Some of what goes with a user who is being removed was removed.
    UserPartlyDeleted = "user_partly_deleted",
    /// A user was removed, with all their tokens, memberships and projects.
    UserDeleted = "user_deleted",
    /// A group was created.
    GroupCreated = "group_created",
    /// A group was edited.
    GroupUpdated = "group_updated",
    /// Some of what lies in a group that is being removed was removed.
    GroupPartlyDeleted = "group_partly_deleted",
    /// A group was removed, with all that lay in it.
    GroupDeleted = "group_deleted",
    /// A project was created.
    ProjectCreated = "project_created",
    /// A project was edited.
    ProjectUpdated = "project_updated",
    /// Some of what lies in a project that is being removed was removed.
    ProjectPartlyDeleted = "project_partly_deleted",
    /// A project was removed, with all that lay in it.
    ProjectDeleted = "project_deleted",
    /// A user became a member of a project or group.
    MemberAdded = "member_added",
    /// A member's role or its end was changed.
    MemberChanged = "member_changed",
    /// A user ceased to be a member.
    MemberRemoved = "member_removed",
    /// What holds a token of its own was made.
    HolderCreated = "holder_created",
    /// What holds a token of its own was changed.
    HolderUpdated = "holder_updated",
    /// What holds a token of its own came to its end, and its tokens.
    HolderEnded = "holder_ended",
    /// Tokens of what holds them and is being removed were removed.
    HolderPartlyDeleted = "holder_partly_deleted",
    /// What holds a token of its own was removed, with its tokens.
    HolderDeleted = "holder_deleted",
    /// A machine showed a runner's token that hadn't done so before.
    RunnerManagerAdded = "runner_manager_added",
    /// A machine that works as a runner runs another program than before.
    RunnerManagerChanged = "runner_manager_changed",
    /// A machine that worked as a runner was removed.
    RunnerManagerRemoved = "runner_manager_removed",
    /// The instance's settings were changed.
    SettingsChanged = "settings_changed",
    /// The digest key was replaced by a new one.
    DigestKeyRotated = "digest_key_rotated",
}

/// Who did it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The user acted as; `None` for the server's own console.
    pub user: Option<UserId>,
    /// The token presented.
    pub token: Option<TokenId>,
    /// The administrator behind a `sudo`.
    pub on_behalf: Option<UserId>,
}

/// Where a change came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// Names the request in logs and in errors of ours.
    pub request_id: String,
}

/// What a change was made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A token.
    Token(TokenId),
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// A project.
    Project(ProjectId),
    /// What holds a token of its own.
    Holder(HolderKind, HolderId),
    /// A purge.
    Purge(PurgeId),
    /// The instance as a whole.
    Instance,
}

impl Target {
    /// The sort of thing, and its id where it has one.
    #[must_use]
    pub const fn parts(self) -> (&'static str, Option<i64>) {
        match self {
            Self::Token(id) => ("token", Some(id.get())),
            Self::User(id) => ("user", Some(id.get())),
            Self::Group(id) => ("group", Some(id.get())),
            Self::Project(id) => ("project", Some(id.get())),
            Self::Holder(kind, id) => (kind.name(), Some(id.get())),
            Self::Purge(id) => ("purge", Some(id.get())),
            Self::Instance => ("instance", None),
        }
    }
}

impl From<Place> for Target {
    fn from(place: Place) -> Self {
        match place {
            Place::Group(id) => Self::Group(id),
            Place::Project(id) => Self::Project(id),
        }
    }
}

/// One row of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// By whom.
    pub actor: Actor,
    /// From where.
    pub origin: Origin,
    /// To what.
    pub target: Target,
    /// Tokens that it was done to besides: the entry is found by each.
    pub tokens: Vec<TokenId>,
    /// Why, if anybody said.
    pub reason: Option<Reason>,
    /// What it was before; null if it wasn't.
    pub before: Value,
    /// What it is after; null if it is no more.
    pub after: Value,
}

impl Entry {
    /// How the trail and the tombstones of what goes agree.
    #[must_use]
    pub fn burial(&self) -> Burial {
        Burial {
            at: self.at,
            by: self.actor.user,
            reason: self.reason.clone(),
        }
    }

    /// As [`Entry::burial`], with the reason that what goes goes with something
    /// else, where nobody gave one.
    #[must_use]
    pub fn burial_because(&self, reason: &'static str) -> Burial {
        let mut burial = self.burial();
        burial.reason.get_or_insert_with(|| Reason::ours(reason));
        burial
    }
}

/// What the trail says of a token.
#[must_use]
pub fn token_facts(token: &Token) -> Value {
    json!({
        "id": token.id,
        "kind": token.kind.name(),
        "owner_id": token.owner,
        "name": token.name,
        "scopes": token.scopes.names().collect::<Vec<_>>(),
        "hint": token.hint.as_str(),
        "expires_at": token.life.expires_at.map(|at| at.to_string()),
        "revoked_at": token.life.revoked_at.map(|at| at.to_string()),
        "rotated_from": token.rotated_from,
    })
}

/// What the trail says of a user.
#[must_use]
pub fn user_facts(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "admin": user.admin,
        "external": user.external,
        "state": user.state.name(),
        "type": user.user_type.name(),
        "home": user.home.map(place_facts),
    })
}

/// What the trail says of a group.
#[must_use]
pub fn group_facts(group: &Group) -> Value {
    json!({
        "id": group.id,
        "parent_id": group.parent,
        "name": group.name,
        "full_path": group.full_path,
        "description": group.description,
        "visibility": group.visibility.name(),
    })
}

/// What the trail says of a project.
#[must_use]
pub fn project_facts(project: &Project) -> Value {
    json!({
        "id": project.id,
        "namespace_id": project.namespace.id,
        "name": project.name,
        "full_path": project.full_path,
        "description": project.description,
        "visibility": project.visibility.name(),
        "archived": project.archived,
    })
}

/// What the trail says of a member.
#[must_use]
pub fn member_facts(member: &Member) -> Value {
    json!({
        "user_id": member.user,
        "place": place_facts(member.place),
        "access_level": member.level,
        "expires_at": member.expires_at.map(|at| at.to_string()),
    })
}

fn place_facts(place: Place) -> Value {
    let (sort, id) = place.parts();
    json!({ "type": sort, "id": id })
}

/// What the trail says of what holds a token of its own.
#[must_use]
pub fn holder_facts(holder: &Holder) -> Value {
    let place = holder.place.map(Place::parts);
    json!({
        "id": holder.id,
        "place_type": place.map(|(sort, _)| sort),
        "place_id": place.map(|(_, id)| id),
        "creator_id": holder.creator,
        "name": holder.name,
        "details": holder.details,
        "ended_at": holder.ended_at.map(|at| at.to_string()),
    })
}

/// What the trail says of a machine that works as a runner.
#[must_use]
pub fn runner_manager_facts(manager: &RunnerManager) -> Value {
    let Contact {
        system_id,
        program,
        address,
    } = &manager.said;
    json!({
        "id": manager.id,
        "system_id": system_id,
        "version": program.version,
        "revision": program.revision,
        "platform": program.platform,
        "architecture": program.architecture,
        "ip_address": address.map(|address| address.to_string()),
        "contacted_at": manager.contacted_at.to_string(),
    })
}

/// What the trail says of the settings.
#[must_use]
pub fn settings_facts(settings: &Settings) -> Value {
    serde_json::to_value(settings).unwrap_or(Value::Null)
}

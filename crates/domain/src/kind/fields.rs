//! What the fields of a descriptor can say.

use crate::{access_level::AccessLevel, place::Place};

/// How the prefix of new texts is made. The defaults are always known, and so
/// is every prefix that was ever in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefixing {
    /// The instance prefix stands before it; without one,
    /// `personal_access_token_prefix` takes its place.
    Personal(&'static str),
    /// The instance prefix stands before it.
    Instance(&'static str),
    /// Always this.
    Fixed(&'static str),
}

impl Prefixing {
    /// The prefix where the instance sets no other.
    #[must_use]
    pub const fn default(self) -> &'static str {
        match self {
            Self::Personal(text) | Self::Instance(text) | Self::Fixed(text) => text,
        }
    }
}

/// The form of new texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Random, with a payload and a checksum.
    Routable,
    /// A signed statement, which others can check offline.
    Signed,
}

/// What a token opens here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// The API, as its owner, within its scopes. These are GitLab's personal
    /// access tokens, whatever they are called.
    Api,
    /// The API, as its owner, within its scopes, but not the routes on which a
    /// personal access token speaks of itself.
    ApiByOauth,
    /// What its owner sees in a browser.
    Browser,
    /// The routes of the job it belongs to.
    Job,
    /// Nothing here; it is for other systems, which have it checked.
    Elsewhere,
}

/// What GitLab shows of a token that is identified by its value
/// (spec/token-information-api.md section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifies {
    /// The token itself.
    Itself,
    /// The token itself, as deploy tokens are shown.
    DeployToken,
    /// The token itself, as triggers are shown.
    Trigger,
    /// The token itself, as those of agents are shown.
    AgentToken,
    /// The token itself, as SCIM tokens are shown.
    ScimToken,
    /// Its owner.
    Owner,
    /// What holds it.
    Holder,
    /// The job it belongs to.
    Job,
}

/// What becomes of a token that is ended by its value
/// (spec/token-information-api.md section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is revoked.
    Revoke,
    /// It is revoked and another takes its place, which nobody has seen yet.
    Reset,
    /// What it belongs to ends with it.
    Finish,
}

/// Who, besides administrators, sees a token and may end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keepers {
    /// Nobody.
    Nobody,
    /// Its owner.
    Owner,
    /// Whoever has these levels in the project or group it belongs to.
    Members {
        /// Needed to see it, in a project and in a group.
        see: [AccessLevel; 2],
        /// Needed to issue and to end it, in a project and in a group.
        manage: [AccessLevel; 2],
    },
}

impl Keepers {
    /// The role that lets a member of a place see what belongs there; none
    /// where no role is enough.
    #[must_use]
    pub const fn to_see(self, place: Place) -> Option<AccessLevel> {
        match self {
            Self::Nobody | Self::Owner => None,
            Self::Members { see, .. } => Some(in_place(see, place)),
        }
    }

    /// The role that lets a member of a place manage what belongs there; none
    /// where no role is enough.
    #[must_use]
    pub const fn to_manage(self, place: Place) -> Option<AccessLevel> {
        match self {
            Self::Nobody | Self::Owner => None,
            Self::Members { manage, .. } => Some(in_place(manage, place)),
        }
    }
}

const fn in_place([project, group]: [AccessLevel; 2], place: Place) -> AccessLevel {
    match place {
        Place::Project(_) => project,
        Place::Group(_) => group,
    }
}

/// How a token comes about when somebody asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuing {
    /// For a user, as whom it acts.
    User,
    /// For a service account, as which it acts.
    ServiceAccount,
    /// With a bot of its own, which is a member of a place.
    Bot,
    /// For a project or group; it acts as nobody.
    Place,
    /// For a group at the top, or for the instance; it acts as nobody.
    Top,
    /// For whoever asks, who has one at most: another takes its place.
    Sole,
    /// For a holder that is there and may have several.
    Holder,
    /// With the holder, which is made for it; how one that is there gets another.
    WithHolder(&'static str),
    /// With the job that it works for.
    WithJob,
    /// Not when it is asked for; how else.
    Otherwise(&'static str),
}

/// How long a token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until a date that the instance's settings limit.
    Policy,
    /// As [`Lifetime::Policy`], where the setting for service accounts says so.
    ServicePolicy,
    /// Until a moment that is chosen freely, or for ever.
    Free,
    /// As whoever issues it says: it is not the bearer's to choose.
    Settled,
}

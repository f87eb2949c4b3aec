//! Things that hold a token of their own: applications, agents, runners,
//! feature flags clients and jobs.
//!
//! They have much in common and few of their own properties are ever asked for
//! in a search, so they share one table; what differs is in [`Details`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{HolderId, UserId},
    place::Place,
};

/// Something that holds a token of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The row's id.
    pub id: HolderId,
    /// The project or group it belongs to; none if to the instance or a user.
    pub place: Option<Place>,
    /// Who made it.
    pub creator: UserId,
    /// What it is called.
    pub name: String,
    /// What it is, and what else is known of it.
    pub details: Details,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it came to its end, if it has.
    pub ended_at: Option<Timestamp>,
}

/// A holder that isn't there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHolder {
    /// The project or group it will belong to.
    pub place: Option<Place>,
    /// Who makes it.
    pub creator: UserId,
    /// What it will be called.
    pub name: String,
    /// What it is.
    pub details: Details,
}

/// Which holders a list shows. All conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderFilter {
    /// Only this kind.
    pub kind: HolderKind,
    /// Only those that belong here.
    pub place: Option<Place>,
    /// Only those this user made.
    pub creator: Option<UserId>,
    /// Only those that came to their end, or only the others.
    pub ended: Option<bool>,
}

impl HolderFilter {
    /// Every holder of a kind.
    #[must_use]
    pub const fn of(kind: HolderKind) -> Self {
        Self {
            kind,
            place: None,
            creator: None,
            ended: None,
        }
    }
}

macro_rules! details {
    ($($(#[$doc:meta])* $variant:ident($inner:ident) = $name:literal,)+) => {
        /// What a holder is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum HolderKind { $($(#[$doc])* $variant,)+ }

        impl HolderKind {
            /// Its name in the database, in the trail and on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        /// What a holder is, and what else is known of it.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum Details {
            $($(#[$doc])* #[serde(rename = $name)] $variant($inner),)+
        }

        impl Details {
            /// What the holder is.
            #[must_use]
            pub const fn kind(&self) -> HolderKind {
                match self { $(Self::$variant(_) => HolderKind::$variant),+ }
            }
        }

        $(impl From<$inner> for Details {
            fn from(inner: $inner) -> Self { Self::$variant(inner) }
        })+
    };
}

details! {
    /// An OAuth application.
    Application(Application) = "application",
    /// The agent of a Kubernetes cluster.
    ClusterAgent(ClusterAgent) = "cluster_agent",
    /// A runner of CI jobs.
    Runner(Runner) = "runner",
    /// What reads a project's feature flags.
    FeatureFlagsClient(FeatureFlagsClient) = "feature_flags_client",
    /// One run of a CI job.
    Job(Job) = "job",
}

/// What is known of an OAuth application (spec/rest.md section 3.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// What it calls itself (`client_id`).
    pub uid: String,
    /// Where it may be sent back to; a line each.
    pub redirect_uri: String,
    /// Whether it can keep a secret.
    pub confidential: bool,
    /// What it may ask for, separated by spaces.
    pub scopes: String,
    /// The user it belongs to; none if to the instance.
    pub owner: Option<UserId>,
}

/// What is known of a cluster agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterAgent {}

/// What is known of a feature flags client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureFlagsClient {}

/// What a runner works for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunnerType {
    /// The whole instance.
    #[serde(rename = "instance_type")]
    Instance,
    /// One group.
    #[serde(rename = "group_type")]
    Group,
    /// One project.
    #[serde(rename = "project_type")]
    Project,
}

impl RunnerType {
    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instance => "instance_type",
            Self::Group => "group_type",
            Self::Project => "project_type",
        }
    }

    /// The number in the payload of its token
    /// (spec/token-information-api.md section 2.7).
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Instance => 1,
            Self::Group => 2,
            Self::Project => 3,
        }
    }

    /// The type of a runner that belongs here.
    #[must_use]
    pub const fn of(place: Option<Place>) -> Self {
        match place {
            None => Self::Instance,
            Some(Place::Group(_)) => Self::Group,
            Some(Place::Project(_)) => Self::Project,
        }
    }
}

/// What is known of a runner (spec/rest.md section 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of their own on the wire"
)]
pub struct Runner {
    /// Whether it registered itself.
    pub registered: bool,
    /// Whether it takes no new jobs.
    pub paused: bool,
    /// Whether it serves its project alone.
    pub locked: bool,
    /// Whether it takes jobs without tags.
    pub run_untagged: bool,
    /// Whether it serves protected branches alone: `ref_protected`, or else
    /// `not_protected`.
    pub access_level: String,
    /// The tags of the jobs it takes.
    pub tags: Vec<String>,
    /// The longest it lets a job run, in seconds.
    pub maximum_timeout: Option<i64>,
    /// What its keepers note down.
    pub maintenance_note: Option<String>,
}

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The branch or tag it runs for.
    pub r#ref: String,
    /// The user it runs for.
    pub user: UserId,
    /// How long it may run, in seconds.
    pub timeout: i64,
    /// How it ended: `success`, `failed` or `canceled`.
    pub outcome: Option<String>,
}

impl Holder {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> HolderKind {
        self.details.kind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_written_with_the_name_of_their_kind() {
        let agent = Details::from(ClusterAgent {});
        let text = serde_json::to_string(&agent).unwrap();
        assert_eq!(text, r#"{"kind":"cluster_agent"}"#);
        assert_eq!(serde_json::from_str::<Details>(&text).unwrap(), agent);
        assert_eq!(agent.kind().name(), "cluster_agent");
    }
}

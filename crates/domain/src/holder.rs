//! Things that hold a token of their own: applications, agents, runners,
//! feature flags clients and jobs.
//!
//! They have much in common and few of their own properties are ever asked for
//! in a search, so they share one table; what differs is in [`Details`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    access_level::AccessLevel,
    ids::{HolderId, UserId},
    invalid::Invalid,
    kind::Kind,
    place::Place,
    scope::Scopes,
    token::check_name,
};
pub use crate::{
    application::Application,
    job::Job,
    runner::{Runner, RunnerType},
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
    /// Only those that belong to this user alone.
    pub owner: Option<UserId>,
    /// Only those that belong to the instance, and to no place or user.
    pub of_instance: bool,
    /// Only those of places where this user may manage them.
    pub kept_by: Option<Keeper>,
    /// Only those this user made.
    pub creator: Option<UserId>,
    /// Only those that came to their end, or only the others.
    pub ended: Option<bool>,
}

/// Somebody with a role in places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeper {
    /// Who.
    pub user: UserId,
    /// The role it takes, in a project and in a group.
    pub levels: [AccessLevel; 2],
    /// When: roles may have an end.
    pub now: Timestamp,
}

impl HolderFilter {
    /// Every holder of a kind.
    #[must_use]
    pub const fn of(kind: HolderKind) -> Self {
        Self {
            kind,
            place: None,
            owner: None,
            of_instance: false,
            kept_by: None,
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

impl Details {
    /// The kind of token that it shows who it is with, one at a time or, as
    /// agents, several.
    #[must_use]
    pub const fn token_kind(&self) -> Kind {
        match self {
            Self::Runner(runner) if runner.registered => Kind::RegisteredRunner,
            other => other.kind().token_kind(),
        }
    }

    /// What its token may be used for.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        match self {
            Self::Application(application) => application.scopes(),
            _ => Scopes::NONE,
        }
    }

    /// The user it belongs to alone, if there is one.
    #[must_use]
    pub const fn owner(&self) -> Option<UserId> {
        match self {
            Self::Application(application) => application.owner,
            _ => None,
        }
    }

    /// What its name and details have to be.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn check(&self, name: &str) -> Result<(), Invalid> {
        match self {
            Self::Application(application) => application.check(name),
            Self::ClusterAgent(_) => check_agent_name(name),
            Self::Runner(runner) => runner.check(name),
            Self::Job(job) => job.check(name),
            Self::FeatureFlagsClient(_) => check_name(name),
        }
    }
}

impl HolderKind {
    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::ClusterAgent => "agent",
            Self::Runner => "runner",
            Self::FeatureFlagsClient => "feature flags client",
            Self::Job => "job",
        }
    }

    /// The kind of token that one shows who it is with.
    #[must_use]
    pub const fn token_kind(self) -> Kind {
        match self {
            Self::Application => Kind::OauthApplicationSecret,
            Self::ClusterAgent => Kind::ClusterAgent,
            Self::Runner => Kind::Runner,
            Self::FeatureFlagsClient => Kind::FeatureFlagsClient,
            Self::Job => Kind::Job,
        }
    }

    /// Whether no two in one project or group may have the same name.
    #[must_use]
    pub const fn names_are_unique(self) -> bool {
        matches!(self, Self::ClusterAgent)
    }
}

/// Agents are named as Kubernetes names things.
fn check_agent_name(name: &str) -> Result<(), Invalid> {
    if name.is_empty() {
        return Err(Invalid::field("name", "can't be blank"));
    }
    if name.chars().count() > LONGEST_AGENT_NAME {
        let problem = format!("is too long (maximum is {LONGEST_AGENT_NAME} characters)");
        return Err(Invalid::field("name", problem));
    }
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if !name.bytes().all(allowed) || name.starts_with('-') || name.ends_with('-') {
        let problem = "can contain only lowercase letters, digits, and '-', \
             but cannot start or end with '-'";
        return Err(Invalid::field("name", problem));
    }
    Ok(())
}

/// The longest name of an agent, in characters.
const LONGEST_AGENT_NAME: usize = 63;

/// What is known of a cluster agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterAgent {}

/// What is known of a feature flags client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureFlagsClient {}

impl NewHolder {
    /// The same, if the rules allow it.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn checked(self) -> Result<Self, Invalid> {
        self.details.check(&self.name)?;
        Ok(self)
    }
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

    #[test]
    fn agents_are_named_as_hosts_are() {
        let agent = Details::from(ClusterAgent {});
        for name in ["a", "prod-1", "9"] {
            assert_eq!(agent.check(name), Ok(()), "{name}");
        }
        for name in ["", "Prod", "-a", "a-", "a b", "a_b", "é", &"a".repeat(64)] {
            assert!(agent.check(name).is_err(), "{name}");
        }
    }
}

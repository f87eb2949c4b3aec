//! The kinds of token, one descriptor each.
//!
//! A kind is a line in [`KINDS`], not a module: everything that differs
//! between kinds is a field of [`Descriptor`].

mod fields;

use crate::{
    access_level::AccessLevel::{Developer, Maintainer, Owner},
    holder::HolderKind,
    scope::Scopes,
};

pub use self::fields::{Ending, Identifies, Issuing, Keepers, Lifetime, Opens, Prefixing, Writing};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident,)+) => {
        /// What sort of secret a ledger row stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $variant,)+ }
    };
}

kinds! {
    /// A user's own access token.
    Personal,
    /// An administrator's token that acts as another user, who doesn't see it.
    Impersonation,
    /// Acts as a project's bot.
    Project,
    /// Acts as a group's bot.
    Group,
    /// Acts as a service account.
    ServiceAccount,
    /// Reads and writes a project's or group's repositories and registries.
    Deploy,
    /// Opens a user's feeds and calendars.
    Feed,
    /// Part of the address to which a user mails issues.
    IncomingEmail,
    /// With it an OAuth application shows who it is.
    OauthApplicationSecret,
    /// What an OAuth application got for its secret.
    OauthAccess,
    /// Connects a Kubernetes cluster's agent.
    ClusterAgent,
    /// Connects a runner that was created first.
    Runner,
    /// Connects a runner that registered itself.
    RegisteredRunner,
    /// Starts pipelines of a project.
    PipelineTrigger,
    /// Works while one CI job runs.
    Job,
    /// Reads a project's feature flags.
    FeatureFlagsClient,
    /// A browser that is signed in.
    Session,
    /// Provisions users from an identity provider.
    Scim,
}

/// All that the rest of the house needs to know of one kind.
#[derive(Debug)]
pub struct Descriptor {
    /// The kind described.
    pub kind: Kind,
    /// Its name in the database, on the wire (`token_type`) and on the command line.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What its texts begin with.
    pub prefixing: Prefixing,
    /// What texts of this kind begin with that other systems issued.
    pub foreign_prefixes: &'static [&'static str],
    /// The form of its texts.
    pub writing: Writing,
    /// What it opens here.
    pub opens: Opens,
    /// What is shown when it is identified by its value.
    pub identifies: Identifies,
    /// What holds it, if something does.
    pub holder: Option<HolderKind>,
    /// How one comes about when somebody asks for it.
    pub issuing: Issuing,
    /// What one may be asked for, by name: `project`, `group`, `instance`, or
    /// what holds it. Nothing where that is settled.
    pub issued_for: &'static [&'static str],
    /// What becomes of it when it is ended by its value.
    pub ending: Ending,
    /// Who sees and manages it.
    pub keepers: Keepers,
    /// Whether its text can be shown again, from a sealed copy.
    pub shown_again: bool,
    /// The most that may be active at once of what one holder has, if that is
    /// limited.
    pub most_at_once: Option<usize>,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// The scopes a token of this kind may carry; one at least, if there are any.
    pub scopes: Scopes,
    /// Further scopes it may carry if its owner is an administrator.
    pub admin_scopes: Scopes,
}

/// Most kinds in most fields: a secret for another system, revoked when found.
const SECRET: Descriptor = Descriptor {
    kind: Kind::Deploy,
    name: "",
    title: "",
    prefixing: Prefixing::Fixed(""),
    foreign_prefixes: &[],
    writing: Writing::Routable,
    opens: Opens::Elsewhere,
    identifies: Identifies::Itself,
    holder: None,
    issuing: Issuing::Place,
    issued_for: &[],
    ending: Ending::Revoke,
    keepers: Keepers::Nobody,
    shown_again: false,
    most_at_once: None,
    lifetime: Lifetime::Free,
    scopes: Scopes::NONE,
    admin_scopes: Scopes::NONE,
};

/// What acts as a user over the API.
const ACCESS: Descriptor = Descriptor {
    prefixing: Prefixing::Personal("glpat-"),
    opens: Opens::Api,
    issuing: Issuing::User,
    lifetime: Lifetime::Policy,
    scopes: Scopes::USER,
    ..SECRET
};

/// Maintainers of a project and owners of a group.
const MAINTAINERS: Keepers = Keepers::Members {
    see: [Maintainer, Owner],
    manage: [Maintainer, Owner],
};

/// As [`MAINTAINERS`], but every developer may see it.
const SEEN_BY_DEVELOPERS: Keepers = Keepers::Members {
    see: [Developer, Developer],
    manage: [Maintainer, Owner],
};

/// Developers of a project or group.
const DEVELOPERS: Keepers = Keepers::Members {
    see: [Developer, Developer],
    manage: [Developer, Developer],
};

/// Every kind, in the order of its number.
pub static KINDS: [Descriptor; 18] = [
    Descriptor {
        kind: Kind::Personal,
        name: "personal",
        title: "personal access token",
        keepers: Keepers::Owner,
        admin_scopes: Scopes::ADMIN,
        ..ACCESS
    },
    Descriptor {
        kind: Kind::Impersonation,
        name: "impersonation",
        title: "impersonation token",
        admin_scopes: Scopes::ADMIN,
        ..ACCESS
    },
    Descriptor {
        kind: Kind::Project,
        name: "project",
        title: "project access token",
        issuing: Issuing::Bot,
        issued_for: &["project"],
        keepers: MAINTAINERS,
        scopes: Scopes::RESOURCE,
        ..ACCESS
    },
    Descriptor {
        kind: Kind::Group,
        name: "group",
        title: "group access token",
        issuing: Issuing::Bot,
        issued_for: &["group"],
        keepers: MAINTAINERS,
        scopes: Scopes::RESOURCE,
        ..ACCESS
    },
    Descriptor {
        kind: Kind::ServiceAccount,
        name: "service_account",
        title: "service account token",
        issuing: Issuing::ServiceAccount,
        issued_for: &["project", "group", "instance"],
        keepers: MAINTAINERS,
        lifetime: Lifetime::ServicePolicy,
        ..ACCESS
    },
    Descriptor {
        kind: Kind::Deploy,
        name: "deploy",
        title: "deploy token",
        issued_for: &["project", "group"],
        prefixing: Prefixing::Instance("gldt-"),
        identifies: Identifies::DeployToken,
        keepers: MAINTAINERS,
        scopes: Scopes::DEPLOY,
        ..SECRET
    },
    Descriptor {
        kind: Kind::Feed,
        name: "feed",
        title: "feed token",
        issuing: Issuing::Sole,
        prefixing: Prefixing::Instance("glft-"),
        identifies: Identifies::Owner,
        ending: Ending::Reset,
        keepers: Keepers::Owner,
        shown_again: true,
        lifetime: Lifetime::Settled,
        ..SECRET
    },
    Descriptor {
        kind: Kind::IncomingEmail,
        name: "incoming_email",
        title: "incoming e-mail token",
        issuing: Issuing::Sole,
        prefixing: Prefixing::Instance("glimt-"),
        identifies: Identifies::Owner,
        ending: Ending::Reset,
        keepers: Keepers::Owner,
        shown_again: true,
        lifetime: Lifetime::Settled,
        ..SECRET
    },
    Descriptor {
        kind: Kind::OauthApplicationSecret,
        name: "oauth_application_secret",
        title: "OAuth application secret",
        issuing: Issuing::Otherwise(
            "make an application with POST /api/v4/applications, or renew the secret of one with POST /api/v4/applications/{id}/renew-secret",
        ),
        prefixing: Prefixing::Instance("gloas-"),
        identifies: Identifies::Holder,
        holder: Some(HolderKind::Application),
        ending: Ending::Reset,
        lifetime: Lifetime::Settled,
        scopes: Scopes::APPLICATION,
        ..SECRET
    },
    Descriptor {
        kind: Kind::OauthAccess,
        name: "oauth_access",
        title: "OAuth access token",
        issuing: Issuing::Otherwise("let the application ask for it at POST /oauth/token"),
        prefixing: Prefixing::Instance("gloat-"),
        opens: Opens::ApiByOauth,
        holder: Some(HolderKind::Application),
        keepers: Keepers::Owner,
        lifetime: Lifetime::Settled,
        scopes: Scopes::APPLICATION,
        ..SECRET
    },
    Descriptor {
        kind: Kind::ClusterAgent,
        name: "cluster_agent",
        title: "cluster agent token",
        issuing: Issuing::Holder,
        issued_for: &["cluster_agent"],
        prefixing: Prefixing::Instance("glagent-"),
        identifies: Identifies::AgentToken,
        holder: Some(HolderKind::ClusterAgent),
        keepers: SEEN_BY_DEVELOPERS,
        most_at_once: Some(2),
        lifetime: Lifetime::Settled,
        ..SECRET
    },
    Descriptor {
        kind: Kind::Runner,
        name: "runner",
        title: "runner authentication token",
        issuing: Issuing::WithHolder("POST /api/v4/runners/{id}/reset_authentication_token"),
        issued_for: &["project", "group", "instance"],
        prefixing: Prefixing::Instance("glrt-"),
        identifies: Identifies::Holder,
        holder: Some(HolderKind::Runner),
        ending: Ending::Reset,
        keepers: MAINTAINERS,
        lifetime: Lifetime::Settled,
        ..SECRET
    },
    Descriptor {
        kind: Kind::RegisteredRunner,
        name: "registered_runner",
        title: "runner authentication token (registered)",
        issuing: Issuing::Otherwise(
            "register the runner with POST /api/v4/runners, or ask for the kind runner",
        ),
        prefixing: Prefixing::Fixed("glrtr-"),
        foreign_prefixes: &["t1_", "t2_", "t3_", "GR1348941"],
        identifies: Identifies::Holder,
        holder: Some(HolderKind::Runner),
        ending: Ending::Reset,
        keepers: MAINTAINERS,
        lifetime: Lifetime::Settled,
        ..SECRET
    },
    Descriptor {
        kind: Kind::PipelineTrigger,
        name: "pipeline_trigger",
        title: "pipeline trigger token",
        issued_for: &["project"],
        prefixing: Prefixing::Instance("glptt-"),
        identifies: Identifies::Trigger,
        keepers: MAINTAINERS,
        shown_again: true,
        ..SECRET
    },
    Descriptor {
        kind: Kind::Job,
        name: "job",
        title: "CI job token",
        issuing: Issuing::WithJob,
        issued_for: &["project"],
        prefixing: Prefixing::Instance("glcbt-"),
        writing: Writing::Signed,
        opens: Opens::Job,
        identifies: Identifies::Job,
        holder: Some(HolderKind::Job),
        ending: Ending::Finish,
        keepers: DEVELOPERS,
        lifetime: Lifetime::Settled,
        ..SECRET
    },
    Descriptor {
        kind: Kind::FeatureFlagsClient,
        name: "feature_flags_client",
        title: "feature flags client token",
        issuing: Issuing::WithHolder(
            "POST /api/v4/projects/{id}/feature_flags_clients/{client_id}/reset",
        ),
        issued_for: &["project"],
        prefixing: Prefixing::Instance("glffct-"),
        identifies: Identifies::Holder,
        holder: Some(HolderKind::FeatureFlagsClient),
        ending: Ending::Reset,
        keepers: MAINTAINERS,
        lifetime: Lifetime::Settled,
        ..SECRET
    },
    Descriptor {
        kind: Kind::Session,
        name: "session",
        title: "browser session",
        issuing: Issuing::Otherwise("sign in with POST /api/v4/session"),
        prefixing: Prefixing::Fixed("_gitlab_session="),
        opens: Opens::Browser,
        identifies: Identifies::Owner,
        keepers: Keepers::Owner,
        lifetime: Lifetime::Settled,
        scopes: Scopes::SESSION,
        ..SECRET
    },
    Descriptor {
        kind: Kind::Scim,
        name: "scim",
        title: "SCIM token",
        issuing: Issuing::Top,
        issued_for: &["group", "instance"],
        prefixing: Prefixing::Instance("glsoat-"),
        identifies: Identifies::ScimToken,
        keepers: MAINTAINERS,
        lifetime: Lifetime::Settled,
        ..SECRET
    },
];

impl Descriptor {
    /// Whether its bearer acts as its owner, rather than as nobody.
    #[must_use]
    pub const fn acts_as_owner(&self) -> bool {
        matches!(
            self.opens,
            Opens::Api | Opens::ApiByOauth | Opens::Browser | Opens::Job
        )
    }

    /// Whether a text may begin with this by default, or where it came from.
    pub fn known_prefixes(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.prefixing.default()).chain(self.foreign_prefixes.iter().copied())
    }
}

impl Kind {
    /// The kind's line in the table.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "a test holds the table against the enum"
    )]
    pub fn descriptor(self) -> &'static Descriptor {
        &KINDS[self as usize]
    }

    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.descriptor().name
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        KINDS
            .iter()
            .find(|line| line.name == name)
            .map(|line| line.kind)
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|line| line.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_stands_at_its_kinds_number() {
        for (place, line) in KINDS.iter().enumerate() {
            assert_eq!(line.kind as usize, place, "{}", line.name);
            assert_eq!(Kind::from_name(line.name), Some(line.kind));
            assert!(!line.title.is_empty());
        }
    }

    #[test]
    fn every_known_prefix_is_a_prefix() {
        for prefix in KINDS.iter().flat_map(Descriptor::known_prefixes) {
            assert!(tokenry_token::Prefix::new(prefix).is_ok(), "{prefix}");
        }
    }

    #[test]
    fn what_is_asked_for_fits_how_it_comes_about() {
        for line in &KINDS {
            let places = ["project", "group", "instance"];
            let held = line.holder.map(HolderKind::name);
            let fits = |name: &&str| match line.issuing {
                Issuing::Holder => Some(*name) == held,
                _ => places.contains(name),
            };
            assert!(
                line.issued_for.iter().all(|name| fits(name)),
                "{}",
                line.name
            );
            let free = matches!(
                line.issuing,
                Issuing::User | Issuing::Sole | Issuing::Otherwise(_)
            );
            assert_eq!(line.issued_for.is_empty(), free, "{}", line.name);
        }
    }

    #[test]
    fn what_opens_the_api_has_scopes_and_what_is_shown_again_opens_nothing() {
        for line in &KINDS {
            let api = !matches!(line.opens, Opens::Job | Opens::Elsewhere);
            assert!(!api || !line.scopes.is_empty(), "{}", line.name);
            assert!(
                !line.shown_again || line.opens == Opens::Elsewhere,
                "{}",
                line.name
            );
        }
    }
}

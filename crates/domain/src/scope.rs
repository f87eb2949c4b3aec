//! Scopes: what a token may be used for (spec/rest.md section 1.8).

use std::fmt;

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// One scope. Its number is its bit in [`Scopes`] and never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Scope { $($(#[$doc])* $variant,)+ }

        /// Every scope, in the order in which sets are written.
        pub const ALL: &[Scope] = &[$(Scope::$variant),+];

        impl Scope {
            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The scope with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

scopes! {
    /// Everything its owner may do.
    Api = "api",
    /// Every reading request.
    ReadApi = "read_api",
    /// Reading requests on users.
    ReadUser = "read_user",
    /// Creating runners.
    CreateRunner = "create_runner",
    /// Managing runners.
    ManageRunner = "manage_runner",
    /// The Kubernetes proxy.
    K8sProxy = "k8s_proxy",
    /// Rotating the very token that is presented.
    SelfRotate = "self_rotate",
    /// Reading Git repositories.
    ReadRepository = "read_repository",
    /// Writing Git repositories.
    WriteRepository = "write_repository",
    /// Reading the container registry.
    ReadRegistry = "read_registry",
    /// Writing the container registry.
    WriteRegistry = "write_registry",
    /// Reading the dependency proxy.
    ReadVirtualRegistry = "read_virtual_registry",
    /// Writing the dependency proxy.
    WriteVirtualRegistry = "write_virtual_registry",
    /// Assistance features.
    AiFeatures = "ai_features",
    /// Acting as another user, for administrators.
    Sudo = "sudo",
    /// Acting as an administrator while admin mode is on.
    AdminMode = "admin_mode",
    /// Reading usage figures, for administrators.
    ReadServicePing = "read_service_ping",
    /// Reading the package registry.
    ReadPackageRegistry = "read_package_registry",
    /// Writing the package registry.
    WritePackageRegistry = "write_package_registry",
    /// Reading observability data.
    ReadObservability = "read_observability",
    /// Writing observability data.
    WriteObservability = "write_observability",
    /// Signing users in, by OIDC.
    Openid = "openid",
    /// Reading who the user is, by OIDC.
    Profile = "profile",
    /// Reading the user's e-mail address, by OIDC.
    Email = "email",
}

impl Scope {
    const fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// A set of scopes, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u32);

/// A name that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope of that name")]
pub struct UnknownScope;

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);
    /// What any user's token may carry.
    pub const USER: Self = Self::of(&[
        Scope::Api,
        Scope::ReadApi,
        Scope::ReadUser,
        Scope::CreateRunner,
        Scope::ManageRunner,
        Scope::K8sProxy,
        Scope::SelfRotate,
        Scope::ReadRepository,
        Scope::WriteRepository,
        Scope::ReadRegistry,
        Scope::WriteRegistry,
        Scope::ReadVirtualRegistry,
        Scope::WriteVirtualRegistry,
        Scope::AiFeatures,
    ]);
    /// What an administrator's token may carry besides.
    pub const ADMIN: Self = Self::of(&[Scope::Sudo, Scope::AdminMode, Scope::ReadServicePing]);
    /// What a project's or group's access token may carry.
    pub const RESOURCE: Self = Self(Self::USER.0 & !Scope::ReadUser.bit())
        .with(Scope::ReadObservability)
        .with(Scope::WriteObservability);
    /// What a deploy token may carry (spec/rest.md section 3.5).
    pub const DEPLOY: Self = Self::of(&[
        Scope::ReadRepository,
        Scope::ReadRegistry,
        Scope::WriteRegistry,
        Scope::ReadPackageRegistry,
        Scope::WritePackageRegistry,
        Scope::ReadVirtualRegistry,
        Scope::WriteVirtualRegistry,
    ]);
    /// What an OAuth application may ask for.
    pub const APPLICATION: Self = Self::USER
        .and(Self::ADMIN)
        .with(Scope::Openid)
        .with(Scope::Profile)
        .with(Scope::Email);
    /// What a browser that is signed in may do.
    pub const SESSION: Self = Self::of(&[Scope::Api]);
    /// What users may give tokens they mint for themselves over the API
    /// (spec/rest.md section 2.7).
    pub const SELF_SERVICE: Self = Self::of(&[Scope::K8sProxy, Scope::SelfRotate]);

    /// The set of these scopes.
    #[must_use]
    pub const fn of(scopes: &[Scope]) -> Self {
        let mut bits = 0;
        let mut rest = scopes;
        while let [first, others @ ..] = rest {
            bits |= first.bit();
            rest = others;
        }
        Self(bits)
    }

    /// The set of the scopes with these names.
    ///
    /// # Errors
    /// [`UnknownScope`] if one of them names none.
    pub fn from_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, UnknownScope> {
        names.into_iter().try_fold(Self::NONE, |set, name| {
            Scope::from_name(name)
                .map(|scope| set.with(scope))
                .ok_or(UnknownScope)
        })
    }

    /// The set, and this scope.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bit())
    }

    /// What is in either set.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the scope is in the set.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether the sets share a scope.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether every scope of this set is in `other`.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether the set has no scope.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes of the set, in the order of [`ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        ALL.iter().copied().filter(move |scope| self.has(*scope))
    }

    /// The names of the set, in the order of [`ALL`].
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(Scope::name)
    }

    /// The set as one word, for the verification index.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set that [`Scopes::bits`] gave.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// Space-joined names, as the database and `insufficient_scope` bodies have them.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.names().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_set_reads_back() {
        let all = Scopes::of(ALL);
        assert_eq!(Scopes::from_names(all.to_string().split(' ')), Ok(all));
        assert_eq!(Scopes::from_bits(all.bits()), all);
        assert_eq!(Scopes::from_names(["api", "root"]), Err(UnknownScope));
    }

    #[test]
    fn sets_know_what_they_share() {
        let reader = Scopes::of(&[Scope::ReadApi, Scope::ReadUser]);
        assert!(reader.within(Scopes::USER) && reader.meets(Scopes::USER));
        assert!(!Scopes::ADMIN.meets(Scopes::USER));
        assert!(Scopes::NONE.within(reader) && !Scopes::NONE.meets(reader));
    }
}

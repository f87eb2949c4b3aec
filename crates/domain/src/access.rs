//! What a request needs of the token that is presented with it
//! (spec/rest.md section 1.8).

use crate::{
    kind::Opens,
    scope::{Scope, Scopes},
};

/// Where in a request a token is presented, and with that, what tokens are
/// taken there (spec/rest.md section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Where access tokens are.
    Api,
    /// The same, on a route that takes job tokens too.
    ApiOrJob,
    /// Where job tokens alone are.
    Job,
    /// In a browser's cookie.
    Browser,
}

impl Door {
    /// Whether tokens that open this are taken here. Where a personal access
    /// token speaks of itself, no other does.
    #[must_use]
    pub fn takes(self, opens: Opens, need: Need) -> bool {
        match (self, opens) {
            (Self::Api | Self::ApiOrJob, Opens::Api) => true,
            (Self::Api | Self::ApiOrJob, Opens::ApiByOauth) | (Self::Browser, Opens::Browser) => {
                !matches!(need, Need::Own | Need::RotateSelf)
            }
            (door, Opens::Job) => matches!(door, Self::ApiOrJob | Self::Job),
            _ => false,
        }
    }
}

/// What a route asks of a token's scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A change: `api`.
    Write,
    /// A reading request: `api` or `read_api`.
    Read,
    /// A reading request on users: `read_user` does as well.
    ReadUsers,
    /// A request of a token about itself: any scope at all.
    Own,
    /// A rotation of the presented token itself: `api` or `self_rotate`.
    RotateSelf,
    /// Creating a runner: `create_runner` does as well.
    CreateRunner,
    /// A change of one runner: `manage_runner` does as well.
    ManageRunner,
    /// A reading request on one runner: `manage_runner` does as well.
    ReadRunner,
    /// Acting as another user: `sudo`.
    Sudo,
}

impl Need {
    /// The scopes of which one is enough. [`Need::Own`] accepts every scope.
    #[must_use]
    pub const fn accepted(self) -> Scopes {
        match self {
            Self::Write => Scopes::of(&[Scope::Api]),
            Self::Read => Scopes::of(&[Scope::Api, Scope::ReadApi]),
            Self::ReadUsers => Scopes::of(&[Scope::Api, Scope::ReadApi, Scope::ReadUser]),
            Self::Own => Scopes::USER.and(Scopes::ADMIN),
            Self::RotateSelf => Scopes::of(&[Scope::Api, Scope::SelfRotate]),
            Self::CreateRunner => Scopes::of(&[Scope::Api, Scope::CreateRunner]),
            Self::ManageRunner => Scopes::of(&[Scope::Api, Scope::ManageRunner]),
            Self::ReadRunner => Scopes::of(&[Scope::Api, Scope::ReadApi, Scope::ManageRunner]),
            Self::Sudo => Scopes::of(&[Scope::Sudo]),
        }
    }

    /// Whether a token with these scopes is enough.
    #[must_use]
    pub const fn met_by(self, scopes: Scopes) -> bool {
        scopes.meets(self.accepted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_scopes_never_allow_a_change() {
        let reader = Scopes::of(&[Scope::ReadApi, Scope::ReadUser, Scope::SelfRotate]);
        assert!(!Need::Write.met_by(reader) && !Need::Sudo.met_by(reader));
        assert!(Need::Read.met_by(reader) && Need::RotateSelf.met_by(reader));
        assert!(!Need::CreateRunner.met_by(reader) && !Need::ManageRunner.met_by(reader));
    }

    #[test]
    fn each_door_takes_its_own_tokens() {
        let taken = |door: Door, need| {
            let all = [
                Opens::Api,
                Opens::ApiByOauth,
                Opens::Browser,
                Opens::Job,
                Opens::Elsewhere,
            ];
            all.map(|opens| u8::from(door.takes(opens, need)))
        };
        assert_eq!(taken(Door::Api, Need::Write), [1, 1, 0, 0, 0]);
        assert_eq!(taken(Door::ApiOrJob, Need::Write), [1, 1, 0, 1, 0]);
        assert_eq!(taken(Door::Job, Need::Write), [0, 0, 0, 1, 0]);
        assert_eq!(taken(Door::Browser, Need::Write), [0, 0, 1, 0, 0]);
        assert_eq!(taken(Door::Api, Need::Own), [1, 0, 0, 0, 0]);
        assert_eq!(taken(Door::Browser, Need::RotateSelf), [0; 5]);
    }

    #[test]
    fn a_token_without_scopes_meets_no_need() {
        for need in [
            Need::Write,
            Need::Read,
            Need::ReadUsers,
            Need::Own,
            Need::RotateSelf,
        ] {
            assert!(!need.met_by(Scopes::NONE), "{need:?}");
        }
    }
}

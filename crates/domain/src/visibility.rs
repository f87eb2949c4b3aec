//! Who may see a project or group without being a member.

/// Who may see a project or group without being a member. The more, the higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// Nobody.
    Private,
    /// Every user who isn't from outside.
    Internal,
    /// Every user.
    Public,
}

impl Visibility {
    /// Every visibility, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Private, Self::Internal, Self::Public];

    /// The word on the wire and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }

    /// The visibility with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visibilities_read_back_from_their_names() {
        for visibility in Visibility::ALL {
            assert_eq!(Visibility::from_name(visibility.name()), Some(visibility));
        }
        assert_eq!(Visibility::from_name("Public"), None);
        assert!(Visibility::ALL.is_sorted());
    }
}

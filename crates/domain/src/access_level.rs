//! How much somebody may do in a project or group (spec/rest.md section 4.4).

/// A role, by the number that GitLab gives it. A greater one may do all that a
/// smaller one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Sees what is shown to everybody who belongs there.
    Guest = 10,
    /// Plans work.
    Planner = 15,
    /// Reads the code.
    Reporter = 20,
    /// Looks after security.
    SecurityManager = 25,
    /// Writes the code.
    Developer = 30,
    /// Runs a project.
    Maintainer = 40,
    /// Owns it.
    Owner = 50,
}

impl AccessLevel {
    /// Every level, the smallest first.
    pub const ALL: [Self; 7] = [
        Self::Guest,
        Self::Planner,
        Self::Reporter,
        Self::SecurityManager,
        Self::Developer,
        Self::Maintainer,
        Self::Owner,
    ];

    /// Its number on the wire and in the database.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The level with this number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_read_back_from_their_numbers_and_are_in_order() {
        for level in AccessLevel::ALL {
            assert_eq!(AccessLevel::from_number(level.number()), Some(level));
        }
        assert!(AccessLevel::ALL.is_sorted());
        assert_eq!(AccessLevel::from_number(45), None);
    }
}

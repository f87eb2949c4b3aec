//! What a token belongs to, where that isn't just its owner.

use crate::{
    ids::{GroupId, HolderId, ProjectId},
    kind::Kind,
    place::Place,
};

/// What a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A project or group.
    Place(Place),
    /// An application, agent, runner, client or job.
    Holder(HolderId),
}

impl Subject {
    /// Its sort and its number, as the database keeps them.
    #[must_use]
    pub const fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Place(place) => place.parts(),
            Self::Holder(id) => ("holder", id.get()),
        }
    }

    /// What sort of thing it is to which a token of this kind belongs, by the
    /// name that people and clients know: `runner` rather than `holder`.
    #[must_use]
    pub fn sort(self, kind: Kind) -> &'static str {
        match (self, kind.descriptor().holder) {
            (Self::Holder(_), Some(holder)) => holder.name(),
            _ => self.parts().0,
        }
    }

    /// The subject with these [`Subject::parts`].
    #[must_use]
    pub fn from_parts(sort: &str, number: i64) -> Option<Self> {
        match sort {
            "holder" => Some(Self::Holder(HolderId::from_row(number))),
            _ => Place::from_parts(sort, number).map(Self::Place),
        }
    }
}

impl From<Place> for Subject {
    fn from(place: Place) -> Self {
        Self::Place(place)
    }
}

impl From<GroupId> for Subject {
    fn from(id: GroupId) -> Self {
        Self::Place(Place::Group(id))
    }
}

impl From<ProjectId> for Subject {
    fn from(id: ProjectId) -> Self {
        Self::Place(Place::Project(id))
    }
}

impl From<HolderId> for Subject {
    fn from(id: HolderId) -> Self {
        Self::Holder(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_goes_by_what_it_is() {
        let (holder, group) = (
            Subject::from(HolderId::from_row(3)),
            Subject::from(GroupId::from_row(1)),
        );
        assert_eq!(holder.sort(Kind::RegisteredRunner), "runner");
        assert_eq!(holder.sort(Kind::OauthAccess), "application");
        assert_eq!(group.sort(Kind::Deploy), "group");
    }

    #[test]
    fn subjects_read_back_from_their_parts() {
        for subject in [
            Subject::from(GroupId::from_row(1)),
            Subject::from(ProjectId::from_row(2)),
            Subject::from(HolderId::from_row(3)),
        ] {
            let (sort, number) = subject.parts();
            assert_eq!(Subject::from_parts(sort, number), Some(subject));
        }
        assert_eq!(Subject::from_parts("user", 1), None);
    }
}

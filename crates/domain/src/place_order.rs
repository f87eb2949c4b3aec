//! The orders of group and project lists.

use jiff::Timestamp;

use crate::{
    group::Group,
    member::Levels,
    page::{Direction, Position, SortValue},
    project::Project,
};

/// What a group or project list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceSortKey {
    /// The id.
    Id,
    /// The name, by its UTF-8 bytes.
    Name,
    /// The last part of the full path.
    Path,
    /// When it was created.
    Created,
    /// When it was edited last.
    Updated,
}

/// A sort key and a direction. Ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceOrder {
    /// What is compared.
    pub key: PlaceSortKey,
    /// Which way.
    pub direction: Direction,
}

/// Every key and its name on the wire.
const KEYS: [(&str, PlaceSortKey); 6] = [
    ("id", PlaceSortKey::Id),
    ("name", PlaceSortKey::Name),
    ("path", PlaceSortKey::Path),
    ("created_at", PlaceSortKey::Created),
    ("updated_at", PlaceSortKey::Updated),
    // Nothing happens in a project here but that it is edited.
    ("last_activity_at", PlaceSortKey::Updated),
];

impl PlaceSortKey {
    /// The key with this name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, key) = KEYS.into_iter().find(|(own, _)| *own == name)?;
        Some(key)
    }

    /// Whether texts are compared.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Name | Self::Path)
    }
}

impl PlaceOrder {
    /// Its name in cursors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match (self.key, self.direction) {
            (PlaceSortKey::Id, Direction::Ascending) => "place_id_asc",
            (PlaceSortKey::Id, Direction::Descending) => "place_id_desc",
            (PlaceSortKey::Name, Direction::Ascending) => "place_name_asc",
            (PlaceSortKey::Name, Direction::Descending) => "place_name_desc",
            (PlaceSortKey::Path, Direction::Ascending) => "place_path_asc",
            (PlaceSortKey::Path, Direction::Descending) => "place_path_desc",
            (PlaceSortKey::Created, Direction::Ascending) => "place_created_asc",
            (PlaceSortKey::Created, Direction::Descending) => "place_created_desc",
            (PlaceSortKey::Updated, Direction::Ascending) => "place_updated_asc",
            (PlaceSortKey::Updated, Direction::Descending) => "place_updated_desc",
        }
    }

    /// Where a group or project stands in a list of this order.
    #[must_use]
    pub fn position(self, row: &impl Sorted) -> Position {
        let value = match self.key {
            PlaceSortKey::Id => SortValue::Number(row.id()),
            PlaceSortKey::Name => SortValue::Text(row.name().to_owned()),
            PlaceSortKey::Path => SortValue::Text(row.path().to_owned()),
            PlaceSortKey::Created => SortValue::Number(row.created_at().as_microsecond()),
            PlaceSortKey::Updated => SortValue::Number(row.updated_at().as_microsecond()),
        };
        Position {
            value,
            id: row.id(),
        }
    }
}

/// What a group or project is sorted by.
pub trait Sorted {
    /// The row's id.
    fn id(&self) -> i64;
    /// The name people read.
    fn name(&self) -> &str;
    /// The last part of the full path.
    fn path(&self) -> &str;
    /// When it was created.
    fn created_at(&self) -> Timestamp;
    /// When it was edited last.
    fn updated_at(&self) -> Timestamp;
}

macro_rules! sorted {
    ($type:ty) => {
        impl Sorted for $type {
            fn id(&self) -> i64 {
                self.id.get()
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn path(&self) -> &str {
                &self.path
            }

            fn created_at(&self) -> Timestamp {
                self.created_at
            }

            fn updated_at(&self) -> Timestamp {
                self.updated_at
            }
        }
    };
}

sorted!(Group);
sorted!(Project);

/// A row, and the roles that whoever looks has there.
impl<T: Sorted> Sorted for (T, Levels) {
    fn id(&self) -> i64 {
        self.0.id()
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn path(&self) -> &str {
        self.0.path()
    }

    fn created_at(&self) -> Timestamp {
        self.0.created_at()
    }

    fn updated_at(&self) -> Timestamp {
        self.0.updated_at()
    }
}

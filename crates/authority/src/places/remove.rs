//! Removing groups and projects, with all that lies in them.

use serde_json::{Value, json};
use tokenry_domain::{
    Place, PlaceRef,
    audit::{Action, Target},
};
use tokenry_store::{Work, audit, namespaces, projects, sweep, sweep::Swept};

use super::{OWNS, standing::held};
use crate::{Authority, Caller, Error};

/// Rows removed in one transaction: keeps other writers' waits short.
pub(crate) const CHUNK: u32 = 500;

impl Authority {
    /// Removes a project or group and all that lies in it, for its owners. If
    /// the server is killed half-way, some of it is gone; asking again
    /// finishes it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], or a fault of ours.
    pub async fn remove_place(&self, caller: &Caller, name: &PlaceRef) -> Result<(), Error> {
        while !self.remove_some(caller, name.clone()).await? {}
        Ok(())
    }

    /// Removes some of it; answers whether that was all, and the place with it.
    async fn remove_some(&self, caller: &Caller, name: PlaceRef) -> Result<bool, Error> {
        let mut entry = self.entry(caller, Action::ProjectDeleted, Target::Instance);
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, bool, Error> {
                    Box::pin(async move {
                        let (found, standing) = held(conn, &caller, &name, entry.at).await?;
                        standing.require(OWNS)?;
                        let place = standing.place;
                        let swept = sweep::some(conn, place.into(), CHUNK).await?;
                        let whole = swept.rows() < u64::from(CHUNK);
                        if whole {
                            match place {
                                Place::Group(id) => {
                                    namespaces::delete(conn, id.namespace()).await?
                                }
                                Place::Project(id) => projects::delete(conn, id).await?,
                            };
                        }
                        entry.action = action(place, whole);
                        entry.target = place.into();
                        entry.before = with_swept(found.facts(), &swept);
                        audit::insert(conn, &entry).await?;
                        Ok(whole)
                    })
                },
                |_| {},
            )
            .await
    }
}

const fn action(place: Place, whole: bool) -> Action {
    match (place, whole) {
        (Place::Group(_), true) => Action::GroupDeleted,
        (Place::Group(_), false) => Action::GroupPartlyDeleted,
        (Place::Project(_), true) => Action::ProjectDeleted,
        (Place::Project(_), false) => Action::ProjectPartlyDeleted,
    }
}

/// The facts of what is removed, and of all that went with it.
pub(crate) fn with_swept(mut facts: Value, swept: &Swept) -> Value {
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("members".to_owned(), json!(swept.members));
        facts.insert("project_ids".to_owned(), json!(swept.projects));
        facts.insert("group_ids".to_owned(), json!(swept.groups));
    }
    facts
}

//! Removing groups and projects, with all that lies in them.

use tokenry_domain::{
    Place, PlaceRef,
    audit::{Action, Target},
};
use tokenry_store::{Work, audit, namespaces, projects};

use super::{
    OWNS,
    gone::{Gone, Steps},
    standing::held,
};
use crate::{Authority, Caller, Error};

impl Authority {
    /// Removes a project or group and all that lies in it, for its owners: with
    /// it go its tokens, bots and service accounts, and the caller among them
    /// doesn't stop it. If the server is killed half-way, some of it is gone;
    /// asking again finishes it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], or a fault of ours.
    pub async fn remove_place(&self, caller: &Caller, name: &PlaceRef) -> Result<(), Error> {
        let mut steps = Steps::default();
        let mut begun = None;
        loop {
            let step = self.remove_some(caller, name.clone(), begun).await;
            begun = step.as_ref().map_or(begun, |(place, _)| Some(*place));
            if !steps.go_on(step.map(|(_, whole)| whole))? {
                return Ok(());
            }
        }
    }

    /// Removes some of it; answers which place it is, and whether that was all
    /// and the place with it.
    async fn remove_some(
        &self,
        caller: &Caller,
        name: PlaceRef,
        begun: Option<Place>,
    ) -> Result<(Place, bool), Error> {
        let turn = self.turn().await;
        let mut entry = self.entry(caller, Action::ProjectDeleted, Target::Instance);
        let (caller, name) = match begun {
            None => (caller.clone(), name),
            Some(place) => (caller.to_go_on(), place.into()),
        };
        let forget = self.forgetting();
        self.store
            .write(
                move |conn| -> Work<'_, (Place, Gone), Error> {
                    Box::pin(async move {
                        let (found, standing) = held(conn, &caller, &name, entry.at).await?;
                        standing.require(OWNS)?;
                        let place = standing.place;
                        let mut gone = Gone::default();
                        let burial = entry.burial_because("what it belonged to was removed");
                        gone.of_place(conn, place.into(), &burial).await?;
                        if gone.is_all() {
                            match place {
                                Place::Group(id) => {
                                    namespaces::delete(conn, id.namespace()).await?
                                }
                                Place::Project(id) => projects::delete(conn, id).await?,
                            };
                        }
                        entry.action = action(place, gone.is_all());
                        entry.target = place.into();
                        gone.tell(&mut entry, found.facts());
                        audit::insert(conn, &entry).await?;
                        Ok((place, gone))
                    })
                },
                move |(_, gone)| {
                    let _turn = turn;
                    forget(gone);
                },
            )
            .await
            .map(|(place, gone)| (place, gone.is_all()))
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

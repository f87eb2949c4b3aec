//! Editing groups and projects.

use tokenry_domain::{
    Group, Invalid, PlaceName, Project, Visibility,
    audit::{Action, Target, group_facts, project_facts},
    place::Profile,
};
use tokenry_store::{Conn, Work, audit, groups, projects};

use super::{
    OWNS, PlaceChange, RUNS_PROJECT,
    create::check_visibility,
    standing::{held_group, held_project},
};
use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// Edits a group, for its owners. Another path reaches all that lies
    /// beneath.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::Invalid`], or a
    /// fault of ours.
    pub async fn update_group(
        &self,
        caller: &Caller,
        name: PlaceName,
        change: PlaceChange,
    ) -> Result<Group, Error> {
        let mut entry = self.entry(caller, Action::GroupUpdated, Target::Instance);
        let (caller, beside) = (caller.clone(), self.beside.clone());
        self.store
            .write(
                move |conn| -> Work<'_, Group, Error> {
                    Box::pin(async move {
                        let (before, standing) = held_group(conn, &caller, &name, entry.at).await?;
                        standing.require(OWNS)?;
                        entry.target = before.place().into();
                        entry.before = group_facts(&before);
                        let profile = changed(before.clone().into(), change).checked()?;
                        if profile.visibility != before.visibility {
                            check_room(conn, &before, profile.visibility).await?;
                        }
                        let after = groups::update(conn, before.id, &profile, entry.at).await?;
                        let after = after.ok_or(Error::NotFound(Thing::Group))?;
                        entry.after = group_facts(&after);
                        audit::insert(conn, &entry).await?;
                        Ok(after)
                    })
                },
                // What lies beneath may have got another path.
                move |_| beside.projects.forget_all(),
            )
            .await
    }

    /// Edits a project, for its maintainers.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::Invalid`], or a
    /// fault of ours.
    pub async fn update_project(
        &self,
        caller: &Caller,
        name: PlaceName,
        change: PlaceChange,
    ) -> Result<Project, Error> {
        let mut entry = self.entry(caller, Action::ProjectUpdated, Target::Instance);
        let (caller, beside) = (caller.clone(), self.beside.clone());
        self.store
            .write(
                move |conn| -> Work<'_, Project, Error> {
                    Box::pin(async move {
                        let (before, standing) =
                            held_project(conn, &caller, &name, entry.at).await?;
                        standing.require(RUNS_PROJECT)?;
                        entry.target = before.place().into();
                        entry.before = project_facts(&before);
                        let archived = change.archived.unwrap_or(before.archived);
                        let profile = changed(before.clone().into(), change).checked()?;
                        if profile.visibility != before.visibility
                            && let Some(group) = before.namespace.group()
                        {
                            let group = groups::by_id(conn, group).await?;
                            let group = group.ok_or(Error::NotFound(Thing::Project))?;
                            check_visibility(profile.visibility, group.visibility)?;
                        }
                        let at = entry.at;
                        let after = projects::update(conn, &before, &profile, archived, at).await?;
                        let after = after.ok_or(Error::NotFound(Thing::Project))?;
                        entry.after = project_facts(&after);
                        audit::insert(conn, &entry).await?;
                        Ok(after)
                    })
                },
                move |project| beside.projects.forget(project.id),
            )
            .await
    }
}

fn changed(before: Profile, change: PlaceChange) -> Profile {
    Profile {
        name: change.name.unwrap_or(before.name),
        path: change.path.unwrap_or(before.path),
        description: change.description.unwrap_or(before.description),
        visibility: change.visibility.unwrap_or(before.visibility),
    }
}

/// A group is seen by no more people than the one it lies in, and by no fewer
/// than anything that lies in it.
async fn check_room(conn: &mut Conn, group: &Group, wanted: Visibility) -> Result<(), Error> {
    if let Some(parent) = group.parent {
        let parent = groups::by_id(conn, parent).await?;
        check_visibility(
            wanted,
            parent.map_or(Visibility::Public, |group| group.visibility),
        )?;
    }
    if groups::holds_more_visible(conn, group.id, wanted).await? {
        let problem = format!(
            "{} is not allowed since this group contains projects or groups with higher visibility",
            wanted.name()
        );
        return Err(Invalid::field("visibility_level", problem).into());
    }
    Ok(())
}

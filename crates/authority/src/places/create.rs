//! Creating groups and projects.

use jiff::Timestamp;
use tokenry_domain::{
    AccessLevel, Group, Invalid, Member, Namespace, NamespaceKind, Place, Project, UserId,
    Visibility,
    audit::{Action, Target, group_facts, project_facts},
    namespace::check_depth,
};
use tokenry_store::{Conn, StoreError, Work, audit, groups, members, namespaces, projects};

use super::{
    NewGroup, NewProject, OWNS,
    standing::{held_group, held_namespace},
};
use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// Creates a group, at the top or in another group, and makes the caller
    /// its owner.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the parent, [`Error::RoleTooLow`],
    /// [`Error::NotPermitted`], [`Error::Invalid`], or a fault of ours.
    pub async fn create_group(&self, caller: &Caller, new: NewGroup) -> Result<Group, Error> {
        let profile = new.profile.checked()?;
        let mut entry = self.entry(caller, Action::GroupCreated, Target::Instance);
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Group, Error> {
                    Box::pin(async move {
                        let parent = match new.parent {
                            None => {
                                require_founder(&caller, "create groups at the top")?;
                                None
                            }
                            Some(name) => {
                                let (parent, standing) =
                                    held_group(conn, &caller, &name, entry.at).await?;
                                standing.require(OWNS)?;
                                check_depth(&parent.full_path)?;
                                check_visibility(profile.visibility, parent.visibility)?;
                                namespaces::by_id(conn, parent.id.namespace()).await?
                            }
                        };
                        let group =
                            groups::insert(conn, parent.as_ref(), &profile, entry.at).await?;
                        if let Some(user) = caller.user() {
                            own(conn, group.place(), user.id, &caller, entry.at).await?;
                        }
                        entry.target = group.place().into();
                        entry.after = group_facts(&group);
                        audit::insert(conn, &entry).await?;
                        Ok(group)
                    })
                },
                |_| {},
            )
            .await
    }

    /// Creates a project, in the caller's own namespace or in a group. The
    /// owner of a namespace owns its projects.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotPermitted`], [`Error::Invalid`], also
    /// for a namespace that the caller may not see, or a fault of ours.
    pub async fn create_project(&self, caller: &Caller, new: NewProject) -> Result<Project, Error> {
        let profile = new.profile.clone().checked()?;
        let mut entry = self.entry(caller, Action::ProjectCreated, Target::Instance);
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Project, Error> {
                    Box::pin(async move {
                        let (namespace, widest) =
                            namespace_for(conn, &caller, &new, entry.at).await?;
                        check_visibility(profile.visibility, widest)?;
                        let creator = caller.user().map(|user| user.id);
                        let project =
                            projects::insert(conn, &namespace, &profile, creator, entry.at).await?;
                        if let Some(owner) = namespace.owner {
                            own(conn, project.place(), owner, &caller, entry.at).await?;
                        }
                        entry.target = project.place().into();
                        entry.after = project_facts(&project);
                        audit::insert(conn, &entry).await?;
                        Ok(project)
                    })
                },
                |_| {},
            )
            .await
    }
}

/// The namespace that a new project is to lie in, and the widest visibility
/// that is allowed there.
async fn namespace_for(
    conn: &mut Conn,
    caller: &Caller,
    new: &NewProject,
    now: Timestamp,
) -> Result<(Namespace, Visibility), Error> {
    let not_valid = || Error::from(Invalid::field("namespace", "is not valid"));
    let own = match caller.user() {
        Some(user) => namespaces::of_user(conn, user.id).await?,
        None => None,
    };
    let wanted = new.namespace.or(own.as_ref().map(|own| own.id));
    let namespace = match wanted {
        Some(id) => held_namespace(conn, id).await?,
        None => None,
    };
    let namespace = namespace.ok_or_else(not_valid)?;
    match namespace.kind {
        NamespaceKind::User => {
            let is_own = namespace.owner.is_some_and(|owner| caller.is(owner));
            if !is_own && !caller.is_admin() {
                return Err(not_valid());
            }
            require_founder(caller, "create projects of your own")?;
            Ok((namespace, Visibility::Public))
        }
        NamespaceKind::Group => {
            let name = namespace.id.group().into();
            let held = held_group(conn, caller, &name, now).await;
            let (group, standing) = held.map_err(|error| match error {
                Error::NotFound(Thing::Group) => not_valid(),
                other => other,
            })?;
            standing.require(AccessLevel::Developer)?;
            Ok((namespace, group.visibility))
        }
    }
}

/// Refuses bots and people from outside.
fn require_founder(caller: &Caller, what: &'static str) -> Result<(), Error> {
    let may = caller.user().is_none_or(tokenry_domain::User::may_found);
    if may || caller.is_admin() {
        Ok(())
    } else {
        Err(Error::NotPermitted(what))
    }
}

/// Nothing is seen by more people than the group that it lies in.
pub(super) fn check_visibility(wanted: Visibility, widest: Visibility) -> Result<(), Invalid> {
    if wanted <= widest {
        return Ok(());
    }
    let problem = format!(
        "{} is not allowed in a {} group",
        wanted.name(),
        widest.name()
    );
    Err(Invalid::field("visibility_level", problem))
}

/// Makes a user the owner of a place that is new.
async fn own(
    conn: &mut Conn,
    place: Place,
    user: UserId,
    caller: &Caller,
    now: Timestamp,
) -> Result<(), StoreError> {
    let member = Member {
        user,
        place,
        level: OWNS,
        created_at: now,
        created_by: caller.user().map(|user| user.id),
        expires_at: None,
    };
    members::insert(conn, &member, now).await.map(drop)
}

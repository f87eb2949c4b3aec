//! Members of projects and groups.

use jiff::Timestamp;
use tokenry_domain::{
    AccessLevel, Member, Place, PlaceRef, User, UserId, UserType,
    audit::{Action, Target, member_facts},
    expiry::{self, ExpiryPolicy},
    member::MemberFilter,
    page::{Page, PerPage, Window},
};
use tokenry_store::{Conn, Work, audit, member_list, members, standings, users};

use super::{Found, MemberChange, NewMember, OWNS, RUNS_PROJECT, Standing, UserName, held};
use crate::{
    Authority, Caller, Error, Thing,
    tokens::{check_search, check_window},
};

/// A membership ends at any date to come, or never.
const EXPIRY: ExpiryPolicy = ExpiryPolicy {
    required: false,
    longest_days: None,
};

impl Authority {
    /// One window of the members of a place, by the users' ids, for everybody
    /// who sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] for too long a search,
    /// [`Error::TooDeep`], [`Error::Cursor`], or a fault of ours.
    pub async fn list_members(
        &self,
        caller: &Caller,
        place: &PlaceRef,
        filter: &MemberFilter,
        window: &Window,
    ) -> Result<Page<(Member, User)>, Error> {
        let place = self.place(caller, place).await?.place;
        check_search(filter.search.iter().map(String::as_str))?;
        check_window(window, false)?;
        let mut conn = self.store.read().await?;
        Ok(member_list::page(&mut conn, place, filter, window, self.now()).await?)
    }

    /// One member of a place; with `inherited`, also one of a group above.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn show_member(
        &self,
        caller: &Caller,
        place: &PlaceRef,
        user: UserId,
        inherited: bool,
    ) -> Result<(Member, User), Error> {
        let filter = MemberFilter {
            inherited,
            user: Some(user),
            search: None,
        };
        let window = Window::After {
            position: None,
            per_page: PerPage::DEFAULT,
        };
        let page = self.list_members(caller, place, &filter, &window).await?;
        let found = page.rows.into_iter().next();
        found.ok_or(Error::NotFound(Thing::Member))
    }

    /// Makes a user a member, for maintainers of a project and owners of a
    /// group, who give no higher role than their own.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::NotPermitted`],
    /// [`Error::AlreadyMember`], [`Error::Invalid`], or a fault of ours.
    pub async fn add_member(
        &self,
        caller: &Caller,
        place: PlaceRef,
        new: NewMember,
    ) -> Result<(Member, User), Error> {
        let expires_at = self.member_expiry(new.expires)?;
        let mut entry = self.entry(caller, Action::MemberAdded, Target::Instance);
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, (Member, User), Error> {
                    Box::pin(async move {
                        let (_, standing) = held(conn, &caller, &place, entry.at).await?;
                        require_manager(&standing)?;
                        require_reach(&standing, new.level)?;
                        let user = named(conn, &new.user).await?;
                        if matches!(user.user_type, UserType::ProjectBot | UserType::Ghost) {
                            return Err(Error::NotPermitted("make a bot a member"));
                        }
                        let member = Member {
                            user: user.id,
                            place: standing.place,
                            level: new.level,
                            created_at: entry.at,
                            created_by: caller.user().map(|user| user.id),
                            expires_at,
                        };
                        if !members::insert(conn, &member, entry.at).await? {
                            return Err(Error::AlreadyMember);
                        }
                        entry.target = standing.place.into();
                        entry.after = member_facts(&member);
                        audit::insert(conn, &entry).await?;
                        Ok((member, user))
                    })
                },
                |_| {},
            )
            .await
    }

    /// Changes a member's role, or when it ends. Nobody changes whose role is
    /// higher than their own, and a group's last owner stays one.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::NotPermitted`],
    /// [`Error::Invalid`], or a fault of ours.
    pub async fn change_member(
        &self,
        caller: &Caller,
        place: PlaceRef,
        user: UserId,
        change: MemberChange,
    ) -> Result<(Member, User), Error> {
        let expires_at = match change.expires {
            Some(date) => Some(self.member_expiry(date)?),
            None => None,
        };
        let mut entry = self.entry(caller, Action::MemberChanged, Target::Instance);
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, (Member, User), Error> {
                    Box::pin(async move {
                        let (found, standing) = held(conn, &caller, &place, entry.at).await?;
                        require_manager(&standing)?;
                        let before = member(conn, standing.place, user, entry.at).await?;
                        let level = change.level.unwrap_or(before.level);
                        require_reach(&standing, before.level.max(level))?;
                        if level < before.level {
                            keep_owner(conn, &found, &before, entry.at).await?;
                        }
                        let after = Member {
                            level,
                            expires_at: expires_at.unwrap_or(before.expires_at),
                            ..before
                        };
                        members::update(conn, &after).await?;
                        let user = users::by_id(conn, user).await?;
                        let user = user.ok_or(Error::NotFound(Thing::Member))?;
                        entry.target = standing.place.into();
                        entry.before = member_facts(&before);
                        entry.after = member_facts(&after);
                        audit::insert(conn, &entry).await?;
                        Ok((after, user))
                    })
                },
                |_| {},
            )
            .await
    }

    /// Ends a membership, for those who may change it, and for the member. A
    /// group's last owner stays one.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::NotPermitted`], or
    /// a fault of ours.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        place: PlaceRef,
        user: UserId,
    ) -> Result<(), Error> {
        let mut entry = self.entry(caller, Action::MemberRemoved, Target::Instance);
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move {
                        let (found, standing) = held(conn, &caller, &place, entry.at).await?;
                        if !caller.is(user) {
                            require_manager(&standing)?;
                        }
                        let before = member(conn, standing.place, user, entry.at).await?;
                        if !caller.is(user) {
                            require_reach(&standing, before.level)?;
                        }
                        keep_owner(conn, &found, &before, entry.at).await?;
                        members::delete(conn, standing.place, user).await?;
                        entry.target = standing.place.into();
                        entry.before = member_facts(&before);
                        Ok(audit::insert(conn, &entry).await?)
                    })
                },
                |()| {},
            )
            .await
    }

    fn member_expiry(&self, date: Option<jiff::civil::Date>) -> Result<Option<Timestamp>, Error> {
        Ok(EXPIRY
            .for_new(date, expiry::date(self.now()))?
            .map(expiry::moment))
    }
}

async fn member(
    conn: &mut Conn,
    place: Place,
    user: UserId,
    now: Timestamp,
) -> Result<Member, Error> {
    let found = members::find(conn, place, user, now).await?;
    found.ok_or(Error::NotFound(Thing::Member))
}

impl Authority {
    /// The user that a request names.
    pub(crate) async fn user_named(&self, name: &UserName) -> Result<User, Error> {
        named(&mut self.store.read().await?, name).await
    }
}

/// The user that a request names.
pub(crate) async fn named(conn: &mut Conn, name: &UserName) -> Result<User, Error> {
    let found = match name {
        UserName::Id(id) => users::by_id(conn, *id).await?,
        UserName::Username(name) => users::by_username(conn, name).await?,
    };
    found.ok_or(Error::NotFound(Thing::User))
}

fn require_manager(standing: &Standing) -> Result<(), Error> {
    standing.require(match standing.place {
        Place::Group(_) => OWNS,
        Place::Project(_) => RUNS_PROJECT,
    })
}

/// Nobody gives, changes or takes a higher role than their own.
fn require_reach(standing: &Standing, level: AccessLevel) -> Result<(), Error> {
    if standing.has(level) {
        Ok(())
    } else {
        Err(Error::NotPermitted("give or take a higher role than yours"))
    }
}

/// Refuses to take the role of the last owner of a group, and of a person in
/// their own namespace.
async fn keep_owner(
    conn: &mut Conn,
    found: &Found,
    member: &Member,
    now: Timestamp,
) -> Result<(), Error> {
    match found {
        Found::Group(group) => {
            let last = member.level == OWNS
                && !standings::has_other_owner(conn, group.id, member.user, now).await?;
            if last {
                return Err(Error::NotPermitted("take the role of a group's last owner"));
            }
        }
        Found::Project(project) => {
            if project.namespace.owner == Some(member.user) {
                return Err(Error::NotPermitted("take the role of a namespace's owner"));
            }
        }
    }
    Ok(())
}

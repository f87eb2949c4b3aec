//! Lists of groups and projects.

use tokenry_domain::{
    Group, Levels, Place, Project, Visibility,
    page::{Page, Window},
    place_filter::{GroupFilter, PlaceFilter, ProjectFilter, Viewer},
    place_order::PlaceOrder,
};
use tokenry_store::{Conn, group_list, project_list, standings};

use super::standing::open_from;
use crate::{
    Authority, Caller, Error,
    tokens::{check_search, check_window},
};

impl Authority {
    /// One window of the projects that the caller may see, with the roles that
    /// were given to them there. Whose eyes count is settled here, whatever
    /// the filter says.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too long a search, [`Error::TooDeep`],
    /// [`Error::Cursor`], or a fault of ours.
    pub async fn list_projects(
        &self,
        caller: &Caller,
        mut filter: ProjectFilter,
        order: PlaceOrder,
        window: &Window,
    ) -> Result<Page<(Project, Levels)>, Error> {
        filter.common.seen_by = viewer(caller);
        check(&filter.common, order, window)?;
        let (mut conn, now) = (self.store.read().await?, self.now());
        let page = project_list::page(&mut conn, &filter, order, window, now).await?;
        self.with_levels(&mut conn, caller, page, Project::place)
            .await
    }

    /// One window of the groups that the caller may see, with the roles that
    /// were given to them there. With `members_only`, being open to everybody
    /// isn't enough.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too long a search, [`Error::TooDeep`],
    /// [`Error::Cursor`], or a fault of ours.
    pub async fn list_groups(
        &self,
        caller: &Caller,
        mut filter: GroupFilter,
        members_only: bool,
        order: PlaceOrder,
        window: &Window,
    ) -> Result<Page<(Group, Levels)>, Error> {
        filter.common.seen_by = match caller.user() {
            Some(user) if members_only => Some(Viewer {
                user: user.id,
                sees_from: None,
            }),
            _ => viewer(caller),
        };
        check(&filter.common, order, window)?;
        let (mut conn, now) = (self.store.read().await?, self.now());
        let page = group_list::page(&mut conn, &filter, order, window, now).await?;
        self.with_levels(&mut conn, caller, page, Group::place)
            .await
    }

    async fn with_levels<T>(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        page: Page<T>,
        place: fn(&T) -> Place,
    ) -> Result<Page<(T, Levels)>, Error> {
        let places: Vec<_> = page.rows.iter().map(place).collect();
        let given = match caller.user() {
            Some(user) => standings::levels(conn, user.id, &places, self.now()).await?,
            None => std::collections::BTreeMap::new(),
        };
        let levels = places
            .iter()
            .map(|place| given.get(place).copied().unwrap_or_default());
        Ok(Page {
            rows: page.rows.into_iter().zip(levels).collect(),
            more: page.more,
            total: page.total,
        })
    }
}

/// With whose eyes the caller looks; nobody's where everything is seen.
fn viewer(caller: &Caller) -> Option<Viewer> {
    let open = open_from(caller);
    let user = caller.user().filter(|_| open != Visibility::Private)?;
    Some(Viewer {
        user: user.id,
        sees_from: Some(open),
    })
}

fn check(filter: &PlaceFilter, order: PlaceOrder, window: &Window) -> Result<(), Error> {
    check_search(filter.search.iter().map(String::as_str))?;
    check_window(window, order.key.is_text())
}

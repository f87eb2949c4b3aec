//! Which cluster agents a job may reach (spec/rest.md section 3.10).

use tokenry_domain::{
    AccessLevel, GroupId, Place, Project,
    holder::{Holder, HolderFilter, HolderKind},
    page::{Direction, PerPage, Position, Window},
};
use tokenry_store::{Conn, StoreError, groups, holder_list};

use crate::{
    Authority, Caller, Error,
    holders::{Right, require},
    places::standing_in,
};

const AGENT: HolderKind = HolderKind::ClusterAgent;

/// A job, and how far it reaches into clusters.
#[derive(Debug)]
pub struct Reach {
    /// The job.
    pub job: Holder,
    /// The project it runs in.
    pub project: Project,
    /// The groups that the project lies in, the nearest first.
    pub groups: Vec<GroupId>,
    /// The role in the project of the user whom it runs for.
    pub level: Option<AccessLevel>,
    /// The agents of the project, the oldest first.
    pub agents: Vec<Holder>,
}

impl Authority {
    /// The job whose token is presented, and the agents it may reach: those of
    /// its own project. A job acts for its user, so it reaches none where the
    /// user doesn't see agents any more.
    ///
    /// # Errors
    /// As [`Authority::own_job`].
    pub async fn own_reach(&self, caller: &Caller) -> Result<Reach, Error> {
        let (job, project) = self.own_job(caller).await?;
        let mut conn = self.store.read().await?;
        let standing = standing_in(&mut conn, caller, project.place(), self.now()).await?;
        let agents = if require(caller, Right::See, AGENT, None, Some(&standing)).is_ok() {
            agents_of(&mut conn, project.place()).await?
        } else {
            Vec::new()
        };
        Ok(Reach {
            groups: groups::around(&mut conn, project.namespace.id).await?,
            level: standing.level,
            job,
            project,
            agents,
        })
    }
}

async fn agents_of(conn: &mut Conn, place: Place) -> Result<Vec<Holder>, StoreError> {
    let filter = HolderFilter {
        place: Some(place),
        ..HolderFilter::of(AGENT)
    };
    let mut agents: Vec<Holder> = Vec::new();
    loop {
        let window = Window::After {
            position: agents.last().map(|last| Position::of_id(last.id.get())),
            per_page: PerPage::MOST,
        };
        let page = holder_list::page(conn, &filter, Direction::Ascending, &window).await?;
        agents.extend(page.rows);
        if !page.more {
            return Ok(agents);
        }
    }
}

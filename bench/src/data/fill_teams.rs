//! Making teams, with what belongs to them, in an empty store.

use tokenry_domain::{Place, UserType, Visibility, place, user};
use tokenry_store::{Conn, Store, StoreError, Work, groups, holders, namespaces, projects, users};

use super::{
    plan::{Firsts, Plan},
    team::Team,
};
use crate::fault::Outcome;

/// Teams in one change: some 60 rows each.
const BATCH: u64 = 4;

/// Adds the plan's teams, and answers the plan with the ids of the first of
/// all that they have.
pub(super) async fn add_teams(store: &Store, plan: Plan) -> Outcome<Plan> {
    let mut plan = plan;
    let mut done = 0;
    while done < plan.teams() {
        let batch = done..(done + BATCH).min(plan.teams());
        done = batch.end;
        let firsts = store
            .write(
                move |conn| -> Work<'_, Firsts, StoreError> {
                    Box::pin(async move {
                        let mut plan = plan;
                        for number in batch {
                            insert_team(conn, &mut plan, number).await?;
                        }
                        Ok(plan.firsts)
                    })
                },
                |_| {},
            )
            .await?;
        plan.firsts = firsts;
    }
    Ok(plan)
}

async fn insert_team(conn: &mut Conn, plan: &mut Plan, number: u64) -> Result<(), StoreError> {
    let first = number == 0;
    let made_at = plan.made_at;
    let path = Team::new(plan, number).path();
    let group = groups::insert(conn, None, &profile(&path), made_at).await?;
    let namespace = namespaces::by_id(conn, group.id.namespace()).await?;
    let namespace = namespace.ok_or(StoreError::Corrupt("group"))?;
    let project = projects::insert(conn, &namespace, &profile("app"), None, made_at).await?;
    let (group, project) = (group.id, project.id);
    if first {
        plan.firsts.group = group.get();
        plan.firsts.project = project.get();
    }
    let homes = [
        (UserType::ProjectBot, Place::Project(project)),
        (UserType::ProjectBot, Place::Group(group)),
        (UserType::ServiceAccount, Place::Group(group)),
    ];
    let mut last = 0;
    for (nth, (user_type, home)) in homes.into_iter().enumerate() {
        let profile = machine(number, nth);
        let machine = users::insert_bot(conn, user_type, Some(home), &profile, made_at).await?;
        last = machine.id.get();
        if first && nth == 0 {
            plan.firsts.machine = last;
        }
    }
    insert_holders(conn, plan, number).await?;
    let team = Team::new(plan, number);
    // Everything is found again by these ids, so they had better be right.
    let ids = (team.group(), team.project(), team.service_account().get());
    if ids == (group, project, last) {
        Ok(())
    } else {
        Err(StoreError::Corrupt("the order of a team's ids"))
    }
}

async fn insert_holders(conn: &mut Conn, plan: &mut Plan, number: u64) -> Result<(), StoreError> {
    let made = *plan;
    for (nth, (new, at, ended)) in Team::new(&made, number).holders().enumerate() {
        let holder = holders::insert(conn, &new, at).await?;
        if number == 0 && nth == 0 {
            plan.firsts.holder = holder.id.get();
        }
        if let Some(at) = ended {
            holders::end(conn, holder.id, at).await?;
        }
    }
    Ok(())
}

fn profile(path: &str) -> place::Profile {
    place::Profile {
        name: path.to_owned(),
        path: path.to_owned(),
        description: None,
        visibility: Visibility::Private,
    }
}

fn machine(team: u64, nth: usize) -> user::Profile {
    user::Profile {
        username: format!("team{team}-bot{nth}"),
        name: format!("Bot {nth} of team {team}"),
        email: format!("team{team}-bot{nth}@noreply.example.com"),
        admin: false,
        external: false,
    }
}

//! Teams: a group with a project, what belongs to them, and what holds tokens.

use jiff::Timestamp;
use tokenry_domain::{
    GroupId, HolderId, Kind, Place, ProjectId, UserId,
    holder::{
        Application, ClusterAgent, Details, FeatureFlagsClient, NewHolder, Runner, RunnerType,
    },
    job::{Job, Outcome},
};

use super::{
    others::Other,
    plan::{Fate, Plan, mixed, small},
};

/// As many tokens of each other kind has a team.
pub(super) const OF_EACH: u64 = 10;

/// The kinds whose tokens' holders a team has, in the order in which they are
/// made, and how many tokens each of these holds.
const HELD: [(Kind, u64); 6] = [
    (Kind::OauthApplicationSecret, 1),
    // No agent has more than two at once.
    (Kind::ClusterAgent, 2),
    (Kind::Runner, 1),
    (Kind::RegisteredRunner, 1),
    (Kind::FeatureFlagsClient, 1),
    (Kind::Job, 1),
];

/// Bots and service accounts of a team.
const MACHINES: u64 = 3;

/// One team, by its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Team<'p> {
    plan: &'p Plan,
    number: u64,
}

impl<'p> Team<'p> {
    pub(super) const fn new(plan: &'p Plan, number: u64) -> Self {
        Self { plan, number }
    }

    /// What its group is called.
    pub(super) fn path(&self) -> String {
        format!("team{}", self.number)
    }

    pub(super) fn project_path(&self) -> String {
        format!("{}/app", self.path())
    }

    /// Who made all that a team has.
    pub(super) fn keeper(&self) -> UserId {
        let others = (self.plan.users() - 1).max(1);
        self.plan.user(1 + mixed(self.number, 10) % others)
    }

    pub(super) fn group(&self) -> GroupId {
        GroupId::from_row(self.plan.firsts.group + small(self.number))
    }

    pub(super) fn project(&self) -> ProjectId {
        ProjectId::from_row(self.plan.firsts.project + small(self.number))
    }

    pub(super) fn project_bot(&self) -> UserId {
        self.machine(0)
    }

    pub(super) fn group_bot(&self) -> UserId {
        self.machine(1)
    }

    pub(super) fn service_account(&self) -> UserId {
        self.machine(2)
    }

    fn machine(&self, nth: u64) -> UserId {
        UserId::from_row(self.plan.firsts.machine + small(self.number * MACHINES + nth))
    }

    /// What holds a token of this kind, if something does.
    pub(super) fn holder_of(&self, kind: Kind, nth: u64) -> Option<HolderId> {
        // What an application got for its secret belongs to it as well.
        let kind = match kind {
            Kind::OauthAccess => Kind::OauthApplicationSecret,
            other => other,
        };
        let mut before = 0;
        for (held, tokens) in HELD {
            if held == kind {
                let id = self.number * holders() + before + nth / tokens;
                return Some(HolderId::from_row(self.plan.firsts.holder + small(id)));
            }
            before += OF_EACH / tokens;
        }
        None
    }

    /// Where that belongs.
    pub(super) fn place_of_holder(&self, kind: Kind, nth: u64) -> Option<Place> {
        match kind {
            Kind::OauthApplicationSecret | Kind::OauthAccess => None,
            Kind::Runner | Kind::RegisteredRunner => match nth % 3 {
                0 => None,
                1 => Some(Place::Group(self.group())),
                _ => Some(Place::Project(self.project())),
            },
            _ => Some(Place::Project(self.project())),
        }
    }

    /// The number that a runner's token states.
    pub(super) fn runner_type(&self, kind: Kind, nth: u64) -> Option<u64> {
        let runs = matches!(kind, Kind::Runner | Kind::RegisteredRunner);
        runs.then(|| RunnerType::of(self.place_of_holder(kind, nth)).number())
    }

    /// All that holds tokens, in the order of its ids, each with when it was
    /// made and, of a job that somebody ended, when that was.
    pub(super) fn holders(self) -> impl Iterator<Item = (NewHolder, Timestamp, Option<Timestamp>)> {
        HELD.into_iter().flat_map(move |(kind, tokens)| {
            (0..OF_EACH / tokens).map(move |nth| self.holder(kind, nth * tokens))
        })
    }

    /// What holds the token of this kind that is this one of the team's.
    fn holder(&self, kind: Kind, nth: u64) -> (NewHolder, Timestamp, Option<Timestamp>) {
        let number = Other::number(self.number, kind, nth);
        let ended = kind == Kind::Job && Plan::fate(number) == Fate::Revoked;
        let new = NewHolder {
            place: self.place_of_holder(kind, nth),
            creator: self.keeper(),
            name: format!("{}-{number}", kind.name().replace('_', "-")),
            details: self.details(kind, nth, number),
        };
        let made = self.plan.created_at(number);
        (new, made, ended.then_some(self.plan.made_at))
    }

    fn details(&self, kind: Kind, nth: u64, number: u64) -> Details {
        match kind {
            Kind::ClusterAgent => ClusterAgent {}.into(),
            Kind::Runner | Kind::RegisteredRunner => Runner {
                tags: vec!["linux".to_owned(), format!("zone-{}", nth % 3)],
                ..Runner::plain(kind == Kind::RegisteredRunner)
            }
            .into(),
            Kind::Job => self.job(number).into(),
            Kind::FeatureFlagsClient => FeatureFlagsClient {}.into(),
            _ => Application {
                uid: format!("{:064x}", mixed(number, 11)),
                redirect_uri: format!("https://app-{number}.example.com/callback"),
                confidential: true,
                scopes: "api read_user".to_owned(),
                owner: nth.is_multiple_of(2).then(|| self.keeper()),
            }
            .into(),
        }
    }

    /// A job that may run until its token expires.
    fn job(&self, number: u64) -> Job {
        let began = self.plan.created_at(number).as_second();
        let ends = self.plan.draft(number).expires_at;
        let ended = Plan::fate(number) == Fate::Revoked;
        Job {
            r#ref: "main".to_owned(),
            user: self.keeper(),
            timeout: (ends.map_or(began, Timestamp::as_second) - began).max(60),
            outcome: ended.then_some(Outcome::Success),
        }
    }
}

/// How many holders a team has.
pub(super) fn holders() -> u64 {
    HELD.iter().map(|(_, tokens)| OF_EACH / tokens).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_numbered_in_the_order_in_which_they_are_made() {
        let plan = Plan::sample(10_000);
        let team = Team::new(&plan, 1);
        let made: Vec<_> = team.holders().map(|(new, ..)| new).collect();
        assert_eq!(made.len() as u64, holders());
        for (kind, tokens) in HELD {
            for nth in 0..OF_EACH {
                let id = team.holder_of(kind, nth).unwrap().get();
                let place = id - plan.firsts.holder - small(holders());
                let holder = &made[usize::try_from(place).unwrap()];
                assert_eq!(holder.details.token_kind(), kind);
                assert_eq!(
                    holder.place,
                    team.place_of_holder(kind, nth / tokens * tokens)
                );
            }
        }
        assert_eq!(team.holder_of(Kind::Personal, 1), None);
    }
}

//! Tokens of the other kinds: half of all there are, as many of each kind.

use jiff::Timestamp;
use serde_json::json;
use tokenry_domain::{
    Kind, Particulars, Place, Subject, UserId,
    kind::{KINDS, Writing},
    token::Draft,
};
use tokenry_token::{KeyRing, Payload, Prefix, TokenText, mint_signed};

use super::{
    plan::{Plan, mixed, written},
    team::{OF_EACH, Team},
};

/// The kinds beside personal tokens, which are the first of all.
const OTHERS: u64 = KINDS.len() as u64 - 1;
/// Tokens of a team: its own, which aren't personal, and as many that are.
pub(super) const TOKENS_OF_A_TEAM: u64 = 2 * OF_EACH * OTHERS;

/// A token that isn't personal. It follows from its number, as all do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Other {
    number: u64,
    pub(crate) kind: Kind,
    team: u64,
    /// Which of its team's tokens of this kind it is.
    nth: u64,
}

impl Other {
    /// The token with this number, if it isn't personal. The numbers of the
    /// user with the long list are left alone.
    pub(crate) fn of(number: u64) -> Option<Self> {
        let (team, place) = (number / TOKENS_OF_A_TEAM, number % TOKENS_OF_A_TEAM);
        if place.is_multiple_of(10) {
            return None;
        }
        let place = place - place / 10 - 1;
        let kind = KINDS.get(1 + usize::try_from(place % OTHERS).ok()?)?.kind;
        let nth = place / OTHERS;
        (nth < OF_EACH).then_some(Self {
            number,
            kind,
            team,
            nth,
        })
    }

    /// The number of a team's token of this kind, the other way round.
    pub(super) fn number(team: u64, kind: Kind, nth: u64) -> u64 {
        let place = nth * OTHERS + (kind as u64).saturating_sub(1);
        team * TOKENS_OF_A_TEAM + place + place / 9 + 1
    }

    /// Its text, as the server writes those of its kind.
    pub(crate) fn text(self, plan: &Plan, keys: &KeyRing) -> TokenText {
        let line = self.kind.descriptor();
        let prefix = Prefix::new(line.prefixing.default()).unwrap_or_default();
        match line.writing {
            Writing::Routable => written(&prefix, &self.payload(plan), self.number, 3),
            Writing::Signed => mint_signed(&prefix, keys, &self.claims(plan)),
        }
    }

    /// The row as it is handed to the store.
    pub(super) fn draft(self, plan: &Plan) -> Draft {
        Draft {
            kind: self.kind,
            owner: self.owner(plan),
            subject: self.subject(plan),
            scopes: self.kind.descriptor().scopes,
            ..plan.draft(self.number)
        }
    }

    /// What only few kinds have: every second deploy token a username of its
    /// own, every fourth trigger was edited.
    pub(super) fn particulars(self, plan: &Plan) -> Option<Particulars> {
        match self.kind {
            Kind::Deploy if self.nth.is_multiple_of(2) => Some(Particulars {
                username: Some(format!("puller-{}", self.number)),
                updated_at: None,
            }),
            Kind::PipelineTrigger if self.nth.is_multiple_of(4) => Some(Particulars {
                username: None,
                updated_at: Some(plan.made_at),
            }),
            _ => None,
        }
    }

    fn team<'p>(&self, plan: &'p Plan) -> Team<'p> {
        Team::new(plan, self.team)
    }

    fn owner(self, plan: &Plan) -> UserId {
        let team = self.team(plan);
        match self.kind {
            Kind::Project => team.project_bot(),
            Kind::Group => team.group_bot(),
            Kind::ServiceAccount => team.service_account(),
            Kind::Impersonation | Kind::Feed | Kind::IncomingEmail | Kind::Session => {
                plan.owner(self.number)
            }
            _ => team.keeper(),
        }
    }

    fn subject(self, plan: &Plan) -> Option<Subject> {
        let team = self.team(plan);
        if let Some(holder) = team.holder_of(self.kind, self.nth) {
            return Some(Subject::Holder(holder));
        }
        match self.kind {
            Kind::Project | Kind::PipelineTrigger => Some(team.project().into()),
            Kind::Deploy if self.nth.is_multiple_of(2) => Some(team.project().into()),
            Kind::Group | Kind::ServiceAccount | Kind::Deploy | Kind::Scim => {
                Some(team.group().into())
            }
            _ => None,
        }
    }

    /// Whom the text says it belongs to.
    fn payload(self, plan: &Plan) -> Payload {
        let team = self.team(plan);
        let place = match self.subject(plan) {
            Some(Subject::Place(place)) => Some(place),
            Some(Subject::Holder(_)) => team.place_of_holder(self.kind, self.nth),
            None => None,
        };
        let number = |id: i64| u64::try_from(id).ok();
        let (group, project) = match place {
            Some(Place::Group(id)) => (number(id.get()), None),
            Some(Place::Project(id)) => (None, number(id.get())),
            None => (None, None),
        };
        Payload {
            group,
            project,
            organization: Some(1),
            runner_type: team.runner_type(self.kind, self.nth),
            user: match self.kind {
                Kind::ClusterAgent => None,
                _ => number(self.owner(plan).get()),
            },
            ..Payload::default()
        }
    }

    /// What a job's token states.
    fn claims(self, plan: &Plan) -> String {
        let team = self.team(plan);
        let holder = team.holder_of(self.kind, self.nth);
        let job = holder.map(|id| id.to_string()).unwrap_or_default();
        let began = plan.created_at(self.number).as_second();
        let ends = plan.draft(self.number).expires_at.map(Timestamp::as_second);
        let unique = u128::from(mixed(self.number, 3)) << 64 | u128::from(mixed(self.number, 103));
        json!({
            "iss": "http://127.0.0.1",
            "sub": format!("gid://gitlab/Ci::Build/{job}"),
            "aud": "gitlab-authz-token",
            "iat": began,
            "nbf": began,
            "exp": ends,
            "jti": format!("{unique:032x}"),
            "version": "0.1.0",
            "job_id": job,
            "project_id": team.project().to_string(),
            "project_path": team.project_path(),
            "user_id": team.keeper().to_string(),
            "user_login": format!("user{}", team.keeper()),
            "ref": "main",
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use tokenry_token::{DigestKey, KeyId};

    use super::*;

    fn keys() -> KeyRing {
        KeyRing::new(DigestKey::new(KeyId::new(1), [7; 32]), Vec::new())
    }

    #[test]
    fn half_are_personal_and_of_the_others_there_are_as_many_of_each() {
        let mut counts = BTreeMap::new();
        for number in 0..TOKENS_OF_A_TEAM * 10 {
            let other = Other::of(number);
            if let Some(other) = other {
                assert_eq!(Other::number(other.team, other.kind, other.nth), number);
            }
            let kind = other.map_or(Kind::Personal, |other| other.kind);
            *counts.entry(kind).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), KINDS.len());
        for (kind, count) in counts {
            let share = if kind == Kind::Personal { OTHERS } else { 1 };
            assert_eq!(count, 10 * OF_EACH * share, "{kind:?}");
        }
    }

    #[test]
    fn each_text_is_of_its_kind_and_the_same_every_time() {
        let plan = Plan::sample(10_000);
        let (mut texts, mut found) = (BTreeSet::new(), 0);
        for other in (0..1_000).filter_map(Other::of) {
            let text = other.text(&plan, &keys());
            assert_eq!(other.text(&plan, &keys()).reveal(), text.reveal());
            let prefix = other.kind.descriptor().prefixing.default();
            assert!(text.reveal().starts_with(prefix), "{}", text.reveal());
            assert_eq!(
                other.draft(&plan).subject.is_some(),
                other.subject(&plan).is_some()
            );
            texts.insert(text.reveal().to_owned());
            found += 1;
        }
        assert_eq!(texts.len(), found);
    }
}

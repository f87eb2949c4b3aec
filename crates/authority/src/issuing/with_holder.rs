//! Tokens of what holds them: an agent, a runner, a feature flags client, a job.

use tokenry_domain::{
    HolderId, PlaceName, PlaceRef,
    holder::{Details, FeatureFlagsClient, HolderKind, Runner},
    job::USUAL_TIMEOUT,
};

use super::NewToken;
use crate::{
    Authority, Caller, Error, Thing, agents::AgentName, holders::WantedHolder, jobs::NewJob,
    tokens::Issued,
};

impl Authority {
    /// Issues one of several tokens of an agent that is there.
    pub(super) async fn issue_to_holder(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<Issued, Error> {
        let kind = new.kind.descriptor().holder;
        let (Some(kind), Some(id)) = (kind, new.holder()) else {
            return Err(new.other_subject().into());
        };
        // One that the caller may not see isn't there, wherever it is.
        let hidden = |error: Error| match error {
            ours if ours.is_ours() => ours,
            _ => Error::NotFound(Thing::Holder(kind)),
        };
        let holder = self.show_holder(caller, kind, id).await.map_err(hidden)?;
        let project = match holder.place.map(PlaceRef::from) {
            Some(PlaceRef::Project(project)) => project,
            _ => return Err(Error::NotFound(Thing::Holder(kind))),
        };
        let agent = AgentName { project, agent: id };
        let name = new.name.unwrap_or_default();
        self.issue_agent_token(caller, &agent, name, new.description, new.if_exists)
            .await
    }

    /// Makes a holder with its first token; `again` is how one that is there
    /// gets another.
    pub(super) async fn issue_with_holder(
        &self,
        caller: &Caller,
        new: NewToken,
        again: &'static str,
    ) -> Result<Issued, Error> {
        let kind = new.kind.descriptor().holder;
        let place = match &new.subject {
            Some(subject) if kind.is_some_and(|kind| kind.name() == subject.sort) => {
                return Err(Error::IssuedOtherwise(again));
            }
            Some(subject) => Some(new.place(subject)?),
            None => None,
        };
        let wanted = WantedHolder {
            place,
            name: new.name.unwrap_or_default(),
            details: details(kind).ok_or(Error::IssuedOtherwise(again))?,
        };
        let made = self.create_holder(caller, wanted).await?;
        Ok(made.issued)
    }

    /// Starts a job with its token.
    pub(super) async fn issue_with_job(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<Issued, Error> {
        let place = new.subject.as_ref().map(|subject| new.place(subject));
        let Some(PlaceRef::Project(project)) = place.transpose()? else {
            return Err(new.no_subject().into());
        };
        let job = NewJob {
            project,
            name: new.name.unwrap_or_default(),
            r#ref: new.r#ref.unwrap_or_default(),
            user: new.owner,
            timeout: new.timeout.unwrap_or(USUAL_TIMEOUT),
            issuer: new.site.issuer,
        };
        Ok(self.start_job(caller, job).await?.issued)
    }
}

impl NewToken {
    /// The holder that is named, if its sort is right. A number that no row can
    /// have stays one.
    fn holder(&self) -> Option<HolderId> {
        let subject = self.subject.as_ref()?;
        let line = self.kind.descriptor();
        let right = subject.sort == "holder" || line.issued_for.contains(&subject.sort.as_str());
        match subject.name {
            PlaceName::Id(number) if right => {
                Some(HolderId::new(number).unwrap_or(HolderId::from_row(0)))
            }
            _ => None,
        }
    }
}

/// What is made where nothing more is said of it.
fn details(kind: Option<HolderKind>) -> Option<Details> {
    match kind? {
        HolderKind::Runner => Some(Runner::plain(false).into()),
        HolderKind::FeatureFlagsClient => Some(FeatureFlagsClient {}.into()),
        HolderKind::Application | HolderKind::ClusterAgent | HolderKind::Job => None,
    }
}

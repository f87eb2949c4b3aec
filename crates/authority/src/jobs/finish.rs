//! Ending a job, and with it its token.

use jiff::Timestamp;
use tokenry_domain::{
    HolderId, Kind, Project, Subject, Token, TokenId,
    audit::{Action, Entry, Target, holder_facts},
    holder::{Holder, HolderKind},
    job::Outcome,
    kind::Ending,
};
use tokenry_store::{
    Conn, StoreError, Work, audit, holders,
    unrevoked::{self, Whose},
};

use super::of_token::{project_of, subject_of};
use crate::{
    Authority, Caller, Error, Thing,
    holders::{find, manageable},
    tokens::Grounds,
};

impl Authority {
    /// Ends a job that runs, for developers of its project and for the job
    /// itself. From the moment this answers, its token is refused.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::JobEnded`], or a
    /// fault of ours.
    pub async fn finish_job(
        &self,
        caller: &Caller,
        id: HolderId,
        outcome: Outcome,
    ) -> Result<(Holder, Project), Error> {
        self.finish_on(caller, id, outcome, None).await
    }

    /// The same, if the grounds hold on which its token is to end.
    pub(super) async fn finish_on(
        &self,
        caller: &Caller,
        id: HolderId,
        outcome: Outcome,
        proof: Option<(TokenId, Grounds)>,
    ) -> Result<(Holder, Project), Error> {
        let target = Target::Holder(HolderKind::Job, id);
        let entry = self.entry(caller, Action::HolderEnded, target);
        let (caller, index) = (caller.clone(), self.index.clone());
        let beside = self.beside.clone();
        self.store
            .write(
                move |conn| -> Work<'_, (Holder, Project, Vec<Token>), Error> {
                    Box::pin(async move {
                        let job = endable(conn, &caller, id, entry.at).await?;
                        if let Some((token, grounds)) = proof {
                            grounds.held(conn, &caller, token, entry.at).await?;
                        }
                        let project = project_of(conn, &job).await?;
                        let (job, ended) = end(conn, &job, outcome, entry).await?;
                        Ok((job, project, ended))
                    })
                },
                move |(job, _, ended)| {
                    beside.holders.forget(job.id);
                    for token in ended {
                        index.revoke(token.digest);
                    }
                },
            )
            .await
            .map(|(job, project, _)| (job, project))
    }
}

/// The job, in a transaction that holds it, if the caller may end it.
async fn endable(
    conn: &mut Conn,
    caller: &Caller,
    id: HolderId,
    now: Timestamp,
) -> Result<Holder, Error> {
    let own = caller.token().filter(|card| card.kind == Kind::Job);
    match own {
        None => manageable(conn, caller, HolderKind::Job, id, now).await,
        Some(card) => {
            holders::hold(conn, id).await?;
            if subject_of(conn, card.id).await? == Some(id.into()) {
                find(conn, HolderKind::Job, id).await
            } else {
                Err(Error::NotFound(Thing::Holder(HolderKind::Job)))
            }
        }
    }
}

/// Ends a job that is held, and its tokens.
async fn end(
    conn: &mut Conn,
    before: &Holder,
    outcome: Outcome,
    mut entry: Entry,
) -> Result<(Holder, Vec<Token>), Error> {
    let after = before.finished(outcome, entry.at).ok_or(Error::JobEnded)?;
    holders::update(conn, &after, entry.at).await?;
    let whose = Whose::Subject(after.id.into());
    let ended = unrevoked::revoke(conn, whose, after.details.token_kind(), entry.at).await?;
    entry.before = holder_facts(before);
    entry.after = holder_facts(&after);
    entry.tokens = ended.iter().map(|token| token.id).collect();
    audit::insert(conn, &entry).await?;
    Ok((after, ended))
}

/// Ends the job that a token belongs to which is about to go, if it runs;
/// answers the job as it is then.
pub(crate) async fn stop_with(
    conn: &mut Conn,
    token: &Token,
    now: Timestamp,
) -> Result<Option<Holder>, StoreError> {
    let (Ending::Finish, Some(Subject::Holder(id))) =
        (token.kind.descriptor().ending, token.subject)
    else {
        return Ok(None);
    };
    holders::hold(conn, id).await?;
    let running = holders::by_id(conn, id).await?;
    let Some(stopped) = running.and_then(|job| job.finished(Outcome::Canceled, now)) else {
        return Ok(None);
    };
    holders::update(conn, &stopped, now).await?;
    Ok(Some(stopped))
}

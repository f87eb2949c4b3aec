//! From a job's token to the job.

use tokenry_domain::{
    HolderId, Kind, Place, Project, Subject, TokenId,
    holder::{Holder, HolderKind},
    job::Outcome,
};
use tokenry_store::{Conn, StoreError, holders, projects, tokens};

use crate::{Authority, Caller, Error, Thing, tokens::Grounds};

const NO_JOB: Error = Error::NotFound(Thing::Holder(HolderKind::Job));

impl Authority {
    /// The job whose token is presented.
    ///
    /// # Errors
    /// [`Error::NotFound`] where another sort of token is, or a fault of ours.
    pub async fn own_job(&self, caller: &Caller) -> Result<(Holder, Project), Error> {
        let card = caller.token().filter(|card| card.kind == Kind::Job);
        self.job_of_token(card.ok_or(NO_JOB)?.id).await
    }

    /// The job that a token belongs to, and its project.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it belongs to none, or a fault of ours.
    async fn job_of_token(&self, token: TokenId) -> Result<(Holder, Project), Error> {
        let mut conn = self.store.read().await?;
        let id = job_id(&mut conn, token).await?.ok_or(NO_JOB)?;
        let job = holders::by_id(&mut conn, id).await?;
        let job = job.filter(|holder| holder.kind() == HolderKind::Job);
        let job = job.ok_or(NO_JOB)?;
        let project = project_of(&mut conn, &job).await?;
        Ok((job, project))
    }

    /// Ends the job that a token belongs to, if the grounds hold. One that has
    /// ended stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub(crate) async fn cancel_job_of(
        &self,
        caller: &Caller,
        token: TokenId,
        grounds: Grounds,
    ) -> Result<(), Error> {
        let mut conn = self.store.read().await?;
        grounds.token(&mut conn, caller, token, self.now()).await?;
        drop(conn);
        let job = match self.job_of_token(token).await {
            Ok((job, _)) => job,
            // Nothing else ends with it.
            Err(Error::NotFound(_)) => return self.revoke_on(caller, token, grounds).await,
            Err(other) => return Err(other),
        };
        let proof = Some((token, grounds));
        match self
            .finish_on(caller, job.id, Outcome::Canceled, proof)
            .await
        {
            Ok(_) | Err(Error::JobEnded) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// The project that a job runs in.
pub(super) async fn project_of(conn: &mut Conn, job: &Holder) -> Result<Project, Error> {
    let project = match job.place {
        Some(Place::Project(id)) => projects::by_id(conn, id).await?,
        _ => None,
    };
    project.ok_or(NO_JOB)
}

/// What a token belongs to.
pub(super) async fn subject_of(
    conn: &mut Conn,
    token: TokenId,
) -> Result<Option<Subject>, StoreError> {
    let token = tokens::by_id(conn, token).await?;
    Ok(token.and_then(|token| token.subject))
}

async fn job_id(conn: &mut Conn, token: TokenId) -> Result<Option<HolderId>, StoreError> {
    Ok(match subject_of(conn, token).await? {
        Some(Subject::Holder(id)) => Some(id),
        _ => None,
    })
}

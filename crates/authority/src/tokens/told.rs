//! What else is told of tokens: what they belong to.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use tokenry_domain::{
    Particulars, Place, Project, Subject, Token,
    holder::{Holder, HolderKind},
    token::Card,
};
use tokenry_store::subjects;

use crate::{Authority, Caller, Error};

impl Authority {
    /// What holds a token that was identified, for administrators; none if
    /// nothing does.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn identified_holder(
        &self,
        caller: &Caller,
        card: &Card,
    ) -> Result<Option<Arc<Holder>>, Error> {
        caller.require_admin()?;
        let Some(Subject::Holder(id)) = card.subject else {
            return Ok(None);
        };
        Ok(self.recall_holder(id).await?)
    }

    /// The job whose token was identified and its project, for
    /// administrators; none if the token is of no job that is there.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn identified_job(
        &self,
        caller: &Caller,
        card: &Card,
    ) -> Result<Option<(Arc<Holder>, Arc<Project>)>, Error> {
        let job = self.identified_holder(caller, card).await?;
        let Some(job) = job.filter(|holder| holder.kind() == HolderKind::Job) else {
            return Ok(None);
        };
        let Some(Place::Project(id)) = job.place else {
            return Ok(None);
        };
        let project = self.recall_project(id).await?;
        Ok(project.map(|project| (job, project)))
    }

    /// What only few kinds have of a token that was identified, for
    /// administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn identified_particulars(
        &self,
        caller: &Caller,
        card: &Card,
    ) -> Result<Arc<Particulars>, Error> {
        caller.require_admin()?;
        Ok(self.recall_particulars(card.id).await?)
    }

    /// When a token that was identified was revoked, for administrators; none
    /// if it wasn't. Memory knows only whether.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`] if it was deleted meanwhile,
    /// or a fault of ours.
    pub async fn identified_revocation(
        &self,
        caller: &Caller,
        card: &Card,
    ) -> Result<Option<Timestamp>, Error> {
        caller.require_admin()?;
        if !card.revoked {
            return Ok(None);
        }
        let token = Box::pin(self.recall_token(card.id)).await?;
        Ok(token.life.revoked_at)
    }

    /// What people call that which these tokens belong to, for administrators:
    /// a project or group goes by its full path.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn subject_names(
        &self,
        caller: &Caller,
        tokens: &[Token],
    ) -> Result<HashMap<Subject, String>, Error> {
        caller.require_admin()?;
        let subjects: Vec<_> = tokens.iter().filter_map(|token| token.subject).collect();
        Ok(subjects::names(&mut self.store.read().await?, subjects).await?)
    }
}

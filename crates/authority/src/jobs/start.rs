//! Starting a job.

use jiff::Timestamp;
use serde_json::Value;
use tokenry_domain::{
    AccessLevel, Invalid, Kind, Project, Scopes, Token, User,
    audit::{Action, Target, holder_facts, token_facts},
    holder::{Holder, NewHolder},
    job::Job,
    token::{Card, Draft},
};
use tokenry_store::{Conn, Work, audit, holders, standings};
use tokenry_token::{MAX_TEXT_BYTES, TokenText};

use super::{NewJob, RUNS_JOBS, Started, claims::Claims};
use crate::{
    Authority, Caller, Error,
    places::{Standing, UserName, held_project, named},
    tokens::{Issued, Signer},
};

impl Authority {
    /// Starts a job and issues its token, for developers of the project. Who
    /// maintains it may start jobs that run for other members.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the project or the user, [`Error::RoleTooLow`],
    /// [`Error::NotPermitted`], [`Error::Invalid`], or a fault of ours.
    pub async fn start_job(&self, caller: &Caller, new: NewJob) -> Result<Started, Error> {
        let mut entry = self.entry(caller, Action::HolderCreated, Target::Instance);
        let mint = Mint {
            signer: self.signer(caller, Kind::Job)?,
            issuer: new.issuer.clone(),
            unique: self.random()?,
        };
        let (caller, index) = (caller.clone(), self.index.clone());
        let (started, _) = self
            .store
            .write(
                move |conn| -> Work<'_, (Started, Card), Error> {
                    Box::pin(async move {
                        let now = entry.at;
                        let (project, standing) =
                            held_project(conn, &caller, &new.project, now).await?;
                        standing.require(RUNS_JOBS)?;
                        let user = worker(conn, &caller, &standing, new.user.as_ref(), now).await?;
                        let holder = holder(&caller, &project, &user, new).checked()?;
                        let job = holders::insert(conn, &holder, now).await?;
                        let (text, token) = mint.issue(conn, &job, &project, &user, now).await?;
                        entry.target = Target::Holder(job.kind(), job.id);
                        entry.after = with_token(holder_facts(&job), &token);
                        entry.tokens = vec![token.id];
                        audit::insert(conn, &entry).await?;
                        let card = Card::from(token.clone());
                        let issued = Issued { text, token };
                        let started = Started {
                            job,
                            project,
                            issued,
                        };
                        Ok((started, card))
                    })
                },
                move |(started, card)| index.insert(started.issued.token.digest, card.clone()),
            )
            .await?;
        Ok(started)
    }
}

/// The user that the job is to run for.
async fn worker(
    conn: &mut Conn,
    caller: &Caller,
    standing: &Standing,
    wanted: Option<&UserName>,
    now: Timestamp,
) -> Result<User, Error> {
    let nobody = Error::NotPermitted("start a job without being a user");
    let own = caller.user().ok_or(nobody)?;
    let user = match wanted {
        Some(name) => named(conn, name).await?,
        None => own.clone(),
    };
    if user.id == own.id {
        return Ok(user);
    }
    if !standing.has(AccessLevel::Maintainer) {
        return Err(Error::NotPermitted("start jobs that run for other users"));
    }
    let levels = standings::levels(conn, user.id, &[standing.place], now).await?;
    let level = levels
        .get(&standing.place)
        .and_then(|levels| levels.highest());
    if level < Some(RUNS_JOBS) || !user.is_active() {
        let problem = "must be an active developer of the project";
        return Err(Invalid::field("user", problem).into());
    }
    Ok(user)
}

fn holder(caller: &Caller, project: &Project, user: &User, new: NewJob) -> NewHolder {
    let job = Job {
        r#ref: new.r#ref,
        user: user.id,
        timeout: new.timeout,
        outcome: None,
    };
    NewHolder {
        place: Some(project.place()),
        creator: caller.user().map_or(user.id, |own| own.id),
        name: new.name,
        details: job.into(),
    }
}

/// Makes the text of a job's token, which states the job's id and so can't be
/// made before the job is there.
struct Mint {
    signer: Signer,
    issuer: String,
    unique: [u8; 16],
}

impl Mint {
    async fn issue(
        self,
        conn: &mut Conn,
        holder: &Holder,
        project: &Project,
        user: &User,
        now: Timestamp,
    ) -> Result<(TokenText, Token), Error> {
        let Some(job) = holder.job() else {
            return Err(Error::NotPermitted("be no job"));
        };
        let expires_at = job.deadline(holder.created_at);
        let claims = Claims {
            issuer: &self.issuer,
            holder,
            job,
            project,
            user,
            expires_at,
            unique: self.unique,
        };
        let (text, kept) = self.signer.sign(&claims.to_json());
        if text.reveal().len() > MAX_TEXT_BYTES {
            let problem = "is too long for a token that names the project too";
            return Err(Invalid::field("ref", problem).into());
        }
        let name = holder.name.clone();
        let draft = Draft::new(Kind::Job, user, name, None, Scopes::NONE, Some(expires_at))?;
        let token = kept.insert(conn, &draft.of(holder.id), now).await?;
        Ok((text, token))
    }
}

fn with_token(mut facts: Value, token: &Token) -> Value {
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("token".to_owned(), token_facts(token));
    }
    facts
}

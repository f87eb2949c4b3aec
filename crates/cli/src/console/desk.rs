//! Where every command of the console ends, whichever way it came.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use tokenry_authority::{Authority, Caller, Error};
use tokenry_domain::{Reason, audit::Origin};
use tokenry_token::KeyId;
use tracing::{info, warn};

use super::{Command, KeyRow, Outcome};
use crate::{data_dir::KeysFile, exit::Failure};

/// Does what is asked, with the rights of whoever sits at the machine.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(super) authority: Arc<Authority>,
    keys: KeysFile,
}

impl Desk {
    pub(crate) const fn new(authority: Arc<Authority>, keys: KeysFile) -> Self {
        Self { authority, keys }
    }

    /// Does one thing.
    pub(crate) async fn run(&self, command: Command) -> Result<Outcome, Failure> {
        let caller = self.caller()?;
        let (name, request_id) = (command.name(), caller.origin().request_id.clone());
        let result = self.dispatch(&caller, command).await;
        let code = result.as_ref().map_or_else(|e| e.code.as_str(), |_| "done");
        info!(command = name, request_id, outcome = code, "console");
        result
    }

    async fn dispatch(&self, caller: &Caller, command: Command) -> Result<Outcome, Failure> {
        match command {
            Command::Because(reason, what) => {
                let reason = Reason::new(reason).map_err(Error::from)?;
                let caller = caller.clone().because(Some(reason));
                Box::pin(self.dispatch(&caller, *what)).await
            }
            Command::CreateToken(new) => self.create_token(caller, new).await,
            Command::ListTokens(query) => self.list_tokens(caller, query).await,
            Command::ShowToken { id } => self.show_token(caller, id).await,
            Command::EditToken { id, change } => self.edit_token(caller, id, change).await,
            Command::IdentifyToken { text } => self.identify_token(caller, &text).await,
            Command::RevokeToken(which) => self.revoke_token(caller, which).await,
            Command::RotateToken { id, expires_at } => {
                self.rotate_token(caller, id, expires_at).await
            }
            Command::DeleteToken { id } => self.delete_token(caller, id).await,
            Command::CreateUser(new) => self.create_user(caller, new).await,
            Command::ListUsers(query) => self.list_users(caller, query).await,
            Command::ShowUser { user } => Ok(Outcome::User(self.find_user(&user).await?.into())),
            Command::ChangeUser { user, change } => self.change_user(caller, &user, change).await,
            Command::DeleteUser { user } => self.delete_user(caller, &user).await,
            Command::ListKeys => Ok(self.list_keys()),
            Command::RotateKey => self.rotate_key(caller).await,
            Command::ShowSettings => Ok(Outcome::Settings(self.authority.show_settings(caller)?)),
            Command::FilePurge(new) => self.file_purge(caller, new).await,
            Command::ShowPurge { id } => self.show_purge(caller, id).await,
            Command::CancelPurge { id } => self.cancel_purge(caller, id).await,
            Command::ShowRetention => self.show_retention(caller).await,
            Command::PreviewRetention => self.preview_retention(caller).await,
            Command::RunRetention => self.run_retention(caller).await,
            Command::ChangeSetting { key, value } => self.change_setting(caller, &key, value).await,
        }
    }

    /// Runs the purges that are open, beside what else is asked: without a
    /// server nobody else does. What isn't done when the console leaves is left
    /// to whoever opens the data next.
    pub(super) fn work_off_purges(&self) {
        let authority = self.authority.clone();
        tokio::spawn(async move {
            if let Err(error) = authority.work_off_purges().await {
                warn!(%error, "a purge was interrupted; it goes on the next time");
            }
        });
    }

    /// Nobody by name: whoever can open the data directory. The audit trail
    /// tells the commands apart by their request ids.
    fn caller(&self) -> Result<Caller, Error> {
        let number = HEXLOWER.encode(&self.authority.random::<8>()?);
        Ok(Caller::console(Origin {
            address: None,
            request_id: format!("console-{number}"),
        }))
    }

    fn list_keys(&self) -> Outcome {
        let ids = self.authority.digest_key_ids();
        let current = ids.first().copied();
        let row = |id: KeyId| KeyRow {
            id: id.get(),
            current: Some(id) == current,
        };
        Outcome::Keys(ids.into_iter().map(row).collect())
    }

    async fn rotate_key(&self, caller: &Caller) -> Result<Outcome, Failure> {
        self.authority
            .rotate_digest_key(caller, |ring| self.keys.write(ring))
            .await?;
        Ok(self.list_keys())
    }
}

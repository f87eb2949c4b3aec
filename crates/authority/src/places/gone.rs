//! What goes with a user, project or group that is removed, some rows at a
//! time.

use serde_json::{Value, json};
use tokenry_domain::{Burial, Kind, TokenId, User, UserId, audit::Entry};
use tokenry_store::{
    Conn, StoreError, belongings, bury, ghost, holders, members, namespaces, sweep,
    sweep::{Scope, Swept},
    tokens::Removed,
    users,
};

use crate::{Authority, Error};

/// Rows removed in one transaction: keeps other writers' waits short.
pub(crate) const CHUNK: u32 = 500;

/// How many steps of a removal may be undone.
const MOST_UNDONE: u32 = 100;

/// The steps of a removal, one transaction each, until nothing is left.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    undone: u32,
}

impl Steps {
    /// Whether another step follows one that answered whether it was the last.
    /// While a user goes, something may be issued to them: then the step that
    /// was to be the last is undone, and the next takes that along. Nobody who
    /// issues waits for this.
    pub(crate) fn go_on(&mut self, step: Result<bool, Error>) -> Result<bool, Error> {
        match step {
            Err(Error::Store(StoreError::HasBelongings)) if self.undone < MOST_UNDONE => {
                self.undone += 1;
                Ok(true)
            }
            other => other.map(|last| !last),
        }
    }
}

/// What went in one transaction; at most [`CHUNK`] rows.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    tokens: Vec<Removed>,
    users: Vec<UserId>,
    swept: Swept,
    holders: u64,
    /// Tokens that went over to the ghost.
    handed: Vec<Removed>,
    ghost: Option<User>,
}

impl Gone {
    /// Removes some of what lies in a scope, in a tree that is held: first the
    /// machines that are at home there, with their tokens.
    pub(crate) async fn of_place(
        &mut self,
        conn: &mut Conn,
        scope: Scope,
        burial: &Burial,
    ) -> Result<(), StoreError> {
        for machine in belongings::machines(conn, scope, self.room()).await? {
            self.of_user(conn, machine, burial).await?;
            if !self.is_all() {
                return Ok(());
            }
            users::delete(conn, machine).await?;
            self.users.push(machine);
        }
        let tokens = belongings::bury_tokens(conn, scope, self.room(), burial).await?;
        self.tokens.extend(tokens);
        self.holders += belongings::delete_holders(conn, scope, self.room()).await?;
        self.swept.add(sweep::some(conn, scope, self.room()).await?);
        Ok(())
    }

    /// Removes some of what is a user's own, applications included; what acts
    /// as nobody and belongs to something goes over to the ghost.
    pub(crate) async fn of_user(
        &mut self,
        conn: &mut Conn,
        id: UserId,
        burial: &Burial,
    ) -> Result<(), StoreError> {
        let tokens = bury::some_of_holders(conn, id, self.room(), burial).await?;
        self.tokens.extend(tokens);
        self.holders += holders::delete_some_of(conn, id, self.room()).await?;
        let lasting = Kind::all().filter(|kind| !kind.descriptor().acts_as_owner());
        let handed = ghost::hand_over(conn, id, lasting, self.room(), burial.at).await?;
        self.handed.extend(handed.tokens);
        self.holders += handed.holders;
        self.ghost = handed.ghost.or(self.ghost.take());
        let tokens = bury::some_of(conn, id, self.room(), burial).await?;
        self.tokens.extend(tokens);
        self.swept.members += members::delete_some_of(conn, id, self.room()).await?;
        Ok(())
    }

    /// As [`Gone::of_user`], with the projects in a person's own namespace.
    pub(crate) async fn of_person(
        &mut self,
        conn: &mut Conn,
        id: UserId,
        burial: &Burial,
    ) -> Result<(), StoreError> {
        self.of_user(conn, id, burial).await?;
        if let Some(own) = namespaces::of_user(conn, id).await? {
            namespaces::hold(conn, own.id).await?;
            self.of_place(conn, Scope::Namespace(own.id), burial)
                .await?;
        }
        Ok(())
    }

    /// Whether nothing is left but what was asked to be emptied.
    pub(crate) fn is_all(&self) -> bool {
        self.room() > 0
    }

    /// How many rows there is room for yet.
    fn room(&self) -> u32 {
        let rows = self.tokens.len() + self.users.len() + self.handed.len();
        let rows = (rows as u64)
            .saturating_add(self.swept.rows())
            .saturating_add(self.holders);
        CHUNK.saturating_sub(u32::try_from(rows).unwrap_or(u32::MAX))
    }

    /// Tells the trail the facts of what is removed, and all that went with it.
    pub(crate) fn tell(&self, entry: &mut Entry, facts: Value) {
        entry.before = self.facts(facts);
        let tokens = self.tokens.iter().chain(&self.handed);
        entry.tokens = tokens.map(|one| one.id).collect();
    }

    fn facts(&self, mut facts: Value) -> Value {
        let ids =
            |tokens: &[Removed]| -> Vec<TokenId> { tokens.iter().map(|one| one.id).collect() };
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("members".to_owned(), json!(self.swept.members));
            facts.insert("project_ids".to_owned(), json!(self.swept.projects));
            facts.insert("group_ids".to_owned(), json!(self.swept.groups));
            facts.insert("token_ids".to_owned(), json!(ids(&self.tokens)));
            facts.insert("user_ids".to_owned(), json!(self.users));
            facts.insert("holders".to_owned(), json!(self.holders));
            facts.insert("handed_token_ids".to_owned(), json!(ids(&self.handed)));
        }
        facts
    }
}

impl Authority {
    /// What memory does after the commit.
    pub(crate) fn forgetting(&self) -> impl FnOnce(&Gone) + Send + 'static {
        let (index, directory) = (self.index.clone(), self.directory.clone());
        let (last_used, beside) = (self.last_used.clone(), self.beside.clone());
        move |gone| {
            for token in &gone.tokens {
                index.remove(token.digest);
                last_used.forget(token.id);
            }
            for token in &gone.handed {
                index.doubt(token.digest);
            }
            if gone.holders > 0 {
                beside.holders.forget_all();
            }
            if !gone.swept.projects.is_empty() {
                beside.projects.forget_all();
            }
            for user in &gone.users {
                directory.remove(*user);
            }
            if let Some(ghost) = &gone.ghost {
                directory.put(ghost.clone());
            }
        }
    }
}

//! Every user in memory, so that a token check needs no database.

use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::RwLock;
use tokenry_domain::{User, UserId};

use crate::{Authority, authority::Turn};

/// Users by id. Ids are given out here, so nobody chooses them to collide, and
/// a quick hash is good enough.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    users: RwLock<HashMap<UserId, Arc<User>>>,
}

impl Directory {
    pub(crate) fn new(users: Vec<User>) -> Self {
        let directory = Self::default();
        directory.replace(users);
        directory
    }

    pub(crate) fn replace(&self, users: Vec<User>) {
        *self.users.write() = users
            .into_iter()
            .map(|user| (user.id, Arc::new(user)))
            .collect();
    }

    pub(crate) fn get(&self, id: UserId) -> Option<Arc<User>> {
        self.users.read().get(&id).cloned()
    }

    pub(crate) fn put(&self, user: User) {
        self.users.write().insert(user.id, Arc::new(user));
    }

    pub(crate) fn remove(&self, id: UserId) {
        self.users.write().remove(&id);
    }
}

impl Authority {
    /// What memory does after a change of one user.
    pub(crate) fn taking_over(&self, turn: Turn) -> impl FnOnce(&User) + Send + 'static {
        let directory = self.directory.clone();
        move |user| {
            directory.put(user.clone());
            drop(turn);
        }
    }
}

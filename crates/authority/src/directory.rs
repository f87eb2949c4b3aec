//! Every user in memory, so that a token check needs no database.

use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::RwLock;
use tokenry_domain::{User, UserId};

use crate::{Authority, authority::Turn};

/// Parts, each under a lock of its own: checks on several processors mostly
/// don't meet at one.
const PARTS: usize = 16;

/// Users by id. Ids are given out here, so nobody chooses them to collide, and
/// a quick hash is good enough.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    parts: [RwLock<HashMap<UserId, Arc<User>>>; PARTS],
}

impl Directory {
    pub(crate) fn new(users: Vec<User>) -> Self {
        let directory = Self::default();
        directory.replace(users);
        directory
    }

    /// Who isn't among these users is gone.
    pub(crate) fn replace(&self, users: Vec<User>) {
        let mut parts: [HashMap<_, _>; PARTS] = Default::default();
        for user in users {
            if let Some(part) = parts.get_mut(place(user.id)) {
                part.insert(user.id, Arc::new(user));
            }
        }
        for (part, users) in self.parts.iter().zip(parts) {
            *part.write() = users;
        }
    }

    pub(crate) fn get(&self, id: UserId) -> Option<Arc<User>> {
        self.parts.get(place(id))?.read().get(&id).cloned()
    }

    /// Everybody, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<User>> {
        let users =
            |part: &RwLock<HashMap<_, _>>| part.read().values().cloned().collect::<Vec<_>>();
        self.parts.iter().flat_map(users).collect()
    }

    pub(crate) fn put(&self, user: User) {
        if let Some(part) = self.parts.get(place(user.id)) {
            part.write().insert(user.id, Arc::new(user));
        }
    }

    pub(crate) fn remove(&self, id: UserId) {
        if let Some(part) = self.parts.get(place(id)) {
            part.write().remove(&id);
        }
    }
}

/// The part that a user is in.
fn place(id: UserId) -> usize {
    usize::try_from(id.get()).unwrap_or_default() % PARTS
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

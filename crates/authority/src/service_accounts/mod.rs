//! What is done with service accounts: users that are machines, of the whole
//! instance or of one project or group (spec/rest.md section 3.3).

mod change;
mod list;
mod remove;

use tokenry_domain::{Kind, User, UserId, UserType};
use tokenry_store::{Conn, users};

use crate::{
    Caller, Error, Thing,
    places::{Standing, held},
    tokens::require_manager,
};

/// What is asked for of a new service account. What isn't said is made up.
#[derive(Debug, Clone, Default)]
pub struct NewServiceAccount {
    /// The name people read.
    pub name: Option<String>,
    /// The name in URLs.
    pub username: Option<String>,
    /// The address mail goes to.
    pub email: Option<String>,
    /// The server's name, in an address that is made up.
    pub host: Option<String>,
}

/// New values for some of a service account's properties; the others stay.
#[derive(Debug, Clone, Default)]
pub struct ServiceAccountChange {
    /// The name people read.
    pub name: Option<String>,
    /// The name in URLs.
    pub username: Option<String>,
    /// The address mail goes to.
    pub email: Option<String>,
}

/// Refuses who may not manage the service accounts of a place, or, without a
/// place, those of the instance.
fn require(caller: &Caller, home: Option<&Standing>) -> Result<(), Error> {
    match home {
        None => caller.require_admin(),
        Some(standing) => require_manager(Kind::ServiceAccount, standing),
    }
}

/// As [`require`], in a transaction that holds the place.
async fn require_held(
    conn: &mut Conn,
    caller: &Caller,
    home: Option<Standing>,
    now: jiff::Timestamp,
) -> Result<(), Error> {
    let held = match home {
        None => None,
        Some(standing) => Some(held(conn, caller, &standing.place.into(), now).await?.1),
    };
    require(caller, held.as_ref())
}

/// The service account with this id, if it is of this place, or of the
/// instance where there is none.
async fn find(conn: &mut Conn, home: Option<Standing>, id: UserId) -> Result<User, Error> {
    let user = users::by_id(conn, id).await?;
    let here = |user: &User| {
        user.user_type == UserType::ServiceAccount
            && user.home == home.map(|standing| standing.place)
    };
    user.filter(here).ok_or(Error::NotFound(Thing::User))
}

//! Who is a member of a place, as SQL.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    Member, Place, User, UserId,
    member::MemberFilter,
    page::{Direction, Page, Window},
};

use crate::{
    Conn, StoreError,
    list::{self, List},
    members::level,
    sql::{Sql, Value, contains},
    standings::lasting,
    tokens::time,
    users::UserRow,
};

/// Every user with each role they have anywhere.
macro_rules! roles {
    () => {
        "(SELECT users.id AS id, users.username AS username, users.name AS name, \
         users.email AS email, users.admin AS admin, users.external AS external, \
         users.state AS state, users.user_type AS user_type, users.home_type AS home_type, \
         users.home_id AS home_id, users.created_at AS created_at, users.folded AS folded, \
         standings.place_type AS place_type, standings.place_id AS place_id, \
         standings.access_level AS access_level, standings.source_type AS source_type, \
         standings.source_id AS source_id, standings.expires_at AS expires_at, \
         standings.created_by AS member_by, standings.created_at AS member_since \
         FROM standings JOIN users ON users.id = standings.user_id) AS listed"
    };
}

/// A member as it is read.
#[derive(Debug, FromRow)]
struct RoleRow {
    #[sqlx(flatten)]
    user: UserRow,
    access_level: i64,
    source_type: String,
    source_id: i64,
    expires_at: Option<i64>,
    member_by: Option<i64>,
    member_since: i64,
}

impl TryFrom<RoleRow> for (Member, User) {
    type Error = StoreError;

    fn try_from(row: RoleRow) -> Result<Self, StoreError> {
        let user = User::try_from(row.user)?;
        let place = Place::from_parts(&row.source_type, row.source_id);
        let member = Member {
            user: user.id,
            place: place.ok_or(StoreError::Corrupt("member"))?,
            level: level(row.access_level)?,
            created_at: time(row.member_since)?,
            created_by: row.member_by.map(UserId::from_row),
            expires_at: row.expires_at.map(time).transpose()?,
        };
        Ok((member, user))
    }
}

/// One window of the members of a place, by the users' ids. Where those of the
/// groups above are shown too, each user is shown once, with the highest role.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn page(
    conn: &mut Conn,
    place: Place,
    filter: &MemberFilter,
    window: &Window,
    now: Timestamp,
) -> Result<Page<(Member, User)>, StoreError> {
    let list = List {
        rows: concat!("SELECT * FROM ", roles!()),
        ones: concat!("SELECT 1 FROM ", roles!()),
        conditions: conditions(place, filter, now),
        key: "id",
        direction: Direction::Ascending,
    };
    list::page::<RoleRow, (Member, User)>(conn, list, window).await
}

fn conditions(place: Place, filter: &MemberFilter, now: Timestamp) -> Sql {
    let mut sql = Sql::default();
    sql.condition("");
    at(&mut sql, place);
    lasting(&mut sql, now);
    if filter.inherited {
        sql.condition("NOT EXISTS (SELECT 1 FROM standings AS higher WHERE ");
        at(&mut sql, place);
        lasting(&mut sql, now);
        sql.push(
            " AND higher.user_id = listed.id \
             AND (higher.access_level, higher.source_type, higher.source_id) \
             > (listed.access_level, listed.source_type, listed.source_id))",
        );
    } else {
        sql.condition("source_type = place_type AND source_id = place_id");
    }
    if let Some(user) = filter.user {
        sql.condition("id = ").bind(Value::Number(user.get()));
    }
    if let Some(search) = &filter.search {
        sql.condition("folded LIKE ")
            .bind(Value::Text(contains(&search.to_lowercase())))
            .push(r" ESCAPE '\'");
    }
    sql
}

fn at(sql: &mut Sql, place: Place) {
    let (place_type, place_id) = place.parts();
    sql.push("place_type = ")
        .bind(Value::Text(place_type.to_owned()))
        .push(" AND place_id = ")
        .bind(Value::Number(place_id));
}

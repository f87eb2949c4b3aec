//! Members on the wire (spec/rest.md section 4.4).

use serde::Serialize;
use tokenry_domain::{Member, User};
use utoipa::ToSchema;

use super::{
    time::{Day, Moment},
    user::BasicUser,
};

/// A member of a project or group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberBody<'m> {
    #[serde(flatten)]
    user: BasicUser<'m>,
    /// 10, 15, 20, 25, 30, 40 or 50.
    access_level: i64,
    /// When the user became a member.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// Who made the user a member; null if they are gone.
    created_by: Option<BasicUser<'m>>,
    /// The date the membership ends, at 00:00 UTC.
    #[schema(value_type = Option<String>, format = Date)]
    expires_at: Option<Day>,
    /// Always `active`.
    membership_state: &'static str,
}

impl<'m> MemberBody<'m> {
    pub(crate) fn of(
        member: &Member,
        user: &'m User,
        created_by: Option<&'m User>,
        base: &str,
    ) -> Self {
        Self {
            user: BasicUser::of(user, base),
            access_level: member.level.number(),
            created_at: Moment(member.created_at),
            created_by: created_by.map(|user| BasicUser::of(user, base)),
            expires_at: member.expires_at.map(Day::of),
            membership_state: "active",
        }
    }
}

//! Users on the wire (spec/rest.md sections 4.1 and 4.2).
//!
//! Much of what GitLab tells of a user has no counterpart here. What clients
//! read is there all the same, with the value that says "nothing".

use serde::Serialize;
use tokenry_domain::User;
use utoipa::ToSchema;

use super::time::Moment;

/// What clients are told of a limit that isn't there.
const PROJECTS: u32 = 100_000;

/// What everybody may know of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasicUser<'u> {
    /// The user's id.
    id: i64,
    /// The name in URLs.
    username: &'u str,
    /// Always empty.
    public_email: &'static str,
    /// The name people read.
    name: &'u str,
    /// `active`, `blocked`, `banned` or `deactivated`.
    state: &'static str,
    /// Always false.
    locked: bool,
    /// Always null.
    avatar_url: Option<&'static str>,
    /// Where clients say the user's page is.
    web_url: String,
}

impl<'u> BasicUser<'u> {
    pub(crate) fn of(user: &'u User, base: &str) -> Self {
        Self {
            id: user.id.get(),
            username: &user.username,
            public_email: "",
            name: &user.name,
            state: user.state.name(),
            locked: false,
            avatar_url: None,
            web_url: format!("{base}/{}", user.username),
        }
    }
}

/// What users may know of themselves, and administrators of everybody.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "GitLab's object has so many")]
pub(crate) struct FullUser<'u> {
    #[serde(flatten)]
    basic: BasicUser<'u>,
    /// When the user was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    bio: &'static str,
    location: Option<&'static str>,
    website_url: &'static str,
    organization: Option<&'static str>,
    job_title: &'static str,
    pronouns: Option<&'static str>,
    /// Whether the user isn't a person.
    bot: bool,
    work_information: Option<&'static str>,
    followers: u8,
    following: u8,
    local_time: Option<&'static str>,
    last_sign_in_at: Option<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    confirmed_at: Moment,
    last_activity_on: Option<&'static str>,
    /// The address mail goes to.
    email: &'u str,
    theme_id: u8,
    color_scheme_id: u8,
    projects_limit: u32,
    current_sign_in_at: Option<&'static str>,
    /// Always empty.
    #[schema(value_type = Vec<String>)]
    identities: [&'static str; 0],
    /// Whether the user may create groups at the top.
    can_create_group: bool,
    /// Whether the user may create projects of their own.
    can_create_project: bool,
    two_factor_enabled: bool,
    /// Whether the user is from outside the organisation.
    external: bool,
    private_profile: bool,
    commit_email: &'u str,
    #[serde(flatten)]
    #[schema(inline)]
    admin: Option<AdminFields>,
}

/// What only administrators are told.
#[derive(Debug, Serialize, ToSchema)]
struct AdminFields {
    /// Whether the user is an administrator.
    is_admin: bool,
    note: &'static str,
    namespace_id: Option<i64>,
    created_by: Option<&'static str>,
    current_sign_in_ip: Option<&'static str>,
    last_sign_in_ip: Option<&'static str>,
}

impl<'u> FullUser<'u> {
    /// What users are told of themselves.
    pub(crate) fn of(user: &'u User, base: &str) -> Self {
        Self {
            basic: BasicUser::of(user, base),
            created_at: Moment(user.created_at),
            bio: "",
            location: None,
            website_url: "",
            organization: None,
            job_title: "",
            pronouns: None,
            bot: !user.is_human(),
            work_information: None,
            followers: 0,
            following: 0,
            local_time: None,
            last_sign_in_at: None,
            confirmed_at: Moment(user.created_at),
            last_activity_on: None,
            email: &user.email,
            theme_id: 1,
            color_scheme_id: 1,
            projects_limit: if user.may_found() { PROJECTS } else { 0 },
            current_sign_in_at: None,
            identities: [],
            can_create_group: user.may_found(),
            can_create_project: user.may_found(),
            two_factor_enabled: false,
            external: user.external,
            private_profile: false,
            commit_email: &user.email,
            admin: None,
        }
    }

    /// What administrators are told.
    pub(crate) fn for_admin(user: &'u User, base: &str) -> Self {
        Self {
            admin: Some(AdminFields {
                is_admin: user.admin,
                note: "",
                namespace_id: None,
                created_by: None,
                current_sign_in_ip: None,
                last_sign_in_ip: None,
            }),
            ..Self::of(user, base)
        }
    }
}

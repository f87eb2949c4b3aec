//! What can be asked on the console, as plain values.
//!
//! Kinds, scopes, orders and states go by their names, users by id or
//! username: [`super::Desk::run`] looks them up.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokenry_domain::IfExists;

use super::Secret;

/// One thing to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Command {
    /// The same, for a reason that the audit trail repeats.
    Because(String, Box<Command>),
    CreateToken(NewToken),
    ListTokens(TokenQuery),
    ShowToken {
        id: i64,
    },
    EditToken {
        id: i64,
        change: TokenChange,
    },
    IdentifyToken {
        text: Secret,
    },
    RevokeToken(Which),
    RotateToken {
        id: i64,
        expires_at: Option<Date>,
    },
    DeleteToken {
        id: i64,
    },
    CreateUser(NewUser),
    ListUsers(UserQuery),
    ShowUser {
        user: String,
    },
    ChangeUser {
        user: String,
        change: UserChange,
    },
    DeleteUser {
        user: String,
    },
    ListKeys,
    RotateKey,
    ShowSettings,
    ChangeSetting {
        key: String,
        value: Option<String>,
    },
    FilePurge(NewPurge),
    ShowPurge {
        id: i64,
    },
    CancelPurge {
        id: i64,
    },
    ShowRetention,
    PreviewRetention,
    RunRetention,
}

impl Command {
    /// What logs call it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Because(_, what) => what.name(),
            Self::CreateToken(_) => "create_token",
            Self::ListTokens(_) => "list_tokens",
            Self::ShowToken { .. } => "show_token",
            Self::EditToken { .. } => "edit_token",
            Self::IdentifyToken { .. } => "identify_token",
            Self::RevokeToken(_) => "revoke_token",
            Self::RotateToken { .. } => "rotate_token",
            Self::DeleteToken { .. } => "delete_token",
            Self::CreateUser(_) => "create_user",
            Self::ListUsers(_) => "list_users",
            Self::ShowUser { .. } => "show_user",
            Self::ChangeUser { .. } => "change_user",
            Self::DeleteUser { .. } => "delete_user",
            Self::ListKeys => "list_keys",
            Self::RotateKey => "rotate_key",
            Self::ShowSettings => "show_settings",
            Self::ChangeSetting { .. } => "change_setting",
            Self::FilePurge(_) => "file_purge",
            Self::ShowPurge { .. } => "show_purge",
            Self::CancelPurge { .. } => "cancel_purge",
            Self::ShowRetention => "show_retention",
            Self::PreviewRetention => "preview_retention",
            Self::RunRetention => "run_retention",
        }
    }

    /// Whether it changes nothing: doing it twice does no harm.
    pub(crate) fn only_reads(&self) -> bool {
        if let Self::Because(_, what) = self {
            return what.only_reads();
        }
        matches!(
            self,
            Self::ListTokens(_)
                | Self::ShowToken { .. }
                | Self::IdentifyToken { .. }
                | Self::ListUsers(_)
                | Self::ShowUser { .. }
                | Self::ListKeys
                | Self::ShowSettings
                | Self::ShowPurge { .. }
                | Self::ShowRetention
                | Self::PreviewRetention
        )
    }
}

/// Names a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    Id(i64),
    Text(Secret),
}

/// A token to be issued.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    pub(crate) user: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: Option<Date>,
    /// What becomes of others of its name.
    pub(crate) if_exists: IfExists,
}

/// New words for a token; those that aren't there stay, an empty description
/// means none.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

/// Which part of a list: after a cursor, so many rows at most.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) after: Option<String>,
    pub(crate) most: u64,
}

/// Which tokens to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenQuery {
    /// Fields of the filter grammar and their texts.
    #[serde(default)]
    pub(crate) filter: Vec<(String, String)>,
    /// Only revoked ones, or only those that aren't, besides.
    pub(crate) revoked: Option<bool>,
    pub(crate) sort: Option<String>,
    pub(crate) part: Part,
}

/// A purge to be filed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPurge {
    /// Fields of the filter grammar and their texts.
    pub(crate) filter: Vec<(String, String)>,
    pub(crate) dry_run: bool,
    pub(crate) reason: Option<String>,
}

/// A user to be created.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) admin: bool,
    pub(crate) external: bool,
}

/// Which users to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserQuery {
    pub(crate) search: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) part: Part,
}

/// What to do to a user's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UserChange {
    Block,
    Unblock,
}

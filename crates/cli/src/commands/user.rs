//! `tokenry user …`

use clap::{Args, Subcommand};

use super::{Common, Session, confirm::confirm, unexpected};
use crate::{
    console::{Command, NewUser, Outcome, UserChange, UserQuery, ask},
    exit::Failure,
};

/// What `tokenry user` takes.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct UserArguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a user
    Create(Create),
    /// List users: all of them, unless told otherwise
    List(List),
    /// Show a user
    Show(Who),
    /// Shut a user out: none of their tokens works until they are let in again
    Block(Who),
    /// Let a blocked user in again
    Unblock(Who),
    /// Remove a user and all their tokens for good; the audit trail stays
    Delete {
        #[command(flatten)]
        who: Who,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
struct Who {
    /// A username, or digits for an id
    #[arg(value_name = "NAME|ID")]
    user: String,
}

#[derive(Debug, Args)]
struct Create {
    /// The name in URLs
    #[arg(long)]
    username: String,
    /// The name people read [default: the username]
    #[arg(long)]
    name: Option<String>,
    /// The address mail goes to
    #[arg(long)]
    email: String,
    /// Make them an administrator
    #[arg(long)]
    admin: bool,
    /// They are from outside the organisation
    #[arg(long)]
    external: bool,
}

#[derive(Debug, Args)]
struct List {
    /// Only names and usernames that contain this, or this very e-mail address
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only users in this state
    #[arg(long, value_parser = ["active", "blocked", "banned", "deactivated"])]
    state: Option<String>,
    /// At most so many [default: all]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

impl UserArguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self { action, common } = self;
        common.run(async |session| action.run(&session).await)
    }
}

impl Action {
    async fn run(self, session: &Session) -> Result<(), Failure> {
        let command = match self {
            Self::Create(create) => create.command(),
            Self::List(list) => return list.run(session).await,
            Self::Show(Who { user }) => Command::ShowUser { user },
            Self::Block(who) => who.change(UserChange::Block),
            Self::Unblock(who) => who.change(UserChange::Unblock),
            Self::Delete { who, yes } => {
                if !yes {
                    confirm_delete(session, &who.user).await?;
                }
                Command::DeleteUser { user: who.user }
            }
        };
        session.run(command).await
    }
}

impl Who {
    fn change(self, change: UserChange) -> Command {
        Command::ChangeUser {
            user: self.user,
            change,
        }
    }
}

impl Create {
    fn command(self) -> Command {
        Command::CreateUser(NewUser {
            name: self.name.unwrap_or_else(|| self.username.clone()),
            username: self.username,
            email: self.email,
            admin: self.admin,
            external: self.external,
        })
    }
}

impl List {
    async fn run(self, session: &Session) -> Result<(), Failure> {
        let part_of = |part| {
            Command::ListUsers(UserQuery {
                search: self.search.clone(),
                state: self.state.clone(),
                part,
            })
        };
        session
            .list(self.limit, part_of, |outcome| match outcome {
                Outcome::Users(part) => Some(part),
                _ => None,
            })
            .await
    }
}

/// The data directory isn't held while somebody thinks.
async fn confirm_delete(session: &Session, user: &str) -> Result<(), Failure> {
    let command = Command::ShowUser {
        user: user.to_owned(),
    };
    let Outcome::User(user) = ask(&session.reach, command).await? else {
        return Err(unexpected());
    };
    let question = format!(
        "Delete user {}, {:?}, with all their tokens?",
        user.id, user.username
    );
    confirm(false, &question)
}

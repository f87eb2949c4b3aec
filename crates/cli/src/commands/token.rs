//! `tokenry token …`

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use jiff::civil::Date;
use tokenry_domain::{IfExists, Kind, scope, token_filter::TokenOrder};

use super::{Common, Session, confirm::confirm, filter::Filter, input, purge::Purge, unexpected};
use crate::{
    console::{Command, NewToken, Outcome, TokenChange, TokenQuery, ask},
    exit::Failure,
    settings::SiteArguments,
};

/// What `tokenry token` takes.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct TokenArguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    site: SiteArguments,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Issue a token and print its text, once
    Create(Create),
    /// List tokens: all of them, unless told otherwise
    List(List),
    /// Show a token
    Show {
        /// The token's id
        id: String,
    },
    /// Change what a token is called and what is said of it, never what it may do
    Edit(Edit),
    /// Tell what a found token is, whatever its kind, prefix or state
    ///
    /// The text is read from standard input, because an argument would lie in
    /// the shell's history and in process lists: `tokenry token identify - < file`.
    /// Identifying never counts as a use.
    Identify {
        /// A dash: the token's text is read from standard input
        #[arg(value_name = "-", allow_hyphen_values = true)]
        text: String,
    },
    /// End a token; its row stays
    Revoke {
        /// The token's id, or a dash to read its text from standard input
        #[arg(value_name = "ID|-", allow_hyphen_values = true)]
        token: String,
    },
    /// Replace a token by a new one and print its text, once
    Rotate {
        /// The token's id
        id: String,
        /// The day on which the new token stops working, at 00:00 UTC
        #[arg(long, value_name = "YYYY-MM-DD")]
        expires_at: Option<Date>,
    },
    /// Remove a token's row for good; the audit trail stays
    Delete {
        /// The token's id
        id: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Remove many tokens for good, by a filter
    ///
    /// All conditions must hold. What is issued, revoked or expires after the
    /// start isn't touched. A server that runs does it, and goes on with it if
    /// this command is cut off; without one, this command does it itself.
    Purge(Purge),
}

#[derive(Debug, Args)]
struct Create {
    /// The user it acts as: a username, or digits for an id
    #[arg(long, value_name = "NAME|ID")]
    user: String,
    /// What it is called
    #[arg(long)]
    name: String,
    /// What it may be used for, separated by commas
    #[arg(long, required = true, value_delimiter = ',', value_parser = scopes())]
    scopes: Vec<String>,
    /// The day on which it stops working, at 00:00 UTC
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires_at: Option<Date>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// What sort of token
    #[arg(long, default_value = "personal", value_parser = kinds())]
    kind: String,
    /// What becomes of the user's other tokens of this kind and name: `replace`
    /// deletes them, `keep` issues none if one works, `refuse` fails then
    #[arg(long, default_value = "add", value_name = "WAY", value_parser = ways())]
    if_exists: IfExists,
}

#[derive(Debug, Args)]
struct Edit {
    /// The token's id
    id: String,
    /// What it is to be called
    #[arg(long, required_unless_present = "description")]
    name: Option<String>,
    /// What it is for; an empty text for nothing any more
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    filter: Filter,
    /// Only revoked ones, or only those that aren't
    #[arg(long, value_name = "true|false")]
    revoked: Option<bool>,
    /// Only names that contain every one of these words, whatever the case
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// The order
    #[arg(long, default_value = "id_asc", value_parser = orders())]
    sort: String,
    /// At most so many [default: all]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

impl TokenArguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self {
            action,
            common,
            site,
        } = self;
        common.run_at(site, async |session| action.run(&session).await)
    }
}

impl Action {
    async fn run(self, session: &Session) -> Result<(), Failure> {
        let command = match self {
            Self::Create(create) => create.command(),
            Self::List(list) => return list.run(session).await,
            Self::Show { id } => Command::ShowToken {
                id: input::id(&id)?,
            },
            Self::Edit(edit) => edit.command()?,
            Self::Identify { text } => Command::IdentifyToken {
                text: input::text(&text)?,
            },
            Self::Revoke { token } => Command::RevokeToken(input::which(&token)?),
            Self::Rotate { id, expires_at } => Command::RotateToken {
                id: input::id(&id)?,
                expires_at,
            },
            Self::Purge(purge) => return purge.run(session).await,
            Self::Delete { id, yes } => {
                let id = input::id(&id)?;
                if !yes {
                    confirm_delete(session, id).await?;
                }
                Command::DeleteToken { id }
            }
        };
        session.run(command).await
    }
}

impl Create {
    fn command(self) -> Command {
        Command::CreateToken(NewToken {
            user: self.user,
            kind: self.kind,
            name: self.name,
            description: self.description,
            scopes: self.scopes,
            expires_at: self.expires_at,
            if_exists: self.if_exists,
        })
    }
}

impl Edit {
    fn command(self) -> Result<Command, Failure> {
        let id = input::id(&self.id)?;
        let (name, description) = (self.name, self.description);
        let change = TokenChange { name, description };
        Ok(Command::EditToken { id, change })
    }
}

impl List {
    async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut filter = self.filter.0;
        let words = self.search.iter().flat_map(|text| text.split_whitespace());
        filter.extend(words.map(|word| ("name".to_owned(), word.to_owned())));
        let query = TokenQuery {
            filter,
            revoked: self.revoked,
            sort: Some(self.sort),
            ..TokenQuery::default()
        };
        let part_of = |part| {
            Command::ListTokens(TokenQuery {
                part,
                ..query.clone()
            })
        };
        session
            .list(self.limit, part_of, |outcome| match outcome {
                Outcome::Tokens(part) => Some(part),
                _ => None,
            })
            .await
    }
}

/// The data directory isn't held while somebody thinks.
async fn confirm_delete(session: &Session, id: i64) -> Result<(), Failure> {
    let Outcome::Token(token) = ask(&session.reach, Command::ShowToken { id }).await? else {
        return Err(unexpected());
    };
    let owner = token.username.unwrap_or_else(|| token.user_id.to_string());
    let question = format!("Delete token {id}, {:?} of {owner:?}?", token.name);
    confirm(false, &question)
}

fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::all().map(Kind::name))
}

fn ways() -> impl TypedValueParser<Value = IfExists> {
    PossibleValuesParser::new(IfExists::ALL.map(IfExists::name))
        .try_map(|name| IfExists::from_name(&name).ok_or("no such way"))
}

fn scopes() -> PossibleValuesParser {
    PossibleValuesParser::new(scope::ALL.iter().map(|scope| scope.name()))
}

fn orders() -> PossibleValuesParser {
    PossibleValuesParser::new(TokenOrder::all().map(TokenOrder::name))
}

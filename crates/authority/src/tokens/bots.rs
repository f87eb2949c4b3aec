//! Project and group access tokens: each acts as a bot of its own, which is a
//! member of the place and comes and goes with it (spec/rest.md section 3.2).

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};
use tokenry_domain::{
    AccessLevel, IfExists, Member, Place, Scopes, Token, TokenId, User, UserId, UserType,
    audit::{Action, Target, token_facts},
    expiry::{self, Expires},
    token::Draft,
    user::Profile,
};
use tokenry_store::{Conn, StoreError, Work, members, users};
use tokenry_token::TokenText;

use super::{
    Issued, NewPlaceToken, PlaceTokens,
    issue::require_no_bot,
    namesakes::{self, Arrival, receive},
    rights,
};
use crate::{Authority, Caller, Error, Thing, places::held, users::noreply};

/// What is asked for of a new project or group access token.
#[derive(Debug, Clone)]
pub struct NewAccessToken {
    /// What it and its bot are called.
    pub name: String,
    /// What is said of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// The date it stops working at. Where nothing was said of one, the latest
    /// that is allowed; `Some(None)` asks for none.
    pub expires: Option<Option<Date>>,
    /// The bot's role.
    pub level: AccessLevel,
    /// The server's name in the bot's address.
    pub host: Option<String>,
    /// What becomes of others of its name.
    pub if_exists: IfExists,
}

impl PlaceTokens<'_> {
    /// Issues a token with a bot that has a role here.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotPermitted`] for bots and the console,
    /// [`Error::AboveOwnRole`], [`Error::Invalid`], or a fault of ours.
    pub async fn issue_with_bot(&self, new: NewAccessToken) -> Result<Issued, Error> {
        rights::require_manager(self.kind, &self.standing)?;
        require_no_bot(self.caller)?;
        let profile = self.profile(&new)?;
        let (place, level, if_exists) = (self.standing.place, new.level, new.if_exists);
        // The caller stands in for a bot that isn't there yet.
        let draft = self.authority.draft(self.wanted(self.sized(new))?)?;
        let authority = self.authority.clone();
        let turn = authority.turn().await;
        let mut entry = authority.entry(self.caller, Action::TokenCreated, Target::Instance);
        let caller = self.caller.clone();
        let (receiving, directory) = (authority.receiving(), authority.directory.clone());
        let issued = authority
            .clone()
            .store
            .write(
                move |conn| -> Work<'_, (User, Arrival, TokenText), Error> {
                    Box::pin(async move {
                        let (_, standing) = held(conn, &caller, &place.into(), entry.at).await?;
                        rights::require_manager(draft.kind, &standing)?;
                        if !standing.has(level) {
                            return Err(Error::AboveOwnRole);
                        }
                        namesakes::check(conn, &draft, if_exists, entry.at).await?;
                        let bot = new_bot(conn, &caller, place, level, &profile, entry.at).await?;
                        // The text names the bot.
                        let draft = Draft {
                            owner: bot.id,
                            ..draft
                        };
                        let (text, kept) = authority.mint(&caller, &draft).await?;
                        let token = kept.insert(conn, &draft, entry.at).await?;
                        entry.target = Target::Token(token.id);
                        entry.after = facts(&token, &bot, level);
                        let arrival =
                            receive(conn, &caller, &draft, if_exists, token, entry).await?;
                        Ok((bot, arrival, text))
                    })
                },
                move |(bot, arrival, _)| {
                    let _turn = turn;
                    directory.put(bot.clone());
                    receiving(arrival);
                },
            )
            .await;
        let (_, arrival, text) = issued?;
        let token = arrival.token;
        Ok(Issued { text, token })
    }

    /// The roles of the bots that tokens act as. One that is no member any
    /// more has no entry.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn levels(
        &self,
        tokens: impl IntoIterator<Item = &Token>,
    ) -> Result<BTreeMap<UserId, AccessLevel>, Error> {
        let bots: Vec<_> = tokens.into_iter().map(|token| token.owner).collect();
        let mut conn = self.authority.store.read().await?;
        let (place, now) = (self.standing.place, self.authority.now());
        Ok(members::levels(&mut conn, place, &bots, now).await?)
    }

    /// Whom a token here acts as. Bots are members, so whoever sees the place
    /// may see them.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn bot_of(&self, id: TokenId) -> Result<Arc<User>, Error> {
        let token = self.find(id).await?;
        let bot = self.authority.directory.get(token.owner);
        bot.ok_or(Error::NotFound(Thing::Token))
    }

    /// Who the bot is to be. It is as much from outside as who makes it.
    fn profile(&self, new: &NewAccessToken) -> Result<Profile, Error> {
        let (sort, id) = self.standing.place.parts();
        let username = self
            .authority
            .machine_username(&format!("{sort}_{id}_bot"))?;
        Ok(Profile {
            email: noreply(&username, new.host.as_deref()),
            username,
            name: new.name.clone(),
            admin: false,
            external: self.caller.user().is_some_and(|user| user.external),
        })
    }

    /// The token, with the date that it gets if none was named.
    fn sized(&self, new: NewAccessToken) -> NewPlaceToken {
        let policy = self
            .authority
            .settings()
            .expiry(self.kind.descriptor().lifetime);
        let latest = || Some(policy.longest(expiry::date(self.authority.now())));
        NewPlaceToken {
            name: new.name,
            description: new.description,
            scopes: new.scopes,
            expires: Expires::On(new.expires.unwrap_or_else(latest)),
            if_exists: new.if_exists,
        }
    }
}

/// Adds a bot and makes it a member.
async fn new_bot(
    conn: &mut Conn,
    caller: &Caller,
    place: Place,
    level: AccessLevel,
    profile: &Profile,
    now: Timestamp,
) -> Result<User, StoreError> {
    let bot = users::insert_bot(conn, UserType::ProjectBot, Some(place), profile, now).await?;
    let member = Member {
        user: bot.id,
        place,
        level,
        created_at: now,
        created_by: caller.user().map(|user| user.id),
        expires_at: None,
    };
    members::insert(conn, &member, now).await?;
    Ok(bot)
}

/// The facts of a token, and of the bot that came with it.
fn facts(token: &Token, bot: &User, level: AccessLevel) -> Value {
    let mut facts = token_facts(token);
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("bot_username".to_owned(), json!(bot.username));
        facts.insert("access_level".to_owned(), json!(level));
    }
    facts
}

impl Authority {
    /// The bot whose last token this may be: with the token it would go.
    pub(crate) fn bot_of(&self, token: &Token) -> Option<Arc<User>> {
        let owner = self.directory.get(token.owner)?;
        (owner.user_type == UserType::ProjectBot).then_some(owner)
    }
}

/// Removes a bot that has no token any more; answers whether it went.
pub(crate) async fn remove_if_idle(conn: &mut Conn, bot: UserId) -> Result<bool, StoreError> {
    if users::answers_for_something(conn, bot).await? {
        return Ok(false);
    }
    members::delete_some_of(conn, bot, u32::MAX).await?;
    users::delete(conn, bot).await
}

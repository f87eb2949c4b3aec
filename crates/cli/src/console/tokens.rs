//! What the console does with tokens.

use std::collections::HashMap;

use jiff::civil::Date;
use tokenry_authority::{
    Caller, Error, Thing,
    issuing::{self, Given, Site},
    places::UserName,
    tokens::{Issued, TokenChange},
};
use tokenry_domain::{
    DeleteMeans, Invalid, Kind, Scopes, States, Subject, Token, TokenId,
    expiry,
    page::{PerPage, Position, Window},
    token_filter::{TokenFilter, TokenOrder},
    token_query::{self, TokenQuery},
};

use super::{Desk, Listed, NewToken, Outcome, Part, Secret, TokenRow, Which};
use crate::exit::Failure;

impl Desk {
    pub(super) async fn create_token(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<Outcome, Failure> {
        let owner = self.find_user(&new.user).await?;
        let scopes = Scopes::from_names(new.scopes.iter().map(String::as_str));
        let wanted = issuing::NewToken {
            kind: kind(&new.kind)?,
            name: Some(new.name),
            description: new.description,
            scopes: Some(scopes.map_err(|error| invalid("scopes", &error))?),
            expires: new.expires_at.map(expiry::moment).map(Some),
            owner: Some(UserName::Id(owner.id)),
            subject: None,
            level: None,
            username: None,
            r#ref: None,
            timeout: None,
            if_exists: new.if_exists,
            site: Site::default(),
        };
        match self.authority.issue_any(caller, wanted).await? {
            Given::New(issued) => Ok(self.issued(caller, issued).await),
            Given::Kept(token) => self.show_token(caller, token.id.get()).await,
        }
    }

    pub(super) async fn edit_token(
        &self,
        caller: &Caller,
        id: i64,
        change: super::TokenChange,
    ) -> Result<Outcome, Failure> {
        let change = TokenChange {
            name: change.name,
            // An empty one is none, as on the wire.
            description: change.description.map(Some),
        };
        let edited = self.authority.edit_token(caller, token_id(id)?, change);
        self.show_token(caller, edited.await?.id.get()).await
    }

    pub(super) async fn list_tokens(
        &self,
        caller: &Caller,
        query: super::TokenQuery,
    ) -> Result<Outcome, Failure> {
        let mut filter = self.filter(caller, query.filter).await?;
        filter.states = filter.states.within(States::ended(query.revoked));
        let order = query
            .sort
            .as_deref()
            .map_or(Ok(TokenOrder::default()), token_query::order);
        let order = order.map_err(Error::from)?;
        let list = self.authority.token_list(caller, filter, order).await?;
        let after = query.part.after.as_deref();
        let after = after.map(|cursor| self.authority.open_cursor(&list.name(), cursor));
        let after = after.transpose()?;
        let most = PerPage::new(query.part.most).unwrap_or(PerPage::MOST).get();
        let page = self
            .authority
            .page_of(&list, after.as_ref(), most as usize)
            .await?;
        let next = page.next.as_ref();
        let next = next.map(|next| self.authority.seal_cursor(&list.name(), next));
        let names = self.authority.subject_names(caller, &page.rows).await?;
        let rows = page.rows.into_iter();
        let rows = rows.map(|token| self.row(token, &names)).collect();
        Ok(Outcome::Tokens(Listed { rows, next }))
    }

    /// What is asked for. A user who isn't there is told as everywhere on the
    /// console.
    pub(super) async fn filter(
        &self,
        caller: &Caller,
        mut pairs: Vec<(String, String)>,
    ) -> Result<TokenFilter, Failure> {
        for (_, who) in pairs.iter_mut().filter(|(name, _)| name == "owner") {
            *who = self.find_user(who).await?.id.to_string();
        }
        let texts = pairs
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        let query = TokenQuery::read(texts, self.authority.now()).map_err(Error::from)?;
        Ok(self.authority.settle_tokens(caller, query).await?)
    }

    pub(super) async fn show_token(&self, caller: &Caller, id: i64) -> Result<Outcome, Failure> {
        let token = self.authority.show_token(caller, token_id(id)?).await?;
        let tokens = std::slice::from_ref(&token);
        let names = self.authority.subject_names(caller, tokens).await?;
        Ok(Outcome::Token(Box::new(self.row(token, &names))))
    }

    pub(super) async fn identify_token(
        &self,
        caller: &Caller,
        text: &Secret,
    ) -> Result<Outcome, Failure> {
        match self.authority.identify_token(caller, text.reveal()).await {
            Ok(card) => self.show_token(caller, card.id.get()).await,
            Err(Error::NotFound(Thing::Token)) => self.identify_deleted(caller, text).await,
            Err(other) => Err(other.into()),
        }
    }

    pub(super) async fn revoke_token(
        &self,
        caller: &Caller,
        which: Which,
    ) -> Result<Outcome, Failure> {
        let id = match which {
            Which::Id(id) => {
                let id = token_id(id)?;
                self.authority.revoke_token(caller, id).await?;
                id
            }
            Which::Text(text) => {
                let revoked =
                    self.authority
                        .end_by_text(caller, text.reveal(), DeleteMeans::Revoke);
                revoked.await?
            }
        };
        self.show_token(caller, id.get()).await
    }

    pub(super) async fn rotate_token(
        &self,
        caller: &Caller,
        id: i64,
        expires: Option<Date>,
    ) -> Result<Outcome, Failure> {
        let id = token_id(id)?;
        let issued = self.authority.rotate_token(caller, id, expires).await?;
        Ok(self.issued(caller, issued).await)
    }

    pub(super) async fn delete_token(&self, caller: &Caller, id: i64) -> Result<Outcome, Failure> {
        self.authority.delete_token(caller, token_id(id)?).await?;
        Ok(Outcome::Deleted { id })
    }

    async fn issued(&self, caller: &Caller, issued: Issued) -> Outcome {
        let text = Secret::new(issued.text.reveal().to_owned());
        let tokens = std::slice::from_ref(&issued.token);
        let names = self.authority.subject_names(caller, tokens).await;
        // For want of a name nobody must lose the text.
        let row = self.row(issued.token, &names.unwrap_or_default());
        Outcome::Issued(Box::new(row), text)
    }

    fn row(&self, token: Token, names: &HashMap<Subject, String>) -> TokenRow {
        let owner = self.authority.recall_user(token.owner);
        let username = owner.map(|user| user.username.clone());
        TokenRow::of(token, username, names, self.authority.now())
    }
}

/// The part of a list that is wanted, as the store's window.
pub(super) fn window(part: &Part, order: &str) -> Result<Window, Failure> {
    let position = part
        .after
        .as_deref()
        .map(|cursor| Position::from_cursor(cursor, order))
        .transpose()
        .map_err(Error::from)?;
    Ok(Window::After {
        position,
        per_page: PerPage::new(part.most).unwrap_or(PerPage::MOST),
    })
}

pub(super) fn invalid(field: &'static str, problem: &dyn std::fmt::Display) -> Failure {
    Error::from(Invalid::field(field, problem.to_string())).into()
}

fn kind(name: &str) -> Result<Kind, Failure> {
    Kind::from_name(name).ok_or_else(|| invalid("kind", &"names no kind of token"))
}

/// A number that can't be an id is the id of no token.
fn token_id(number: i64) -> Result<TokenId, Error> {
    TokenId::new(number).ok_or(Error::NotFound(Thing::Token))
}

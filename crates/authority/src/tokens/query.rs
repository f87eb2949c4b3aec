//! From what was asked for to a filter: names become ids.

use tokenry_domain::{
    Invalid, TokenId, UserId, place::PlaceRef, token_filter::TokenFilter, token_query::TokenQuery,
};
use tokenry_store::{tokens, users};

use crate::{Authority, Caller, Error};

impl Authority {
    /// The filter that a query means now: what is kept of it means the same
    /// tomorrow, whoever is called what then.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name of nobody or of nothing that the caller
    /// may see, or a fault of ours.
    pub async fn settle_tokens(
        &self,
        caller: &Caller,
        query: TokenQuery,
    ) -> Result<TokenFilter, Error> {
        let mut filter = query.filter;
        if let Some(username) = &query.owner {
            filter.owner = Some(self.called(username).await?);
        } else if let Some(id) = filter.owner {
            self.directory.get(id).ok_or_else(nobody)?;
        }
        if let Some(place) = &query.subject {
            filter.subject = Some(self.place_called(caller, place).await?.into());
        }
        if let Some(member) = filter.family {
            filter.family = Some(self.family_of(member).await?);
        }
        Ok(filter)
    }

    async fn called(&self, username: &str) -> Result<UserId, Error> {
        let user = users::by_username(&mut self.store.read().await?, username).await?;
        Ok(user.ok_or_else(nobody)?.id)
    }

    async fn place_called(
        &self,
        caller: &Caller,
        place: &PlaceRef,
    ) -> Result<tokenry_domain::Place, Error> {
        let standing = self.place(caller, place).await;
        standing
            .map(|standing| standing.place)
            .map_err(|error| match error {
                Error::NotFound(_) | Error::NotPermitted(_) => {
                    Invalid::field("subject", "names nothing that you may see").into()
                }
                other => other,
            })
    }

    /// The first token of a family, of which a token is named. One that is gone
    /// may still be the first of others.
    async fn family_of(&self, member: TokenId) -> Result<TokenId, Error> {
        let token = tokens::by_id(&mut self.store.read().await?, member).await?;
        Ok(token.map_or(member, |token| token.family_head()))
    }
}

fn nobody() -> Error {
    Invalid::field("owner", "names no user").into()
}

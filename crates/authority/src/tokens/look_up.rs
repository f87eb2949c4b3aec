//! From what people write of the tokens they mean to a filter.

use tokenry_domain::{Subject, token_filter::TokenFilter, token_query::TokenQuery};

use crate::{Authority, Caller, Error};

impl Authority {
    /// The filter that a query means, its names looked up.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a user or place that isn't there, or a fault of
    /// ours.
    pub async fn look_up(&self, caller: &Caller, query: TokenQuery) -> Result<TokenFilter, Error> {
        let mut filter = query.filter;
        if let Some(username) = &query.owner {
            filter.owner = Some(self.find_user(username).await?.id);
        }
        if let Some(name) = &query.subject {
            let place = self.place(caller, name).await?.place;
            filter.subject = Some(Subject::from(place));
        }
        Ok(filter)
    }
}

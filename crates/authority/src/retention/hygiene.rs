//! Hygiene: revokes what the rules say nobody should have, in small steps.

use jiff::Timestamp;
use serde_json::json;
use tokenry_domain::{
    Reason, Retention, Token, TokenId,
    audit::{Action, Target},
    hygiene::Hygiene,
    purge::Cursor,
    token_filter::TokenFilter,
};
use tokenry_store::{
    Conn, Work, audit, tokens, walk,
    walk::{Found, Way},
};

use super::run::Shift;
use crate::{
    Authority, Caller, Error,
    purges::{Memory, give_way},
};

/// Steps of a preview: it looks no further.
const PREVIEWED: usize = 100;

/// The rules of a run, with what they are held against.
#[derive(Debug, Clone)]
struct Rules {
    hygiene: Hygiene,
    /// How many days a new token may live.
    longest: Option<u16>,
    now: Timestamp,
}

/// How many tokens the rules of hygiene would revoke now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unwanted {
    /// So many were found.
    pub found: u64,
    /// Whether the whole ledger was looked at; else there may be more.
    pub whole: bool,
}

impl Authority {
    /// Revokes what the rules of hygiene say.
    pub(super) async fn tidy_up(&self, shift: &mut Shift<'_>) -> Result<(), Error> {
        let rules = self.rules(&shift.rules);
        for filter in rules.hygiene.filters(rules.now) {
            let mut found = Found::nothing(Cursor::Id(0));
            while found.more && !self.is_over(shift.end) {
                found = self.active(&filter, rules.now, found.reached).await?;
                let unwanted = self.unwanted(&rules, std::mem::take(&mut found.tokens));
                if !unwanted.is_empty() {
                    let revoked = self
                        .revoke_unwanted(&shift.caller, &rules, unwanted)
                        .await?;
                    shift.running.count(|ran| ran.revoked += revoked);
                    give_way(&self.store).await;
                }
            }
        }
        Ok(())
    }

    /// How many tokens would be revoked now, as far as a preview looks.
    pub(super) async fn count_unwanted(&self, retention: &Retention) -> Result<Unwanted, Error> {
        let rules = self.rules(retention);
        let mut ids = std::collections::BTreeSet::new();
        let mut whole = true;
        for filter in rules.hygiene.filters(rules.now) {
            let mut found = Found::nothing(Cursor::Id(0));
            for _ in 0..PREVIEWED {
                if found.more {
                    found = self.active(&filter, rules.now, found.reached).await?;
                    ids.extend(self.unwanted(&rules, std::mem::take(&mut found.tokens)));
                }
            }
            whole &= !found.more;
        }
        Ok(Unwanted {
            found: ids.len() as u64,
            whole,
        })
    }

    fn rules(&self, retention: &Retention) -> Rules {
        Rules {
            hygiene: retention.hygiene.clone(),
            longest: self.settings().max_personal_access_token_lifetime,
            now: self.now(),
        }
    }

    async fn active(
        &self,
        filter: &TokenFilter,
        at: Timestamp,
        cursor: Cursor,
    ) -> Result<Found, Error> {
        let way = Way {
            filter,
            at,
            last: i64::MAX,
            until: at,
        };
        let mut conn = self.store.read().await?;
        Ok(walk::on(&mut conn, &way, cursor, self.chunk_size()).await?)
    }

    /// Those there are grounds against, as far as is known without holding them.
    fn unwanted(&self, rules: &Rules, tokens: Vec<Token>) -> Vec<TokenId> {
        let memory = self.memory();
        let mut tokens = tokens;
        tokens.retain_mut(|token| grounds(rules, &memory, token).is_some());
        tokens.into_iter().map(|token| token.id).collect()
    }

    /// One step: revokes those there are grounds against still, and tells the
    /// trail. Nothing else is held against a token: it can always be revoked.
    async fn revoke_unwanted(
        &self,
        caller: &Caller,
        rules: &Rules,
        ids: Vec<TokenId>,
    ) -> Result<u64, Error> {
        let mut entry = self.entry(caller, Action::HygieneApplied, Target::Instance);
        let (index, memory, rules) = (self.index.clone(), self.memory(), rules.clone());
        self.store
            .write(
                move |conn| -> Work<'_, Vec<Token>, Error> {
                    Box::pin(async move {
                        let tokens = walk::again(conn, ids).await?;
                        let revoked = revoke(conn, &rules, &memory, tokens, entry.at).await?;
                        if !revoked.is_empty() {
                            let told = revoked.iter().map(
                                |(token, why)| json!({ "id": token.id, "reason": why.as_str() }),
                            );
                            entry.after = json!({ "revoked": told.collect::<Vec<_>>() });
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(revoked.into_iter().map(|(token, _)| token).collect())
                    })
                },
                move |revoked| {
                    for token in revoked {
                        index.revoke(token.digest);
                    }
                },
            )
            .await
            .map(|revoked| revoked.len() as u64)
    }
}

async fn revoke(
    conn: &mut Conn,
    rules: &Rules,
    memory: &Memory,
    found: Vec<Token>,
    at: Timestamp,
) -> Result<Vec<(Token, Reason)>, Error> {
    let mut revoked = Vec::new();
    for mut token in found {
        if let Some(why) = grounds(rules, memory, &mut token)
            && tokens::revoke(conn, token.id, at).await?
        {
            revoked.push((token, why));
        }
    }
    Ok(revoked)
}

fn grounds(rules: &Rules, memory: &Memory, token: &mut Token) -> Option<Reason> {
    memory.complete(token);
    let owner = memory.owner_state(token.owner);
    rules
        .hygiene
        .grounds(token, owner, rules.longest, rules.now)
}

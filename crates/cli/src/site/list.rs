//! The list of tokens elsewhere: in GitLab's words where these can say what is
//! asked for, else in tokenry's own.

use jiff::{Timestamp, civil::Date};
use tokenry_authority::Error;
use tokenry_domain::{
    States, expiry,
    token::State,
    token_filter::{Between, TokenFilter},
    token_query,
};

use super::{Site, TOKENS, http::Method, own, row::row, unexpected};
use crate::{
    console::{Listed, Outcome, TokenQuery, TokenRow},
    exit::Failure,
};

/// What a request says beside its path.
type Parameters = Vec<(&'static str, String)>;

/// The fields that GitLab's list of access tokens has too, under whatever name.
const SHARED: [&str; 7] = [
    "name",
    "created_after",
    "created_before",
    "expires_after",
    "expires_before",
    "last_used_after",
    "last_used_before",
];

/// What is asked for, read here: durations have become moments.
#[derive(Debug)]
struct Asked<'q> {
    /// The conditions, save those below.
    filter: TokenFilter,
    states: States,
    /// A username, until it is looked up there, or an id.
    owner: Option<String>,
    /// As it was asked for: the list there looks it up.
    subject: Option<&'q str>,
}

impl Site {
    /// Durations count from the same moment in every part of a list.
    pub(super) fn list(&self, query: &TokenQuery) -> Result<Outcome, Failure> {
        let mut asked = Asked::read(query, self.now)?;
        if asked.states == States::NONE {
            let (rows, next) = (Vec::new(), None);
            return Ok(Outcome::Tokens(Listed { rows, next }));
        }
        asked.owner = asked.owner.map(|name| self.user(&name)).transpose()?;
        let listed = match (asked.beyond_gitlab(), in_gitlabs_words(asked.states)) {
            (None, Some(states)) => self.list_by_gitlab(query, &asked, states),
            (field, _) => {
                let option = field.unwrap_or("state").replace('_', "-");
                self.list_by_own(query, &asked, &format!("--{option}"))
            }
        };
        listed.map(Outcome::Tokens)
    }

    fn list_by_gitlab(
        &self,
        query: &TokenQuery,
        asked: &Asked<'_>,
        states: Parameters,
    ) -> Result<Listed<TokenRow>, Failure> {
        let page = query.part.after.clone().unwrap_or_else(|| "1".to_owned());
        let mut said = vec![("page", page), ("per_page", query.part.most.to_string())];
        said.extend(query.sort.clone().map(|sort| ("sort", sort)));
        said.extend(asked.owner.clone().map(|owner| ("user_id", owner)));
        said.extend(states);
        said.extend(asked.conditions_of_gitlab());
        let answer = self.http.ask(Method::Get, &[TOKENS], &said, None)?;
        let rows = answer.body.as_array().map(|rows| rows.iter().map(row));
        let rows: Option<Vec<_>> = rows.and_then(Iterator::collect);
        Ok(Listed {
            rows: rows.ok_or_else(unexpected)?,
            next: answer.next_page,
        })
    }

    fn list_by_own(
        &self,
        query: &TokenQuery,
        asked: &Asked<'_>,
        beyond: &str,
    ) -> Result<Listed<TokenRow>, Failure> {
        let mut said = vec![("per_page", query.part.most.to_string())];
        said.extend(query.sort.clone().map(|sort| ("sort", sort)));
        said.extend(query.part.after.clone().map(|cursor| ("cursor", cursor)));
        said.extend(asked.conditions());
        let http = self.http.own(Some(beyond));
        own::listed(http.ask(Method::Get, &["tokens"], &said, None)?)
    }
}

impl<'q> Asked<'q> {
    fn read(query: &'q TokenQuery, now: Timestamp) -> Result<Self, Failure> {
        let texts = || {
            let pairs = query.filter.iter();
            pairs.map(|(name, text)| (name.as_str(), text.as_str()))
        };
        let named = |field| texts().find_map(|(name, text)| (name == field).then_some(text));
        let read = token_query::TokenQuery::read(texts(), now).map_err(Error::from)?;
        let states = read.filter.states.within(States::ended(query.revoked));
        Ok(Self {
            filter: TokenFilter {
                states: States::ALL,
                owner: None,
                subject: None,
                without_subject: false,
                ..read.filter
            },
            states,
            owner: named("owner").map(str::to_owned),
            subject: named("subject"),
        })
    }

    /// A field that GitLab's list doesn't have, if one is asked for. Its search
    /// is for words: a name with a space in it would be found in another order.
    fn beyond_gitlab(&self) -> Option<&'static str> {
        let subject = self.subject.map(|_| "subject");
        subject.or_else(|| {
            let mut pairs = self.filter.pairs();
            let beyond = pairs.find(|(name, text)| {
                !SHARED.contains(name) || (*name == "name" && text.contains(char::is_whitespace))
            });
            beyond.map(|(name, _)| name)
        })
    }

    /// The conditions on names and times, as GitLab says them.
    fn conditions_of_gitlab(&self) -> Parameters {
        let Between { after, before } = self.filter.expires;
        let created = self.filter.created;
        let last_used = self.filter.last_used;
        let words = self.filter.words.join(" ");
        let said = [
            ("search", Some(words).filter(|text| !text.is_empty())),
            ("created_after", shown(created.after)),
            ("created_before", shown(created.before)),
            ("expires_after", shown(after.map(first_day))),
            ("expires_before", shown(before.map(first_day))),
            ("last_used_after", shown(last_used.after)),
            ("last_used_before", shown(last_used.before)),
        ];
        let said = said.into_iter();
        said.filter_map(|(name, text)| Some((name, text?)))
            .collect()
    }

    /// All conditions, in the words of the grammar.
    fn conditions(&self) -> Parameters {
        let states = self.states.iter().map(State::name).collect::<Vec<_>>();
        let states = (self.states != States::ALL).then(|| states.join(","));
        let beside = [
            ("state", states),
            ("owner", self.owner.clone()),
            ("subject", self.subject.map(str::to_owned)),
        ];
        let beside = beside.into_iter();
        let beside = beside.filter_map(|(name, text)| Some((name, text?)));
        self.filter.pairs().chain(beside).collect()
    }
}

fn shown(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// The first day that begins then or later. GitLab's tokens expire as a day
/// begins, so those that do so before a moment do so before this day.
fn first_day(at: Timestamp) -> Date {
    let day = expiry::date(at);
    if expiry::moment(day) == at {
        day
    } else {
        day.tomorrow().unwrap_or(day)
    }
}

/// A set of states in the two words that GitLab has for them, where it has any.
fn in_gitlabs_words(states: States) -> Option<Parameters> {
    const EXPIRED: States = States::of(&[State::Expired]);
    let said: &[(&str, &str)] = match states {
        States::ALL => &[],
        States::ACTIVE => &[("state", "active")],
        States::INACTIVE => &[("state", "inactive")],
        States::REVOKED => &[("revoked", "true")],
        States::UNREVOKED => &[("revoked", "false")],
        EXPIRED => &[("state", "inactive"), ("revoked", "false")],
        _ => return None,
    };
    let said = said.iter();
    Some(
        said.map(|(name, word)| (*name, (*word).to_owned()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> TokenQuery {
        let pairs = pairs.iter();
        TokenQuery {
            filter: pairs
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
            ..TokenQuery::default()
        }
    }

    fn now() -> Timestamp {
        "2031-04-05T06:07:08Z".parse().unwrap()
    }

    #[test]
    fn what_gitlab_knows_is_said_in_its_words() {
        let query = query(&[
            ("owner", "ida"),
            ("name", "night"),
            ("name", "sync"),
            ("created_before", "1h"),
            ("last_used_before", "90d"),
            ("expires_after", "2031-04-01"),
            ("expiring_within", "7d"),
        ]);
        let asked = Asked::read(&query, now()).unwrap();
        assert_eq!(asked.beyond_gitlab(), None);
        assert_eq!(asked.owner.as_deref(), Some("ida"));
        assert_eq!(asked.states, States::ACTIVE);
        let said = asked.conditions_of_gitlab();
        let said: Vec<_> = said.iter().map(|(name, text)| (*name, &**text)).collect();
        let expected = [
            ("search", "night sync"),
            ("created_before", "2031-04-05T05:07:08Z"),
            ("expires_after", "2031-04-01"),
            ("expires_before", "2031-04-13"),
            ("last_used_before", "2031-01-05T06:07:08Z"),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_gitlab_lacks_is_noticed() {
        for (name, text) in [
            ("kind", "deploy"),
            ("subject", "group:team"),
            ("subject", "none"),
            ("scope", "api"),
            ("name", "night sync"),
            ("hint", "zzzz"),
            ("ended_before", "7d"),
            ("never_used", "false"),
        ] {
            let query = query(&[("created_after", "7d"), (name, text)]);
            let asked = Asked::read(&query, now()).unwrap();
            assert_eq!(asked.beyond_gitlab(), Some(name), "{text}");
        }
    }

    #[test]
    fn conditions_mean_the_same_there() {
        let query = TokenQuery {
            revoked: Some(false),
            ..query(&[
                ("owner", "ida"),
                ("state", "revoked,active"),
                ("subject", "project:team/app"),
                ("revoked_after", "1h"),
            ])
        };
        let said = Asked::read(&query, now()).unwrap().conditions();
        let expected = [
            ("revoked_after", "2031-04-05T05:07:08Z"),
            ("state", "active"),
            ("owner", "ida"),
            ("subject", "project:team/app"),
        ];
        assert_eq!(said, expected.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn gitlab_has_no_word_for_one_set_of_states() {
        let odd = States::ACTIVE.and(States::REVOKED);
        assert_eq!(in_gitlabs_words(odd), None);
        let expired = in_gitlabs_words(States::of(&[State::Expired])).unwrap();
        assert_eq!(expired.len(), 2);
    }
}

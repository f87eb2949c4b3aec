//! Searching in names: no index of the database finds parts of them, and here
//! they all are.

use memchr::memmem::Finder;
use tokenry_domain::{TokenId, UserId};
use tokenry_token::Digest;

use super::{
    Index, Ticket,
    shard::Shard,
    sketch::{Pattern, lower},
};

/// In how many parts a search is done, side by side.
pub(crate) const PARTS: usize = 4;
/// Blocks of sketches looked at before others may change their shard: some
/// tenths of a millisecond.
const RUN: usize = 512;
/// The most tokens that a part hands back.
const MOST_ASKED: usize = 250;

/// The tokens whose names have what was sought.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Those that are here.
    pub(crate) ids: Vec<TokenId>,
    /// Those that only the database knows, whatever their names; the tickets
    /// belong to [`Index::fill`].
    pub(crate) asked: Vec<(Ticket, Digest)>,
    /// Whether there are no others.
    pub(crate) are_all: bool,
}

/// A search on its way.
struct Search {
    owner: Option<UserId>,
    /// In lower case.
    words: Vec<Finder<'static>>,
    pattern: Pattern,
    most: usize,
    /// A name in lower case.
    name: Vec<u8>,
    found: Named,
}

impl Named {
    /// What two parts found.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.ids.extend(other.ids);
        self.asked.extend(other.asked);
        Self {
            are_all: self.are_all && other.are_all,
            ..self
        }
    }
}

impl Index {
    /// The tokens, of one owner or of all, whose names contain each of some
    /// words, whatever the case: those of one of [`PARTS`] parts. There may be
    /// more than `most`, but then they aren't all.
    pub(crate) fn named(
        &self,
        part: usize,
        owner: Option<UserId>,
        words: &[String],
        most: usize,
    ) -> Named {
        let mut search = Search::new(owner, words, most);
        for shard in self.shards.iter().skip(part).step_by(PARTS) {
            // A token keeps its place as long as it is here, so others may have
            // the shard in between.
            let mut from = 0;
            while search.look(&shard.read(), from) {
                from += RUN;
            }
        }
        // Asked last: a token that had to go in the meantime was missed.
        search.found.are_all = self.is_complete() && !search.is_over();
        search.found.asked.truncate(MOST_ASKED);
        search.found
    }
}

impl Search {
    fn new(owner: Option<UserId>, words: &[String], most: usize) -> Self {
        let words: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
        Self {
            owner,
            pattern: Pattern::new(owner, &words),
            words: words
                .iter()
                .map(|word| Finder::new(word).into_owned())
                .collect(),
            most,
            name: Vec::new(),
            found: Named::default(),
        }
    }

    /// Looks at some blocks of a shard; answers whether to look at the next.
    fn look(&mut self, shard: &Shard, from: usize) -> bool {
        if self.is_over() {
            return false;
        }
        for slot in shard.like(from, RUN, self.pattern) {
            if slot.ask {
                let ticket = Ticket(shard.changes);
                self.found.asked.push((ticket, slot.digest));
            } else if self.owner.is_none_or(|owner| slot.owner() == owner) {
                let name = lower(slot.name(), &mut self.name);
                if self.words.iter().all(|word| word.find(name).is_some()) {
                    self.found.ids.push(slot.id());
                }
            }
        }
        from + RUN < shard.blocks()
    }

    /// Whether it found more than anybody wants to know.
    fn is_over(&self) -> bool {
        self.found.ids.len() > self.most || self.found.asked.len() > MOST_ASKED
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::{prelude::*, sample::select};
    use tokenry_domain::{
        Kind, OwnerState, Scopes, Token,
        token::{Card, LastUse, Life},
        token_filter::TokenFilter,
    };
    use tokenry_token::{Hint, KeyId};

    use super::*;
    use crate::index::Found;

    fn token(number: u16, owner: i64, name: &str) -> Token {
        let [high, low] = number.to_be_bytes();
        let mut digest = [high; 32];
        // The last byte chooses the shard.
        digest[31] = low;
        Token {
            id: TokenId::from_row(i64::from(number) + 1),
            kind: Kind::Personal,
            owner: UserId::from_row(owner),
            subject: None,
            name: name.to_owned(),
            description: Some("a word that no name has: zebra".to_owned()),
            scopes: Scopes::NONE,
            life: Life {
                created_at: Timestamp::UNIX_EPOCH,
                expires_at: None,
                revoked_at: None,
            },
            last_use: LastUse::default(),
            hint: Hint::from_stored("glpat-…abcd".to_owned()),
            digest: Digest::from_bytes(digest),
            key: KeyId::new(1),
            rotated_from: None,
            family: None,
        }
    }

    fn index(capacity: usize, tokens: &[Token]) -> Index {
        let index = Index::new(capacity);
        index.declare_filled();
        for token in tokens {
            index.insert(token.digest, Card::from(token.clone()));
        }
        index
    }

    /// What all parts find.
    fn search(index: &Index, owner: Option<UserId>, words: &[String], most: usize) -> Named {
        let parts = (0..PARTS).map(|part| index.named(part, owner, words, most));
        parts.reduce(Named::and).unwrap()
    }

    fn ids(named: &Named) -> Vec<i64> {
        let mut ids: Vec<_> = named.ids.iter().map(|id| id.get()).collect();
        ids.sort_unstable();
        ids
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn letters() -> impl Strategy<Value = String> {
        let odd = [
            "İstanbul",
            "straße",
            "STRASSE",
            "ΟΔΟΣ",
            "οδός",
            "50%",
            "a_b",
            r"back\slash",
            "🦀",
            "Nightly-Sync",
            "nightly sync",
            "",
        ];
        prop_oneof![
            select(odd.to_vec()).prop_map(str::to_owned),
            "[a-cA-C%_ éÉßİ]{0,6}",
        ]
    }

    /// What becomes of a token after it is put here.
    #[derive(Debug, Clone, Copy)]
    enum Fate {
        Stays,
        Revoked,
        Goes,
        IsRenamed,
        ComesBack,
    }

    fn fate() -> impl Strategy<Value = Fate> {
        prop_oneof![
            4 => Just(Fate::Stays),
            1 => Just(Fate::Revoked),
            1 => Just(Fate::Goes),
            1 => Just(Fate::IsRenamed),
            1 => Just(Fate::ComesBack),
        ]
    }

    proptest! {
        #[test]
        fn a_search_finds_what_the_filter_shows(
            made in prop::collection::vec((1..4_i64, letters(), fate()), 0..60),
            words in prop::collection::vec(prop_oneof![letters(), "[a-z]{1,4}".boxed()], 1..3),
            owner in prop::option::of(1..4_i64),
        ) {
            let numbered = made.iter().zip(0_u16..);
            // Few shards, so that there are several in each.
            let tokens: Vec<_> = numbered
                .map(|((owner, name, _), number)| token(number % 4 + number / 4 * 256, *owner, name))
                .collect();
            let index = index(10_000, &tokens);
            let filter = TokenFilter {
                owner: owner.map(UserId::from_row),
                words: words.clone(),
                ..TokenFilter::default()
            };
            let (mut expected, mut asked) = (Vec::new(), Vec::new());
            for (token, (.., fate)) in tokens.iter().zip(&made) {
                match fate {
                    Fate::Stays => {}
                    Fate::Revoked => index.revoke(token.digest),
                    Fate::Goes => index.remove(token.digest),
                    Fate::IsRenamed => {
                        index.doubt(token.digest);
                        asked.push(token.digest);
                    }
                    Fate::ComesBack => {
                        index.remove(token.digest);
                        index.insert(token.digest, Card::from(token.clone()));
                    }
                }
                let known = !matches!(fate, Fate::Goes | Fate::IsRenamed);
                if known && filter.matches(token, OwnerState::Active, Timestamp::UNIX_EPOCH) {
                    expected.push(token.id.get());
                }
            }
            let named = search(&index, filter.owner, &words, 1_000);
            expected.sort_unstable();
            prop_assert!(named.are_all);
            prop_assert_eq!(ids(&named), expected);
            let handed_back: Vec<_> = named.asked.iter().map(|(_, digest)| *digest).collect();
            prop_assert_eq!(handed_back.len(), asked.len());
            prop_assert!(asked.iter().all(|digest| handed_back.contains(digest)));
        }
    }

    #[test]
    fn a_token_that_was_handed_back_is_found_once_it_was_put_here_again() {
        let mut token = token(1, 1, "old");
        let index = index(1_000, std::slice::from_ref(&token));
        index.doubt(token.digest);
        let named = search(&index, None, &words(&["new"]), 10);
        let [(ticket, digest)] = *named.asked else {
            panic!("only the database knows")
        };
        token.name = "NEW one".to_owned();
        index.fill(ticket, digest, Card::from(token.clone()));
        assert!(matches!(index.find(digest), Found::Token(_)));
        for (word, expected) in [("new", vec![2]), ("old", vec![])] {
            let named = search(&index, None, &words(&[word]), 10);
            assert!(named.are_all && named.asked.is_empty());
            assert_eq!(ids(&named), expected, "{word}");
        }
    }

    #[test]
    fn more_than_anybody_wants_to_know_are_not_all() {
        let tokens: Vec<_> = (0..300)
            .map(|number| token(number, 1, "one of many"))
            .collect();
        let index = index(10_000, &tokens);
        let of_a_part = |most| index.named(0, None, &words(&["many"]), most);
        assert!(of_a_part(300).are_all && of_a_part(300).ids.len() == 75);
        assert!(!of_a_part(74).are_all);
        for token in &tokens {
            index.doubt(token.digest);
        }
        let named = of_a_part(2_000);
        assert!(named.are_all && named.asked.len() == 75);
        for number in 0..1_000 {
            index.doubt(token(number * 4, 1, "").digest);
        }
        let named = of_a_part(2_000);
        assert!(!named.are_all && named.asked.len() == MOST_ASKED);
    }

    #[test]
    fn an_index_that_lacks_tokens_never_knows_all() {
        let tokens: Vec<_> = (0..9).map(|number| token(number * 256, 1, "ci")).collect();
        assert!(!search(&index(1, &tokens), None, &words(&["ci"]), 100).are_all);
        let forgotten = index(1_000, &tokens);
        forgotten.forget();
        let named = search(&forgotten, None, &words(&["ci"]), 100);
        assert!(!named.are_all && named.ids.is_empty());
        assert!(!search(&Index::new(1_000), None, &words(&["ci"]), 100).are_all);
    }
}

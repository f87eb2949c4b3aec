//! The texts of many tokens, one after the other in memory.

use std::cell::Cell;

use tokenry_domain::{Kind, kind::KINDS};
use tokenry_token::KeyRing;

use super::plan::{Fate, Plan};

/// Texts that are handed out one after the other, scattered over the store,
/// none twice before all were there.
pub(crate) struct Texts {
    all: String,
    /// Where each text ends.
    ends: Vec<u32>,
    next: Cell<usize>,
    /// Has no divisor in common with the number of texts.
    stride: usize,
}

impl Texts {
    /// The texts of the personal tokens that work, at most so many.
    pub(crate) fn working(plan: &Plan, most: usize) -> Self {
        Self::gather(
            plan.working()
                .take(most)
                .map(|number| plan.text(number).reveal().to_owned()),
        )
    }

    /// The texts of tokens of every kind that work, as many of each. Whoever
    /// takes one after the other gets one of each kind before any comes again.
    pub(crate) fn of_every_kind(plan: &Plan, keys: &KeyRing) -> Self {
        let mut kinds: Vec<Vec<String>> = KINDS.iter().map(|_| Vec::new()).collect();
        for number in (0..plan.tokens).filter(|number| Plan::fate(*number) == Fate::Works) {
            let other = plan.other(number);
            let kind = other.map_or(Kind::Personal, |other| other.kind);
            let text = match other {
                Some(other) => other.text(plan, keys),
                None => plan.text(number),
            };
            if let Some(texts) = kinds.get_mut(kind as usize) {
                texts.push(text.reveal().to_owned());
            }
        }
        // There are more personal ones: some of them, from everywhere.
        let each = kinds.iter().map(Vec::len).min().unwrap_or_default();
        let rows = (0..each).flat_map(|row| {
            let nth = move |texts: &Vec<String>| texts.get(row * texts.len() / each).cloned();
            kinds.iter().filter_map(nth)
        });
        Self::gather(rows)
    }

    /// Texts of the right form that belong to no token.
    pub(crate) fn strangers(plan: &Plan, count: u64) -> Self {
        Self::gather((0..count).map(|number| plan.stranger(number).reveal().to_owned()))
    }

    /// Texts with a mistake in the middle, so that the checksum is wrong.
    pub(crate) fn garbage(plan: &Plan, count: u64) -> Self {
        Self::gather((0..count).map(|number| garbled(plan.text(number).reveal())))
    }

    fn gather(texts: impl Iterator<Item = String>) -> Self {
        let (mut all, mut ends) = (String::new(), Vec::new());
        for text in texts {
            all.push_str(&text);
            ends.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
        }
        let stride = stride(ends.len());
        Self {
            all,
            ends,
            next: Cell::new(0),
            stride,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The next one.
    pub(crate) fn next(&self) -> &str {
        let at = self.next.get();
        self.next.set((at + self.stride) % self.len().max(1));
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        self.all.get(start..end(at)).unwrap_or_default()
    }
}

/// About 0.618 of the length, so that neighbours lie far apart, and coprime to
/// it, so that every place is visited.
fn stride(length: usize) -> usize {
    let near = (length / 1000 * 618).max(1);
    (near..=near + length)
        .find(|step| common_divisor(*step, length) == 1)
        .unwrap_or(1)
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

fn garbled(text: &str) -> String {
    let other = |letter: char| if letter == 'A' { 'B' } else { 'A' };
    text.chars()
        .enumerate()
        .map(|(at, letter)| if at == 12 { other(letter) } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tokenry_token::{DigestKey, KeyId};

    use super::*;

    fn plan() -> Plan {
        Plan::sample(10_000)
    }

    #[test]
    fn every_kind_comes_before_any_comes_again() {
        let keys = KeyRing::new(DigestKey::new(KeyId::new(1), [7; 32]), Vec::new());
        let texts = Texts::of_every_kind(&plan(), &keys);
        assert!(texts.len().is_multiple_of(KINDS.len()) && texts.len() > 18 * 100);
        let mut prefixes: Vec<_> = KINDS.iter().map(|line| line.prefixing.default()).collect();
        prefixes.sort_unstable();
        for _ in 0..100 {
            let mut found: Vec<_> = (0..KINDS.len())
                .map(|_| {
                    let text = texts.next();
                    let longest =
                        |prefix: &&&str| (text.starts_with(**prefix)).then_some(prefix.len());
                    *prefixes.iter().max_by_key(longest).unwrap()
                })
                .collect();
            found.sort_unstable();
            assert_eq!(found, prefixes);
        }
    }

    #[test]
    fn all_are_handed_out_before_any_comes_again() {
        for most in [1, 2, 999, 1000] {
            let texts = Texts::working(&plan(), most);
            let seen: HashSet<_> = (0..most).map(|_| texts.next()).collect();
            assert_eq!((seen.len(), texts.len()), (most, most));
            assert!(!seen.contains(""));
        }
    }

    #[test]
    fn garbage_has_a_wrong_checksum_and_strangers_a_right_one() {
        let (garbage, strangers) = (Texts::garbage(&plan(), 50), Texts::strangers(&plan(), 50));
        for _ in 0..50 {
            assert!(!tokenry_token::has_valid_checksum(garbage.next()));
            assert!(tokenry_token::has_valid_checksum(strangers.next()));
        }
    }
}

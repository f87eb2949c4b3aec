//! What is known of a token's owner and name, in four bytes: most of what isn't
//! sought is ruled out without a look at the token, which lies elsewhere.

use tokenry_domain::UserId;

/// From the top: whether there is a token, eight bits of its owner, and a bit
/// for each three bytes that follow each other in its name, in lower case;
/// several share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sketch(u32);

const TAKEN: u32 = 1 << 31;
const OWNER: u32 = 0xff << LETTERS;
/// How many bits the letters have.
const LETTERS: u32 = 23;

/// What the sketches of those that are sought have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern {
    compared: u32,
    expected: u32,
}

impl Sketch {
    /// Of a place without a token.
    pub(super) const NONE: Self = Self(0);
    /// Of a token that only the database knows.
    pub(super) const ANY: Self = Self(u32::MAX);

    /// Of a token with this owner and this name, in lower case.
    pub(super) fn of(owner: UserId, name: &[u8]) -> Self {
        Self(TAKEN | tag(owner) | letters(name))
    }
}

impl Pattern {
    /// Of the tokens, of one owner or of all, whose names have all words, which
    /// are in lower case.
    pub(super) fn new(owner: Option<UserId>, words: &[String]) -> Self {
        let letters = words
            .iter()
            .fold(TAKEN, |all, word| all | letters(word.as_bytes()));
        Self {
            compared: letters | owner.map_or(0, |_| OWNER),
            expected: letters | owner.map_or(0, tag),
        }
    }

    /// Whether a token of this sketch may be one of them.
    pub(super) fn may_mean(self, sketch: Sketch) -> bool {
        sketch.0 & self.compared == self.expected || sketch == Sketch::ANY
    }
}

fn letters(text: &[u8]) -> u32 {
    let bit = |three: &[u8]| {
        let number = three
            .iter()
            .fold(0, |number, byte| number << 8 | u32::from(*byte));
        1 << share(number, LETTERS)
    };
    text.windows(3).map(bit).fold(0, |all, one| all | one)
}

fn tag(owner: UserId) -> u32 {
    let low = owner.get() & i64::from(u32::MAX);
    share(u32::try_from(low).unwrap_or_default(), 1 << 8) << LETTERS
}

/// Which of so many numbers falls to one, spread by the golden ratio, which sets
/// apart what differs little.
fn share(one: u32, among: u32) -> u32 {
    let spread = u64::from(one.wrapping_mul(0x9E37_79B1));
    u32::try_from((spread * u64::from(among)) >> 32).unwrap_or_default()
}

/// A name in lower case, as [`str::to_lowercase`] writes it, in a buffer that
/// is there already.
pub(super) fn lower<'b>(name: &[u8], buffer: &'b mut Vec<u8>) -> &'b [u8] {
    buffer.clear();
    if name.is_ascii() {
        buffer.extend(name.iter().map(u8::to_ascii_lowercase));
    } else {
        let text = String::from_utf8_lossy(name);
        buffer.extend_from_slice(text.to_lowercase().as_bytes());
    }
    buffer
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(owner: Option<i64>, word: &str) -> Pattern {
        Pattern::new(owner.map(UserId::from_row), &[word.to_owned()])
    }

    #[test]
    fn a_sketch_rules_most_out_but_no_place_that_is_taken() {
        let (ida, name) = (UserId::from_row(7), b"nightly-sync-00042.77");
        let own = Sketch::of(ida, name);
        for word in ["", "yn", "42.77", "nightly-sync-00042.77"] {
            for owner in [None, Some(7)] {
                assert!(pattern(owner, word).may_mean(own), "{word}");
            }
            assert!(pattern(Some(8), word).may_mean(Sketch::ANY));
            assert!(!pattern(None, word).may_mean(Sketch::NONE));
            assert!(!pattern(Some(8), word).may_mean(own));
        }
        assert!(!pattern(None, "nobody-has-this").may_mean(own));
        let others = (0..1_000).map(|number| pattern(None, &format!("{number:05}.1")));
        let found = others.filter(|other| other.may_mean(own)).count();
        assert!(found < 200, "{found} of 1,000");
        let owners = (0..1_000).filter(|owner| pattern(Some(*owner), "").may_mean(own));
        assert!(owners.count() < 20);
    }

    proptest! {
        #[test]
        fn what_a_name_contains_its_sketch_tells(before in ".{0,9}", part in ".{0,9}", behind in ".{0,9}", owner in 1..i64::MAX) {
            let (part, whole) = (part.to_lowercase(), format!("{before}{part}{behind}"));
            let (mut buffer, expected) = (Vec::new(), whole.to_lowercase());
            let lower = lower(whole.as_bytes(), &mut buffer);
            prop_assert_eq!(lower, expected.as_bytes());
            if expected.contains(&part) {
                let own = Sketch::of(UserId::from_row(owner), lower);
                prop_assert!(pattern(Some(owner), &part).may_mean(own));
                prop_assert!(pattern(None, &part).may_mean(own));
            }
        }
    }
}

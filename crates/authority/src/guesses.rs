//! A limit on unknown tokens from one address.
//!
//! Text without a valid checksum never comes this far. What does come is
//! worth a database lookup while the index isn't complete, and a guess in any
//! case; neither is free without end.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use jiff::Timestamp;
use parking_lot::Mutex;

/// The span that guesses are counted over, in seconds.
const WINDOW: i64 = 60;
/// Sources counted at a time; past that, all counts of the minute begin anew.
const MOST_SOURCES: usize = 100_000;

/// Guesses by address in the present window.
#[derive(Debug)]
pub(crate) struct Guesses {
    most: u32,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    window: i64,
    guesses: HashMap<IpAddr, u32>,
}

impl Guesses {
    /// Allows so many in a minute from one address.
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            counted: Mutex::default(),
        }
    }

    /// Refuses an address that guessed too often, before its next text costs
    /// a lookup; answers in how many seconds it may try again.
    pub(crate) fn check(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), u64> {
        let Some(address) = address else {
            return Ok(());
        };
        let counted = self.counted.lock();
        let guesses = counted
            .guesses
            .get(&source(address))
            .copied()
            .unwrap_or_default();
        if counted.window != window(now) || guesses < self.most {
            return Ok(());
        }
        Err(u64::try_from(WINDOW - now.as_second().rem_euclid(WINDOW)).unwrap_or(1))
    }

    /// Counts a text that turned out unknown.
    pub(crate) fn count(&self, address: Option<IpAddr>, now: Timestamp) {
        let Some(address) = address else { return };
        let mut counted = self.counted.lock();
        if counted.window != window(now) || counted.guesses.len() >= MOST_SOURCES {
            *counted = Counted {
                window: window(now),
                guesses: HashMap::new(),
            };
        }
        let guesses = counted.guesses.entry(source(address)).or_default();
        *guesses = guesses.saturating_add(1);
    }
}

/// Whoever has an IPv6 address has all of its /64.
fn source(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

fn window(now: Timestamp) -> i64 {
    now.as_second().div_euclid(WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_begins_anew_every_minute_and_for_every_address() {
        let guesses = Guesses::new(2);
        let at = |second| Timestamp::from_second(second).unwrap();
        let (one, two) = (
            IpAddr::from([203, 0, 113, 1]),
            IpAddr::from([203, 0, 113, 2]),
        );
        for second in [0, 1] {
            assert_eq!(guesses.check(Some(one), at(second)), Ok(()));
            guesses.count(Some(one), at(second));
        }
        assert_eq!(guesses.check(Some(one), at(20)), Err(40));
        assert_eq!(guesses.check(Some(two), at(20)), Ok(()));
        assert_eq!(guesses.check(Some(one), at(60)), Ok(()));
        let [near, neighbour] = ["2001:db8::1", "2001:db8::2"].map(|text| text.parse().ok());
        guesses.count(near, at(61));
        guesses.count(neighbour, at(61));
        assert_eq!(
            guesses.check(near, at(62)),
            Err(58),
            "one source, as far as anybody knows"
        );
        assert_eq!(
            guesses.check(None, at(20)),
            Ok(()),
            "a Unix socket has no address"
        );
    }
}

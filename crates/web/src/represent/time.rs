//! Times on the wire, written by hand: every token's object has three.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Serialize, Serializer};
use tokenry_domain::expiry;

/// A moment as `2031-04-05T06:07:08.901Z`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub(crate) Timestamp);

/// A date as `2031-04-05`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(pub(crate) Date);

impl Day {
    /// The date that a token stops working at.
    pub(crate) fn of(expires_at: Timestamp) -> Self {
        Self(expiry::date(expires_at))
    }
}

impl Moment {
    fn written(self) -> Text<24> {
        let time = Offset::UTC.to_datetime(self.0);
        let mut text = Text(*b"0000-00-00T00:00:00.000Z");
        text.date(time.date());
        text.digits(11, 2, time.hour().into());
        text.digits(14, 2, time.minute().into());
        text.digits(17, 2, time.second().into());
        text.digits(20, 3, time.millisecond());
        text
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.written().as_str())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.written().as_str())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Text(*b"0000-00-00");
        text.date(self.0);
        serializer.serialize_str(text.as_str())
    }
}

/// A pattern whose zeros are written over.
struct Text<const N: usize>([u8; N]);

impl<const N: usize> Text<N> {
    fn date(&mut self, date: Date) {
        self.digits(0, 4, date.year());
        self.digits(5, 2, date.month().into());
        self.digits(8, 2, date.day().into());
    }

    /// Writes a number over so many digits from a place on.
    fn digits(&mut self, place: usize, count: usize, number: i16) {
        let mut rest = number.unsigned_abs();
        for digit in self.0.iter_mut().skip(place).take(count).rev() {
            let value = (rest % 10) as u8;
            *digit = b'0' + value;
            rest /= 10;
        }
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        serde_json::to_string(&Moment(text.parse().unwrap())).unwrap()
    }

    #[test]
    fn moments_have_milliseconds_and_a_z() {
        assert_eq!(
            written("2031-04-05T06:07:08.901999Z"),
            r#""2031-04-05T06:07:08.901Z""#
        );
        assert_eq!(
            written("1969-12-31T23:59:59.5Z"),
            r#""1969-12-31T23:59:59.500Z""#
        );
        assert_eq!(
            written("0001-01-01T00:00:00Z"),
            r#""0001-01-01T00:00:00.000Z""#
        );
    }

    #[test]
    fn days_are_dates_alone() {
        let midnight = "2031-04-05T00:00:00Z".parse().unwrap();
        assert_eq!(
            serde_json::to_string(&Day::of(midnight)).unwrap(),
            r#""2031-04-05""#
        );
    }
}

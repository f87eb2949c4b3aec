//! How long tokens may live (spec/rest.md sections 1.4 and 5.2).
//!
//! An expiry is a date: the token stops working at 00:00 UTC of it.

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};

use crate::invalid::Invalid;

/// The field's name on the wire.
const FIELD: &str = "expires_at";
/// The longest life where none is set, in days.
pub const LONGEST_DAYS: u16 = 365;
/// The life a rotated token gets where expiry is required and no date is given, in days.
const ROTATED_DAYS: u16 = 7;
/// Further ahead than this, in years, a date is a mistake, not a policy.
const HORIZON_YEARS: i16 = 100;

/// When a new token is to stop working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expires {
    /// On this date, or when the instance's policy says.
    On(Option<Date>),
    /// At this moment, or never.
    At(Option<Timestamp>),
}

impl Default for Expires {
    fn default() -> Self {
        Self::On(None)
    }
}

/// A moment that is chosen freely.
///
/// # Errors
/// [`Invalid`] for one that is past or too far ahead.
pub fn chosen(moment: Timestamp, now: Timestamp) -> Result<Timestamp, Invalid> {
    if moment <= now {
        return Err(Invalid::field(FIELD, "must be in the future"));
    }
    let last = date(now).saturating_add(Span::new().years(HORIZON_YEARS));
    if date(moment) > last {
        let problem = format!("must be before {}", days_after(last, 1));
        return Err(Invalid::field(FIELD, problem));
    }
    Ok(moment)
}

/// What the instance demands of expiry dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiryPolicy {
    /// Whether every token must have one.
    pub required: bool,
    /// The longest life in days, where the instance sets one.
    pub longest_days: Option<u16>,
}

impl ExpiryPolicy {
    /// The expiry of a new token: the date asked for, else the longest life
    /// if expiry is required, else none.
    ///
    /// # Errors
    /// [`Invalid`] for a date that is past or too far ahead.
    pub fn for_new(self, wanted: Option<Date>, today: Date) -> Result<Option<Date>, Invalid> {
        let default = self.longest_days.unwrap_or(LONGEST_DAYS);
        self.decide(wanted, default, today)
    }

    /// The expiry of a token that replaces another: the date asked for, else
    /// a week from today if expiry is required, else none.
    ///
    /// # Errors
    /// [`Invalid`] for a date that is past or too far ahead.
    pub fn for_rotation(self, wanted: Option<Date>, today: Date) -> Result<Option<Date>, Invalid> {
        let default = ROTATED_DAYS.min(self.longest_days.unwrap_or(LONGEST_DAYS));
        self.decide(wanted, default, today)
    }

    fn decide(
        self,
        wanted: Option<Date>,
        default_days: u16,
        today: Date,
    ) -> Result<Option<Date>, Invalid> {
        let Some(date) = wanted else {
            return Ok(self.required.then(|| days_after(today, default_days)));
        };
        if date <= today {
            return Err(Invalid::field(FIELD, "must be in the future"));
        }
        let last = self.last_date(today);
        if date > last {
            return Err(Invalid::field(
                FIELD,
                format!("must be before {}", days_after(last, 1)),
            ));
        }
        Ok(Some(date))
    }

    /// The last date a token may be given today.
    fn last_date(self, today: Date) -> Date {
        match self.longest_days {
            Some(days) => days_after(today, days),
            None if self.required => days_after(today, LONGEST_DAYS),
            None => today.saturating_add(Span::new().years(HORIZON_YEARS)),
        }
    }
}

fn days_after(date: Date, days: u16) -> Date {
    date.saturating_add(Span::new().days(i64::from(days)))
}

/// The moment a token with this expiry date stops working.
#[must_use]
pub fn moment(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The date, in UTC, of a moment.
#[must_use]
pub fn date(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

/// The moment so many seconds after another, at the next whole second: that is
/// how memory keeps the ends of tokens.
#[must_use]
pub fn after(now: Timestamp, seconds: i64) -> Timestamp {
    let begun = i64::from(now.subsec_nanosecond() > 0);
    let second = now
        .as_second()
        .saturating_add(seconds)
        .saturating_add(begun);
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    const TODAY: Date = day(2031, 4, 5);

    fn policy(required: bool, longest_days: Option<u16>) -> ExpiryPolicy {
        ExpiryPolicy {
            required,
            longest_days,
        }
    }

    #[test]
    fn a_new_token_lives_as_long_as_allowed_if_it_must_end() {
        assert_eq!(
            policy(true, None).for_new(None, TODAY),
            Ok(Some(day(2032, 4, 4)))
        );
        assert_eq!(
            policy(true, Some(30)).for_new(None, TODAY),
            Ok(Some(day(2031, 5, 5)))
        );
        assert_eq!(policy(false, Some(30)).for_new(None, TODAY), Ok(None));
    }

    #[test]
    fn a_rotated_token_lives_a_week_if_it_must_end() {
        assert_eq!(
            policy(true, None).for_rotation(None, TODAY),
            Ok(Some(day(2031, 4, 12)))
        );
        assert_eq!(
            policy(true, Some(3)).for_rotation(None, TODAY),
            Ok(Some(day(2031, 4, 8)))
        );
        assert_eq!(policy(false, None).for_rotation(None, TODAY), Ok(None));
    }

    #[test]
    fn the_last_allowed_day_is_allowed_and_the_next_is_not() {
        let month = policy(true, Some(30));
        assert_eq!(
            month.for_new(Some(day(2031, 5, 5)), TODAY),
            Ok(Some(day(2031, 5, 5)))
        );
        let late = month.for_new(Some(day(2031, 5, 6)), TODAY).unwrap_err();
        assert_eq!(late.sentence(), "Expiration date must be before 2031-05-06");
    }

    #[test]
    fn past_dates_and_the_year_9999_are_refused_whatever_the_policy() {
        for policy in [
            policy(true, None),
            policy(false, None),
            policy(false, Some(10)),
        ] {
            for bad in [TODAY, day(2031, 4, 4), day(1, 1, 1), day(9999, 12, 31)] {
                assert!(policy.for_new(Some(bad), TODAY).is_err(), "{bad}");
                assert!(policy.for_rotation(Some(bad), TODAY).is_err(), "{bad}");
            }
        }
    }

    #[test]
    fn a_token_dies_at_midnight_of_its_date() {
        let midnight = moment(day(2031, 4, 5));
        assert_eq!(midnight.to_string(), "2031-04-05T00:00:00Z");
        assert_eq!(date(midnight), day(2031, 4, 5));
    }
}

//! Dates, moments and durations as people write them.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};

use crate::expiry;

/// The letters of `YYYY-MM-DD`.
const DATE_LETTERS: usize = 10;

/// A date: `YYYY-MM-DD`, or the date of a timestamp as it is written.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(DATE_LETTERS)?;
    if !rest.is_empty() {
        moment(text)?;
    }
    plain_date(day)
}

/// A moment: ISO 8601 with an offset, or without one, which means UTC, or a
/// bare date, which means its first moment.
#[must_use]
pub fn moment(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.split_at_checked(DATE_LETTERS)?;
    let date = plain_date(day)?;
    if rest.is_empty() {
        return Some(expiry::moment(date));
    }
    if !rest.starts_with(['T', 't', ' ']) || text.contains('[') {
        return None;
    }
    let with_offset = text.parse::<Timestamp>().ok();
    with_offset.or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(civil).ok()
    })
}

/// A whole number of seconds, minutes, hours, days or weeks: `90s`, `30m`,
/// `12h`, `7d`, `2w`.
#[must_use]
pub fn duration(text: &str) -> Option<SignedDuration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let count: i64 = digits.parse().ok()?;
    count.checked_mul(seconds).map(SignedDuration::from_secs)
}

/// Strictly `YYYY-MM-DD`: the ISO standard has shorter forms that are easily
/// mistaken for numbers.
fn plain_date(text: &str) -> Option<Date> {
    let well_formed = text.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if well_formed { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_timestamps_cut_to_their_date() {
        for text in [
            "2031-04-05",
            "2031-04-05T23:59:59.999Z",
            "2031-04-05T00:30:00+02:00",
            "2031-04-05 10:00:00",
        ] {
            assert_eq!(date(text).unwrap().to_string(), "2031-04-05", "{text}");
        }
        for bad in [
            "",
            "x",
            "20310405",
            "2031-4-5",
            "2031-02-30",
            "2031-13-01",
            "2031-04-05x",
            "12031-04-05",
            "2031-04-05T",
            "2031-04-05T25:00:00Z",
            "+002031-04-05",
            "2031-04-0é",
            "0000-00-00",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert!(date("9999-12-31").is_some(), "the policy decides on that");
    }

    #[test]
    fn moments_are_read_with_and_without_an_offset() {
        let read = |text| moment(text).map(|at: Timestamp| at.to_string());
        for (text, expected) in [
            ("2031-04-05", "2031-04-05T00:00:00Z"),
            ("2031-04-05T06:07:08.901Z", "2031-04-05T06:07:08.901Z"),
            ("2031-04-05T06:07:08+02:00", "2031-04-05T04:07:08Z"),
            ("2031-04-05T06:07:08", "2031-04-05T06:07:08Z"),
            ("2031-04-05 06:07", "2031-04-05T06:07:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for bad in [
            "",
            "now",
            "1712300000",
            "2031-04-05T06:07:08Z[UTC]",
            "2031-04-05Z",
            "2031-04-05T99:00Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(moment("9999-12-31").is_some() && moment("0001-01-01").is_some());
    }

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let hours = |text| duration(text).map(|length| length.as_hours());
        for (text, expected) in [
            ("12h", 12),
            ("7d", 168),
            ("2w", 336),
            ("180m", 3),
            ("0d", 0),
        ] {
            assert_eq!(hours(text), Some(expected), "{text}");
        }
        for bad in [
            "",
            "d",
            "7",
            "-7d",
            "+7d",
            "7 d",
            "7D",
            "1.5h",
            "7dd",
            "7é",
            "é",
            "99999999999999999999d",
            "9223372036854775807w",
        ] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}

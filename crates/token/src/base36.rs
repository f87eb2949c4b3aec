//! Numbers in base 36, lower case, as the routable format writes them.

const RADIX: u32 = 36;

/// The digits of `value`, most significant first, padded with zeros to `width`.
pub(crate) fn digits(value: u64, width: u32) -> impl Iterator<Item = char> {
    let needed = value.checked_ilog(RADIX.into()).unwrap_or(0) + 1;
    (0..needed.max(width))
        .rev()
        .filter_map(move |place| char::from_digit(digit_at(value, place), RADIX))
}

/// The digit that counts 36 to the power of `place`.
fn digit_at(value: u64, place: u32) -> u32 {
    let radix = u64::from(RADIX);
    let digit = value / radix.pow(place) % radix;
    #[expect(clippy::cast_possible_truncation, reason = "a remainder below 36")]
    let digit = digit as u32;
    digit
}

/// Reads digits, leading zeros allowed; nothing for an upper-case or foreign
/// character, or a number above 64 bits. No digits at all read as 0.
pub(crate) fn parse(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |sum, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            _ => return None,
        };
        sum.checked_mul(RADIX.into())?.checked_add(digit.into())
    })
}

/// Reads a number as [`digits`] writes it without padding: at least one digit,
/// and no zero in front, so that each number has one spelling.
pub(crate) fn parse_shortest(digits: &[u8]) -> Option<u64> {
    match digits {
        [] | [b'0', _, ..] => None,
        _ => parse(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_numbers() {
        let cases = [
            (0, 1, "0"),
            (0, 7, "0000000"),
            (35, 1, "z"),
            (36, 1, "10"),
            (34, 2, "0y"),
            (1295, 2, "zz"),
            (1296, 2, "100"),
            (u32::MAX.into(), 7, "1z141z3"),
            (u64::MAX, 1, "3w5e11264sgsf"),
        ];
        for (value, width, text) in cases {
            assert_eq!(digits(value, width).collect::<String>(), text);
            assert_eq!(parse(text.as_bytes()), Some(value), "{text}");
        }
    }

    #[test]
    fn every_power_and_its_neighbours_come_back() {
        for power in (0..=12).map(|place| 36_u64.pow(place)) {
            for value in [power - 1, power, power + 1] {
                let text: String = digits(value, 1).collect();
                assert_eq!(parse_shortest(text.as_bytes()), Some(value));
            }
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "A",
            "-1",
            "+1",
            " 1",
            "1\n",
            "é",
            "3w5e11264sgsg",
            "zzzzzzzzzzzzzz",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn the_shortest_spelling_is_the_only_one() {
        assert_eq!(parse_shortest(b"0"), Some(0));
        for text in ["", "00", "01", "0z"] {
            assert_eq!(parse_shortest(text.as_bytes()), None, "{text:?}");
        }
    }
}

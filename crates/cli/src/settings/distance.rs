//! Which known name somebody may have meant.

/// The name nearest to what was written, if any is near enough to be a slip
/// of the fingers.
pub(crate) fn nearest<'n>(written: &str, known: &'n [String]) -> Option<&'n str> {
    known
        .iter()
        .map(|name| (distance(written, name), name.as_str()))
        .min()
        .filter(|(steps, name)| *steps <= name.len().div_ceil(3))
        .map(|(_, name)| name)
}

/// How many letters to insert, drop or replace to make `b` of `a`
/// (Levenshtein), one row of the table at a time.
fn distance(a: &str, b: &str) -> usize {
    let mut above: Vec<usize> = (0..=b.chars().count()).collect();
    for (row, letter) in a.chars().enumerate() {
        let mut left = row + 1;
        let mut current = vec![left];
        for (other, pair) in b.chars().zip(above.windows(2)) {
            let &[diagonal, over] = pair else { continue };
            left = (diagonal + usize::from(letter != other))
                .min(over + 1)
                .min(left + 1);
            current.push(left);
        }
        above = current;
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_letters() {
        for (a, b, steps) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("listen", "listen", 0),
            ("lisen", "listen", 1),
        ] {
            assert_eq!(distance(a, b), steps, "{a} {b}");
            assert_eq!(distance(b, a), steps, "{b} {a}");
        }
    }

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["listen", "data-dir"].map(str::to_owned);
        assert_eq!(nearest("lsiten", &known), Some("listen"));
        assert_eq!(nearest("data_dir", &known), Some("data-dir"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("x", &[]), None);
    }
}

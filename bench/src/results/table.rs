//! Tables in Markdown.

use std::fmt::Write as _;

use super::{Bound, Comparison, Figure, Results};

/// Everything, with a sentence on where and when.
pub(super) fn all(results: &Results) -> String {
    let mut page = preface(results);
    if !results.comparisons.is_empty() {
        page.push_str(&comparisons(&results.comparisons));
        page.push('\n');
    }
    if !results.figures.is_empty() {
        page.push_str(&figures(&results.figures));
    }
    page
}

fn preface(results: &Results) -> String {
    let conditions = &results.conditions;
    format!(
        "{}, {}. {} with {} tokens of {} users; {} connections; middle of {} rounds of {} s.\n\n",
        results.at.strftime("%Y-%m-%d %H:%M UTC"),
        results.machine.sentence(),
        conditions.engine,
        grouped(conditions.tokens),
        grouped(conditions.users),
        conditions.connections,
        conditions.rounds,
        conditions.round_seconds,
    )
}

fn comparisons(comparisons: &[Comparison]) -> String {
    let header = [
        "request",
        "tokenry/s",
        "bare/s",
        "ratio",
        "wanted",
        "CPU µs tokenry",
        "CPU µs bare",
        "CPU ratio",
        "p50 ms",
        "p99 ms",
        "put off, µs",
        "others' CPU",
    ];
    let rows = comparisons.iter().map(|comparison| {
        vec![
            comparison.what.to_owned(),
            whole(comparison.ours.per_second),
            whole(comparison.bare.per_second),
            format!("**{:.2}**", comparison.ratio),
            verdict(comparison.wanted, comparison.met),
            format!("{:.1}", comparison.ours.cpu_us),
            format!("{:.1}", comparison.bare.cpu_us),
            format!("{:.2}", comparison.cpu_ratio),
            format!("{:.2}", comparison.ours.p50_ms),
            format!("{:.2}", comparison.ours.p99_ms),
            format!("{:.1}", comparison.afterwards_us),
            format!("{:.0} %", comparison.others * 100.0),
        ]
    });
    table(&header, rows)
}

fn figures(figures: &[Figure]) -> String {
    let rows = figures.iter().map(|figure| {
        vec![
            figure.case.to_owned(),
            figure.what.clone(),
            format!("{} {}", amount(figure.value), figure.unit),
            verdict(figure.wanted, figure.met),
        ]
    });
    table(&["case", "figure", "value", "wanted"], rows)
}

fn verdict(wanted: Option<Bound>, met: Option<bool>) -> String {
    let bound = match wanted {
        Some(Bound::AtLeast(least)) => format!("≥ {}", plain(least)),
        Some(Bound::AtMost(most)) => format!("≤ {}", plain(most)),
        None => return String::new(),
    };
    format!("{bound}: {}", if met == Some(true) { "yes" } else { "no" })
}

/// As many digits as say something.
fn amount(value: f64) -> String {
    match value.abs() {
        large if large >= 1000.0 => whole(value),
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        middle if middle >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn plain(value: f64) -> String {
    if value >= 1000.0 {
        whole(value)
    } else {
        value.to_string()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and not below zero"
)]
fn whole(value: f64) -> String {
    grouped(value.round().max(0.0) as u64)
}

/// 1234567 as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = writeln!(text, "| {} |", header.join(" | "));
    let _ = writeln!(text, "|{}", " --- |".repeat(header.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_cut() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0.0312, 1.234, 45.67, 123.4, 5432.1].map(amount),
            ["0.031", "1.23", "45.7", "123", "5,432"]
        );
    }

    #[test]
    fn a_table_is_markdown() {
        let rows = vec![vec!["x".to_owned(), "1".to_owned()]];
        assert_eq!(
            table(&["a", "b"], rows.into_iter()),
            "| a | b |\n| --- | --- |\n| x | 1 |\n"
        );
    }

    #[test]
    fn a_verdict_names_the_bound() {
        assert_eq!(
            verdict(Some(Bound::AtLeast(0.85)), Some(true)),
            "≥ 0.85: yes"
        );
        assert_eq!(
            verdict(Some(Bound::AtMost(128.0)), Some(false)),
            "≤ 128: no"
        );
        assert_eq!(verdict(None, None), "");
    }
}

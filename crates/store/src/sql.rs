//! SQL put together from fixed pieces, with the values kept apart.
//!
//! Pieces are `&'static str`, so no value can become part of a statement.

use std::borrow::Cow;

use tokenry_token::Digest;

/// A value to bind.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A statement that grows.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
    conditions: usize,
}

impl Sql {
    /// Puts a piece without values before all that is there.
    pub(crate) fn after_start(mut self, start: &'static str) -> Self {
        self.text.insert_str(0, start);
        self
    }

    /// Adds a piece.
    pub(crate) fn push(&mut self, piece: &'static str) -> &mut Self {
        self.text.push_str(piece);
        self
    }

    /// Adds a placeholder for a value.
    pub(crate) fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Begins a condition: `WHERE` before the first, `AND` before the others.
    pub(crate) fn condition(&mut self, piece: &'static str) -> &mut Self {
        self.text.push_str(if self.conditions == 0 {
            " WHERE "
        } else {
            " AND "
        });
        self.conditions += 1;
        self.push(piece)
    }

    /// Asks whether what stands before is one of these ids.
    pub(crate) fn among(&mut self, ids: impl IntoIterator<Item = i64>) -> &mut Self {
        // No row has the id 0. It stands for what is lacking to a power of two,
        // so that engines know few statements of this form by heart, and because
        // not every one takes an empty list.
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.resize(ids.len().next_power_of_two(), 0);
        for (place, id) in ids.into_iter().enumerate() {
            self.push(if place == 0 { " IN (" } else { ", " })
                .bind(Value::Number(id));
        }
        self.push(")")
    }

    /// Asks whether what stands before is one of these digests.
    pub(crate) fn among_digests(&mut self, digests: impl IntoIterator<Item = Digest>) -> &mut Self {
        // As above: no digest is empty.
        self.push(" IN (").bind(Value::Bytes(Vec::new()));
        for digest in digests {
            self.push(", ")
                .bind(Value::Bytes(digest.as_bytes().to_vec()));
        }
        self.push(")")
    }

    /// Whether there is nothing in it yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The statement and its values.
    pub(crate) fn finish(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }
}

/// A pattern that finds `word` anywhere, for `LIKE … ESCAPE '\'`.
pub(crate) fn contains(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// A text as both engines take it. PostgreSQL's texts can't have a NUL and
/// SQLite's patterns end at one; another control character, which no name has
/// either, stands in its place, so that what is sought isn't found.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{1}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Runs a built statement: binds its values one by one.
macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                $crate::sql::Value::Number(number) => query.bind(number),
                $crate::sql::Value::Bytes(bytes) => query.bind(bytes),
                $crate::sql::Value::Text(text) => query.bind($crate::sql::text(&text).into_owned()),
            };
        }
        query
    }};
}
pub(crate) use bound;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_word_are_only_letters() {
        assert_eq!(contains(r"50%_\"), r"%50\%\_\\%");
    }

    #[test]
    fn a_nul_in_a_text_is_replaced_by_what_no_name_has() {
        assert_eq!(text("a\0b"), "a\u{1}b");
        assert_eq!(text("plain"), "plain");
    }

    #[test]
    fn conditions_are_joined_and_values_numbered() {
        let mut sql = Sql::default();
        sql.condition("a = ").bind(Value::Number(1));
        sql.condition("b = ").bind(Value::Text("x".into()));
        let (text, values) = sql.after_start("SELECT 1 FROM t").finish();
        assert_eq!(
            (text.as_str(), values.len()),
            ("SELECT 1 FROM t WHERE a = $1 AND b = $2", 2)
        );
    }
}

//! SQL put together from fixed pieces, with the values kept apart.
//!
//! Pieces are `&'static str`, so no value can become part of a statement.

/// A value to bind.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Number(i64),
    Text(String),
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

/// Runs a built statement: binds its values one by one.
macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                $crate::sql::Value::Number(number) => query.bind(number),
                $crate::sql::Value::Text(text) => query.bind(text),
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

//! What is wrong with a value somebody sent.

/// One field that breaks a rule.
///
/// `problem` completes a sentence that begins with the field's name: "name"
/// "can't be blank". Faces choose the sentence or the map form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's name on the wire, such as `expires_at`.
    pub field: &'static str,
    /// The rule it breaks, such as `can't be blank`.
    pub problem: String,
}

/// A value, or several, that break the rules. Never empty, never secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Invalid {
    /// All that is wrong, in the order of the fields.
    pub problems: Vec<Problem>,
}

impl Invalid {
    /// One field with one problem.
    #[must_use]
    pub fn field(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            problems: vec![Problem {
                field,
                problem: problem.into(),
            }],
        }
    }

    /// Everything that any of the checks found, if one found something.
    ///
    /// # Errors
    /// All of it as one.
    pub fn unless_all(checks: impl IntoIterator<Item = Result<(), Self>>) -> Result<(), Self> {
        let mut found = Findings::default();
        for check in checks {
            found.value(check);
        }
        if found.is_empty() {
            Ok(())
        } else {
            Err(found.into_invalid())
        }
    }

    /// All problems as one sentence for people: `Name can't be blank, Scopes …`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let parts: Vec<String> = self
            .problems
            .iter()
            .map(|p| format!("{} {}", title(p.field), p.problem))
            .collect();
        parts.join(", ")
    }
}

/// What is wrong with several values, gathered so that all is told at once.
#[derive(Debug, Default)]
pub struct Findings(Vec<Problem>);

impl Findings {
    /// The value, if nothing is wrong with it.
    pub fn value<T>(&mut self, read: Result<T, Invalid>) -> Option<T> {
        read.map_err(|invalid| self.0.extend(invalid.problems)).ok()
    }

    /// The value that may be left out, if nothing is wrong with it.
    pub fn optional<T>(&mut self, read: Option<Result<T, Invalid>>) -> Option<T> {
        read.and_then(|read| self.value(read))
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that was found, as one.
    #[must_use]
    pub fn into_invalid(self) -> Invalid {
        Invalid { problems: self.0 }
    }
}

/// The field as a label: `expires_at` is called `Expiration date` by GitLab,
/// every other field is its own name with a capital letter and spaces.
fn title(field: &str) -> String {
    if field == "expires_at" {
        return "Expiration date".to_owned();
    }
    let mut letters = field.replace('_', " ").chars().collect::<Vec<_>>();
    if let Some(first) = letters.first_mut() {
        first.make_ascii_uppercase();
    }
    letters.into_iter().collect()
}

/// Checks a short text that people read: not blank, not over `most`
/// characters, no control characters (they would garble terminals and logs).
///
/// # Errors
/// [`Invalid`] naming `field` and the rule.
pub fn readable(field: &'static str, text: &str, most: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::field(field, "can't be blank"));
    }
    if text.chars().count() > most {
        return Err(Invalid::field(
            field,
            format!("is too long (maximum is {most} characters)"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::field(field, "can't contain control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_each_field_as_people_call_it() {
        let mut invalid = Invalid::field("name", "can't be blank");
        invalid
            .problems
            .extend(Invalid::field("expires_at", "can't be blank").problems);
        assert_eq!(
            invalid.sentence(),
            "Name can't be blank, Expiration date can't be blank"
        );
    }

    #[test]
    fn readable_text_is_neither_blank_nor_long_nor_garbled() {
        assert!(readable("name", "nightly sync ✓", 20).is_ok());
        for bad in [
            "",
            " \t ",
            "a\u{0}b",
            "bell\u{7}",
            "line\nbreak",
            &"x".repeat(21),
        ] {
            assert!(readable("name", bad, 20).is_err(), "{bad:?}");
        }
        assert!(
            readable("name", &"é".repeat(20), 20).is_ok(),
            "characters count, not bytes"
        );
    }
}

//! Parameters as what they should be.
//!
//! A reader goes on after a problem, so that one answer names all of them.

use jiff::{Timestamp, civil::Date};
use tokenry_domain::{Scopes, written};

use super::{Found, Params};
use crate::failure::Failure;

/// Reads parameters and gathers what is wrong with them.
#[derive(Debug)]
pub(crate) struct Reader<'p> {
    params: &'p Params,
    problems: Vec<String>,
}

impl<'p> Reader<'p> {
    pub(super) const fn new(params: &'p Params) -> Self {
        Self {
            params,
            problems: Vec::new(),
        }
    }

    /// Ends reading: everything that was wrong, as one refusal.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Failure::parameters(&self.problems.join(", ")))
        }
    }

    /// A text, as it is.
    pub(crate) fn text(&mut self, name: &str) -> Option<&'p str> {
        match self.params.find(name) {
            Found::Absent | Found::Null => None,
            Found::Text(text) => Some(text),
            Found::List(_) | Found::Odd => self.invalid(name),
        }
    }

    /// A text that must be there, though it may be empty: whether that is
    /// allowed is a rule, and rules are the domain's.
    pub(crate) fn required(&mut self, name: &str) -> &'p str {
        match self.params.find(name) {
            Found::Absent | Found::Null => {
                self.problems.push(format!("{name} is missing"));
                ""
            }
            _ => self.text(name).unwrap_or_default(),
        }
    }

    /// A text to look for. Control characters are in no name, and not
    /// every database takes all of them.
    pub(crate) fn sought(&mut self, name: &str) -> Option<&'p str> {
        let text = self.text(name)?;
        if text.chars().any(char::is_control) {
            return self.invalid(name);
        }
        Some(text)
    }

    /// Says so if a parameter isn't an object, whose fields [`Reader::field`]
    /// reads.
    pub(crate) fn object(&mut self, name: &str) {
        if !self.params.may_be_object(name) {
            self.invalid::<()>(name);
        }
    }

    /// A text that is one of an object's fields.
    pub(crate) fn field(&mut self, object: &str, name: &str) -> Option<&'p str> {
        match self.params.find_in(object, name) {
            Found::Absent | Found::Null => None,
            Found::Text(text) => Some(text),
            Found::List(_) | Found::Odd => self.invalid(&format!("{object}[{name}]")),
        }
    }

    /// One of these words.
    pub(crate) fn choice(&mut self, name: &str, choices: &[&'static str]) -> Option<&'static str> {
        let text = self.text(name)?;
        let choice = choices.iter().copied().find(|choice| *choice == text);
        choice.or_else(|| self.no_valid_value(name))
    }

    /// An integer. One too large for any row stays too large for any row.
    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.unless_empty(name)?;
        integer(text).or_else(|| self.invalid(name))
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let text = self.unless_empty(name)?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "on" | "yes" | "y" => Some(true),
            "false" | "f" | "0" | "off" | "no" | "n" => Some(false),
            _ => self.invalid(name),
        }
    }

    /// A date.
    pub(crate) fn date(&mut self, name: &str) -> Option<Date> {
        let text = self.unless_empty(name)?;
        written::date(text).or_else(|| self.invalid(name))
    }

    /// A moment.
    pub(crate) fn moment(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.unless_empty(name)?;
        written::moment(text).or_else(|| self.invalid(name))
    }

    /// Words, as an array or separated by commas.
    pub(crate) fn words(&mut self, name: &str) -> Option<Vec<&'p str>> {
        let items = match self.params.find(name) {
            Found::Absent | Found::Null => return None,
            Found::Text(text) => vec![text],
            Found::List(items) => items,
            Found::Odd => return self.invalid(name),
        };
        let words = items.into_iter().flat_map(|item| item.split(','));
        Some(
            words
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .collect(),
        )
    }

    /// Scopes out of these, which must be there.
    pub(crate) fn scopes(&mut self, name: &str, allowed: Scopes) -> Scopes {
        if !self.has(name) {
            self.problems.push(format!("{name} is missing"));
        }
        let words = self.words(name).unwrap_or_default();
        let scopes = Scopes::from_names(words).ok();
        let scopes = scopes.filter(|scopes| scopes.within(allowed));
        scopes
            .or_else(|| self.no_valid_value(name))
            .unwrap_or_default()
    }

    /// Whether a parameter was sent, be it empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        !matches!(self.params.find(name), Found::Absent | Found::Null)
    }

    /// Whether a parameter was sent to be cleared: as `null`, or empty.
    pub(crate) fn clears(&self, name: &str) -> bool {
        matches!(self.params.find(name), Found::Null | Found::Text(""))
    }

    /// Says that a parameter isn't what it should be.
    pub(crate) fn invalid<T>(&mut self, name: &str) -> Option<T> {
        self.problems.push(format!("{name} is invalid"));
        None
    }

    /// Says that a parameter is none of the values it may be.
    pub(crate) fn no_valid_value<T>(&mut self, name: &str) -> Option<T> {
        self.problems
            .push(format!("{name} does not have a valid value"));
        None
    }

    /// Says that something else is wrong.
    pub(crate) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// An empty number, date or flag is none: forms send their empty fields.
    fn unless_empty(&mut self, name: &str) -> Option<&'p str> {
        self.text(name).filter(|text| !text.is_empty())
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let too_large = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    Some(text.parse().unwrap_or(too_large))
}

#[cfg(test)]
mod tests {
    use super::{super::form, *};

    fn params(query: &str) -> Params {
        Params {
            query: form::parse(query.as_bytes()).unwrap(),
            ..Params::default()
        }
    }

    #[test]
    fn flags_are_read_in_every_spelling() {
        for (text, expected) in [
            ("True", true),
            ("1", true),
            ("ON", true),
            ("t", true),
            ("F", false),
            ("no", false),
        ] {
            assert_eq!(
                params(&format!("x={text}")).reader().flag("x"),
                Some(expected),
                "{text}"
            );
        }
        assert_eq!(params("x=").reader().flag("x"), None);
    }

    #[test]
    fn integers_beyond_any_row_stay_there() {
        let read = |text: &str| params(&format!("x={text}")).reader().integer("x");
        assert_eq!(read("42"), Some(42));
        assert_eq!(read("99999999999999999999"), Some(i64::MAX));
        assert_eq!(read("-99999999999999999999"), Some(i64::MIN));
        for bad in ["4.2", "0x2a", "1e3", "--1", "-", "4 2"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_objects_fields_are_texts() {
        let params = params("info[version]=17&info[platform][]=x&list[]=1&word=x");
        let mut reader = params.reader();
        for name in ["info", "list", "word", "absent"] {
            reader.object(name);
        }
        assert_eq!(reader.field("info", "version"), Some("17"));
        assert_eq!(reader.field("info", "revision"), None);
        reader.field("info", "platform");
        // What lies deeper in a form is no field of the object.
        assert_eq!(reader.problems, ["list is invalid", "word is invalid"]);
    }

    #[test]
    fn every_problem_is_named() {
        let params =
            params("flag=maybe&day=tomorrow&state=dead&n=%00&scopes=api,root&twice=1&twice=2");
        let mut reader = params.reader();
        reader.required("name");
        reader.flag("flag");
        reader.date("day");
        reader.moment("day");
        reader.choice("state", &["active"]);
        reader.sought("n");
        reader.scopes("scopes", Scopes::USER);
        reader.scopes("others", Scopes::USER);
        reader.text("twice");
        let expected = [
            "name is missing",
            "flag is invalid",
            "day is invalid",
            "day is invalid",
            "state does not have a valid value",
            "n is invalid",
            "scopes does not have a valid value",
            "others is missing",
            "twice is invalid",
        ];
        assert_eq!(reader.problems, expected);
        assert!(reader.finish().is_err());
    }
}

//! OAuth applications (spec/rest.md section 3.7).

use serde::{Deserialize, Serialize};

use crate::{
    ids::UserId,
    invalid::{Invalid, readable},
    scope::Scopes,
};

/// How long a token lives that an application gets for its secret, in seconds.
pub const ACCESS_SECONDS: i64 = 7_200;
/// The longest list of addresses, in characters.
const MOST_CHARACTERS: usize = 2_000;

/// What is known of an OAuth application (spec/rest.md section 3.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// What it calls itself (`client_id`).
    pub uid: String,
    /// Where it may be sent back to; a line each.
    pub redirect_uri: String,
    /// Whether it can keep a secret.
    pub confidential: bool,
    /// What it may ask for, separated by spaces.
    pub scopes: String,
    /// The user it belongs to; none if to the instance.
    pub owner: Option<UserId>,
}

impl Application {
    /// What it may ask for. A scope that there is no more counts for nothing.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.scopes
            .split_whitespace()
            .filter_map(|name| Scopes::from_names([name]).ok())
            .fold(Scopes::NONE, Scopes::and)
    }

    /// What its name and details have to be.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn check(&self, name: &str) -> Result<(), Invalid> {
        Invalid::unless_all([
            readable("name", name, 255),
            check_addresses(&self.redirect_uri),
            check_scopes(&self.scopes),
        ])
    }
}

/// At least one address, a line each, that is whole and without a fragment
/// (RFC 6749 section 3.1.2). What a browser runs is no address.
fn check_addresses(text: &str) -> Result<(), Invalid> {
    let wrong = |problem: &str| Err(Invalid::field("redirect_uri", problem));
    if text.trim().is_empty() {
        return wrong("can't be blank");
    }
    if text.chars().count() > MOST_CHARACTERS {
        return wrong(&format!(
            "is too long (maximum is {MOST_CHARACTERS} characters)"
        ));
    }
    for line in text.split_whitespace() {
        let Some((scheme, rest)) = line.split_once(':') else {
            return wrong("must be an absolute URI.");
        };
        if line.contains('#') {
            return wrong("cannot contain a fragment.");
        }
        if ["javascript", "data", "vbscript"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return wrong("is forbidden by the server.");
        }
        let letters = |c: u8| c.is_ascii_alphanumeric() || b"+-.".contains(&c);
        let whole = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(letters)
            && !rest.is_empty()
            && !line.chars().any(char::is_control);
        if !whole {
            return wrong("must be an absolute URI.");
        }
    }
    Ok(())
}

fn check_scopes(names: &str) -> Result<(), Invalid> {
    let wrong = |problem: &str| Err(Invalid::field("scopes", problem));
    match Scopes::from_names(names.split_whitespace()) {
        Ok(scopes) if scopes.is_empty() => wrong("can't be blank"),
        Ok(scopes) if scopes.within(Scopes::APPLICATION) => Ok(()),
        _ => wrong("doesn't match configured on the server."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(redirect_uri: &str, scopes: &str) -> Application {
        Application {
            uid: "0".repeat(64),
            redirect_uri: redirect_uri.to_owned(),
            confidential: true,
            scopes: scopes.to_owned(),
            owner: None,
        }
    }

    #[test]
    fn addresses_are_whole_and_harmless() {
        for good in [
            "https://chat.example/cb",
            "https://a.example/cb\r\nhttps://b.example/cb?x=1",
            "urn:ietf:wg:oauth:2.0:oob",
            "com.example.app://cb",
            "http://localhost:8080",
        ] {
            assert_eq!(application(good, "api").check("x"), Ok(()), "{good}");
        }
        for bad in [
            "",
            " \n",
            "chat.example/cb",
            "/cb",
            "https:",
            ":x",
            "1http://x",
            "https://a.example/#x",
            "JavaScript:alert(1)",
            "https://a.example\ndata:x",
            "https://a.example/\u{0}",
            &format!("https://a.example/{}", "x".repeat(2_000)),
        ] {
            assert!(application(bad, "api").check("x").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let refused = application("", "root").check(" ").unwrap_err();
        let fields: Vec<_> = refused.problems.iter().map(|p| p.field).collect();
        assert_eq!(fields, ["name", "redirect_uri", "scopes"]);
        for bad in ["", " ", "api,read_api", "read_observability"] {
            assert!(application("urn:x", bad).check("x").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn scopes_that_are_no_more_count_for_nothing() {
        assert_eq!(
            application("urn:x", "api gone openid").scopes(),
            Scopes::from_names(["api", "openid"]).unwrap()
        );
    }
}

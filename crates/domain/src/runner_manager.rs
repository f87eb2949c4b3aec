//! Managers of a runner: the machines that work as it, all with its one token
//! (spec/rest.md section 3.8).

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::{
    ids::{HolderId, RunnerManagerId},
    invalid::{Invalid, readable},
};

/// The most managers that a runner has. Machines that come and go choose a new
/// id each time, and whoever has the token can make ids up.
pub const MOST: usize = 100;
/// The longest id that a machine has chosen for itself, in characters.
const LONGEST_ID: usize = 64;
/// The longest text that a machine says of its program, in characters.
const LONGEST_TEXT: usize = 255;
/// A contact is written if the one before is this old, or if it has news.
/// Whether a machine is online is told by hours, so minutes are near enough.
const NEAR_ENOUGH: SignedDuration = SignedDuration::from_mins(5);

/// A machine that works as a runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerManager {
    /// The row's id.
    pub id: RunnerManagerId,
    /// The runner whose token it has.
    pub runner: HolderId,
    /// What it said of itself last, and from where.
    pub said: Contact,
    /// When it was heard of first.
    pub created_at: Timestamp,
    /// When it was heard of last, five minutes more or less.
    pub contacted_at: Timestamp,
}

/// What a machine says of itself when it shows a runner's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The id that it has chosen for itself; of one runner, no two have the same.
    pub system_id: String,
    /// What it runs.
    pub program: Program,
    /// From where it said so.
    pub address: Option<IpAddr>,
}

/// The program that a machine works with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// Its version.
    pub version: Option<String>,
    /// The revision of its sources.
    pub revision: Option<String>,
    /// The operating system it is made for.
    pub platform: Option<String>,
    /// The processor it is made for.
    pub architecture: Option<String>,
}

impl Contact {
    /// What a machine may say.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn check(&self) -> Result<(), Invalid> {
        let Program {
            version,
            revision,
            platform,
            architecture,
        } = &self.program;
        Invalid::unless_all([
            check_system_id(&self.system_id),
            unless_unsaid("version", version.as_deref()),
            unless_unsaid("revision", revision.as_deref()),
            unless_unsaid("platform", platform.as_deref()),
            unless_unsaid("architecture", architecture.as_deref()),
        ])
    }
}

/// What a machine may choose as its id.
///
/// # Errors
/// [`Invalid`] with what is wrong.
pub fn check_system_id(text: &str) -> Result<(), Invalid> {
    readable("system_id", text, LONGEST_ID)
}

fn unless_unsaid(field: &'static str, text: Option<&str>) -> Result<(), Invalid> {
    text.map_or(Ok(()), |text| readable(field, text, LONGEST_TEXT))
}

impl RunnerManager {
    /// The same after another contact; none if that is not worth writing.
    #[must_use]
    pub fn after(&self, contact: &Contact, now: Timestamp) -> Option<Self> {
        let said = Contact {
            program: contact.program.clone().or(&self.said.program),
            ..contact.clone()
        };
        let has_news = said != self.said;
        let is_due = now.duration_since(self.contacted_at) >= NEAR_ENOUGH;
        (has_news || is_due).then(|| Self {
            said,
            contacted_at: now.max(self.contacted_at),
            ..self.clone()
        })
    }

    /// Whether it runs a version that begins so.
    #[must_use]
    pub fn runs(&self, beginning: &str) -> bool {
        let version = self.said.program.version.as_deref();
        version.is_some_and(|version| version.starts_with(beginning))
    }
}

impl Program {
    /// The same; what isn't said is as before.
    fn or(self, before: &Self) -> Self {
        let either =
            |said: Option<String>, before: &Option<String>| said.or_else(|| before.clone());
        Self {
            version: either(self.version, &before.version),
            revision: either(self.revision, &before.revision),
            platform: either(self.platform, &before.platform),
            architecture: either(self.architecture, &before.architecture),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn contact(version: Option<&str>) -> Contact {
        Contact {
            system_id: "s_1".into(),
            program: Program {
                version: version.map(str::to_owned),
                ..Program::default()
            },
            address: None,
        }
    }

    fn manager() -> RunnerManager {
        RunnerManager {
            id: RunnerManagerId::from_row(1),
            runner: HolderId::from_row(7),
            said: contact(Some("17.1")),
            created_at: at(0),
            contacted_at: at(100),
        }
    }

    #[test]
    fn a_contact_is_written_if_it_has_news_or_the_last_is_old() {
        let manager = manager();
        assert_eq!(manager.after(&contact(Some("17.1")), at(104)), None);
        assert_eq!(manager.after(&contact(None), at(104)), None);
        let due = manager.after(&contact(None), at(105)).unwrap();
        assert_eq!((due.contacted_at, &due.said), (at(105), &manager.said));
        let newer = manager.after(&contact(Some("17.2")), at(101)).unwrap();
        assert_eq!(newer.said.program.version.as_deref(), Some("17.2"));
        let moved = Contact {
            address: Some([203, 0, 113, 9].into()),
            ..contact(None)
        };
        let moved = manager.after(&moved, at(101)).unwrap();
        assert_eq!(moved.said.program, manager.said.program);
        let backwards = manager.after(&contact(Some("17.2")), at(99)).unwrap();
        assert_eq!(backwards.contacted_at, at(100), "a clock may be set back");
    }

    #[test]
    fn a_version_is_known_by_its_beginning() {
        let manager = manager();
        assert!(manager.runs("17.") && manager.runs("") && !manager.runs("7.1"));
        let silent = RunnerManager {
            said: contact(None),
            ..manager
        };
        assert!(!silent.runs(""));
    }

    #[test]
    fn what_is_said_is_checked_whole() {
        assert_eq!(contact(Some("17.1")).check(), Ok(()));
        let odd = Contact {
            system_id: "x".repeat(65),
            program: Program {
                version: Some("x".repeat(256)),
                revision: Some("a\u{0}".into()),
                platform: Some(" ".into()),
                architecture: Some("amd64".into()),
            },
            address: None,
        };
        let refused = odd.check().unwrap_err();
        let fields: Vec<_> = refused.problems.iter().map(|p| p.field).collect();
        assert_eq!(fields, ["system_id", "version", "revision", "platform"]);
        assert!(check_system_id("").is_err());
    }
}

//! Runners of CI jobs (spec/rest.md section 3.8).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    invalid::{Invalid, readable},
    place::Place,
};

/// A runner that was heard of within this time is online.
const ONLINE: SignedDuration = SignedDuration::from_hours(2);
/// One that wasn't heard of for this long is stale: three months of 30 days.
const STALE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The longest note, in characters.
const LONGEST_NOTE: usize = 1_024;
/// The shortest `maximum_timeout`, in seconds.
const SHORTEST_TIMEOUT: i64 = 600;
/// The most tags, and the longest of them, in characters.
const MOST_TAGS: usize = 50;
/// The longest tag and description, in characters.
const LONGEST_TEXT: usize = 255;

/// What a runner works for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunnerType {
    /// The whole instance.
    #[serde(rename = "instance_type")]
    Instance,
    /// One group.
    #[serde(rename = "group_type")]
    Group,
    /// One project.
    #[serde(rename = "project_type")]
    Project,
}

impl RunnerType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Instance, Self::Group, Self::Project];

    /// The type with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instance => "instance_type",
            Self::Group => "group_type",
            Self::Project => "project_type",
        }
    }

    /// The number in the payload of its token
    /// (spec/token-information-api.md section 2.7).
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Instance => 1,
            Self::Group => 2,
            Self::Project => 3,
        }
    }

    /// The type of a runner that belongs here.
    #[must_use]
    pub const fn of(place: Option<Place>) -> Self {
        match place {
            None => Self::Instance,
            Some(Place::Group(_)) => Self::Group,
            Some(Place::Project(_)) => Self::Project,
        }
    }
}

/// What is known of a runner (spec/rest.md section 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of their own on the wire"
)]
pub struct Runner {
    /// Whether it registered itself.
    pub registered: bool,
    /// Whether it takes no new jobs.
    pub paused: bool,
    /// Whether it serves its project alone.
    pub locked: bool,
    /// Whether it takes jobs without tags.
    pub run_untagged: bool,
    /// Whether it serves protected branches alone: `ref_protected`, or else
    /// `not_protected`.
    pub access_level: String,
    /// The tags of the jobs it takes.
    pub tags: Vec<String>,
    /// The longest it lets a job run, in seconds.
    pub maximum_timeout: Option<i64>,
    /// What its keepers note down.
    pub maintenance_note: Option<String>,
}

/// The words that `access_level` may be.
pub const ACCESS_LEVELS: [&str; 2] = ["not_protected", "ref_protected"];

impl Runner {
    /// A runner of which nothing is said yet.
    #[must_use]
    pub fn plain(registered: bool) -> Self {
        Self {
            registered,
            paused: false,
            locked: false,
            run_untagged: true,
            access_level: "not_protected".to_owned(),
            tags: Vec::new(),
            maximum_timeout: None,
            maintenance_note: None,
        }
    }

    /// What its description, which is its name, and its details have to be.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn check(&self, description: &str) -> Result<(), Invalid> {
        Invalid::unless_all([
            optional("description", description, LONGEST_TEXT),
            optional(
                "maintenance_note",
                self.maintenance_note.as_deref().unwrap_or_default(),
                LONGEST_NOTE,
            ),
            self.check_tags(),
            check_timeout(self.maximum_timeout),
        ])
    }

    fn check_tags(&self) -> Result<(), Invalid> {
        if !self.run_untagged && self.tags.is_empty() {
            let problem = "can not be empty when runner is not allowed to pick untagged jobs";
            return Err(Invalid::field("tags_list", problem));
        }
        if self.tags.len() > MOST_TAGS {
            let problem =
                format!("Too many tags specified. Please limit the number of tags to {MOST_TAGS}");
            return Err(Invalid::field("tags_list", problem));
        }
        let checked = self
            .tags
            .iter()
            .map(|tag| readable("tags_list", tag, LONGEST_TEXT));
        checked.collect()
    }
}

/// A text that may be empty and may have lines.
fn optional(field: &'static str, text: &str, most: usize) -> Result<(), Invalid> {
    if text.chars().count() > most {
        let problem = format!("is too long (maximum is {most} characters)");
        return Err(Invalid::field(field, problem));
    }
    let garbles = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(garbles) {
        return Err(Invalid::field(field, "can't contain control characters"));
    }
    Ok(())
}

fn check_timeout(seconds: Option<i64>) -> Result<(), Invalid> {
    match seconds {
        Some(seconds) if seconds < SHORTEST_TIMEOUT => {
            let problem = "needs to be at least 10 minutes";
            Err(Invalid::field("maximum_timeout", problem))
        }
        Some(seconds) if seconds > i64::from(i32::MAX) => {
            Err(Invalid::field("maximum_timeout", "is too long"))
        }
        _ => Ok(()),
    }
}

/// Whether a runner works, as far as it was heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunnerStatus {
    /// It never was.
    NeverContacted,
    /// It was, lately.
    Online,
    /// It was, some time ago.
    Offline,
    /// It was, long ago.
    Stale,
}

impl RunnerStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [
        Self::NeverContacted,
        Self::Online,
        Self::Offline,
        Self::Stale,
    ];

    /// The status of a runner that was heard of last at this moment.
    #[must_use]
    pub fn of(contacted_at: Option<Timestamp>, now: Timestamp) -> Self {
        match contacted_at.map(|at| now.duration_since(at)) {
            None => Self::NeverContacted,
            Some(passed) if passed < ONLINE => Self::Online,
            Some(passed) if passed < STALE => Self::Offline,
            Some(_) => Self::Stale,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NeverContacted => "never_contacted",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Stale => "stale",
        }
    }

    /// The status with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Which runners a list shows. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunnerFilter {
    /// Only those that work for this.
    pub runner_type: Option<RunnerType>,
    /// Only those of this status.
    pub status: Option<RunnerStatus>,
    /// Only paused ones, or only the others.
    pub paused: Option<bool>,
    /// Only those with each of these tags.
    pub tags: Vec<String>,
    /// Only those with a manager whose version begins so.
    pub version: Option<String>,
}

impl RunnerFilter {
    /// Whether it shows every runner.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a runner is shown that belongs here and has this status, as far
    /// as that doesn't depend on its managers.
    #[must_use]
    pub fn shows(&self, runner: &Runner, place: Option<Place>, status: RunnerStatus) -> bool {
        self.runner_type
            .is_none_or(|wanted| wanted == RunnerType::of(place))
            && self.status.is_none_or(|wanted| wanted == status)
            && self.paused.is_none_or(|wanted| wanted == runner.paused)
            && self.tags.iter().all(|tag| runner.tags.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner() -> Runner {
        Runner {
            registered: false,
            paused: false,
            locked: false,
            run_untagged: true,
            access_level: "not_protected".to_owned(),
            tags: Vec::new(),
            maximum_timeout: None,
            maintenance_note: None,
        }
    }

    #[test]
    fn a_runner_is_as_fresh_as_its_last_word() {
        let now: Timestamp = "2031-04-05T06:07:08Z".parse().unwrap();
        let ago = |hours| Some(now - SignedDuration::from_hours(hours));
        for (heard, status) in [
            (None, "never_contacted"),
            (ago(0), "online"),
            (ago(1), "online"),
            (ago(-1), "online"),
            (ago(2), "offline"),
            (ago(90 * 24 - 1), "offline"),
            (ago(90 * 24), "stale"),
        ] {
            assert_eq!(RunnerStatus::of(heard, now).name(), status, "{heard:?}");
        }
        for status in RunnerStatus::ALL {
            assert_eq!(RunnerStatus::from_name(status.name()), Some(status));
        }
    }

    #[test]
    fn a_filter_shows_what_meets_all_of_it() {
        let tagged = Runner {
            tags: vec!["linux".into(), "arm".into()],
            ..runner()
        };
        let shows = |filter: &RunnerFilter| filter.shows(&tagged, None, RunnerStatus::Online);
        let all = RunnerFilter::default();
        assert!(all.is_empty() && shows(&all));
        let exact = RunnerFilter {
            runner_type: RunnerType::from_name("instance_type"),
            status: Some(RunnerStatus::Online),
            paused: Some(false),
            tags: vec!["arm".into()],
            version: None,
        };
        assert!(!exact.is_empty() && shows(&exact));
        for other in [
            RunnerFilter {
                runner_type: Some(RunnerType::Group),
                ..exact.clone()
            },
            RunnerFilter {
                status: Some(RunnerStatus::Stale),
                ..exact.clone()
            },
            RunnerFilter {
                paused: Some(true),
                ..exact.clone()
            },
            RunnerFilter {
                tags: vec!["arm".into(), "mac".into()],
                ..exact.clone()
            },
        ] {
            assert!(!shows(&other), "{other:?}");
        }
    }

    #[test]
    fn what_a_runner_may_be_is_checked_whole() {
        assert_eq!(runner().check(""), Ok(()));
        let odd = Runner {
            run_untagged: false,
            maximum_timeout: Some(599),
            maintenance_note: Some("x".repeat(1_025)),
            ..runner()
        };
        let refused = odd.check("bell\u{7}").unwrap_err();
        let fields: Vec<_> = refused.problems.iter().map(|p| p.field).collect();
        let all = [
            "description",
            "maintenance_note",
            "tags_list",
            "maximum_timeout",
        ];
        assert_eq!(fields, all);
        let tagged = |tags: Vec<String>| Runner { tags, ..runner() }.check("x");
        assert!(tagged(vec!["linux".into()]).is_ok());
        assert!(tagged(vec!["x".into(); 51]).is_err());
        assert!(tagged(vec!["x".repeat(256)]).is_err());
    }
}

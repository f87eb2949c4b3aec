//! What is said of a runner by whoever creates or changes one (spec/rest.md
//! section 3.8).

use tokenry_domain::{
    holder::{Details, Runner},
    runner::ACCESS_LEVELS,
};
use utoipa::ToSchema;

use crate::params::Reader;

/// Values for some of a runner's properties.
#[derive(Debug, Default)]
pub(super) struct RunnerForm {
    description: Option<String>,
    paused: Option<bool>,
    locked: Option<bool>,
    run_untagged: Option<bool>,
    access_level: Option<&'static str>,
    tags: Option<Vec<String>>,
    #[expect(clippy::option_option, reason = "sent as null, it is cleared")]
    maximum_timeout: Option<Option<i64>>,
    maintenance_note: Option<String>,
}

/// Values for some of a runner's properties, as the document has them.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
pub(super) struct RunnerValues {
    /// What is said of it; at most 255 characters.
    description: Option<String>,
    /// Whether it takes no new jobs.
    paused: Option<bool>,
    /// The opposite, as it was called before.
    active: Option<bool>,
    /// Whether it serves its project alone.
    locked: Option<bool>,
    /// Whether it takes jobs without tags; it does by default.
    run_untagged: Option<bool>,
    /// `not_protected` or `ref_protected`.
    access_level: Option<String>,
    /// The tags of the jobs it takes; an array, or separated by commas.
    tag_list: Option<Vec<String>>,
    /// The longest it lets a job run, in seconds; at least 600.
    maximum_timeout: Option<i64>,
    /// What its keepers note down; at most 1,024 characters.
    maintenance_note: Option<String>,
}

/// The parameters of which a change has one at least.
const NAMES: [&str; 9] = [
    "description",
    "active",
    "paused",
    "tag_list",
    "run_untagged",
    "locked",
    "access_level",
    "maximum_timeout",
    "maintenance_note",
];

impl RunnerForm {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        if reader.has("active") && reader.has("paused") {
            reader.problem("active, paused are mutually exclusive".to_owned());
        }
        let active = reader.flag("active");
        let timeout = reader.integer("maximum_timeout");
        let cleared = reader.clears("maximum_timeout");
        Self {
            description: reader.text("description").map(str::to_owned),
            paused: reader.flag("paused").or(active.map(|active| !active)),
            locked: reader.flag("locked"),
            run_untagged: reader.flag("run_untagged"),
            access_level: reader.choice("access_level", &ACCESS_LEVELS),
            tags: reader
                .words("tag_list")
                .map(|tags| tags.into_iter().map(str::to_owned).collect()),
            maximum_timeout: timeout.map(Some).or(cleared.then_some(None)),
            maintenance_note: reader
                .text("maintenance_note")
                .or_else(|| reader.text("maintainer_note"))
                .map(str::to_owned),
        }
    }

    /// As [`RunnerForm::read`], with one value at least.
    pub(super) fn read_change(reader: &mut Reader<'_>) -> Self {
        if !NAMES
            .iter()
            .any(|name| reader.has(name) || reader.clears(name))
        {
            let names = NAMES.join(", ");
            reader.problem(format!(
                "{names} are missing, at least one parameter must be provided"
            ));
        }
        Self::read(reader)
    }

    /// A new runner's name and details.
    pub(super) fn new_runner(self, registered: bool) -> (String, Details) {
        let mut name = String::new();
        let mut details = Details::Runner(Runner::plain(registered));
        self.apply(&mut name, &mut details);
        (name, details)
    }

    /// Puts the values in their places.
    pub(super) fn apply(self, name: &mut String, details: &mut Details) {
        let Details::Runner(runner) = details else {
            return;
        };
        set(name, self.description);
        set(&mut runner.paused, self.paused);
        set(&mut runner.locked, self.locked);
        set(&mut runner.run_untagged, self.run_untagged);
        set(
            &mut runner.access_level,
            self.access_level.map(str::to_owned),
        );
        set(&mut runner.tags, self.tags);
        set(&mut runner.maximum_timeout, self.maximum_timeout);
        if let Some(note) = self.maintenance_note {
            runner.maintenance_note = Some(note).filter(|note| !note.is_empty());
        }
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

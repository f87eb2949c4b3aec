//! What may be asked for of a new token: its kind says which fields it has.

use tokenry_domain::{
    IfExists, Invalid, PlaceRef,
    kind::{Descriptor, Identifies, Issuing, Lifetime},
};

use super::{NewToken, SubjectName};
use crate::Error;

/// What is said of a field that a kind hasn't.
const NOT_OF_THIS_KIND: &str = "isn't for tokens of this kind; leave it out";
/// What is said of a field that is needed.
const MISSING: &str = "is missing";

/// Whether a token of this kind has such a field.
fn has(line: &Descriptor, field: &str) -> bool {
    let plain = matches!(
        line.issuing,
        Issuing::User
            | Issuing::ServiceAccount
            | Issuing::Bot
            | Issuing::Place
            | Issuing::Top
            | Issuing::Holder
    );
    let job = line.issuing == Issuing::WithJob;
    match field {
        "name" => line.issuing != Issuing::Sole,
        "description" => plain,
        "scopes" => plain && !line.scopes.is_empty(),
        "expires_at" => line.lifetime != Lifetime::Settled,
        "owner" => job || matches!(line.issuing, Issuing::User | Issuing::ServiceAccount),
        "subject" => !line.issued_for.is_empty(),
        "access_level" => line.issuing == Issuing::Bot,
        // What comes with its holder goes with it.
        "if_exists" => plain || line.issuing == Issuing::Sole,
        "username" => line.identifies == Identifies::DeployToken,
        _ => job,
    }
}

/// Whether a token of this kind must be given such a field. Which scopes are
/// enough is a rule of its own.
fn needs(line: &Descriptor, field: &str) -> bool {
    match field {
        "name" | "ref" => has(line, field),
        "owner" => line.issuing == Issuing::ServiceAccount,
        "subject" => has(line, field) && !line.issued_for.contains(&"instance"),
        _ => false,
    }
}

impl NewToken {
    /// Refuses fields that the kind hasn't, and the want of those it needs.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        let line = self.kind.descriptor();
        let fields = [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("scopes", self.scopes.is_some()),
            ("expires_at", self.expires.is_some()),
            ("owner", self.owner.is_some()),
            ("subject", self.subject.is_some()),
            ("access_level", self.level.is_some()),
            ("username", self.username.is_some()),
            ("ref", self.r#ref.is_some()),
            ("timeout", self.timeout.is_some()),
            ("if_exists", self.if_exists != IfExists::Add),
        ];
        Invalid::unless_all(fields.map(|(field, there)| match field {
            _ if there && !has(line, field) => Err(Invalid::field(field, NOT_OF_THIS_KIND)),
            "subject" if !there && needs(line, field) => Err(self.no_subject()),
            _ if !there && needs(line, field) => Err(Invalid::field(field, MISSING)),
            _ => Ok(()),
        }))
    }

    /// The project or group that is named, if the kind belongs to such.
    pub(super) fn place(&self, subject: &SubjectName) -> Result<PlaceRef, Error> {
        let sort = subject.sort.as_str();
        let taken = self.kind.descriptor().issued_for.contains(&sort);
        match sort {
            "project" if taken => Ok(PlaceRef::Project(subject.name.clone())),
            "group" if taken => Ok(PlaceRef::Group(subject.name.clone())),
            _ => Err(self.other_subject().into()),
        }
    }

    /// What is said where something else is named.
    pub(super) fn other_subject(&self) -> Invalid {
        Invalid::field("subject", format!("takes {}", self.subjects()))
    }

    /// What is said where nothing is named.
    pub(super) fn no_subject(&self) -> Invalid {
        let problem = format!("is missing: name {}", self.subjects());
        Invalid::field("subject", problem)
    }

    fn subjects(&self) -> String {
        let names = self.kind.descriptor().issued_for.iter();
        let said = names.map(|name| match *name {
            "instance" => "nothing, for the instance".to_owned(),
            name => format!("a {name}"),
        });
        said.collect::<Vec<_>>().join(" or ")
    }
}

/// What is said where a token acts as somebody who isn't named.
pub(super) fn no_owner() -> Invalid {
    Invalid::field("owner", MISSING)
}

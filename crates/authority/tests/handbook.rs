//! The handbook's page of errors names every code there is, and no other.

use std::collections::BTreeSet;

use tokenry_authority::{Error, NoEntropy, Refusal, Thing};
use tokenry_domain::{
    AccessLevel, Invalid, Kind, Scopes, Token, TokenId, UserId, UserState,
    access::Need,
    holder::HolderKind,
    page::BrokenCursor,
    token::{AlreadyRevoked, LastUse, Life},
    user::StateRefused,
};
use tokenry_store::StoreError;
use tokenry_token::{Digest, Hint, KeyId, Unsealable};

fn token() -> Token {
    Token {
        id: TokenId::from_row(1),
        kind: Kind::Personal,
        owner: UserId::from_row(1),
        subject: None,
        name: "ci".to_owned(),
        description: None,
        scopes: Scopes::NONE,
        life: Life {
            created_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: None,
            revoked_at: None,
        },
        last_use: LastUse::default(),
        hint: Hint::from_stored("glpat-…abcd".to_owned()),
        digest: Digest::from_bytes([1; 32]),
        key: KeyId::new(1),
        rotated_from: None,
        family: None,
    }
}

/// One error of each code.
fn every_error() -> Vec<Error> {
    let all = vec![
        Error::Refused(Refusal::Missing),
        Error::Refused(Refusal::Unknown),
        Error::Refused(Refusal::Expired),
        Error::Refused(Refusal::Revoked),
        Error::Refused(Refusal::ImpersonationDisabled),
        Error::Refused(Refusal::NotPersonal(Need::Own)),
        Error::Refused(Refusal::Scope(Need::Write)),
        Error::Refused(Refusal::Account(UserState::Blocked)),
        Error::Refused(Refusal::WrongPassword),
        Error::Refused(Refusal::TooManyGuesses { seconds: 1 }),
        Error::AdminOnly,
        Error::NotPermitted("see this token"),
        Error::NotFound(Thing::Token),
        Error::NotFound(Thing::User),
        Error::NotFound(Thing::Group),
        Error::NotFound(Thing::Project),
        Error::NotFound(Thing::Member),
        Error::NotFound(Thing::Session),
        Error::NotFound(Thing::Holder(HolderKind::Runner)),
        Error::TooManyTokens { most: 2 },
        Error::RoleTooLow(AccessLevel::Owner),
        Error::AlreadyMember,
        Error::JobEnded,
        Error::PurgeEnded,
        Error::RetentionRunning,
        Error::KeyReused,
        Error::UnderWay,
        Error::NotFound(Thing::Purge),
        Error::NotFound(Thing::RunnerManager),
        Error::AboveOwnRole,
        Error::SoleOwner,
        Error::NoKnownPrefix,
        Error::IssuedOtherwise("sign in"),
        Error::NotRotated(Kind::Feed),
        Error::TokenExists(Box::new(token())),
        Error::Invalid(Invalid::field("name", "can't be blank")),
        Error::AlreadyRevoked(AlreadyRevoked),
        Error::WrongState(StateRefused("no".to_owned())),
        Error::Taken("Username"),
        Error::Cursor(BrokenCursor),
        Error::TooDeep { most: 50_000 },
        Error::NotIndexed,
        Error::Store(StoreError::Closed),
        Error::Store(StoreError::Full),
        Error::Entropy(NoEntropy),
        Error::Hashing("no memory".to_owned()),
        Error::Unsealable(Unsealable),
    ];
    all.iter().for_each(is_listed);
    all
}

/// Knows each variant, so that the compiler says where one is missing above.
fn is_listed(error: &Error) {
    match error {
        Error::Refused(
            Refusal::Missing
            | Refusal::Unknown
            | Refusal::Expired
            | Refusal::Revoked
            | Refusal::ImpersonationDisabled
            | Refusal::NotPersonal(_)
            | Refusal::Scope(_)
            | Refusal::Account(_)
            | Refusal::WrongPassword
            | Refusal::TooManyGuesses { .. },
        )
        | Error::AdminOnly
        | Error::NotPermitted(_)
        | Error::NotFound(
            Thing::Token
            | Thing::User
            | Thing::Group
            | Thing::Project
            | Thing::Member
            | Thing::Session
            | Thing::Holder(_)
            | Thing::RunnerManager
            | Thing::Purge,
        )
        | Error::TooManyTokens { .. }
        | Error::RoleTooLow(_)
        | Error::AlreadyMember
        | Error::JobEnded
        | Error::PurgeEnded
        | Error::RetentionRunning
        | Error::KeyReused
        | Error::UnderWay
        | Error::AboveOwnRole
        | Error::SoleOwner
        | Error::NoKnownPrefix
        | Error::IssuedOtherwise(_)
        | Error::NotRotated(_)
        | Error::TokenExists(_)
        | Error::Invalid(_)
        | Error::AlreadyRevoked(_)
        | Error::WrongState(_)
        | Error::Taken(_)
        | Error::Cursor(_)
        | Error::TooDeep { .. }
        | Error::NotIndexed
        | Error::Store(_)
        | Error::Entropy(_)
        | Error::Hashing(_)
        | Error::Unsealable(_) => {}
    }
}

#[test]
fn every_code_has_a_row_in_the_handbook_and_every_row_a_code() {
    let page = include_str!("../../../docs/errors.md");
    let (page, _) = page
        .split_once("## On the console")
        .expect("the console has codes of its own");
    let rows: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .collect();
    let errors = every_error();
    let codes: BTreeSet<&str> = errors.iter().map(Error::code).collect();
    assert_eq!(rows, codes);
    assert_eq!(codes.len(), errors.len(), "two errors share a code");
}

#[test]
fn only_the_store_and_the_machine_are_faults_of_ours() {
    let ours: Vec<_> = every_error()
        .iter()
        .filter(|error| error.is_ours())
        .map(Error::code)
        .collect();
    assert_eq!(
        ours,
        [
            "store_failed",
            "disk_full",
            "no_entropy",
            "hashing_failed",
            "unsealable"
        ]
    );
}

//! Parameters that several routes take.

use tokenry_domain::token_query::FIELDS;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

/// The group or project that a path names.
pub(crate) struct PlaceId;

impl IntoParams for PlaceId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = ParameterBuilder::new()
            .name("id")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The id or the encoded full path."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        vec![id.build()]
    }
}

/// The parameters that every list takes.
pub(crate) struct Paged;

const PAGED: [(&str, Type, &str); 5] = [
    ("page", Type::Integer, "The page's number, from 1."),
    (
        "per_page",
        Type::Integer,
        "Rows a page: 20 by default, at most 100.",
    ),
    (
        "pagination",
        Type::String,
        "`keyset`: a `Link` to what follows instead of page numbers, at the same cost at any depth.",
    ),
    (
        "cursor",
        Type::String,
        "Where a keyset page begins; from the `Link` of the one before.",
    ),
    ("id_after", Type::Integer, "As `cursor`, in lists by id."),
];

impl IntoParams for Paged {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        PAGED.into_iter().map(query_parameter).collect()
    }
}

/// The parameters that every list of access tokens is filtered and sorted by.
pub(crate) struct Filtered;

const FILTERED: [(&str, Type, &str); 11] = [
    (
        "revoked",
        Type::Boolean,
        "Only revoked ones, or only the others.",
    ),
    (
        "state",
        Type::String,
        "`active`: neither revoked nor expired. `inactive`: the others.",
    ),
    (
        "search",
        Type::String,
        "Only names that contain each of these words, whatever the case.",
    ),
    (
        "created_after",
        Type::String,
        "Issued at this moment or later.",
    ),
    (
        "created_before",
        Type::String,
        "Issued at this moment or earlier.",
    ),
    (
        "expires_after",
        Type::String,
        "Expiring on this date or later.",
    ),
    ("expires_before", Type::String, "Expiring before this date."),
    (
        "last_used_after",
        Type::String,
        "Used last at this moment or later.",
    ),
    (
        "last_used_before",
        Type::String,
        "Used last at this moment or earlier.",
    ),
    (
        "sort",
        Type::String,
        "`id`, `created`, `expires`, `last_used` or `name`, followed by `_asc` or `_desc`; \
         beside `order_by`, `asc` or `desc`. Anything else is ignored.",
    ),
    (
        "order_by",
        Type::String,
        "`id`, `created_at`, `expires_at`, `last_used_at` or `name`.",
    ),
];

impl IntoParams for Filtered {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        FILTERED.into_iter().map(query_parameter).collect()
    }
}

/// What every list of groups or projects is filtered and sorted by.
pub(crate) struct Sought;

const SOUGHT: [(&str, Type, &str); 6] = [
    ("search", Type::String, "In the name or path."),
    ("owned", Type::Boolean, "Only those the caller owns."),
    (
        "min_access_level",
        Type::Integer,
        "Only those where the caller has this role or a higher one.",
    ),
    (
        "visibility",
        Type::String,
        "`private`, `internal` or `public`.",
    ),
    (
        "order_by",
        Type::String,
        "`name`, `path`, `id`, `created_at` or `updated_at`; of projects also `last_activity_at`.",
    ),
    ("sort", Type::String, "`asc` or `desc`."),
];

impl IntoParams for Sought {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        SOUGHT.into_iter().map(query_parameter).collect()
    }
}

/// The parameters of the list of tokens of every kind: the fields of the
/// grammar, and how the list is shown.
pub(crate) struct TokensAsked;

const SHOWN_SO: [(&str, Type, &str); 4] = [
    (
        "sort",
        Type::String,
        "`id`, `created`, `expires`, `last_used` or `name`, followed by `_asc` or `_desc`; \
         the last two for the tokens of one owner, subject or family.",
    ),
    (
        "per_page",
        Type::Integer,
        "Rows a page: 20 by default, at most 1000.",
    ),
    (
        "cursor",
        Type::String,
        "Where the page begins: the `next_cursor` of the one before.",
    ),
    (
        "count",
        Type::String,
        "`exact`, `estimate` or `none`: whether to tell how many there are in all.",
    ),
];

impl IntoParams for TokensAsked {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let fields = FIELDS.iter().map(|field| {
            let description = format!("{}. Takes {}.", field.help, field.value);
            (field.name, description)
        });
        let fields =
            fields.map(|(name, description)| query_parameter((name, Type::String, &description)));
        fields
            .chain(SHOWN_SO.into_iter().map(query_parameter))
            .collect()
    }
}

fn query_parameter((name, kind, description): (&str, Type, &str)) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
        .build()
}

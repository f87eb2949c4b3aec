//! Which tokens a list shows, and in what order, as SQL.

use jiff::Timestamp;
use tokenry_domain::{
    Kind, OwnerState, State, States, Token, TokenId,
    token_filter::{Between, HintPart, SortKey, TokenFilter, TokenOrder},
};

use tokenry_token::Hint;

use crate::{
    Conn, StoreError,
    list::{self, List},
    sql::{Sql, Value, contains},
    tokens::{TokenRow, columns},
};

/// The first of the tokens that a filter shows, at most `most`.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn first(
    conn: &mut Conn,
    filter: &TokenFilter,
    order: TokenOrder,
    most: usize,
    now: Timestamp,
) -> Result<Vec<Token>, StoreError> {
    let sql = list(filter, order, now).starting_at(most, 0);
    list::fetch::<TokenRow, Token>(conn, sql).await
}

pub(crate) fn list(filter: &TokenFilter, order: TokenOrder, now: Timestamp) -> List {
    List {
        rows: concat!("SELECT ", columns!(), " FROM tokens"),
        ones: "SELECT 1 FROM tokens",
        conditions: conditions(filter, now),
        key: key(order.key),
        direction: order.direction,
    }
}

/// The same list, read along the index of its order and no other: for one row
/// that another index finds sooner, another makes it gather all there are.
pub(crate) fn along_its_order(filter: &TokenFilter, order: TokenOrder, now: Timestamp) -> List {
    let found = in_the_index(filter, order, now);
    List {
        conditions: with_conditions(found, filter, now, Use::IndexOfTheOrder),
        ..list(filter, order, now)
    }
}

/// The same list of which the ids are known already: a row is looked up by its
/// id, and what is found is sorted.
pub(crate) fn among(
    ids: &[TokenId],
    filter: &TokenFilter,
    order: TokenOrder,
    now: Timestamp,
) -> List {
    let mut found = Sql::default();
    found
        .condition("id")
        .among(ids.iter().copied().map(TokenId::get));
    List {
        conditions: with_conditions(found, filter, now, Use::Ids),
        key: beside_indexes(order.key),
        ..list(filter, order, now)
    }
}

/// What the index of the order knows of a filter: a list of these rows is a
/// stretch of it, and has all that are shown.
pub(crate) fn in_the_index(filter: &TokenFilter, order: TokenOrder, now: Timestamp) -> Sql {
    let mut sql = belonging(&narrowest(filter));
    let span = match order.key {
        SortKey::Created => filter.created,
        SortKey::Expires => Between {
            after: match filter.expires.after {
                None if filter.states == States::ACTIVE => Some(now),
                after => after,
            },
            ..filter.expires
        },
        _ => Between::default(),
    };
    let ends = [(" >= ", span.after), (" <= ", span.before)];
    for (comparison, end) in ends {
        if let Some(end) = end {
            sql.condition(key(order.key))
                .push(comparison)
                .bind(time(end));
        }
    }
    sql
}

/// Of the conditions that have indexes of their own the one that the fewest
/// tokens meet.
pub(crate) fn narrowest(filter: &TokenFilter) -> TokenFilter {
    let mut narrow = TokenFilter {
        family: filter.family,
        ..TokenFilter::default()
    };
    if narrow.family.is_none() {
        narrow.hint.clone_from(&filter.hint);
    }
    if narrow == TokenFilter::default() {
        narrow.subject = filter.subject;
    }
    if narrow == TokenFilter::default() {
        narrow.owner = filter.owner;
    }
    narrow
}

/// Which indexes may be used for a filter's conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    AnyIndex,
    IndexOfTheOrder,
    /// None: the rows are found by their ids.
    Ids,
}

/// The filter's conditions; [`TokenFilter::matches`] says the same in plain Rust.
pub(crate) fn conditions(filter: &TokenFilter, now: Timestamp) -> Sql {
    with_conditions(belonging(filter), filter, now, Use::AnyIndex)
}

fn with_conditions(found: Sql, filter: &TokenFilter, now: Timestamp, indexes: Use) -> Sql {
    let mut sql = found;
    match indexes {
        Use::AnyIndex => {}
        Use::IndexOfTheOrder => beside(&mut sql, filter, &narrowest(filter)),
        Use::Ids => beside(&mut sql, filter, &TokenFilter::default()),
    }
    if !filter.kinds.is_empty() {
        let kinds = filter.kinds.iter().copied().map(Kind::name);
        one_of(sql.condition("kind"), kinds);
    }
    if filter.without_subject {
        sql.condition("subject_type IS NULL");
    }
    if !filter.owner_states.is_empty() {
        owner_states(&mut sql, &filter.owner_states);
    }
    states(&mut sql, filter.states, now, indexes);
    if !filter.scopes.is_empty() {
        scopes(&mut sql, filter);
    }
    for word in &filter.words {
        sql.condition("COALESCE(folded, name) LIKE ");
        sql.bind(Value::Text(contains(&word.to_lowercase())))
            .push(r" ESCAPE '\'");
    }
    looks(&mut sql, filter);
    times(&mut sql, filter, indexes);
    uses(&mut sql, filter);
    sql
}

/// Whose they are, what they belong to and where they come from.
fn belonging(filter: &TokenFilter) -> Sql {
    let mut sql = Sql::default();
    if let Some(owner) = filter.owner {
        sql.condition("owner_id = ")
            .bind(Value::Number(owner.get()));
    }
    if let Some(subject) = filter.subject {
        let (sort, id) = subject.parts();
        sql.condition("subject_type = ")
            .bind(Value::Text(sort.to_owned()));
        sql.condition("subject_id = ").bind(Value::Number(id));
    }
    if let Some(hint) = &filter.hint {
        hinted(&mut sql, hint);
    }
    if let Some(head) = filter.family {
        sql.condition("(id = ").bind(Value::Number(head.get()));
        sql.push(" OR family_id = ").bind(Value::Number(head.get()));
        sql.push(")");
    }
    sql
}

/// The same of what isn't found by its index already, written so that it keeps
/// other indexes out.
fn beside(sql: &mut Sql, filter: &TokenFilter, found: &TokenFilter) {
    if let Some(owner) = filter.owner.filter(|_| found.owner.is_none()) {
        sql.condition("+owner_id = ")
            .bind(Value::Number(owner.get()));
    }
    if let Some(subject) = filter.subject.filter(|_| found.subject.is_none()) {
        let (sort, id) = subject.parts();
        sql.condition("subject_type = ")
            .bind(Value::Text(sort.to_owned()));
        sql.condition("+subject_id = ").bind(Value::Number(id));
    }
    if let Some(hint) = filter.hint.as_ref().filter(|_| found.hint.is_none()) {
        hinted(sql, hint);
    }
    if let Some(head) = filter.family.filter(|_| found.family.is_none()) {
        sql.condition("(+id = ").bind(Value::Number(head.get()));
        sql.push(" OR +family_id = ")
            .bind(Value::Number(head.get()));
        sql.push(")");
    }
}

fn one_of(sql: &mut Sql, names: impl Iterator<Item = &'static str>) {
    sql.push(" IN (");
    for (place, name) in names.enumerate() {
        sql.push(if place == 0 { "" } else { ", " })
            .bind(Value::Text(name.to_owned()));
    }
    sql.push(")");
}

/// The ghost has a state of its own in the table, which says nothing. The plus
/// keeps the engine from gathering all tokens of one owner after another.
fn owner_states(sql: &mut Sql, states: &[OwnerState]) {
    let gone = states.contains(&OwnerState::Gone);
    let named = states.iter().filter(|state| **state != OwnerState::Gone);
    sql.condition("+owner_id IN (SELECT id FROM users WHERE (user_type <> 'ghost' AND state");
    // No user is in the state of no name, and not every engine takes an empty list.
    one_of(sql, named.map(|state| state.name()).chain([""]));
    sql.push(if gone {
        ") OR user_type = 'ghost')"
    } else {
        "))"
    });
}

fn states(sql: &mut Sql, states: States, now: Timestamp, indexes: Use) {
    let expires = match indexes {
        Use::AnyIndex => EXPIRES,
        Use::IndexOfTheOrder | Use::Ids => "+COALESCE(expires_at, 9223372036854775807)",
    };
    let has = [State::Active, State::Expired, State::Revoked].map(|state| states.has(state));
    // As the index of the order has it: a list by expiry then begins at the
    // first that works, not at all that have expired.
    match has {
        [true, true, true] => {}
        [true, true, false] => drop(sql.condition("revoked_at IS NULL")),
        [true, false, false] => {
            sql.condition("revoked_at IS NULL AND ");
            sql.push(expires).push(" > ").bind(time(now));
        }
        [true, false, true] => {
            sql.condition("(revoked_at IS NOT NULL OR ");
            sql.push(expires).push(" > ").bind(time(now)).push(")");
        }
        [false, true, true] => {
            sql.condition("(revoked_at IS NOT NULL OR expires_at <= ")
                .bind(time(now))
                .push(")");
        }
        [false, true, false] => {
            sql.condition("revoked_at IS NULL AND ");
            sql.push(expires).push(" <= ").bind(time(now));
        }
        [false, false, true] => drop(sql.condition("revoked_at IS NOT NULL")),
        [false, false, false] => drop(sql.condition("1 = 0")),
    }
}

/// Names of scopes have no letter that `LIKE` takes for another, save the
/// underline: it is escaped.
fn scopes(sql: &mut Sql, filter: &TokenFilter) {
    sql.condition("(1 = 0");
    for name in filter.scopes.names() {
        let pattern = contains(&format!(" {name} "));
        sql.push(" OR ' ' || scopes || ' ' LIKE ")
            .bind(Value::Text(pattern))
            .push(r" ESCAPE '\'");
    }
    sql.push(")");
}

/// Exactly as written: `LIKE` takes small letters for large ones on one of the
/// engines.
fn looks(sql: &mut Sql, filter: &TokenFilter) {
    if let Some(prefix) = &filter.prefix {
        let start = format!("{prefix}…");
        sql.condition("substr(hint, 1, CAST(")
            .bind(Value::Number(length(&start)));
        sql.push(" AS INTEGER)) = ").bind(Value::Text(start));
    }
}

/// The last characters of a hint; the indexes in the migrations are made of
/// the same expression.
const LAST: &str = "substr(hint, length(hint) - 3)";

/// Asks whether the hint is this one, or ends like this.
pub(crate) fn hinted(sql: &mut Sql, hint: &HintPart) {
    let mut ends = |ending: String| {
        sql.condition(LAST).push(" = ").bind(Value::Text(ending));
    };
    match hint {
        HintPart::Ending(ending) => ends(ending.clone()),
        HintPart::Whole(hint) => {
            let whole = hint.as_str();
            if let Some((begin, _)) = whole.char_indices().nth_back(Hint::SHOWN_CHARS - 1) {
                ends(whole.get(begin..).unwrap_or_default().to_owned());
            }
            sql.condition("hint = ").bind(Value::Text(whole.to_owned()));
        }
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

fn times(sql: &mut Sql, filter: &TokenFilter, indexes: Use) {
    let [from, upto] = match indexes {
        Use::AnyIndex => ["created_at >= ", "created_at <= "],
        Use::IndexOfTheOrder | Use::Ids => ["+created_at >= ", "+created_at <= "],
    };
    let bounds = [
        (from, filter.created.after),
        (upto, filter.created.before),
        ("+expires_at >= ", filter.expires.after),
        ("+expires_at < ", filter.expires.before),
        ("+revoked_at >= ", filter.revoked.after),
        ("+revoked_at <= ", filter.revoked.before),
        ("+last_used_at >= ", filter.last_used.after),
        ("+last_used_at <= ", filter.last_used.before),
    ];
    // A plus keeps indexes on these times, which others are there for, out.
    for (piece, bound) in bounds {
        if let Some(bound) = bound {
            sql.condition(piece).bind(time(bound));
        }
    }
    if let Some(end) = filter.ended_before {
        sql.condition("(revoked_at <= ").bind(time(end));
        sql.push(" OR expires_at <= ").bind(time(end)).push(")");
    }
}

fn uses(sql: &mut Sql, filter: &TokenFilter) {
    match filter.used {
        Some(true) => drop(sql.condition("last_used_at IS NOT NULL")),
        Some(false) => drop(sql.condition("last_used_at IS NULL")),
        None => {}
    }
    if let Some(address) = filter.address {
        // No address has a letter that stands for others.
        sql.condition("',' || last_used_ips || ',' LIKE ")
            .bind(Value::Text(format!("%,{address},%")));
    }
}

fn time(time: Timestamp) -> Value {
    Value::Number(time.as_microsecond())
}

/// When a token expires, "never" being after every date.
const EXPIRES: &str = "COALESCE(expires_at, 9223372036854775807)";

/// The indexes in the migrations are made of the same expressions.
const fn key(key: SortKey) -> &'static str {
    match key {
        SortKey::Id => "id",
        SortKey::Created => "created_at",
        SortKey::Expires => EXPIRES,
        SortKey::LastUsed => "COALESCE(last_used_at, 0)",
        SortKey::Name => "name",
    }
}

/// The same, written so that no index is taken for it.
const fn beside_indexes(key: SortKey) -> &'static str {
    match key {
        SortKey::Id => "id",
        SortKey::Created => "+created_at",
        SortKey::Expires => "+COALESCE(expires_at, 9223372036854775807)",
        SortKey::LastUsed => "+COALESCE(last_used_at, 0)",
        SortKey::Name => "name || ''",
    }
}

//! Ten million tokens: what they take on disk, how many at once are deleted
//! while others are checked, how deep pages and searches go.

mod grow;
mod purge;
mod raw;
mod search;

use crate::{
    args::ScaleArgs,
    cases::list,
    clock,
    data::{Ground, Kinds, Plan},
    fault::Outcome,
    house::{House, remove},
    machine::{Machine, number},
    process::Server,
    results::{Bound, Conditions, Figure, Results},
};

use self::raw::Raw;

/// Every token is one of so many copies.
const COPIES: u64 = 100;

/// What every case needs.
struct Scale<'a> {
    /// Which tokens were copied; they are there themselves.
    plan: &'a Plan,
    server: &'a Server,
    /// All tokens.
    tokens: u64,
}

/// The name under which results are kept.
pub(crate) const fn name(args: &ScaleArgs) -> &'static str {
    if args.database_url.is_some() {
        "scale-postgres"
    } else {
        "scale-sqlite"
    }
}

/// Makes the data, measures, and removes it again.
pub(crate) async fn run(house: &House, args: &ScaleArgs) -> Outcome<Results> {
    let url = args.database_url.as_deref();
    let base = Ground::prepare(house, args.tokens / COPIES, Kinds::Personal, url).await?;
    let ground = base.to_grow(house, "scale")?;
    let mut raw = Raw::open(&ground.location()).await?;
    grow::grow(&mut raw, &ground.plan, args.tokens).await?;
    let mut figures = vec![bytes(&mut raw, args.tokens).await?];
    drop(raw);
    let server = house.serve(&ground.directory, url)?;
    figures.push(Figure::new(
        "scale",
        "start-up",
        server.start_up.as_secs_f64(),
        "s",
    ));
    let scale = Scale {
        plan: &ground.plan,
        server: &server,
        tokens: args.tokens,
    };
    figures.extend(list::measure(&whole(&ground.plan, args.tokens), &server).await?);
    figures.extend(search::measure(&scale).await?);
    figures.extend(purge::measure(&scale).await?);
    server.stop()?;
    remove(&ground.directory)?;
    Ok(Results {
        at: clock::now(),
        machine: Machine::here()?,
        conditions: Conditions::of(&ground, args.tokens, purge::ROUND, purge::QUIET_ROUNDS),
        comparisons: Vec::new(),
        figures,
    })
}

/// The plan as if all tokens were of it, for what only counts them.
fn whole(plan: &Plan, tokens: u64) -> Plan {
    Plan { tokens, ..*plan }
}

/// Bytes on disk, indexes included.
async fn bytes(raw: &mut Raw, tokens: u64) -> Outcome<Figure> {
    let each = number(raw.bytes().await?) / number(tokens);
    Ok(Figure::new("scale", "on disk, a token", each, "B").wanted(Bound::AtMost(250.0)))
}

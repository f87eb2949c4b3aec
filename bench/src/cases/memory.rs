//! Start-up with all tokens, and the memory a token takes.

use std::time::Duration;

use super::Run;
use crate::{
    fault::Outcome,
    machine::{Memory, number},
    process::Server,
    results::{Bound, Figure},
};

const CASE: &str = "memory";
/// A server is left alone so long at most before its memory is looked at.
const QUIET: Duration = Duration::from_secs(20);

/// Starts a server over nothing and one over all tokens.
pub(super) async fn measure(run: &Run<'_>) -> Outcome<Vec<Figure>> {
    eprintln!("start-up and memory");
    let url = run.args.database_url.as_deref();
    let mut figures = Vec::new();
    let empty = match url {
        None => {
            let directory = run.house.empty("empty")?;
            Some(look(run.house.serve(&directory, None)?).await?.0)
        }
        // There is one database, and it isn't empty.
        Some(_) => None,
    };
    let (full, start_up) = look(run.house.serve(&run.ground.directory, url)?).await?;
    figures.push(Figure::new(CASE, "start-up, all tokens", start_up, "s"));
    figures.push(mebibytes("resident, all tokens", full.resident));
    if let Some(empty) = empty {
        let more = full.own.saturating_sub(empty.own);
        let each = number(more) / number(run.ground.plan.tokens);
        figures.push(mebibytes("resident, empty store", empty.resident));
        figures.push(Figure::new(
            CASE,
            "process memory a token (own pages, all tokens less empty)",
            each,
            "B",
        ));
    }
    figures.extend(index_figure(&run.house.last_log()?));
    Ok(figures)
}

async fn look(server: Server) -> Outcome<(Memory, f64)> {
    server.settle(QUIET).await?;
    let memory = Memory::of_process(server.pid())?;
    let start_up = server.start_up.as_secs_f64();
    server.stop()?;
    Ok((memory, start_up))
}

fn mebibytes(what: &str, bytes: u64) -> Figure {
    Figure::new(CASE, what, number(bytes >> 10) / 1024.0, "MiB")
}

/// What the index says of itself in the log: `tokens=… bytes=…`.
fn index_figure(log: &str) -> Option<Figure> {
    let line = log.lines().find(|line| line.contains("index"))?;
    let read = |key: &str| {
        let (_, rest) = line.split_once(key)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    };
    let (tokens, bytes) = (read("tokens=")?, read("bytes=")?);
    let each = number(bytes) / number(tokens.max(1));
    Some(
        Figure::new(CASE, "index a token, by its own account", each, "B")
            .wanted(Bound::AtMost(128.0)),
    )
}

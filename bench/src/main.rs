//! Measures tokenry against a bare handler of the same HTTP stack.
//!
//! `cargo run --release -p tokenry-bench`; see `bench/README.md`.

mod args;
mod bare;
mod cases;
mod clock;
mod data;
mod fault;
mod house;
mod load;
mod machine;
mod process;
mod request;
mod results;
mod rounds;
mod scale;

use clap::Parser as _;

use crate::{
    args::{Args, Command, RunArgs, ScaleArgs},
    fault::Outcome,
    house::House,
    results::Results,
};

/// The allocator of the `tokenry` binary, for the bare handler's sake.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Outcome<()> {
    let args = Args::parse();
    match args.command {
        Some(Command::Bare(args)) => bare::serve(&args),
        Some(Command::Scale(args)) => scale(&args),
        None => measure(&args.run),
    }
}

fn measure(args: &RunArgs) -> Outcome<()> {
    let house = House::with(args.binary.as_deref())?;
    let results = drive(cases::run(&house, args))?;
    print_tables(&results.tables())?;
    if args.is_full() {
        results.keep(&house.home, "results")?;
    }
    Ok(())
}

fn scale(args: &ScaleArgs) -> Outcome<()> {
    let house = House::with(args.binary.as_deref())?;
    let results = drive(scale::run(&house, args))?;
    print_tables(&results.tables())?;
    if args.is_full() {
        results.keep(&house.home, scale::name(args))?;
    }
    Ok(())
}

/// One thread drives: it leaves the rest of the machine to the server.
fn drive(run: impl Future<Output = Outcome<Results>>) -> Outcome<Results> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run)
}

fn print_tables(tables: &str) -> Outcome<()> {
    use std::io::Write as _;
    Ok(std::io::stdout().lock().write_all(tables.as_bytes())?)
}

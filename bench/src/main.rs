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

use clap::Parser as _;

use crate::{
    args::{Args, Command, RunArgs},
    fault::Outcome,
    house::House,
};

/// The allocator of the `tokenry` binary, for the bare handler's sake.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Outcome<()> {
    let args = Args::parse();
    match args.command {
        Some(Command::Bare(args)) => bare::serve(&args),
        None => measure(&args.run),
    }
}

/// One thread drives: it leaves the rest of the machine to the server.
fn measure(args: &RunArgs) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let house = House::with(args.binary.as_deref())?;
    let results = runtime.block_on(cases::run(&house, args))?;
    print_tables(&results.tables())?;
    if args.is_full() {
        results.keep(&house.home)?;
        eprintln!("kept in bench/results.json and bench/README.md");
    }
    Ok(())
}

fn print_tables(tables: &str) -> Outcome<()> {
    use std::io::Write as _;
    Ok(std::io::stdout().lock().write_all(tables.as_bytes())?)
}

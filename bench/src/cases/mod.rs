//! What is measured.

mod all_kinds;
mod checks;
mod create;
mod disk;
mod each;
pub(crate) mod list;
mod list_store;
mod memory;
mod probe;

use crate::{
    args::{Case, RunArgs},
    clock,
    data::{Ground, Kinds},
    fault::Outcome,
    house::{House, remove},
    machine::Machine,
    results::{Conditions, Results},
};

/// What every case needs.
pub(crate) struct Run<'a> {
    pub(crate) house: &'a House,
    pub(crate) args: &'a RunArgs,
    /// The data that tokenry serves in this run.
    pub(crate) ground: Ground,
    /// The same data, for what works on the store itself.
    pub(crate) other: Ground,
}

/// Runs the cases that are wanted.
pub(crate) async fn run(house: &House, args: &RunArgs) -> Outcome<Results> {
    let base = Ground::prepare(
        house,
        args.tokens(),
        Kinds::All,
        args.database_url.as_deref(),
    )
    .await?;
    let mut results = Results {
        at: clock::now(),
        machine: Machine::here()?,
        conditions: Conditions::of(&base, base.plan.tokens, args.round(), args.rounds()),
        comparisons: Vec::new(),
        figures: Vec::new(),
    };
    let run = Run {
        house,
        args,
        ground: base.copy(house, "run")?,
        other: base.copy(house, "run-store")?,
    };
    let done = run.cases(&mut results).await;
    for copy in [&run.ground.directory, &run.other.directory] {
        remove(copy)?;
    }
    done.map(|()| results)
}

impl Run<'_> {
    async fn cases(&self, results: &mut Results) -> Outcome<()> {
        if self.args.wants(Case::Memory) {
            results.figures.extend(memory::measure(self).await?);
        }
        let server = self
            .house
            .serve(&self.ground.directory, self.args.database_url.as_deref())?;
        for case in checks::ALL {
            if self.args.wants(case.case) {
                eprintln!("{}", case.what);
                results
                    .comparisons
                    .push(checks::measure(self, &server, case).await?);
            }
        }
        if self.args.wants(Case::IdentifyMixed) {
            let (comparison, figures) = all_kinds::measure(self, &server).await?;
            results.comparisons.push(comparison);
            results.figures.extend(figures);
        }
        if self.args.wants(Case::List) {
            results
                .figures
                .extend(list::measure(&self.ground.plan, &server).await?);
            results.figures.extend(list_store::measure(self).await?);
        }
        if self.args.wants(Case::Create) {
            results
                .figures
                .extend(create::measure(self, &server).await?);
        }
        server.stop()
    }
}

//! The event loop: a campaign's files to a book of spectra.
//!
//! In: a resolved [`Campaign`]. Out: [`Filled`]: the book, the cutflow, what was read and what was not.
//!
//! | step | file |
//! |---|---|
//! | open files, cut them into units (file, entry range) | `inputs.rs`, `open_files.rs` |
//! | all threads over all units, as often as it takes | `passes.rs`, `rules.rs` |
//! | weights: cross section, luminosity, sum over the sample | `weighting.rs` |
//! | `events: N`: choose among those that pass the preselection | `choice.rs` |
//! | one event: weight, objects, cuts, category, masses | `event_path.rs` |
//! | one unit: its events into cells | `worker.rs` |
//! | where a worker collects, without hashing per mass | `cells.rs`, `tally.rs` |
//! | all workers' cells to regions, jet schemes and a book | `assemble.rs` |
//! | Poisson pseudo-data | `pseudo_data.rs` |
//! | events after each step | `cutflow.rs`, told in `accounting.rs` |
//! | one event, step by step; a first look at a file | `explain.rs`, `survey.rs` |
//!
//! The events behind a bump go the same way: [`skim`](crate::skim) makes its own pass.
//! Units do not depend on the number of threads, and everything that is added up is added exactly, so that any number of
//! threads gives the same bytes. Random choices derive from the campaign seed and a name.

pub mod accounting;
mod assemble;
mod cells;
mod choice;
mod cutflow;
mod draws;
mod duplicates;
mod error;
mod event_path;
pub mod explain;
mod filled_run;
pub mod first_usable;
pub mod merge;
mod open_files;
mod passes;
mod pseudo_data;
pub mod record;
mod rules;
pub mod survey;
mod tally;
mod weighting;
mod work_units;
mod worker;

use std::sync::atomic::AtomicUsize;

use crate::campaign::Campaign;
use crate::histograms::Book;
use crate::masses::MassSelection;
use crate::ntuples::Quantity;

pub use crate::progress::{Progress, Silent};
pub use accounting::{CutflowRow, InputFile, InputSummary};
pub use error::FillError;
pub(crate) use event_path::{EventPath, SampleRules};
pub use filled_run::{FilledRun, RunError};
pub use passes::OpenInputs;
pub(crate) use passes::Passes;
pub(crate) use rules::{Completed, Rules, complete};
pub(crate) use work_units::{Parts, Unit, UnitProblem};
pub use work_units::{ReadBuffers, SkippedInput};

/// Regions that one campaign may have.
pub const MAX_REGIONS: usize = 64;

/// What the event loop made of a campaign.
#[derive(Debug, Clone)]
pub struct Filled {
    /// All spectra.
    pub book: Book,
    /// With `pseudo_data: poisson`, the weighted sums that the counts of `book` were drawn around.
    pub simulated: Option<Book>,
    /// Events and weights left after each step, per sample and in all (sample `all`).
    pub cutflow: Vec<CutflowRow>,
    /// Inputs with sizes, also those that could not be read.
    pub inputs: Vec<InputSummary>,
    /// Files and entry ranges that could not be read.
    pub skipped: Vec<SkippedInput>,
    /// Choices that files made for their layout (which MET, which b-tag); `warnings` holds them too.
    pub notes: Vec<String>,
    /// Sentences for the report; [`FilledRun::warnings`] adds one on raw events.
    pub warnings: Vec<String>,
}

/// Reads all inputs of a campaign and books every mass of every event.
pub fn fill(campaign: &Campaign, threads: usize, progress: &dyn Progress) -> Result<Filled, FillError> {
    OpenInputs::open(campaign, threads)?.book(progress)
}

impl OpenInputs<'_> {
    /// Books every mass of every event.
    pub fn book(&self, progress: &dyn Progress) -> Result<Filled, FillError> {
        self.book_events(None, progress)
    }

    /// A first look: the same from the first so many events of every file.
    pub fn book_first(&self, events_per_file: u64) -> Result<Filled, FillError> {
        self.book_events(Some(events_per_file), &Silent)
    }

    fn book_events(&self, first_events: Option<u64>, progress: &dyn Progress) -> Result<Filled, FillError> {
        let passes = Passes::over(self, first_events, progress)?;
        let Passes { campaign, inputs, pool, .. } = passes;
        let recipes = cells::RecipeBook::new(&campaign.binning, MassSelection::new(&campaign.masses)?);
        let duplicates = duplicates::look(&passes)?;
        let Completed { done: (cells, flow), rules, problems } =
            complete(passes, |passes, rules| book_pass(passes, rules, &recipes))?;
        flow.angles(campaign, |sample, part| inputs.branches_of(sample, part, Quantity::Phi))?;
        inputs.close();
        let (drawn, counted): (Vec<_>, Vec<_>) = cells.into_iter().partition(|cell| cell.key.drawn);
        let (simulated, mut book) = pool.install(|| {
            let book = |cells: Vec<cells::Cell>| assemble::assemble(campaign, &recipes, cells);
            Ok::<_, FillError>((Some(drawn).filter(|cells| !cells.is_empty()).map(book).transpose()?, book(counted)?))
        })?;
        // Collider data are what they are: only simulation is drawn, and stands beside them in both books.
        let simulated = match simulated {
            Some(sums) => {
                let counts = pool.install(|| pseudo_data::poisson(&sums, campaign))?;
                let sums = sums.merge(&book)?;
                book = counts.merge(&book)?;
                Some(sums)
            }
            None => None,
        };
        let skipped = inputs.skipped(problems);
        let notes = inputs.notes();
        let mut warnings = notes.clone();
        warnings.extend(flow.warnings(campaign));
        warnings.extend(duplicates);
        warnings.extend(rules.warnings());
        warnings.extend(flow.nothing_booked(book.is_empty()));
        warnings.extend(skipped.iter().map(SkippedInput::sentence));
        let (cutflow, inputs) = (flow.rows(campaign), inputs.summary(campaign));
        Ok(Filled { book, simulated, cutflow, inputs, skipped, notes, warnings })
    }
}

/// What a pass books: cells and cutflow.
type Booked = (Vec<cells::Cell>, cutflow::Cutflow);

/// One pass over all units, and the units that could not be read.
fn book_pass(
    passes: &Passes,
    rules: &Rules,
    recipes: &cells::RecipeBook,
) -> Result<(Booked, Vec<UnitProblem>), FillError> {
    let Passes { campaign, inputs, .. } = *passes;
    let job = worker::Job { campaign, inputs, recipes, rules, failed_unit: AtomicUsize::new(usize::MAX) };
    let workers = passes.all_units("fill", || worker::Worker::new(&job), worker::Worker::book_unit);

    let mut cells = Vec::new();
    let mut flow = cutflow::Cutflow::new(campaign);
    let mut problems = Vec::new();
    let mut failed: Option<(usize, FillError)> = None;
    for worker in workers {
        let done = match worker.finish() {
            Ok(done) => done,
            Err((unit, error)) => {
                if failed.as_ref().is_none_or(|(other, _)| unit < *other) {
                    failed = Some((unit, error));
                }
                continue;
            }
        };
        cells.extend(done.cells);
        flow.add(&done.flow);
        problems.extend(done.problems);
    }
    match failed {
        Some((_, error)) => Err(error),
        None => Ok(((cells, flow), problems)),
    }
}

#[cfg(test)]
mod tests;

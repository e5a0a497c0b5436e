//! The event loop: a campaign's files to a book of spectra.
//!
//! In: a resolved [`Campaign`]. Out: [`Filled`]: the book, the cutflow, what was read and what was not.
//!
//! | step | file |
//! |---|---|
//! | open files, cut them into units (file, entry range) | `inputs.rs`, `open_files.rs` |
//! | weights: cross section, luminosity, sum over the sample | `weighting.rs` |
//! | `events: N`: choose among those that pass the preselection | `choice.rs` |
//! | one unit: objects, cuts, category, masses, bins | `worker.rs` |
//! | where a worker collects, without hashing per mass | `cells.rs`, `tally.rs` |
//! | all workers' cells to regions, jet schemes and a book | `assemble.rs` |
//! | Poisson pseudo-data | `pseudo_data.rs` |
//! | events after each step | `cutflow.rs`, told in `accounting.rs` |
//! | the events behind a bump, as an ntuple | `pick.rs` |
//! | one event, step by step; a first look at a file | `explain.rs`, `survey.rs` |
//!
//! Units do not depend on the number of threads, and everything that is added up is added exactly, so that any number of
//! threads gives the same bytes. Random choices derive from the campaign seed and a name.

pub mod accounting;
mod assemble;
mod cells;
pub(crate) mod choice;
mod cutflow;
pub(crate) mod draws;
pub mod explain;
mod filled_run;
pub mod first_usable;
pub(crate) mod inputs;
pub mod merge;
mod open_files;
mod pseudo_data;
pub mod record;
pub mod survey;
mod tally;
pub(crate) mod weighting;
pub(crate) mod worker;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;

use crate::binning::edges::EdgesError;
use crate::campaign::{Campaign, PseudoData};
use crate::histograms::{Book, BookError};
use crate::masses::MassSelection;
use crate::ntuples::Reader;
use crate::particles::LabelError;

pub use crate::progress::{Progress, Silent};
pub use accounting::{CutflowRow, InputFile, InputSummary};
pub use filled_run::{FilledRun, RunError};
pub use inputs::{ReadBuffers, SkippedInput};

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
    fill_opened(campaign, OpenInputs::open(campaign, threads)?, threads, progress)
}

/// The input files of a campaign, looked at before the first event is read.
pub struct OpenInputs(inputs::Inputs);

impl OpenInputs {
    /// Opens every file once. An error only if not a single one can be read.
    pub fn open(campaign: &Campaign, threads: usize) -> Result<OpenInputs, FillError> {
        Ok(OpenInputs(pool(threads)?.install(|| inputs::open(campaign))?))
    }

    /// Files that cannot be opened.
    pub fn unreadable(&self) -> Vec<SkippedInput> {
        self.0.skipped(Vec::new())
    }
}

/// As [`fill`], with files that have been opened already.
pub fn fill_opened(
    campaign: &Campaign,
    inputs: OpenInputs,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Filled, FillError> {
    fill_from(campaign, inputs.0, None, threads, progress)
}

/// Files of a campaign that cannot be opened, found without reading an event.
pub fn unreadable(campaign: &Campaign) -> Vec<SkippedInput> {
    match inputs::open(campaign) {
        Ok(inputs) => inputs.skipped(Vec::new()),
        Err(FillError::NothingToRead { skipped }) => skipped,
        Err(_) => Vec::new(),
    }
}

/// A first look: the same, from the first events of every file.
pub fn fill_first(campaign: &Campaign, events_per_file: u64, threads: usize) -> Result<Filled, FillError> {
    let inputs = OpenInputs::open(campaign, threads)?;
    fill_from(campaign, inputs.0, Some(events_per_file), threads, &Silent)
}

/// The same with sources of events that are given: per sample of the campaign its sources, in the order of its files.
pub fn fill_sources(
    campaign: &Campaign,
    sources: Vec<Vec<Box<dyn Reader>>>,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Filled, FillError> {
    fill_from(campaign, inputs::Inputs::given(campaign, sources), None, threads, progress)
}

fn fill_from(
    campaign: &Campaign,
    inputs: inputs::Inputs,
    first_events: Option<u64>,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Filled, FillError> {
    let pool = pool(threads)?;
    if campaign.regions.len() > MAX_REGIONS {
        return Err(FillError::TooManyRegions { regions: campaign.regions.len() });
    }
    let selection = MassSelection::new(&campaign.masses)?;
    let mut units = inputs.units(first_events);
    let recipes = cells::RecipeBook::new(&campaign.binning, selection);
    let mut problems = Vec::new();
    let pass = loop {
        let mut pass = pass_over(campaign, &inputs, &units, &recipes, &pool, progress)?;
        let lost = std::mem::take(&mut pass.problems);
        let again = weighting::leave_out(campaign, &mut units, &lost);
        problems.extend(lost);
        if !again {
            break pass;
        }
    };
    let Pass { cells, flow, chosen, .. } = pass;
    inputs.close();
    let book = pool.install(|| assemble::assemble(campaign, &recipes, cells))?;
    let skipped = inputs.skipped(problems);
    let notes = inputs.notes();
    let mut warnings = notes.clone();
    warnings.extend(flow.warnings(campaign));
    warnings.extend(chosen.warnings(campaign));
    warnings.extend(flow.nothing_booked(book.is_empty()));
    warnings.extend(skipped.iter().map(SkippedInput::sentence));
    let (book, simulated) = match campaign.pseudo_data {
        PseudoData::Poisson => (pool.install(|| pseudo_data::poisson(&book, campaign))?, Some(book)),
        PseudoData::Off | PseudoData::Unweight => (book, None),
    };
    let (cutflow, inputs) = (flow.rows(campaign), inputs.summary(campaign));
    Ok(Filled { book, simulated, cutflow, inputs, skipped, notes, warnings })
}

/// What one pass over all units gave.
struct Pass {
    cells: Vec<cells::Cell>,
    flow: cutflow::Cutflow,
    chosen: choice::Chosen,
    problems: Vec<inputs::UnitProblem>,
}

fn pass_over(
    campaign: &Campaign,
    inputs: &inputs::Inputs,
    units: &[inputs::Unit],
    recipes: &cells::RecipeBook,
    pool: &rayon::ThreadPool,
    progress: &dyn Progress,
) -> Result<Pass, FillError> {
    let weights = weighting::weigh(campaign, inputs, units, pool, progress)?;
    let chosen = choice::choose(campaign, inputs, units, pool, progress);
    let job = worker::Job {
        campaign,
        inputs,
        recipes,
        weights: &weights,
        chosen: &chosen,
        failed_unit: AtomicUsize::new(usize::MAX),
    };

    let units_left = inputs.units_per_file(units);
    let files_done = AtomicUsize::new(0);
    progress.begin("fill", units.iter().map(|unit| unit.range.end - unit.range.start).sum(), "events");
    let workers = run_units(
        pool,
        units,
        || worker::Worker::new(&job),
        |worker, number, unit| {
            worker.fill_unit(number, unit);
            progress.advance(unit.range.end - unit.range.start);
            if units_left.get(unit.file_number).is_some_and(|left| left.fetch_sub(1, Ordering::Relaxed) == 1) {
                inputs.done_with(unit);
                progress.files(files_done.fetch_add(1, Ordering::Relaxed) as u64 + 1, units_left.len() as u64);
            }
        },
    );

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
        None => Ok(Pass { cells, flow, chosen, problems }),
    }
}

/// So many threads, at least one.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool, FillError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    pool.map_err(|source| FillError::Threads { threads, source })
}

/// Goes through all units with one worker per thread of the pool; which worker gets which unit is left to chance.
pub(crate) fn run_units<W: Send>(
    pool: &rayon::ThreadPool,
    units: &[inputs::Unit],
    worker: impl Fn() -> W + Sync,
    step: impl Fn(&mut W, usize, &inputs::Unit) + Sync,
) -> Vec<W> {
    let next = AtomicUsize::new(0);
    pool.broadcast(|_| {
        let mut worker = worker();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = units.get(number) else { return worker };
            step(&mut worker, number, unit);
        }
    })
}

/// A campaign that cannot be filled.
#[derive(Debug, Error)]
pub enum FillError {
    /// No input file could be opened.
    #[error("none of the input files can be read:{}", .skipped.iter().map(|one| format!("\n{}", one.reason)).collect::<String>())]
    NothingToRead {
        /// All of them.
        skipped: Vec<SkippedInput>,
    },
    /// Monte Carlo without a luminosity.
    #[error(
        "sample {sample} is simulation with a cross section, but the campaign has no luminosity\nhint: set `lumi_ifb`"
    )]
    NoLuminosity {
        /// Sample.
        sample: String,
    },
    /// Weights that cannot be normalised.
    #[error(
        "sample {sample}: the event weights of its files sum to {sum}, so they cannot be scaled to a cross section"
    )]
    SumOfWeights {
        /// Sample.
        sample: String,
        /// Sum over all events.
        sum: f64,
    },
    /// More regions than can be told apart.
    #[error("the campaign has {regions} regions, at most {MAX_REGIONS} are allowed\nhint: split it into two campaigns")]
    TooManyRegions {
        /// How many.
        regions: usize,
    },
    /// An impossible value, in a campaign that stops there.
    #[error(
        "entry {entry} of {path} (sample {sample}): {what} is {value}{}\nhint: `on_bad_value: drop` drops and counts such values",
        if branch.is_empty() { String::new() } else { format!(" (branch {branch})") }
    )]
    BadValue {
        /// Sample.
        sample: String,
        /// File.
        path: String,
        /// Entry in the file, from 0.
        entry: u64,
        /// Which number of what.
        what: String,
        /// As it was read, GeV or radians.
        value: f64,
        /// Where it comes from.
        branch: String,
    },
    /// A mass label of the campaign.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Bin edges.
    #[error(transparent)]
    Edges(#[from] EdgesError),
    /// The book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// No threads.
    #[error("{threads} threads could not be started: {source}")]
    Threads {
        /// How many.
        threads: usize,
        /// Why.
        source: rayon::ThreadPoolBuildError,
    },
}

/// A file by name, for messages.
fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests;

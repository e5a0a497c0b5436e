//! Passes of all threads over the events of a campaign: what the event loop and the skim have in common.
//!
//! In: a campaign and its files. Out: [`OpenInputs`], opened once; [`Passes`] over their units, each of which gives back
//! its workers. Units do not depend on the number of threads; which worker gets which unit is left to chance.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::work_units::{self, Inputs, SkippedInput, Unit};
use super::{FillError, MAX_REGIONS, Progress};
use crate::campaign::Campaign;
use crate::ntuples::Reader;

/// The input files of a campaign, looked at before the first event is read, and the threads that will read them.
pub struct OpenInputs<'a> {
    pub(super) campaign: &'a Campaign,
    inputs: Inputs,
    pool: rayon::ThreadPool,
}

impl<'a> OpenInputs<'a> {
    /// Opens every file once. An error only if not a single one can be read.
    pub fn open(campaign: &'a Campaign, threads: usize) -> Result<Self, FillError> {
        let pool = pool(threads)?;
        let inputs = pool.install(|| work_units::open(campaign))?;
        Ok(OpenInputs { campaign, inputs, pool })
    }

    /// Sources of events in place of files: per sample of the campaign its sources, in the order of its files.
    pub fn given(
        campaign: &'a Campaign,
        sources: Vec<Vec<Box<dyn Reader>>>,
        threads: usize,
    ) -> Result<Self, FillError> {
        Ok(OpenInputs { campaign, inputs: Inputs::given(campaign, sources), pool: pool(threads)? })
    }

    /// Files that cannot be opened.
    pub fn unreadable(&self) -> Vec<SkippedInput> {
        self.inputs.skipped(Vec::new())
    }
}

/// So many threads, at least one.
fn pool(threads: usize) -> Result<rayon::ThreadPool, FillError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    pool.map_err(|source| FillError::Threads { threads, source })
}

/// All that a pass over events needs.
pub(crate) struct Passes<'a> {
    pub campaign: &'a Campaign,
    pub inputs: &'a Inputs,
    pub pool: &'a rayon::ThreadPool,
    /// What is still to be read: units that could not be read leave.
    pub units: Vec<Unit>,
    progress: &'a dyn Progress,
    /// Not all events of every file are read.
    pub first_events_only: bool,
}

impl<'a> Passes<'a> {
    /// Over all events, or the first so many of every file.
    pub(crate) fn over(
        open: &'a OpenInputs,
        first_events: Option<u64>,
        progress: &'a dyn Progress,
    ) -> Result<Self, FillError> {
        let OpenInputs { campaign, inputs, pool } = open;
        if campaign.regions.len() > MAX_REGIONS {
            return Err(FillError::TooManyRegions { regions: campaign.regions.len() });
        }
        let (units, first_events_only) = (inputs.units(first_events), first_events.is_some());
        Ok(Passes { campaign, inputs, pool, units, progress, first_events_only })
    }

    /// The last pass over all units: a file is closed after its last unit.
    pub(crate) fn all_units<W: Send>(
        &self,
        stage: &str,
        worker: impl Fn() -> W + Sync,
        step: impl Fn(&mut W, usize, &Unit) + Sync,
    ) -> Vec<W> {
        let units_left = self.inputs.units_per_file(&self.units);
        let files_done = AtomicUsize::new(0);
        self.some_units(stage, &self.units, worker, |worker, number, unit| {
            step(worker, number, unit);
            if units_left.get(unit.file_number).is_some_and(|left| left.fetch_sub(1, Ordering::Relaxed) == 1) {
                self.inputs.done_with(unit);
                let done = files_done.fetch_add(1, Ordering::Relaxed) as u64 + 1;
                self.progress.files(done, units_left.len() as u64);
            }
        })
    }

    /// Goes through some units, with one worker per thread: `step` is told their numbers.
    pub(crate) fn some_units<W: Send>(
        &self,
        stage: &str,
        units: &[Unit],
        worker: impl Fn() -> W + Sync,
        step: impl Fn(&mut W, usize, &Unit) + Sync,
    ) -> Vec<W> {
        let events = |unit: &Unit| unit.range.end - unit.range.start;
        self.progress.begin(stage, units.iter().map(events).sum(), "events");
        let next = AtomicUsize::new(0);
        self.pool.broadcast(|_| {
            let mut worker = worker();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(unit) = units.get(number) else { return worker };
                step(&mut worker, number, unit);
                self.progress.advance(events(unit));
            }
        })
    }
}

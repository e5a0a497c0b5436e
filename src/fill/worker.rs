//! One thread of the event loop.
//!
//! In: units. Out: cells, counts for the cutflow, units that could not be read.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashMap;

use super::FillError;
use super::cells::{Cell, CellKey, RecipeBook};
use super::cutflow::Cutflow;
use super::event_path::{EventPath, SampleRules, Step, Used};
use super::rules::Rules;
use super::tally::CountScratch;
use super::work_units::{Inputs, Parts, ReadBuffers, Unit, UnitProblem};
use crate::campaign::{Campaign, OnBadValue, PseudoData, Role};
use crate::ntuples::Quantity;
use crate::ntuples::layouts::Part;
use crate::objects::{BadValue, first_bad_value};

/// What all workers share.
pub(crate) struct Job<'a> {
    pub campaign: &'a Campaign,
    pub inputs: &'a Inputs,
    pub recipes: &'a RecipeBook<'a>,
    pub rules: &'a Rules<'a>,
    /// The first unit that failed; the largest number if none has.
    pub failed_unit: AtomicUsize,
}

/// One thread's buffers and results.
pub(crate) struct Worker<'a> {
    job: &'a Job<'a>,
    buffers: ReadBuffers,
    path: EventPath,
    count_scratch: CountScratch,
    cells: Vec<Cell>,
    by_key: FxHashMap<CellKey, usize>,
    flow: Cutflow,
    problems: Vec<UnitProblem>,
    failed: Option<(usize, FillError)>,
}

/// What a worker has done.
pub(crate) struct Done {
    pub cells: Vec<Cell>,
    pub flow: Cutflow,
    pub problems: Vec<UnitProblem>,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(job: &'a Job<'a>) -> Self {
        Worker {
            job,
            buffers: ReadBuffers::default(),
            path: EventPath::default(),
            count_scratch: CountScratch::default(),
            cells: Vec::new(),
            by_key: FxHashMap::default(),
            flow: Cutflow::new(job.campaign),
            problems: Vec::new(),
            failed: None,
        }
    }

    /// Reads a unit and books its events. What cannot be read is reported, the rest is booked.
    pub(crate) fn book_unit(&mut self, number: usize, unit: &Unit) {
        // Units before the first that fails are done, so that the same error is reported whatever the threads do.
        if self.job.failed_unit.load(Ordering::Relaxed) < number {
            return;
        }
        let Some(rules) = self.job.rules.of_sample(unit.sample) else { return };
        let mut parts = Parts::of(unit);
        while let Some(read) = self.job.inputs.read(&mut parts, &mut self.buffers) {
            if let Err(problem) = read {
                self.problems.push(problem);
                continue;
            }
            for row in 0..self.buffers.batch.len() {
                if let Err(error) = self.book_event(&rules, unit, row) {
                    self.job.failed_unit.fetch_min(number, Ordering::Relaxed);
                    if self.failed.as_ref().is_none_or(|(other, _)| number < *other) {
                        self.failed = Some((number, error));
                    }
                    return;
                }
            }
        }
    }

    /// Results, or why there are none.
    pub(crate) fn finish(self) -> Result<Done, (usize, FillError)> {
        match self.failed {
            Some(failed) => Err(failed),
            None => Ok(Done { cells: self.cells, flow: self.flow, problems: self.problems }),
        }
    }

    fn book_event(&mut self, rules: &SampleRules, unit: &Unit, row: usize) -> Result<(), FillError> {
        let batch = &self.buffers.batch;
        let end = self.path.follow(rules, unit.file, batch, row);
        if rules.campaign.on_bad_value == OnBadValue::Stop {
            self.stop_at_bad_value(end, unit, row)?;
        }
        let Some(flow) = self.flow.samples.get_mut(unit.sample) else { return Ok(()) };
        flow.count(&self.path, end, batch.fails(row));
        let Ok(Used { weight, regions, category }) = end else { return Ok(()) };
        if regions == 0 {
            return Ok(());
        }
        let recipes = self.job.recipes;
        let labelled = self.path.label(recipes.selection());
        flow.count_left_out(labelled.left_out);
        let is_data = self.job.campaign.samples.get(unit.sample).is_some_and(|sample| sample.role == Role::Data);
        let drawn = self.job.campaign.pseudo_data == PseudoData::Poisson && !is_data;
        let key = CellKey { regions, category, signature: labelled.signature, drawn };
        let cell = match self.by_key.get(&key) {
            Some(&place) => place,
            None => {
                let recipe = recipes.recipe(key.signature)?;
                self.by_key.insert(key, self.cells.len());
                self.cells.push(Cell::new(key, recipe));
                self.cells.len() - 1
            }
        };
        if let Some(cell) = self.cells.get_mut(cell) {
            cell.add(&mut self.path, weight, &mut self.count_scratch);
        }
        Ok(())
    }

    /// The error about the first value of an event that cannot be true, of those that its way came to.
    fn stop_at_bad_value(&self, end: Result<Used, Step>, unit: &Unit, row: usize) -> Result<(), FillError> {
        let batch = &self.buffers.batch;
        let bad = match end {
            Err(Step::Weight) => {
                Some(BadValue { part: Part::Met, quantity: Quantity::Weight, value: self.path.weight })
            }
            Err(Step::Conditions) => return Ok(()),
            _ if self.path.event.rejected.any() => first_bad_value(batch, row),
            _ => return Ok(()),
        };
        Err(self.job.inputs.bad_value(unit, batch.first_entry + row as u64, bad))
    }
}

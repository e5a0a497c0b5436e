//! One thread of the event loop.
//!
//! In: units. Out: cells, counts for the cutflow, units that could not be read.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashMap;

use super::FillError;
use super::cells::{BinnedRecipe, Cell, CellKey, RecipeBook};
use super::choice::Chosen;
use super::cutflow::{Cutflow, MOST_PT_GEV};
use super::draws::EventDraw;
use super::inputs::{Inputs, ReadBuffers, Unit, UnitProblem};
use super::tally::{CountScratch, Counting};
use super::weighting::Weight;
use crate::campaign::{Campaign, OnBadValue, PseudoData};
use crate::categories::CategoryKey;
use crate::histograms::Content;
use crate::masses::{LabelledObjects, MassScratch};
use crate::ntuples::Quantity;
use crate::ntuples::layouts::Part;
use crate::objects::{BadValue, Event, first_bad_value};

/// What all workers share.
pub(crate) struct Job<'a> {
    pub campaign: &'a Campaign,
    pub inputs: &'a Inputs,
    pub recipes: &'a RecipeBook<'a>,
    pub weights: &'a [Weight],
    pub chosen: &'a Chosen,
    /// The first unit that failed; the largest number if none has.
    pub failed_unit: AtomicUsize,
}

/// One thread's buffers and results.
pub(crate) struct Worker<'a> {
    job: &'a Job<'a>,
    counting: Counting,
    buffers: ReadBuffers,
    event: Event,
    objects: LabelledObjects,
    scratch: MassScratch,
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
            counting: match job.campaign.pseudo_data {
                PseudoData::Unweight => Counting::Copies,
                PseudoData::Off | PseudoData::Poisson => Counting::Weights,
            },
            buffers: ReadBuffers::default(),
            event: Event::default(),
            objects: LabelledObjects::default(),
            scratch: MassScratch::default(),
            count_scratch: CountScratch::default(),
            cells: Vec::new(),
            by_key: FxHashMap::default(),
            flow: Cutflow::new(job.campaign),
            problems: Vec::new(),
            failed: None,
        }
    }

    /// Reads a unit and books its events. A unit that cannot be read is reported; nothing of it is booked.
    pub(crate) fn fill_unit(&mut self, number: usize, unit: &Unit) {
        // Units before the first that fails are done, so that the same error is reported whatever the threads do.
        if self.job.failed_unit.load(Ordering::Relaxed) < number {
            return;
        }
        if let Err(reason) = self.job.inputs.read(unit, &mut self.buffers) {
            self.problems.push(UnitProblem { unit: unit.clone(), reason });
            return;
        }
        let sample = self.job.campaign.samples.get(unit.sample);
        let draw = EventDraw::new(self.job.campaign.seed, "unweight", sample.map_or("", |sample| &sample.name));
        for row in 0..self.buffers.batch.len() {
            if let Err(error) = self.fill_event(unit, row, draw) {
                self.job.failed_unit.fetch_min(number, Ordering::Relaxed);
                if self.failed.as_ref().is_none_or(|(other, _)| number < *other) {
                    self.failed = Some((number, error));
                }
                return;
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

    fn fill_event(&mut self, unit: &Unit, row: usize, draw: EventDraw) -> Result<(), FillError> {
        let Job { campaign, recipes, weights, chosen, .. } = *self.job;
        let batch = &self.buffers.batch;
        let entry = batch.first_entry + row as u64;
        let (Some(flow), Some(weight)) = (self.flow.samples.get_mut(unit.sample), weights.get(unit.sample)) else {
            return Ok(());
        };
        let w = weight.of(batch.weight.get(row).copied().unwrap_or(f64::NAN));
        if !w.is_finite() {
            if campaign.on_bad_value == OnBadValue::Stop {
                let bad = BadValue { part: Part::Met, quantity: Quantity::Weight, value: w };
                return Err(self.job.inputs.bad_value(unit, entry, Some(bad)));
            }
            flow.read.add(Content::of(0.0));
            return Ok(());
        }
        let event_content = Counting::Weights.content(w);
        flow.read.add(event_content);
        flow.weighted.add(event_content);
        let failed = batch.fails(row);
        let fulfilled = failed.map_or(usize::MAX, usize::from);
        flow.conditions.iter_mut().take(fulfilled).for_each(|condition| condition.add(event_content));
        if failed.is_some() {
            return Ok(());
        }
        flow.required.add(event_content);

        self.event.build(batch, row, &campaign.selection, &campaign.composites);
        let rejected = self.event.rejected;
        if rejected.any() {
            if campaign.on_bad_value == OnBadValue::Stop {
                let bad = first_bad_value(batch, row);
                return Err(self.job.inputs.bad_value(unit, entry, bad));
            }
            for (all, dropped) in flow.rejected_objects.iter_mut().zip(rejected.objects) {
                *all += u64::from(dropped);
            }
            let any = rejected.objects.map(|dropped| dropped > 0).into_iter().chain([rejected.met]);
            for (events, any) in flow.rejected_events.iter_mut().zip(any) {
                if any {
                    events.add(event_content);
                }
            }
        }
        flow.huge_pt += u64::from(self.event.hardest_pt() > MOST_PT_GEV);
        if campaign.preselection.as_ref().is_some_and(|cut| !cut.eval(&self.event)) {
            return Ok(());
        }
        flow.preselected.add(event_content);
        if !chosen.takes(unit.sample, unit.file, entry) {
            return Ok(());
        }
        flow.chosen.add(event_content);
        let (w, content) = match self.counting {
            Counting::Weights => (w, event_content),
            Counting::Copies => {
                flow.not_positive += u64::from(w <= 0.0);
                let copies = copies(w, draw.uniform(unit.file, entry));
                if copies == 0.0 {
                    return Ok(());
                }
                let content = Counting::Copies.content(copies);
                flow.accepted.add(Content { entries: 1, weights: content.weights });
                (copies, content)
            }
        };
        let mut regions = 0_u64;
        for (i, region) in campaign.regions.iter().enumerate() {
            if region.cut.as_ref().is_none_or(|cut| cut.eval(&self.event)) {
                regions |= 1 << i;
                if let Some(counted) = flow.regions.get_mut(i) {
                    counted.add(Content { entries: 1, weights: content.weights });
                }
            }
        }
        if regions == 0 {
            return Ok(());
        }
        flow.filled.add(Content { entries: 1, weights: content.weights });

        self.objects.label(&self.event, recipes.selection());
        if self.objects.left_out > 0 {
            flow.left_out_events += 1;
            flow.left_out_objects += u64::from(self.objects.left_out);
        }
        let event = &self.event;
        let category = CategoryKey::new(0, event.counts(), event.charge(), event.jet_count());
        let key = CellKey { regions, category, signature: self.objects.signature };
        let cell = match self.by_key.get(&key) {
            Some(&place) => place,
            None => {
                let recipe: std::sync::Arc<BinnedRecipe> = recipes.recipe(key.signature)?;
                self.by_key.insert(key, self.cells.len());
                self.cells.push(Cell::new(key, recipe, self.counting));
                self.cells.len() - 1
            }
        };
        if let Some(cell) = self.cells.get_mut(cell) {
            let scratch = (&mut self.scratch, &mut self.count_scratch);
            cell.add(&self.objects, event.met.unwrap_or_default(), w, scratch);
        }
        Ok(())
    }
}

/// How often an event of weight `w` enters pseudo-data: floor(w), and once more with the chance of the rest.
pub(crate) fn copies(w: f64, uniform: f64) -> f64 {
    if w <= 0.0 {
        return 0.0;
    }
    let whole = w.floor();
    whole + f64::from(uniform < w - whole)
}

#[cfg(test)]
mod tests {
    use super::copies;

    #[test]
    fn weights_become_copies_of_the_same_mean() {
        assert_eq!(copies(-0.5, 0.0), 0.0);
        assert_eq!(copies(3.0, 0.0), 3.0);
        let n = 1000;
        let mean = (0..n).map(|i| copies(2.25, f64::from(i) / f64::from(n))).sum::<f64>() / f64::from(n);
        assert!((mean - 2.25).abs() < 1e-9);
    }
}

//! `events: N`: a seeded choice of so many events among those that pass the preselection.
//!
//! In: the samples that ask for it. Out: which entries were chosen. Every event gets a number from the campaign seed,
//! the sample name, its file and its entry; the N smallest among those that pass are taken, so that the choice depends
//! neither on threads nor on other samples.

use std::collections::BinaryHeap;

use rustc_hash::FxHashSet;

use super::draws::EventDraw;
use super::inputs::{Inputs, ReadBuffers, Unit};
use super::{Progress, run_units};
use crate::campaign::Campaign;
use crate::objects::Event;

/// Random number, file, entry.
type Ticket = (u64, usize, u64);

/// The chosen entries per sample.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    /// None: all events of the sample.
    samples: Vec<Option<FxHashSet<(usize, u64)>>>,
}

impl Chosen {
    /// True if an event that passes the preselection is taken.
    pub(crate) fn takes(&self, sample: usize, file: usize, entry: u64) -> bool {
        match self.samples.get(sample) {
            Some(Some(entries)) => entries.contains(&(file, entry)),
            _ => true,
        }
    }

    /// Says where fewer events pass than were asked for.
    pub(crate) fn warnings(&self, campaign: &Campaign) -> Vec<String> {
        let mut warnings = Vec::new();
        for (sample, chosen) in campaign.samples.iter().zip(&self.samples) {
            if let (Some(wanted), Some(entries)) = (sample.events, chosen)
                && (entries.len() as u64) < wanted
            {
                let (name, taken) = (&sample.name, entries.len());
                warnings.push(format!("sample {name}: {wanted} events requested, but only {taken} pass the preselection: all of them are taken"));
            }
        }
        warnings
    }
}

/// Makes the choices; reads the samples that need one.
pub(crate) fn choose(
    campaign: &Campaign,
    inputs: &Inputs,
    units: &[Unit],
    pool: &rayon::ThreadPool,
    progress: &dyn Progress,
) -> Chosen {
    let mut samples = Vec::new();
    for (number, sample) in campaign.samples.iter().enumerate() {
        let Some(wanted) = sample.events else {
            samples.push(None);
            continue;
        };
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let todo: Vec<Unit> = units.iter().filter(|unit| unit.sample == number).cloned().collect();
        let draw = EventDraw::new(campaign.seed, "events", &sample.name);
        progress.begin("choose", todo.iter().map(|unit| unit.range.end - unit.range.start).sum(), "events");
        let drawers = run_units(pool, &todo, Drawer::default, |drawer, _, unit| {
            drawer.draw(campaign, inputs, unit, draw, wanted);
            progress.advance(unit.range.end - unit.range.start);
        });
        let mut tickets: Vec<Ticket> = drawers.into_iter().flat_map(|drawer| drawer.smallest).collect();
        tickets.sort_unstable();
        tickets.truncate(wanted);
        samples.push(Some(tickets.into_iter().map(|(_, file, entry)| (file, entry)).collect()));
    }
    Chosen { samples }
}

/// Keeps the smallest tickets of what one thread sees.
#[derive(Default)]
struct Drawer {
    buffers: ReadBuffers,
    event: Event,
    smallest: BinaryHeap<Ticket>,
}

impl Drawer {
    fn draw(&mut self, campaign: &Campaign, inputs: &Inputs, unit: &Unit, draw: EventDraw, wanted: usize) {
        // A unit that cannot be read here cannot be read later either, and is reported then.
        if inputs.read(unit, &mut self.buffers).is_err() {
            return;
        }
        let batch = &self.buffers.batch;
        for row in 0..batch.len() {
            if !batch.weight.get(row).is_some_and(|w| w.is_finite()) || batch.fails(row).is_some() {
                continue;
            }
            self.event.build(batch, row, &campaign.selection, &campaign.composites);
            if campaign.preselection.as_ref().is_some_and(|cut| !cut.eval(&self.event)) {
                continue;
            }
            let entry = batch.first_entry + row as u64;
            self.smallest.push((draw.bits(unit.file, entry), unit.file, entry));
            if self.smallest.len() > wanted {
                self.smallest.pop();
            }
        }
    }
}

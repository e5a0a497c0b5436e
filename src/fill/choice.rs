//! `events: N`: a seeded choice of so many events among those that pass the preselection.
//!
//! In: the samples that ask for it. Out: which entries were chosen. Every event gets a number from the campaign seed,
//! the sample name, its file and its entry; the N smallest among those that pass are taken, so that the choice depends
//! neither on threads nor on other samples.

use std::collections::BinaryHeap;

use super::draws::EventDraw;
use super::event_path::{Entries, EventPath, SampleRules};
use super::passes::Passes;
use super::weighting::Weight;
use super::work_units::{Inputs, Parts, ReadBuffers, Unit};
use crate::campaign::Campaign;

/// Random number, file, entry.
type Ticket = (u64, usize, u64);

/// The chosen entries per sample.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    /// None: all events of the sample.
    samples: Vec<Option<Entries>>,
}

impl Chosen {
    /// The entries of a sample that are taken; None: all of them.
    pub(crate) fn of_sample(&self, sample: usize) -> Option<&Entries> {
        self.samples.get(sample)?.as_ref()
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
pub(crate) fn choose(passes: &Passes, weights: &[Weight]) -> Chosen {
    let campaign = passes.campaign;
    let samples = campaign.samples.iter().zip(weights).enumerate().map(|(number, (sample, &weight))| {
        let wanted = usize::try_from(sample.events?).unwrap_or(usize::MAX);
        let units: Vec<Unit> = passes.units.iter().filter(|unit| unit.sample == number).cloned().collect();
        let job = Job {
            inputs: passes.inputs,
            rules: SampleRules::new(campaign, number, weight, None),
            draw: EventDraw::new(campaign.seed, "events", &sample.name),
            wanted,
        };
        let drawers = passes.some_units("choose", &units, Drawer::default, |drawer, _, unit| drawer.draw(&job, unit));
        let mut tickets: Vec<Ticket> = drawers.into_iter().flat_map(|drawer| drawer.smallest).collect();
        tickets.sort_unstable();
        tickets.truncate(wanted);
        Some(tickets.into_iter().map(|(_, file, entry)| (file, entry)).collect())
    });
    Chosen { samples: samples.collect() }
}

/// The choice of one sample.
struct Job<'a> {
    inputs: &'a Inputs,
    rules: SampleRules<'a>,
    draw: EventDraw,
    wanted: usize,
}

/// Keeps the smallest tickets of what one thread sees.
#[derive(Default)]
struct Drawer {
    buffers: ReadBuffers,
    path: EventPath,
    smallest: BinaryHeap<Ticket>,
}

impl Drawer {
    fn draw(&mut self, job: &Job, unit: &Unit) {
        let mut parts = Parts::of(unit);
        while let Some(read) = job.inputs.read(&mut parts, &mut self.buffers) {
            // What cannot be read here cannot be read later either, and is reported then.
            if read.is_err() {
                continue;
            }
            let batch = &self.buffers.batch;
            for row in 0..batch.len() {
                if self.path.preselect(&job.rules, batch, row).is_err() {
                    continue;
                }
                let entry = batch.first_entry + row as u64;
                self.smallest.push((job.draw.bits(unit.file, entry), unit.file, entry));
                if self.smallest.len() > job.wanted {
                    self.smallest.pop();
                }
            }
        }
    }
}

//! The events behind a bump, or passing a cut, for a closer look.
//!
//! In: a campaign and a [`Pick`]. Out: [`Picked`]: the events, in the order sample, file, entry, as a [`Skim`] that can
//! be written. They go through the same steps as in the event loop (preselection, `events: N`, pseudo-data, category,
//! masses in GeV), and carry the weight that they have there: the sum of weights of the events behind a bump is what the
//! bump counts. With `pseudo_data: poisson`, whose counts are drawn per bin, it is the mean of that number.

use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;
use thiserror::Error;

use super::{MAX_SKIM_BYTES, Skim};
use crate::campaign::{Campaign, PseudoData};
use crate::categories::{Category, CategoryKey, JetCount};
use crate::cuts::Cut;
use crate::fill::draws::EventDraw;
use crate::fill::inputs::{Inputs, ReadBuffers, Unit, UnitProblem};
use crate::fill::weighting::Weight;
use crate::fill::worker::copies;
use crate::fill::{FillError, Progress, SkippedInput, choice, inputs, pool, run_units, weighting};
use crate::masses::MassOptions;
use crate::masses::{LabelledObjects, MassRecipe, MassScratch, MassSelection, Signature};
use crate::ntuples::NtupleError;
use crate::objects::Event;
use crate::particles::{LabelError, MassLabel};

/// Which events are wanted: those that pass everything that is given here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pick {
    /// A cut, after the preselection.
    pub cut: Option<Cut>,
    /// A category; `Xj` takes every number of jets.
    pub category: Option<Category>,
    /// A range of a mass.
    pub window: Option<MassWindow>,
}

/// A range of a mass: low <= mass < high, as bins have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MassWindow {
    /// Which mass; events without it are not wanted.
    pub mass: MassLabel,
    /// GeV.
    pub low_gev: f64,
    /// GeV.
    pub high_gev: f64,
}

/// Events of a campaign.
#[derive(Debug, Clone)]
pub struct Picked {
    /// The events, with the weights of the campaign.
    pub skim: Skim,
    /// Events that were read.
    pub read: u64,
    /// Of these, events that the event loop uses: with a usable weight, preselected, chosen.
    pub used: u64,
    /// Files and entry ranges that could not be read.
    pub skipped: Vec<SkippedInput>,
    /// Sentences for people.
    pub warnings: Vec<String>,
}

/// Reads the inputs of a campaign and keeps the events that are wanted. `file` of an event counts the campaign's files
/// from 0, sample by sample.
pub fn pick(campaign: &Campaign, pick: &Pick, threads: usize, progress: &dyn Progress) -> Result<Picked, PickError> {
    let inputs = pool(threads)?.install(|| inputs::open(campaign))?;
    pick_from(campaign, inputs, pick, threads, progress)
}

pub(crate) fn pick_from(
    campaign: &Campaign,
    inputs: Inputs,
    pick: &Pick,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Picked, PickError> {
    let wanted = Wanted::new(campaign, pick)?;
    let pool = pool(threads)?;
    let mut units = inputs.units(None);
    let mut problems = Vec::new();
    loop {
        let (picked, lost) = pick_once(campaign, &inputs, &units, &wanted, &pool, progress)?;
        let again = weighting::leave_out(campaign, &mut units, &lost);
        problems.extend(lost);
        if !again {
            let skipped = inputs.skipped(problems);
            let mut warnings = picked.warnings;
            warnings.extend(skipped.iter().map(SkippedInput::sentence));
            return Ok(Picked { skipped, warnings, ..picked });
        }
    }
}

fn pick_once(
    campaign: &Campaign,
    inputs: &Inputs,
    units: &[Unit],
    wanted: &Wanted,
    pool: &rayon::ThreadPool,
    progress: &dyn Progress,
) -> Result<(Picked, Vec<UnitProblem>), PickError> {
    let weights = weighting::weigh(campaign, inputs, units, pool, progress)?;
    let chosen = choice::choose(campaign, inputs, units, pool, progress);
    let first_file = campaign.samples.iter().scan(0, |files, sample| {
        let first = *files;
        *files += sample.files.len();
        Some(first)
    });
    let job = Job {
        campaign,
        inputs,
        wanted,
        weights: &weights,
        chosen: &chosen,
        first_file: first_file.collect(),
        bytes: AtomicU64::new(0),
    };
    progress.begin("skim", units.iter().map(|unit| unit.range.end - unit.range.start).sum(), "events");
    let pickers = run_units(
        pool,
        units,
        || Picker::new(&job),
        |picker, number, unit| {
            picker.read_unit(number, unit);
            progress.advance(unit.range.end - unit.range.start);
        },
    );

    let (mut parts, mut problems) = (Vec::new(), Vec::new());
    let (mut read, mut used) = (0, 0);
    for picker in pickers {
        if let Some(error) = picker.failed {
            return Err(error.into());
        }
        parts.extend(picker.parts);
        problems.extend(picker.problems);
        read += picker.read;
        used += picker.used;
    }
    if job.is_full() {
        return Err(PickError::TooMany);
    }
    parts.sort_by_key(|(number, _)| *number);
    let mut skim = Skim::default();
    parts.into_iter().for_each(|(_, part)| skim.append(part));
    let picked = Picked { skim, read, used, skipped: Vec::new(), warnings: chosen.warnings(campaign) };
    Ok((picked, problems))
}

/// A [`Pick`] with names turned into what is compared per event.
struct Wanted {
    cut: Option<Cut>,
    /// Cut of the region (None: no cut), and the category with region number 0.
    category: Option<(Option<Cut>, CategoryKey)>,
    window: Option<(MassWindow, MassSelection)>,
}

impl Wanted {
    fn new(campaign: &Campaign, pick: &Pick) -> Result<Wanted, PickError> {
        let category = pick.category.as_ref().map(|category| {
            let region = campaign.regions.iter().find(|region| region.name == category.region);
            let region = region.ok_or_else(|| PickError::NoRegion {
                region: category.region.clone(),
                regions: campaign.regions.iter().map(|region| format!("`{}`", region.name)).collect(),
            })?;
            let key = CategoryKey::new(0, category.objects, category.charge, category.jets);
            Ok::<_, PickError>((region.cut.clone(), key))
        });
        let window = pick.window.map(|window| {
            let MassWindow { mass, low_gev, high_gev } = window;
            if low_gev.is_nan() || high_gev.is_nan() || low_gev >= high_gev {
                return Err(PickError::EmptyRange { mass, low_gev, high_gev });
            }
            let left_out = |(kind, _): &(crate::particles::Kind, u8)| campaign.masses.leave_out.contains(kind);
            if let Some((kind, _)) = mass.objects().find(left_out) {
                return Err(PickError::LeftOut { mass, kind: kind.name() });
            }
            // Objects are labelled as in the campaign; of the masses, only this one is computed.
            let options = MassOptions {
                max_objects: None,
                leave_out: campaign.masses.leave_out.clone(),
                transverse: mass.is_transverse(),
                only: vec![mass.to_string()],
            };
            Ok((window, MassSelection::new(&options)?))
        });
        Ok(Wanted { cut: pick.cut.clone(), category: category.transpose()?, window: window.transpose()? })
    }
}

/// What all threads share.
struct Job<'a> {
    campaign: &'a Campaign,
    inputs: &'a Inputs,
    wanted: &'a Wanted,
    weights: &'a [Weight],
    chosen: &'a choice::Chosen,
    /// Per sample: number of its first file among all files.
    first_file: Vec<usize>,
    /// Size of what all threads keep.
    bytes: AtomicU64,
}

impl Job<'_> {
    fn is_full(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > MAX_SKIM_BYTES
    }
}

/// One thread's buffers and results.
struct Picker<'a> {
    job: &'a Job<'a>,
    buffers: ReadBuffers,
    event: Event,
    objects: LabelledObjects,
    scratch: MassScratch,
    recipes: FxHashMap<Signature, MassRecipe>,
    /// Unit number and its events.
    parts: Vec<(usize, Skim)>,
    problems: Vec<UnitProblem>,
    failed: Option<NtupleError>,
    read: u64,
    used: u64,
}

impl<'a> Picker<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        Picker {
            job,
            buffers: ReadBuffers::default(),
            event: Event::default(),
            objects: LabelledObjects::default(),
            scratch: MassScratch::default(),
            recipes: FxHashMap::default(),
            parts: Vec::new(),
            problems: Vec::new(),
            failed: None,
            read: 0,
            used: 0,
        }
    }

    /// Keeps the wanted events of a unit. A unit that cannot be read is reported; nothing of it is kept.
    fn read_unit(&mut self, number: usize, unit: &Unit) {
        if self.failed.is_some() || self.job.is_full() {
            return;
        }
        if let Err(reason) = self.job.inputs.read(unit, &mut self.buffers) {
            self.problems.push(UnitProblem { unit: unit.clone(), reason });
            return;
        }
        let first = self.job.first_file.get(unit.sample).copied().unwrap_or(0);
        let file = u32::try_from(first + unit.file).unwrap_or(u32::MAX);
        let mut part = Skim::default();
        for row in 0..self.buffers.batch.len() {
            let Some(weight) = self.wanted_weight(unit, row) else { continue };
            if let Some(slot) = self.buffers.batch.weight.get_mut(row) {
                *slot = weight;
            }
            if let Err(error) = part.push(file, &self.buffers.batch, row) {
                self.failed = Some(error);
                return;
            }
        }
        if !part.is_empty() {
            self.job.bytes.fetch_add(part.bytes(), Ordering::Relaxed);
            self.parts.push((number, part));
        }
    }

    /// The weight of an event that is wanted; None for others. The steps are those of `worker.rs`.
    fn wanted_weight(&mut self, unit: &Unit, row: usize) -> Option<f64> {
        let Job { campaign, wanted, weights, chosen, .. } = *self.job;
        let batch = &self.buffers.batch;
        let entry = batch.first_entry + row as u64;
        self.read += 1;
        let w = weights.get(unit.sample)?.of(batch.weight.get(row).copied().unwrap_or(f64::NAN));
        if !w.is_finite() || batch.fails(row).is_some() {
            return None;
        }
        let event = &mut self.event;
        event.build(batch, row, &campaign.selection, &campaign.composites);
        let passes = |cut: &Option<Cut>| cut.as_ref().is_none_or(|cut| cut.eval(&*event));
        if !passes(&campaign.preselection) || !chosen.takes(unit.sample, unit.file, entry) {
            return None;
        }
        let w = match campaign.pseudo_data {
            PseudoData::Off | PseudoData::Poisson => w,
            PseudoData::Unweight => {
                let name = campaign.samples.get(unit.sample).map_or("", |sample| &sample.name);
                let copies = copies(w, EventDraw::new(campaign.seed, "unweight", name).uniform(unit.file, entry));
                (copies > 0.0).then_some(copies)?
            }
        };
        self.used += 1;
        if !passes(&wanted.cut) {
            return None;
        }
        if let Some((region, key)) = &wanted.category {
            let own = CategoryKey::new(0, event.counts(), event.charge(), event.jet_count());
            let own = if key.jets() == JetCount::Any { own.any_jets() } else { own };
            if own != *key || !passes(region) {
                return None;
            }
        }
        match &wanted.window {
            Some((window, selection)) => {
                let mass = self.mass(selection)?;
                (window.low_gev <= mass && mass < window.high_gev).then_some(w)
            }
            None => Some(w),
        }
    }

    /// The wanted mass of the event, if it has it.
    fn mass(&mut self, selection: &MassSelection) -> Option<f64> {
        self.objects.label(&self.event, selection);
        let signature = self.objects.signature;
        let recipe = self.recipes.entry(signature).or_insert_with(|| MassRecipe::new(signature, selection));
        let met = self.event.met.unwrap_or_default();
        recipe.compute(&self.objects.p4, met.pt, met.phi, &mut self.scratch);
        self.scratch.masses.first().copied()
    }
}

/// Events that cannot be picked.
#[derive(Debug, Error)]
pub enum PickError {
    /// A category of a region that the campaign does not have.
    #[error("the campaign has no region `{region}`\n  its regions: {}", regions.join(", "))]
    NoRegion {
        /// What was asked for.
        region: String,
        /// What there is.
        regions: Vec<String>,
    },
    /// A range without a mass in it.
    #[error("no {mass} lies between {low_gev} and {high_gev} GeV\nhint: the lower end comes first, in GeV")]
    EmptyRange {
        /// Mass.
        mass: MassLabel,
        /// GeV.
        low_gev: f64,
        /// GeV.
        high_gev: f64,
    },
    /// A mass of objects that carry no labels.
    #[error("no event has {mass}: `masses.leave_out` of the campaign holds {kind}")]
    LeftOut {
        /// Mass.
        mass: MassLabel,
        /// Kind that is left out.
        kind: &'static str,
    },
    /// More than a file can hold.
    #[error("the chosen events do not fit into one ROOT file of {} GB\nhint: tighten the cut, or skim sample by sample", MAX_SKIM_BYTES as f64 / 1e9)]
    TooMany,
    /// A mass label.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// An event that could not be kept.
    #[error(transparent)]
    Ntuple(#[from] NtupleError),
    /// The inputs.
    #[error(transparent)]
    Fill(#[from] FillError),
}

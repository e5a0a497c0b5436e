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
use crate::campaign::Campaign;
use crate::categories::{Category, CategoryKey, JetCount};
use crate::cuts::Cut;
use crate::fill::{Completed, EventPath, FillError, OpenInputs, Passes, Progress, Rules, SampleRules, SkippedInput};
use crate::fill::{Parts, ReadBuffers, Unit, UnitProblem, complete};
use crate::masses::{MassOptions, MassRecipe, MassSelection, Signature};
use crate::ntuples::NtupleError;
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

/// Reads all inputs of a campaign and keeps the events that are wanted. `file` of an event counts the campaign's files
/// from 0, sample by sample.
pub fn pick(inputs: &OpenInputs, pick: &Pick, progress: &dyn Progress) -> Result<Picked, PickError> {
    let passes = Passes::over(inputs, None, progress)?;
    let inputs = passes.inputs;
    let wanted = Wanted::new(passes.campaign, pick)?;
    let Completed { done, rules, problems } = complete(passes, |passes, rules| pick_pass(passes, rules, &wanted))?;
    let skipped = inputs.skipped(problems);
    let mut warnings = rules.warnings();
    warnings.extend(skipped.iter().map(SkippedInput::sentence));
    let Taken { skim, read, used } = done;
    Ok(Picked { skim, read, used, skipped, warnings })
}

/// What a pass takes.
struct Taken {
    skim: Skim,
    read: u64,
    used: u64,
}

/// One pass over all units, and the units that could not be read.
fn pick_pass(passes: &Passes, rules: &Rules, wanted: &Wanted) -> Result<(Taken, Vec<UnitProblem>), PickError> {
    let first_file = passes.campaign.samples.iter().scan(0, |files, sample| {
        let first = *files;
        *files += sample.files.len();
        Some(first)
    });
    let job = Job { passes, rules, wanted, first_file: first_file.collect(), bytes: AtomicU64::new(0) };
    let pickers = passes.all_units("skim", || Picker::new(&job), Picker::read_unit);

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
    Ok((Taken { skim, read, used }, problems))
}

/// A [`Pick`] with names turned into what is compared per event.
struct Wanted {
    cut: Option<Cut>,
    /// Number of the region, and the category with region number 0.
    category: Option<(usize, CategoryKey)>,
    window: Option<(MassWindow, MassSelection)>,
}

impl Wanted {
    fn new(campaign: &Campaign, pick: &Pick) -> Result<Wanted, PickError> {
        let category = pick.category.as_ref().map(|category| {
            let region = campaign.regions.iter().position(|region| region.name == category.region);
            let region = region.ok_or_else(|| PickError::NoRegion {
                region: category.region.clone(),
                regions: campaign.regions.iter().map(|region| format!("`{}`", region.name)).collect(),
            })?;
            let key = CategoryKey::new(0, category.objects, category.charge, category.jets);
            Ok::<_, PickError>((region, key))
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
                only: vec![mass],
            };
            Ok((window, MassSelection::new(&options)?))
        });
        Ok(Wanted { cut: pick.cut.clone(), category: category.transpose()?, window: window.transpose()? })
    }
}

/// What all threads share.
struct Job<'a> {
    passes: &'a Passes<'a>,
    rules: &'a Rules<'a>,
    wanted: &'a Wanted,
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
    path: EventPath,
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
            path: EventPath::default(),
            recipes: FxHashMap::default(),
            parts: Vec::new(),
            problems: Vec::new(),
            failed: None,
            read: 0,
            used: 0,
        }
    }

    /// Keeps the wanted events of a unit. What cannot be read of it is reported.
    fn read_unit(&mut self, number: usize, unit: &Unit) {
        if self.failed.is_some() || self.job.is_full() {
            return;
        }
        let Some(rules) = self.job.rules.of_sample(unit.sample) else { return };
        let first = self.job.first_file.get(unit.sample).copied().unwrap_or(0);
        let file = u32::try_from(first + unit.file).unwrap_or(u32::MAX);
        let mut part = Skim::default();
        let mut todo = Parts::of(unit);
        while let Some(read) = self.job.passes.inputs.read(&mut todo, &mut self.buffers) {
            if let Err(problem) = read {
                self.problems.push(problem);
                continue;
            }
            for row in 0..self.buffers.batch.len() {
                let Some(weight) = self.wanted_weight(&rules, unit.file, row) else { continue };
                if let Some(slot) = self.buffers.batch.weight.get_mut(row) {
                    *slot = weight;
                }
                if let Err(error) = part.push(file, &self.buffers.batch, row) {
                    self.failed = Some(error);
                    return;
                }
            }
        }
        if !part.is_empty() {
            self.job.bytes.fetch_add(part.bytes(), Ordering::Relaxed);
            self.parts.push((number, part));
        }
    }

    /// The weight of an event that is wanted; None for others.
    fn wanted_weight(&mut self, rules: &SampleRules, file: usize, row: usize) -> Option<f64> {
        self.read += 1;
        let used = self.path.follow(rules, file, &self.buffers.batch, row).ok()?;
        self.used += 1;
        let wanted = self.job.wanted;
        if wanted.cut.as_ref().is_some_and(|cut| !cut.eval(&self.path.event)) {
            return None;
        }
        if let Some((region, key)) = &wanted.category {
            let own = if key.jets() == JetCount::Any { used.category.any_jets() } else { used.category };
            if own != *key || used.regions >> region & 1 == 0 {
                return None;
            }
        }
        if let Some((window, selection)) = &wanted.window {
            let mass = self.mass(selection)?;
            if !(window.low_gev <= mass && mass < window.high_gev) {
                return None;
            }
        }
        Some(used.weight)
    }

    /// The wanted mass of the event, if it has it.
    fn mass(&mut self, selection: &MassSelection) -> Option<f64> {
        let signature = self.path.label(selection).signature;
        let recipe = self.recipes.entry(signature).or_insert_with(|| MassRecipe::new(signature, selection));
        self.path.masses(recipe).first().copied()
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

//! Events and weights left after each step.
//!
//! In: the step at which the way of every event ended. Out: rows for the report, in which every event that was read is
//! accounted for, and sentences about values that were dropped.

use super::FillError;
use super::accounting::CutflowRow;
use super::event_path::{EventPath, Step, Used};
use super::tally::event_of;
use crate::campaign::{Campaign, PseudoData, Role, Sample};
use crate::digits;
use crate::histograms::Content;
use crate::ntuples::layouts::{EventCondition, Part};

/// What can be dropped, in the order of the counts.
const KINDS: [&str; 5] = ["electrons", "muons", "photons", "jets", "MET"];
/// No object of a collider of today has more transverse momentum, GeV (half of 14 TeV).
const MOST_PT_GEV: f64 = 7_000.0;
/// Leptons of which some should have either charge.
const LEAST_LEPTONS: u64 = 20;

/// A step, the name of its row, what is counted there.
type Row = (Step, &'static str, fn(&Ended) -> Content);

/// The rows in the order of an event's way: the step that their events are past, name, what is counted of them.
const ROWS: [Row; Step::COUNT] = [
    (Step::Weight, "weight is a number", |ended| ended.read),
    (Step::Conditions, "require_event", |ended| ended.read),
    (Step::Preselection, "preselection", |ended| ended.read),
    (Step::Choice, "chosen", |ended| ended.read),
    (Step::Keep, "accepted as pseudo-data", |ended| ended.used),
    (Step::Regions, "in any region", |ended| ended.used),
];

/// Events whose way ended at the same step.
#[derive(Debug, Clone, Copy, Default)]
struct Ended {
    /// With their weights in the campaign; 0 for a weight that is no number.
    read: Content,
    /// With the weights that are booked; of those that get so far.
    used: Content,
}

/// Counts of one sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct SampleFlow {
    /// By the step at which events were dropped; the last: those that are booked.
    ended: [Ended; Step::COUNT + 1],
    /// Of those that do not fulfil the layout's conditions: by the first one that they fail.
    failed: Vec<Content>,
    /// Per region of the campaign.
    regions: Vec<Content>,
    /// Electrons, muons, photons, jets dropped because of impossible values.
    rejected_objects: [u64; 4],
    /// Events with such electrons, muons, photons, jets; without usable MET.
    rejected_events: [Content; 5],
    /// Events with an object above [`MOST_PT_GEV`].
    huge_pt: u64,
    /// Labelled objects beyond 16.
    left_out_objects: u64,
    /// Events with such objects.
    left_out_events: u64,
    /// Selected electrons, muons, photons, jets.
    objects: [u64; 4],
    /// Of the dropped ones, those whose phi is no angle in radians.
    not_radians: [u64; 4],
    /// Selected leptons with charge -1, 0, 1.
    charges: [u64; 3],
    /// Events with a weight of 0 or below; pseudo-data cannot hold them.
    not_positive: u64,
    /// The largest weight of an event.
    largest_weight: f64,
}

impl SampleFlow {
    /// Counts an event that `path` has followed to its end. `failed`: the first condition of the layout that it fails.
    #[inline]
    pub(crate) fn count(&mut self, path: &EventPath, end: Result<Used, Step>, failed: Option<u16>) {
        let dropped = match end {
            Err(step) => Some(step),
            Ok(used) if used.regions == 0 => Some(Step::Regions),
            Ok(_) => None,
        };
        let read = match dropped {
            Some(Step::Weight) => Content::of(0.0),
            _ => event_of(path.weight),
        };
        let ended = &mut self.ended[dropped.map_or(Step::COUNT, |step| step as usize)];
        ended.read.add(read);
        if let Ok(used) = end {
            let content = event_of(used.weight);
            ended.used.add(content);
            let regions = self.regions.iter_mut().enumerate().filter(|(number, _)| used.regions >> number & 1 != 0);
            regions.for_each(|(_, counted)| counted.add(content));
        }
        match dropped {
            Some(Step::Weight) => {}
            Some(Step::Conditions) => {
                if let Some(counted) = failed.and_then(|failed| self.failed.get_mut(usize::from(failed))) {
                    counted.add(read);
                }
            }
            _ => self.count_values(path, read),
        }
        if dropped != Some(Step::Weight) {
            self.not_positive += u64::from(path.weight <= 0.0);
            self.largest_weight = self.largest_weight.max(path.weight);
        }
    }

    /// Counts impossible and hardly possible values of an event's objects.
    fn count_values(&mut self, path: &EventPath, read: Content) {
        self.huge_pt += u64::from(path.event.hardest_pt() > MOST_PT_GEV);
        let event = &path.event;
        for lepton in &event.leptons {
            self.objects[usize::from(lepton.part == Part::Muon)] += 1;
            self.charges[(lepton.charge.signum() + 1) as usize] += 1;
        }
        self.objects[2] += event.photons.len() as u64;
        self.objects[3] += event.jets.len() as u64;
        let rejected = event.rejected;
        if !rejected.any() {
            return;
        }
        for (all, dropped) in self.rejected_objects.iter_mut().zip(rejected.objects) {
            *all += u64::from(dropped);
        }
        for (all, dropped) in self.not_radians.iter_mut().zip(rejected.angles) {
            *all += u64::from(dropped);
        }
        let any = rejected.objects.map(|dropped| dropped > 0).into_iter().chain([rejected.met]);
        for (events, _) in self.rejected_events.iter_mut().zip(any).filter(|(_, any)| *any) {
            events.add(read);
        }
    }

    /// Counts labelled objects of a booked event beyond those that labels can carry.
    #[inline]
    pub(crate) fn count_left_out(&mut self, objects: u32) {
        self.left_out_events += u64::from(objects > 0);
        self.left_out_objects += u64::from(objects);
    }

    /// All events that were read.
    fn read(&self) -> Content {
        sum(self.ended.iter().map(|ended| ended.read))
    }

    /// Events that got past a step.
    fn past(&self, step: Step, counted: fn(&Ended) -> Content) -> Content {
        sum(self.ended.iter().skip(step as usize + 1).map(counted))
    }

    /// Events whose weight is a number.
    fn weighted(&self) -> u64 {
        self.past(Step::Weight, |ended| ended.read).entries
    }

    /// Events in at least one region.
    fn booked(&self) -> u64 {
        self.past(Step::Regions, |ended| ended.used).entries
    }

    fn add(&mut self, other: &SampleFlow) {
        for (mine, theirs) in self.ended.iter_mut().zip(&other.ended) {
            mine.read.add(theirs.read);
            mine.used.add(theirs.used);
        }
        for (mine, theirs) in [
            (&mut self.failed[..], &other.failed[..]),
            (&mut self.regions[..], &other.regions[..]),
            (&mut self.rejected_events[..], &other.rejected_events[..]),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| mine.add(*theirs));
        }
        for (mine, theirs) in [
            (&mut self.rejected_objects[..], &other.rejected_objects[..]),
            (&mut self.objects[..], &other.objects[..]),
            (&mut self.not_radians[..], &other.not_radians[..]),
            (&mut self.charges[..], &other.charges[..]),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.largest_weight = self.largest_weight.max(other.largest_weight);
        self.huge_pt += other.huge_pt;
        self.left_out_objects += other.left_out_objects;
        self.left_out_events += other.left_out_events;
        self.not_positive += other.not_positive;
    }
}

fn sum(contents: impl Iterator<Item = Content>) -> Content {
    contents.fold(Content::default(), |mut sum, content| {
        sum.add(content);
        sum
    })
}

/// Counts of all samples.
#[derive(Debug, Clone)]
pub(crate) struct Cutflow {
    pub samples: Vec<SampleFlow>,
}

impl Cutflow {
    /// Nothing counted yet.
    pub(crate) fn new(campaign: &Campaign) -> Self {
        let nothing = |steps: usize| vec![Content::default(); steps];
        let empty = |sample: &Sample| SampleFlow {
            regions: nothing(campaign.regions.len()),
            failed: nothing(sample.layout.require_event().len()),
            ..SampleFlow::default()
        };
        Cutflow { samples: campaign.samples.iter().map(empty).collect() }
    }

    /// Adds what another worker counted.
    pub(crate) fn add(&mut self, other: &Cutflow) {
        for (mine, theirs) in self.samples.iter_mut().zip(&other.samples) {
            mine.add(theirs);
        }
    }

    /// Rows per sample, then for all samples together. Steps that the campaign does not have are left out.
    pub(crate) fn rows(&self, campaign: &Campaign) -> Vec<CutflowRow> {
        let mut rows = Vec::new();
        let mut all = Cutflow::new(campaign).samples.into_iter().next().unwrap_or_default();
        for (sample, flow) in campaign.samples.iter().zip(&self.samples) {
            all.add(flow);
            let conditions = names(sample.layout.require_event());
            sample_rows(campaign, (&sample.name, &conditions), sample.events.is_some(), flow, &mut rows);
        }
        let any_choice = campaign.samples.iter().any(|sample| sample.events.is_some());
        // Samples with conditions of their own have one step in common: all that each of them asks for.
        let mut different = campaign.samples.iter().map(|sample| sample.layout.require_event());
        let first = different.next().unwrap_or_default();
        let mut conditions = names(first);
        if different.any(|other| other != first) {
            conditions = vec![String::new()];
            all.failed.clear();
        }
        sample_rows(campaign, ("all", &conditions), any_choice, &all, &mut rows);
        rows
    }

    /// A sentence if the campaign came to nothing.
    pub(crate) fn nothing_booked(&self, nothing: bool) -> Option<String> {
        let sum = |count: fn(&SampleFlow) -> u64| self.samples.iter().map(count).sum::<u64>();
        let (read, filled) = (sum(|flow| flow.read().entries), sum(SampleFlow::booked));
        match (nothing, read, filled) {
            (false, ..) => None,
            (true, 0, _) => Some("the inputs hold no events".into()),
            (true, _, 0) => Some(format!("no spectrum: none of {read} events passes the cuts")),
            (true, ..) => Some(format!(
                "no spectrum: none of {filled} events has objects that form a mass; are the units and `selection` right? \
                 `bumphound inspect FILE --event 0 --campaign FILE` shows what happens to an event"
            )),
        }
    }

    /// An error if directions cannot be in radians: nothing that is made of them is right. `branch`: where those of a kind
    /// of a sample come from.
    pub(crate) fn angles(&self, campaign: &Campaign, branch: impl Fn(usize, Part) -> String) -> Result<(), FillError> {
        const PARTS: [Part; 4] = [Part::Electron, Part::Muon, Part::Photon, Part::Jet];
        for (number, (sample, flow)) in campaign.samples.iter().zip(&self.samples).enumerate() {
            if let Some((kind, objects, of)) = flow.wrong_angles() {
                let (sample, branch) = (sample.name.clone(), branch(number, PARTS[kind]));
                return Err(FillError::Angles { sample, kind: KINDS[kind], objects, of, branch });
            }
        }
        Ok(())
    }

    /// Sentences about what was dropped or left out.
    pub(crate) fn warnings(&self, campaign: &Campaign) -> Vec<String> {
        let mut warnings = Vec::new();
        for (sample, flow) in campaign.samples.iter().zip(&self.samples) {
            let name = &sample.name;
            let bad_weights = flow.read().entries - flow.weighted();
            if bad_weights > 0 {
                warnings.push(format!(
                    "sample {name}: {bad_weights} events dropped: their weight is not a number, or below 1e-15"
                ));
            }
            for ((kind, objects), events) in KINDS.iter().zip(flow.rejected_objects).zip(&flow.rejected_events) {
                if objects > 0 {
                    warnings.push(format!(
                        "sample {name}: {objects} {kind} in {} events dropped: pT, eta, phi or mass not finite, pT not above 0, or |phi| above 2 pi",
                        events.entries
                    ));
                }
            }
            let [.., no_met] = &flow.rejected_events;
            if no_met.entries > 0 {
                warnings.push(format!(
                    "sample {name}: {} events have no usable MET (0 in cuts, no transverse masses)",
                    no_met.entries
                ));
            }
            if flow.huge_pt > 0 {
                warnings.push(format!(
                    "sample {name}: {} of {} events have an object with pT above {:.0} TeV: are the units right (`units: MeV`)?",
                    flow.huge_pt,
                    flow.weighted(),
                    MOST_PT_GEV / 1_000.0
                ));
            }
            if flow.left_out_events > 0 {
                warnings.push(format!(
                    "sample {name}: {} events have more than 16 labelled objects; the softest {} objects are in no mass",
                    flow.left_out_events, flow.left_out_objects
                ));
            }
            warnings.extend(flow.about_weights(sample));
            let [negative, zero, positive] = flow.charges;
            let leptons = negative + zero + positive;
            if leptons >= LEAST_LEPTONS && (negative == 0 || positive == 0) {
                let (charges, missing) = match (negative, zero, positive) {
                    (0, 0, _) => ("1", "-1"),
                    (0, _, 0) => ("0", "1 or -1"),
                    (0, ..) => ("0 or 1", "-1"),
                    _ => ("0 or -1", "1"),
                };
                warnings.push(format!(
                    "sample {name}: the charges of all {leptons} selected leptons are {charges}, never {missing}: is this branch \
                     the charge (1 or -1)? Pairs of such leptons count as of the same sign"
                ));
            }
        }
        warnings
    }
}

impl SampleFlow {
    /// A sentence on weights with which less can be said than the numbers of events suggest.
    fn about_weights(&self, sample: &Sample) -> Option<String> {
        let (name, events, largest) = (&sample.name, self.weighted(), self.largest_weight);
        let hint = match sample.role {
            Role::Data => return None,
            Role::AsIs => "; `data: true` counts every event once",
            Role::MonteCarlo { .. } => "",
        };
        if events > 0 && self.not_positive == events {
            return Some(format!(
                "sample {name}: the weights of all {events} events are 0 or negative: there is nothing to scan{hint}"
            ));
        }
        if largest <= 1.0 + 1e-9 {
            return None;
        }
        let most = match (sample.role, sample.lumi_ifb) {
            (Role::MonteCarlo { .. }, Some(lumi)) => {
                format!("; none does up to a luminosity of {} fb^-1", digits::three(lumi / largest))
            }
            _ => hint.to_string(),
        };
        Some(format!(
            "sample {name}: simulated events stand for up to {} events each, so bins fluctuate more than counts would{most}",
            digits::three(largest)
        ))
    }

    /// The first kind of which more than one object in a hundred has a direction that is no angle in radians: so many, of
    /// so many.
    fn wrong_angles(&self) -> Option<(usize, u64, u64)> {
        let kinds = self.not_radians.iter().zip(self.objects).enumerate();
        let mut wrong = kinds.map(|(kind, (&wrong, right))| (kind, wrong, wrong + right));
        wrong.find(|(_, wrong, all)| wrong * 100 > *all)
    }
}

fn names(conditions: &[EventCondition]) -> Vec<String> {
    conditions.iter().map(ToString::to_string).collect()
}

fn sample_rows(
    campaign: &Campaign,
    (sample, conditions): (&str, &[String]),
    choice: bool,
    flow: &SampleFlow,
    rows: &mut Vec<CutflowRow>,
) {
    let mut row = |step: String, content: &Content| {
        rows.push(CutflowRow { sample: sample.into(), step, events: content.entries, sum_w: content.sum_w() });
    };
    row("read".into(), &flow.read());
    for (step, name, counted) in ROWS {
        let past = flow.past(step, counted);
        match step {
            Step::Conditions => {
                // Past one condition are those that fail a later one, and those that fail none.
                for (number, condition) in conditions.iter().enumerate() {
                    let later = flow.failed.iter().skip(number + 1).copied();
                    row(format!("{name} {condition}").trim_end().into(), &sum(later.chain([past])));
                }
                for (kind, events) in KINDS.iter().zip(&flow.rejected_events).filter(|(_, events)| events.entries > 0) {
                    row(format!("of these, with bad {kind}"), events);
                }
            }
            Step::Preselection if campaign.preselection.is_none() => {}
            Step::Choice if !choice => {}
            Step::Keep if campaign.pseudo_data != PseudoData::Unweight => {}
            _ => row(name.into(), &past),
        }
    }
    for (region, content) in campaign.regions.iter().zip(&flow.regions) {
        row(format!("region {}", region.name), content);
    }
}

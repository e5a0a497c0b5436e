//! Events and weights left after each step.
//!
//! In: what workers count. Out: rows for the report, in which every event that was read is accounted for, and sentences
//! about values that were dropped.

use super::accounting::CutflowRow;
use crate::campaign::{Campaign, PseudoData, Sample};
use crate::histograms::Content;
use crate::ntuples::layouts::EventCondition;

/// What can be dropped, in the order of the counts.
const KINDS: [&str; 5] = ["electrons", "muons", "photons", "jets", "MET"];
/// No object of a collider of today has more transverse momentum, GeV (half of 14 TeV).
pub(crate) const MOST_PT_GEV: f64 = 7_000.0;

/// Counts of one sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct SampleFlow {
    /// Events that were read; those whose weight is no number have weight 0 here.
    pub read: Content,
    /// With a weight that is a number.
    pub weighted: Content,
    /// Of these, fulfilling each condition of the layout on events and all before it.
    pub conditions: Vec<Content>,
    /// Fulfilling all of them.
    pub required: Content,
    /// Passing the preselection.
    pub preselected: Content,
    /// Taken by `events: N`.
    pub chosen: Content,
    /// Accepted by `pseudo_data: unweight`; weights are how often.
    pub accepted: Content,
    /// In at least one region.
    pub filled: Content,
    /// Per region of the campaign.
    pub regions: Vec<Content>,
    /// Electrons, muons, photons, jets dropped because of impossible values.
    pub rejected_objects: [u64; 4],
    /// Events with such electrons, muons, photons, jets; without usable MET.
    pub rejected_events: [Content; 5],
    /// Events with an object above [`MOST_PT_GEV`].
    pub huge_pt: u64,
    /// Labelled objects beyond 16.
    pub left_out_objects: u64,
    /// Events with such objects.
    pub left_out_events: u64,
    /// Events with a weight of 0 or below, that pseudo-data cannot hold.
    pub not_positive: u64,
}

impl SampleFlow {
    fn add(&mut self, other: &SampleFlow) {
        self.read.add(other.read);
        self.weighted.add(other.weighted);
        for (mine, theirs) in self.conditions.iter_mut().zip(&other.conditions) {
            mine.add(*theirs);
        }
        self.required.add(other.required);
        self.preselected.add(other.preselected);
        self.chosen.add(other.chosen);
        self.accepted.add(other.accepted);
        self.filled.add(other.filled);
        for (mine, theirs) in self.regions.iter_mut().zip(&other.regions) {
            mine.add(*theirs);
        }
        for (mine, theirs) in self.rejected_objects.iter_mut().zip(other.rejected_objects) {
            *mine += theirs;
        }
        for (mine, theirs) in self.rejected_events.iter_mut().zip(&other.rejected_events) {
            mine.add(*theirs);
        }
        self.huge_pt += other.huge_pt;
        self.left_out_objects += other.left_out_objects;
        self.left_out_events += other.left_out_events;
        self.not_positive += other.not_positive;
    }
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
            conditions: nothing(sample.layout.require_event().len()),
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
            all.conditions = vec![all.required];
        }
        sample_rows(campaign, ("all", &conditions), any_choice, &all, &mut rows);
        rows
    }

    /// A sentence if the campaign came to nothing.
    pub(crate) fn nothing_booked(&self, nothing: bool) -> Option<String> {
        let sum = |count: fn(&SampleFlow) -> u64| self.samples.iter().map(count).sum::<u64>();
        let (read, filled) = (sum(|flow| flow.read.entries), sum(|flow| flow.filled.entries));
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

    /// Sentences about what was dropped or left out.
    pub(crate) fn warnings(&self, campaign: &Campaign) -> Vec<String> {
        let mut warnings = Vec::new();
        for (sample, flow) in campaign.samples.iter().zip(&self.samples) {
            let name = &sample.name;
            let bad_weights = flow.read.entries - flow.weighted.entries;
            if bad_weights > 0 {
                warnings.push(format!("sample {name}: {bad_weights} events dropped: their weight is not a number"));
            }
            for ((kind, objects), events) in KINDS.iter().zip(flow.rejected_objects).zip(&flow.rejected_events) {
                if objects > 0 {
                    warnings.push(format!(
                        "sample {name}: {objects} {kind} in {} events dropped: pT, eta, phi or mass not finite, or pT not above 0",
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
                    flow.weighted.entries,
                    MOST_PT_GEV / 1_000.0
                ));
            }
            if flow.left_out_events > 0 {
                warnings.push(format!(
                    "sample {name}: {} events have more than 16 labelled objects; the softest {} objects are in no mass",
                    flow.left_out_events, flow.left_out_objects
                ));
            }
            if flow.not_positive > 0 {
                warnings.push(format!(
                    "sample {name}: {} events with a weight of 0 or below cannot become pseudo-data and are left out",
                    flow.not_positive
                ));
            }
        }
        warnings
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
    row("read".into(), &flow.read);
    row("weight is a number".into(), &flow.weighted);
    for (condition, events) in conditions.iter().zip(&flow.conditions) {
        row(format!("require_event {condition}").trim_end().into(), events);
    }
    for (kind, events) in KINDS.iter().zip(&flow.rejected_events) {
        if events.entries > 0 {
            row(format!("of these, with bad {kind}"), events);
        }
    }
    if campaign.preselection.is_some() {
        row("preselection".into(), &flow.preselected);
    }
    if choice {
        row("chosen".into(), &flow.chosen);
    }
    if campaign.pseudo_data == PseudoData::Unweight {
        row("accepted as pseudo-data".into(), &flow.accepted);
    }
    row("in any region".into(), &flow.filled);
    for (region, content) in campaign.regions.iter().zip(&flow.regions) {
        row(format!("region {}", region.name), content);
    }
}

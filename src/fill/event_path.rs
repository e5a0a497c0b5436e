//! The one way of an event, from a row of a file to its category.
//!
//! In: a batch, a row, the [`SampleRules`] of its sample. Out: how the event is [`Used`], or the [`Step`] at which it is
//! dropped. The event loop, the skim, the choice of `events: N` and the explanation of one event all follow it, so that
//! they cannot disagree. GeV, radians. Buffers are reused: no event takes memory.
//!
//! | step | drops |
//! |---|---|
//! | weight | an event whose weight in the campaign is not a number |
//! | conditions | what a `require_event` of the layout refuses |
//! | objects | nothing; impossible values are left out and counted in [`Event::rejected`] |
//! | preselection | what fails the campaign's cut |
//! | choice | what `events: N` did not take |
//! | keep | what `pseudo_data: unweight` does not keep |
//! | regions | nothing, but an event in no region is not booked |
//! | category, labels, masses | nothing |

use rustc_hash::FxHashSet;

use super::MAX_REGIONS;
use super::draws::EventDraw;
use super::weighting::Weight;
use crate::campaign::{Campaign, PseudoData};
use crate::categories::CategoryKey;
use crate::histograms::weights::too_small;
use crate::masses::{LabelledObjects, MassRecipe, MassScratch, MassSelection};
use crate::ntuples::EventBatch;
use crate::objects::Event;

/// Steps at which an event may be dropped, in the order of its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Its weight is a number.
    Weight,
    /// It fulfils the layout's conditions on events.
    Conditions,
    /// It passes the preselection.
    Preselection,
    /// `events: N` takes it.
    Choice,
    /// Pseudo-data keep it.
    Keep,
    /// It lies in a region.
    Regions,
}

impl Step {
    /// Number of steps.
    pub(crate) const COUNT: usize = Step::Regions as usize + 1;
}

/// An event that was not dropped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Used {
    /// Weight in the campaign; 1 in pseudo-data.
    pub weight: f64,
    /// One bit per region that is passed, the first region in the lowest; 0: the event is not booked.
    pub regions: u64,
    /// Category with region number 0 and the exclusive number of jets.
    pub category: CategoryKey,
}

/// Entries that `events: N` took of a sample: file, entry.
pub(crate) type Entries = FxHashSet<(usize, u64)>;

/// What the campaign asks of the events of one sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SampleRules<'a> {
    /// Selections, cuts and regions.
    pub campaign: &'a Campaign,
    /// Turns the weight in the file into that in the campaign.
    pub weight: Weight,
    /// What `events: N` took; None: all.
    pub chosen: Option<&'a Entries>,
    /// Draws which events are kept in pseudo-data; None: events keep their weights.
    pub keep: Option<EventDraw>,
}

impl<'a> SampleRules<'a> {
    /// The rules of sample number `sample`.
    pub(crate) fn new(campaign: &'a Campaign, sample: usize, weight: Weight, chosen: Option<&'a Entries>) -> Self {
        let name = campaign.samples.get(sample).map_or("", |sample| &sample.name);
        let unweight = campaign.pseudo_data == PseudoData::Unweight;
        let keep = unweight.then(|| EventDraw::new(campaign.seed, "unweight", name));
        SampleRules { campaign, weight, chosen, keep }
    }
}

/// Follows one event at a time; holds the event and all buffers.
#[derive(Default)]
pub(crate) struct EventPath {
    /// Objects of the event that was followed last; those of an earlier one if it got no further than its conditions.
    pub event: Event,
    /// Its weight in the campaign, whether or not it is kept.
    pub weight: f64,
    labelled: LabelledObjects,
    scratch: MassScratch,
}

impl EventPath {
    /// The whole way of the event in a row of a batch from file number `file` of its sample.
    #[inline]
    pub(crate) fn follow(
        &mut self,
        rules: &SampleRules,
        file: usize,
        batch: &EventBatch,
        row: usize,
    ) -> Result<Used, Step> {
        self.preselect(rules, batch, row)?;
        let entry = batch.first_entry + row as u64;
        if rules.chosen.is_some_and(|chosen| !chosen.contains(&(file, entry))) {
            return Err(Step::Choice);
        }
        let weight = match rules.keep {
            None => self.weight,
            // Weights are from 0 to 1 here: others are refused before the first event.
            Some(draw) if draw.uniform(file, entry) < self.weight => 1.0,
            Some(_) => return Err(Step::Keep),
        };
        let event = &self.event;
        let category = CategoryKey::new(0, event.counts(), event.charge(), event.jet_count());
        Ok(Used { weight, regions: self.regions(rules.campaign), category })
    }

    /// The way up to the preselection: all that `events: N` chooses from.
    #[inline]
    pub(crate) fn preselect(&mut self, rules: &SampleRules, batch: &EventBatch, row: usize) -> Result<(), Step> {
        self.weight = rules.weight.of(batch.weight.get(row).copied().unwrap_or(f64::NAN));
        if !self.weight.is_finite() || too_small(self.weight) {
            return Err(Step::Weight);
        }
        if batch.fails(row).is_some() {
            return Err(Step::Conditions);
        }
        self.build(rules.campaign, batch, row);
        match &rules.campaign.preselection {
            Some(cut) if !cut.eval(&self.event) => Err(Step::Preselection),
            _ => Ok(()),
        }
    }

    /// The objects of an event, whatever becomes of it.
    #[inline]
    pub(crate) fn build(&mut self, campaign: &Campaign, batch: &EventBatch, row: usize) {
        self.event.build(batch, row, &campaign.selection, &campaign.composites);
    }

    fn regions(&self, campaign: &Campaign) -> u64 {
        let mut passed = 0;
        for (number, region) in campaign.regions.iter().take(MAX_REGIONS).enumerate() {
            let passes = region.cut.as_ref().is_none_or(|cut| cut.eval(&self.event));
            passed |= u64::from(passes) << number;
        }
        passed
    }

    /// Labels the objects of the event.
    #[inline]
    pub(crate) fn label(&mut self, selection: &MassSelection) -> &LabelledObjects {
        self.labelled.label(&self.event, selection);
        &self.labelled
    }

    /// Masses of the event, GeV, in the order of the labels of the recipe, which must be that of its signature.
    #[inline]
    pub(crate) fn masses(&mut self, recipe: &MassRecipe) -> &[f64] {
        let met = self.event.met.unwrap_or_default();
        recipe.compute(&self.labelled.p4, met.pt, met.phi, &mut self.scratch);
        &self.scratch.masses
    }
}

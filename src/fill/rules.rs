//! The rules that all events of a campaign are measured by, and passes that obey them.
//!
//! In: [`Passes`]. Out: per sample its weight and the choice of `events: N`, both of which take passes of their own. Where
//! a unit turns out to be unreadable that a sum of weights may hold, all is done again without it.

use super::FillError;
use super::choice::{Chosen, choose};
use super::event_path::SampleRules;
use super::passes::Passes;
use super::weighting::{Weight, leave_out, weigh};
use super::work_units::UnitProblem;
use crate::campaign::Campaign;

/// Rules of all samples.
pub(crate) struct Rules<'a> {
    campaign: &'a Campaign,
    weights: Vec<Weight>,
    chosen: Chosen,
}

impl<'a> Rules<'a> {
    fn of(passes: &Passes<'a>) -> Result<Self, FillError> {
        let weights = weigh(passes)?;
        let chosen = choose(passes, &weights);
        Ok(Rules { campaign: passes.campaign, weights, chosen })
    }

    /// Those of one sample; None: there is no such sample.
    pub(crate) fn of_sample(&self, sample: usize) -> Option<SampleRules<'_>> {
        let weight = *self.weights.get(sample)?;
        Some(SampleRules::new(self.campaign, sample, weight, self.chosen.of_sample(sample)))
    }

    /// Says where fewer events pass than `events: N` asks for.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.chosen.warnings(self.campaign)
    }
}

/// What a pass gave that needed not be done again.
pub(crate) struct Completed<'a, T> {
    /// What `pass` made.
    pub done: T,
    /// The rules that it obeyed.
    pub rules: Rules<'a>,
    /// What could not be read, in all attempts.
    pub problems: Vec<UnitProblem>,
}

/// Does `pass` until its rules hold no event of a unit that could not be read.
pub(crate) fn complete<'a, T, E: From<FillError>>(
    mut passes: Passes<'a>,
    pass: impl Fn(&Passes<'a>, &Rules<'a>) -> Result<(T, Vec<UnitProblem>), E>,
) -> Result<Completed<'a, T>, E> {
    let mut problems = Vec::new();
    loop {
        let rules = Rules::of(&passes)?;
        let (done, lost) = pass(&passes, &rules)?;
        let again = leave_out(&mut passes, &lost);
        problems.extend(lost);
        if !again {
            return Ok(Completed { done, rules, problems });
        }
    }
}

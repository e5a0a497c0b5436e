//! Weights of events.
//!
//! In: role of each sample, generator weights, luminosity (fb^-1), cross section (pb). Out: per sample the factor that
//! turns a generator weight into a weight at that luminosity: sigma L / sum over all events of the sample's files.

use std::collections::HashMap;
use std::ops::Range;

use super::FillError;
use super::passes::Passes;
use super::work_units::{Parts, ReadBuffers, Unit, UnitProblem};
use crate::campaign::{Campaign, Role};

/// 1 fb^-1 = 1000 pb^-1.
const PB_PER_FB: f64 = 1000.0;

/// Weight of an event of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Weight {
    /// Every event counts once.
    One,
    /// The weight in the file times a factor.
    Scaled(f64),
}

impl Weight {
    /// Weight of an event with generator weight `w`.
    pub(crate) fn of(self, w: f64) -> f64 {
        match self {
            Weight::One => 1.0,
            Weight::Scaled(factor) => factor * w,
        }
    }
}

/// Takes entries that could not be read out of `passes`. True if a sum of weights may have held their events (the weights
/// can be readable where the rest is not): what was done with these sums must be done again.
pub(crate) fn leave_out(passes: &mut Passes, lost: &[UnitProblem]) -> bool {
    let mut places: HashMap<(usize, usize), Vec<Range<u64>>> = HashMap::new();
    for UnitProblem { unit, .. } in lost {
        places.entry((unit.sample, unit.file)).or_default().push(unit.range.clone());
    }
    places.values_mut().for_each(|ranges| ranges.sort_by_key(|range| range.start));
    let rest = |unit: Unit| match places.get(&(unit.sample, unit.file)) {
        Some(lost) => without(&unit.range, lost).into_iter().map(|range| Unit { range, ..unit.clone() }).collect(),
        None => vec![unit],
    };
    passes.units = std::mem::take(&mut passes.units).into_iter().flat_map(rest).collect();
    lost.iter().any(|problem| is_scaled(passes.campaign, problem.unit.sample))
}

/// What is left of a range without others, which are in order.
fn without(range: &Range<u64>, lost: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut start = range.start;
    let mut left = Vec::new();
    for lost in lost.iter().filter(|lost| lost.start < range.end && lost.end > range.start) {
        left.push(start..lost.start.max(start));
        start = start.max(lost.end);
    }
    left.push(start..range.end);
    left.retain(|range| !range.is_empty());
    left
}

/// True for samples whose weights are scaled by their sum.
fn is_scaled(campaign: &Campaign, sample: usize) -> bool {
    matches!(campaign.samples.get(sample).map(|sample| sample.role), Some(Role::MonteCarlo { .. }))
}

/// Weights of all samples; reads the weight columns of those that need their sum.
pub(crate) fn weigh(passes: &Passes) -> Result<Vec<Weight>, FillError> {
    let Passes { campaign, units, .. } = passes;
    let todo: Vec<Unit> = units.iter().filter(|unit| is_scaled(campaign, unit.sample)).cloned().collect();
    let mut sums = vec![0.0; campaign.samples.len()];
    if !todo.is_empty() {
        let workers = passes.some_units(
            "weights",
            &todo,
            <(ReadBuffers, Vec<(usize, f64)>)>::default,
            |(buffers, found), number, unit| {
                let mut parts = Parts::of(unit);
                while let Some(read) = passes.inputs.read_weights(&mut parts, buffers) {
                    // What cannot be read here cannot be read later either, and is reported then.
                    if read.is_ok() {
                        found.push((number, buffers.batch.weight.iter().filter(|w| w.is_finite()).sum()));
                    }
                }
            },
        );
        // Added in unit order, so that the number of threads does not matter.
        let mut found: Vec<(usize, f64)> = workers.into_iter().flat_map(|(_, found)| found).collect();
        found.sort_by_key(|&(i, _)| i);
        for (i, sum) in found {
            sums[todo[i].sample] += sum;
        }
    }
    campaign
        .samples
        .iter()
        .zip(sums)
        .enumerate()
        .map(|(number, (sample, sum))| match sample.role {
            Role::Data => Ok(Weight::One),
            Role::AsIs => Ok(Weight::Scaled(1.0)),
            Role::MonteCarlo { .. } if !units.iter().any(|unit| unit.sample == number) => Ok(Weight::Scaled(0.0)),
            Role::MonteCarlo { cross_section_pb } => {
                let name = || sample.name.clone();
                let lumi_ifb = campaign.lumi_ifb.ok_or_else(|| FillError::NoLuminosity { sample: name() })?;
                let factor = cross_section_pb * lumi_ifb * PB_PER_FB / sum;
                if factor.is_finite() && sum > 0.0 {
                    Ok(Weight::Scaled(factor))
                } else {
                    Err(FillError::SumOfWeights { sample: name(), sum })
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_leaves_the_rest_of_a_unit() {
        assert_eq!(without(&(10..50), &[0..12, 20..30, 30..31, 60..70]), [12..20, 31..50]);
        assert_eq!(without(&(10..50), &[10..50]), Vec::<Range<u64>>::new());
        assert_eq!(without(&(10..50), &[]), [10..50]);
    }
}

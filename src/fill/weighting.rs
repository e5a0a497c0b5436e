//! Weights of events.
//!
//! In: role of each sample, generator weights, luminosity (fb^-1), cross section (pb). Out: per sample the factor that
//! turns a generator weight into a weight at that luminosity: sigma L / sum over all events of the sample's files.

use std::collections::HashMap;
use std::ops::Range;

use super::FillError;
use super::passes::Passes;
use super::work_units::{Parts, ReadBuffers, Unit, UnitProblem};
use crate::campaign::raw::RawMonteCarlo;
use crate::campaign::{Campaign, PseudoData, Role, Sample};

/// Weights that are 1 but for rounding can be kept or dropped as a whole.
const MOST_UNWEIGHTED: f64 = 1.0 + 1e-9;
/// Sums of weights that were added in another order, or stored with 32 bits.
const ROUNDING: f64 = 1e-4;
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

/// Generator weights of all events of a sample.
#[derive(Debug, Clone, Copy)]
struct Seen {
    sum: f64,
    least: f64,
    largest: f64,
}

impl Seen {
    const NOTHING: Seen = Seen { sum: 0.0, least: f64::INFINITY, largest: f64::NEG_INFINITY };

    fn of(weights: &[f64]) -> Seen {
        weights
            .iter()
            .filter(|w| w.is_finite())
            .fold(Seen::NOTHING, |seen, &w| seen.and(Seen { sum: w, least: w, largest: w }))
    }

    fn and(self, other: Seen) -> Seen {
        Seen { sum: self.sum + other.sum, least: self.least.min(other.least), largest: self.largest.max(other.largest) }
    }
}

/// True if the weights of a sample are looked at before its events are: to scale their sum, and because whole events can
/// only be kept or dropped with weights from 0 to 1.
fn is_weighed(campaign: &Campaign, sample: usize) -> bool {
    let role = campaign.samples.get(sample).map(|sample| sample.role);
    is_scaled(campaign, sample) || (campaign.pseudo_data == PseudoData::Unweight && role == Some(Role::AsIs))
}

/// Weights of all samples; reads the weight columns of those that need their sum, of all events even if only the first
/// ones are looked at.
pub(crate) fn weigh(passes: &Passes) -> Result<Vec<Weight>, FillError> {
    let Passes { campaign, .. } = passes;
    let units = if passes.first_events_only { &passes.inputs.units(None) } else { &passes.units };
    let todo: Vec<Unit> = units.iter().filter(|unit| is_weighed(campaign, unit.sample)).cloned().collect();
    let mut seen = vec![Seen::NOTHING; campaign.samples.len()];
    if !todo.is_empty() {
        let workers = passes.some_units(
            "weights",
            &todo,
            <(ReadBuffers, Vec<(usize, Seen)>)>::default,
            |(buffers, found), number, unit| {
                let mut parts = Parts::of(unit);
                while let Some(read) = passes.inputs.read_weights(&mut parts, buffers) {
                    // What cannot be read here cannot be read later either, and is reported then.
                    if read.is_ok() {
                        found.push((number, Seen::of(&buffers.batch.weight)));
                    }
                }
            },
        );
        // Added in unit order, so that the number of threads does not matter.
        let mut found: Vec<(usize, Seen)> = workers.into_iter().flat_map(|(_, found)| found).collect();
        found.sort_by_key(|&(i, _)| i);
        for (i, of_unit) in found {
            seen[todo[i].sample] = seen[todo[i].sample].and(of_unit);
        }
    }
    let weigh_one = |(number, (sample, seen)): (usize, (&Sample, Seen))| {
        let weight = match sample.role {
            Role::Data => Weight::One,
            Role::AsIs => Weight::Scaled(1.0),
            Role::MonteCarlo { .. } if !units.iter().any(|unit| unit.sample == number) => Weight::Scaled(0.0),
            Role::MonteCarlo { cross_section_pb } => {
                let name = || sample.name.clone();
                let lumi_ifb = sample.lumi_ifb.ok_or_else(|| FillError::NoLuminosity { sample: name() })?;
                let sum = match (sample.mc.as_ref(), passes.inputs.generated(number)) {
                    (Some(RawMonteCarlo { sum_of_weights: Some(sum), .. }), _) => *sum,
                    (Some(RawMonteCarlo { generated: Some(_), .. }), _) if seen.least != 1.0 || seen.largest != 1.0 => {
                        return Err(FillError::NotUnitWeights {
                            sample: name(),
                            least: seen.least,
                            largest: seen.largest,
                        });
                    }
                    (Some(RawMonteCarlo { generated: Some(events), .. }), _) => *events as f64,
                    (_, Some(sum)) => sum,
                    _ => seen.sum,
                };
                let factor = cross_section_pb * lumi_ifb * PB_PER_FB / sum;
                if !factor.is_finite() || sum <= 0.0 || seen.sum <= 0.0 {
                    return Err(FillError::SumOfWeights { sample: name(), sum: seen.sum });
                }
                if sum < seen.sum * (1.0 - ROUNDING) {
                    return Err(FillError::MoreThanGenerated { sample: name(), sum, there: seen.sum });
                }
                Weight::Scaled(factor)
            }
        };
        let (least, largest) = (weight.of(seen.least), weight.of(seen.largest));
        let whole_events = campaign.pseudo_data == PseudoData::Unweight && is_weighed(campaign, number);
        if whole_events && (least < 0.0 || largest > MOST_UNWEIGHTED) {
            let most_lumi_ifb = sample.lumi_ifb.filter(|_| is_scaled(campaign, number)).map(|lumi| lumi / largest);
            return Err(FillError::Unweight { sample: sample.name.clone(), least, largest, most_lumi_ifb });
        }
        Ok(weight)
    };
    campaign.samples.iter().zip(seen).enumerate().map(weigh_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_are_no_numbers_are_not_seen() {
        let seen = Seen::of(&[2.0, f64::NAN, -0.5, f64::INFINITY]);
        assert_eq!((seen.sum, seen.least, seen.largest), (1.5, -0.5, 2.0));
        assert!(Seen::of(&[]).largest < 0.0);
    }

    #[test]
    fn what_was_lost_leaves_the_rest_of_a_unit() {
        assert_eq!(without(&(10..50), &[0..12, 20..30, 30..31, 60..70]), [12..20, 31..50]);
        let all = std::slice::from_ref(&(10..50));
        assert_eq!(without(&(10..50), all), Vec::<Range<u64>>::new());
        assert_eq!(without(&(10..50), &[]), all);
    }
}

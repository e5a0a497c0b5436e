//! The hard set: spectra with structure that is no resonance and that no smooth function describes
//! (physics.md section 11).
//!
//! In: a predictor. Out: what it makes of shoulders, steps and Jacobian edges, with and without a signal: a [`HardRow`]
//! each for a network's card, the judged spectra for the evaluation. Half of the spectra have a signal.

use serde::{Deserialize, Serialize};

use crate::evaluation::merit::pairs::{differences, found, pairs};
use crate::evaluation::merit::statistics::{mean, part, sd};
use crate::evaluation::sample::judge::{JudgedSpectrum, Method, References, judge_sample};
use crate::evaluation::sample::spectra::{BinCount, SpectrumSource, TestSample};
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;

/// The structures.
pub const STRUCTURES: [(&str, SpectrumSource); 3] = [
    ("second process (shoulder)", SpectrumSource::Shoulder),
    ("step (window, threshold)", SpectrumSource::Step),
    ("Jacobian edge", SpectrumSource::Transverse { edges: 1.0 }),
];

/// What a network does with one structure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HardRow {
    /// The structure.
    pub structure: String,
    /// Spectra, half of them with a signal.
    pub spectra: usize,
    /// Mean of predicted - target Zmax.
    pub mean: f64,
    /// Standard deviation of predicted - target Zmax.
    pub sd: f64,
    /// Part of the spectra without a signal with a predicted Zmax above 5.
    pub above_five: f64,
    /// The same by the target.
    pub above_five_target: f64,
    /// Part of the spectra without a signal with p_spectrum below 0.01.
    pub below_one_per_cent: f64,
}

/// The spectra of one structure, 30 to 100 bins.
pub fn sample(name: &str, source: SpectrumSource, widths: &[f64], spectra: usize) -> TestSample {
    let reference = TestSample::reference(&format!("hard/{name}"), 60, spectra).widths(widths);
    TestSample { source, bins: BinCount::Any, signal_share: 0.5, ..reference }
}

/// One row per structure.
pub fn hard_rows(predictor: &Predictor, spectra: usize, seed: u64) -> Result<Vec<HardRow>, ModelError> {
    STRUCTURES
        .into_iter()
        .map(|(name, source)| {
            let sample = sample(name, source, &predictor.target_widths(), spectra);
            Ok(row(name, &judge_sample(predictor, &sample, References::Target, seed)?))
        })
        .collect()
}

fn row(name: &str, judged: &[JudgedSpectrum]) -> HardRow {
    let (network, target) = (pairs(judged, Method::Network), pairs(judged, Method::Target));
    let above_five = |pairs| part(&found(pairs, false), |z| z > 5.0).unwrap_or(0.0);
    HardRow {
        structure: name.to_string(),
        spectra: judged.len(),
        mean: mean(&differences(&network)).unwrap_or(0.0),
        sd: sd(&differences(&network)).unwrap_or(0.0),
        above_five: above_five(&network),
        above_five_target: above_five(&target),
        below_one_per_cent: part(&null_probabilities(judged), |p| p <= 0.01).unwrap_or(0.0),
    }
}

/// p_spectrum of the spectra without a signal.
fn null_probabilities(judged: &[JudgedSpectrum]) -> Vec<f64> {
    judged.iter().filter(|one| !one.has_signal).map(|one| one.p_spectrum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::sample::judge::PerMethod;

    #[test]
    fn false_alarms_are_counted_without_signals_and_the_bias_with_them() {
        let one = |network: f64, target: f64, has_signal: bool, p_spectrum: f64| JudgedSpectrum {
            zmax: PerMethod::from_fn(|method| match method {
                Method::Network => Some(network),
                Method::Target => Some(target),
                _ => None,
            }),
            has_signal,
            position: None,
            p_spectrum,
        };
        let judged = [
            one(6.0, 2.0, false, 0.005),
            one(1.0, 2.0, false, 0.9),
            one(8.0, 7.0, true, 0.001),
            one(5.0, 5.0, true, 0.2),
        ];
        let row = row("step", &judged);
        assert_eq!((row.spectra, row.above_five, row.above_five_target, row.below_one_per_cent), (4, 0.5, 0.0, 0.5));
        assert!((row.mean - 1.0).abs() < 1e-12, "{row:?}");
    }
}

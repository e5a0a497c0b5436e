//! Figures of merit of a network on spectra that it has not seen (thesis sec. 5.3 and 6; physics.md section 9).
//!
//! In: a predictor, a recipe, a number of bins. Out: mean and spread of Zmax(predicted) - Zmax(target), AUC, false
//! positives: one row per width set and number of bins, beside the family-fit reference.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::spectra::{Example, Recipe, example};
use crate::seeds::rng_for;
use crate::znet::filters::WIDTHS;
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;

/// Zmax of one test spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZmaxPair {
    /// Of the target (true background known).
    pub target: f64,
    /// Of the network.
    pub predicted: f64,
    /// A signal was put in.
    pub has_signal: bool,
}

/// One row of the evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// `1`, `3`, `1-4`.
    pub widths: String,
    /// Number of bins.
    pub bins: usize,
    /// Test spectra.
    pub spectra: usize,
    /// Mean of predicted - target.
    pub mean: f64,
    /// Standard deviation of predicted - target.
    pub sd: f64,
    /// Half of the central 68.27 % interval.
    pub half68: f64,
    /// Mean for a target between 3 and 10.
    pub mean_3_to_10: f64,
    /// Injected against not injected by predicted Zmax.
    pub auc: f64,
    /// The same by the target.
    pub auc_target: f64,
    /// Part of the spectra without signal above 3, 4, 5 (predicted).
    pub false_positives: [f64; 3],
    /// The same by the target.
    pub false_positives_target: [f64; 3],
    /// sd of the family-fit reference (physics.md section 9), where there is one.
    pub reference_sd: Option<f64>,
}

/// sd of the family-fit reference: widths, bins, sd (physics.md section 9).
const FAMILY_FIT_SD: [(&str, usize, f64); 9] = [
    ("1", 30, 0.88),
    ("1", 60, 0.56),
    ("1", 100, 0.43),
    ("3", 30, 2.04),
    ("3", 60, 1.34),
    ("3", 100, 0.93),
    ("1-4", 30, 1.79),
    ("1-4", 60, 1.11),
    ("1-4", 100, 0.83),
];

/// The rows of physics.md section 9: label and widths.
pub const WIDTH_SETS: [(&str, &[f64]); 3] = [("1", &[1.0]), ("3", &[3.0]), ("1-4", &[1.0, 2.0, 3.0, 4.0])];

/// Test spectra number 0..`spectra` of a name.
pub fn test_spectra(seed: u64, name: &str, bins: usize, spectra: usize, recipe: &Recipe) -> Vec<Example> {
    (0..spectra)
        .into_par_iter()
        .map(|i| example(bins, recipe, &mut rng_for(seed, &format!("{name}/{bins}/{i}"))))
        .collect()
}

/// Target and prediction for each example.
pub fn zmax_pairs(predictor: &Predictor, examples: &[Example]) -> Result<Vec<ZmaxPair>, ModelError> {
    let counts: Vec<&[f64]> = examples.iter().map(|example| example.counts.as_slice()).collect();
    let curves = predictor.predict(&counts)?;
    Ok(examples
        .iter()
        .zip(curves)
        .map(|(example, curve)| ZmaxPair {
            target: example.zmax(),
            predicted: curve.zmax().map_or(0.0, |(_, z)| z),
            has_signal: example.has_signal,
        })
        .collect())
}

/// The figures of merit of one set of test spectra.
pub fn row(widths: &str, bins: usize, pairs: &[ZmaxPair]) -> Row {
    let differences: Vec<f64> = pairs.iter().map(|p| p.predicted - p.target).collect();
    let large: Vec<f64> =
        pairs.iter().filter(|p| (3.0..10.0).contains(&p.target)).map(|p| p.predicted - p.target).collect();
    let (mean, sd) = mean_and_sd(&differences);
    let mut sorted = differences;
    sorted.sort_by(f64::total_cmp);
    let quantile = |p: f64| sorted.get((p * sorted.len() as f64) as usize).copied().unwrap_or(0.0);
    let column = |signal: bool, value: fn(&ZmaxPair) -> f64| -> Vec<f64> {
        pairs.iter().filter(|p| p.has_signal == signal).map(value).collect()
    };
    let predicted = |p: &ZmaxPair| p.predicted;
    let target = |p: &ZmaxPair| p.target;
    let above = |values: &[f64]| {
        [3.0, 4.0, 5.0].map(|cut| values.iter().filter(|z| **z > cut).count() as f64 / values.len().max(1) as f64)
    };
    Row {
        widths: widths.to_string(),
        bins,
        spectra: pairs.len(),
        mean,
        sd,
        half68: 0.5 * (quantile(0.84135) - quantile(0.15865)),
        mean_3_to_10: mean_and_sd(&large).0,
        auc: auc(&column(true, predicted), &column(false, predicted)),
        auc_target: auc(&column(true, target), &column(false, target)),
        false_positives: above(&column(false, predicted)),
        false_positives_target: above(&column(false, target)),
        reference_sd: FAMILY_FIT_SD.iter().find(|(w, b, _)| *w == widths && *b == bins).map(|(_, _, sd)| *sd),
    }
}

/// All rows of physics.md section 9. A row of one width is predicted by the network's output for that width, where it has
/// one.
pub fn reference_rows(predictor: &Predictor, spectra: usize, seed: u64) -> Result<Vec<Row>, ModelError> {
    let mut rows = Vec::new();
    for (label, widths) in WIDTH_SETS {
        let of_width = match widths {
            [width] => predictor.clone().for_width(*width),
            _ => None,
        };
        let predictor = of_width.as_ref().unwrap_or(predictor);
        for bins in [30, 60, 100] {
            let recipe = Recipe::reference(widths);
            let examples = test_spectra(seed, &format!("evaluate/{label}"), bins, spectra, &recipe);
            rows.push(row(label, bins, &zmax_pairs(predictor, &examples)?));
        }
    }
    Ok(rows)
}

/// Factors on z that make the mean of Zmax right on the reference distribution with mixed widths, per number of bins.
///
/// The spectra are others than those of [`reference_rows`].
pub fn z_scale(predictor: &Predictor, spectra: usize, seed: u64) -> Result<Vec<(usize, f64)>, ModelError> {
    z_scale_of(predictor, &WIDTHS, spectra, seed)
}

/// The same for each output of one width; empty if the network has none.
pub fn z_scale_by_width(
    predictor: &Predictor,
    spectra: usize,
    seed: u64,
) -> Result<Vec<Vec<(usize, f64)>>, ModelError> {
    WIDTHS
        .iter()
        .filter_map(|width| Some((width, predictor.clone().for_width(*width)?)))
        .map(|(width, predictor)| z_scale_of(&predictor, &[*width], spectra, seed))
        .collect()
}

fn z_scale_of(
    predictor: &Predictor,
    widths: &[f64],
    spectra: usize,
    seed: u64,
) -> Result<Vec<(usize, f64)>, ModelError> {
    let recipe = Recipe::reference(widths);
    let mut scale = Vec::new();
    for bins in [30, 45, 60, 80, 100] {
        let pairs = zmax_pairs(predictor, &test_spectra(seed, "z_scale", bins, spectra, &recipe))?;
        let sum = |value: fn(&ZmaxPair) -> f64| pairs.iter().map(value).sum::<f64>();
        let predicted = sum(|pair| pair.predicted);
        scale.push((bins, if predicted > 0.0 { sum(|pair| pair.target) / predicted } else { 1.0 }));
    }
    Ok(scale)
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// Area under the ROC curve: the chance that a signal spectrum has the larger value (ties count half).
pub fn auc(signal: &[f64], background: &[f64]) -> f64 {
    if signal.is_empty() || background.is_empty() {
        return 0.5;
    }
    let mut sorted = background.to_vec();
    sorted.sort_by(f64::total_cmp);
    let wins: f64 = signal
        .iter()
        .map(|value| {
            let below = sorted.partition_point(|b| b < value) as f64;
            let not_above = sorted.partition_point(|b| b <= value) as f64;
            0.5 * (below + not_above)
        })
        .sum();
    wins / (signal.len() as f64 * background.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_of_separated_and_equal_samples() {
        assert_eq!(auc(&[2.0, 3.0], &[0.0, 1.0]), 1.0);
        assert_eq!(auc(&[1.0], &[1.0]), 0.5);
    }
}

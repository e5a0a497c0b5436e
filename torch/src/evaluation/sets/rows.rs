//! The rows of physics.md section 9: one per width set and number of bins, beside the family fit.
//!
//! In: a predictor, a number of spectra, a seed. Out: mean and spread of Zmax(predicted) - Zmax(target), AUC, false
//! positives: what stands on a network's card.

use serde::{Deserialize, Serialize};

use crate::evaluation::merit::pairs::{auc_of, differences, found, mean_between, pairs};
use crate::evaluation::merit::statistics::{half68, mean, part, sd};
use crate::evaluation::sample::judge::{JudgedSpectrum, Method, References, judge_sample};
use crate::evaluation::sample::spectra::TestSample;
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;

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
    /// sd of the family fit on these very spectra.
    pub family_sd: Option<f64>,
    /// AUC of the family fit on these very spectra.
    pub auc_family: Option<f64>,
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
const WIDTH_SETS: [(&str, &[f64]); 3] = [("1", &[1.0]), ("3", &[3.0]), ("1-4", &[1.0, 2.0, 3.0, 4.0])];

/// The rows that a network is measured on: label and widths; the last is its own target's. A network for one width is
/// measured on signals of that width alone.
pub fn width_sets(predictor: &Predictor) -> Vec<(String, Vec<f64>)> {
    match predictor.target_widths().as_slice() {
        [width] => vec![(format!("{width}"), vec![*width])],
        _ => WIDTH_SETS.iter().map(|(label, widths)| (label.to_string(), widths.to_vec())).collect(),
    }
}
/// Numbers of bins of the rows.
pub const ROW_BINS: [usize; 3] = [30, 60, 100];

/// The sample of one row.
pub fn row_sample(label: &str, widths: &[f64], bins: usize, spectra: usize) -> TestSample {
    TestSample::reference(&format!("rows/{label}"), bins, spectra).widths(widths)
}

/// The predictor of a row: the output of that width where the row has one and the network has it.
pub fn row_predictor(predictor: &Predictor, widths: &[f64]) -> Predictor {
    match widths {
        [width] => predictor.clone().for_width(*width).unwrap_or_else(|| predictor.clone()),
        _ => predictor.clone(),
    }
}

/// The figures of merit of one row's spectra.
pub fn row(widths: &str, bins: usize, judged: &[JudgedSpectrum]) -> Row {
    let (network, target, family) =
        (pairs(judged, Method::Network), pairs(judged, Method::Target), pairs(judged, Method::FamilyFit));
    let difference = differences(&network);
    let above = |pairs: &[crate::evaluation::merit::pairs::ZmaxPair]| {
        let null = found(pairs, false);
        [3.0, 4.0, 5.0].map(|cut| part(&null, |z| z > cut).unwrap_or(0.0))
    };
    Row {
        widths: widths.to_string(),
        bins,
        spectra: judged.len(),
        mean: mean(&difference).unwrap_or(0.0),
        sd: sd(&difference).unwrap_or(0.0),
        half68: half68(&difference).unwrap_or(0.0),
        mean_3_to_10: mean_between(&network, 3.0..10.0).unwrap_or(0.0),
        auc: auc_of(&network).unwrap_or(0.5),
        auc_target: auc_of(&target).unwrap_or(0.5),
        false_positives: above(&network),
        false_positives_target: above(&target),
        reference_sd: FAMILY_FIT_SD.iter().find(|(w, b, _)| *w == widths && *b == bins).map(|(_, _, sd)| *sd),
        family_sd: sd(&differences(&family)),
        auc_family: auc_of(&family),
    }
}

/// All rows of physics.md section 9. A row of one width is predicted by the network's output for that width, where it
/// has one.
pub fn reference_rows(predictor: &Predictor, spectra: usize, seed: u64) -> Result<Vec<Row>, ModelError> {
    let mut rows = Vec::new();
    for (label, widths) in width_sets(predictor) {
        let predictor = row_predictor(predictor, &widths);
        for bins in ROW_BINS {
            let sample = row_sample(&label, &widths, bins, spectra);
            rows.push(row(&label, bins, &judge_sample(&predictor, &sample, References::Family, seed)?));
        }
    }
    Ok(rows)
}

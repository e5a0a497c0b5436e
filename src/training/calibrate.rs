//! Background-only spectra through the network: the tables behind `p_spectrum`.
//!
//! In: a predictor. Out: a [`Calibration`]. The toys are trimmed as data are (physics.md section 5) and cover lengths,
//! entries and sparse parts of real spectra; their streams are named `calibrate/i`, disjoint from training.

use rand::RngExt;
use rayon::prelude::*;

use super::spectra::{Recipe, draw};
use crate::seeds::rng_for;
use crate::znet::calibration::{Calibration, N_CLASSES, class_of};
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;

/// Lengths of the toys.
const BINS: std::ops::RangeInclusive<usize> = 30..=110;

/// Tables from `toys` background-only spectra.
pub fn calibrate(predictor: &Predictor, recipe: &Recipe, toys: usize, seed: u64) -> Result<Calibration, ModelError> {
    let spectra: Vec<Vec<f64>> = (0..toys)
        .into_par_iter()
        .map(|i| {
            let mut rng = rng_for(seed, &format!("calibrate/{i}"));
            let bins = rng.random_range(BINS);
            draw(bins, recipe, &mut rng).0
        })
        .collect();
    let counts: Vec<&[f64]> = spectra.iter().map(Vec::as_slice).collect();
    let mut zmax_per_class = vec![Vec::new(); N_CLASSES];
    for (counts, curve) in counts.iter().zip(predictor.predict(&counts)?) {
        if let (Some(class), Some((_, zmax))) = (class_of(counts), curve.zmax()) {
            zmax_per_class[class].push(zmax);
        }
    }
    Ok(Calibration::from_toys(zmax_per_class))
}

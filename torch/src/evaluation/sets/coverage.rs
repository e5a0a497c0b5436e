//! Do the intervals of a network hold what they say?
//!
//! In: a predictor with intervals, a recipe. Out: the part of bins whose truth lies inside them, on spectra other than
//! those that the intervals were measured on (`training/intervals.rs`).

use rand::RngExt;
use rayon::prelude::*;

use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;
use bumphound::seeds::rng_for;
use bumphound::toys::spectra::{Example, Recipe, example};

/// Lengths of the spectra.
const BINS: std::ops::RangeInclusive<usize> = 30..=100;

/// Part of the truths inside the 68 % and the 95 % intervals.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Coverage {
    /// Inside the central 68.27 %.
    pub central68: f64,
    /// Inside the central 95 %.
    pub central95: f64,
    /// Truths.
    pub of: usize,
}

/// Coverage of z in all bins, of z in the bin of the largest z, of the background in all bins, and of z in bins
/// predicted above 3.
pub fn coverage(
    predictor: &Predictor,
    recipe: &Recipe,
    spectra: usize,
    seed: u64,
) -> Result<[(&'static str, Coverage); 4], ModelError> {
    let examples = draw(recipe, spectra, "coverage", seed);
    let counts: Vec<&[f64]> = examples.iter().map(|example| example.counts.as_slice()).collect();
    let curves = predictor.predict(&counts)?;
    let mut inside = [[0usize; 3]; 4];
    let mut count = |row: usize, low68: [f64; 2], low95: [f64; 2], truth: f64| {
        inside[row][0] += usize::from((low68[0]..=low68[1]).contains(&truth));
        inside[row][1] += usize::from((low95[0]..=low95[1]).contains(&truth));
        inside[row][2] += 1;
    };
    for (example, curve) in examples.iter().zip(&curves) {
        let top = curve.zmax().map(|(bin, _)| bin);
        for (bin, (intervals, truth)) in curve.z_intervals.iter().zip(&example.z).enumerate() {
            count(0, intervals.central68, intervals.central95, *truth);
            if top == Some(bin) {
                count(1, intervals.central68, intervals.central95, *truth);
            }
            if curve.z[bin] > 3.0 {
                count(3, intervals.central68, intervals.central95, *truth);
            }
        }
        for (intervals, truth) in curve.background_intervals.iter().zip(&example.background) {
            count(2, intervals.central68, intervals.central95, *truth);
        }
    }
    let names = ["z, all bins", "z, bin of Zmax", "background, all bins", "z, bins above 3"];
    Ok(std::array::from_fn(|row| {
        let [central68, central95, of] = inside[row];
        let part = |n: usize| n as f64 / of.max(1) as f64;
        (names[row], Coverage { central68: part(central68), central95: part(central95), of })
    }))
}

/// Spectra of 30 to 100 bins from a recipe; their streams are `NAME/i`.
pub fn draw(recipe: &Recipe, spectra: usize, name: &str, seed: u64) -> Vec<Example> {
    (0..spectra)
        .into_par_iter()
        .map(|i| {
            let mut rng = rng_for(seed, &format!("{name}/{i}"));
            let bins = rng.random_range(BINS);
            example(bins, recipe, &mut rng)
        })
        .collect()
}

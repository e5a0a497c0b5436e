//! Intervals of a network: measured for its card, and checked on other spectra.
//!
//! In: a predictor with uncertainties, a recipe. Out: quantiles of (truth - prediction) / error for each output, and the part
//! of bins whose truth lies inside the intervals.

use rand::RngExt;
use rayon::prelude::*;

use crate::znet::filters::WIDTHS;
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;
use bumphound::scan::intervals::{Place, Pull, Quantiles};
use bumphound::seeds::rng_for;
use bumphound::toys::spectra::{Example, Recipe, example};

/// Lengths of the spectra.
const BINS: std::ops::RangeInclusive<usize> = 30..=100;

/// Quantiles of each output for z, then of ln(background), from `spectra` spectra of a recipe.
pub fn measure(
    predictor: &Predictor,
    recipe: &Recipe,
    spectra: usize,
    seed: u64,
) -> Result<Vec<Quantiles>, ModelError> {
    let examples = draw(recipe, spectra, "intervals", seed);
    let mut quantiles = Vec::new();
    let mut of_background = Vec::new();
    let outputs = if predictor.model().card.architecture.by_width { 1 + WIDTHS.len() } else { 1 };
    for output in 0..outputs {
        let of_output = match output.checked_sub(1) {
            None => Some(predictor.clone()),
            Some(width) => predictor.clone().for_width(WIDTHS[width]),
        };
        let Some(of_output) = of_output else { continue };
        let counts: Vec<&[f64]> = examples.iter().map(|example| example.counts.as_slice()).collect();
        let curves = of_output.predict(&counts)?;
        let mut pulls = Vec::new();
        for (example, curve) in examples.iter().zip(&curves) {
            let bins = example.counts.len();
            let top = curve.zmax().map(|(bin, _)| bin);
            let place = |bin: usize, z: f64| Place { conditions: curve.conditions(bin), z, largest: top == Some(bin) };
            let target = match output.checked_sub(1) {
                None => example.z.as_slice(),
                Some(width) => example.z_by_width.get(width * bins..(width + 1) * bins).unwrap_or(&[]),
            };
            for (bin, ((z, error), truth)) in curve.z.iter().zip(&curve.z_error).zip(target).enumerate() {
                pulls.push(Pull { place: place(bin, *z), pull: (truth - z) / error });
            }
            if output == 0 {
                let each = curve.z.iter().zip(&curve.background).zip(&curve.background_error).zip(&example.background);
                of_background.extend(each.enumerate().map(|(bin, (((z, b), error), truth))| Pull {
                    place: place(bin, *z),
                    pull: (truth.max(LEAST_BACKGROUND) / b.max(LEAST_BACKGROUND)).ln() / error,
                }));
            }
        }
        quantiles.push(Quantiles::from_pulls(&pulls));
    }
    quantiles.push(Quantiles::from_pulls(&of_background));
    Ok(quantiles)
}

/// Smaller backgrounds are not told apart, as in training.
const LEAST_BACKGROUND: f64 = 1e-6;

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

/// Coverage of z in all bins, of z in the bin of the largest z, of the background in all bins, and of z in bins predicted
/// above 3.
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

fn draw(recipe: &Recipe, spectra: usize, name: &str, seed: u64) -> Vec<Example> {
    (0..spectra)
        .into_par_iter()
        .map(|i| {
            let mut rng = rng_for(seed, &format!("{name}/{i}"));
            let bins = rng.random_range(BINS);
            example(bins, recipe, &mut rng)
        })
        .collect()
}

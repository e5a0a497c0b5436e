//! The errors of a network, measured: quantiles of (truth - prediction) / error in classes of bins.
//!
//! In: a predictor with uncertainties, the recipe that it was trained with. Out: [`Quantiles`] for each output, which
//! [`bumphound::scan::intervals`] turns into intervals.

use crate::evaluation::sets::coverage::draw;
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;
use bumphound::scan::ZCurve;
use bumphound::scan::intervals::{BinPlace, Pull, Quantiles};
use bumphound::significance::SIGNAL_WIDTHS;
use bumphound::toys::spectra::{Example, Recipe};

/// Smaller backgrounds are not told apart, as in training.
const LEAST_BACKGROUND: f64 = 1e-6;

/// Quantiles of each output for z, then of ln(background), from `spectra` spectra of a recipe.
pub fn measure(
    predictor: &Predictor,
    recipe: &Recipe,
    spectra: usize,
    seed: u64,
) -> Result<Vec<Quantiles>, ModelError> {
    let examples = draw(recipe, spectra, "intervals", seed);
    let counts: Vec<&[f64]> = examples.iter().map(|example| example.counts.as_slice()).collect();
    let curves = predictor.predict(&counts)?;
    let mut quantiles = vec![Quantiles::from_pulls(&pulls(&examples, &curves, |example| example.z.as_slice()))];
    for (number, width) in SIGNAL_WIDTHS.iter().enumerate() {
        let Some(of_width) = predictor.clone().for_width(*width) else { continue };
        let of_width = of_width.predict(&counts)?;
        quantiles.push(Quantiles::from_pulls(&pulls(&examples, &of_width, |example| {
            let bins = example.counts.len();
            example.z_by_width.get(number * bins..(number + 1) * bins).unwrap_or(&[])
        })));
    }
    quantiles.push(Quantiles::from_pulls(&background_pulls(&examples, &curves)));
    Ok(quantiles)
}

/// (true z - found z) / error in every bin.
fn pulls(examples: &[Example], curves: &[ZCurve], truth: impl Fn(&Example) -> &[f64]) -> Vec<Pull> {
    let of_spectrum = |(example, curve): (&Example, &ZCurve)| -> Vec<Pull> {
        let each = curve.z.iter().zip(&curve.z_error).zip(truth(example));
        each.zip(places(curve)).map(|(((z, error), truth), place)| Pull { place, pull: (truth - z) / error }).collect()
    };
    examples.iter().zip(curves).flat_map(of_spectrum).collect()
}

/// ln(true background / found background) / error in every bin.
fn background_pulls(examples: &[Example], curves: &[ZCurve]) -> Vec<Pull> {
    let ln_ratio = |truth: f64, found: f64| (truth.max(LEAST_BACKGROUND) / found.max(LEAST_BACKGROUND)).ln();
    let of_spectrum = |(example, curve): (&Example, &ZCurve)| -> Vec<Pull> {
        let each = curve.background.iter().zip(&curve.background_error).zip(&example.background);
        each.zip(places(curve))
            .map(|(((found, error), truth), place)| Pull { place, pull: ln_ratio(*truth, *found) / error })
            .collect()
    };
    examples.iter().zip(curves).flat_map(of_spectrum).collect()
}

fn places(curve: &ZCurve) -> impl Iterator<Item = BinPlace> {
    let top = curve.zmax().map(|(bin, _)| bin);
    let place =
        move |(bin, z): (usize, &f64)| BinPlace { conditions: curve.conditions(bin), z: *z, largest: top == Some(bin) };
    curve.z.iter().enumerate().map(place)
}

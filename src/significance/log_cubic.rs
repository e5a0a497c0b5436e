//! What a user would pick instead of a network: a side-band fit of exp(cubic) around every bin.
//!
//! In: counts. Out: z per bin. For every bin and signal width the bins within 3 sigma are left out (a fifth of the spectrum at
//! most, so that something is left of short ones), ln b = third-order polynomial in the bin number is fitted to the others
//! (Poisson likelihood), and z is that of the likelihood ratio over the fitted background, made smaller by the background's
//! error: times sqrt(I / (I + g' C g)), I = sum s^2/b, C the covariance of the fit, g = sum s d(ln b)/d(parameters).
//! Either the whole spectrum is fitted or a sliding window.

use nalgebra::{Matrix4, Vector4};

use super::Templates;
use super::poisson_fit::{CUBIC, FitBin, PoissonFit, Settings, Stop, polynomial, powers};
use crate::significance;

/// Bins within so many sigma of the tested one are no side band.
const MASK_SIGMA: f64 = 3.0;
/// Of a short spectrum at most this part is masked on each side.
const LARGEST_MASK: f64 = 0.2;
/// Side-band bins that a fit needs on each side: a cubic that is extrapolated says nothing.
const LEAST_SIDE: usize = 4;
/// Smallest expectation per bin: the polynomial is not to fall into nothing.
const FLOOR: f64 = 1e-3;
/// The information is weakly held up so that empty side bands can be fitted.
const SETTINGS: Settings = Settings {
    constraints: [0.0; CUBIC],
    damping: 1e-6,
    largest_exponent: 40.0,
    steps: 60,
    trials: 12,
    stop: Stop::Expected(1e-5),
};

/// What the fit sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// All bins.
    Whole,
    /// So many bins beyond the mask on each side.
    Window(usize),
}

/// z per bin, the largest over the templates' widths; 0 where too few side-band bins are left.
pub fn log_cubic_z(counts: &[f64], templates: &Templates, range: Range) -> Vec<f64> {
    let bins = counts.len().min(templates.n_bins());
    let start = flat(counts).map(|flat| maximise(counts, &flat, 0..bins, 0..0).0);
    (0..bins)
        .map(|bin| {
            (0..templates.widths().len())
                .map(|width| z_at(counts, templates, (bin, width), range, start.as_ref()).unwrap_or(0.0))
                .fold(f64::NEG_INFINITY, f64::max)
        })
        .collect()
}

fn z_at(
    counts: &[f64],
    templates: &Templates,
    (bin, width): (usize, usize),
    range: Range,
    start: Option<&Vector4<f64>>,
) -> Option<f64> {
    let bins = counts.len();
    let reach = (MASK_SIGMA * templates.widths().get(width)?).min(LARGEST_MASK * bins as f64).round() as usize;
    let mask = bin.saturating_sub(reach)..(bin + reach + 1).min(bins);
    let used = match range {
        Range::Whole => 0..bins,
        Range::Window(side) => mask.start.saturating_sub(side)..(mask.end + side).min(bins),
    };
    if mask.start < used.start + LEAST_SIDE || used.end < mask.end + LEAST_SIDE {
        return None;
    }
    let (parameters, fit_information) = maximise(counts, start?, used, mask);
    let template = templates.get(bin, width);
    let (mut information, mut gradient, mut expected) = (0.0, Vector4::zeros(), vec![1.0; bins]);
    let under_template = expected.iter_mut().enumerate().skip(template.first).zip(template.values);
    for ((j, b), s) in under_template {
        let powers = powers(j, bins);
        *b = expectation(&powers, &parameters);
        information += s * s / *b;
        gradient += Vector4::from(powers) * *s;
    }
    let error = gradient.dot(&fit_information.cholesky()?.solve(&gradient));
    let z = significance::z_at(counts, &expected, templates, bin, width) * (information / (information + error)).sqrt();
    z.is_finite().then_some(z)
}

/// A constant, at the level of the counts.
fn flat(counts: &[f64]) -> Option<Vector4<f64>> {
    let mean = counts.iter().sum::<f64>() / counts.len().max(1) as f64;
    let level = mean.max(FLOOR).ln();
    level.is_finite().then(|| Vector4::new(level, 0.0, 0.0, 0.0))
}

fn expectation(powers: &[f64; CUBIC], parameters: &Vector4<f64>) -> f64 {
    let most = SETTINGS.largest_exponent;
    polynomial(powers, parameters).clamp(-most, most).exp().max(FLOOR)
}

/// Parameters fitted to the counts in `used` but not in `mask`, and their information.
fn maximise(
    counts: &[f64],
    start: &Vector4<f64>,
    used: std::ops::Range<usize>,
    mask: std::ops::Range<usize>,
) -> (Vector4<f64>, Matrix4<f64>) {
    let side_bands: Vec<FitBin> = used
        .filter(|j| !mask.contains(j))
        .filter_map(|j| Some(FitBin { count: *counts.get(j)?, powers: powers(j, counts.len()), signal: 0.0 }))
        .collect();
    let fit = PoissonFit { bins: &side_bands, settings: SETTINGS };
    let parameters = fit.maximise(*start).parameters;
    (parameters, fit.derivatives(&parameters).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::significance::templates::gaussian_integral;

    #[test]
    fn an_exponential_is_fitted_and_a_bump_on_it_is_seen() {
        let templates = Templates::uniform(60, &[2.0]);
        for (events, low, high) in [(0.0, -0.1, 0.1), (200.0, 2.5, 8.0)] {
            let counts: Vec<f64> = (0..60)
                .map(|i| {
                    let edge = (f64::from(i) - 30.5) / 2.0;
                    2000.0 * (-0.08 * f64::from(i)).exp() + events * gaussian_integral(edge, edge + 0.5)
                })
                .collect();
            for range in [Range::Whole, Range::Window(12)] {
                let z = log_cubic_z(&counts, &templates, range);
                assert!(z[30] > low && z[30] < high, "{range:?}: {}", z[30]);
            }
        }
    }

    #[test]
    fn hostile_counts_give_finite_z() {
        for counts in [vec![0.0; 40], vec![1e9; 40], [vec![0.0; 39], vec![1e12]].concat(), vec![1.0; 5], Vec::new()] {
            let templates = Templates::uniform(counts.len(), &[1.0, 4.0]);
            for range in [Range::Whole, Range::Window(10)] {
                let z = log_cubic_z(&counts, &templates, range);
                assert!(z.len() == counts.len() && z.iter().all(|z| z.is_finite()), "{z:?}");
            }
        }
    }
}

//! What a user would pick instead of a network: a side-band fit of exp(cubic) around every bin.
//!
//! In: counts. Out: z per bin. For every bin and signal width the bins within 3 sigma are left out (a fifth of the spectrum at
//! most, so that something is left of short ones), ln b = third-order polynomial in the bin number is fitted to the others
//! (Poisson likelihood), and z is that of the likelihood ratio over the fitted background, made smaller by the background's
//! error: times sqrt(I / (I + g' C g)), I = sum s^2/b, C the covariance of the fit, g = sum s d(ln b)/d(parameters).
//! Either the whole spectrum is fitted or a sliding window.

use nalgebra::{Matrix4, Vector4};

use super::Templates;
use crate::significance;

/// Bins within so many sigma of the tested one are no side band.
const MASK_SIGMA: f64 = 3.0;
/// Of a short spectrum at most this part is masked on each side.
const LARGEST_MASK: f64 = 0.2;
/// Side-band bins that a fit needs on each side: a cubic that is extrapolated says nothing.
const LEAST_SIDE: usize = 4;
/// Smallest expectation per bin: the polynomial is not to fall into nothing.
const FLOOR: f64 = 1e-3;

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
    let start = Fit::flat(counts).and_then(|flat| flat.maximise(counts, 0..bins, 0..0));
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
    start: Option<&Fit>,
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
    let fit = start?.maximise(counts, used, mask)?;
    let template = templates.get(bin, width);
    let (mut information, mut gradient, mut expected) = (0.0, Vector4::zeros(), vec![1.0; bins]);
    let under_template = expected.iter_mut().enumerate().skip(template.first).zip(template.values);
    for ((j, b), s) in under_template {
        *b = fit.expected(j);
        information += s * s / *b;
        gradient += fit.powers(j) * *s;
    }
    let error = gradient.dot(&fit.information.cholesky()?.solve(&gradient));
    let z = significance::z_at(counts, &expected, templates, bin, width) * (information / (information + error)).sqrt();
    z.is_finite().then_some(z)
}

/// A fitted polynomial.
#[derive(Debug, Clone, Copy)]
struct Fit {
    bins: usize,
    coefficients: Vector4<f64>,
    information: Matrix4<f64>,
}

impl Fit {
    fn flat(counts: &[f64]) -> Option<Fit> {
        let mean = counts.iter().sum::<f64>() / counts.len().max(1) as f64;
        let level = mean.max(FLOOR).ln();
        level.is_finite().then(|| Fit {
            bins: counts.len(),
            coefficients: Vector4::new(level, 0.0, 0.0, 0.0),
            information: Matrix4::identity(),
        })
    }

    fn powers(&self, bin: usize) -> Vector4<f64> {
        let x = 2.0 * bin as f64 / (self.bins.max(2) - 1) as f64 - 1.0;
        Vector4::new(1.0, x, x * x, x * x * x)
    }

    fn expected(&self, bin: usize) -> f64 {
        self.powers(bin).dot(&self.coefficients).clamp(-40.0, 40.0).exp().max(FLOOR)
    }

    /// Fisher scoring from these coefficients to the counts in `used` but not in `mask`; steps that lower the likelihood are
    /// halved.
    fn maximise(&self, counts: &[f64], used: std::ops::Range<usize>, mask: std::ops::Range<usize>) -> Option<Fit> {
        let side_bands: Vec<(Vector4<f64>, f64)> =
            used.filter(|j| !mask.contains(j)).filter_map(|j| Some((self.powers(j), *counts.get(j)?))).collect();
        let mut fit = *self;
        let (mut height, mut gradient) = fit.measure(&side_bands);
        for _ in 0..60 {
            let mut step = fit.information.cholesky()?.solve(&gradient);
            let gain = 0.5 * gradient.dot(&step);
            let mut better = None;
            for _ in 0..12 {
                let mut trial = Fit { coefficients: fit.coefficients + step, ..fit };
                let (there, slope) = trial.measure(&side_bands);
                if there >= height {
                    better = Some((trial, there, slope));
                    break;
                }
                step *= 0.5;
            }
            let Some(found) = better else { break };
            (fit, height, gradient) = found;
            if gain < 1e-5 {
                break;
            }
        }
        Some(fit)
    }

    /// ln L and its gradient; keeps the Fisher information, weakly held down so that empty side bands can be fitted.
    fn measure(&mut self, side_bands: &[(Vector4<f64>, f64)]) -> (f64, Vector4<f64>) {
        let (mut height, mut gradient) = (0.0, Vector4::zeros());
        let mut information = Matrix4::identity() * 1e-6;
        for (powers, n) in side_bands {
            let exponent = powers.dot(&self.coefficients).clamp(-40.0, 40.0);
            let mean = exponent.exp();
            height += n * exponent - mean;
            gradient += powers * (n - mean);
            information += powers * powers.transpose() * mean;
        }
        self.information = information;
        (height, gradient)
    }
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

//! The family fit: what a fit that knows the true family of shapes makes of a spectrum (physics.md section 9).
//!
//! In: counts, the true background and the family it was drawn from. Out: z per bin. All parameters of the family, both
//! scales included, are free; the fit is linearised at the truth, where it is as good as a fit can be: with W = 1/b,
//! D the tangents of the family and P = W - W D (D' W D)^-1 D' W, z = s' P r / sqrt(s' P s), the score test with the
//! background profiled. r is n - b in the Gaussian limit; here it is sqrt(b) times the signed root of each bin's
//! likelihood ratio, as in the target: (n - b) / sqrt(b) itself overstates excesses over few events, by 0.1 on average.
//! It is a reference, not a bound: a network that has learnt how often each shape occurs knows more than this fit.
//!
//! A function has been cut to [t0, t1] of its range; where it was cut is unknown too, so t0 and t1 are parameters as well:
//! a parabola is any parabola. With this parametrisation the table of physics.md section 9 comes out (half 68 % intervals, means and
//! AUC within 5 %; sd within 4 % for widths 3 and 1-4). For width 1 the sd is 1.02, 0.65, 0.47 where the table has 0.88, 0.56,
//! 0.43: signals in the last two bins, which no fit can tell from the end of the spectrum; without them 0.86, 0.57, 0.41.

use bumphound::significance::Templates;
use bumphound::significance::likelihood::BACKGROUND_FLOOR;
use bumphound::toys::shapes::{Dilepton, Function};

/// A signal that the family's parameters imitate up to this part of its information has no z.
const LEAST_INFORMATION: f64 = 0.003;
/// A tangent that is so close to a sum of the others is one.
const DEPENDENT: f64 = 1e-9;

/// The family that a background was drawn from, at its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TestFamily {
    /// Functions of thesis eq. 32.
    Function(Function),
    /// ln f is a cubic in the bin number: fitted simulation.
    LogCubic,
    /// Thesis eq. 33: scale, b, p0, p1, p2, p3; the bins are known.
    Dilepton(Dilepton),
}

impl TestFamily {
    /// Columns that span all small changes of the background.
    pub fn tangents(&self, background: &[f64]) -> Vec<Vec<f64>> {
        let bins = background.len();
        match self {
            TestFamily::Function(function) => function.tangents(bins),
            TestFamily::Dilepton(shape) => shape.tangents(bins),
            TestFamily::LogCubic => (0..4).map(|power| log_polynomial(background, power)).collect(),
        }
    }
}

/// b x^power, x from -1 to 1 over the bins.
fn log_polynomial(background: &[f64], power: i32) -> Vec<f64> {
    let last = background.len().max(2) - 1;
    background.iter().enumerate().map(|(i, b)| b * (2.0 * i as f64 / last as f64 - 1.0).powi(power)).collect()
}

/// z per bin of the family fit, the largest over the templates' widths; all inputs of one length.
pub fn family_fit_z(counts: &[f64], background: &[f64], family: &TestFamily, templates: &Templates) -> Vec<f64> {
    let error: Vec<f64> = background.iter().map(|b| b.max(BACKGROUND_FLOOR).sqrt()).collect();
    let basis = orthonormal(family.tangents(background), &error);
    let mut residual: Vec<f64> = counts.iter().zip(background).map(|(n, b)| deviance_root(*n, *b)).collect();
    for direction in &basis {
        remove(&mut residual, direction);
    }
    (0..counts.len().min(templates.n_bins()))
        .map(|bin| {
            (0..templates.widths().len())
                .map(|width| {
                    let template = templates.get(bin, width);
                    let from = template.first;
                    let signal: Vec<f64> =
                        template.values.iter().zip(error.iter().skip(from)).map(|(s, e)| s / e).collect();
                    let with = |values: &[f64]| dot(&signal, values.get(from..).unwrap_or_default());
                    let known = dot(&signal, &signal);
                    let information = known - basis.iter().map(|direction| with(direction).powi(2)).sum::<f64>();
                    if information < LEAST_INFORMATION * known { 0.0 } else { with(&residual) / information.sqrt() }
                })
                .fold(f64::NEG_INFINITY, f64::max)
        })
        .collect()
}

/// (n - b) in units of its error: the signed root of the Poisson likelihood ratio of one bin.
fn deviance_root(n: f64, b: f64) -> f64 {
    let b = b.max(BACKGROUND_FLOOR);
    let log = if n > 0.0 { n * (n / b).ln() } else { 0.0 };
    (2.0 * (log - n + b).max(0.0)).sqrt().copysign(n - b)
}

/// Orthonormal directions that span `columns` in units of the errors (Gram-Schmidt, twice).
fn orthonormal(columns: Vec<Vec<f64>>, error: &[f64]) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut direction: Vec<f64> = column.iter().zip(error).map(|(c, e)| c / e).collect();
        let Some(size) = normalise(&mut direction) else { continue };
        for known in basis.iter().chain(&basis) {
            remove(&mut direction, known);
        }
        if normalise(&mut direction).is_some_and(|rest| size > 0.0 && rest > DEPENDENT) {
            basis.push(direction);
        }
    }
    basis
}

/// Scales to length one; the length it had, None if it was no direction.
fn normalise(direction: &mut [f64]) -> Option<f64> {
    let length = dot(direction, direction).sqrt();
    if !(length.is_finite() && length > 0.0) {
        return None;
    }
    direction.iter_mut().for_each(|value| *value /= length);
    Some(length)
}

fn remove(vector: &mut [f64], direction: &[f64]) {
    let part = dot(vector, direction);
    vector.iter_mut().zip(direction).for_each(|(v, d)| *v -= part * d);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::merit::statistics::{half68, mean, sd};
    use crate::evaluation::sample::spectra::TestSample;
    use bumphound::significance::SIGNAL_WIDTHS;
    use rayon::prelude::*;

    /// Rows of the table: 1500 spectra each, so 2 % statistical error of sd, 3 % of the half interval.
    #[test]
    fn the_published_reference_comes_out() {
        for (widths, bins, table) in [
            (&[3.0][..], 60, [1.34, 1.21, -0.84]),
            (&SIGNAL_WIDTHS, 30, [1.79, 1.64, -1.15]),
            (&SIGNAL_WIDTHS, 100, [0.83, 0.62, -0.42]),
        ] {
            let templates = Templates::uniform(bins, widths);
            let largest = |z: Vec<f64>| z.into_iter().fold(f64::NEG_INFINITY, f64::max);
            let differences: Vec<f64> = TestSample::reference("family", bins, 1500)
                .widths(widths)
                .draw(2)
                .par_iter()
                .map(|one| {
                    let family = one.family.expect("functions have one");
                    let fit = family_fit_z(&one.counts, &one.background, &family, &templates);
                    largest(fit) - largest(one.target(&templates))
                })
                .collect();
            let found = [sd(&differences), half68(&differences), mean(&differences)].map(|v| v.expect("not empty"));
            for (found, table) in found.iter().zip(table) {
                assert!((found / table - 1.0).abs() < 0.12, "{widths:?} {bins}: {found} instead of {table}");
            }
        }
    }

    #[test]
    fn a_change_of_a_parameter_is_no_signal() {
        let spectrum = &TestSample::reference("family", 60, 1).background_only().draw(1)[0];
        let family = spectrum.family.expect("functions have one");
        let tangents = family.tangents(&spectrum.background);
        let error: Vec<f64> = spectrum.background.iter().map(|b| b.sqrt()).collect();
        for tangent in &tangents {
            let size = tangent.iter().zip(&error).map(|(t, e)| (t / e).abs()).fold(0.0, f64::max);
            let counts: Vec<f64> = spectrum.background.iter().zip(tangent).map(|(b, t)| b + 1e-3 * t / size).collect();
            let z = family_fit_z(&counts, &spectrum.background, &family, &Templates::uniform(60, &[1.0, 4.0]));
            assert!(z.iter().all(|z| z.abs() < 1e-4), "{z:?}");
        }
    }
}

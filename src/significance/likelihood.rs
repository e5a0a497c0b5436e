//! The likelihood ratio of one bin and template, solved by a guarded Newton iteration in float64.
//!
//! ln L(mu) - ln L(0) = sum_j n_j ln(1 + mu s_j / b_j) - mu s_j is concave in mu; its maximum is where
//! sum_j n_j s_j / (b_j + mu s_j) = sum_j s_j, or on the boundary b_j + mu s_j = 0, where the limit is meant.

use pulp::Arch;
use thiserror::Error;

use super::templates::{Template, Templates};

/// Expected background below this counts as this.
pub const BACKGROUND_FLOOR: f64 = 1e-9;

/// What makes a significance impossible.
#[derive(Debug, Error, PartialEq)]
pub enum SignificanceError {
    /// The three inputs do not describe the same bins.
    #[error("{observed} observed counts, {expected} expected, {bins} bins: the lengths differ")]
    Lengths {
        /// Observed counts.
        observed: usize,
        /// Expected values.
        expected: usize,
        /// Bins of the templates.
        bins: usize,
    },
    /// A count or expectation is negative or not finite.
    #[error("row {row}: {what} is {value}, which is not a count")]
    NotACount {
        /// Row, from 1.
        row: usize,
        /// `observed` or `expected`.
        what: &'static str,
        /// The value.
        value: f64,
    },
    /// Events where none are expected.
    #[error("row {row}: {observed} events observed where the expected background is 0")]
    NoBackground {
        /// Row, from 1.
        row: usize,
        /// Events.
        observed: f64,
    },
}

/// Signed z per bin, the largest over the templates' widths.
///
/// `observed` and `expected` have `templates.n_bins()` entries. Errors name the row: a user's file is hostile.
pub fn z_per_bin(observed: &[f64], expected: &[f64], templates: &Templates) -> Result<Vec<f64>, SignificanceError> {
    let bins = templates.n_bins();
    if observed.len() != bins || expected.len() != bins {
        return Err(SignificanceError::Lengths { observed: observed.len(), expected: expected.len(), bins });
    }
    for (i, (&n, &b)) in observed.iter().zip(expected).enumerate() {
        for (what, value) in [("observed", n), ("expected", b)] {
            if !value.is_finite() || value < 0.0 {
                return Err(SignificanceError::NotACount { row: i + 1, what, value });
            }
        }
        if b == 0.0 && n > 0.0 {
            return Err(SignificanceError::NoBackground { row: i + 1, observed: n });
        }
    }
    let mut z = vec![0.0; bins];
    z_mixed_into(observed, expected, templates, &mut z);
    Ok(z)
}

/// As [`z_per_bin`], for inputs known to be good and of equal length; `z` receives the result.
pub fn z_mixed_into(observed: &[f64], expected: &[f64], templates: &Templates, z: &mut [f64]) {
    let background: Vec<f64> = expected.iter().map(|&b| b.max(BACKGROUND_FLOOR)).collect();
    for (bin, out) in z.iter_mut().enumerate() {
        *out = (0..templates.widths().len())
            .map(|width| z_of_template(observed, &background, templates.get(bin, width)))
            .fold(f64::NEG_INFINITY, f64::max);
    }
}

/// z per width and bin, for inputs known to be good and of equal length; `z` (widths x bins, row-major) receives the result.
pub fn z_by_width_into(observed: &[f64], expected: &[f64], templates: &Templates, z: &mut [f64]) {
    let background: Vec<f64> = expected.iter().map(|&b| b.max(BACKGROUND_FLOOR)).collect();
    // Compiled for the vector instructions of this processor.
    Arch::new().dispatch(|| {
        for (width, row) in z.chunks_mut(observed.len().max(1)).enumerate().take(templates.widths().len()) {
            for (bin, out) in row.iter_mut().enumerate() {
                *out = z_of_template(observed, &background, templates.get(bin, width));
            }
        }
    });
}

/// z of one bin and one width, for inputs known to be good. `expected` is floored as in [`z_mixed_into`].
pub fn z_at(observed: &[f64], expected: &[f64], templates: &Templates, bin: usize, width: usize) -> f64 {
    let template = templates.get(bin, width);
    let range = template.first..template.first + template.values.len();
    let background: Vec<f64> = expected[range.clone()].iter().map(|&b| b.max(BACKGROUND_FLOOR)).collect();
    z_of_template(&observed[range], &background, Template { first: 0, values: template.values })
}

#[inline(always)]
fn z_of_template(observed: &[f64], background: &[f64], template: Template<'_>) -> f64 {
    let range = template.first..template.first + template.values.len();
    let (n, b, s) = (&observed[range.clone()], &background[range], template.values);
    let (mu, at_boundary) = best_strength(n, b, s);
    if mu == 0.0 {
        return 0.0;
    }
    let mut gain = 0.0;
    for ((&n, &b), &s) in n.iter().zip(b).zip(s) {
        let shift = mu * s;
        gain -= shift;
        if n > 0.0 {
            // On the boundary a bin with n > 0 would have made the likelihood vanish, so this is finite there too.
            gain += n * ln_1p(shift / b);
        }
    }
    debug_assert!(at_boundary || gain > -1e-6);
    (2.0 * gain.max(0.0)).sqrt().copysign(mu)
}

/// ln(1 + x), within 2e-13; the far bins of a template have small x.
#[inline(always)]
fn ln_1p(x: f64) -> f64 {
    if x.abs() < 0.01 {
        return x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * (0.25 - x * 0.2))));
    }
    x.ln_1p()
}

/// The mu that maximises ln L, and whether it lies on the boundary.
#[inline(always)]
fn best_strength(n: &[f64], b: &[f64], s: &[f64]) -> (f64, bool) {
    // The largest s / b, of all bins and of those with events: only those keep the likelihood away from its pole; the others bound
    // mu without one.
    let (mut steepest, mut steepest_filled) = (0.0f64, 0.0f64);
    let [s_total, slope, information] = sums(n, b, s, |n, b, s| {
        let ratio = s / b;
        steepest = steepest.max(ratio);
        steepest_filled = steepest_filled.max(if n > 0.0 { ratio } else { 0.0 });
        [s, n * ratio, b.max(n) * ratio * ratio]
    });
    let (boundary, pole) = (-1.0 / steepest, -1.0 / steepest_filled);
    let slope_at_zero = slope - s_total;
    if slope_at_zero == 0.0 || information == 0.0 {
        return (0.0, false);
    }
    // Bracket: the slope falls with mu; its zero lies between the boundary (or 0) and 0 (or beyond).
    let (mut low, mut high) = if slope_at_zero < 0.0 { (boundary, 0.0) } else { (0.0, f64::INFINITY) };
    if low == boundary && pole < boundary && slope_of(n, b, s, boundary).0 - s_total <= 0.0 {
        return (boundary, true);
    }
    let mut mu = slope_at_zero / information;
    if mu <= low {
        mu = 0.5 * low;
    }
    for _ in 0..200 {
        let (slope, curvature) = slope_of(n, b, s, mu);
        let excess = slope - s_total;
        if excess > 0.0 {
            low = mu;
        } else {
            high = mu;
        }
        if curvature <= 0.0 {
            break;
        }
        // Newton on 1/slope is close to linear for one dominant bin and quadratic in general.
        let newton = if slope > 0.0 { excess * slope / (s_total * curvature) } else { excess / curvature };
        let mut next = mu + newton;
        if next <= low || next >= high {
            next = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * mu + 1.0 };
        }
        let step = (next - mu).abs();
        mu = next;
        // After this step the error is of order step^2 in units of the standard deviation.
        if step * curvature.sqrt() < 1e-4 || step <= 1e-14 * mu.abs() {
            break;
        }
    }
    (mu, false)
}

/// Sums over bins, four at a time, as the processor adds them.
#[inline(always)]
fn sums<const N: usize>(n: &[f64], b: &[f64], s: &[f64], mut terms: impl FnMut(f64, f64, f64) -> [f64; N]) -> [f64; N] {
    const LANES: usize = 4;
    let mut totals = [[0.0; LANES]; N];
    let (n_chunks, b_chunks, s_chunks) = (n.chunks_exact(LANES), b.chunks_exact(LANES), s.chunks_exact(LANES));
    let rest = n_chunks.remainder().iter().zip(b_chunks.remainder()).zip(s_chunks.remainder());
    for ((n, b), s) in n_chunks.zip(b_chunks).zip(s_chunks) {
        for lane in 0..LANES {
            let term = terms(n[lane], b[lane], s[lane]);
            for (total, term) in totals.iter_mut().zip(term) {
                total[lane] += term;
            }
        }
    }
    for ((&n, &b), &s) in rest {
        for (total, term) in totals.iter_mut().zip(terms(n, b, s)) {
            total[0] += term;
        }
    }
    totals.map(|lanes| lanes.iter().sum())
}

/// sum n s / (b + mu s) and sum n s^2 / (b + mu s)^2.
#[inline(always)]
fn slope_of(n: &[f64], b: &[f64], s: &[f64], mu: f64) -> (f64, f64) {
    let [slope, curvature] = sums(n, b, s, |n, b, s| {
        let ratio = s / (b + mu * s);
        let weighted = n * ratio;
        [weighted, weighted * ratio]
    });
    if slope.is_finite() { (slope, curvature) } else { slope_without_empty_bins(n, b, s, mu) }
}

/// As [`slope_of`] exactly on a boundary made by a bin without events (0 x infinity there means 0).
fn slope_without_empty_bins(n: &[f64], b: &[f64], s: &[f64], mu: f64) -> (f64, f64) {
    let (mut slope, mut curvature) = (0.0, 0.0);
    for ((&n, &b), &s) in n.iter().zip(b).zip(s).filter(|((n, _), _)| **n > 0.0) {
        let ratio = s / (b + mu * s);
        slope += n * ratio;
        curvature += n * ratio * ratio;
    }
    (slope, curvature)
}

/// The strength of `signal` over `background` whose median (Asimov) significance is `z`: sqrt(q0) with n = b + mu s.
pub fn asimov_strength(background: &[f64], signal: &[f64], z: f64) -> f64 {
    let target = z * z;
    let information: f64 = signal.iter().zip(background).map(|(s, b)| s * s / b.max(BACKGROUND_FLOOR)).sum::<f64>();
    if information <= 0.0 || z <= 0.0 {
        return 0.0;
    }
    let q0 = |mu: f64| -> (f64, f64) {
        let (mut q, mut derivative) = (0.0, 0.0);
        for (&s, &b) in signal.iter().zip(background) {
            let b = b.max(BACKGROUND_FLOOR);
            let log = (mu * s / b).ln_1p();
            q += 2.0 * ((b + mu * s) * log - mu * s);
            derivative += 2.0 * s * log;
        }
        (q, derivative)
    };
    // q0 is convex and below mu^2 x information: the Gaussian estimate is a lower bound, Newton approaches from above
    // after one step.
    let mut mu = z / information.sqrt();
    for _ in 0..100 {
        let (q, derivative) = q0(mu);
        if derivative <= 0.0 {
            break;
        }
        let next = mu - (q - target) / derivative;
        let next = if next > 0.0 { next } else { 0.5 * mu };
        let done = (next - mu).abs() < 1e-9 * mu;
        mu = next;
        if done {
            break;
        }
    }
    mu
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(n: usize) -> Vec<f64> {
        vec![50.0; n]
    }

    #[test]
    fn asimov_strength_gives_back_its_significance() {
        let background = flat(40);
        let templates = Templates::uniform(40, &[2.0]);
        let template = templates.get(20, 0);
        let mut signal = vec![0.0; 40];
        signal[template.first..template.first + template.values.len()].copy_from_slice(template.values);
        let mu = asimov_strength(&background, &signal, 5.0);
        let observed: Vec<f64> = background.iter().zip(&signal).map(|(b, s)| b + mu * s).collect();
        let z = z_per_bin(&observed, &background, &templates).expect("good input");
        assert!((z[20] - 5.0).abs() < 1e-6, "{}", z[20]);
    }

    #[test]
    fn events_where_none_are_expected_are_an_error_with_the_row() {
        let mut background = flat(30);
        background[3] = 0.0;
        let mut observed = flat(30);
        let error = z_per_bin(&observed, &background, &Templates::uniform(30, &[1.0]));
        assert_eq!(error, Err(SignificanceError::NoBackground { row: 4, observed: 50.0 }));
        observed[3] = f64::NAN;
        assert!(matches!(
            z_per_bin(&observed, &background, &Templates::uniform(30, &[1.0])),
            Err(SignificanceError::NotACount { row: 4, .. })
        ));
    }

    #[test]
    fn hostile_counts_give_finite_z() {
        let templates = Templates::uniform(30, &[1.0, 4.0]);
        for (n, b) in [(0.0, 1e-9), (1.0, 1e-9), (1e12, 1e-9), (1e12, 1e12), (0.0, 1e12), (0.0, 0.0)] {
            let mut background = vec![b; 30];
            background[7] = 3.0;
            let z = z_per_bin(&vec![n; 30], &background, &templates);
            if let Ok(z) = z {
                assert!(z.iter().all(|z| z.is_finite()), "n {n} b {b}: {z:?}");
            } else {
                assert!(b == 0.0 && n > 0.0);
            }
        }
    }
}

//! Garwood intervals: the error bars of a histogram.
//!
//! In: observed events. Out: the central 68.27 % interval of the Poisson mean, in events (F. Garwood, Biometrika 28
//! (1936) 437; PDG review of statistics): half a chi-square quantile on either side, so bars are asymmetric and reach
//! 1.84 for an empty bin. Weighted bins (not whole numbers) get the same formula at their value.

use statrs::function::gamma::{checked_gamma_lr, ln_gamma};

/// Probability below minus one standard deviation.
const TAIL: f64 = 0.158_655_253_931_457_05;

/// Central 68.27 % interval (low, high) of the mean for `n` observed events; (0, 1.84) for none.
pub fn garwood(n: f64) -> (f64, f64) {
    if !n.is_finite() || n < 0.0 {
        return (0.0, 0.0);
    }
    let low = if n == 0.0 { 0.0 } else { gamma_quantile(n, TAIL, -1.0) };
    (low, gamma_quantile(n + 1.0, 1.0 - TAIL, 1.0))
}

/// x with P(shape, x) = p; `z` is the standard normal quantile of p, from which the search starts (Wilson-Hilferty).
fn gamma_quantile(shape: f64, p: f64, z: f64) -> f64 {
    let start = shape * (1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt())).max(0.02).powi(3);
    if shape > 1e4 {
        return start; // good to 1e-7 there, far below the width of a line
    }
    let mut x = start;
    for _ in 0..30 {
        let Ok(cumulative) = checked_gamma_lr(shape, x) else { return start };
        let density = ((shape - 1.0) * x.ln() - x - ln_gamma(shape)).exp();
        let step = (cumulative - p) / density;
        if !step.is_finite() {
            return start;
        }
        // Half way to zero at most: the density of small shapes is steep there.
        let next = (x - step).max(0.5 * x);
        if (next - x).abs() <= 1e-10 * x {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_equal_the_published_table() {
        // PDG / Garwood table at 68.27 %: three decimals printed.
        for (n, low, high) in
            [(0.0, 0.0, 1.841), (1.0, 0.173, 3.300), (2.0, 0.708, 4.638), (5.0, 2.840, 8.382), (10.0, 6.891, 14.267)]
        {
            let (found_low, found_high) = garwood(n);
            assert!(
                (found_low - low).abs() < 6e-4 && (found_high - high).abs() < 6e-4,
                "{n}: {found_low} {found_high}"
            );
        }
    }

    #[test]
    fn large_counts_approach_square_roots_and_join_smoothly() {
        let (low, high) = garwood(1e6);
        assert!((low - (1e6 - 1e3)).abs() < 1.0 && (high - (1e6 + 1e3)).abs() < 1.5);
        let (before, after) = (garwood(9_999.0), garwood(10_001.0));
        assert!((after.0 - before.0 - 2.0).abs() < 0.05 && (after.1 - before.1 - 2.0).abs() < 0.05);
    }

    #[test]
    fn any_number_gives_an_ordered_interval() {
        for n in [0.001, 0.3, 0.5, 1.7, 33.3, 1e9, 1e300] {
            let (low, high) = garwood(n);
            assert!(low >= 0.0 && low <= high && low.is_finite() && high.is_finite(), "{n}: {low} {high}");
        }
        assert_eq!(garwood(f64::NAN), (0.0, 0.0));
    }
}

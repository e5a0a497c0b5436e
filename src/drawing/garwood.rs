//! Garwood intervals: the error bars of a histogram.
//!
//! In: observed events. Out: the central 68.27 % interval of the Poisson mean, in events (F. Garwood, Biometrika 28
//! (1936) 437; PDG review of statistics): half a chi-square quantile on either side, so bars are asymmetric and reach
//! 1.84 for an empty bin. Weighted bins (not whole numbers) get the same formula at their value.

use statrs::distribution::{ContinuousCDF, Gamma};

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

/// x with P(shape, x) = p; `z` is the standard normal quantile of p.
fn gamma_quantile(shape: f64, p: f64, z: f64) -> f64 {
    // Wilson-Hilferty: above a shape of 10^4 it is good to 1e-7, and the search would take as many terms as sqrt(shape).
    let approximation = shape * (1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt())).max(0.02).powi(3);
    match Gamma::new(shape, 1.0) {
        Ok(gamma) if shape <= 1e4 => gamma.inverse_cdf(p),
        _ => approximation,
    }
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

    /// Quantiles of the gamma distribution by bisection in arbitrary precision (mpmath).
    #[test]
    fn intervals_equal_those_of_arbitrary_precision() {
        for (n, low, high) in [
            (0.5, 0.0200347523168, 2.5931312621),
            (1.0, 0.172753779023, 3.29952655912),
            (3.0, 1.36729531389, 5.91818583288),
            (10.0, 6.89130556064, 14.266949761),
            (100.0, 90.0167451771, 111.033360941),
            (1000.0, 968.382501407, 1032.63332347),
            (9999.0, 9899.00666762, 10099.9983341),
        ] {
            let (found_low, found_high) = garwood(n);
            assert!((found_low / low - 1.0).abs() < 2e-8, "{n}: {found_low}");
            assert!((found_high / high - 1.0).abs() < 2e-8, "{n}: {found_high}");
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

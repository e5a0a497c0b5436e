//! Poisson throws: what nature makes of an expectation.
//!
//! In: expected events, a random stream. Out: counts. An expectation that is none (negative, not finite) gives 0.

use rand::Rng;
use rand_distr::{Distribution, Poisson};

/// Counts around the expectations, in order.
pub fn throw(expected: &[f64], rng: &mut impl Rng) -> Vec<f64> {
    expected.iter().map(|&mean| count(mean, rng)).collect()
}

/// One count; the normal limit is left to rand_distr.
pub fn count(mean: f64, rng: &mut impl Rng) -> f64 {
    Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(rng))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::rng_for;

    #[test]
    fn counts_have_mean_and_variance_of_their_expectation() {
        let mut rng = rng_for(3, "throw");
        for mean in [0.3, 7.0, 900.0] {
            let counts = throw(&[mean; 4000], &mut rng);
            let average = counts.iter().sum::<f64>() / 4000.0;
            let variance = counts.iter().map(|n| (n - average).powi(2)).sum::<f64>() / 4000.0;
            // Five standard deviations of either: sqrt(mean / 4000), and about mean sqrt((2 + 1 / mean) / 4000).
            assert!((average - mean).abs() < 5.0 * (mean / 4000.0).sqrt(), "{mean}: {average}");
            assert!((variance / mean - 1.0).abs() < 5.0 * ((2.0 + 1.0 / mean) / 4000.0).sqrt(), "{mean}: {variance}");
        }
        assert_eq!(throw(&[0.0, -1.0, f64::NAN], &mut rng), [0.0; 3]);
    }
}

//! Exact Poisson probabilities of a window with few events.
//!
//! In: observed count, expected background (and its uncertainty). Out: tail probabilities and z with p = 1 - Phi(z).

use statrs::function::erf::erfc_inv;
use statrs::function::gamma::gamma_lr;

/// P(N >= observed | expected).
pub fn p_value(observed: f64, expected: f64) -> f64 {
    let observed = observed.round();
    if observed <= 0.0 {
        return 1.0;
    }
    if expected <= 0.0 {
        return 0.0;
    }
    gamma_lr(observed, expected)
}

/// P(N >= observed) when the expectation is known with a relative uncertainty: the Poisson probability averaged over a
/// log-normal of mean `expected`, from 5 standard deviations in ln(expected) below to 12 above, where the rarest counts have
/// their chance from (physics.md section 6.6).
pub fn p_value_smeared(observed: f64, expected: f64, relative_uncertainty: f64) -> f64 {
    if relative_uncertainty <= 0.0 || expected <= 0.0 {
        return p_value(observed, expected);
    }
    let sigma = (1.0 + relative_uncertainty * relative_uncertainty).ln().sqrt();
    let (mut sum, mut norm) = (0.0, 0.0);
    for step in -40..=96 {
        let x = f64::from(step) / 8.0;
        let weight = (-0.5 * x * x).exp();
        sum += weight * p_value(observed, expected * (x * sigma - 0.5 * sigma * sigma).exp());
        norm += weight;
    }
    sum / norm
}

/// z with 1 - Phi(z) = p, kept within +-38 (the reach of float64).
pub fn z_of_p(p: f64) -> f64 {
    if p >= 1.0 {
        return -38.0;
    }
    if p <= 1e-300 {
        return 38.0;
    }
    (erfc_inv(2.0 * p) * std::f64::consts::SQRT_2).clamp(-38.0, 38.0)
}

/// 1 - Phi(z).
pub fn p_of_z(z: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Median significance of `signal` events over `background` in one bin: sqrt(2 [(s + b) ln(1 + s/b) - s]).
pub fn asimov_z(signal: f64, background: f64) -> f64 {
    let b = background.max(super::likelihood::BACKGROUND_FLOOR);
    (2.0 * ((signal + b) * (signal / b).ln_1p() - signal)).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_match_direct_sums() {
        // P(N >= 3 | 1) = 1 - e^-1 (1 + 1 + 1/2)
        assert!((p_value(3.0, 1.0) - (1.0 - (-1.0f64).exp() * 2.5)).abs() < 1e-12);
        assert_eq!(p_value(0.0, 2.0), 1.0);
    }

    #[test]
    fn z_and_p_are_inverse() {
        for z in [-2.0, 0.0, 1.0, 3.0, 5.0, 8.0] {
            assert!((z_of_p(p_of_z(z)) - z).abs() < 1e-6, "{z}");
        }
    }

    #[test]
    fn asimov_z_is_the_inverse_of_the_strength() {
        for (b, z) in [(0.5, 2.0), (10.0, 3.0), (1000.0, 5.0)] {
            let strength = super::super::asimov_strength(&[b], &[1.0], z);
            assert!((asimov_z(strength, b) - z).abs() < 1e-6);
        }
    }

    #[test]
    fn uncertain_background_makes_an_excess_less_significant() {
        assert!(p_value_smeared(20.0, 8.0, 0.3) > p_value(20.0, 8.0));
        assert!((p_value_smeared(20.0, 8.0, 1e-6) - p_value(20.0, 8.0)).abs() < 1e-6);
    }
}

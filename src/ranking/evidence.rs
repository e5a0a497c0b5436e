//! Combining independent probabilities, in logarithms so that very small ones keep their order.

use crate::significance::poisson::{p_of_z, z_of_p};

/// Fisher's combination of independent p-values: ln of the chance that their product is as small as this.
///
/// With x = -sum ln p and k values: P = e^-x sum_{i<k} x^i / i! (chi-square with 2k degrees of freedom).
pub fn fisher_ln_p(ln_p: &[f64]) -> f64 {
    let x: f64 = -ln_p.iter().map(|p| p.clamp(-5000.0, 0.0)).sum::<f64>();
    let mut term = 1.0;
    let mut sum = 0.0;
    for i in 0..ln_p.len() {
        if i > 0 {
            term *= x / i as f64;
        }
        sum += term;
    }
    if ln_p.is_empty() { 0.0 } else { (-x + f64::ln(sum)).min(0.0) }
}

/// z with 1 - Phi(z) = exp(ln_p), also where exp(ln_p) is below the reach of float64.
pub fn z_of_ln_p(ln_p: f64) -> f64 {
    if ln_p > -600.0 {
        return z_of_p(ln_p.exp());
    }
    // 1 - Phi(z) ~ exp(-z^2/2) / (z sqrt(2 pi)): solved by iteration.
    let mut z = (-2.0 * ln_p).sqrt();
    for _ in 0..20 {
        z = (-2.0 * (ln_p + (z * (2.0 * std::f64::consts::PI).sqrt()).ln())).max(1.0).sqrt();
    }
    z
}

/// ln(1 - Phi(z)) for any z.
pub fn ln_p_of_z(z: f64) -> f64 {
    if z < 35.0 { p_of_z(z).max(1e-300).ln() } else { -0.5 * z * z - (z * (2.0 * std::f64::consts::PI).sqrt()).ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_its_own_combination() {
        assert!((fisher_ln_p(&[0.03f64.ln()]) - 0.03f64.ln()).abs() < 1e-12);
        assert_eq!(fisher_ln_p(&[]), 0.0);
    }

    #[test]
    fn two_values_follow_the_closed_form() {
        // P(U1 U2 <= t) = t (1 - ln t)
        let t: f64 = 0.05 * 0.2;
        assert!((fisher_ln_p(&[0.05f64.ln(), 0.2f64.ln()]) - (t * (1.0 - t.ln())).ln()).abs() < 1e-12);
    }

    #[test]
    fn very_small_probabilities_keep_their_order() {
        let z: Vec<f64> = [-10.0, -100.0, -599.0, -601.0, -2000.0].map(z_of_ln_p).to_vec();
        assert!(z.windows(2).all(|w| w[0] < w[1]), "{z:?}");
        assert!((z[3] - z[2]).abs() < 0.1);
    }
}

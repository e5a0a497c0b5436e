//! Gaussian signals of a chosen significance.
//!
//! In: expected background per bin. Out: expected signal per bin, a Gaussian of `width` bins whose Asimov significance
//! over the known background is `z` (physics.md sections 6 and 7).

use crate::significance::asimov_strength;
use crate::significance::templates::{TEMPLATE_FLOOR, gaussian_integral};

/// Expected signal per bin: centre in units of bins (the middle of bin i is i + 0.5), bins of width 1.
pub fn signal(background: &[f64], centre: f64, width_bins: f64, z: f64) -> Vec<f64> {
    let mut shape: Vec<f64> = (0..background.len())
        .map(|bin| {
            let low = (bin as f64 - centre) / width_bins;
            let value = gaussian_integral(low, low + 1.0 / width_bins);
            if value < TEMPLATE_FLOOR { 0.0 } else { value }
        })
        .collect();
    let strength = asimov_strength(background, &shape, z);
    for value in &mut shape {
        *value *= strength;
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::significance::{Templates, z_per_bin};

    #[test]
    fn injected_5_sigma_signal_has_5_sigma_on_average() {
        let background: Vec<f64> = (0..60).map(|i| 1000.0 * (-0.08 * f64::from(i)).exp()).collect();
        let signal = signal(&background, 30.5, 2.0, 5.0);
        let asimov: Vec<f64> = background.iter().zip(&signal).map(|(b, s)| b + s).collect();
        let z = z_per_bin(&asimov, &background, &Templates::uniform(60, &[2.0])).expect("good input");
        assert!((z[30] - 5.0).abs() < 1e-6, "{}", z[30]);
    }
}

//! Gaussian signals of a chosen significance.
//!
//! In: expected background per bin. Out: expected signal per bin, a Gaussian of `width` bins whose Asimov significance
//! over the known background is `z`; [`Signal`]s of random place, width and significance (physics.md sections 6 and 7).

use std::ops::Range;

use rand::{Rng, RngExt};

use crate::significance::asimov_strength;
use crate::significance::templates::{TEMPLATE_FLOOR, gaussian_integral};

/// First bin, from 0, of a range that a signal may be centred on: an excess in the first two is no bump.
pub const FIRST_SIGNAL_BIN: usize = 2;

/// One signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal {
    /// Bin that it is centred on.
    pub bin: usize,
    /// Gaussian sigma in bins.
    pub width: f64,
    /// Asimov significance over the true background.
    pub z: f64,
}

impl Signal {
    /// A random one: any bin of `bins` from the third on (the last one of shorter ranges), any of `widths` (in bins), an
    /// Asimov significance uniform from 0 to `strongest`.
    pub fn draw(bins: Range<usize>, widths: &[f64], strongest: f64, rng: &mut impl Rng) -> Signal {
        let first = (bins.start + FIRST_SIGNAL_BIN).min(bins.end.saturating_sub(1));
        let bin = rng.random_range(first..bins.end.max(first + 1));
        let width = widths.get(rng.random_range(0..widths.len().max(1))).copied().unwrap_or(1.0);
        Signal { bin, width, z: rng.random_range(0.0..strongest) }
    }

    /// Adds what is expected of it over `background` to `expected`.
    pub fn add_to(&self, expected: &mut [f64], background: &[f64]) {
        let signal = signal(background, self.bin as f64 + 0.5, self.width, self.z);
        expected.iter_mut().zip(signal).for_each(|(total, more)| *total += more);
    }
}

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
    use crate::seeds::rng_for;
    use crate::significance::{Templates, z_per_bin};

    #[test]
    fn injected_5_sigma_signal_has_5_sigma_on_average() {
        let background: Vec<f64> = (0..60).map(|i| 1000.0 * (-0.08 * f64::from(i)).exp()).collect();
        let signal = signal(&background, 30.5, 2.0, 5.0);
        let asimov: Vec<f64> = background.iter().zip(&signal).map(|(b, s)| b + s).collect();
        let z = z_per_bin(&asimov, &background, &Templates::uniform(60, &[2.0])).expect("good input");
        assert!((z[30] - 5.0).abs() < 1e-6, "{}", z[30]);
    }

    #[test]
    fn signals_lie_on_the_third_bin_of_their_range_or_later() {
        let mut rng = rng_for(1, "signals");
        for bins in [0..60, 10..14, 5..6, 0..1] {
            let last = bins.end - 1;
            let first = (bins.start + 2).min(last);
            for _ in 0..200 {
                let signal = Signal::draw(bins.clone(), &[1.0, 3.0], 10.0, &mut rng);
                assert!((first..=last).contains(&signal.bin) && (0.0..10.0).contains(&signal.z), "{signal:?}");
                assert!(signal.width == 1.0 || signal.width == 3.0);
            }
        }
    }
}

//! Local maxima of z: where a spectrum stands above its predicted background.
//!
//! In: counts, z and background of the scanned bins. Out: at most `max_per_spectrum` candidates with a window. Rules of
//! physics.md section 10: z of at least `z_min`, two candidates separated by a bin below half of the lower one, at least
//! `min_window_events` events in the window.

use std::ops::Range;

use crate::campaign::RankingOptions;
use crate::znet::ZCurve;

/// FWHM of the z curve of a Gaussian of one bin: matched filter and signal have the same width k, so z falls as
/// exp(-d^2 / 4k^2) with the distance d, and is at half of its height at d = 1.665 k on each side.
const FWHM_PER_WIDTH: f64 = 3.33;
/// The window reaches this many signal widths to each side: near the best S/sqrt(B) of a Gaussian, 1.4.
const WINDOW_REACH: f64 = 1.5;

/// One local maximum. Bins count from the first scanned bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Bin with the largest z.
    pub peak: usize,
    /// Bins of the window.
    pub window: Range<usize>,
    /// Width of the excess as a Gaussian sigma, in bins.
    pub sigma_bins: f64,
    /// z at the peak.
    pub z: f64,
    /// Events in the window.
    pub observed: f64,
    /// Background in the window.
    pub expected: f64,
}

/// Candidates of one spectrum, the largest z first.
pub fn candidates(counts: &[f64], curve: &ZCurve, options: &RankingOptions) -> Vec<Candidate> {
    let bins = counts.len().min(curve.z.len()).min(curve.background.len());
    let z = &curve.z[..bins];
    let mut order: Vec<usize> = (0..bins).filter(|&bin| z[bin] >= options.z_min).collect();
    order.sort_by(|&a, &b| z[b].total_cmp(&z[a]).then(a.cmp(&b)));
    let mut found: Vec<Candidate> = Vec::new();
    let mut taken: Vec<usize> = Vec::new();
    for peak in order {
        if found.len() >= options.max_per_spectrum {
            break;
        }
        let separated = taken.iter().all(|&other| {
            let between = peak.min(other)..peak.max(other);
            z[between].iter().any(|&value| value < 0.5 * z[peak])
        });
        if !separated {
            continue;
        }
        taken.push(peak);
        let sigma_bins = width_at_half(z, peak) / FWHM_PER_WIDTH;
        let half = ((WINDOW_REACH * sigma_bins).round() as usize).max(1);
        let window = peak.saturating_sub(half)..(peak + half + 1).min(bins);
        let observed: f64 = counts[window.clone()].iter().sum();
        let expected: f64 = curve.background[window.clone()].iter().sum();
        if observed >= options.min_window_events {
            found.push(Candidate { peak, window, sigma_bins, z: z[peak], observed, expected });
        }
    }
    found
}

/// Full width at half maximum of z around `peak`, in bins, with the crossing interpolated.
fn width_at_half(z: &[f64], peak: usize) -> f64 {
    let half = 0.5 * z[peak];
    let crossing = |inside: f64, outside: f64| ((inside - half) / (inside - outside).max(1e-9)).clamp(0.0, 1.0);
    let mut right = 0.0;
    for bin in peak + 1..=z.len() {
        match z.get(bin) {
            Some(&value) if value >= half => right += 1.0,
            Some(&value) => {
                right += crossing(z[bin - 1], value);
                break;
            }
            None => right += 0.5,
        }
    }
    let mut left = 0.0;
    for bin in (0..peak).rev() {
        if z[bin] >= half {
            left += 1.0;
        } else {
            left += crossing(z[bin + 1], z[bin]);
            break;
        }
    }
    if z[..peak].iter().all(|&value| value >= half) {
        left += 0.5;
    }
    left + right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(z: &[f64]) -> (Vec<f64>, ZCurve) {
        let counts = vec![10.0; z.len()];
        (counts.clone(), ZCurve { z: z.to_vec(), background: counts })
    }

    #[test]
    fn peaks_without_a_valley_between_them_are_one_candidate() {
        let (counts, curve) = curve(&[0.0, 1.0, 4.0, 3.0, 3.9, 1.0, 0.0, 0.0, 2.5, 0.0]);
        let found = candidates(&counts, &curve, &RankingOptions::default());
        assert_eq!(found.iter().map(|c| c.peak).collect::<Vec<_>>(), [2, 8]);
    }

    #[test]
    fn windows_with_fewer_than_three_events_are_no_candidates() {
        let (_, curve) = curve(&[0.0, 0.0, 4.0, 0.0, 0.0]);
        assert!(candidates(&[0.0, 0.0, 1.0, 1.0, 0.0], &curve, &RankingOptions::default()).is_empty());
    }

    #[test]
    fn width_of_a_gaussian_z_curve_is_recovered() {
        for sigma in [1.0, 2.0, 4.0] {
            let z: Vec<f64> =
                (0..61).map(|i| 6.0 * (-(f64::from(i) - 30.0).powi(2) / (4.0 * sigma * sigma)).exp()).collect();
            let (counts, curve) = curve(&z);
            let found = candidates(&counts, &curve, &RankingOptions::default());
            assert!((found[0].sigma_bins / sigma - 1.0).abs() < 0.1, "{} for {sigma}", found[0].sigma_bins);
        }
    }
}

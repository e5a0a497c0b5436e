//! The z of a candidate that other estimates bear out.
//!
//! In: counts of a spectrum, a candidate in it. Out: the smallest of three estimates of one z: the network's, the likelihood
//! ratio of the counts against the network's own background, and a side-band fit around the bump.

use super::candidates::Candidate;
use crate::significance::sideband_z;

/// Bins on each side of the peak in which the estimates may find it.
const REACH: usize = 1;

/// Backed z of a candidate; `by_background` as [`crate::scan::backed::backed_by_background`] gives it.
pub fn backed_z(counts: &[f64], by_background: &[f64], candidate: &Candidate) -> f64 {
    let near = candidate.peak.saturating_sub(REACH)..(candidate.peak + REACH + 1).min(by_background.len());
    near.map(|bin| by_background[bin].min(sideband_z(counts, bin, candidate.sigma_bins)))
        .fold(f64::NEG_INFINITY, f64::max)
        .min(candidate.z)
}

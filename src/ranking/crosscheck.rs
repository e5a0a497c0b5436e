//! Estimates of one z that do not trust the network alone.
//!
//! In: counts and curve of a spectrum, a candidate in it. Out: the z that is *backed*: the smallest of the network's z, the
//! likelihood ratio of the counts against the network's own background, and a side-band fit around the bump. The three
//! are estimates of one number; on structure that is no bump they part. How often background alone has such a backed z is
//! found like p_spectrum, on simulated background-only spectra ([`super::calibrate`]).

use super::candidates::Candidate;
use crate::significance::{Templates, sideband_z, z_mixed_into};
use crate::znet::ZCurve;

/// Widths of the network's target, in bins.
pub const SIGNAL_WIDTHS: [f64; 4] = [1.0, 2.0, 3.0, 4.0];
/// Bins on each side of the peak in which the estimates may find it.
const REACH: usize = 1;

/// The smaller of the network's z and the likelihood ratio against the network's background, per bin. `templates`: of so
/// many equal bins with [`SIGNAL_WIDTHS`].
pub fn backed_by_background(counts: &[f64], curve: &ZCurve, templates: &Templates) -> Vec<f64> {
    let mut z = vec![0.0; counts.len()];
    z_mixed_into(counts, &curve.background, templates, &mut z);
    z.iter().zip(&curve.z).map(|(against_background, network)| against_background.min(*network)).collect()
}

/// Backed z of a candidate; `by_background` as [`backed_by_background`] gives it.
pub fn backed_z(counts: &[f64], by_background: &[f64], candidate: &Candidate) -> f64 {
    let near = candidate.peak.saturating_sub(REACH)..(candidate.peak + REACH + 1).min(by_background.len());
    near.map(|bin| by_background[bin].min(sideband_z(counts, bin, candidate.sigma_bins)))
        .fold(f64::NEG_INFINITY, f64::max)
        .min(candidate.z)
}

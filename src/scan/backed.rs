//! Estimates of one z that do not trust the network alone.
//!
//! In: counts and curve of a spectrum, a candidate in it. Out: the z that is *backed*: the smallest of the network's z, the
//! likelihood ratio of the counts against the network's own background, and a side-band fit around the bump. The three
//! are estimates of one number; on structure that is no bump they part. How often background alone has such a backed z is
//! found like p_spectrum, on simulated background-only spectra (`training/calibrate.rs`).

use super::ZCurve;
use crate::significance::{Templates, z_mixed_into};

/// The smaller of the network's z and the likelihood ratio against the network's background, per bin. `templates`: of so
/// many equal bins with [`crate::significance::SIGNAL_WIDTHS`].
pub fn backed_by_background(counts: &[f64], curve: &ZCurve, templates: &Templates) -> Vec<f64> {
    let mut z = vec![0.0; counts.len()];
    z_mixed_into(counts, &curve.background, templates, &mut z);
    z.iter().zip(&curve.z).map(|(against_background, network)| against_background.min(*network)).collect()
}

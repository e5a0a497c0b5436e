//! Pairs of true and found Zmax of one method, and what is made of them.
//!
//! In: judged spectra. Out: pairs; mean differences, areas under ROC curves and efficiencies from them. Units: z.

use super::statistics::{auc, mean, part, threshold};
use crate::evaluation::sample::judge::{JudgedSpectrum, Method};

/// One spectrum, target and what a method found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZmaxPair {
    /// Zmax of the target.
    pub target: f64,
    /// Zmax of the method.
    pub found: f64,
    /// A signal was put in.
    pub has_signal: bool,
}

/// Pairs of one method.
pub fn pairs(judged: &[JudgedSpectrum], method: Method) -> Vec<ZmaxPair> {
    judged
        .iter()
        .filter_map(|one| Some(ZmaxPair { target: one.target(), found: one.by(method)?, has_signal: one.has_signal }))
        .collect()
}

/// Pairs whose score is -ln p_spectrum in place of Zmax.
pub fn pairs_by_p_spectrum(judged: &[JudgedSpectrum]) -> Vec<ZmaxPair> {
    let score = |one: &JudgedSpectrum| -one.p_spectrum.max(f64::MIN_POSITIVE).ln();
    judged.iter().map(|one| ZmaxPair { target: one.target(), found: score(one), has_signal: one.has_signal }).collect()
}

/// Found minus target.
pub fn differences(pairs: &[ZmaxPair]) -> Vec<f64> {
    pairs.iter().map(|pair| pair.found - pair.target).collect()
}

/// Mean of found minus target where the target lies in a range.
pub fn mean_between(pairs: &[ZmaxPair], range: std::ops::Range<f64>) -> Option<f64> {
    let inside: Vec<ZmaxPair> = pairs.iter().copied().filter(|pair| range.contains(&pair.target)).collect();
    mean(&differences(&inside))
}

/// What was found in spectra with, or without, a signal; in all if None.
pub fn found(pairs: &[ZmaxPair], has_signal: impl Into<Option<bool>>) -> Vec<f64> {
    let wanted = has_signal.into();
    pairs.iter().filter(|pair| wanted.is_none_or(|w| pair.has_signal == w)).map(|pair| pair.found).collect()
}

/// Area under the ROC curve of injected against not injected.
pub fn auc_of(pairs: &[ZmaxPair]) -> Option<f64> {
    auc(&found(pairs, true), &found(pairs, false))
}

/// Part of the injected spectra with a target in `range` that exceed the threshold which `rate` of the others exceed.
pub fn efficiency(pairs: &[ZmaxPair], range: std::ops::Range<f64>, rate: f64) -> Option<f64> {
    let cut = threshold(&found(pairs, false), rate)?;
    let wanted: Vec<f64> =
        pairs.iter().filter(|p| p.has_signal && range.contains(&p.target)).map(|p| p.found).collect();
    part(&wanted, |z| z > cut)
}

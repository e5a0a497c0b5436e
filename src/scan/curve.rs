//! What a scan says about one spectrum, bin by bin.
//!
//! In: what a method found. Out: [`ZCurve`]; z in standard deviations, background in events per bin.

use super::calibration::{Calibrations, Conditions, Probability, SpectrumKind};
use super::intervals::Intervals;
use crate::shape_average::library::N_KINDS;

/// What the network says about one spectrum. Same length as the counts that went in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ZCurve {
    /// Signed significance per bin.
    pub z: Vec<f64>,
    /// Expected background per bin (auxiliary output).
    pub background: Vec<f64>,
    /// Standard deviation of z, per bin: how far the target (z over the true background) lies from z. Empty if the network
    /// has no such output.
    pub z_error: Vec<f64>,
    /// Standard deviation of ln(background), per bin. Empty if the network has no such output.
    pub background_error: Vec<f64>,
    /// Where z over the true background lies, per bin. Empty if the network has no uncertainties.
    pub z_intervals: Vec<Intervals>,
    /// Where the true background lies, per bin. Empty if the network has no uncertainties.
    pub background_intervals: Vec<Intervals>,
    /// Probability of each kind of background shape; zeros if the network asks no shapes.
    pub kinds: [f64; N_KINDS],
}

impl ZCurve {
    /// Standard deviation of z in a bin; 0 if the network has none.
    pub fn error_at(&self, bin: usize) -> f64 {
        self.z_error.get(bin).copied().unwrap_or(0.0)
    }

    /// What the chance of z in a bin depends on.
    pub fn conditions(&self, bin: usize) -> Conditions {
        let likeliest = |best: usize, kind: usize| if self.kinds[kind] > self.kinds[best] { kind } else { best };
        Conditions { bins: self.z.len(), error: self.error_at(bin), kind: (0..N_KINDS).fold(0, likeliest) }
    }

    /// The bin that background alone makes least likely, and z there: the most significant one
    /// ([`Conditions::significance`]). `None` for an empty curve.
    pub fn most_significant(&self) -> Option<(usize, f64)> {
        let significance = |(bin, z): &(usize, f64)| self.conditions(*bin).significance(*z);
        let all = self.z.iter().copied().enumerate();
        all.reduce(|best, next| if significance(&next) > significance(&best) { next } else { best })
    }

    /// Chance that background alone is as significant anywhere in a spectrum like this.
    pub fn p_spectrum(&self, calibrations: &Calibrations, kind: SpectrumKind) -> Probability {
        let (bin, z) = self.most_significant().unwrap_or((0, 0.0));
        calibrations.of(kind).network.p_value(z, self.conditions(bin))
    }

    /// z, background and their errors are numbers.
    pub fn is_finite(&self) -> bool {
        [&self.z, &self.background, &self.z_error, &self.background_error].into_iter().flatten().all(|x| x.is_finite())
    }

    /// Where the background summed over a window lies with 68 % probability. Neighbouring bins are off alike (one smooth
    /// background), so the ends of all bins are added.
    pub fn background_interval(&self, window: std::ops::Range<usize>) -> Option<[f64; 2]> {
        let bins = self.background_intervals.get(window)?;
        let sum = |end: usize| bins.iter().map(|intervals| intervals.central68[end]).sum();
        Some([sum(0), sum(1)])
    }

    /// Largest z and its bin; `None` for an empty curve.
    pub fn zmax(&self) -> Option<(usize, f64)> {
        self.z.iter().copied().enumerate().fold(None, |best, (bin, z)| match best {
            Some((_, height)) if height >= z => best,
            _ => Some((bin, z)),
        })
    }
}

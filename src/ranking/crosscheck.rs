//! Estimates of one z that do not trust the network alone.
//!
//! In: counts and curve of a spectrum, a candidate in it. Out: the z that is *backed*: the smallest of the network's z, the
//! likelihood ratio of the counts against the network's own background, and a side-band fit around the bump. The three
//! are estimates of one number; on structure that is no bump they part. How often background alone has such a backed z is
//! found like p_spectrum, on simulated background-only spectra ([`calibrate`]).

use rand::RngExt;
use rayon::prelude::*;

use super::candidates::{Candidate, WIDTHS, candidates};
use crate::campaign::RankingOptions;
use crate::seeds::rng_for;
use crate::significance::{Templates, sideband_z, z_mixed_into};
use crate::training::spectra::{Recipe, draw};
use crate::znet::calibration::{Calibration, N_CLASSES, class_of};
use crate::znet::{SpectrumPredictor, ZCurve};

/// Widths of the network's target, in bins.
pub const SIGNAL_WIDTHS: [f64; 4] = [1.0, 2.0, 3.0, 4.0];
/// Bins on each side of the peak in which the estimates may find it.
const REACH: usize = 1;
/// Lengths of the toys.
const TOY_BINS: std::ops::RangeInclusive<usize> = 30..=110;

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

/// Tables of the largest backed z in background-only spectra, from `toys` of them.
pub fn calibrate(predictor: &dyn SpectrumPredictor, toys: usize, seed: u64) -> Result<Calibration, String> {
    let recipe = Recipe::null();
    let spectra: Vec<Vec<f64>> = (0..toys)
        .into_par_iter()
        .map(|i| {
            let mut rng = rng_for(seed, &format!("crosscheck/{i}"));
            let bins = rng.random_range(TOY_BINS);
            draw(bins, &recipe, &mut rng).0
        })
        .collect();
    let views: Vec<&[f64]> = spectra.iter().map(Vec::as_slice).collect();
    let curves = predictor.curves(&views)?;
    let by_length: Vec<[Templates; 2]> = (0..=*TOY_BINS.end())
        .into_par_iter()
        .map(|bins| [Templates::uniform(bins, &SIGNAL_WIDTHS), Templates::uniform(bins, &WIDTHS)])
        .collect();
    let largest: Vec<Option<(usize, f64)>> = views
        .par_iter()
        .zip(curves)
        .map(|(counts, curve)| {
            let [signal, widths] = by_length.get(counts.len())?;
            let by_background = backed_by_background(counts, &curve, signal);
            let zmax = candidates(counts, &curve, widths, &RankingOptions::default())
                .iter()
                .map(|candidate| backed_z(counts, &by_background, candidate))
                .fold(0.0, f64::max);
            Some((class_of(counts)?, zmax))
        })
        .collect();
    let mut per_class = vec![Vec::new(); N_CLASSES];
    for (class, zmax) in largest.into_iter().flatten() {
        per_class[class].push(zmax);
    }
    Ok(Calibration::from_toys(per_class))
}

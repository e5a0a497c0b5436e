//! What a network is shown of a [`ShapeAverage`].
//!
//! In: counts and their average over shapes. Out: `channels x bins` numbers of order one (squashed z, logarithms, parts).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::library::KnownShapes;
use super::{Library, ShapeAverage};

/// z beyond this is squashed.
const REACH: f64 = 15.0;
/// Probabilities below this are not told apart.
const LEAST_ODDS: f64 = 1e-6;

/// Channels for signals of `widths` widths: z, fitted z, root of the information, ln odds and strength of each; the background and
/// the counts' distance from it; and numbers of the whole spectrum.
pub fn channels(widths: usize) -> usize {
    5 * widths + WHOLE + 2
}

/// Numbers of the whole spectrum.
pub const WHOLE: usize = 5;

/// Channel of the first z, of the first fitted z, of the first strength, of ln(background).
pub fn places(widths: usize) -> [usize; 4] {
    [0, widths, 4 * widths, 5 * widths]
}

impl ShapeAverage {
    /// Appends `channels x bins` values: z and fitted z (squashed at 15), sqrt(information), ln(odds) / 5, expected strength, ln(background),
    /// (n - b) / sqrt(b) (squashed), then of the whole spectrum ln(odds of a signal) / 5, a third of the expected strength of all signals, the
    /// probabilities of functions, of dilepton shapes and of deviations.
    pub fn features_into(&self, counts: &[f64], features: &mut Vec<f32>) {
        let squash = |z: f64| (REACH * (z / REACH).tanh()) as f32;
        features.extend(self.z.iter().map(|z| squash(*z)));
        features.extend(self.fitted_z.iter().map(|z| squash(*z)));
        features.extend(self.information.iter().map(|part| part.max(0.0).sqrt() as f32));
        features.extend(self.odds.iter().map(|odds| ((odds + LEAST_ODDS).ln() * 0.2) as f32));
        features.extend(self.strength.iter().map(|strength| squash(*strength)));
        features.extend(self.background.iter().map(|b| b.ln() as f32));
        features.extend(counts.iter().zip(&self.background).map(|(n, b)| squash((n - b) / b.max(0.3).sqrt())));
        let ln_odds = ((1.0 - self.no_signal + LEAST_ODDS) / (self.no_signal + LEAST_ODDS)).ln();
        let strength: f64 = self.strength.iter().sum();
        let [functions, dileptons, ..] = self.kinds;
        for whole in [0.2 * ln_odds, f64::from(squash(strength)) / 3.0, functions, dileptons, self.deviating] {
            features.extend(std::iter::repeat_n(whole as f32, counts.len()));
        }
    }
}

/// Libraries by number of bins, made when first needed.
#[derive(Debug)]
pub struct Libraries {
    widths: Vec<f64>,
    known: KnownShapes,
    made: Mutex<HashMap<usize, Arc<Library>>>,
}

impl Libraries {
    /// For signals of these widths, in bins.
    pub fn new(widths: &[f64], known: KnownShapes) -> Libraries {
        Libraries { widths: widths.to_vec(), known, made: Mutex::default() }
    }

    /// The library for spectra of `bins` bins.
    pub fn get(&self, bins: usize) -> Arc<Library> {
        let locked = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = locked().get(&bins).cloned();
        known.unwrap_or_else(|| {
            // Made without the lock: others may need another length; the same one made twice is the same.
            let library = Arc::new(Library::new(bins, &self.widths, self.known));
            locked().insert(bins, library.clone());
            library
        })
    }
}

//! What any method of scanning gives: z and background per bin, how often background alone does as much, what lies where.
//!
//! [`book`] (book -> trimmed spectra -> curves); [`curve`]: z and background per bin;
//! [`calibration`]: p_spectrum from background-only spectra; [`intervals`] and [`shift`] of a z. A method is a [`Scanner`];
//! the network is one, and knows libtorch elsewhere.

pub mod book;
pub mod calibration;
pub mod curve;
pub mod intervals;
mod options;
pub mod shift;

pub use book::{Scan, Scanned, scan};
pub use curve::ZCurve;
pub use options::ScanOptions;

use crate::progress::Progress;
use calibration::Calibrations;

/// A number as cards hold it: four digits behind the point.
pub fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Something that turns counts into curves: the network, or a stand-in in tests. Keeps later stages free of libtorch.
pub trait Scanner {
    /// One curve per spectrum, in the same order and of the same length.
    fn curves(&self, spectra: &[&[f64]], progress: &dyn Progress) -> Result<Vec<ZCurve>, String>;
    /// How often background alone gives such a Zmax.
    fn calibrations(&self) -> &Calibrations;
}

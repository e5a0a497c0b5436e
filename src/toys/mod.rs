//! Spectra of which everything is known: for training, tests, calibration tables and the library of prior shapes.
//!
//! In: a number of bins, a recipe, a random stream. Out: counts, true background, target. [`shapes`] and [`simulation`] (smooth
//! backgrounds) -> [`injection`] (a Gaussian of known significance) -> [`spectra`] ([`throw()`]n, trimmed like data, with their target).

pub mod injection;
pub mod shapes;
pub mod simulation;
pub mod spectra;
mod throw;

pub use throw::{count, throw};

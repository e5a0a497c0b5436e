//! From shapes to a trained network: labelled spectra without end, the training loop, the evaluation.
//!
//! [`shapes`] and [`simulation`] (smooth backgrounds) -> [`injection`] (a Gaussian of known significance) -> [`spectra`] (Poisson counts,
//! trimmed like data, with their target) -> [`fit`] (the loop) -> [`evaluate`] (figures of merit). The first
//! three know no libtorch.

#[cfg(feature = "torch")]
pub mod adam;
#[cfg(feature = "torch")]
pub mod evaluate;
#[cfg(feature = "torch")]
pub mod fit;
pub mod injection;
pub mod shapes;
pub mod simulation;
pub mod spectra;

//! From shapes to a trained network: labelled spectra without end, the training loop.
//!
//! [`shapes`] and [`simulation`] (smooth backgrounds) -> [`injection`] (a Gaussian of known significance) -> [`spectra`] (Poisson counts,
//! trimmed like data, with their target) -> [`fit`] (the loop). All but the
//! last know no libtorch; figures of merit are in [`crate::evaluation`].

#[cfg(feature = "torch")]
pub mod adam;
#[cfg(feature = "torch")]
pub mod fit;
pub mod injection;
pub mod shapes;
pub mod simulation;
pub mod spectra;

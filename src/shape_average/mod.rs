//! A background without a fit of one function: the mean over all shapes of the prior, weighted by how well each
//! describes the counts with and without a signal (Bayesian model averaging).
//!
//! In: counts. Out: [`ShapeAverage`]: the expected background, and per bin what the shapes say about a signal there.
//! [`library`] holds the shapes (functions and dilepton shapes as `clusters`), [`posterior`] weighs them: `round` does the linear
//! algebra, `screening` finds the pairs of shape and signal that matter, `strength` integrates those. [`features`] is what a
//! network is shown.

mod clusters;
pub mod features;
pub mod library;
pub mod posterior;
mod round;
mod screening;
mod strength;

pub use features::Libraries;
pub use library::Library;
pub use posterior::ShapeAverage;

//! Test spectra, each with its truth and with what every method makes of it.
//!
//! In: what a sample is made of, a predictor. Out: Zmax of every spectrum by each method. [`spectra`] (drawn, with their truth)
//! -> [`family`] (a fit that knows the true family) -> [`judge`] (Zmax by the network and the references). Units: z.

pub mod family;
pub mod judge;
pub mod spectra;

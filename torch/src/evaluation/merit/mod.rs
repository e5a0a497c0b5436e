//! Figures of merit: numbers made of pairs of true and found Zmax.
//!
//! In: judged spectra. Out: numbers, None where there are too few spectra for one. [`statistics`] (means, quantiles, ROC curves)
//! -> [`pairs`] (the same of judged spectra) -> [`calibrated`] (is a predicted 5 a true 5?). Units: z.

pub mod calibrated;
pub mod pairs;
pub mod statistics;

//! The sets of test spectra that an evaluation is made of.
//!
//! In: a predictor, a number of spectra, a seed. Out: [`rows`] (one per width set and number of bins, as on a network's
//! card), [`hard_set`] (structure that is no resonance), [`coverage`] (of intervals), and [`samples`], all of an
//! evaluation. Units: z.

pub mod coverage;
pub mod hard_set;
pub mod rows;
pub mod samples;

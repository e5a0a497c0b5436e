//! How good is a network? The figures of the thesis (sec. 5.3 and 6), made again in one command, beside three
//! references.
//!
//! In: a predictor. Out: figures as tables and plots of Zmax(found) - Zmax(target), on spectra that no training has
//! seen. [`sample`] (test spectra with their truth; Zmax by the network, the target, the family fit and the `log_cubic`
//! side-band fits) -> [`merit`] (figures of merit) -> [`sets`] (all spectra of an evaluation; the nine rows on a
//! network's card; the hard set of structure that is no resonance) -> [`figures`] (one module per figure) -> [`output`]
//! (index.html, evaluate.csv, evaluate.json). Units: z throughout.

pub mod figures;
pub mod merit;
pub mod output;
pub mod sample;
pub mod sets;

mod run;
pub use run::{Evaluation, evaluate};

//! How good is a network? The figures of the thesis (sec. 5.3 and 6), made again in one command, beside three references.
//!
//! In: a predictor. Out: figures as tables and plots of Zmax(found) - Zmax(target), on spectra that no training has seen.
//! [`spectra`] (what is drawn, with its truth) -> [`judge`] (Zmax by the network, the target, the [`family`] fit and the
//! `log_cubic` side-band fits) -> [`samples`] (all spectra of an evaluation) -> [`figures`] (one module per figure) ->
//! [`page`] and [`files`] (index.html, evaluate.csv, evaluate.json). [`rows`] are the nine rows that stand on a network's card,
//! [`hard_set`] what it does with structure that is no resonance.
//! Units: z throughout.

pub mod calibrated;
pub mod coverage;
pub mod export;
pub mod family;
pub mod figure;
pub mod figures;
pub mod files;
pub mod hard_set;
pub mod judge;
pub mod page;
pub mod rows;
pub mod samples;
pub mod spectra;
pub mod statistics;

mod run;
pub use run::{Evaluation, evaluate};

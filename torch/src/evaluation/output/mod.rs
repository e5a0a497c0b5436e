//! What an evaluation leaves on disk.
//!
//! In: an [`Evaluation`](super::Evaluation). Out: [`files`] (`index.html`, `evaluate.csv`, `evaluate.json`), the first
//! of which is made by [`page`]; [`export`] writes test spectra for other programs.

pub mod export;
pub mod files;
pub mod page;

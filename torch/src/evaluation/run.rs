//! One evaluation: samples, figures, where they come from.

use serde::Serialize;

use super::figures;
use crate::evaluation::figures::figure::Figure;
use crate::evaluation::sets::samples::Samples;
use crate::znet::device;
use crate::znet::predict::Predictor;

/// Everything that an evaluation found; `evaluate.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Version of the program.
    pub version: &'static str,
    /// Commit it was built from.
    pub commit: &'static str,
    /// Name of the network.
    pub network: String,
    /// sha256 of its weights.
    pub weights_sha256: String,
    /// `cpu`, `cuda:0`.
    pub device: String,
    /// Spectra per row.
    pub spectra_per_row: usize,
    /// Seed of all spectra.
    pub seed: u64,
    /// Spectra in all.
    pub spectra: usize,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// All figures of judged samples.
pub fn evaluate(predictor: &Predictor, samples: &Samples, spectra_per_row: usize, seed: u64) -> Evaluation {
    Evaluation {
        version: bumphound::provenance::VERSION,
        commit: bumphound::provenance::COMMIT,
        network: predictor.model().card.name.clone(),
        weights_sha256: predictor.model().sha256().to_string(),
        device: device::name(predictor.device()),
        spectra_per_row,
        seed,
        spectra: samples.drawn,
        figures: figures::all(samples),
    }
}

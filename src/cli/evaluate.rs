//! `bumphound evaluate`: the thesis' figures for a network, beside three references on the same spectra.

use std::path::PathBuf;

use clap::Args;

use super::terminal::DeviceArg;

/// Evaluate a network on unseen spectra, beside the target, the family fit and side-band fits.
#[derive(Debug, Args)]
#[command(
    after_help = "Prints the nine reference rows. With --out all figures are made, from about 102 times --spectra spectra:
index.html (tables and plots), evaluate.csv (long form), evaluate.json.
Examples:
  bumphound evaluate --out out/evaluation
  bumphound evaluate runs/dmfmw/dmfmw.safetensors --spectra 6000"
)]
pub struct EvaluateArgs {
    /// Weights, with their card beside them (default: the built-in network).
    pub model: Option<PathBuf>,
    /// Folder for index.html, evaluate.csv and evaluate.json; without it only the reference rows are printed.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Test spectra per row.
    #[arg(long, default_value_t = 1500)]
    pub spectra: usize,
    /// Seed of the test spectra.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    pub device: DeviceArg,
    /// Number of threads; results do not depend on it.
    #[arg(long, default_value_t = super::default_threads(), value_parser = super::threads)]
    pub threads: usize,
    /// Write N test spectra of each mixed-width row, and N without signals, with Zmax by every method, for other programs (CSV).
    #[arg(long, num_args = 2, value_names = ["N", "FILE"])]
    pub write_spectra: Option<Vec<String>>,
}

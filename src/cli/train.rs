//! `bumphound train`: a network from a training plan.

use std::path::PathBuf;

use clap::Args;

use super::terminal::DeviceArg;

/// Train a network; writes checkpoints that resume, the weights and a card.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound train selections/training/dmfmw.yaml --out runs/dmfmw
  bumphound train selections/training/dmfmw.yaml --out runs/dmfmw --minutes 30   # go on later with the same command")]
pub struct TrainArgs {
    /// Training plan (YAML).
    pub plan: PathBuf,
    /// Folder for checkpoint.safetensors, NAME.safetensors and NAME.json.
    #[arg(long)]
    pub out: PathBuf,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    pub device: DeviceArg,
    /// Threads of libtorch and of the generator.
    #[arg(long, default_value_t = 1, value_parser = super::threads)]
    pub threads: usize,
    /// Stop after this many minutes, with a checkpoint.
    #[arg(long)]
    pub minutes: Option<f64>,
    /// Background-only spectra of each kind (masses, transverse masses) for the calibration tables.
    #[arg(long, default_value_t = 150_000)]
    pub calibration_toys: usize,
    /// Test spectra per row of the evaluation on the card.
    #[arg(long, default_value_t = 6000)]
    pub test_spectra: usize,
}

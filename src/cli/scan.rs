//! `bumphound scan`: the network over spectra that the user has.

use std::path::PathBuf;

use clap::Args;

use super::terminal::DeviceArg;

/// Run the network over spectra in a UHI JSON file.
#[derive(Debug, Args)]
#[command(after_help = "Writes spectrum,low_edge,high_edge,entries,background,z for every bin as given.
Examples:
  bumphound scan data-samples/spectra/published.json --out z.csv
  bumphound scan data-samples/spectra/published.json --out z.csv --trim   # from the maximum to the last entry only")]
pub struct ScanArgs {
    /// JSON object name -> UHI histogram (one variable or regular axis, counts).
    pub spectra: PathBuf,
    /// CSV file to write.
    #[arg(long)]
    pub out: PathBuf,
    /// Scan from the maximum to the last filled bin, as `run` does; other bins get no background and no z.
    #[arg(long)]
    pub trim: bool,
    /// Weights (with their card beside them); the embedded network if left out.
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    pub device: DeviceArg,
    /// Threads.
    #[arg(long, default_value_t = super::default_threads())]
    pub threads: usize,
}

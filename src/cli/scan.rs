//! `bumphound scan`: the network over the spectra of a run directory, or over spectra that the user has.

use std::path::PathBuf;

use clap::Args;

use super::terminal::DeviceArg;

/// Run the network over the spectra of a run directory, or of a UHI JSON file.
#[derive(Debug, Args)]
#[command(
    after_help = "Writes spectrum,low_edge,high_edge,entries,background,z: for a file every bin as given, for a run directory the
scanned bins of every scanned spectrum (spectrum: category and mass) to curves.csv in it.
Examples:
  bumphound scan out/quickstart
  bumphound scan data-samples/spectra/published.json --out z.csv
  bumphound scan data-samples/spectra/published.json --out z.csv --trim   # from the maximum to the last entry only"
)]
pub struct ScanArgs {
    /// Run directory; or JSON object name -> UHI histogram (one variable or regular axis, counts).
    #[arg(value_name = "DIR|SPECTRA.json")]
    pub spectra: PathBuf,
    /// CSV file to write (a run directory: curves.csv in it).
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Scan only from the maximum to the last filled bin, as `run` does; other bins get no background and no z (a run
    /// directory is always scanned like this).
    #[arg(long)]
    pub trim: bool,
    /// Weights, with their card beside them (default: the built-in network; for a run directory, its `scan.model`).
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    pub device: DeviceArg,
    /// Threads.
    #[arg(long, default_value_t = super::default_threads(), value_parser = super::threads)]
    pub threads: usize,
}

//! `bumphound validate`: the network on real spectra, beside what is known about them.

use std::path::PathBuf;

use clap::Args;

use super::terminal::DeviceArg;

/// Published spectra with known answers.
pub const PUBLISHED: &str = "data-samples/spectra/published.yaml";

/// Run the network on real spectra and compare with known backgrounds and expectations.
#[derive(Debug, Args)]
#[command(after_help = "A spectrum is a CSV file with a header and one row per bin: low_edge,high_edge,observed
and, where it is known, expected (or m_low,m_high,count,bkg; # starts a comment).
A list (YAML) says which part of each file is used and what is expected:
docs/guides/validate.md. Prints the table.
Examples:
  bumphound validate
  bumphound validate data-samples/spectra/atlas_Hyy_13TeV_36fb.csv --range-gev 110 150 --out out/hyy

Exit codes: 0 as expected, 1 something is not as expected, 2 could not run.")]
pub struct ValidateArgs {
    /// CSV files, or YAML lists of them.
    #[arg(default_value = PUBLISHED)]
    pub files: Vec<PathBuf>,
    /// Folder for index.html, validate.csv and validate.json.
    #[arg(long, default_value = "out/validate")]
    pub out: PathBuf,
    /// Only bins inside this range. This and the next two options are for CSV files; lists have keys for them.
    #[arg(long, num_args = 2, value_names = ["LOW", "HIGH"])]
    pub range_gev: Option<Vec<f64>>,
    /// Join this many neighbouring bins, so that a signal is 1 to 4 bins wide (sigma).
    #[arg(long, default_value_t = 1)]
    pub rebin: usize,
    /// Scan only from the maximum to the last entry, as `run` does.
    #[arg(long)]
    pub trim: bool,
    /// Toys to throw from each published background, and as many again with a signal (0: none).
    #[arg(long, default_value_t = 500)]
    pub toys: usize,
    /// Seed of the toys.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Weights, with their card beside them (default: the built-in network).
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    pub device: DeviceArg,
    /// Threads.
    #[arg(long, default_value_t = super::default_threads(), value_parser = super::threads)]
    pub threads: usize,
}

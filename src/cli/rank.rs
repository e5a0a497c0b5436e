//! `bumphound rank`: from a finished book to the report.

use std::path::PathBuf;

use clap::Args;

use super::terminal::DeviceArg;

/// Scan the book of a run directory, rank its bumps and write the report, without reading an event.
#[derive(Debug, Args)]
#[command(after_help = "Keys that act after the book can be changed: --set scan.*, ranking.*, report.*, name, about.
Rewrites bumps.csv, report.json and index.html; campaign.resolved.yaml records the changes.
Examples:
  bumphound rank out/quickstart
  bumphound rank out/quickstart --model models/dmf1w.safetensors --set ranking.z_min=3")]
pub struct RankArgs {
    /// Run directory, as `fill`, `merge` or `run` makes it.
    pub dir: PathBuf,
    /// Weights, with their card beside them (default: the campaign's `scan.model`).
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// Override a key of `scan`, `ranking` or `report`, e.g. --set ranking.z_min=3; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    pub device: DeviceArg,
    /// Number of threads; the result does not depend on it.
    #[arg(long, default_value_t = super::default_threads(), value_parser = super::threads)]
    pub threads: usize,
    /// Bumps in the terminal summary.
    #[arg(long, default_value_t = 10)]
    pub top: usize,
}

//! `bumphound run`: all of it, from files to the report.

use clap::Args;

use super::fill::EventLoopArgs;
use super::terminal::DeviceArg;

/// Fill, scan, rank and report: a campaign from files to index.html.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound run selections/quickstart.yaml --out out/quickstart
  bumphound run selections/quickstart.yaml --out out/other --set seed=7 --set inputs.5.events=80 --threads 1")]
pub struct RunArgs {
    /// Campaign, folder, threads.
    #[command(flatten)]
    pub events: EventLoopArgs,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    pub device: DeviceArg,
    /// Bumps in the terminal summary.
    #[arg(long, default_value_t = 10)]
    pub top: usize,
}

//! The command line: one file per subcommand; `terminal.rs` prints.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::provenance;

pub mod check;
pub mod doctor;
pub mod evaluate;
pub mod expected;
pub mod export;
pub mod fill;
pub mod inspect;
pub mod launch;
pub mod merge;
pub mod progress;
pub mod rank;
pub mod report;
pub mod run;
pub mod run_dir;
pub mod scan;
pub mod shapes;
pub mod significance;
pub mod skim;
pub mod terminal;
pub mod train;
pub mod validate;

use terminal::Failure;

/// Hunts unexpected resonances in collider ntuples: thousands of categories, every mass, no background fit.
#[derive(Debug, Parser)]
#[command(version = provenance::VERSION_AND_COMMIT, about)]
#[command(after_help = "Examples:
  bumphound run selections/quickstart.yaml --out out/quickstart
  bumphound check selections/quickstart.yaml

Exit codes: 0 done, 1 done but some input was skipped, 2 could not run.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "each command says what it does")]
pub enum Command {
    Run(run::RunArgs),
    Fill(fill::FillArgs),
    Rank(rank::RankArgs),
    Merge(merge::MergeArgs),
    Check(check::CheckArgs),
    Schema(check::SchemaArgs),
    Inspect(inspect::InspectArgs),
    Export(export::ExportArgs),
    Report(report::ReportArgs),
    Skim(skim::SkimArgs),
    Scan(scan::ScanArgs),
    Validate(validate::ValidateArgs),
    Significance(significance::SignificanceArgs),
    Shapes(shapes::ShapesArgs),
    Train(train::TrainArgs),
    Evaluate(evaluate::EvaluateArgs),
    Doctor(doctor::DoctorArgs),
}

/// A campaign on the command line.
#[derive(Debug, Args)]
pub struct CampaignArgs {
    /// Campaign (YAML); see selections/README.md.
    pub campaign: PathBuf,
    /// Override a key, e.g. --set scan.min_entries=50; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// All of it.
    Whole,
    /// Some input was skipped.
    WithSkippedInput,
    /// Something came out other than expected.
    NotAsExpected,
}

impl Done {
    /// Whole if nothing was skipped.
    pub fn unless_skipped(skipped: usize) -> Done {
        if skipped == 0 { Done::Whole } else { Done::WithSkippedInput }
    }
}

impl Cli {
    /// Runs the command; one that needs the network is handed over to the program that holds it.
    pub fn run(&self) -> Result<Done, Failure> {
        match &self.command {
            Command::Fill(args) => return fill::fill(args),
            Command::Merge(args) => return merge::run(args),
            Command::Check(args) => return check::check(args),
            Command::Schema(args) => check::schema(args)?,
            Command::Inspect(args) => inspect::inspect(args)?,
            Command::Export(args) => export::export(args)?,
            Command::Report(args) => report::report(args)?,
            Command::Skim(args) => return skim::skim(args),
            Command::Significance(args) => significance::significance(args)?,
            Command::Shapes(args) => shapes::shapes(args)?,
            Command::Doctor(args) => doctor::doctor(args)?,
            Command::Run(_) => return Err(launch::with_network("run")),
            Command::Rank(_) => return Err(launch::with_network("rank")),
            Command::Scan(_) => return Err(launch::with_network("scan")),
            Command::Validate(_) => return Err(launch::with_network("validate")),
            Command::Train(_) => return Err(launch::with_network("train")),
            Command::Evaluate(_) => return Err(launch::with_network("evaluate")),
        }
        Ok(Done::Whole)
    }
}

/// Prints the error, if any; gives the exit code.
pub fn exit(result: Result<Done, Failure>) -> ExitCode {
    match result.and_then(|done| terminal::lost().map_or(Ok(done), Err)) {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::WithSkippedInput | Done::NotAsExpected) => ExitCode::from(1),
        Err(failure) => {
            terminal::note(&format!("error: {failure}"));
            ExitCode::from(2)
        }
    }
}

/// `--threads`: 0 stands for all cores. More threads than cores gain nothing, and thousands stall the machine.
pub fn threads(text: &str) -> Result<usize, String> {
    let most = default_threads().max(256);
    match text.parse::<usize>() {
        Ok(0) => Ok(default_threads()),
        Ok(threads) if threads <= most => Ok(threads),
        Ok(_) => Err(format!("at most {most}; this machine has {} cores", default_threads())),
        Err(error) => Err(error.to_string()),
    }
}

/// Threads of this machine.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

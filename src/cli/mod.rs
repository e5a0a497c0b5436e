//! The command line: one file per subcommand; `terminal.rs` prints.

use std::io::ErrorKind;
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

/// Files that may be open at a time, if the system lets a process ask for so many.
const FILES_WANTED: u64 = 4096;

/// The arguments of this process; help, version and mistakes are printed, and their exit code comes back.
pub fn parse() -> Result<Cli, ExitCode> {
    // Campaigns of thousands of files keep some hundred open; where the system allows no more, fewer are kept.
    let _ = rlimit::increase_nofile_limit(FILES_WANTED);
    Cli::try_parse().map_err(|answer| {
        let lost = answer.print().is_err_and(|error| error.kind() != ErrorKind::BrokenPipe);
        let done = !lost && terminal::all_arrived().is_ok() && answer.exit_code() == 0;
        if done { ExitCode::SUCCESS } else { ExitCode::from(2) }
    })
}

/// Prints the error, if any; gives the exit code.
pub fn exit(result: Result<Done, Failure>) -> ExitCode {
    match result.and_then(|done| terminal::all_arrived().map(|()| done)) {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::WithSkippedInput | Done::NotAsExpected) => ExitCode::from(1),
        Err(failure) => {
            terminal::note(&format!("error: {failure}"));
            ExitCode::from(2)
        }
    }
}

/// Threads of this machine.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// On machines with few cores so many are let through: they do no harm, and results are compared with them.
const THREADS_OF_ANY: usize = 8;

/// Reads a number that a machine can work off: at most MOST.
pub fn up_to<const MOST: usize>(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(number) if number <= MOST => Ok(number),
        Ok(_) => Err(format!("more than {MOST}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Reads `--threads`; more than the machine has use for are not started.
pub fn threads(text: &str) -> Result<usize, String> {
    let asked: u64 = text.parse().map_err(|_| format!("`{text}` is not a number of threads"))?;
    let (cores, most) = (default_threads(), default_threads().max(THREADS_OF_ANY));
    if asked == 0 {
        return Err("at least 1 thread is needed".to_string());
    }
    if asked <= most as u64 {
        return Ok(asked as usize);
    }
    if !launch::is_handed_over() {
        terminal::note(&format!("--threads {asked}: {most} are used, this machine has {cores}"));
    }
    Ok(most)
}

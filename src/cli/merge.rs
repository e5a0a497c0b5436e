//! `bumphound merge`: books that were filled apart, to one.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use crate::fill::merge::merge;
use crate::fill::{FilledRun, RunError};

use super::Done;
use super::fill::{events_read, what_is_in, what_was_lost};
use super::run_dir::{Guard, RunDir};
use super::terminal::{Failure, note};

/// Join the books of several run directories of one campaign that were filled from different inputs.
#[derive(Debug, Args)]
#[command(
    after_help = "The campaigns may differ in `inputs`, and in keys that act after the book: scan, ranking, report, name, about.
Refused: a file that is in two of them, and a sample in two of them that is scaled to a cross section or cut to a number of
events. The result is the same, byte for byte, in any order of the folders.
Examples:
  bumphound merge out/monday out/tuesday --out out/both
  bumphound merge out/shard-* --out out/all && bumphound rank out/all"
)]
pub struct MergeArgs {
    /// Run directories.
    #[arg(required = true, num_args = 1..)]
    dirs: Vec<PathBuf>,
    /// Run directory to write.
    #[arg(long)]
    out: PathBuf,
    /// Replace files in the run directory that bumphound did not make.
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub fn run(args: &MergeArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    if args.dirs.iter().any(|dir| is_same(dir, &args.out)) {
        return Err(Failure::new(format!(
            "{} is one of the books to be joined\nhint: give --out another name",
            args.out.display()
        )));
    }
    let parts = args.dirs.iter().map(|dir| FilledRun::read(dir, &[])).collect::<Result<Vec<FilledRun>, RunError>>()?;
    let all = merge(parts, &args.out)?;
    let dir = RunDir::create(&args.out, &all.campaign, Guard { force: args.force, ..Guard::default() })?;
    all.write(dir.part())?;
    let summary = what_is_in(&all, &dir);
    dir.finish("merge", 1, start.elapsed().as_secs_f64(), events_read(&all.record))?;
    if let Some(lost) = what_was_lost(&all.record.skipped) {
        note(&format!("warning: {lost}"));
    }
    note(&summary);
    note(&format!("go on with `bumphound rank {}`", args.out.display()));
    Ok(Done::unless_skipped(all.record.skipped.len()))
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

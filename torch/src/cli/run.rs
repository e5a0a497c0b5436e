//! `bumphound run`: all of it, from files to the report.

use std::time::Instant;

use bumphound::campaign::load;
use bumphound::cli::Done;
use bumphound::cli::fill::{events_read, fill_run_dir};
use bumphound::cli::run::RunArgs;
use bumphound::cli::run_dir::RunDir;
use bumphound::cli::terminal::Failure;

use super::{network, rank};

/// Runs the command: `fill`, then `rank`.
pub(super) fn run(args: &RunArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    let campaign = load(&args.events.campaign.campaign, &args.events.campaign.set)?;
    // Everything that can fail early does so before the first event is read.
    let predictor = network::open(campaign.scan.model.as_deref(), args.device, args.events.threads)?;
    let dir = RunDir::create(&args.events.out, &campaign, args.events.guard())?;
    let run = fill_run_dir(campaign, &dir, args.events.threads, args.events.on_bad_file)?;
    let ranked = match rank::report(&run, &predictor, &dir, args.events.threads) {
        // Half of a new result is worth less than the whole of an old one.
        Err(error) if dir.replaces() => return Err(error),
        ranked => ranked,
    };
    let command = if ranked.is_ok() { "run" } else { "fill" };
    dir.finish(command, args.events.threads, start.elapsed().as_secs_f64(), events_read(&run.record))?;
    match ranked {
        Ok(data) => Ok(rank::tell(&data, &run, &args.events.out, args.top)),
        // The book has cost most of the time and is complete.
        Err(error) => Err(Failure::new(format!(
            "{error}\nhint: the book is written; `bumphound rank {}` goes on from there",
            args.events.out.display()
        ))),
    }
}

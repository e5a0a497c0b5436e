//! `bumphound run`: all of it, from files to the report.

use std::time::Instant;

use clap::Args;

use crate::campaign::load;
use crate::digits;
use crate::provenance;
use crate::ranking::{self, METHOD};
use crate::report::assemble::{Filling, assemble};
use crate::report::{PageOptions, summary_text, write_run_report};
use crate::scan;
use crate::znet::device;
use crate::znet::model::Model;
use crate::znet::predict::Predictor;

use super::Done;
use super::fill::{EventLoopArgs, events_read, fill_into, what_was_lost};
use super::run_dir::RunDir;
use super::terminal::{DeviceArg, Failure, note, text};

/// Fill, scan, rank and report: a campaign from files to index.html.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound run selections/quickstart.yaml --out out/quickstart
  bumphound run selections/quickstart.yaml --out out/other --set seed=7 --set inputs.5.events=80 --threads 1")]
pub struct RunArgs {
    #[command(flatten)]
    events: EventLoopArgs,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    device: DeviceArg,
    /// Bumps in the summary on the terminal.
    #[arg(long, default_value_t = 10)]
    top: usize,
}

/// Runs the command.
pub fn run(args: &RunArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    let campaign = load(&args.events.campaign.campaign, &args.events.campaign.set)?;
    // Everything that can fail early does so before the first event is read.
    let model = match &campaign.scan.model {
        Some(path) => Model::open(path)?,
        None => Model::embedded()?,
    };
    let predictor = Predictor::new(model, device::choose(args.device.into())?, args.events.threads);
    let dir = RunDir::create(&args.events.out, &campaign)?;

    let filled = fill_into(&campaign, &dir, args.events.threads, args.events.on_bad_file)?;
    let before_scan = Instant::now();
    let scan = {
        let (options, binning, composites) = (&campaign.scan, &campaign.binning, &campaign.composites);
        scan::scan(&filled.book, options, binning, composites, &predictor).map_err(Failure::new)?
    };
    let seconds = before_scan.elapsed().as_secs_f64().max(1e-6);
    note(&format!(
        "scan: {} of {} in {seconds:.1} s, {} spectra/s on {}",
        scan.scanned.len(),
        digits::counted(scan.booked, "spectrum", "spectra"),
        digits::count((scan.scanned.len() as f64 / seconds).round()),
        device::name(predictor.device()),
    ));
    let bumps = ranking::rank(&scan, &filled.book, filled.simulated.as_ref(), &campaign.ranking, &predictor);

    let events = events_read(&filled);
    let (skipped, lost) = (filled.skipped.len(), what_was_lost(&filled.skipped));
    let model = predictor.model();
    let provenance = provenance::of(
        campaign.sha256(),
        campaign.seed,
        device::name(predictor.device()),
        format!("{} (sha256 {})", model.card.name, &model.sha256()[..16]),
    );
    let filling = Filling { inputs: filled.inputs, cutflow: filled.cutflow, warnings: filled.warnings };
    let data = assemble(&campaign, provenance, &filled.book, filling, &scan, bumps);
    let options = PageOptions { rows: data.rows, method: METHOD.to_string(), ..PageOptions::default() };
    let written = write_run_report(&args.events.out, &data, &options)?;
    dir.write_run_json("run", args.events.threads, start.elapsed().as_secs_f64(), events)?;
    text(&summary_text(&data, args.top));
    if let Some(lost) = lost {
        note(&format!("warning: {lost}"));
    }
    if let Some(page) = written.first() {
        note(&format!("open {}", page.display()));
    }
    Ok(Done::unless_skipped(skipped))
}

//! `bumphound run`: all of it, from files to the report.

use super::network;
use crate::znet::device;
use bumphound::campaign::load;
use bumphound::cli::Done;
use bumphound::cli::fill::{events_read, fill_into, what_was_lost};
use bumphound::cli::run::RunArgs;
use bumphound::cli::run_dir::RunDir;
use bumphound::cli::terminal::{Failure, note, text};
use bumphound::digits;
use bumphound::progress::Silent;
use bumphound::provenance;
use bumphound::ranking::{self, METHOD};
use bumphound::report::assemble::{Filling, assemble};
use bumphound::report::{PageOptions, summary_text, write_run_report};
use bumphound::scan;
use std::time::Instant;

/// Runs the command.
pub(super) fn run(args: &RunArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    let campaign = load(&args.events.campaign.campaign, &args.events.campaign.set)?;
    // Everything that can fail early does so before the first event is read.
    let predictor = network::open(campaign.scan.model.as_deref(), args.device, args.events.threads)?;
    let dir = RunDir::create(&args.events.out, &campaign)?;

    let filled = fill_into(&campaign, &dir, args.events.threads, args.events.on_bad_file)?;
    let before_scan = Instant::now();
    let scan = scan::scan(&filled.book, &campaign.scan, &predictor, &Silent).map_err(Failure::new)?;
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

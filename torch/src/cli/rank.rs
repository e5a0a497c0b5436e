//! `bumphound rank`: from a finished book to the report; `run` ends here too.

use std::time::Instant;

use bumphound::cli::Done;
use bumphound::cli::fill::{events_read, what_was_lost};
use bumphound::cli::progress::Bar;
use bumphound::cli::rank::RankArgs;
use bumphound::cli::run_dir::RunDir;
use bumphound::cli::terminal::{Failure, note, text};
use bumphound::digits;
use bumphound::fill::FilledRun;
use bumphound::provenance;
use bumphound::ranking;
use bumphound::report::assemble::assemble;
use bumphound::report::{PageOptions, summary_text, write_run_report};
use bumphound::run_files::Stage;
use bumphound::scan;

use super::network;
use crate::znet::device;
use crate::znet::predict::Predictor;

/// Runs the command.
pub(super) fn rank(args: &RankArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    let run = FilledRun::read(&args.dir, &network::overrides(&args.set, args.model.as_deref())?)?;
    let predictor = network::open(run.campaign.scan.model.as_deref(), args.device, args.threads)?;
    let dir = RunDir::begin(&args.dir, Stage::Rank, &run.campaign)?;
    report(&run, &predictor, &dir, args.threads, args.top)?;
    dir.write_run_json("rank", args.threads, start.elapsed().as_secs_f64(), events_read(&run.record))?;
    Ok(Done::unless_skipped(run.record.skipped.len()))
}

/// Scan, ranking and report of a filled run; the summary goes to the terminal.
pub(super) fn report(
    run: &FilledRun,
    predictor: &Predictor,
    dir: &RunDir,
    threads: usize,
    top: usize,
) -> Result<(), Failure> {
    let FilledRun { campaign, record, book, weighted, .. } = run;
    let bar = Bar::default();
    let scan = scan::scan(book, &campaign.scan, predictor, &bar).map_err(Failure::new)?;
    bar.finish();
    note(&format!(
        "{} of {} scanned on {}",
        digits::count(scan.scanned.len() as f64),
        digits::counted(scan.booked, "spectrum", "spectra"),
        device::name(predictor.device()),
    ));
    let input = ranking::Input {
        book,
        simulated: weighted.as_ref(),
        scan: &scan,
        options: &campaign.ranking,
        seed: campaign.seed,
        pictures: campaign.report.plots,
    };
    let bar = Bar::default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build()?;
    let ranked = pool.install(|| ranking::rank(&input, &bar));
    bar.finish();
    let model = predictor.model();
    let provenance = provenance::of(
        campaign.sha256(),
        campaign.seed,
        device::name(predictor.device()),
        format!("{} (sha256 {})", model.card.name, &model.sha256()[..16]),
    );
    let data = assemble(run, provenance, &scan, ranked);
    let options = PageOptions { rows: data.rows, method: ranking::method(), ..PageOptions::default() };
    let written = write_run_report(dir.path(), &data, &options)?;
    text(&summary_text(&data, top));
    if let Some(lost) = what_was_lost(&record.skipped) {
        note(&format!("warning: {lost}"));
    }
    if let Some(page) = written.first() {
        note(&format!("open {}", page.display()));
    }
    Ok(())
}

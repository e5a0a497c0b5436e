//! `bumphound rank`: from a finished book to the report; `run` ends here too.

use std::path::Path;
use std::time::Instant;

use bumphound::cli::Done;
use bumphound::cli::fill::{events_read, what_was_lost};
use bumphound::cli::progress::Bar;
use bumphound::cli::rank::RankArgs;
use bumphound::cli::run_dir::{Guard, RunDir};
use bumphound::cli::terminal::{Failure, note, text};
use bumphound::digits;
use bumphound::fill::FilledRun;
use bumphound::provenance;
use bumphound::ranking;
use bumphound::report::assemble::assemble;
use bumphound::report::wording::Finding;
use bumphound::report::{PageOptions, ReportData, summary_text, write_run_report};
use bumphound::run_files::{RunFile, Stage};
use bumphound::scan;

use super::network;
use crate::znet::device;
use crate::znet::predict::Predictor;

/// Runs the command.
pub(super) fn rank(args: &RankArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    let run = FilledRun::read(&args.dir, &network::overrides(&args.set, args.model.as_deref())?)?;
    let predictor = network::open(run.campaign.scan.model.as_deref(), args.device, args.threads)?;
    let guard = Guard { input: args.model.as_deref(), force: args.force };
    let dir = RunDir::begin(&args.dir, Stage::Rank, &run.campaign, guard)?;
    let data = report(&run, &predictor, &dir, args.threads)?;
    dir.finish("rank", args.threads, start.elapsed().as_secs_f64(), events_read(&run.record))?;
    Ok(tell(&data, &run, &args.dir, args.top))
}

/// Scan, ranking and report of a filled run.
pub(super) fn report(
    run: &FilledRun,
    predictor: &Predictor,
    dir: &RunDir,
    threads: usize,
) -> Result<ReportData, Failure> {
    let FilledRun { campaign, book, weighted, .. } = run;
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
    write_run_report(dir.part(), &data, &options)?;
    Ok(data)
}

/// The summary for the terminal, once the report is where it belongs.
pub(super) fn tell(data: &ReportData, run: &FilledRun, dir: &Path, top: usize) -> Done {
    text(&summary_text(data, top));
    let skipped = &run.record.skipped;
    if let Some(lost) = what_was_lost(skipped) {
        note(&format!("warning: {lost}"));
    }
    note(&format!("open {}", RunFile::Page.path(dir).display()));
    match Finding::of(data) {
        Finding::CannotTell(_) => Done::NotAsExpected,
        Finding::Found(_) | Finding::Nothing(_) => Done::unless_skipped(skipped.len()),
    }
}

//! `bumphound fill`: the event loop alone, from files to a book of spectra.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::campaign::{Campaign, load};
use crate::digits;
use crate::fill::record::FillRecord;
use crate::fill::{FillError, FilledRun, OpenInputs, SkippedInput};
use crate::run_files::RunFile;

use super::progress::Bar;
use super::run_dir::{Guard, RunDir};
use super::terminal::{Failure, note};
use super::{CampaignArgs, Done};

/// Read the events of a campaign and fill all spectra (no network).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound fill selections/quickstart.yaml --out out/book
  bumphound export out/book --categories | sort -t, -k2 -nr | head")]
pub struct FillArgs {
    #[command(flatten)]
    events: EventLoopArgs,
}

/// Arguments of every command that reads events and writes a run directory.
#[derive(Debug, Args)]
pub struct EventLoopArgs {
    /// Campaign and overrides.
    #[command(flatten)]
    pub campaign: CampaignArgs,
    /// Run directory to write.
    #[arg(long)]
    pub out: PathBuf,
    /// Number of threads; the result does not depend on it.
    #[arg(long, default_value_t = super::default_threads(), value_parser = super::threads)]
    pub threads: usize,
    /// What to do with a file that cannot be read.
    #[arg(long, default_value = "stop")]
    pub on_bad_file: OnBadFile,
    /// Replace files in the run directory that bumphound did not make.
    #[arg(long)]
    pub force: bool,
}

impl EventLoopArgs {
    /// What must not be replaced.
    pub fn guard(&self) -> Guard<'_> {
        Guard { input: Some(&self.campaign.campaign), force: self.force }
    }
}

/// `--on-bad-file`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnBadFile {
    /// Stop with an error.
    Stop,
    /// Continue without it; it is listed in the report, and the exit code is 1.
    Skip,
}

/// Runs the command.
pub fn fill(args: &FillArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    let campaign = load(&args.events.campaign.campaign, &args.events.campaign.set)?;
    let dir = RunDir::create(&args.events.out, &campaign, args.events.guard())?;
    let run = fill_run_dir(campaign, &dir, args.events.threads, args.events.on_bad_file)?;
    let skipped = &run.record.skipped;
    let events = events_read(&run.record);
    let summary = what_is_in(&run, &dir);
    dir.finish("fill", args.events.threads, start.elapsed().as_secs_f64(), events)?;
    for sentence in run.warnings() {
        let what = if run.record.notes.contains(&sentence) { "note" } else { "warning" };
        note(&format!("{what}: {sentence}"));
    }
    if let Some(lost) = what_was_lost(skipped) {
        note(&format!("warning: {lost}"));
    }
    note(&summary);
    Ok(Done::unless_skipped(skipped.len()))
}

/// What a book that is still on its way will be: `24 432 spectra in 1 021 categories from 144 084 events of 6 files: out/book.bumphound (3.5 MB, ...)`.
pub fn what_is_in(run: &FilledRun, dir: &RunDir) -> String {
    let book = RunFile::Book.path(dir.path());
    let size = book_size(&RunFile::Book.path(dir.part()), run.book.len());
    format!(
        "{} in {} from {} of {}: {}{}",
        digits::counted(run.book.len() as u64, "spectrum", "spectra"),
        digits::counted(run.book.categories().count() as u64, "category", "categories"),
        digits::counted(events_read(&run.record), "event", "events"),
        digits::counted(files_read(&run.record), "file", "files"),
        book.display(),
        size,
    )
}

/// ` (3.5 MB, 145 bytes per spectrum)`; nothing where it cannot be known.
fn book_size(book: &Path, spectra: usize) -> String {
    let Ok(meta) = std::fs::metadata(book) else { return String::new() };
    let each = meta.len() as f64 / spectra.max(1) as f64;
    format!(" ({}, {each:.0} bytes per spectrum)", digits::bytes(meta.len()))
}

/// Opens the inputs of a campaign; with [`OnBadFile::Stop`] an error if one of them cannot be.
pub fn open_inputs(campaign: &Campaign, threads: usize, on_bad_file: OnBadFile) -> Result<OpenInputs<'_>, Failure> {
    let inputs = OpenInputs::open(campaign, threads).map_err(with_hint)?;
    if on_bad_file == OnBadFile::Stop {
        stop_if_bad(&inputs.unreadable())?;
    }
    Ok(inputs)
}

/// The event loop with a progress bar; book and record go into the run directory.
pub fn fill_run_dir(
    campaign: Campaign,
    dir: &RunDir,
    threads: usize,
    on_bad_file: OnBadFile,
) -> Result<FilledRun, Failure> {
    let inputs = open_inputs(&campaign, threads, on_bad_file)?;
    let bar = Bar::default();
    let filled = inputs.book(&bar)?;
    drop(inputs);
    bar.finish();
    if on_bad_file == OnBadFile::Stop {
        stop_if_bad(&filled.skipped)?;
    }
    let run = FilledRun::new(campaign, filled, dir.path().display().to_string())?;
    run.write(dir.part())?;
    Ok(run)
}

/// Errors that are shown one by one.
const MOST_REASONS: usize = 20;

/// An error that lists what could not be read, if anything.
pub fn stop_if_bad(skipped: &[SkippedInput]) -> Result<(), Failure> {
    if skipped.is_empty() {
        return Ok(());
    }
    let reasons: Vec<&str> = skipped.iter().take(MOST_REASONS).map(|one| one.reason.as_str()).collect();
    let more = match skipped.len().saturating_sub(MOST_REASONS) {
        0 => String::new(),
        more => {
            format!("\n... and {}", digits::counted(more as u64, "more error like these", "more errors like these"))
        }
    };
    Err(Failure::new(format!(
        "{}{more}{}\nhint: `--on-bad-file skip` continues without unreadable files and lists them in the report",
        reasons.join("\nerror: "),
        first_hint(skipped),
    )))
}

/// The error; if no file at all can be read, with what to try.
pub fn with_hint(error: FillError) -> Failure {
    match &error {
        FillError::NothingToRead { skipped } => Failure::new(format!("{error}{}", first_hint(skipped))),
        _ => error.into(),
    }
}

/// The hint of the first file that has one, on a line of its own.
fn first_hint(skipped: &[SkippedInput]) -> String {
    let hint = skipped.iter().find_map(|one| one.hint.as_ref());
    hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
}

/// Events that were read, from all files.
pub fn events_read(filled: &FillRecord) -> u64 {
    let there: u64 = filled.inputs.iter().flat_map(|sample| &sample.files).map(|file| file.entries).sum();
    there.saturating_sub(events_lost(&filled.skipped))
}

/// Files that could be opened.
fn files_read(filled: &FillRecord) -> u64 {
    let there: usize = filled.inputs.iter().map(|sample| sample.files.len()).sum();
    there.saturating_sub(filled.skipped.iter().filter(|one| one.entries.is_none()).count()) as u64
}

/// Events in the parts of files that could not be read; those in files that could not be opened are not known.
fn events_lost(skipped: &[SkippedInput]) -> u64 {
    skipped.iter().filter_map(|one| one.entries.as_ref()).map(|range| range.end - range.start).sum()
}

/// `Not read: 3 files, and 1800 events of other files.`; None if all was read.
pub fn what_was_lost(skipped: &[SkippedInput]) -> Option<String> {
    let files = skipped.iter().filter(|one| one.entries.is_none()).count() as u64;
    let files = (files > 0).then(|| digits::counted(files, "file", "files"));
    let events = events_lost(skipped);
    let events = (events > 0).then(|| digits::counted(events, "event", "events"));
    Some(match (files, events) {
        (Some(files), Some(events)) => format!("not read: {files}, and {events} of other files"),
        (Some(files), None) => format!("not read: {files}"),
        (None, Some(events)) => format!("not read: {events}"),
        (None, None) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_events_are_told_apart_from_lost_files() {
        let skipped = |entries| SkippedInput {
            sample: "s".into(),
            path: "f.root".into(),
            entries,
            reason: "damaged".into(),
            hint: None,
        };
        assert_eq!(what_was_lost(&[]), None);
        assert_eq!(what_was_lost(&[skipped(None)]).as_deref(), Some("not read: 1 file"));
        let both = [skipped(None), skipped(None), skipped(Some(0..600)), skipped(Some(20..30))];
        assert_eq!(what_was_lost(&both).as_deref(), Some("not read: 2 files, and 610 events of other files"));
    }
}

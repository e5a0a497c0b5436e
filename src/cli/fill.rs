//! `bumphound fill`: the event loop alone, from files to a book of spectra.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::campaign::{Campaign, load};
use crate::fill::{FillError, Filled, OpenInputs, SkippedInput, fill_opened};
use crate::provenance;
use crate::report::digits;

use super::progress::Bar;
use super::run_dir::{BOOK, RunDir};
use super::terminal::{Failure, note};
use super::{CampaignArgs, Done, default_threads};

/// Read the inputs of a campaign and book every mass of every event (no network).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound fill selections/quickstart.yaml --out out/book
  bumphound export out/book --categories | sort -t, -k2 -nr | head")]
pub struct FillArgs {
    #[command(flatten)]
    events: EventLoopArgs,
}

/// What every command that reads events and writes a run directory is told.
#[derive(Debug, Args)]
pub struct EventLoopArgs {
    /// Campaign and overrides.
    #[command(flatten)]
    pub campaign: CampaignArgs,
    /// Run directory to write.
    #[arg(long)]
    pub out: PathBuf,
    /// Threads; the result is the same for any number.
    #[arg(long, default_value_t = default_threads())]
    pub threads: usize,
    /// What to do with a file that cannot be read.
    #[arg(long, default_value = "stop")]
    pub on_bad_file: OnBadFile,
}

/// `--on-bad-file`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnBadFile {
    /// Stop with an error.
    Stop,
    /// Go on without it; it is listed in the report, and the exit code is 1.
    Skip,
}

/// Runs the command.
pub fn fill(args: &FillArgs) -> Result<Done, Failure> {
    let start = Instant::now();
    let campaign = load(&args.events.campaign.campaign, &args.events.campaign.set)?;
    let dir = RunDir::create(&args.events.out, &campaign)?;
    let filled = fill_into(&campaign, &dir, args.events.threads, args.events.on_bad_file)?;
    for warning in &filled.warnings {
        note(&format!("warning: {warning}"));
    }
    let events = events_read(&filled);
    dir.write_run_json("fill", args.events.threads, start.elapsed().as_secs_f64(), events)?;
    note(&format!(
        "{} in {} from {} of {}: {}{}",
        digits::counted(filled.book.len() as u64, "spectrum", "spectra"),
        digits::counted(filled.book.categories().count() as u64, "category", "categories"),
        digits::counted(events, "event", "events"),
        digits::counted(filled.inputs.iter().map(|sample| sample.files.len() as u64).sum(), "file", "files"),
        dir.file(BOOK).display(),
        book_size(&dir.file(BOOK), filled.book.len()),
    ));
    Ok(Done::unless_skipped(filled.skipped.len()))
}

/// ` (3.5 MB, 145 bytes per spectrum)`; nothing where it cannot be known.
fn book_size(book: &Path, spectra: usize) -> String {
    let Ok(meta) = std::fs::metadata(book) else { return String::new() };
    let each = meta.len() as f64 / spectra.max(1) as f64;
    format!(" ({}, {each:.0} bytes per spectrum)", digits::bytes(meta.len()))
}

/// The event loop with a progress bar; the book goes into the run directory.
pub fn fill_into(campaign: &Campaign, dir: &RunDir, threads: usize, on_bad_file: OnBadFile) -> Result<Filled, Failure> {
    let inputs = match OpenInputs::open(campaign, threads) {
        Err(FillError::NothingToRead { skipped }) if on_bad_file == OnBadFile::Stop => {
            stop_if_bad(&skipped)?;
            return Err(FillError::NothingToRead { skipped }.into());
        }
        opened => opened?,
    };
    if on_bad_file == OnBadFile::Stop {
        stop_if_bad(&inputs.unreadable())?;
    }
    let bar = Bar::default();
    let mut filled = fill_opened(campaign, inputs, threads, &bar)?;
    bar.finish();
    if on_bad_file == OnBadFile::Stop {
        stop_if_bad(&filled.skipped)?;
    }
    let text = provenance::of_book(campaign, &filled.inputs)?;
    filled.book = filled.book.with_provenance(text);
    filled.book.write(&dir.file(BOOK))?;
    Ok(filled)
}

/// An error that lists what could not be read, if anything.
pub fn stop_if_bad(skipped: &[SkippedInput]) -> Result<(), Failure> {
    if skipped.is_empty() {
        return Ok(());
    }
    let reasons: Vec<&str> = skipped.iter().map(|one| one.reason.as_str()).collect();
    Err(Failure::new(format!(
        "{}\nhint: `--on-bad-file skip` goes on without what cannot be read and says so in the report",
        reasons.join("\nerror: ")
    )))
}

/// Events in all readable files.
pub fn events_read(filled: &Filled) -> u64 {
    filled.inputs.iter().flat_map(|sample| &sample.files).map(|file| file.entries).sum()
}

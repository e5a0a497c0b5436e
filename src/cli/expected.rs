//! What to expect from a campaign: events from the files' headers, categories and spectra from a first look; what is to
//! be seen of weights, duplicates and choices of files before the first long run.

use std::time::Instant;

use crate::binning::trim::{TrimOptions, trim};
use crate::campaign::Campaign;
use crate::digits;
use crate::fill::OpenInputs;
use crate::histograms::Book;

use super::fill::with_hint;
use super::terminal::Failure;

/// Sentences on events, categories and spectra, and how many inputs cannot be read. Reads the first `events_per_file`
/// events of every file.
pub fn describe(campaign: &Campaign, events_per_file: u64) -> Result<(String, usize), Failure> {
    if events_per_file == 0 {
        return Ok((String::new(), 0));
    }
    let threads = super::default_threads();
    let inputs = OpenInputs::open(campaign, threads).map_err(with_hint)?;
    let start = Instant::now();
    let filled = inputs.book_first(events_per_file).map_err(with_hint)?;
    let seconds = start.elapsed().as_secs_f64();
    let files = || filled.inputs.iter().flat_map(|sample| &sample.files);
    let events: u64 = files().map(|file| file.entries).sum();
    let seen: u64 = files().map(|file| file.entries.min(events_per_file)).sum();
    let more = events as f64 / seen.max(1) as f64;
    let mut text = format!(
        "\nExpect: {} in {}. The first {} events of each file fill {} and {}; all of them fill more.\n",
        digits::counted(events, "event", "events"),
        digits::counted(filled.inputs.iter().map(|sample| sample.files.len() as u64).sum(), "file", "files"),
        digits::count(events_per_file as f64),
        digits::counted(filled.book.categories().count() as u64, "category", "categories"),
        digits::counted(filled.book.len() as u64, "spectrum", "spectra"),
    );
    let scanned = scanned(campaign, &filled.book, more);
    let all = seconds * more + scanned as f64 * SECONDS_PER_SPECTRUM / threads as f64;
    text.push_str(&format!(
        "About {} of them will have enough entries to be scanned ({} entries in {} bins); a run takes about {} here.\n",
        digits::count(scanned as f64),
        campaign.scan.min_entries,
        campaign.scan.min_bins,
        duration(all),
    ));
    for sentence in &filled.warnings {
        let what = if filled.notes.contains(sentence) { "note" } else { "warning" };
        text.push_str(&format!("{what}: {sentence}\n"));
    }
    Ok((text, filled.skipped.len()))
}

/// Network and toys, of one core: 3400 spectra of the quickstart take 12 s of two.
const SECONDS_PER_SPECTRUM: f64 = 0.007;

/// Spectra that will be scanned if all events are like the first: `more` times as many.
fn scanned(campaign: &Campaign, book: &Book, more: f64) -> u64 {
    let limits = TrimOptions::from(&campaign.scan);
    let enough = book.spectra().filter(|spectrum| {
        let counts: Vec<f64> = spectrum.sum_w().into_iter().map(|sum| sum * more).collect();
        trim(&counts, spectrum.first_usable(), &limits).is_ok()
    });
    enough.count() as u64
}

/// `20 s`, `3 min`, `2 h`: one digit is all that can be foretold.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 100.0 => format!("{} s", ((s / 10.0).ceil() * 10.0) as u64),
        s if s < 5400.0 => format!("{} min", (s / 60.0).ceil() as u64),
        s => format!("{} h", (s / 3600.0).ceil() as u64),
    }
}

//! What to expect from a campaign: events from the files' headers, categories and spectra from a first look.

use crate::campaign::Campaign;
use crate::digits;
use crate::fill::OpenInputs;

use super::fill::with_hint;
use super::terminal::Failure;

/// Sentences on events, categories and spectra, and how many inputs cannot be read. Reads the first `events_per_file`
/// events of every file.
pub fn describe(campaign: &Campaign, events_per_file: u64) -> Result<(String, usize), Failure> {
    if events_per_file == 0 {
        return Ok((String::new(), 0));
    }
    let inputs = OpenInputs::open(campaign, super::default_threads()).map_err(with_hint)?;
    let filled = inputs.book_first(events_per_file).map_err(with_hint)?;
    let events: u64 = filled.inputs.iter().flat_map(|sample| &sample.files).map(|file| file.entries).sum();
    let mut text = format!(
        "\nExpect: {} in {}. The first {} events of each file fill {} and {}; all of them fill more.\n",
        digits::counted(events, "event", "events"),
        digits::counted(filled.inputs.iter().map(|sample| sample.files.len() as u64).sum(), "file", "files"),
        digits::count(events_per_file as f64),
        digits::counted(filled.book.categories().count() as u64, "category", "categories"),
        digits::counted(filled.book.len() as u64, "spectrum", "spectra"),
    );
    for note in &filled.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    for skipped in &filled.skipped {
        text.push_str(&format!("warning: {}\n", skipped.sentence()));
    }
    Ok((text, filled.skipped.len()))
}

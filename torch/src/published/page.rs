//! `index.html` of a validation: the table and a picture per spectrum, one file that needs nothing else.
//!
//! In: a [`Validation`]. Out: HTML with inline style and SVG, no scripts; the layout is in `page.html`. Everything that
//! comes from data is escaped by the template.

use std::io::Write;

use askama::Template;

use super::compare::Compared;
use super::toys::{Difference, Toys};
use super::{Outcome, Validation, picture, tables};
use bumphound::digits;
use bumphound::drawing::page::Head;
use bumphound::part_file::ContentsError;

#[derive(Template)]
#[template(path = "published/page.html")]
struct Page<'a> {
    head: Head<'a>,
    validation: &'a Validation,
    finding: String,
    finding_class: &'static str,
    header: [&'static str; tables::COLUMNS],
    cards: Vec<Card<'a>>,
}

struct Card<'a> {
    id: usize,
    spectrum: &'a Compared,
    cells: [String; tables::COLUMNS],
    chip: &'static str,
    chip_class: &'static str,
    sentences: Vec<String>,
    widths: Vec<(String, String)>,
    picture: String,
}

/// Writes the page.
pub fn write_page<W: Write>(mut out: W, validation: &Validation) -> Result<(), ContentsError> {
    let expected = validation.spectra.iter().filter(|spectrum| spectrum.expected.is_some()).count();
    let failed = validation.failed().count();
    let page = Page {
        head: Head::new("Validation", &validation.program, include_str!("page.css")),
        validation,
        finding: finding(expected, failed),
        finding_class: if failed == 0 { "found" } else { "quiet" },
        header: tables::HEADER,
        cards: validation.spectra.iter().enumerate().map(|(i, spectrum)| Card::new(i + 1, spectrum)).collect(),
    };
    // One buffer: askama writes word by word.
    out.write_all(page.render()?.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// `All 5 expectations are met.`
pub fn finding(expected: usize, failed: usize) -> String {
    match (expected, failed) {
        (0, _) => "The list expects nothing in particular.".to_string(),
        (1, 0) => "The expectation is met.".to_string(),
        (_, 0) => format!("All {expected} expectations are met."),
        _ => format!("{failed} of {} not met.", digits::counted(expected as u64, "expectation", "expectations")),
    }
}

impl<'a> Card<'a> {
    fn new(id: usize, spectrum: &'a Compared) -> Card<'a> {
        let (chip, chip_class) = match spectrum.verdict {
            Outcome::AsExpected => ("as expected", "confirmed"),
            Outcome::NotAsExpected { .. } => ("not as expected", "shape"),
            Outcome::NoExpectation => ("no expectation", "plain"),
        };
        let widths = spectrum.known.iter().flat_map(|known| &known.by_width);
        Card {
            id,
            spectrum,
            cells: tables::cells(spectrum),
            chip,
            chip_class,
            sentences: sentences(spectrum),
            widths: widths.map(|(width, peak)| (digits::count(*width), tables::peak_text(peak))).collect(),
            picture: picture::svg(spectrum),
        }
    }
}

/// What is known about the spectrum and what was done to it.
fn sentences(spectrum: &Compared) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Outcome::NotAsExpected { why } = &spectrum.verdict {
        sentences.push(format!("{why}."));
    }
    if !spectrum.note.is_empty() {
        sentences.push(spectrum.note.clone());
    }
    sentences.extend(spectrum.contents.as_ref().map(|contents| format!("The file holds {contents}.")));
    let part = &spectrum.spectrum;
    let mut done = format!(
        "{} events in {} of the file's {} bins",
        digits::count(part.counts.iter().sum()),
        part.counts.len() * spectrum.rebin,
        part.bins_in_file
    );
    if spectrum.rebin > 1 {
        done.push_str(&format!(", joined {} to 1", spectrum.rebin));
    }
    if spectrum.trimmed {
        done.push_str(", trimmed to the part from the maximum to the last entry");
    }
    sentences.push(done + ".");
    sentences.push(entries_per_bin(&part.counts));
    sentences.extend(tables::rise(spectrum));
    sentences.extend(spectrum.toys.as_ref().map(toys_sentence));
    sentences
}

/// What the toys say.
fn toys_sentence(toys: &Toys) -> String {
    let probability = |p: f64| digits::bounded_probability(p, toys.is_bound(p));
    let difference = |d: &Difference| format!("{} ± {}", signed(d.mean), format_args!("{:.2}", d.sd));
    format!(
        "{} thrown from the published background without and as many with a signal: Zmax of the network minus Zmax against \
         the known background is {} without, {} with a signal (mean ± sd); background alone reaches the observed Zmax with \
         a chance of {} (network) and {} (known background); p_spectrum is below 0.05 in {} of those without a signal.",
        digits::counted(toys.toys as u64, "spectrum", "spectra"),
        difference(&toys.null),
        difference(&toys.signal),
        probability(toys.p_network),
        probability(toys.p_known),
        digits::probability(toys.p_spectrum_below_5_percent),
    )
}

fn signed(value: f64) -> String {
    format!("{value:+.2}").replace('-', "−")
}

/// Networks of the literature were trained for 10 to 100 000 entries per bin.
const USUAL: std::ops::RangeInclusive<f64> = 10.0..=1e5;

fn entries_per_bin(counts: &[f64]) -> String {
    let (least, most) = counts.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &n| (low.min(n), high.max(n)));
    let outside = counts.iter().filter(|n| !USUAL.contains(n)).count() as u64;
    let text = format!("{} to {} entries per bin", digits::count(least), digits::count(most));
    match outside {
        0 => format!("{text}."),
        _ => format!("{text}; {} outside of 10 to 100\u{202f}000.", digits::counted(outside, "bin", "bins")),
    }
}

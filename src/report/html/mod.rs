//! `index.html`: the report as one file that needs nothing else.
//!
//! In: a [`ReportData`], the number of table rows, a paragraph on the method. Out: HTML with inline style, inline SVG and
//! a small script that only adds sorting and filtering; a content security policy forbids every load. The layout is in
//! `page.html`; here and in `tables` its values are prepared as texts. Everything that comes from data is escaped by the template.

use std::io::Write;

use askama::Template;

use super::wording::{Finding, controls, planted_notice, verdict_name};
use super::{BumpPlot, ReportData, ReportError, figure};
use crate::categories::Category;
use crate::digits;
use crate::drawing::page::Head;
use crate::particles::MassLabel;
use crate::ranking::{Bump, Neighbour, NeighbourMethod, Verdict};

mod tables;

use tables::{Cell, CutflowSample, Input, KnownRow, ScannedRow, key, label};

/// What the page shows beyond the data.
#[derive(Debug, Clone, PartialEq)]
pub struct PageOptions {
    /// Bumps in the table (`bumps.csv` has all).
    pub rows: usize,
    /// Scanned spectra in the list (`report.json` has all).
    pub scanned_rows: usize,
    /// How the ranking works, one paragraph per line.
    pub method: String,
}

impl Default for PageOptions {
    fn default() -> Self {
        PageOptions { rows: 200, scanned_rows: 500, method: String::new() }
    }
}

/// Writes the page.
pub fn write_html<W: Write>(mut out: W, data: &ReportData, options: &PageOptions) -> Result<(), ReportError> {
    let page = Page::new(data, options);
    // One buffer: askama writes word by word.
    out.write_all(page.render()?.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[derive(Template)]
#[template(path = "report/html/page.html")]
struct Page<'a> {
    head: Head<'a>,
    js: &'static str,
    data: &'a ReportData,
    finding: String,
    finding_class: &'static str,
    planted: Option<String>,
    facts: Vec<(String, &'static str)>,
    cards: Vec<Card<'a>>,
    rows: Vec<Row<'a>>,
    hidden_rows: usize,
    known: Vec<KnownRow<'a>>,
    scanned_sentence: String,
    overview: Vec<String>,
    scanned: Vec<ScannedRow>,
    hidden_scanned: usize,
    skipped: Vec<(&'a str, String)>,
    cutflow: Vec<CutflowSample<'a>>,
    inputs: Vec<Input<'a>>,
    method: Vec<&'a str>,
    provenance: Vec<(&'static str, String)>,
}

struct Card<'a> {
    rank: usize,
    mass: MassLabel,
    at: String,
    category: &'a Category,
    transverse: bool,
    verdict: &'static str,
    verdict_class: &'static str,
    known: &'a [String],
    reason: &'a str,
    controls: Option<String>,
    facts: Vec<(&'static str, String)>,
    figure: String,
    sides: [figure::SideFigure; 2],
}

struct Row<'a> {
    bump: &'a Bump,
    has_card: bool,
    mass: String,
    category: String,
    verdict: &'static str,
    verdict_class: &'static str,
    numbers: Vec<Cell>,
    known: String,
}

impl<'a> Page<'a> {
    fn new(data: &'a ReportData, options: &'a PageOptions) -> Page<'a> {
        let finding = Finding::of(data);
        let cards: Vec<Card> = data
            .plots
            .iter()
            .filter_map(|plot| Some(Card::new(data.bumps.iter().find(|bump| bump.rank == plot.rank)?, plot)))
            .collect();
        let rows = data.bumps.iter().take(options.rows);
        let rows: Vec<Row> = rows.map(|bump| Row::new(bump, cards.iter().any(|card| card.rank == bump.rank))).collect();
        let scanned = tables::scanned_rows(data, options.scanned_rows);
        Page {
            head: Head::new(&data.campaign, &data.provenance.version, "").with_scripts(),
            js: include_str!("page.js").trim(),
            data,
            finding: finding.sentence(data),
            finding_class: if matches!(finding, Finding::StandsOut(_)) { "found" } else { "quiet" },
            planted: planted_notice(data),
            facts: facts(data),
            hidden_rows: data.bumps.len() - rows.len(),
            known: tables::known_rows(data),
            scanned_sentence: tables::scanned_sentence(data),
            overview: tables::overview(data),
            hidden_scanned: data.spectra.list.len() - scanned.len(),
            skipped: data.spectra.skipped.iter().map(|(why, n)| (why.as_str(), digits::count(*n as f64))).collect(),
            cutflow: tables::cutflow(data),
            inputs: tables::inputs(data),
            method: options.method.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
            provenance: tables::provenance(data),
            cards,
            rows,
            scanned,
        }
    }
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::Isolated => "isolated",
        Verdict::Shape => "shape",
        Verdict::NoStatistics => "none",
    }
}

impl<'a> Card<'a> {
    fn new(bump: &'a Bump, plot: &BumpPlot) -> Card<'a> {
        let bins = digits::counted(bump.width_bins as u64, "bin", "bins");
        let at = digits::mass(bump.peak_gev);
        let (figure, sides) = figure::of_bump(bump, plot);
        Card {
            rank: bump.rank,
            mass: bump.mass,
            at: if bump.is_transverse() { format!("excess near {at} GeV") } else { format!("at {at} GeV") },
            category: &bump.category,
            transverse: bump.is_transverse(),
            verdict: verdict_name(bump.verdict),
            verdict_class: verdict_class(bump.verdict),
            known: &bump.known,
            reason: &bump.reason,
            controls: controls(bump),
            facts: vec![
                ("window", format!("{} GeV ({bins})", window(bump))),
                ("observed", digits::count(bump.observed)),
                ("expected", with_interval(digits::count(bump.expected), bump.expected_interval, digits::count)),
                ("excess", digits::excess(bump.observed - bump.expected)),
                ("local z", with_interval(digits::z(bump.z_local), bump.z_local_interval, digits::z)),
                ("p in the spectrum", digits::bounded_probability(bump.p_spectrum, bump.p_spectrum_is_bound)),
                ("p in the campaign", digits::bounded_probability(bump.p_campaign, bump.p_spectrum_is_bound)),
                ("z with neighbours", digits::z(bump.z_combined)),
            ],
            figure,
            sides,
        }
    }
}

/// `5.1 (4.2 to 6.3)`: a value with its 68 % interval, where there is one.
fn with_interval(value: String, interval: Option<[f64; 2]>, write: fn(f64) -> String) -> String {
    interval.map_or(value.clone(), |[low, high]| format!("{value} ({} to {})", write(low), write(high)))
}

impl<'a> Row<'a> {
    fn new(bump: &'a Bump, has_card: bool) -> Row<'a> {
        let side = |neighbour: &Neighbour| match neighbour.z {
            Some(z) if neighbour.method == Some(NeighbourMethod::Poisson) => (key(z), format!("{}ᴾ", digits::z(z))),
            Some(z) => (key(z), digits::z(z)),
            None => (String::new(), digits::MISSING.to_string()),
        };
        let bound = bump.p_spectrum_is_bound;
        Row {
            bump,
            has_card,
            mass: label(&bump.mass.to_string()),
            category: label(&bump.category.to_string()),
            verdict: verdict_name(bump.verdict),
            verdict_class: verdict_class(bump.verdict),
            numbers: vec![
                (key(bump.peak_gev), digits::mass(bump.peak_gev)),
                (key(bump.low_gev), window(bump)),
                (key(bump.observed), digits::count(bump.observed)),
                (key(bump.expected), digits::count(bump.expected)),
                (key(bump.z_local), digits::z(bump.z_local)),
                (key(bump.p_spectrum), digits::bounded_probability(bump.p_spectrum, bound)),
                (key(bump.p_campaign), digits::bounded_probability(bump.p_campaign, bound)),
                side(&bump.neighbour_minus),
                side(&bump.neighbour_plus),
                (key(bump.z_combined), digits::z(bump.z_combined)),
            ],
            known: bump.known.join(", "),
        }
    }
}

fn window(bump: &Bump) -> String {
    format!("{}–{}", digits::mass(bump.low_gev), digits::mass(bump.high_gev))
}

/// The strip of numbers under the finding.
fn facts(data: &ReportData) -> Vec<(String, &'static str)> {
    let n = |n: u64, one: &'static str, many: &'static str| (digits::count(n as f64), if n == 1 { one } else { many });
    let events: u64 = data.inputs.iter().flat_map(|input| &input.files).map(|file| file.entries).sum();
    let confirmed = data.bumps.iter().filter(|bump| bump.verdict == Verdict::Confirmed);
    let unnamed = confirmed.clone().filter(|bump| bump.known.is_empty()).count();
    vec![
        n(events, "event in the input files", "events in the input files"),
        n(data.categories, "category", "categories"),
        n(data.spectra.scanned, "spectrum scanned", "spectra scanned"),
        n(data.bumps.len() as u64, "bump", "bumps"),
        n(confirmed.count() as u64, "bump confirmed", "bumps confirmed"),
        n(unnamed as u64, "of them without a known name", "of them without a known name"),
    ]
}

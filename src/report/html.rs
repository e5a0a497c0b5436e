//! `index.html`: the report as one file that needs nothing else.
//!
//! In: a [`ReportData`], the number of table rows, a paragraph on the method. Out: HTML with inline style, inline SVG and
//! a small script that only adds sorting and filtering; a content security policy forbids every load. The layout is in
//! `page/page.html`; here its values are prepared as texts. Everything that comes from data is escaped by the template.

use std::collections::BTreeMap;
use std::io::Write;

use askama::Template;

use super::wording::{Finding, planted_notice, verdict_name};
use super::{BumpPlot, ReportData, ReportError, ScannedSpectrum, digits, figure, svg};
use crate::ranking::{Bump, Neighbour, NeighbourMethod, Verdict};

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

/// Sort key and text of a numeric cell.
type Cell = (String, String);

#[derive(Template)]
#[template(path = "page.html", config = "src/report/askama.toml")]
struct Page<'a> {
    css: &'static str,
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
    mass: &'a str,
    at: String,
    category: &'a str,
    transverse: bool,
    verdict: &'static str,
    verdict_class: &'static str,
    known: &'a [String],
    reason: &'a str,
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

struct KnownRow<'a> {
    name: &'a str,
    bumps: usize,
    best: &'a Bump,
    mass: String,
    category: String,
    at: String,
    z: String,
}

struct ScannedRow {
    mass: String,
    category: String,
    numbers: Vec<Cell>,
}

struct CutflowSample<'a> {
    name: &'a str,
    steps: Vec<CutflowStep<'a>>,
}

struct CutflowStep<'a> {
    name: &'a str,
    events: String,
    sum_w: String,
    fraction: String,
}

struct Input<'a> {
    sample: &'a str,
    role: &'a str,
    planted: bool,
    files: Vec<(&'a str, String, String)>,
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
        let scanned = scanned_rows(data, options.scanned_rows);
        Page {
            css: include_str!("page/page.css").trim(),
            js: include_str!("page/page.js").trim(),
            data,
            finding: finding.sentence(data),
            finding_class: if matches!(finding, Finding::StandsOut(_)) { "found" } else { "quiet" },
            planted: planted_notice(data),
            facts: facts(data),
            hidden_rows: data.bumps.len() - rows.len(),
            known: known_rows(data),
            scanned_sentence: scanned_sentence(data),
            overview: overview(data),
            hidden_scanned: data.spectra.list.len() - scanned.len(),
            skipped: data.spectra.skipped.iter().map(|(why, n)| (why.as_str(), digits::count(*n as f64))).collect(),
            cutflow: cutflow(data),
            inputs: inputs(data),
            method: options.method.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
            provenance: provenance(data),
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
            mass: &bump.mass,
            at: if bump.transverse { format!("excess near {at} GeV") } else { format!("at {at} GeV") },
            category: &bump.category,
            transverse: bump.transverse,
            verdict: verdict_name(bump.verdict),
            verdict_class: verdict_class(bump.verdict),
            known: &bump.known,
            reason: &bump.reason,
            facts: vec![
                ("window", format!("{} GeV ({bins})", window(bump))),
                ("observed", digits::count(bump.observed)),
                ("expected", digits::count(bump.expected)),
                ("excess", digits::excess(bump.observed - bump.expected)),
                ("local z", digits::z(bump.z_local)),
                ("p in the spectrum", digits::bounded_probability(bump.p_spectrum, bump.p_spectrum_is_bound)),
                ("p in the campaign", digits::bounded_probability(bump.p_campaign, bump.p_spectrum_is_bound)),
                ("z with neighbours", digits::z(bump.z_combined)),
            ],
            figure,
            sides,
        }
    }
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
            mass: label(&bump.mass),
            category: label(&bump.category),
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

/// A mass or category as markup: short ones stay on one line, long ones break where a reader would break them.
fn label(text: &str) -> String {
    let escaped = svg::canvas::escape(text);
    if text.chars().count() <= 24 {
        format!("<code class=\"short\">{escaped}</code>")
    } else {
        format!("<code class=\"long\">{}</code>", escaped.replace(',', ",<wbr>").replace('/', "/<wbr>"))
    }
}

/// Sort key of a number.
fn key(value: f64) -> String {
    if value.is_finite() { digits::nine_digits(value) } else { String::new() }
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

/// One row per known name, with its most significant bump; the name with the largest z first.
fn known_rows(data: &ReportData) -> Vec<KnownRow<'_>> {
    let mut by_name: BTreeMap<&str, Vec<&Bump>> = BTreeMap::new();
    for bump in &data.bumps {
        for name in &bump.known {
            by_name.entry(name).or_default().push(bump);
        }
    }
    let mut rows: Vec<KnownRow> = by_name
        .into_iter()
        .filter_map(|(name, bumps)| {
            let best = *bumps.iter().reduce(|a, b| if b.z_local > a.z_local { b } else { a })?;
            let (at, z) = (digits::mass(best.peak_gev), digits::z(best.z_local));
            let (mass, category) = (label(&best.mass), label(&best.category));
            Some(KnownRow { name, bumps: bumps.len(), best, mass, category, at, z })
        })
        .collect();
    rows.sort_by(|a, b| b.best.z_local.total_cmp(&a.best.z_local));
    rows
}

fn scanned_sentence(data: &ReportData) -> String {
    let skipped: u64 = data.spectra.skipped.iter().map(|(_, n)| n).sum();
    format!(
        "{} with at least one event, {} with at least one entry: {} scanned, {} skipped.",
        digits::counted(data.categories, "category", "categories"),
        digits::counted(data.spectra.booked, "spectrum", "spectra"),
        digits::count(data.spectra.scanned as f64),
        digits::count(skipped as f64),
    )
}

/// Transverse masses have their own calibration, so they have their own picture.
fn overview(data: &ReportData) -> Vec<String> {
    let of = |transverse: bool| {
        let list = data.spectra.list.iter().filter(move |s| s.mass.starts_with("mT(") == transverse);
        list.map(|s| s.p_spectrum)
    };
    [svg::overview::rarity_svg("invariant mass", of(false)), svg::overview::rarity_svg("transverse mass", of(true))]
        .into_iter()
        .flatten()
        .collect()
}

/// The spectra with the largest z.
fn scanned_rows(data: &ReportData, most: usize) -> Vec<ScannedRow> {
    let mut list: Vec<&ScannedSpectrum> = data.spectra.list.iter().collect();
    let score = |s: &ScannedSpectrum| if s.zmax.is_nan() { f64::NEG_INFINITY } else { s.zmax };
    list.sort_by(|a, b| score(b).total_cmp(&score(a)));
    let row = |spectrum: &ScannedSpectrum| ScannedRow {
        mass: label(&spectrum.mass),
        category: label(&spectrum.category),
        numbers: vec![
            (key(spectrum.from_gev), digits::mass(spectrum.from_gev)),
            (key(spectrum.to_gev), digits::mass(spectrum.to_gev)),
            (spectrum.bins.to_string(), spectrum.bins.to_string()),
            (key(spectrum.entries), digits::count(spectrum.entries)),
            (key(spectrum.zmax), digits::z(spectrum.zmax)),
            (key(spectrum.zmax_gev), digits::mass(spectrum.zmax_gev)),
            (key(spectrum.p_spectrum), digits::probability(spectrum.p_spectrum)),
        ],
    };
    list.into_iter().take(most).map(row).collect()
}

/// Consecutive rows of one sample belong together.
fn cutflow(data: &ReportData) -> Vec<CutflowSample<'_>> {
    data.cutflow
        .chunk_by(|a, b| a.sample == b.sample)
        .filter_map(|rows| {
            let first = rows.first()?;
            let steps = rows.iter().map(|row| CutflowStep {
                name: &row.step,
                events: digits::count(row.events as f64),
                sum_w: digits::count(row.sum_w),
                fraction: match first.events {
                    0 => digits::MISSING.to_string(),
                    n => format!("{:.1} %", 100.0 * row.events as f64 / n as f64),
                },
            });
            Some(CutflowSample { name: &first.sample, steps: steps.collect() })
        })
        .collect()
}

fn inputs(data: &ReportData) -> Vec<Input<'_>> {
    data.inputs
        .iter()
        .map(|input| Input {
            sample: &input.sample,
            role: &input.role,
            planted: input.planted,
            files: input
                .files
                .iter()
                .map(|file| (file.path.as_str(), digits::bytes(file.bytes), digits::count(file.entries as f64)))
                .collect(),
        })
        .collect()
}

fn provenance(data: &ReportData) -> Vec<(&'static str, String)> {
    let p = &data.provenance;
    vec![
        ("Program", format!("bumphound {} ({})", p.version, p.commit)),
        ("Network", p.model.clone()),
        ("Device", p.device.clone()),
        ("Seed", p.seed.to_string()),
        ("campaign.resolved.yaml", format!("sha256 {}", p.campaign_sha256)),
        ("Report layout", format!("schema {}", data.schema)),
    ]
}

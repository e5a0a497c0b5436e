//! `index.html`: the report as one file that needs nothing else.
//!
//! In: a [`ReportData`], the number of table rows, a paragraph on the method. Out: HTML with inline style, inline SVG and
//! a small script that only adds sorting and filtering; a content security policy forbids every load. The layout is in
//! `page.html`; here and in `tables` its values are prepared as texts. Everything that comes from data is escaped by the template.

use std::io::Write;

use askama::Template;

use super::wording::{Finding, chance, controls, heads, planted_notice, with_error};
use super::{BumpPlot, ReportData, ReportError, figure};
use crate::categories::Category;
use crate::digits;
use crate::drawing::page::Head;
use crate::particles::MassLabel;
use crate::ranking::{Bump, Verdict};

mod tables;

use tables::{Cell, CutflowSample, Input, KnownRow, ScannedRow, key, label};

/// Rows of a table that are shown at a time: further ones wait in a template, which a browser reads and does not lay out.
/// `page.js` has the same number.
const ROWS_OF_A_PAGE: usize = 200;

/// What the page shows beyond the data.
#[derive(Debug, Clone, PartialEq)]
pub struct PageOptions {
    /// Lines in the table (`bumps.csv` has all).
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
    left_out: Vec<(&'a str, String)>,
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
    verdict: Option<&'static str>,
    verdict_class: &'static str,
    known: &'a [String],
    reason: &'a str,
    controls: Option<String>,
    facts: Vec<(&'static str, String)>,
    figure: String,
    rows: Vec<figure::RowFigure>,
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
            .filter_map(|plot| {
                let mut lines = data.bumps.iter().filter(|bump| bump.rank == plot.rank);
                let head = lines.next()?;
                Some(Card::new(head, plot, 1 + lines.count()))
            })
            .collect();
        let rows = data.bumps.iter().take(options.rows);
        let rows: Vec<Row> = rows.map(|bump| Row::new(bump, cards.iter().any(|card| card.rank == bump.rank))).collect();
        let scanned = tables::scanned_rows(data, options.scanned_rows);
        Page {
            head: Head::new(&data.campaign, &data.provenance.version, "").with_scripts(),
            js: include_str!("page.js").trim(),
            data,
            finding: finding.sentence(data),
            finding_class: if matches!(finding, Finding::Found(_)) { "found" } else { "quiet" },
            planted: planted_notice(data),
            facts: facts(data),
            hidden_rows: data.bumps.len() - rows.len(),
            known: tables::known_rows(data),
            scanned_sentence: tables::scanned_sentence(data),
            overview: tables::overview(data),
            hidden_scanned: data.spectra.list.len() - scanned.len(),
            left_out: data.stacks.left_out.iter().map(|(why, n)| (why.as_str(), digits::count(*n as f64))).collect(),
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
        Verdict::Excess => "confirmed",
        Verdict::Shape => "shape",
        Verdict::Chance | Verdict::CannotTell => "none",
        Verdict::Known => "known",
    }
}

impl<'a> Card<'a> {
    fn new(bump: &'a Bump, plot: &BumpPlot, lines: usize) -> Card<'a> {
        let bins = digits::counted(bump.width_bins as u64, "bin", "bins");
        let at = digits::mass(bump.peak_gev);
        let (figure, rows) = figure::of_bump(bump, plot);
        let extrapolated = bump.p_stack_is_extrapolated;
        let mut facts = vec![
            ("p in the campaign", chance(bump.p_campaign, extrapolated)),
            ("p in the stack", chance(bump.p_stack, extrapolated)),
            ("p local", digits::probability(bump.p_local)),
            ("local z", digits::z(bump.z_combined)),
            ("window", format!("{} GeV ({bins})", window(bump))),
            ("jets counted", bump.jets.clone()),
            ("observed", digits::count(bump.observed)),
            ("expected", with_error(bump.expected, bump.expected_error)),
        ];
        facts.extend(bump.z_network.map(|z| ("z of the network", digits::z(z))));
        if lines > 1 {
            facts.push(("lines", digits::count(lines as f64)));
        }
        Card {
            rank: bump.rank,
            mass: bump.mass,
            at: if bump.is_transverse() { format!("excess near {at} GeV") } else { format!("at {at} GeV") },
            category: &bump.category,
            transverse: bump.is_transverse(),
            verdict: badge(bump.verdict),
            verdict_class: verdict_class(bump.verdict),
            known: &bump.known,
            reason: &bump.reason,
            controls: controls(bump),
            facts,
            figure,
            rows,
        }
    }
}

/// No badge where chance gives as much.
fn badge(verdict: Verdict) -> Option<&'static str> {
    (verdict != Verdict::Chance).then(|| verdict.name())
}

impl<'a> Row<'a> {
    fn new(bump: &'a Bump, has_card: bool) -> Row<'a> {
        let extrapolated = bump.p_stack_is_extrapolated;
        Row {
            bump,
            has_card,
            mass: label(&bump.mass.to_string()),
            category: label(&bump.category.to_string()),
            verdict: bump.verdict.name(),
            verdict_class: if bump.verdict == Verdict::Chance { "" } else { verdict_class(bump.verdict) },
            numbers: vec![
                (key(bump.peak_gev), digits::mass(bump.peak_gev)),
                (key(bump.low_gev), window(bump)),
                (String::new(), bump.jets.clone()),
                (key(bump.observed), digits::count(bump.observed)),
                (key(bump.expected), with_error(bump.expected, bump.expected_error)),
                (key(bump.p_local), digits::probability(bump.p_local)),
                (key(bump.p_stack), chance(bump.p_stack, extrapolated)),
                (key(bump.p_campaign), chance(bump.p_campaign, extrapolated)),
                (key(bump.z_combined), digits::z(bump.z_combined)),
                bump.z_network.map_or((String::new(), digits::MISSING.to_string()), |z| (key(z), digits::z(z))),
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
    let of = |verdict: Verdict| heads(data).iter().filter(|bump| bump.verdict == verdict).count() as u64;
    vec![
        n(events, "event in the input files", "events in the input files"),
        n(data.categories, "category", "categories"),
        n(data.stacks.invariant + data.stacks.transverse, "stack searched", "stacks searched"),
        n(data.stacks.toys, "background-only toy", "background-only toys"),
        n(heads(data).len() as u64, "candidate", "candidates"),
        n(of(Verdict::Excess), "excess", "excesses"),
        n(of(Verdict::Known), "candidate at known structure", "candidates at known structure"),
    ]
}

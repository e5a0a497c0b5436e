//! The tables of the page below the bumps: known names, scanned spectra, cutflow, inputs, provenance.
//!
//! In: a [`ReportData`]. Out: rows of texts for `page.html`; numbers come with a sort key for its script.

use std::collections::BTreeMap;

use crate::digits;
use crate::drawing::canvas::escape;
use crate::ranking::Bump;
use crate::report::overview::rarity_svg;
use crate::report::wording::chance;
use crate::report::{ReportData, ScannedSpectrum};

/// Sort key and text of a numeric cell.
pub(super) type Cell = (String, String);

/// A known name and the bumps that bear it.
pub(super) struct KnownRow<'a> {
    pub(super) name: &'a str,
    pub(super) bumps: usize,
    pub(super) best: &'a Bump,
    pub(super) mass: String,
    pub(super) category: String,
    pub(super) at: String,
    pub(super) p: String,
    pub(super) z: String,
}

/// A scanned spectrum.
pub(super) struct ScannedRow {
    pub(super) mass: String,
    pub(super) category: String,
    pub(super) numbers: Vec<Cell>,
}

/// The cutflow of one sample.
pub(super) struct CutflowSample<'a> {
    pub(super) name: &'a str,
    pub(super) steps: Vec<CutflowStep<'a>>,
}

/// One step of it.
pub(super) struct CutflowStep<'a> {
    pub(super) name: &'a str,
    pub(super) events: String,
    pub(super) sum_w: String,
    pub(super) fraction: String,
}

/// An input sample and its files: path, size, events.
pub(super) struct Input<'a> {
    pub(super) sample: &'a str,
    pub(super) role: &'a str,
    pub(super) planted: bool,
    pub(super) files: Vec<(&'a str, String, String)>,
}

/// A mass or category as markup: short ones stay on one line, long ones break where a reader would break them.
pub(super) fn label(text: &str) -> String {
    let escaped = escape(text);
    if text.chars().count() <= 24 {
        format!("<code class=\"short\">{escaped}</code>")
    } else {
        format!("<code class=\"long\">{}</code>", escaped.replace(',', ",<wbr>").replace('/', "/<wbr>"))
    }
}

/// Sort key of a number.
pub(super) fn key(value: f64) -> String {
    if value.is_finite() { digits::nine_digits(value) } else { String::new() }
}

/// One row per known name, with its most significant bump; the name with the largest z first.
pub(super) fn known_rows(data: &ReportData) -> Vec<KnownRow<'_>> {
    let mut by_name: BTreeMap<&str, Vec<&Bump>> = BTreeMap::new();
    for bump in &data.bumps {
        for name in &bump.known {
            by_name.entry(name).or_default().push(bump);
        }
    }
    let mut rows: Vec<KnownRow> = by_name
        .into_iter()
        .filter_map(|(name, bumps)| {
            let best = *bumps.iter().reduce(|a, b| if b.z_combined > a.z_combined { b } else { a })?;
            let (at, z) = (digits::mass(best.peak_gev), digits::z(best.z_combined));
            let p = chance(best.p_stack, best.p_stack_is_extrapolated);
            let (mass, category) = (label(&best.mass.to_string()), label(&best.category.to_string()));
            Some(KnownRow { name, bumps: bumps.len(), best, mass, category, at, p, z })
        })
        .collect();
    rows.sort_by(|a, b| b.best.z_combined.total_cmp(&a.best.z_combined));
    rows
}

pub(super) fn scanned_sentence(data: &ReportData) -> String {
    let skipped: u64 = data.spectra.skipped.iter().map(|(_, n)| n).sum();
    let stacks = &data.stacks;
    format!(
        "{} with at least one event, {} with at least one entry. {} searched ({} of invariant, {} of transverse masses). \
         The network also scanned {} spectra by themselves; {} have too few entries or bins for it.",
        digits::counted(data.categories, "category", "categories"),
        digits::counted(data.spectra.booked, "spectrum", "spectra"),
        digits::counted(stacks.invariant + stacks.transverse, "stack", "stacks"),
        digits::count(stacks.invariant as f64),
        digits::count(stacks.transverse as f64),
        digits::count(data.spectra.scanned as f64),
        digits::count(skipped as f64),
    )
}

/// Chances of stacks, known structure left out; transverse masses have edges, so they have their own picture.
pub(super) fn overview(data: &ReportData) -> Vec<String> {
    let of = |transverse: bool| {
        let list = data.stacks.list.iter().filter(move |stack| stack.mass.is_transverse() == transverse);
        list.map(|stack| stack.p_stack)
    };
    [rarity_svg("invariant mass", of(false)), rarity_svg("transverse mass", of(true))].into_iter().flatten().collect()
}

/// The spectra with the largest z.
pub(super) fn scanned_rows(data: &ReportData, most: usize) -> Vec<ScannedRow> {
    let mut list: Vec<&ScannedSpectrum> = data.spectra.list.iter().collect();
    let score = |s: &ScannedSpectrum| if s.zmax.is_nan() { f64::NEG_INFINITY } else { s.zmax };
    list.sort_by(|a, b| score(b).total_cmp(&score(a)));
    let row = |spectrum: &ScannedSpectrum| ScannedRow {
        mass: label(&spectrum.mass.to_string()),
        category: label(&spectrum.category.to_string()),
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
pub(super) fn cutflow(data: &ReportData) -> Vec<CutflowSample<'_>> {
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

pub(super) fn inputs(data: &ReportData) -> Vec<Input<'_>> {
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

pub(super) fn provenance(data: &ReportData) -> Vec<(&'static str, String)> {
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

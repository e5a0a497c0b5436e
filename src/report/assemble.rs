//! From what the stages found to [`ReportData`].
//!
//! In: a filled run (campaign, book, cutflow), its scan, ranked bumps. Out: everything that the report shows, without wall time or host.

use super::{BumpPlot, DrawnSpectrum, Provenance, ReportData, SCHEMA, ScannedSpectrum, SpectraSummary};
use crate::categories::Category;
use crate::fill::FilledRun;
use crate::histograms::Book;
use crate::ranking::{Bump, Neighbour, Verdict};
use crate::scan::{Scan, Scanned};

/// Bumps whose `p_spectrum` is below these are counted beside what chance gives.
const LEVELS: [f64; 3] = [1e-2, 1e-3, 1e-4];

/// Puts the report of a filled run together: where its events went, what the scan found.
pub fn assemble(run: &FilledRun, provenance: Provenance, scan: &Scan, bumps: Vec<Bump>) -> ReportData {
    let FilledRun { campaign, record, book, .. } = run;
    ReportData {
        schema: SCHEMA,
        campaign: campaign.name.clone(),
        about: campaign.about.clone(),
        provenance,
        inputs: record.inputs.clone(),
        warnings: run.warnings(),
        cutflow: record.cutflow.clone(),
        categories: book.categories().count() as u64,
        spectra: summary(scan),
        expectation: expectation(scan, &bumps),
        rows: campaign.report.rows,
        plots: bumps.iter().take(campaign.report.plots).filter_map(|bump| plot(bump, scan, book)).collect(),
        bumps,
    }
}

fn summary(scan: &Scan) -> SpectraSummary {
    let list = scan
        .scanned
        .iter()
        .map(|scanned| {
            let edges = scanned.scanned_edges();
            let (bin, zmax) = scanned.zmax;
            ScannedSpectrum {
                category: scanned.category.clone(),
                mass: scanned.mass,
                from_gev: edges.first().copied().unwrap_or(0.0),
                to_gev: edges.last().copied().unwrap_or(0.0),
                bins: scanned.counts.len(),
                entries: scanned.counts.iter().sum(),
                zmax,
                zmax_gev: edges.get(bin).zip(edges.get(bin + 1)).map_or(0.0, |(low, high)| 0.5 * (low + high)),
                p_spectrum: scanned.p_spectrum.p,
            }
        })
        .collect();
    SpectraSummary {
        booked: scan.booked,
        scanned: scan.scanned.len() as u64,
        skipped: scan.skipped.iter().map(|(reason, n)| (reason.clone(), *n)).collect(),
        list,
    }
}

/// What the number of spectra leads one to expect, and what was found.
fn expectation(scan: &Scan, bumps: &[Bump]) -> Vec<String> {
    let n = scan.scanned.len();
    if n == 0 {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    let counted: Vec<String> = LEVELS
        .iter()
        .map(|level| {
            let found = scan.scanned.iter().filter(|scanned| scanned.p_spectrum.p < *level).count();
            format!("{found} below {level} where chance alone gives {:.1}", n as f64 * level)
        })
        .collect();
    sentences.push(format!("p_spectrum of the {n} scanned spectra: {}.", counted.join(", ")));
    let unnamed: Vec<&Bump> = bumps.iter().filter(|bump| bump.known.is_empty()).collect();
    let confirmed = unnamed.iter().filter(|bump| bump.verdict == Verdict::Confirmed).count();
    let with_sides =
        unnamed.iter().filter(|bump| bump.neighbour_minus.z.is_some() || bump.neighbour_plus.z.is_some()).count();
    sentences.push(format!(
        "{confirmed} of {with_sides} unnamed candidates with a neighbour are confirmed; fluctuations alone would confirm \
         about {:.1}. Spectra share events (Xj with its parts, m(a,b) with m(a,b,c)), so these come in groups.",
        with_sides as f64 * crate::ranking::CONFIRM_P
    ));
    sentences
}

fn plot(bump: &Bump, scan: &Scan, book: &Book) -> Option<BumpPlot> {
    let own = scan.get(&bump.category, bump.mass)?;
    let side = |neighbour: &Neighbour| -> Option<DrawnSpectrum> {
        let category = neighbour.category.as_ref()?;
        match scan.get(category, bump.mass) {
            Some(scanned) => Some(drawn(scanned)),
            None => unscanned(category, own, book),
        }
    };
    Some(BumpPlot {
        rank: bump.rank,
        spectrum: drawn(own),
        minus: side(&bump.neighbour_minus),
        plus: side(&bump.neighbour_plus),
    })
}

fn drawn(scanned: &Scanned) -> DrawnSpectrum {
    DrawnSpectrum {
        category: scanned.category.clone(),
        mass: scanned.mass,
        edges: scanned.scanned_edges().to_vec(),
        observed: scanned.counts.clone(),
        background: scanned.curve.background.clone(),
        z: scanned.curve.z.clone(),
    }
}

/// A spectrum that was not scanned, over the bins of the bump's own spectrum.
fn unscanned(category: &Category, own: &Scanned, book: &Book) -> Option<DrawnSpectrum> {
    let counts = book.get(category, own.mass)?.sum_w();
    Some(DrawnSpectrum {
        category: category.clone(),
        mass: own.mass,
        edges: own.scanned_edges().to_vec(),
        observed: counts.get(own.range.clone())?.to_vec(),
        background: Vec::new(),
        z: Vec::new(),
    })
}

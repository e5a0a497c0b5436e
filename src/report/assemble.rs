//! From what the stages found to [`ReportData`].
//!
//! In: a filled run (campaign, book, cutflow), its scan, its ranking. Out: everything that the report shows, without wall time or host.

use super::{BumpPlot, Provenance, ReportData, SCHEMA, ScannedSpectrum, SpectraSummary};
use crate::digits;
use crate::fill::FilledRun;
use crate::ranking::picture::Picture;
use crate::ranking::{Ranked, StackSummary};
use crate::scan::Scan;

/// Stacks whose chance is below these are counted beside what chance gives.
const LEVELS: [f64; 3] = [0.1, 1e-2, 1e-3];

/// Puts the report of a filled run together: where its events went, what the scan found.
pub fn assemble(run: &FilledRun, provenance: Provenance, scan: &Scan, ranked: Ranked) -> ReportData {
    let FilledRun { campaign, record, book, .. } = run;
    let Ranked { bumps, stacks, pictures, thin } = ranked;
    ReportData {
        schema: SCHEMA,
        campaign: campaign.name.clone(),
        about: campaign.about.clone(),
        provenance,
        inputs: record.inputs.clone(),
        warnings: run.warnings(),
        notes: run.record.notes.clone(),
        cutflow: record.cutflow.clone(),
        categories: book.categories().count() as u64,
        spectra: summary(scan),
        expectation: expectation(&stacks),
        cannot_tell: thin.map(cannot_tell),
        stacks,
        rows: campaign.report.rows,
        bumps,
        plots: pictures.into_iter().map(plot).collect(),
    }
}

/// Weighted simulation whose events stand for more than one each fluctuates more than its sums of weights say.
fn cannot_tell((raw, sum_w): (u64, f64)) -> String {
    format!(
        "{} simulated events stand for {} in the categories: each for {} on average",
        digits::count(raw as f64),
        digits::count(sum_w),
        digits::count(sum_w / raw as f64)
    )
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

/// What the number of stacks leads one to expect, and what was found.
fn expectation(stacks: &StackSummary) -> Vec<String> {
    let mut sentences = Vec::new();
    for (transverse, name) in [(false, "invariant"), (true, "transverse")] {
        let of_kind = || stacks.list.iter().filter(|stack| stack.mass.is_transverse() == transverse);
        let n = of_kind().count();
        if n == 0 {
            continue;
        }
        let counted: Vec<String> = LEVELS
            .iter()
            .map(|level| {
                let found = of_kind().filter(|stack| stack.p_stack < *level).count();
                format!("{found} below {level} where chance alone gives {}", digits::count(n as f64 * level))
            })
            .collect();
        sentences.push(format!(
            "p of the {} of {name} masses, known structure left out: {}.",
            digits::counted(n as u64, "stack", "stacks"),
            counted.join(", ")
        ));
    }
    if stacks.negative_bins > 0 {
        sentences.push(format!(
            "{} with a negative sum of weights taken as empty in the search of stacks.",
            digits::counted(stacks.negative_bins, "bin", "bins")
        ));
    }
    sentences
}

fn plot(picture: Picture) -> BumpPlot {
    BumpPlot { rank: picture.rank, spectra: picture.spectra }
}

//! What a campaign found, one file per format: html, svg, csv, json.
//!
//! In: a [`ReportData`] (it is `report.json`, versioned). Out: files of the run directory, all of them through
//! [`write_run_report`], or one by one to any writer; [`summary_text`] for the terminal. Energies in GeV.
//!
//! | file | module | for |
//! |---|---|---|
//! | `index.html` | [`html`], with [`figure`] and [`overview`] | people |
//! | `bumps.csv` | [`csv`] | tables and scripts |
//! | `report.json` | [`json`] | programs; reading it back gives equal data |
//! | terminal | [`summary`] | the end of a run |
//!
//! [`wording`] turns numbers into sentences and [`crate::digits`] into texts, for all of them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::categories::Category;
use crate::part_file::{commit_all, filled};
use crate::particles::MassLabel;
use crate::provenance::Provenance;
use crate::ranking::{Bump, StackSummary};
use crate::run_files::RunFile;

pub use crate::fill::accounting::{CutflowRow, InputFile, InputSummary};

pub mod assemble;
pub mod csv;
mod error;
pub mod figure;
pub mod html;
pub mod json;
pub mod overview;
pub mod summary;
pub mod wording;

pub use crate::ranking::picture::DrawnSpectrum;
pub use error::ReportError;
pub use html::{PageOptions, write_html};
pub use json::{SCHEMA, read_report_json, write_report_json};
pub use summary::summary_text;

/// Writes `index.html`, `bumps.csv` and `report.json` into an existing folder, all complete or none; gives their paths
/// in that order, the one to open first.
pub fn write_run_report(dir: &Path, data: &ReportData, options: &PageOptions) -> Result<Vec<PathBuf>, ReportError> {
    let [page, table, json] = [RunFile::Page, RunFile::Bumps, RunFile::Report].map(|file| file.path(dir));
    commit_all(vec![
        filled(&page, |out| write_html(out, data, options))?,
        filled(&table, |out| csv::write_bumps_csv(out, data))?,
        filled(&json, |out| write_report_json(out, data))?,
    ])?;
    Ok(vec![page, table, json])
}

/// Everything that the report shows; serialised as `report.json`. Holds no wall time, host or date.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct ReportData {
    /// Version of this layout.
    pub schema: u32,
    /// Campaign name and one sentence about it.
    pub campaign: String,
    /// One sentence.
    pub about: String,
    /// Program version, commit, campaign hash, seeds, device, model.
    pub provenance: Provenance,
    /// Inputs with sizes; a planted signal is said to be one.
    pub inputs: Vec<InputSummary>,
    /// Sentences: too few raw events, skipped files ...
    pub warnings: Vec<String>,
    /// Those of them that only say what was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Step name, events (raw) and sum of weights that are left after it, per sample and in all.
    pub cutflow: Vec<CutflowRow>,
    /// Number of categories with at least one event.
    pub categories: u64,
    /// Spectra booked, scanned, skipped by reason.
    pub spectra: SpectraSummary,
    /// Stacks that were searched, their chances.
    pub stacks: StackSummary,
    /// Why no excess can be told from chance, where that is so: weights above 1, too few simulated events.
    #[serde(default)]
    pub cannot_tell: Option<String>,
    /// Sentences that say what the number of stacks leads one to expect by chance and what was found.
    pub expectation: Vec<String>,
    /// Lines in the table of index.html (bumps.csv has all).
    pub rows: usize,
    /// All lines, candidate by candidate.
    pub bumps: Vec<Bump>,
    /// Plots of the first candidates, by rank.
    pub plots: Vec<BumpPlot>,
}

/// What was scanned and what was not.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Default)]
pub struct SpectraSummary {
    /// Spectra with at least one entry.
    pub booked: u64,
    /// Spectra that the network saw.
    pub scanned: u64,
    /// Reason -> number of spectra.
    pub skipped: Vec<(String, u64)>,
    /// Every scanned spectrum: category, mass, from_gev, to_gev, bins, entries, zmax, mass of zmax.
    pub list: Vec<ScannedSpectrum>,
}

/// One scanned spectrum.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct ScannedSpectrum {
    /// Category.
    pub category: Category,
    /// Mass.
    pub mass: MassLabel,
    /// Start, GeV.
    pub from_gev: f64,
    /// End, GeV.
    pub to_gev: f64,
    /// Bins.
    pub bins: usize,
    /// Entries.
    pub entries: f64,
    /// Largest z.
    pub zmax: f64,
    /// Where, GeV.
    pub zmax_gev: f64,
    /// Chance that background alone is as significant anywhere in a spectrum like this.
    pub p_spectrum: f64,
}

/// One candidate drawn: the stack of its head.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct BumpPlot {
    /// Rank of the candidate.
    pub rank: usize,
    /// All multiplicities together, then the two that show it best.
    pub spectra: Vec<DrawnSpectrum>,
}

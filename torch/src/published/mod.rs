//! Real spectra: what the network says beside what is known about them.
//!
//! In: binned spectra (CSV, GeV), alone or in a [`list`] that says which part of each is looked at and what should come
//! out. Out: a [`Validation`]: per spectrum the network's z and background, where the file has a background the
//! likelihood ratio against it (physics.md section 6), a side-band fit, and a verdict; written as a
//! page, a table and JSON by [`write_validation`].
//!
//! [`list`] (YAML) -> [`prepare`] (crop, join bins, trim) -> [`compare`] (network, known background, side bands) with
//! [`verdict`] and [`toys`] -> [`page`] with [`picture`], [`tables`]

use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use bumphound::binning::trim::LEAST_BINS;
use bumphound::file_kind::TextError;
use bumphound::histograms::effective::{Counts, NotCounts, counts};
use bumphound::histograms::spectra_file::{self, SpectraError};
use bumphound::part_file::{FileError, commit_all, filled};
use bumphound::progress::{Progress, Silent};
use bumphound::scan::Scanner;

pub mod compare;
pub mod list;
pub mod page;
pub mod picture;
pub mod prepare;
pub mod tables;
pub mod toys;
pub mod verdict;

pub use compare::{Compared, KnownBackground, Peak};
pub use list::{Entry, List, ListError};
pub use verdict::{Expectation, Outcome};

/// Version of the layout of `validate.json`.
pub const SCHEMA: u32 = 1;

/// Everything that was compared; serialised as `validate.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Validation {
    /// Version of this layout.
    pub schema: u32,
    /// Program version and commit.
    pub program: String,
    /// Name of the network and sha256 of its weights.
    pub model: String,
    /// `cpu` or the name of a GPU.
    pub device: String,
    /// One sentence on the list.
    pub about: String,
    /// The spectra in the order of the list.
    pub spectra: Vec<Compared>,
}

impl Validation {
    /// Spectra that are not as expected.
    pub fn failed(&self) -> impl Iterator<Item = &Compared> {
        self.spectra.iter().filter(|spectrum| matches!(spectrum.verdict, Outcome::NotAsExpected { .. }))
    }
}

/// Why spectra cannot be compared.
#[derive(Debug, Error)]
pub enum ValidationError {
    /// A file cannot be used.
    #[error("{source}{hint}")]
    File {
        /// Names the file.
        source: SpectraError,
        /// Where the path comes from.
        hint: String,
    },
    /// The contents are no counts.
    #[error("{}: {source}", path.display())]
    NotCounts {
        /// File.
        path: PathBuf,
        /// Why.
        source: NotCounts,
    },
    /// Nothing is left to look at.
    #[error("{}: {source}", path.display())]
    Prepare {
        /// File.
        path: PathBuf,
        /// Why.
        source: prepare::PrepareError,
    },
    /// The network could not be run.
    #[error("the network failed: {0}")]
    Network(String),
    /// The network gave nothing for a spectrum.
    #[error(
        "{}: the network gives no finite z\nhint: the largest count is {largest}; networks are made for 0 to about 10^6 entries per bin, `range_gev` leaves out the rest",
        path.display()
    )]
    NotFinite {
        /// File.
        path: PathBuf,
        /// Largest count that was put in.
        largest: f64,
    },
}

/// Reads, prepares and compares every spectrum of a list, in its order; `toys` without and as many with a signal are
/// thrown from each published background, their streams derived from `seed` and the spectrum's name.
pub fn validate(
    list: &List,
    predictor: &dyn Scanner,
    toys: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Vec<Compared>, ValidationError> {
    let mut prepared = Vec::with_capacity(list.spectra.len());
    for entry in &list.spectra {
        let path = || entry.file.clone();
        let table = spectra_file::read_one(&entry.file).map_err(|source| {
            let hint = match (&source, &list.path) {
                (SpectraError::File(TextError::Read { .. }), Some(list)) => {
                    format!("\nhint: paths in {} start at its folder", list.display())
                }
                _ => String::new(),
            };
            ValidationError::File { source, hint }
        })?;
        // Only what is looked at needs to be counts; where that is too little, the whole says what there is.
        let part = entry.range_gev.map(|range| table.within(range)).filter(|part| part.observed.len() >= LEAST_BINS);
        let bins_in_file = table.observed.len();
        let Counts { table, note } = counts(part.unwrap_or(table), entry.weighted)
            .map_err(|source| ValidationError::NotCounts { path: path(), source })?;
        let (mut cropped, range) =
            prepare::prepare(&table, entry).map_err(|source| ValidationError::Prepare { path: path(), source })?;
        cropped.bins_in_file = bins_in_file;
        let part = cropped.part(range);
        prepared.push((entry, cropped, part, note));
    }
    let counts: Vec<&[f64]> = prepared.iter().map(|(_, _, part, _)| part.counts.as_slice()).collect();
    let curves = predictor.curves(&counts, &Silent).map_err(ValidationError::Network)?;
    let with_toys = prepared.iter().filter(|(_, cropped, ..)| toys > 0 && cropped.published.is_some()).count();
    if with_toys > 0 {
        progress.begin("toys", 2 * (toys * with_toys) as u64, "spectra");
    }
    prepared
        .into_iter()
        .zip(curves)
        .map(|((entry, cropped, part, note), curve)| {
            let mut compared = compare::compare(entry, part, curve, predictor.calibrations())?;
            compared.contents = note;
            if let Some(known) = &compared.known {
                let observed = toys::Observed { p_spectrum: compared.p_spectrum, known: known.zmax.z };
                compared.toys =
                    toys::throw(&cropped, entry.trim, observed, predictor, (toys, seed, &entry.name), progress)
                        .map_err(ValidationError::Network)?;
            }
            Ok(compared)
        })
        .collect()
}

/// The files that are written, the one first that says whose the others are.
pub const FILES: [&str; 3] = ["validate.json", "validate.csv", "index.html"];

/// Writes `index.html`, `validate.csv` and `validate.json` into an existing folder, all complete or none; gives the
/// path of the page.
pub fn write_validation(dir: &Path, validation: &Validation) -> Result<PathBuf, FileError> {
    let [json, table, page] = FILES.map(|name| dir.join(name));
    commit_all(vec![
        filled(&json, |out| tables::write_json(out, validation))?,
        filled(&table, |out| tables::write_csv(out, &validation.spectra))?,
        filled(&page, |out| page::write_page(out, validation))?,
    ])?;
    Ok(page)
}

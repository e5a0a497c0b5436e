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

use bumphound::histograms::counts_csv;
use bumphound::histograms::counts_csv::CountsError;
use bumphound::part_file::{FileError, write_atomically};
use bumphound::progress::Silent;
use bumphound::scan::Scanner;
use bumphound::whole_file;

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
    /// A file cannot be read.
    #[error("{}: {source}{hint}", path.display())]
    File {
        /// File.
        path: PathBuf,
        /// System's message.
        source: std::io::Error,
        /// Where the path comes from.
        hint: String,
    },
    /// A file is not a table of counts.
    #[error("{}: {source}", path.display())]
    Table {
        /// File.
        path: PathBuf,
        /// What is wrong.
        source: CountsError,
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
) -> Result<Vec<Compared>, ValidationError> {
    let mut prepared = Vec::with_capacity(list.spectra.len());
    for entry in &list.spectra {
        let path = || entry.file.clone();
        let bytes = whole_file::read(&entry.file, whole_file::DATA).map_err(|source| {
            let hint = match &list.path {
                Some(list) => format!("\nhint: paths in {} start at its folder", list.display()),
                None => String::new(),
            };
            ValidationError::File { path: path(), source, hint }
        })?;
        let table = counts_csv::parse(&String::from_utf8_lossy(&bytes))
            .map_err(|source| ValidationError::Table { path: path(), source })?;
        let (cropped, range) =
            prepare::prepare(&table, entry).map_err(|source| ValidationError::Prepare { path: path(), source })?;
        let part = cropped.part(range);
        prepared.push((entry, cropped, part));
    }
    let counts: Vec<&[f64]> = prepared.iter().map(|(_, _, part)| part.counts.as_slice()).collect();
    let curves = predictor.curves(&counts, &Silent).map_err(ValidationError::Network)?;
    prepared
        .into_iter()
        .zip(curves)
        .map(|((entry, cropped, part), curve)| {
            let mut compared = compare::compare(entry, part, curve, predictor.calibrations())?;
            if let Some(known) = &compared.known {
                let observed = toys::Observed { p_spectrum: compared.p_spectrum, known: known.zmax.z };
                compared.toys = toys::throw(&cropped, entry.trim, observed, predictor, (toys, seed, &entry.name))
                    .map_err(ValidationError::Network)?;
            }
            Ok(compared)
        })
        .collect()
}

/// Writes `index.html`, `validate.csv` and `validate.json` into an existing folder, each complete or not at all; gives
/// the path of the page.
pub fn write_validation(dir: &Path, validation: &Validation) -> Result<PathBuf, FileError> {
    let page = dir.join("index.html");
    write_atomically(&page, |out| page::write_page(out, validation))?;
    write_atomically(&dir.join("validate.csv"), |out| tables::write_csv(out, &validation.spectra))?;
    write_atomically(&dir.join("validate.json"), |out| tables::write_json(out, validation))?;
    Ok(page)
}

//! A filled campaign as it lies in a run directory: from here on no event is read.
//!
//! In: what the event loop gave, or a folder. Out: [`FilledRun`], for scan, ranking, report and merging.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::pseudo_data::few_raw_events;
use super::record::{FillRecord, RecordError, SCHEMA};
use super::{Filled, InputSummary};
use crate::campaign::{Campaign, CampaignErrors, PseudoData, load_filled};
use crate::file_kind;
use crate::histograms::Book;
use crate::histograms::store::StoreError;
use crate::part_file::FileError;
use crate::provenance;
use crate::run_files::{RunFile, RunFilesError, settle};

/// A campaign with its book.
#[derive(Debug, Clone)]
pub struct FilledRun {
    /// For messages: the folder.
    pub name: String,
    /// The campaign.
    pub campaign: Campaign,
    /// What was read.
    pub record: FillRecord,
    /// The counts.
    pub book: Book,
    /// With `pseudo_data: poisson`, the sums of weights that the counts were drawn around.
    pub weighted: Option<Book>,
}

/// A run directory that cannot be gone on from.
#[derive(Debug, Error)]
pub enum RunError {
    /// There is no book.
    #[error("{} does not exist\nhint: `bumphound fill CAMPAIGN --out {}` makes it", path.display(), dir.display())]
    NoBook {
        /// File.
        path: PathBuf,
        /// Folder.
        dir: PathBuf,
    },
    /// A file where the folder should be.
    #[error(transparent)]
    NoFolder(#[from] file_kind::NoFolder),
    /// The campaign.
    #[error(transparent)]
    Campaign(#[from] CampaignErrors),
    /// The book.
    #[error(transparent)]
    Book(#[from] StoreError),
    /// The record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The provenance.
    #[error("the provenance cannot be written: {0}")]
    Provenance(#[from] serde_json::Error),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] RunFilesError),
}

impl FilledRun {
    /// What the event loop made of a campaign.
    pub fn new(campaign: Campaign, filled: Filled, name: String) -> Result<FilledRun, RunError> {
        let Filled { book, simulated, cutflow, inputs, skipped, warnings, notes } = filled;
        let text = provenance_text(&campaign, &inputs)?;
        let book = book.with_provenance(text.clone());
        let weighted = simulated.map(|weighted| weighted.with_provenance(text));
        let booking_sha256 = campaign.booking_sha256.clone();
        let record = FillRecord { schema: SCHEMA, booking_sha256, inputs, skipped, cutflow, warnings, notes };
        Ok(FilledRun { name, campaign, record, book, weighted })
    }

    /// Reads a run directory; `overrides` as in [`load_filled`].
    pub fn read(dir: &Path, overrides: &[String]) -> Result<FilledRun, RunError> {
        file_kind::folder(dir, "a run directory")?;
        settle(dir)?;
        let path = RunFile::Book.path(dir);
        if !path.exists() {
            return Err(RunError::NoBook { path, dir: dir.into() });
        }
        let campaign = load_filled(&RunFile::Campaign.path(dir), overrides)?;
        let weighted = RunFile::WeightedBook.path(dir);
        Ok(FilledRun {
            name: dir.display().to_string(),
            record: FillRecord::read(&RunFile::FillRecord.path(dir))?,
            book: Book::read(&path)?,
            weighted: weighted.exists().then(|| Book::read(&weighted)).transpose()?,
            campaign,
        })
    }

    /// Writes book, weights and record into a run directory; the campaign lies there already.
    pub fn write(&self, dir: &Path) -> Result<(), RunError> {
        if let Some(weighted) = &self.weighted {
            weighted.write(&RunFile::WeightedBook.path(dir))?;
        }
        self.record.write(&RunFile::FillRecord.path(dir))?;
        Ok(self.book.write(&RunFile::Book.path(dir))?)
    }

    /// Sentences for the report: those of the event loop, and which spectra have fewer raw events than their weights say.
    pub fn warnings(&self) -> Vec<String> {
        let sums = self.weighted.as_ref().unwrap_or(&self.book);
        let raw = match self.campaign.pseudo_data {
            PseudoData::Unweight => None,
            PseudoData::Off | PseudoData::Poisson => few_raw_events(sums, self.campaign.scan.min_raw_fraction),
        };
        self.record.warnings.iter().cloned().chain(raw).collect()
    }
}

/// Where a book comes from.
pub(super) fn provenance_text(campaign: &Campaign, inputs: &[InputSummary]) -> Result<String, serde_json::Error> {
    provenance::of_book(&campaign.sha256(), campaign.seed, &inputs)
}

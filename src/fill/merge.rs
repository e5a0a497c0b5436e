//! Books of one campaign, filled apart, to the book that one fill of all inputs would have given.
//!
//! In: [`FilledRun`]s, in any order. Out: one of the same bytes for every order. Sums are exact; pseudo-data is drawn again
//! around the joined sums of weights. Refused: other choices, a file read twice, parts of a sample that was scaled to a cross
//! section or cut to a number of events.

use std::path::Path;

use thiserror::Error;

use super::filled_run::{FilledRun, provenance_text};
use super::pseudo_data;
use super::record::{FillRecord, SCHEMA};
use super::{CutflowRow, InputSummary};
use crate::campaign::{Campaign, MergeInputsError, PseudoData, Role, merged};
use crate::histograms::{Book, BookError};

/// Books that cannot be joined.
#[derive(Debug, Error)]
pub enum MergeError {
    /// Nothing to join.
    #[error("there is no book to join")]
    Nothing,
    /// Filled by other choices.
    #[error(
        "{first} and {other} were filled by different campaigns: objects, regions, masses, binning, weights or seed differ\n\
         hint: books can be joined when the campaigns differ in nothing but `inputs`, `scan`, `ranking`, `report`, `name` and `about`"
    )]
    OtherCampaign {
        /// Folder.
        first: String,
        /// Folder.
        other: String,
    },
    /// Sums of weights are missing.
    #[error("{name} has no book of weights\nhint: fill it again: pseudo-data is drawn anew around the joined weights")]
    NoWeights {
        /// Folder.
        name: String,
    },
    /// Counts of data that cannot be told from drawn ones.
    #[error(
        "the books hold counts of data beside counts drawn from simulation, which would have to be drawn again\nhint: fill all \
         inputs in one go"
    )]
    DrawnBesideData,
    /// The inputs.
    #[error(transparent)]
    Inputs(#[from] MergeInputsError),
    /// The spectra.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The provenance.
    #[error("the provenance cannot be written: {0}")]
    Provenance(#[from] serde_json::Error),
}

/// Joins books. `folder`: where relative paths of the joined campaign start if it has no base.
pub fn merge(mut parts: Vec<FilledRun>, folder: &Path) -> Result<FilledRun, MergeError> {
    parts.sort_by_cached_key(|part| key(&part.record.inputs));
    let Some(first) = parts.first() else { return Err(MergeError::Nothing) };
    if let Some(other) = parts.iter().find(|part| part.record.booking_sha256 != first.record.booking_sha256) {
        return Err(MergeError::OtherCampaign { first: first.name.clone(), other: other.name.clone() });
    }
    let campaigns: Vec<Campaign> = parts.iter().map(|part| part.campaign.clone()).collect();
    let campaign = merged(&campaigns, folder)?.ok_or(MergeError::Nothing)?;
    let mut record = FillRecord {
        schema: SCHEMA,
        booking_sha256: first.record.booking_sha256.clone(),
        inputs: Vec::new(),
        skipped: Vec::new(),
        cutflow: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
    };
    let drawn = campaign.pseudo_data == PseudoData::Poisson;
    if drawn && campaign.samples.iter().any(|sample| sample.role == Role::Data) {
        return Err(MergeError::DrawnBesideData);
    }
    let mut sums: Option<Book> = None;
    for part in &parts {
        add_inputs(&mut record.inputs, &part.record.inputs);
        add_cutflow(&mut record.cutflow, &part.record.cutflow);
        record.skipped.extend(part.record.skipped.iter().cloned());
        for (all, own) in [(&mut record.warnings, &part.record.warnings), (&mut record.notes, &part.record.notes)] {
            own.iter().for_each(|sentence| {
                if !all.contains(sentence) {
                    all.push(sentence.clone());
                }
            });
        }
        let book = match (&part.weighted, drawn) {
            (Some(weighted), true) => weighted,
            (None, true) => return Err(MergeError::NoWeights { name: part.name.clone() }),
            (_, false) => &part.book,
        };
        sums = Some(match sums {
            Some(sum) => sum.merge(book)?,
            None => book.clone(),
        });
    }
    let sums = sums.ok_or(MergeError::Nothing)?;
    let text = provenance_text(&campaign, &record.inputs)?;
    let sums = sums.with_provenance(text);
    let (book, weighted) = match drawn {
        true => (pseudo_data::poisson(&sums, &campaign)?, Some(sums)),
        false => (sums, None),
    };
    Ok(FilledRun { name: folder.display().to_string(), campaign, record, book, weighted })
}

/// By which parts are put in order.
fn key(inputs: &[InputSummary]) -> Vec<(String, Vec<String>)> {
    let files = |sample: &InputSummary| sample.files.iter().map(|file| file.path.clone()).collect();
    inputs.iter().map(|sample| (sample.sample.clone(), files(sample))).collect()
}

fn add_inputs(all: &mut Vec<InputSummary>, part: &[InputSummary]) {
    for sample in part {
        match all.iter_mut().find(|other| other.sample == sample.sample) {
            Some(same) => {
                same.files.extend(sample.files.iter().cloned());
                same.files.sort_by(|a, b| a.path.cmp(&b.path));
            }
            None => all.push(sample.clone()),
        }
    }
}

/// Rows of the same step of the same sample are added; others stay in the order of their parts, `all` last.
fn add_cutflow(all: &mut Vec<CutflowRow>, part: &[CutflowRow]) {
    for row in part {
        match all.iter_mut().find(|other| (&other.sample, &other.step) == (&row.sample, &row.step)) {
            Some(same) => {
                same.events += row.events;
                same.sum_w += row.sum_w;
            }
            None => all.push(row.clone()),
        }
    }
    all.sort_by_key(|row| row.sample == ALL);
}

/// Name of the sum over all samples in a cutflow.
const ALL: &str = "all";

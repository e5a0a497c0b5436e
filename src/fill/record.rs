//! What is known of a filled book beside its spectra: `fill.json` of a run directory.
//!
//! In: what the event loop gave. Out: a [`FillRecord`] from which the report can be written without reading an event again.

use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{CutflowRow, InputSummary, SkippedInput};
use crate::part_file::{ContentsError, FileError, write_atomically};
use crate::whole_file;

/// Version of the layout of `fill.json`.
pub const SCHEMA: u32 = 1;

/// Inputs, and where their events went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FillRecord {
    /// Version of this layout.
    pub schema: u32,
    /// Books of equal hash may be joined: [`Campaign::booking_sha256`](crate::campaign::Campaign::booking_sha256).
    pub booking_sha256: String,
    /// Samples with their files, also those that could not be read.
    pub inputs: Vec<InputSummary>,
    /// Files and entry ranges that could not be read.
    pub skipped: Vec<SkippedInput>,
    /// Events after each step.
    pub cutflow: Vec<CutflowRow>,
    /// Sentences for the report.
    pub warnings: Vec<String>,
    /// Those of them that only say what was chosen (which MET, which b-tag).
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A record that cannot be read.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The file system said no.
    #[error("{path}: {source}\nhint: `bumphound fill CAMPAIGN --out DIR` makes it")]
    Read {
        /// File.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Not a record.
    #[error("{path}: {source}\nhint: was it cut short or edited? fill the campaign again")]
    Json {
        /// File.
        path: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Of another version.
    #[error("{path} has schema {found}, this program reads {SCHEMA}\nhint: fill the campaign again")]
    Schema {
        /// File.
        path: String,
        /// Version in the file.
        found: u32,
    },
}

impl FillRecord {
    /// Reads `fill.json`.
    pub fn read(path: &Path) -> Result<FillRecord, RecordError> {
        let shown = || path.display().to_string();
        let text =
            whole_file::read(path, whole_file::DATA).map_err(|source| RecordError::Read { path: shown(), source })?;
        let record: FillRecord =
            serde_json::from_slice(&text).map_err(|source| RecordError::Json { path: shown(), source })?;
        match record.schema {
            SCHEMA => Ok(record),
            found => Err(RecordError::Schema { path: shown(), found }),
        }
    }

    /// Writes `fill.json`.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        write_atomically(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            Ok::<_, ContentsError>(std::io::Write::write_all(out, b"\n")?)
        })
    }
}

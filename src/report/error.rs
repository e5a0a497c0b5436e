//! What can go wrong while a report is written or read back.

use std::io;

use crate::part_file::FileError;

/// An error of the report stage; messages end in a hint where there is something to try.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file of the report could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// An output that is not a file of ours refused bytes.
    #[error("cannot write the report: {0}")]
    Output(#[from] io::Error),
    /// The page template failed, which means that the output refused bytes.
    #[error("cannot write index.html: {0}")]
    Page(#[from] askama::Error),
    /// The csv writer failed.
    #[error("cannot write bumps.csv: {0}")]
    Csv(#[from] csv::Error),
    /// Not JSON, or not the JSON of a report.
    #[error("cannot read report.json: {0}\nhint: was it written by another program or cut short?")]
    Json(#[from] serde_json::Error),
    /// A report from another version.
    #[error(
        "report.json has schema {found}, this program reads {known}\nhint: make it again from the book with `bumphound rank DIR`"
    )]
    Schema {
        /// Version in the file.
        found: u64,
        /// Version that this program writes.
        known: u32,
    },
    /// JSON knows no NaN and no infinity; the line shows which value it was.
    #[error(
        "report.json would not read back: line {line}, `{text}`: {why}\nhint: a NaN or an infinity came out of an earlier stage; please report it with the campaign"
    )]
    NotFinite {
        /// Line of the JSON text, from 1.
        line: usize,
        /// That line.
        text: String,
        /// What the reader said.
        why: String,
    },
}

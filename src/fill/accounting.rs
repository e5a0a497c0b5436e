//! Where every event came from and where it went: shown in the report, part of a book's provenance.

use serde::{Deserialize, Serialize};

/// One input sample.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct InputSummary {
    /// Sample name.
    pub sample: String,
    /// `data`, `mc 510.2 pb`, ...
    pub role: String,
    /// A signal put in on purpose.
    pub planted: bool,
    /// Files: path, bytes, entries in the tree.
    pub files: Vec<InputFile>,
}

/// One input file.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct InputFile {
    /// Path as given.
    pub path: String,
    /// Size on disk.
    pub bytes: u64,
    /// Events in the tree.
    pub entries: u64,
}

/// One step of the cutflow of one sample.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct CutflowRow {
    /// Sample name.
    pub sample: String,
    /// `read`, `bad values`, `preselection`, `chosen`, `region met200` ...
    pub step: String,
    /// Events.
    pub events: u64,
    /// Sum of weights.
    pub sum_w: f64,
}

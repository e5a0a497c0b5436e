//! Text of the Dark Machines data challenge: one event per line, MeV; plain or gzip. Overlaps are removed.
//!
//! In: a file of lines `event; process; weight; MET; METphi; obj, E, pt, eta, phi; ...`, with or without a first line
//! that names the columns. Out: [`CsvLayout`]; the columns of an [`EventBatch`], GeV; jet masses from
//! E^2 - (pT cosh eta)^2.
//!
//! | step | file |
//! |---|---|
//! | bytes, from disk or memory | `store` |
//! | blocks of whole lines, found once, read in any order | `blocks` |
//! | a line to an event | `line` |
//! | ranges of events | `reader` |

mod blocks;
mod line;
mod reader;
mod store;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::layout::Spelled;
use super::{Detect, EventCondition, LayoutKind, Mistakes, Names};
use crate::ntuples::detect::Detected;
use crate::ntuples::{EventBatch, NtupleError, Reader};
use blocks::{is_blank, lines};
use line::Order;
use reader::{CsvReader, USUAL};

pub use reader::read_darkmachines;

/// Bytes of a file that show what it is.
const BYTES_TO_LOOK_AT: u64 = 1 << 17;

pub(super) static KIND: LayoutKind = LayoutKind {
    name: "darkmachines_csv",
    title: "Dark Machines",
    about: "Text of the Dark Machines data challenge.",
    about_names: "Text of the Dark Machines data challenge.",
    usual: Some(|| CsvLayout::default().into()),
    may_overlap: false,
    slow_to_open: true,
    detect: Detect::Start(detect),
    missing_branch: |_, _| None,
    spelled: Spelled::as_in::<CsvLayout>(),
};

/// Columns of a Dark Machines text file: five for the event, then one per object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvLayout {
    /// Order of the first five columns where the file has no line that names them; unless given, `[event, process,
    /// weight, met, met_phi]` as published (arXiv:2105.14027), or `met_phi` before `met` where only that makes sense of
    /// the first lines (MET not negative, its direction an angle).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<CsvColumn>", length(min = 1))]
    pub columns: Option<Vec<CsvColumn>>,
}

/// One of the first columns of a Dark Machines text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CsvColumn {
    /// Number of the event; not read.
    Event,
    /// Name or number of the process; not read.
    Process,
    /// Event weight.
    Weight,
    /// Missing transverse momentum, MeV.
    Met,
    /// Its direction, radians.
    MetPhi,
}

impl CsvColumn {
    /// As in YAML.
    pub fn name(self) -> &'static str {
        match self {
            CsvColumn::Event => "event",
            CsvColumn::Process => "process",
            CsvColumn::Weight => "weight",
            CsvColumn::Met => "met",
            CsvColumn::MetPhi => "met_phi",
        }
    }
}

impl Names for CsvLayout {
    fn kind(&self) -> &'static LayoutKind {
        &KIND
    }

    fn check(&self, mistakes: &mut Mistakes) {
        let Some(columns) = &self.columns else { return };
        for (i, column) in columns.iter().enumerate() {
            if columns.iter().take(i).any(|other| other == column) {
                mistakes.push(&format!("columns/{i}"), "this column is there twice");
            }
        }
        for column in [CsvColumn::Met, CsvColumn::MetPhi] {
            if !columns.contains(&column) {
                let here = mistakes.shown("columns");
                mistakes.push("columns", format!("{here} has no `{}`", column.name()));
            }
        }
    }

    fn in_words(&self) -> String {
        "Dark Machines text, MeV".to_string()
    }

    fn objects_in_words(&self) -> Vec<String> {
        Vec::new()
    }

    fn tree(&self) -> &str {
        ""
    }

    fn require_event(&self) -> &[EventCondition] {
        &[]
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Reader>, NtupleError> {
        Ok(Box::new(CsvReader::open(path, self)?))
    }
}

fn detect(path: &Path) -> Option<Detected> {
    looks_like_events(path).then(|| Detected {
        layout: CsvLayout::default().into(),
        why: "its first line is an event of the Dark Machines data challenge".to_string(),
        unmatched: Vec::new(),
    })
}

/// True if a file begins like a text of events: column names, or a line that is one.
fn looks_like_events(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return false;
    }
    let mut start = Vec::new();
    if file.take(BYTES_TO_LOOK_AT).read_to_end(&mut start).is_err() {
        return false;
    }
    if start.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        // The end of what was read is no end of the stream: the error does not matter.
        let _ = flate2::read::MultiGzDecoder::new(start.as_slice()).take(BYTES_TO_LOOK_AT).read_to_end(&mut text);
        start = text;
    }
    let Some(first) = lines(&start).find(|line| !is_blank(line)) else { return false };
    let order: Order = USUAL.map(Some).into();
    line::header(first).is_some() || line::append(first, &order, &mut EventBatch::default()).is_ok()
}

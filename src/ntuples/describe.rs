//! What a file holds, for people and scripts: trees with their cycles and folders, branches with types and sizes.
//!
//! In: a path. Out: [`FileDescription`], without a word on physics and without reading an event. Sizes in bytes as the
//! file states them. A tree that cannot be decoded is listed with the reason; a file that cannot be opened is an error.
//!
//! ```
//! use bumphound::ntuples::describe::describe;
//! let file = describe("data-samples/tiny/diphoton.root".as_ref())?;
//! let tree = &file.tables[0];
//! assert_eq!((tree.name.as_str(), tree.entries), ("Delphes", Some(2000)));
//! # Ok::<(), bumphound::ntuples::NtupleError>(())
//! ```

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Serialize;

use super::NtupleError;
use crate::rootfile::table::{Leaf, Stored, Table};
use crate::rootfile::{Column, ListedKey, RootFile, Scratch};

/// Objects other than trees that are listed by name.
const MAX_OTHERS: usize = 10_000;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileDescription {
    /// As it was opened.
    pub path: String,
    /// Length, bytes.
    pub bytes: u64,
    /// `ROOT file, written by ROOT 6.40.00`, `text`, `gzip`.
    pub format: String,
    /// Trees and RNTuples, in the order of the file; of several cycles the newest first.
    pub tables: Vec<TableDescription>,
    /// Histograms and whatever else there is.
    pub others: Vec<OtherObject>,
    /// First lines of a text file, at most three of at most 200 characters.
    pub first_lines: Vec<String>,
}

/// A tree or an RNTuple.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableDescription {
    /// Name with the folders above it, without cycle.
    pub name: String,
    /// `TTree`, `TNtuple`, `ROOT::RNTuple`.
    pub class: String,
    /// Higher is newer.
    pub cycle: i16,
    /// An older cycle of a tree of this name: programs read the newest unless told otherwise.
    pub superseded: bool,
    /// Number of entries; None where it cannot be read.
    pub entries: Option<u64>,
    /// Branches with values of their own.
    pub columns: Vec<ColumnDescription>,
    /// Why entries and columns are not known.
    pub problem: Option<String>,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDescription {
    /// Name, such as `Jet.PT`.
    pub name: String,
    /// Readable type: `float`, `float[]` (a list per entry), `float[5]`, or the C++ class.
    #[serde(rename = "type")]
    pub type_name: String,
    /// It can be read as a column of numbers.
    pub readable: bool,
    /// Bytes in the file.
    pub packed_bytes: u64,
    /// Bytes once unpacked.
    pub unpacked_bytes: u64,
    /// Algorithm and level, `ZLIB(1)`.
    pub compression: String,
    /// Baskets.
    pub baskets: usize,
}

/// An object that is no table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OtherObject {
    /// Name with the folders above it.
    pub name: String,
    /// Class.
    pub class: String,
    /// Higher is newer.
    pub cycle: i16,
}

impl TableDescription {
    /// Bytes in the file and once unpacked, all columns together.
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |of: fn(&ColumnDescription) -> u64| self.columns.iter().map(of).fold(0, u64::saturating_add);
        (sum(|column| column.packed_bytes), sum(|column| column.unpacked_bytes))
    }

    /// False for trees that describe files, runs and classes: `MetaData`, `##Params`, `Runs`.
    pub fn may_hold_events(&self) -> bool {
        let name = self.name.to_lowercase();
        let others = ["meta", "##", "header", "hdr", "form", "luminosityblock", "parameterset", "cutflow"];
        !others.iter().any(|word| name.contains(word)) && name != "runs"
    }

    /// Compression settings with the number of columns that have them, most frequent first.
    pub fn compressions(&self) -> Vec<(&str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for column in &self.columns {
            *counts.entry(&column.compression).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, columns)| std::cmp::Reverse(*columns));
        counts
    }
}

/// A field of one event in a text, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RawField {
    /// What it is: `event`, `weight`, `met`, `object 1`.
    pub column: String,
    /// Without the spaces around it.
    pub text: String,
}

/// Describes a file: ROOT by its content, text and gzip by their first bytes.
pub fn describe(path: &Path) -> Result<FileDescription, NtupleError> {
    let start = first_bytes(path);
    let is_text = !start.starts_with(b"root") && looks_like_rows(&start);
    if is_text || start.starts_with(&[0x1f, 0x8b]) {
        let lines = String::from_utf8_lossy(&start);
        return Ok(FileDescription {
            path: path.display().to_string(),
            bytes: std::fs::metadata(path).map_or(0, |meta| meta.len()),
            format: if is_text { "text".into() } else { "gzip".into() },
            tables: vec![],
            others: vec![],
            first_lines: if is_text {
                lines.lines().take(3).map(|line| line.chars().take(200).collect()).collect()
            } else {
                vec![]
            },
        });
    }
    describe_root(&RootFile::open(path)?)
}

fn describe_root(file: &RootFile) -> Result<FileDescription, NtupleError> {
    let (mut tables, mut others) = (Vec::new(), Vec::new());
    let mut keys = file.keys()?;
    // Of one name the newest first; names in the order of the file.
    let mut order: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    let names: Vec<String> = keys.iter().map(|key| key.path.clone()).collect();
    for name in &names {
        if seen.insert(name.as_str()) {
            order.push(name);
        }
    }
    let place: BTreeMap<&str, usize> = order.iter().enumerate().map(|(i, name)| (*name, i)).collect();
    keys.sort_by_key(|key| (place.get(key.path.as_str()).copied(), std::cmp::Reverse(key.cycle)));
    let mut newest = HashSet::new();
    for ListedKey { path: name, class, cycle } in keys {
        if Stored::of(&class).is_some() {
            let superseded = !newest.insert(name.clone());
            let mut table =
                TableDescription { name, class, cycle, superseded, entries: None, columns: vec![], problem: None };
            let name = format!("{};{}", table.name, table.cycle);
            match file.table(&name) {
                Ok(found) => (table.entries, table.columns) = (Some(found.entries()), columns(&found)),
                Err(error) => table.problem = Some(error.to_string()),
            }
            tables.push(table);
        } else if !class.starts_with("TDirectory") && others.len() < MAX_OTHERS {
            others.push(OtherObject { name, class, cycle });
        }
    }
    let version = file.root_version();
    let shown = format!("{}.{:02}.{:02}", version / 10_000, version / 100 % 100, version % 100);
    Ok(FileDescription {
        path: file.path().display().to_string(),
        bytes: file.bytes(),
        format: format!("ROOT file, written by ROOT {shown}"),
        tables,
        others,
        first_lines: vec![],
    })
}

fn columns(table: &Table) -> Vec<ColumnDescription> {
    let column = |leaf: Leaf| ColumnDescription {
        name: leaf.name().to_string(),
        type_name: leaf.type_name().to_string(),
        readable: leaf.element().is_some(),
        packed_bytes: leaf.packed_bytes(),
        unpacked_bytes: leaf.unpacked_bytes(),
        compression: leaf.compression().to_string(),
        baskets: leaf.starts().len(),
    };
    table.all_leaves().into_iter().map(column).collect()
}

/// The numbers of one branch in one entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RawValues {
    /// Name.
    pub branch: String,
    /// As they stand in the file (64-bit integers are rounded, true is 1).
    pub values: Vec<f64>,
}

/// All numbers of one entry of a tree or RNTuple, branches that hold none left out. Units are those of the file.
pub fn raw_entry(path: &Path, table: &str, entry: u64) -> Result<Vec<RawValues>, NtupleError> {
    let table = RootFile::open(path)?.table(table)?;
    let range = entry..entry.saturating_add(1);
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    let mut found = Vec::new();
    for leaf in table.leaves() {
        // A branch that is damaged or shorter than others is no reason not to show the rest.
        if table.read(&leaf, range.clone(), &mut scratch, &mut column).is_ok() {
            let values = (0..column.values.len()).filter_map(|i| column.values.get(i)).collect();
            found.push(RawValues { branch: leaf.name().to_string(), values });
        }
    }
    Ok(found)
}

/// Up to 4 kB; nothing where the file cannot be read: opening it says why.
fn first_bytes(path: &Path) -> Vec<u8> {
    let mut start = Vec::new();
    if let Ok(file) = File::open(path) {
        let _ = file.take(4096).read_to_end(&mut start);
    }
    start
}

/// Printable lines with separators, and numbers in the first one that is no comment: rows of events, not a web page.
fn looks_like_rows(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    let printable = start.iter().all(|byte| matches!(byte, b'\t' | b'\r' | b'\n' | 0x20..=0x7e | 0x80..));
    let separated = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .take(2)
        .any(|line| line.matches([';', ',']).count() >= 3 && line.bytes().any(|byte| byte.is_ascii_digit()));
    printable && separated && !text.trim_start().starts_with('<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_events_are_told_from_other_text() {
        assert!(looks_like_rows(b"0;ttbar;1;22068.8;-3.07;j,105057,71768,0.9,-0.5\n"));
        assert!(looks_like_rows(b"event ID; process ID; event weight; MET; METphi; obj1\n0; x; 1; 2; 3;\n"));
        assert!(!looks_like_rows(b"<html><body>a, b, c, 404</body></html>"));
        assert!(!looks_like_rows(b"this is no file of events"));
        assert!(!looks_like_rows(b""));
        assert!(!looks_like_rows(b"\x00\x01;;;1"));
    }

    #[test]
    fn compressions_are_counted() {
        let column = |compression: &str| ColumnDescription {
            name: "x".into(),
            type_name: "float".into(),
            readable: true,
            packed_bytes: 10,
            unpacked_bytes: 40,
            compression: compression.into(),
            baskets: 1,
        };
        let table = TableDescription {
            name: "t".into(),
            class: "TTree".into(),
            cycle: 1,
            superseded: false,
            entries: Some(3),
            columns: vec![column("LZ4(4)"), column("ZLIB(1)"), column("ZLIB(1)")],
            problem: None,
        };
        assert_eq!(table.compressions(), [("ZLIB(1)", 2), ("LZ4(4)", 1)]);
        assert_eq!(table.bytes(), (30, 120));
        assert!(table.may_hold_events());
        assert!(!TableDescription { name: "MetaData".into(), ..table }.may_hold_events());
    }
}

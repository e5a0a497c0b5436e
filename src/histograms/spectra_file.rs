//! A file of spectra that the user has: UHI in JSON, or CSV.
//!
//! In: a path. Out: [`CountsTable`]s with their names in the order of the file; one that cannot be used is an error of its
//! own, so that the others can be. A file of another kind is refused with what it is (`file_kind`).

use std::path::Path;

use thiserror::Error;

use super::counts_csv::{self, CountsError, CountsTable};
use super::uhi::{self, UhiError};
use crate::file_kind::{TextError, read_text};
use crate::whole_file;

/// What a file should be, for messages.
const WANTED: &str = "a table of counts (CSV: low_edge,high_edge,observed) or UHI histograms (JSON)";

/// A file that cannot be used; the messages name it.
#[derive(Debug, Error)]
pub enum SpectraError {
    /// It cannot be read, or is of another kind.
    #[error(transparent)]
    File(#[from] TextError),
    /// A table.
    #[error("{file}: {source}")]
    Table {
        /// File.
        file: String,
        /// Why.
        source: CountsError,
    },
    /// JSON.
    #[error("{file}: {source}")]
    Uhi {
        /// File.
        file: String,
        /// Why.
        source: UhiError,
    },
    /// One was asked for, and it cannot be used or there are others.
    #[error("{file}: {what}")]
    One {
        /// File.
        file: String,
        /// Why.
        what: String,
    },
}

/// A spectrum of a file, or why it cannot be used.
pub type Named = (String, Result<CountsTable, String>);

/// All spectra of a file; one without a name has that of the file.
pub fn read(path: &Path) -> Result<Vec<Named>, SpectraError> {
    let text = read_text(path, WANTED, whole_file::DATA)?;
    let file = path.display().to_string();
    let alone = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
        return uhi::parse(&text, &alone).map_err(|source| SpectraError::Uhi { file, source });
    }
    let tables = counts_csv::parse_all(&text).map_err(|source| SpectraError::Table { file, source })?;
    let named = |(name, table): counts_csv::Named| {
        (if name.is_empty() { alone.clone() } else { name }, table.map_err(|error| error.to_string()))
    };
    Ok(tables.into_iter().map(named).collect())
}

/// The only spectrum of a file, as it stands there.
pub fn read_one(path: &Path) -> Result<CountsTable, SpectraError> {
    let wrong = |what: String| SpectraError::One { file: path.display().to_string(), what };
    let mut all = read(path)?;
    match (all.len(), all.pop()) {
        (1, Some((_, table))) => table.map_err(wrong),
        (0, _) | (_, None) => Err(wrong(CountsError::Empty.to_string())),
        (spectra, _) => Err(wrong(CountsError::Several { spectra }.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_csv_are_told_by_their_contents_and_others_named() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let read_as = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            read(&path).map_err(|error| error.to_string())
        };
        let json = br#"{"axes": [{"type": "variable", "edges": [0, 1, 3]}], "storage": {"values": [1, 2]}}"#;
        let csv = b"low,high,count\n0,1,1\n1,3,2\n";
        for (name, bytes) in [("a.csv", &json[..]), ("a.json", &csv[..])] {
            let (spectrum, table) = read_as(name, bytes).expect("a file").remove(0);
            assert_eq!((spectrum.as_str(), table.map(|table| table.observed)), ("a", Ok(vec![1.0, 2.0])));
        }
        for (bytes, what) in [
            (&b"root\0\0\xf7\x70\0\0\0\x64"[..], "is a ROOT file; expected is a table of counts"),
            (b"PK\x03\x04\0\0\0\0", "is a ZIP archive"),
            (b"\xff\xfel\0o\0w\0", "is text in UTF-16"),
            (b"\x00\x01\x02\x03", "is neither text nor of a kind that is known"),
            (b"", "no column `low_edge`"),
            (b"low,high,count\n", "no bin"),
        ] {
            let error = read_as("x.csv", bytes).and_then(|all| match all.len() {
                0 => Err(read_one(&folder.path().join("x.csv")).expect_err("no spectrum").to_string()),
                _ => Ok(all),
            });
            let error = error.expect_err(what);
            assert!(error.contains("x.csv") && error.contains(what) && !error.contains('\0'), "{error}");
        }
    }
}

//! Columns against a reference that `scripts/golden_columns.py` wrote from what uproot reads.

#![allow(dead_code, reason = "every test file uses some of these")]

use std::collections::BTreeMap;
use std::path::Path;

use bumphound::rootfile::{Column, RootError, RootFile, Scratch, Values};
use sha2::{Digest, Sha256};

/// File -> tree -> entries and columns.
pub type Golden = BTreeMap<String, BTreeMap<String, GoldenTree>>;

#[derive(serde::Deserialize)]
pub struct GoldenTree {
    pub entries: u64,
    /// Branch path -> count of numbers (or strings), hash of counts and numbers.
    pub columns: BTreeMap<String, (usize, String)>,
    /// Branch path -> C++ type of what is neither numbers nor strings.
    #[serde(default)]
    pub others: BTreeMap<String, String>,
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub struct Compared {
    /// Columns that are the same.
    pub equal: usize,
    /// Columns that this reader refuses, with its words.
    pub refused: Vec<String>,
    /// Columns that the reference does not have.
    pub only_here: Vec<String>,
    /// Columns that differ: there must be none.
    pub different: Vec<String>,
}

pub fn golden(path: &Path) -> Golden {
    let text = std::fs::read_to_string(path).expect("the reference is readable");
    serde_json::from_str(&text).expect("the reference is JSON")
}

pub fn big_endian(values: &Values) -> Vec<u8> {
    match values {
        Values::F32(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::F64(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::I8(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::U8(v) => v.clone(),
        Values::I16(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::U16(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::I32(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::U32(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::I64(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::U64(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        Values::Bool(v) => v.iter().map(|x| u8::from(*x)).collect(),
    }
}

fn short_hex(hash: Sha256) -> String {
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn digest(column: &Column) -> (usize, String) {
    let mut hash = Sha256::new();
    for pair in column.offsets.windows(2) {
        hash.update((pair[1] - pair[0]).to_be_bytes());
    }
    hash.update(big_endian(&column.values));
    (column.values.len(), short_hex(hash))
}

fn text_digest(texts: &[String]) -> (usize, String) {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u32).to_be_bytes());
        hash.update(text.as_bytes());
    }
    (texts.len(), short_hex(hash))
}

/// Compares every column of one file with the reference.
pub fn compare(path: &Path, trees: &BTreeMap<String, GoldenTree>) -> Result<Compared, RootError> {
    let file = RootFile::open(path)?;
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    let mut found = Compared::default();
    for (name, expected) in trees {
        let tree = file.tree(name)?;
        if tree.entries() != expected.entries {
            found.different.push(format!("{name}: {} entries, uproot has {}", tree.entries(), expected.entries));
        }
        for (path, expected) in &expected.columns {
            let read = tree.branch(path).and_then(|branch| match branch.is_text() {
                true => tree.read_text(branch, 0..tree.entries(), &mut scratch).map(|texts| text_digest(&texts)),
                false => tree.read(branch, 0..tree.entries(), &mut scratch, &mut column).map(|()| digest(&column)),
            });
            match read {
                Ok(digest) if digest == *expected => found.equal += 1,
                Ok(digest) => found.different.push(format!("{name} {path}: {digest:?}, uproot has {expected:?}")),
                Err(RootError::UnsupportedBranch { holds, .. }) => found.refused.push(format!("{path}: {holds}")),
                // Two branches of one path.
                Err(error @ RootError::AmbiguousBranch { .. }) => found.refused.push(error.to_string()),
                Err(error) => found.different.push(format!("{name} {path}: {error}")),
            }
        }
        for branch in tree.branches().iter().filter(|branch| !expected.columns.contains_key(&branch.path)) {
            let range = 0..tree.entries().min(branch.entries);
            match tree.read(branch, range, &mut scratch, &mut column) {
                Ok(()) => found.only_here.push(format!("{}: {}", branch.path, branch.type_name)),
                Err(RootError::UnsupportedBranch { holds, .. }) => {
                    found.refused.push(format!("{}: {holds}", branch.path));
                }
                Err(error) => found.refused.push(format!("{}: {error}", branch.path)),
            }
        }
    }
    Ok(found)
}

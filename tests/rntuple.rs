//! The RNTuple reader against uproot, against missing things, and against damaged bytes.
//!
//! Reference: `tests/golden/rntuple_columns.json`, written by `scripts/golden_rntuple.py` from what uproot reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bumphound::rootfile::{Column, RNTuple, RootError, RootFile, Scratch, Values};
use sha2::{Digest, Sha256};

/// File -> RNTuple -> entries and columns.
type Golden = BTreeMap<String, BTreeMap<String, GoldenNtuple>>;

#[derive(serde::Deserialize)]
struct GoldenNtuple {
    entries: u64,
    /// Field -> count of numbers, hash of counts and numbers.
    columns: BTreeMap<String, (usize, String)>,
}

fn root_of_crate() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sample(name: &str) -> PathBuf {
    root_of_crate().join("data-samples/rntuple").join(name)
}

fn golden(path: &Path) -> Golden {
    let text = std::fs::read_to_string(path).expect("the reference is readable");
    serde_json::from_str(&text).expect("the reference is JSON")
}

/// Reals as doubles, so that it does not matter in which precision the reference holds them.
fn big_endian(values: &Values) -> Vec<u8> {
    match values {
        Values::F32(v) => v.iter().flat_map(|x| f64::from(*x).to_be_bytes()).collect(),
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

fn digest(column: &Column) -> (usize, String) {
    let mut hash = Sha256::new();
    for pair in column.offsets.windows(2) {
        hash.update((pair[1] - pair[0]).to_be_bytes());
    }
    hash.update(big_endian(&column.values));
    let hex: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    (column.values.len(), hex)
}

/// Compares every column that the reference has of one file. Returns how many, and what differs.
fn compare(path: &Path, ntuples: &BTreeMap<String, GoldenNtuple>) -> Result<(usize, Vec<String>), RootError> {
    let file = RootFile::open(path)?;
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    let (mut compared, mut different) = (0, Vec::new());
    for (name, expected) in ntuples {
        let ntuple = file.rntuple(name)?;
        assert_eq!(ntuple.entries(), expected.entries, "{name}");
        for (field, expected) in &expected.columns {
            compared += 1;
            let read =
                ntuple.branch(field).and_then(|f| ntuple.read(f, 0..ntuple.entries(), &mut scratch, &mut column));
            match read {
                Err(error) => different.push(format!("{name} {field}: {error}")),
                Ok(()) if digest(&column) != *expected => {
                    different.push(format!("{name} {field}: {:?}, uproot has {expected:?}", digest(&column)));
                }
                Ok(()) => {}
            }
        }
    }
    Ok((compared, different))
}

/// For files of your own: write a reference with `scripts/golden_rntuple.py FOLDER > golden.json`, then
/// `GOLDEN=golden.json FOLDER=... cargo test --release --test rntuple -- --ignored --nocapture`.
#[test]
#[ignore = "needs a reference of your own"]
fn columns_of_a_folder_equal_uproots() {
    let (Some(reference), Some(folder)) = (std::env::var_os("GOLDEN"), std::env::var_os("FOLDER")) else {
        println!("SKIPPED: set GOLDEN and FOLDER");
        return;
    };
    let mut bad = 0;
    for (name, ntuples) in &golden(Path::new(&reference)) {
        match compare(&Path::new(&folder).join(name), ntuples) {
            Ok((compared, different)) => {
                println!("{name}: {compared} columns compared, {} differ", different.len());
                different.iter().for_each(|line| println!("  {line}"));
                bad += different.len();
            }
            Err(error) => {
                println!("{name}: {error}");
                bad += 1;
            }
        }
    }
    assert_eq!(bad, 0);
}

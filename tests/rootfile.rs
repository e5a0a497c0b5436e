//! The ROOT reader against uproot, against missing things, and against damaged bytes.
//!
//! Reference: `tests/golden/tiny_columns.json`, written by `scripts/golden_columns.py` from what uproot reads. Always
//! on `data-samples/tiny`; on all files of the reference where the full sample folder is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bumphound::rootfile::{Column, RootError, RootFile, Scratch, Tree, Values};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// File -> tree -> entries and columns.
type Golden = BTreeMap<String, BTreeMap<String, GoldenTree>>;

#[derive(serde::Deserialize)]
struct GoldenTree {
    entries: u64,
    /// Branch path -> count of numbers, hash of counts and numbers.
    columns: BTreeMap<String, (usize, String)>,
}

fn root_of_crate() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tiny(name: &str) -> PathBuf {
    root_of_crate().join("data-samples/tiny").join(name)
}

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("BUMPHOUND_SHARED").map_or_else(|| root_of_crate().join("../shared"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

fn golden(path: &Path) -> Golden {
    let text = std::fs::read_to_string(path).expect("the reference is readable");
    serde_json::from_str(&text).expect("the reference is JSON")
}

fn big_endian(values: &Values) -> Vec<u8> {
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

fn digest(column: &Column) -> (usize, String) {
    let mut hash = Sha256::new();
    for pair in column.offsets.windows(2) {
        hash.update((pair[1] - pair[0]).to_be_bytes());
    }
    hash.update(big_endian(&column.values));
    let hex: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    (column.values.len(), hex)
}

/// Compares every column that the reference has of one file. Returns how many.
fn compare(path: &Path, trees: &BTreeMap<String, GoldenTree>) -> Result<usize, String> {
    let file = RootFile::open(path).map_err(|error| error.to_string())?;
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    let mut compared = 0;
    for (name, expected) in trees {
        let tree = file.tree(name).map_err(|error| error.to_string())?;
        if tree.entries() != expected.entries {
            return Err(format!("{name}: {} entries, uproot has {}", tree.entries(), expected.entries));
        }
        for (branch, expected) in &expected.columns {
            let read = tree.branch(branch).and_then(|b| tree.read(b, 0..tree.entries(), &mut scratch, &mut column));
            read.map_err(|error| format!("{name} {branch}: {error}"))?;
            if digest(&column) != *expected {
                return Err(format!("{name} {branch}: {:?}, uproot has {expected:?}", digest(&column)));
            }
            compared += 1;
        }
    }
    Ok(compared)
}

#[test]
fn columns_of_the_committed_samples_equal_uproots() {
    let golden = golden(&root_of_crate().join("tests/golden/tiny_columns.json"));
    for name in ["diboson.root", "diphoton.root", "singletop.root", "zprime_mumu_m500.root"] {
        let compared = compare(&tiny(name), &golden[name]);
        assert!(compared.as_ref().is_ok_and(|n| *n > 90), "{name}: {compared:?}");
    }
}

#[test]
fn columns_of_all_tiny_samples_equal_uproots() {
    let Some(shared) = shared() else {
        println!("SKIPPED: the shared sample folder is not here (set BUMPHOUND_SHARED)");
        return;
    };
    for (name, trees) in &golden(&root_of_crate().join("tests/golden/tiny_columns.json")) {
        let compared = compare(&shared.join("samples/tiny").join(name), trees);
        assert!(compared.as_ref().is_ok_and(|n| *n > 90), "{name}: {compared:?}");
    }
}

/// For files of your own: write a reference with `scripts/golden_columns.py FOLDER > golden.json`, then
/// `GOLDEN=golden.json FOLDER=... cargo test --release --test rootfile -- --ignored --nocapture`.
#[test]
#[ignore = "needs a reference of your own"]
fn columns_of_a_folder_equal_uproots() {
    let (Some(reference), Some(folder)) = (std::env::var_os("GOLDEN"), std::env::var_os("FOLDER")) else {
        println!("SKIPPED: set GOLDEN and FOLDER");
        return;
    };
    let mut different = 0;
    for (name, trees) in &golden(Path::new(&reference)) {
        match compare(&Path::new(&folder).join(name), trees) {
            Ok(compared) => println!("{name}: {compared} columns equal"),
            Err(difference) => {
                println!("{name}: DIFFERENT {difference}");
                different += 1;
            }
        }
    }
    assert_eq!(different, 0);
}

fn read(tree: &Tree, branch: &str, range: std::ops::Range<u64>) -> Column {
    let mut column = Column::default();
    let branch = tree.branch(branch).expect("the branch is there");
    tree.read(branch, range, &mut Scratch::default(), &mut column).expect("the range is readable");
    column
}

#[test]
fn ranges_put_together_equal_the_whole() {
    let file = RootFile::open(tiny("diboson.root")).expect("a good file");
    let tree = file.tree("Delphes").expect("it has the tree");
    for branch in ["Jet.PT", "Jet.FracPt", "Jet_size", "Event.Number"] {
        let whole = read(&tree, branch, 0..2000);
        let (mut bytes, mut counts) = (Vec::new(), Vec::new());
        for start in (0..2000).step_by(333) {
            let part = read(&tree, branch, start..(start + 333).min(2000));
            bytes.extend(big_endian(&part.values));
            counts.extend(part.offsets.windows(2).map(|pair| pair[1] - pair[0]));
        }
        assert_eq!(bytes, big_endian(&whole.values), "{branch}");
        assert_eq!(counts, whole.offsets.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>(), "{branch}");
    }
    assert_eq!(read(&tree, "Jet.PT", 7..7).entries(), 0);
}

#[test]
fn missing_things_name_what_is_there() {
    let file = RootFile::open(tiny("diphoton.root")).expect("a good file");
    let no_tree = file.tree("Delfes").expect_err("no such tree");
    assert!(no_tree.to_string().contains("nearest: `Delphes`"), "{no_tree}");
    let tree = file.tree("Delphes").expect("it has the tree");
    let no_branch = tree.branch("Jet.BTags").expect_err("no such branch");
    assert!(no_branch.to_string().contains("nearest: `Jet.BTag`"), "{no_branch}");
    let not_a_tree = file.tree("ProcessID0").expect_err("not a tree");
    assert!(matches!(not_a_tree, RootError::NotATree { ref class, .. } if class == "TProcessID"), "{not_a_tree}");
    let no_file = RootFile::open("no/such/file.root").expect_err("no such file");
    assert!(matches!(no_file, RootError::Io { .. }));
    let jet = tree.branch("Jet.PT").expect("it has jets");
    let beyond = tree.read(jet, 1990..2001, &mut Scratch::default(), &mut Column::default());
    assert!(matches!(beyond, Err(RootError::EntryRange { entries: 2000, .. })));
}

#[test]
fn files_that_are_no_root_files_say_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the temporary folder is writable");
        path
    };
    let error = |path: PathBuf| RootFile::open(path).expect_err("not a ROOT file");
    assert!(matches!(error(write("empty.root", b"")), RootError::Empty { .. }));
    let page = error(write("page.root", b"<html>404 not found</html>"));
    assert!(page.hint().is_some_and(|hint| hint.contains("web page")), "{page}");
    let whole = std::fs::read(tiny("singletop.root")).expect("the sample is readable");
    for length in [10, 40, 60, 300, whole.len() * 6 / 10, whole.len() - 1] {
        error(write("cut.root", &whole[..length]));
    }
}

/// Opens, lists and reads everything; errors are fine, panics are not.
fn read_everything(path: &Path) -> Result<usize, RootError> {
    let file = RootFile::open(path)?;
    let keys = file.keys()?;
    let tree = file.tree("Delphes")?;
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    for branch in tree.branches() {
        let _ = tree.read(branch, 0..tree.entries().min(branch.entries), &mut scratch, &mut column);
    }
    Ok(keys.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_bytes_give_errors_never_panics(
        which in 0usize..4,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        // Half of the damage goes where structure is: header, keys, tree and class descriptions.
        near_structure in any::<bool>(),
    ) {
        let name = ["diboson.root", "diphoton.root", "singletop.root", "zprime_mumu_m500.root"][which];
        let mut bytes = std::fs::read(tiny(name)).expect("the sample is readable");
        let length = bytes.len();
        for (index, value) in &flips {
            let at = if near_structure {
                let at = index.index(40_300);
                if at < 300 { at } else { length - 40_300 + at }
            } else {
                index.index(length)
            };
            bytes[at] = *value;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("damaged.root");
        std::fs::write(&path, &bytes).expect("the temporary folder is writable");
        let _ = read_everything(&path);
    }
}

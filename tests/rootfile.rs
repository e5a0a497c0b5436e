//! The ROOT reader against uproot, against missing things, and against damaged bytes.
//!
//! Reference: `tests/golden/tiny_columns.json`, written by `scripts/golden_columns.py` from what uproot reads. Always
//! on `data-samples/tiny`; on all files of the reference where the full sample folder is there.

use std::path::{Path, PathBuf};

use bumphound::rootfile::{Column, RootError, RootFile, Scratch, Tree};
use proptest::prelude::*;

#[path = "support/columns.rs"]
mod columns;
#[path = "support/python.rs"]
mod python;

use columns::{Compared, big_endian, compare, golden};

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

#[test]
fn columns_of_the_committed_samples_equal_uproots() {
    let golden = golden(&root_of_crate().join("tests/golden/tiny_columns.json"));
    for name in ["diboson.root", "diphoton.root", "singletop.root", "zprime_mumu_m500.root"] {
        let compared = compare(&tiny(name), &golden[name]);
        assert!(compared.as_ref().is_ok_and(|found| found.equal > 90), "{name}: {compared:?}");
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
        assert!(compared.as_ref().is_ok_and(|found| found.equal > 90), "{name}: {compared:?}");
    }
}

#[test]
fn columns_of_other_formats_equal_uproots() {
    let Some(shared) = shared() else {
        println!("SKIPPED: the shared sample folder is not here (set BUMPHOUND_SHARED)");
        return;
    };
    let golden = golden(&root_of_crate().join("tests/golden/format_columns.json"));
    let mut equal = 0;
    for (name, trees) in golden.iter().filter(|(_, trees)| !trees.is_empty()) {
        let found = compare(&shared.join("samples/formats").join(name), trees).expect("a good file");
        assert!(found.different.is_empty() && found.refused.is_empty(), "{name}: {found:?}");
        equal += found.equal;
    }
    assert!(equal > 150, "{equal}");
}

/// Every branch of every tree in files of many origins: equal to what uproot reads, or refused by its type.
#[test]
fn every_branch_of_other_peoples_files_equals_uproots_or_is_refused() {
    let Some(shared) = shared() else {
        println!("SKIPPED: the shared sample folder is not here (set BUMPHOUND_SHARED)");
        return;
    };
    let folders = ["samples/external", "samples/formats", "samples/full"];
    compare_folders(&folders.map(|folder| shared.join(folder)));
}

/// For files of your own: `FOLDER=... cargo test --release --test rootfile -- --ignored --nocapture`.
#[test]
#[ignore = "needs files of your own"]
fn every_branch_of_a_folder_equals_uproots_or_is_refused() {
    match std::env::var_os("FOLDER") {
        Some(folder) => compare_folders(&[PathBuf::from(folder)]),
        None => println!("SKIPPED: set FOLDER"),
    }
}

fn compare_folders(folders: &[PathBuf]) {
    let Some(python) = python::python_with_uproot() else { return };
    let script = root_of_crate().join("scripts/golden_columns.py");
    let output = std::process::Command::new(python).arg(script).arg("--full-paths").args(folders).output();
    let output = output.expect("Python started before");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let golden = serde_json::from_slice(&output.stdout).expect("the reference is JSON");
    let golden: columns::Golden = golden;
    let mut total = Compared::default();
    for (path, trees) in golden.iter().filter(|(_, trees)| !trees.is_empty()) {
        let found = compare(Path::new(path), trees).expect(path);
        let name = path.rsplit('/').next().unwrap_or(path);
        println!("{name}: {} equal, {} refused, {} only here", found.equal, found.refused.len(), found.only_here.len());
        found.refused.iter().for_each(|line| println!("    refused {line}"));
        found.different.iter().for_each(|line| println!("    DIFFERENT {line}"));
        found.only_here.iter().for_each(|line| println!("    only here {line}"));
        total.equal += found.equal;
        total.different.extend(found.different);
        total.refused.extend(found.refused);
    }
    println!("{} columns equal, {} refused, {} different", total.equal, total.refused.len(), total.different.len());
    // uproot 5.7 takes the checksums of classes without a version for numbers here (10^16, 10^-18 instead of mm, MeV).
    total.different.retain(|line| !(line.contains("demc") && line.contains(".fCoordinates.")));
    assert!(total.different.is_empty(), "{:#?}", total.different);
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

/// Numbers and their sum, as uproot reads them.
fn sum(tree: &Tree, branch: &str) -> (usize, f64) {
    let column = read(tree, branch, 0..tree.entries());
    let numbers = (0..column.values.len()).filter_map(|i| column.values.get(i));
    (column.values.len(), numbers.sum())
}

#[test]
fn files_of_other_writers_read_as_in_uproot() {
    let open = |file: &str, tree: &str| {
        let path = root_of_crate().join("data-samples/foreign").join(file);
        RootFile::open(path).and_then(|file| file.tree(tree)).expect("a good file")
    };
    // RVec branches; a list of keys whose own length is too small; a folder listed under a longer name than its key
    // says; TTree version 5, which counts in doubles and whose file describes few of its bases.
    let files = [
        ("rdf_snapshot.root", "ntuple", 120, 15_000.0, -11.495_559_692_382_812),
        ("uproot3.root", "ntuple", 60, 7500.0, -7.152_557_373_046_875e-7),
        ("root5_folder.root", "ana/ntuple", 60, 7500.0, -7.152_557_373_046_875e-7),
        ("geant4.root", "ntuple", 60, 7500.0, -2.999_999_523_162_842),
    ];
    for (file, tree, muons, pt, phi) in files {
        let tree = open(file, tree);
        assert_eq!(tree.entries(), 60, "{file}");
        assert_eq!(sum(&tree, "mu_pt"), (muons, pt), "{file}");
        let found = sum(&tree, "mu_phi");
        // uproot adds single precision numbers as such.
        assert!(found.0 == muons && (found.1 - phi).abs() < 1e-4, "{file}: {found:?}");
    }
    let snapshot = open("rdf_snapshot.root", "ntuple");
    assert_eq!(snapshot.branch("mu_charge").expect("it is there").type_name, "int32_t[]");
}

#[test]
fn a_name_of_two_branches_is_no_name() {
    let path = root_of_crate().join("data-samples/foreign/same_names.root");
    let tree = RootFile::open(path).and_then(|file| file.tree("ntuple")).expect("a good file");
    let error = tree.branch("pt").expect_err("two branches are called so");
    assert!(error.to_string().ends_with(": `electron/pt`, `muon/pt`"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("`electron/pt`")), "{error}");
    assert_eq!((sum(&tree, "electron/pt"), sum(&tree, "muon/pt")), ((60, 2400.0), (60, 7500.0)));
    // Each is called by its path wherever it is shown.
    let names: Vec<&str> = tree.branches().iter().map(|branch| branch.name.as_str()).collect();
    assert!(names.contains(&"muon/pt") && !names.contains(&"pt"), "{names:?}");
}

#[test]
fn a_branch_of_a_friend_tree_is_said_to_be_there() {
    let path = root_of_crate().join("data-samples/foreign/friend.root");
    let tree = RootFile::open(path).and_then(|file| file.tree("ntuple")).expect("a good file");
    for branch in ["extra.w", "w"] {
        let error = tree.branch(branch).expect_err("it is in another file");
        assert!(
            matches!(&error, RootError::BranchOfFriend { friend, .. } if friend.contains("_friend_b.root")),
            "{error}"
        );
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
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

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

/// What becomes of every damaged or odd file of the shared set: how many branches read, or the error.
#[test]
fn pathological_files_read_or_say_why() {
    let Some(shared) = shared() else {
        println!("SKIPPED: the shared sample folder is not here (set BUMPHOUND_SHARED)");
        return;
    };
    let folder = shared.join("samples/pathological");
    let outcome = |name: &str| -> Result<u64, RootError> {
        let file = RootFile::open(folder.join(name))?;
        file.keys()?;
        let tree = file.tree("Delphes")?;
        let (mut scratch, mut column) = (Scratch::default(), Column::default());
        for branch in tree.branches().iter().filter(|branch| branch.element.is_some()) {
            tree.read(branch, 0..tree.entries(), &mut scratch, &mut column)?;
        }
        Ok(tree.entries())
    };
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder is readable")
        .map(|entry| entry.expect("the folder is readable").file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    for name in files {
        let found = outcome(&name);
        match &found {
            Ok(entries) => println!("{name}: {entries} entries"),
            Err(error) => println!("{name}: {error}"),
        }
        let as_expected = match name.trim_end_matches(".root") {
            "byteflip_basket_uncompressed_silent" | "good_reference" | "missing_branch_electron_muon" => {
                matches!(found, Ok(600))
            }
            "missing_branch_jet" | "missing_leaf_jet_btag" | "multiple_cycles" => matches!(found, Ok(600)),
            "nan_inf_values" | "uncompressed" => matches!(found, Ok(600)),
            "flat_tree_named_delphes" => matches!(found, Ok(100)),
            "zero_events" => matches!(found, Ok(0)),
            "byteflip_file_header_fend" | "truncated_60pct" | "truncated_last_200_bytes" => {
                matches!(found, Err(RootError::Truncated { .. }))
            }
            "html_error_page" | "text_file" => matches!(found, Err(RootError::NotRoot { .. })),
            "zero_bytes" => matches!(found, Err(RootError::Empty { .. })),
            "no_delphes_tree" | "other_tree_name" | "tree_in_subdir" => {
                matches!(&found, Err(RootError::ObjectNotFound { nearest, .. }) if !nearest.is_empty())
            }
            "unclosed_writer" => matches!(found, Err(RootError::Unclosed { .. })),
            "truncated_header_40_bytes" => found.is_err(),
            _ => matches!(found, Err(RootError::Damaged { .. })),
        };
        assert!(as_expected, "{name}: {found:?}");
    }
}

#[test]
fn embedded_baskets_missing_offsets_and_histograms_of_other_writers_read() {
    let Some(shared) = shared() else {
        println!("SKIPPED: the shared sample folder is not here (set BUMPHOUND_SHARED)");
        return;
    };
    // The same events written with and without entry offsets: without, counts come from the counting branch.
    let folder = shared.join("samples/external/scikit-hep-testdata");
    let open = |name: &str| RootFile::open(folder.join(name)).and_then(|file| file.tree("tree")).expect("a good file");
    let (with, without) = (open("uproot-small-dy-withoffsets.root"), open("uproot-small-dy-nooffsets.root"));
    let jagged: Vec<&str> = with.branches().iter().filter(|b| b.is_jagged()).map(|b| b.name.as_str()).collect();
    assert!(jagged.contains(&"Jet_pt"), "{jagged:?}");
    for branch in jagged {
        for range in [0..501, 100..101, 37..420] {
            assert_eq!(read(&with, branch, range.clone()), read(&without, branch, range), "{branch}");
        }
    }
    // All baskets inside the tree object (equality with uproot was checked by hand with the ignored test above).
    let scouting = RootFile::open(shared.join("samples/external/coffea/scouting_nano.root"));
    let scouting = scouting.and_then(|file| file.tree("Events")).expect("a good file");
    assert_eq!(read(&scouting, "event", 0..40).values.len(), 40);
    // A histogram through the same decoder.
    let file = RootFile::open(shared.join("samples/pathological/no_delphes_tree.root")).expect("a good file");
    let key = file.keys().expect("it has keys").into_iter().find(|key| key.path == "h").expect("it has h");
    assert!(key.class.starts_with("TH1"), "{key:?}");
    let objects = file.object("h").expect("it decodes");
    let histogram = objects.root_record().expect("an object with members");
    let cells = histogram.int("fNcells").expect("a histogram has cells");
    println!("h: {cells} cells, contents {:?}", histogram.floats("fArray"));
    assert_eq!(histogram.floats("fArray").len() as i64, cells);
    let axis = histogram.object("fXaxis").and_then(|id| objects.record(id)).expect("a histogram has an axis");
    assert_eq!(axis.int("fNbins"), Some(cells - 2));
    assert_eq!(histogram.stopped, None);
}

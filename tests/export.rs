//! `bumphound export`: a book as CSV.

use std::collections::BTreeMap;
use std::process::Command;

mod support {
    pub mod program;
}
use support::program::{campaign_in, error_of, notes_of, path_in, rows, stdout_of};

fn filled() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let inputs = "inputs: [{files: data-samples/tiny/diphoton.root, data: true}]";
    let (_, out) = path_in(folder.path(), "out");
    notes_of(&["fill", &campaign_in(folder.path(), inputs), "--out", &out]);
    (folder, out)
}

#[test]
fn categories_and_spectra_agree_with_each_other() {
    let (_folder, dir) = filled();
    let categories = stdout_of(&["export", &dir, "--categories"]);
    assert!(categories.starts_with("category,entries,sum_w\n"), "{categories}");
    let events: BTreeMap<String, u64> =
        rows(&categories).into_iter().map(|row| (row[0].clone(), row[1].parse().expect("entries"))).collect();
    let inclusive: u64 = events.iter().filter(|(name, _)| name.ends_with("/Xj")).map(|(_, events)| events).sum();
    assert_eq!(inclusive, 2000);

    let spectra = stdout_of(&["export", &dir, "--spectra"]);
    assert!(spectra.starts_with("category,mass,low_edge,high_edge,entries,sum_w,sum_w2\n"));
    let mut totals: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut last_edge: BTreeMap<(String, String), f64> = BTreeMap::new();
    for row in rows(&spectra) {
        let number = |i: usize| row[i].parse::<f64>().expect("a number");
        assert!(number(2) < number(3) && (number(4) >= 1.0 || number(2).is_finite()), "{row:?}");
        assert_eq!((number(4), number(4)), (number(5), number(6)), "weights are 1: {row:?}");
        let key = (row[0].clone(), row[1].clone());
        let last = last_edge.insert(key.clone(), number(3));
        assert!(last.is_none_or(|last| last == number(2)), "bins rise without gaps: {row:?}");
        *totals.entry(key).or_default() += number(4) as u64;
    }
    // Two photons in every event of the category: the mass has an entry for each.
    let photons = ("incl/2g/Xj".to_string(), "m(g1,g2)".to_string());
    assert_eq!(totals[&photons], events["incl/2g/Xj"]);
    assert!(events["incl/2g/Xj"] > 100);
    for ((category, mass), total) in &totals {
        assert!(*total <= events[category], "{category} {mass}");
    }
}

#[test]
fn what_is_exported_reads_back_with_every_bin() {
    let (folder, dir) = filled();
    let (path, _) = path_in(folder.path(), "spectra.csv");
    std::fs::write(&path, stdout_of(&["export", &dir, "--spectra"])).expect("the folder is writable");
    let spectra = bumphound::histograms::spectra_file::read(&path).expect("a file of spectra");
    let book = bumphound::histograms::Book::read(format!("{dir}/book.bumphound").as_ref()).expect("a book");
    assert_eq!(spectra.len(), book.len());
    for ((name, table), spectrum) in spectra.into_iter().zip(book.spectra()) {
        assert_eq!(name, format!("{} {}", spectrum.category(), spectrum.mass()));
        let table = table.expect("a good table");
        assert_eq!((&table.edges[..], table.observed), (&spectrum.edges()[..], spectrum.sum_w()));
        assert_eq!(table.variances, Some(spectrum.sum_w2()));
    }
}

#[test]
fn a_full_disk_behind_stdout_is_an_error() {
    let (_folder, dir) = filled();
    let run = env!("CARGO_BIN_EXE_bumphound");
    for command in [
        format!("{run} export {dir} --spectra"),
        format!("{run} export {dir} --categories"),
        format!("{run} schema"),
        format!("{run} inspect data-samples/tiny/diphoton.root"),
        format!("{run} inspect data-samples/tiny/diphoton.root --emit-map"),
        format!("{run} significance data-samples/spectra/atlas_Hyy_13TeV_36fb.csv"),
        format!("{run} check selections/minimal.yaml"),
        format!("{run} doctor"),
        format!("{run} --help"),
        format!("{run} scan --help"),
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let Ok(full) = full else { return };
        let output = Command::new("sh").args(["-c", &command]).stdout(full).output().expect("a shell");
        let notes = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command}: {notes}");
        assert!(command.ends_with("--help") || notes.contains("error: cannot write to stdout"), "{command}: {notes}");
    }
}

#[test]
fn one_of_the_two_tables_must_be_asked_for() {
    assert!(error_of(&["export", "."]).contains("--categories"));
    assert!(error_of(&["export", ".", "--categories", "--spectra"]).contains("cannot be used with"));
}

#[test]
fn folders_without_a_good_book_are_errors() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, dir) = path_in(folder.path(), "nowhere");
    let error = error_of(&["export", &dir, "--categories"]);
    assert!(
        error.contains("nowhere/book.bumphound does not exist") && error.contains("hint: `bumphound fill"),
        "{error}"
    );
    let (_filled, good) = filled();
    let bytes = std::fs::read(format!("{good}/book.bumphound")).expect("the book");
    let (path, _) = path_in(folder.path(), "book.bumphound");
    let (_, dir) = path_in(folder.path(), "");
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 0x40;
    for (name, content) in [("empty", vec![]), ("cut short", bytes[..bytes.len() / 2].to_vec()), ("flipped", flipped)] {
        std::fs::write(&path, content).expect("the folder is writable");
        let error = error_of(&["export", &dir, "--spectra"]);
        assert!(error.contains("book"), "{name}: {error}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let (_folder, dir) = filled();
    let pipe = format!("{} export {dir} --spectra | head -n 1", env!("CARGO_BIN_EXE_bumphound"));
    let output = Command::new("sh").args(["-c", &pipe]).output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

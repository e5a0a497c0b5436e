//! `bumphound inspect`: what a file holds, its layout, one event, a campaign to start from, clear errors.

use std::path::{Path, PathBuf};

use serde_json::Value;

mod support {
    pub mod program;
}
use support::program::{error_of, notes_of, path_in, plain, stdout_of};

const DIBOSON: &str = "data-samples/tiny/diboson.root";

fn json_of(arguments: &[&str]) -> Value {
    let text = stdout_of(&[arguments, &["--json"]].concat());
    serde_json::from_str(&text).expect("JSON")
}

/// A folder of samples outside of the project; says aloud if it is not there.
fn shared(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("BUMPHOUND_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let path = shared.join("samples").join(folder);
    if !path.is_dir() {
        eprintln!("SKIPPED: {} is not here (set BUMPHOUND_SHARED)", path.display());
        return None;
    }
    Some(path)
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

#[test]
fn a_delphes_file_is_described_with_sizes_layout_and_a_campaign() {
    let text = plain(stdout_of(&["inspect", DIBOSON]).as_bytes());
    for part in [
        "written by ROOT 6.40.00, 998 kB",
        "Delphes;1",
        "LZ4(4)",
        "layout: delphes (tree Delphes)",
        "read as electron pt",
        "--all shows them",
        "first 2000 events",
        "channel: 2b",
        "read as met",
        "data: true",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(text.lines().count() < 90, "it is short");
    let all = stdout_of(&["inspect", DIBOSON, "--all", "--sample-events", "0"]);
    assert!(all.contains("ScalarHT.HT") && !all.contains("--all") && !all.contains("first"), "{all}");
}

#[test]
fn json_says_the_same_to_scripts() {
    let found = json_of(&["inspect", DIBOSON]);
    let tree = &found["file"]["tables"][0];
    assert_eq!((tree["name"].as_str(), tree["cycle"].as_i64()), (Some("Delphes"), Some(1)));
    assert_eq!((tree["class"].as_str(), tree["entries"].as_u64()), (Some("TTree"), Some(2000)));
    let columns = tree["columns"].as_array().expect("branches");
    assert_eq!(columns.len(), 133);
    let pt = columns.iter().find(|one| one["name"] == "Jet.PT").expect("Jet.PT");
    assert_eq!((pt["type"].as_str(), pt["compression"].as_str()), (Some("float[]"), Some("LZ4(4)")));
    assert!(pt["unpacked_bytes"].as_u64() >= pt["packed_bytes"].as_u64());
    assert_eq!(found["layout"]["name"], "delphes");
    assert_eq!(found["read_as"]["Jet.Mass"], "jet mass");
    assert_eq!(found["first_events"]["events"], 2000);
}

#[test]
fn the_campaign_that_is_shown_and_the_map_can_be_run() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let shown = json_of(&["inspect", DIBOSON])["campaign"].as_str().expect("a campaign").to_string();
    for (name, text) in [("shown.yaml", shown), ("map.yaml", stdout_of(&["inspect", DIBOSON, "--emit-map"]))] {
        assert!(name == "shown.yaml" || text.contains("electron: Electron"), "{text}");
        let (path, argument) = path_in(folder.path(), name);
        std::fs::write(path, text).expect("the folder is writable");
        let (_, out) = path_in(folder.path(), "out");
        let notes = notes_of(&["fill", &argument, "--out", &out]);
        assert!(notes.contains("from 2000 events of 1 file"), "{notes}");
    }
}

#[test]
fn an_event_is_followed_from_the_file_to_its_spectra() {
    // The golden file was made by independent code; where only one event has a mass, its sum is this mass.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = std::fs::read_to_string(root.join("tests/golden/events_tiny.json")).expect("the golden file");
    let golden: Value = serde_json::from_str(&golden).expect("JSON");
    let sums = golden["files"]["diboson.root"]["sums"].as_object().expect("sums");
    let single = sums.iter().filter(|(category, _)| !category.ends_with("/Xj")).flat_map(|(category, masses)| {
        let masses = masses.as_object().expect("masses").iter().filter(|(_, sums)| sums[0] == 1);
        masses.map(move |(mass, sums)| (category, mass, sums[1].as_f64().expect("a sum")))
    });
    let single: Vec<(&String, &String, f64)> = single.collect();

    let text = format!("inputs: [{{files: {DIBOSON}, data: true}}]");
    let campaign = bumphound::campaign::parse(&text, &root.join("test.yaml"), &[]).expect("a good campaign");
    let source = campaign.samples[0].layout.open(root.join(DIBOSON)).expect("a good file");
    let batch = source.read(0..source.entries(), &mut bumphound::ntuples::Scratch::default()).expect("a good file");
    let explained = |row| {
        let sample = &campaign.samples[0];
        bumphound::fill::explain::explain(&campaign, (&sample.layout, sample.role), &batch, row)
            .expect("it can be explained")
    };
    let mut compared = 0;
    for event in (0..batch.len()).map(explained) {
        let own = single.iter().filter(|(category, mass, _)| {
            event.categories.contains(category) && event.masses.iter().any(|found| found.mass == **mass)
        });
        let own: Vec<_> = own.collect();
        if own.is_empty() || compared >= 30 {
            continue;
        }
        let found = json_of(&["inspect", DIBOSON, "--event", &event.entry.to_string()]);
        for (category, label, want) in own {
            let categories = found["event"]["categories"].as_array().expect("categories");
            assert!(categories.iter().any(|one| one == category.as_str()), "{categories:?}, not {category}");
            let masses = found["event"]["masses"].as_array().expect("masses");
            let mass = masses.iter().find(|mass| mass["mass"] == label.as_str()).expect(label);
            let value = mass["value_gev"].as_f64().expect("a mass");
            assert!((value - want).abs() < 1e-5 * want, "{category} {label}: {value}, not {want}");
            let edge = |key: &str, open: f64| mass[key].as_f64().unwrap_or(open);
            assert!(edge("low_gev", 0.0) <= value && value < edge("high_gev", f64::INFINITY), "{mass}");
            compared += 1;
        }
    }
    assert!(compared >= 10, "{compared} masses compared");
}

#[test]
fn what_was_dropped_says_why_and_a_campaign_decides() {
    let campaign = "selections/quickstart.yaml";
    let text = stdout_of(&["inspect", DIBOSON, "--event", "7", "--campaign", campaign]);
    for part in ["event 7", "Jet.PT", "jet 0", "b1", "preselection  not passed", "mT(b1,met)", "not booked"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let harder =
        stdout_of(&["inspect", DIBOSON, "--event", "7", "--campaign", campaign, "--set", "selection.jet.pt_min=30"]);
    assert!(harder.contains("dropped: pT is not above 30 GeV"), "{harder}");
}

#[test]
fn files_that_are_none_are_named_with_a_hint() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        let (path, argument) = path_in(folder.path(), name);
        std::fs::write(path, bytes).expect("the folder is writable");
        argument
    };
    let good = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(DIBOSON)).expect("a sample");
    for (file, hint) in [
        (write("page.root", b"<!DOCTYPE html><html>404</html>"), "web page"),
        (write("text.root", b"dear colleague, here is the file"), "hint: check the path"),
        (write("cut.root", &good[..good.len() / 2]), "hint: copy the file again"),
        (write("empty.root", b""), "hint: copy the file again"),
    ] {
        let error = error_of(&["inspect", &file]);
        assert!(error.contains(&file) && error.contains(hint), "{error}");
    }
    let error = error_of(&["inspect", "data-samples/tiny/dibosn.root"]);
    assert!(error.contains("does not exist") && error.contains("nearest: `data-samples/tiny/diboson.root`"), "{error}");
    assert!(error_of(&["inspect", "data-samples/tiny"]).contains("is a folder"));
    assert!(error_of(&["inspect", DIBOSON, "--event", "2000"]).contains("has 2000 events"));
}

#[test]
fn text_of_events_is_described_and_shown() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, argument) = path_in(folder.path(), "events.csv");
    let events = "0;x;1;60000;1.5;m+,50000,45000,0.1,0.2;m-,60000,46000,-0.1,-2.9;j,105057,71768,0.926367,-0.543025
1;x;1;20000;0.5;j,81638,42750.5,-1.25439,2.91009
";
    std::fs::write(path, events).expect("the folder is writable");
    let text = stdout_of(&["inspect", &argument]);
    assert!(text.contains("layout: darkmachines_csv") && text.contains("first 2 events"), "{text}");
    assert!(text.contains("met_phi   1.5") && text.contains("object 3  j,105057,71768,0.926367,-0.543025"), "{text}");
    let text = stdout_of(&["inspect", &argument, "--event", "1"]);
    assert!(text.contains("object 1  j,81638,42750.5,-1.25439,2.91009") && !text.contains("object 2"), "{text}");
    let event = json_of(&["inspect", &argument, "--event", "1"]);
    assert_eq!(event["fields"][3]["text"], "20000", "{event}");
    let text = stdout_of(&["inspect", &argument, "--event", "0"]);
    assert!(text.contains("MET 60.0 GeV") && text.contains("in Z1") && text.contains("incl/1Z/1j"), "{text}");
}

#[test]
fn an_unknown_tree_gets_a_frame_and_weights_are_not_thrown_away() {
    let Some(folder) = shared("external") else { return };
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let frame = stdout_of(&["inspect", &file("scikit-hep-testdata/uproot-simple.root"), "--emit-map"]);
    assert!(frame.contains("tree: \"tree\"") && frame.contains("# electron: {pt: ?"), "{frame}");
    let error = error_of(&["inspect", &file("scikit-hep-testdata/uproot-simple.root"), "--event", "0"]);
    assert!(error.contains("hint: write a branch map"), "{error}");
    let weighted = json_of(&["inspect", &file("coffea/nano_dy.root")]);
    let campaign = weighted["campaign"].as_str().expect("a campaign");
    let map = stdout_of(&["inspect", &file("coffea/nano_dy.root"), "--emit-map"]);
    for campaign in [campaign, map.as_str()] {
        assert!(!campaign.contains("data: true") && campaign.contains("weights count"), "{campaign}");
    }
}

#[test]
fn every_file_at_hand_is_described_or_refused_without_a_panic() {
    for folder in ["pathological", "external/coffea", "external/scikit-hep-testdata", "formats", "full"] {
        let Some(folder) = shared(folder) else { return };
        for path in files_in(&folder).into_iter().filter(|path| path.is_file()) {
            for extra in [&[][..], &["--event", "0"], &["--emit-map"]] {
                let file = path.to_string_lossy();
                let arguments = [&["inspect", &file][..], extra].concat();
                let output = support::program::bumphound(&arguments);
                let notes = plain(&output.stderr);
                let code = output.status.code();
                assert!(
                    matches!(code, Some(0 | 2)) && !notes.contains("panicked"),
                    "{file} {extra:?} {code:?} {notes}"
                );
                if code == Some(2) {
                    assert!(notes.starts_with("error: "), "{file}: {notes}");
                }
            }
        }
    }
}

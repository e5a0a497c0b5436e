//! `bumphound rank`, `scan DIR`: from a finished book on, without reading an event.

use std::path::{Path, PathBuf};

use bumphound::report::{ReportData, read_report_json};

#[path = "../../tests/support"]
mod support {
    pub mod program;
}
use support::program::{campaign_in, error_of, notes_of, path_in, results_in, rows, stdout_of};

/// A run over the largest files of the sample, whose inputs are then out of reach.
fn finished(folder: &Path) -> (PathBuf, String) {
    let inputs = "inputs: [{sample: z, files: [data-samples/leptonstream/A_zjets_0*.root], data: true}]\n";
    let campaign = campaign_in(folder, inputs);
    let (path, out) = path_in(folder, "run");
    stdout_of(&["run", &campaign, "--out", &out, "--device", "cpu"]);
    let resolved = path.join("campaign.resolved.yaml");
    let text = std::fs::read_to_string(&resolved).expect("a run writes it");
    let moved: String = text
        .split_inclusive('\n')
        .map(|line| if line.starts_with("base:") { "base: /nonexistent/elsewhere\n" } else { line })
        .collect();
    std::fs::write(resolved, moved).expect("written");
    (path, out)
}

fn report(dir: &Path) -> ReportData {
    let file = std::fs::File::open(dir.join("report.json")).expect("it is there");
    read_report_json(std::io::BufReader::new(file)).expect("it reads back")
}

#[test]
fn ranking_again_gives_the_same_bytes_and_other_options_other_bumps() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, dir) = finished(folder.path());
    let before = results_in(&path);
    stdout_of(&["rank", &dir, "--device", "cpu", "--threads", "2"]);
    assert_eq!(before, results_in(&path), "the same book, network and options");

    let bumps = report(&path).bumps.len();
    stdout_of(&["rank", &dir, "--device", "cpu", "--set", "ranking.z_min=3"]);
    let fewer = report(&path);
    assert!(fewer.bumps.len() < bumps && fewer.bumps.iter().all(|bump| bump.z_combined >= 3.0));
    let resolved = std::fs::read_to_string(path.join("campaign.resolved.yaml")).expect("it is there");
    assert!(resolved.contains("z_min: 3"), "{resolved}");

    stdout_of(&["rank", &dir, "--device", "cpu", "--model", "models/dmf1w.safetensors"]);
    let other = report(&path);
    assert!(other.provenance.model.starts_with("DMF1w"), "{:?}", other.provenance);
    assert_ne!(other.provenance.campaign_sha256, fewer.provenance.campaign_sha256);

    let refused = error_of(&["rank", &dir, "--set", "preselection=MET > 50"]);
    assert!(refused.contains("changes what is filled") && refused.contains("ranking"), "{refused}");
    assert!(path.join("report.json").exists(), "a refused command changes nothing");
}

#[test]
fn the_curves_of_a_run_are_those_of_its_report() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, dir) = finished(folder.path());
    notes_of(&["scan", &dir, "--device", "cpu"]);
    let rows = rows(&std::fs::read_to_string(path.join("curves.csv")).expect("scan writes it"));
    let spectra = report(&path).spectra;
    assert!(spectra.scanned > 0);
    for spectrum in &spectra.list {
        let name = format!("{} {}", spectrum.category, spectrum.mass);
        let z = rows.iter().filter(|row| row[0] == name).map(|row| row[5].parse::<f64>().expect("a number"));
        let z: Vec<f64> = z.collect();
        assert_eq!(z.len(), spectrum.bins, "{name}");
        // Written with six digits behind the point.
        assert!((z.iter().copied().fold(f64::MIN, f64::max) - spectrum.zmax).abs() < 1e-5, "{name}");
    }
    // A new fill leaves neither curves nor page of the old one.
    let campaign = campaign_in(folder.path(), "inputs: [{files: [data-samples/tiny/diphoton.root], data: true}]\n");
    notes_of(&["fill", &campaign, "--out", &dir]);
    for old in ["curves.csv", "index.html", "report.json", "bumps.csv"] {
        assert!(!path.join(old).exists(), "{old}");
    }
    let error = error_of(&["report", &dir]);
    assert!(error.contains("bumphound rank"), "{error}");
}

#[test]
fn a_folder_without_a_book_is_said_to_be_one() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, dir) = path_in(folder.path(), "empty");
    std::fs::create_dir(&dir).expect("a folder");
    for command in ["rank", "scan"] {
        let error = error_of(&[command, &dir, "--device", "cpu"]);
        assert!(error.contains("book.bumphound does not exist") && error.contains("bumphound fill"), "{error}");
    }
}

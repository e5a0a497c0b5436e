//! `bumphound scan`: spectra that the user has, through the embedded network.

#[path = "../../tests/support"]
mod support {
    pub mod program;
}
use support::program::{bumphound, error_of, path_in};

const SPECTRA: &str = "data-samples/spectra/published.json";

fn scan(arguments: &[&str]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, text) = path_in(folder.path(), "z.csv");
    let mut all = vec!["scan", SPECTRA, "--out", &text, "--device", "cpu"];
    all.extend(arguments);
    let output = bumphound(&all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_path(path).expect("a CSV file");
    let header: Vec<String> = reader.headers().expect("header").iter().map(str::to_string).collect();
    assert_eq!(header, ["spectrum", "low_edge", "high_edge", "entries", "background", "z"]);
    reader.records().map(|r| r.expect("row").iter().map(str::to_string).collect()).collect()
}

#[test]
fn every_bin_of_every_spectrum_is_written() {
    let rows = scan(&[]);
    assert_eq!(rows.len(), 55 + 91 + 99 + 99 + 60);
    for row in &rows {
        let (background, z): (f64, f64) = (row[4].parse().expect("background"), row[5].parse().expect("z"));
        assert!(background.is_finite() && background >= 0.0 && z.is_finite(), "{row:?}");
    }
}

#[test]
fn the_higgs_boson_is_the_largest_excess_of_its_spectrum() {
    let rows = scan(&[]);
    let best = rows
        .iter()
        .filter(|row| row[0] == "ATLAS Hyy 36/fb")
        .max_by(|a, b| a[5].parse::<f64>().unwrap_or(0.0).total_cmp(&b[5].parse::<f64>().unwrap_or(0.0)))
        .expect("the spectrum is there");
    let (low, z): (f64, f64) = (best[1].parse().expect("edge"), best[5].parse().expect("z"));
    assert!((123.0..128.0).contains(&low), "{best:?}");
    assert!(z > 3.0, "{best:?}");
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    assert_eq!(scan(&["--threads", "1"]), scan(&["--threads", "3"]));
}

#[test]
fn trimming_leaves_bins_without_z_and_keeps_all_rows() {
    let rows = scan(&["--trim"]);
    assert_eq!(rows.len(), 55 + 91 + 99 + 99 + 60);
    assert!(rows.iter().any(|row| row[5].is_empty()));
}

#[test]
fn files_that_are_no_spectra_are_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, text) = path_in(folder.path(), "bad.json");
    let (_, out) = path_in(folder.path(), "z.csv");
    for content in ["", "[1,2", r#"{"a": 1}"#, r#"{"a": {"axes": [], "storage": {"values": []}}}"#] {
        std::fs::write(&path, content).expect("write");
        let error = error_of(&["scan", &text, "--out", &out]);
        assert!(error.contains("bad.json"), "{error}");
    }
}

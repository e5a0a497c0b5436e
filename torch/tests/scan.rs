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
    let columns = "spectrum,low_edge,high_edge,entries,background,z,z_error,p_spectrum,p_spectrum_is_bound";
    assert_eq!(header.join(","), columns);
    reader.records().map(|r| r.expect("row").iter().map(str::to_string).collect()).collect()
}

#[test]
fn every_bin_of_every_spectrum_is_written() {
    let rows = scan(&[]);
    assert_eq!(rows.len(), 55 + 91 + 99 + 99 + 60);
    for row in &rows {
        let (background, z): (f64, f64) = (row[4].parse().expect("background"), row[5].parse().expect("z"));
        assert!(background.is_finite() && background >= 0.0 && z.is_finite(), "{row:?}");
        let (error, p): (f64, f64) = (row[6].parse().expect("z_error"), row[7].parse().expect("p_spectrum"));
        assert!(error > 0.0 && (0.0..=1.0).contains(&p), "{row:?}");
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
    assert!(best[7].parse::<f64>().is_ok_and(|p| p < 0.01), "{best:?}");
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

/// Bins that grow by 2 %, a falling spectrum with chance.
fn falling() -> (Vec<f64>, Vec<f64>) {
    let edges = (0..=60).map(|i| 100.0 * 1.02f64.powi(i)).collect();
    let counts =
        (0..60).map(|i| (4000.0 * (-0.08 * f64::from(i)).exp() * (1.0 + 0.02 * f64::from(i * 7 % 5 - 2))).round());
    (edges, counts.collect())
}

fn uhi(storage: &str) -> String {
    let (edges, _) = falling();
    format!(r#"{{"uhi_schema": 1, "axes": [{{"type": "variable", "edges": {edges:?}}}], "storage": {storage}}}"#)
}

/// Scans a file of the user's: exit code, notes, rows.
fn scan_of(name: &str, content: &str, more: &[&str]) -> (Option<i32>, String, Vec<Vec<String>>) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, text) = path_in(folder.path(), name);
    let (out, out_text) = path_in(folder.path(), "z.csv");
    std::fs::write(path, content).expect("write");
    let mut all = vec!["scan", &text, "--out", &out_text, "--device", "cpu", "--threads", "1"];
    all.extend(more);
    let output = bumphound(&all);
    let rows = std::fs::read_to_string(out).map(|text| support::program::rows(&text)).unwrap_or_default();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), rows)
}

fn column(rows: &[Vec<String>], column: usize) -> Vec<f64> {
    rows.iter().map(|row| row[column].parse().expect("a number")).collect()
}

#[test]
fn sums_of_weights_have_the_z_of_their_events_or_are_refused() {
    let (edges, counts) = falling();
    let (code, _, reference) =
        scan_of("counts.json", &uhi(&format!(r#"{{"type": "int", "values": {counts:?}}}"#)), &[]);
    assert_eq!((code, reference.len()), (Some(0), 60));
    for weight in [10.0, 0.013] {
        let times = |factor: f64| counts.iter().map(|n| n * factor).collect::<Vec<_>>();
        let (values, variances) = (times(weight), times(weight * weight));
        let storage = format!(r#"{{"type": "weighted", "values": {values:?}, "variances": {variances:?}}}"#);
        let row = |i: usize| format!("{},{},{},{}\n", edges[i], edges[i + 1], values[i], variances[i]);
        let csv = format!("low;high;sum_w;sum_w2\n{}", (0..60).map(row).collect::<String>()).replace(',', ";");
        for (name, content) in [("w.json", uhi(&storage)), ("w.csv", csv)] {
            let (code, notes, rows) = scan_of(name, &content, &[]);
            assert!(code == Some(0) && notes.contains("sums of weights, not counts"), "{notes}");
            for (z, of_counts) in column(&rows, 5).iter().zip(column(&reference, 5)) {
                assert!((z - of_counts).abs() < 1e-3, "weight {weight}: {z} instead of {of_counts}");
            }
        }
        let bare = uhi(&format!(r#"{{"type": "double", "values": {values:?}}}"#));
        let (code, notes, rows) = scan_of("bare.json", &bare, &[]);
        assert!(code == Some(2) && rows.is_empty() && notes.contains("--weighted"), "{notes}");
        assert_eq!(scan_of("bare.json", &bare, &["--weighted"]).0, Some(0));
    }
}

#[test]
fn sparse_storages_are_put_in_order() {
    let (_, counts) = falling();
    let places: Vec<usize> = (0..60).map(|i| (i * 7 + 3) % 60).collect();
    let values: Vec<f64> = places.iter().map(|&place| counts[place]).collect();
    let storage = format!(r#"{{"type": "double", "index": [{places:?}], "values": {values:?}}}"#);
    let (code, _, rows) = scan_of("sparse.json", &uhi(&storage), &[]);
    assert_eq!((code, column(&rows, 3)), (Some(0), counts));
}

#[test]
fn what_cannot_be_scanned_is_named_and_leaves_the_rest() {
    let (_, counts) = falling();
    let good = uhi(&format!(r#"{{"type": "double", "values": {counts:?}}}"#));
    let with = |bin: usize, value: f64| {
        let mut counts = counts.clone();
        counts[bin] = value;
        uhi(&format!(r#"{{"type": "double", "values": {counts:?}}}"#)).replace("inf", "Infinity")
    };
    let mean =
        uhi(&format!(r#"{{"type": "mean", "counts": {counts:?}, "values": {counts:?}, "variances": {counts:?}}}"#));
    let content = format!(
        r#"{{"huge": {}, "negative": {}, "infinite": {}, "profile": {mean}, "version": {}, "good": {good}}}"#,
        with(3, 1e35),
        with(20, -5.0),
        with(20, f64::INFINITY),
        good.replace(r#""uhi_schema": 1"#, r#""uhi_schema": 99"#),
    );
    let (code, notes, rows) = scan_of("all.json", &content, &[]);
    assert_eq!((code, rows.len()), (Some(1), 60), "{notes}");
    for reason in [
        "skipped `huge`: more than 1e12 entries in a bin",
        "skipped `negative`: bin 20 holds -5",
        "skipped `infinite`: bin 20 holds NaN or Infinity",
        "skipped `profile`: a profile",
        "skipped `version`: uhi_schema 99",
        "1 spectrum scanned, 5 skipped",
    ] {
        assert!(notes.contains(reason), "{reason}: {notes}");
    }
    let twice = format!(r#"{{"m": {good}, "m": {good}}}"#);
    let (code, notes, _) = scan_of("twice.json", &twice, &[]);
    assert!(code == Some(2) && notes.contains("the name `m` stands there twice"), "{notes}");
    let (code, _, rows) = scan_of("alone.json", &good, &[]);
    assert_eq!((code, rows[0][0].as_str()), (Some(0), "alone"));
}

#[test]
fn a_spectrum_that_rises_first_has_no_p_spectrum_unless_it_is_trimmed() {
    let counts: Vec<f64> =
        (0..90).map(|i| (4000.0 * (-0.5 * ((f64::from(i) - 25.0) / 14.0).powi(2)).exp()).round()).collect();
    let row = |(i, n): (usize, &f64)| format!("{i},{},{n}\n", i + 1);
    let csv = format!("low,high,count\n{}", counts.iter().enumerate().map(row).collect::<String>());
    let (code, notes, rows) = scan_of("hump.csv", &csv, &[]);
    assert!(code == Some(0) && rows.iter().all(|row| row[7].is_empty() && !row[5].is_empty()), "{notes}");
    assert!(notes.contains("`hump` rises to its maximum at 25") && notes.contains("--trim"), "{notes}");
    let (_, notes, rows) = scan_of("hump.csv", &csv, &["--trim"]);
    assert!(rows.iter().any(|row| !row[7].is_empty()) && !notes.contains("rises"), "{notes}");
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

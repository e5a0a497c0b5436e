//! Significances against an independent calculation (bisection in float64): `golden/plrt.json`.

use bumphound::significance::{Templates, z_per_bin};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

#[test]
fn likelihood_ratio_equals_the_golden_z() {
    let text = std::fs::read_to_string("tests/golden/plrt.json").expect("golden file");
    let golden: Value = serde_json::from_str(&text).expect("golden file is JSON");
    let mut checked = 0;
    for case in golden["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().unwrap_or("?");
        let templates = Templates::new(&numbers(&case["edges"]), &numbers(&case["widths"]));
        let z = z_per_bin(&numbers(&case["n"]), &numbers(&case["b"]), &templates).expect("golden input is good");
        let expected = numbers(&case["z"]);
        assert_eq!(z.len(), expected.len());
        for (bin, (z, expected)) in z.iter().zip(&expected).enumerate() {
            // The golden file is rounded to 1e-9; 1e-6 is what the specification asks.
            assert!((z - expected).abs() < 1e-6, "{name}, bin {bin}: {z} instead of {expected}");
            checked += 1;
        }
    }
    assert!(checked > 300, "only {checked} bins in the golden file");
}

mod support {
    pub mod program;
}
use support::program::{error_of, path_in, stdout_of};

/// ATLAS H -> gamma gamma, 36.1 fb-1 (arXiv:1802.04146), against the published background: an independent calculation
/// gives a largest z of 6.79 for a template of one bin.
#[test]
fn higgs_of_the_published_spectrum_is_found_at_125_gev() {
    let csv = stdout_of(&["significance", "data-samples/spectra/atlas_Hyy_13TeV_36fb.csv", "--widths", "1"]);
    let best = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|v| v.parse::<f64>().expect("number")).collect::<Vec<_>>())
        .max_by(|a, b| a[4].total_cmp(&b[4]))
        .expect("rows");
    assert!((best[4] - 6.79).abs() < 0.02, "{best:?}");
    assert!((124.0..127.0).contains(&best[0]), "{best:?}");
}

#[test]
fn bad_tables_are_errors_that_name_the_line() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, text) = path_in(folder.path(), "bad.csv");
    for (content, message) in [
        ("low_edge,high_edge,observed\n1,2,3\n", "no column `expected`"),
        ("low_edge,high_edge,observed,expected\n1,2,3,x\n", "line 2, column 4: `x` in column `expected`"),
        (
            "low_edge,high_edge,observed,expected\n1,2,3,4\n3,4,1,1\n",
            "line 3: the lower edge 3 is not the upper edge 2",
        ),
        (
            "low_edge,high_edge,observed,expected\n1,2,3,0\n",
            "line 2: 3 events observed where the expected background is 0",
        ),
        ("low_edge,high_edge,observed,expected\n1,2,-3,1\n", "line 2: observed is -3"),
    ] {
        std::fs::write(&path, content).expect("write");
        let error = error_of(&["significance", &text]);
        assert!(error.contains(message), "{error}");
    }
    assert!(error_of(&["significance", "no-such-file.csv"]).contains("no-such-file.csv"));
    let rows = |n: fn(u32) -> f64| (0..30).map(|i| format!("{i},{},{},10.5\n", i + 1, n(i))).collect::<String>();
    for (n, message) in [
        ((|i| 0.1 + f64::from(i)) as fn(u32) -> f64, "bin 0 holds 0.1: not counts"),
        (|i| 7.0 * f64::from(i), "all contents are multiples of 7"),
        (|_| 1e35, "column `observed`: more than 1e12 entries in a bin"),
    ] {
        std::fs::write(&path, format!("low,high,count,fit\n{}", rows(n))).expect("write");
        let error = error_of(&["significance", &text]);
        assert!(error.contains(message), "{error}");
    }
    std::fs::write(&path, b"root\0\0\xf7\x70\0\0\0\x64").expect("write");
    let error = error_of(&["significance", &text]);
    assert!(error.contains("bad.csv is a ROOT file") && error.contains("inspect FILE --emit-map"), "{error}");
}

#[test]
fn many_bins_take_time_in_proportion() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, text) = path_in(folder.path(), "long.csv");
    let rows: String = (0..60_000).map(|i| format!("{i},{},{},10.5\n", i + 1, 8 + i * 7 % 6)).collect();
    std::fs::write(path, format!("low,high,count,fit\n{rows}")).expect("write");
    // Four times the time of a quarter; with the square of the bins these took a minute and a half.
    let start = std::time::Instant::now();
    assert_eq!(stdout_of(&["significance", &text]).lines().count(), 60_001);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    let error = error_of(&["significance", &text, "--widths", "100"]);
    assert!(error.contains("too wide for 60000 bins"), "{error}");
}

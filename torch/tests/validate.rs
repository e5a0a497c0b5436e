//! `bumphound validate`: published spectra against what is known about them.

#[path = "../../tests/support"]
mod support {
    pub mod program;
}

use bumphound::histograms::counts_csv::{CountsTable, parse};
use bumphound_torch::published::compare::known_background;

fn published(file: &str) -> CountsTable {
    let path = format!("{}/data-samples/spectra/{file}", concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    parse(&std::fs::read_to_string(path).expect("the file is there")).expect("a table")
}

#[test]
fn every_published_table_holds_the_events_that_were_published() {
    // Totals are exact: no count is lost or read twice.
    for (file, bins, events) in [
        ("atlas_Hyy_13TeV_36fb.csv", 55, 332_030.0),
        ("atlas_opendata2020_Hyy_13TeV_10fb.csv", 30, 76_394.0),
        ("atlas_opendata2025_Hyy_13TeV.csv", 60, 22_798.0),
        ("atlas_dijet_139fb.csv", 91, 28_619_185.0),
        ("atlas_dilepton_ee_139fb.csv", 99, 178_022.0),
        ("atlas_dilepton_mumu_139fb.csv", 99, 138_731.0),
        ("cms_dijet_13TeV.csv", 42, 6_557_852.0),
        ("cms_dijet_pair_13TeV.csv", 44, 323_606.0),
        ("cms_trijet_13TeV.csv", 45, 1_147_981.0),
        ("cms_diphoton_EBEB_13TeV.csv", 169, 5_036.0),
        ("cms_dimuon_b_13TeV.csv", 20, 104.0),
    ] {
        let table = published(file);
        assert_eq!((table.observed.len(), table.observed.iter().sum::<f64>()), (bins, events), "{file}");
        assert!(!table.comments.is_empty(), "{file} does not say where it comes from");
    }
}

#[test]
fn significance_against_published_backgrounds_equals_an_independent_calculation() {
    // The independent numbers (data-samples/README.md) have two decimals: 0.005, and as much for the rounding of edges.
    const TOLERANCE: f64 = 0.01;
    // File, (width in bins, largest z), range in which the largest z lie in GeV.
    type Case = (&'static str, &'static [(f64, f64)], f64, f64);
    let cases: [Case; 5] = [
        (
            "atlas_Hyy_13TeV_36fb.csv",
            &[(0.5, 5.20), (1.0, 6.79), (1.5, 6.92), (2.0, 6.81), (3.0, 6.36), (4.0, 5.82)],
            124.0,
            127.0,
        ),
        (
            "atlas_opendata2020_Hyy_13TeV_10fb.csv",
            &[(0.5, 3.33), (1.0, 3.64), (1.5, 3.59), (2.0, 3.38), (3.0, 2.96), (4.0, 2.64)],
            123.0,
            125.2,
        ),
        ("atlas_dijet_139fb.csv", &[(0.5, 2.15), (1.0, 1.69), (2.0, 1.68), (3.0, 1.40), (4.0, 0.94)], 0.0, 9e3),
        ("atlas_dilepton_ee_139fb.csv", &[(0.5, 2.87), (1.0, 2.52), (1.5, 2.21), (2.0, 2.02)], 760.0, 2370.0),
        ("atlas_dilepton_mumu_139fb.csv", &[(0.5, 2.06), (1.0, 2.14), (1.5, 2.04)], 465.0, 477.0),
    ];
    for (file, expected, low_gev, high_gev) in cases {
        let table = published(file);
        let widths: Vec<f64> = expected.iter().map(|(width, _)| *width).collect();
        let background = table.expected.expect("a published background");
        let known = known_background(&table.edges, &table.observed, &background, &widths).expect("equal lengths");
        for ((width, z), (_, peak)) in expected.iter().zip(&known.by_width) {
            assert!((peak.z - z).abs() < TOLERANCE, "{file}, width {width}: {peak:?} instead of {z}");
            assert!((low_gev..high_gev).contains(&peak.gev), "{file}, width {width}: {peak:?}");
        }
    }
}

mod of_the_network {
    use super::support::program::{
        assert_same_results, bumphound, code_and_notes, error_of, notes_of, path_in, rows, stdout_of,
    };
    use serde_json::Value;

    /// How far the network, which finds the background itself, may be from the likelihood ratio that knows it. A fit that
    /// knows the true shape scatters by 0.8 (100 bins) to 1.8 (30 bins) around it: docs/concepts/network.md.
    const FROM_KNOWN: f64 = 2.0;
    /// A spectrum without a signal has a smaller p_spectrum once in a hundred times.
    const QUIET: f64 = 0.01;

    fn spectra() -> Vec<Value> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (path, text) = path_in(folder.path(), "out");
        notes_of(&["validate", "--device", "cpu", "--toys", "20", "--out", &text]);
        let json = std::fs::read_to_string(path.join("validate.json")).expect("validate.json");
        let validation: Value = serde_json::from_str(&json).expect("JSON");
        validation["spectra"].as_array().expect("a list").clone()
    }

    fn number(value: &Value) -> f64 {
        value.as_f64().expect("a number")
    }

    #[test]
    fn the_higgs_boson_is_found_and_dilepton_spectra_are_quiet() {
        for spectrum in spectra() {
            let file = spectrum["file"].as_str().expect("a file").to_string();
            let (z, gev) = (number(&spectrum["network"]["z"]), number(&spectrum["network"]["gev"]));
            if file.contains("Hyy_13TeV_36fb") {
                assert!((gev - 125.0).abs() <= 2.0, "{file}: z {z} at {gev} GeV");
                assert!((z - number(&spectrum["known"]["zmax"]["z"])).abs() <= FROM_KNOWN, "{file}: z {z}");
            }
            if file.contains("opendata2020") {
                // Bins of 1.8 GeV and 3.6 sigma: the place may be off by a bin more.
                let there = number(&spectrum["network_z_there"]);
                assert!((there - number(&spectrum["known"]["zmax"]["z"])).abs() <= FROM_KNOWN, "{file}: z {there}");
            }
            if file.contains("dilepton") {
                assert!(number(&spectrum["p_spectrum"]) >= QUIET, "{file}: z {z} at {gev} GeV");
            }
            // Every published background makes toys, and no other spectrum has any.
            assert_eq!(spectrum["toys"]["toys"].as_u64(), spectrum["known"].is_object().then_some(20), "{file}");
            for curve in ["network_z", "network_background", "sideband_z"] {
                let values = spectrum[curve].as_array().expect("a curve");
                assert_eq!(values.len(), spectrum["counts"].as_array().expect("counts").len());
                // NaN and infinities would be null.
                assert!(values.iter().all(Value::is_number), "{file}: {curve}");
            }
        }
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (one, one_text) = path_in(folder.path(), "one");
        let (three, three_text) = path_in(folder.path(), "three");
        notes_of(&["validate", "--device", "cpu", "--threads", "1", "--toys", "5", "--out", &one_text]);
        notes_of(&["validate", "--device", "cpu", "--threads", "3", "--toys", "5", "--out", &three_text]);
        assert_same_results(&one, &three);
    }

    #[test]
    fn an_expectation_that_is_not_met_is_said_and_sets_the_exit_code() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (list, list_text) = path_in(folder.path(), "list.yaml");
        let (out, out_text) = path_in(folder.path(), "out");
        let file =
            format!("{}/data-samples/spectra/atlas_Hyy_13TeV_36fb.csv", concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let entry = |name: &str, expect: &str| format!("- {{file: {file:?}, name: {name:?}, expect: {expect}}}\n");
        let text = format!(
            "spectra:\n{}{}",
            entry("too high", "{near_gev: 145, within_gev: 3}"),
            entry("right <b>", "{near_gev: 125, within_gev: 2}")
        );
        std::fs::write(list, text).expect("write");
        let output = bumphound(&["validate", &list_text, "--device", "cpu", "--toys", "0", "--out", &out_text]);
        assert_eq!(output.status.code(), Some(1));
        let table = String::from_utf8_lossy(&output.stdout);
        assert!(table.contains("too high: expected excess near 145.0 GeV (within 3.00 GeV), found z"), "{table}");
        let notes = String::from_utf8_lossy(&output.stderr);
        assert!(notes.contains("1 of 2 expectations not met"), "{notes}");
        let csv = rows(&std::fs::read_to_string(out.join("validate.csv")).expect("validate.csv"));
        let verdicts: Vec<&str> = csv.iter().filter_map(|row| row.last()).map(String::as_str).collect();
        assert_eq!(verdicts, ["NOT as expected", "as expected"]);
        let page = std::fs::read_to_string(out.join("index.html")).expect("index.html");
        assert!(page.contains("right &#60;b&#62;") && !page.contains("right <b>"), "names are escaped");
    }

    /// Runs over a file of the user's; returns the only row of validate.csv.
    fn row_of(content: &str, arguments: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (path, text) = path_in(folder.path(), "mine.csv");
        let (out, out_text) = path_in(folder.path(), "out");
        std::fs::write(path, content).expect("write");
        let mut all = vec!["validate", &text, "--device", "cpu", "--out", &out_text];
        all.extend(arguments);
        stdout_of(&all);
        let page = std::fs::read_to_string(out.join("index.html")).expect("index.html");
        assert!(!page.contains("NaN") && !page.contains("inf "), "numbers on the page are numbers");
        rows(&std::fs::read_to_string(out.join("validate.csv")).expect("validate.csv")).remove(0)
    }

    fn falling(bins: u32, first: f64, per_bin: f64) -> String {
        let row = |i: u32| {
            let (low, n) = (100.0 + 10.0 * f64::from(i), (first * (-per_bin * f64::from(i)).exp()).round());
            format!("{low},{},{n}\n", low + 10.0)
        };
        format!("low_edge,high_edge,observed\n{}", (0..bins).map(row).collect::<String>())
    }

    #[test]
    fn spectra_of_the_user_may_be_sparse_short_long_or_full() {
        for (content, bins) in [
            (falling(60, 20.0, 0.2), "60"),
            (falling(8, 3.0, 0.0), "8"),
            (falling(400, 1e5, 0.03), "400"),
            (falling(40, 1e9, 0.1), "40"),
        ] {
            let row = row_of(&content, &[]);
            assert_eq!((row[0].as_str(), row[4].as_str()), ("mine", bins), "{row:?}");
        }
    }

    #[test]
    fn range_joined_bins_and_trimming_are_as_asked() {
        // Bins 5 to 58: 2000 exp(-0.5) (1 - exp(-5.4)) / (1 - exp(-0.1)) = 12690.
        let row = row_of(&falling(60, 2000.0, 0.1), &["--range-gev", "150", "695", "--rebin", "2"]);
        assert_eq!(row[2..8].join(" "), "150 690 27 2 false 12690", "{row:?}");
        let row = row_of(&falling(90, 2000.0, 0.2), &["--trim"]);
        // Sums of five bins have their maximum two bins into a falling spectrum; 2000 exp(-0.2 x 41) is half an event.
        assert_eq!(row[2..7].join(" "), "120 520 40 1 true", "{row:?}");
    }

    #[test]
    fn files_that_are_no_spectra_are_refused_with_their_place() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (_, out) = path_in(folder.path(), "out");
        let refused = |name: &str, content: &str, message: &str| {
            let (path, text) = path_in(folder.path(), name);
            std::fs::write(path, content).expect("write");
            let error = error_of(&["validate", &text, "--out", &out]);
            assert!(error.contains(name) && error.contains(message), "{name}: {error}");
        };
        refused("empty.csv", "", "no column `low_edge`");
        refused("text.csv", "low,high,count\n1,2,3\n2,3,x\n", "line 3, column 3: `x` in column `count`");
        refused("gap.csv", "low,high,count\n1,2,3\n3,4,1\n", "hint: bins must be sorted and without gaps");
        refused("short.csv", "low,high,count\n1,2,3\n2,3,1\n", "only 2 of 2 bins remain, at least 8 are needed");
        refused("zero.csv", &falling(30, 0.0, 0.0), "all 30 bins are empty");
        refused("huge.csv", &falling(30, 1e300, 0.0), "more than 1e12 entries in a bin");
        refused("density.csv", &falling(30, 20.0, 0.1).replace(",20\n", ",20.25\n"), "bin 0 holds 20.25: not counts");
        refused("tenfold.csv", &falling(30, 20.0, 0.0).replace(",20\n", ",200\n"), "all contents are multiples of 200");
        refused("list.yaml", "spectra:\n- {file: none.csv}\n", "none.csv");
        refused("list.yml", "spectra:\n- {file: a.csv, rebim: 2}\n", "hint: keys of a spectrum");
        refused("no.yaml", "spectra: []\n", "no spectra");
        assert!(error_of(&["validate", "no-such-file.csv", "--out", &out]).contains("no-such-file.csv"));
        assert!(error_of(&["validate", "--trim", "--out", &out]).contains("are for CSV files"));
        let file = "data-samples/spectra/cms_dimuon_b_13TeV.csv";
        let error = error_of(&["validate", file, "--range-gev", "1", "2", "--out", &out]);
        assert!(error.contains("the file spans 392 to 608 GeV"), "{error}");
        assert!(error_of(&["validate", file, "--rebin", "0", "--out", &out]).contains("rebin 0"));
        let (code, _) = code_and_notes(&["validate", file, "--model", "no.safetensors", "--out", &out]);
        assert_eq!(code, 2);
    }
}

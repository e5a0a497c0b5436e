//! `bumphound evaluate`: every figure of the thesis in one command.

use std::collections::BTreeSet;

use bumphound_torch::znet::model::Model;

#[path = "../../tests/support"]
mod support {
    pub mod program;
}
use support::program::{assert_same_results, code_and_notes, error_of, path_in, project, stdout_of};

const FIGURES: [&str; 14] = [
    "reference",
    "calibration",
    "true_zmax",
    "intervals",
    "position",
    "bins",
    "dynamic_range",
    "width",
    "entries",
    "source",
    "roc",
    "false_positives",
    "p_spectrum",
    "hard_set",
];

#[test]
fn every_figure_is_in_page_table_and_json_for_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let ((one, one_text), (two, two_text)) = (path_in(folder.path(), "one"), path_in(folder.path(), "two"));
    let run = |out: &str, threads: &str| {
        stdout_of(&[
            "evaluate",
            "--out",
            out,
            "--spectra",
            "30",
            "--seed",
            "5",
            "--device",
            "cpu",
            "--threads",
            threads,
        ])
    };
    let rows = run(&one_text, "1");
    assert_eq!(rows, run(&two_text, "2"));
    assert_same_results(&one, &two);
    assert_eq!(rows.lines().count(), 9, "{rows}");
    for (line, start) in rows.lines().zip(["widths 1 ", "widths 1 ", "widths 1 ", "widths 3 "]) {
        assert!(line.starts_with(start) && line.contains("AUC") && line.contains("x family fit"), "{line}");
    }

    let page = std::fs::read_to_string(one.join("index.html")).expect("it was asked for");
    assert!(!page.contains("NaN") && !page.contains("http://") && !page.contains("src="), "not self-contained");
    let json = std::fs::read_to_string(one.join("evaluate.json")).expect("it was asked for");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let mut table = csv::Reader::from_path(one.join("evaluate.csv")).expect("it was asked for");
    let columns: Vec<String> = table.headers().expect("a head").iter().map(str::to_string).collect();
    assert_eq!(
        columns[6..],
        ["network", "network_error", "target", "family_fit", "sliding_log_cubic", "whole_log_cubic"]
    );
    let records: Vec<csv::StringRecord> = table.records().map(|record| record.expect("CSV")).collect();
    let in_table: BTreeSet<&str> = records.iter().filter_map(|record| record.get(0)).collect();
    let in_json: Vec<&str> =
        json["figures"].as_array().into_iter().flatten().filter_map(|figure| figure["id"].as_str()).collect();
    for figure in FIGURES {
        assert!(page.contains(&format!("<section id=\"{figure}\">")) && in_json.contains(&figure), "{figure}");
        assert!(in_table.contains(figure), "{figure} is not in evaluate.csv");
    }
    // Nine rows, and each number of the network stands beside the family fit's on the same spectra.
    let of_spread = |record: &&csv::StringRecord| &record[0] == "reference" && &record[4] == "standard deviation";
    let spreads: Vec<&csv::StringRecord> = records.iter().filter(of_spread).collect();
    assert_eq!(spreads.len(), 9);
    for record in spreads {
        for column in [6, 9, 10] {
            assert!(record[column].parse::<f64>().is_ok_and(|sd| sd > 0.0), "{record:?}");
        }
    }
}

#[test]
fn test_spectra_are_written_for_other_programs() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, text) = path_in(folder.path(), "spectra.csv");
    let (code, notes) = code_and_notes(&["evaluate", "--write-spectra", "3", &text, "--device", "cpu"]);
    assert_eq!(code, 0, "{notes}");
    let mut table = csv::Reader::from_path(path).expect("it was asked for");
    let records: Vec<csv::StringRecord> = table.records().map(|record| record.expect("CSV")).collect();
    // Three with and three without signals of each length.
    assert_eq!(records.len(), 6 * (30 + 60 + 100));
    assert!(records.iter().all(|record| record[3].parse::<f64>().is_ok_and(|n| n >= 0.0 && n == n.trunc())));
    assert!(records.iter().all(|record| record[4].parse::<f64>().is_ok_and(|b| b >= 9.999)), "expectations from 10 on");
    let error = error_of(&["evaluate", "--write-spectra", "many", &text]);
    assert!(error.contains("--write-spectra many"), "{error}");
}

#[test]
fn networks_that_cannot_be_opened_are_named() {
    let error = error_of(&["evaluate", "no/such/network.safetensors"]);
    assert!(error.contains("no/such/network.json"), "{error}");
    let error = error_of(&["evaluate", "models/dmfmw.json"]);
    assert!(error.contains("is a model card") && error.contains("models/dmfmw.safetensors"), "{error}");
}

#[test]
fn all_networks_of_the_repository_open_with_complete_cards() {
    let plans = std::fs::read_dir(project().join("selections/training")).expect("plans are part of the repository");
    let names: BTreeSet<String> = plans
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_string()))
        .collect();
    assert_eq!(names.len(), 10, "thesis table 2: {names:?}");
    for name in names {
        let path = format!("models/{name}.safetensors");
        let model = Model::open(&project().join(&path)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(model.card.name.to_lowercase(), name);
        let tables = &model.card.calibrations;
        assert!(
            !tables.invariant.network.classes.is_empty() && !tables.transverse.network.classes.is_empty(),
            "{path}"
        );
        assert!(!model.card.intervals.is_empty() && !model.card.hard_set.is_null(), "{path}");
    }
}

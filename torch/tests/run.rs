//! `bumphound run`: the quickstart from files to report, as a user runs it (on the CPU).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bumphound::categories::JetCount;
use bumphound::ranking::{Bump, Verdict};
use bumphound::report::wording::heads;
use bumphound::report::{ReportData, read_report_json};

#[path = "../../tests/support"]
mod support {
    pub mod program;
}
use support::program::{
    assert_same_results, campaign_in, code_and_notes, error_of, notes_of, path_in, results_in, rows, stdout_of,
};

/// Runs a campaign into a folder of cargo's; returns the folder and the summary.
fn run(campaign: &str, threads: &str, folder: &str) -> (PathBuf, String) {
    let (path, text) = path_in(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("run"), folder);
    let summary = stdout_of(&["run", campaign, "--out", &text, "--threads", threads, "--device", "cpu"]);
    (path, summary)
}

/// The quickstart, run once for all tests.
fn quickstart() -> &'static (PathBuf, String) {
    static RUN: OnceLock<(PathBuf, String)> = OnceLock::new();
    RUN.get_or_init(|| run("selections/quickstart.yaml", "1", "quickstart"))
}

fn report() -> ReportData {
    let file = std::fs::File::open(quickstart().0.join("report.json")).expect("a run writes it");
    read_report_json(std::io::BufReader::new(file)).expect("it reads back")
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let (two, _) = run("selections/quickstart.yaml", "2", "two_threads");
    let names = ["book.bumphound", "bumps.csv", "campaign.resolved.yaml", "fill.json", "index.html", "report.json"];
    assert_eq!(results_in(&two).into_keys().collect::<Vec<_>>(), names);
    assert!(two.join("run.json").exists());
    assert_same_results(&quickstart().0, &two);
}

#[test]
fn the_resolved_campaign_gives_the_same_bumps() {
    let resolved = quickstart().0.join("campaign.resolved.yaml");
    let (again, _) = run(&resolved.to_string_lossy(), "2", "resolved");
    assert_same_results(&quickstart().0, &again);
}

#[test]
fn bumps_csv_has_the_promised_columns_and_a_row_per_line() {
    let text = std::fs::read_to_string(quickstart().0.join("bumps.csv")).expect("a run writes it");
    let promised = "rank,category,mass,peak_gev,low_gev,high_gev,observed,expected,p_local,p_stack,p_campaign,\
                    z_combined,verdict,known,";
    assert!(text.starts_with(promised), "{}", text.lines().next().unwrap_or_default());
    let (rows, report) = (rows(&text), report());
    assert_eq!(rows.len(), report.bumps.len());
    assert!(!rows.is_empty());
    let mut rank = 0.0;
    for row in &rows {
        let number = |column: usize| row[column].parse::<f64>().expect("a number");
        // Lines of one candidate share its rank.
        assert!(number(0) == rank || number(0) == rank + 1.0, "{row:?} after rank {rank}");
        rank = number(0);
        assert!(number(4) <= number(3) && number(3) <= number(5) && number(6) >= 3.0 && number(11) >= 2.0, "{row:?}");
        assert!((8..=10).all(|column| (0.0..=1.0).contains(&number(column))) && number(9) <= number(10), "{row:?}");
    }
    assert!(rank >= 1.0 && rank < rows.len() as f64, "{rank} candidates");
}

#[test]
fn the_report_says_that_a_signal_was_planted() {
    let (dir, summary) = quickstart();
    let page = std::fs::read_to_string(dir.join("index.html")).expect("a run writes it");
    for text in [&page, summary] {
        assert!(text.contains("sample zprime_mumu_m500 was mixed into the data"), "{summary}");
    }
    let planted: Vec<String> = report().inputs.into_iter().filter(|i| i.planted).map(|i| i.sample).collect();
    assert_eq!(planted, ["zprime_mumu_m500"]);
}

#[test]
fn the_planted_resonance_is_first_at_its_mass_and_an_excess() {
    let first = &report().bumps[0];
    assert_eq!(
        (first.rank, first.mass.to_string(), first.verdict),
        (1, "m(mu1,mu2)".into(), Verdict::Excess),
        "{first:?}"
    );
    // Z' at 500 GeV; final-state radiation and the bins of 18 GeV pull the peak down.
    assert!((first.peak_gev - 495.0).abs() < 25.0, "{first:?}");
    assert!(first.rows.iter().filter(|row| row.p < 0.05).count() >= 2, "{first:?}");
    let summary = &quickstart().1;
    assert!(summary.starts_with("Found: one excess stands out, m(mu1,mu2)"), "{summary}");
}

#[test]
fn without_the_signal_nothing_stands_out() {
    let (path, summary) = run("selections/quickstart-null.yaml", "2", "null");
    assert!(summary.starts_with("Nothing stands out"), "{summary}");
    let file = std::fs::File::open(path.join("report.json")).expect("a run writes it");
    let report = read_report_json(std::io::BufReader::new(file)).expect("it reads back");
    assert!(report.bumps.iter().all(|bump| bump.verdict != Verdict::Excess));
    let unknown = report.bumps.iter().filter(|bump| bump.known.is_empty() && !bump.is_transverse());
    assert!(unknown.map(|bump| bump.p_campaign).fold(1.0, f64::min) >= 0.05);
    assert!(report.expectation.iter().any(|sentence| sentence.contains("where chance alone gives")));
}

#[test]
fn every_event_is_in_the_cutflow() {
    let report = report();
    let step = |sample: &str, step: &str| {
        let row = report.cutflow.iter().find(|row| row.sample == sample && row.step == step);
        row.map(|row| row.events).unwrap_or_else(|| unreachable!("no row {sample} {step}"))
    };
    for input in &report.inputs {
        let entries: u64 = input.files.iter().map(|file| file.entries).sum();
        assert_eq!(step(&input.sample, "read"), entries, "{}", input.sample);
    }
    // 134 084 events of the stream and 10 000 of the signal (data-samples/README.md).
    assert_eq!(step("all", "read"), 144_084);
    assert_eq!(step("zprime_mumu_m500", "chosen"), 150);
    for name in ["read", "preselection", "chosen", "region incl"] {
        let sum: u64 = report
            .inputs
            .iter()
            .map(|input| match (name, input.planted) {
                ("chosen", false) => step(&input.sample, "preselection"),
                _ => step(&input.sample, name),
            })
            .sum();
        assert_eq!(step("all", name), sum, "{name}");
    }
    let categories = stdout_of(&["export", &quickstart().0.to_string_lossy(), "--categories"]);
    let inclusive = rows(&categories).into_iter().filter(|row| row[0].ends_with("/Xj"));
    let booked: u64 = inclusive.map(|row| row[1].parse::<u64>().expect("entries")).sum();
    assert_eq!(booked, step("all", "region incl"));
}

#[test]
fn the_report_command_rewrites_a_run() {
    let copy = tempfile::tempdir().expect("temporary folder");
    let report = std::fs::read(quickstart().0.join("report.json")).expect("a run writes it");
    std::fs::write(copy.path().join("report.json"), report).expect("the folder is writable");
    stdout_of(&["report", &copy.path().to_string_lossy()]);
    let original = results_in(&quickstart().0);
    for (name, bytes) in results_in(copy.path()) {
        assert!(original[&name] == bytes, "{name}");
    }
    assert!(copy.path().join("index.html").exists());
}

#[test]
fn a_skim_of_a_bump_holds_as_many_events_as_its_multiplicities_count() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, out) = path_in(folder.path(), "bump.root");
    let report = report();
    let heads = heads(&report);
    // The first candidates, the first transverse mass, the first with all jet counts together, and with a part of them.
    let part = |bump: &&&Bump| bump.observed < bump.observed_in_all();
    let chosen = heads
        .iter()
        .take(2)
        .chain(heads.iter().find(|bump| bump.is_transverse()))
        .chain(heads.iter().find(|bump| bump.rows.len() > 1 && bump.jets == "Xj"))
        .chain(heads.iter().find(|bump| bump.category.jets != JetCount::Any).or(heads.iter().find(part)));
    let ranks: BTreeMap<usize, f64> = chosen.map(|bump| (bump.rank, bump.observed_in_all())).collect();
    assert!(ranks.len() >= 4, "{ranks:?}");
    for (rank, observed) in ranks {
        let dir = quickstart().0.to_string_lossy();
        let notes = notes_of(&["skim", &dir, "--rank", &rank.to_string(), "--out", &out]);
        assert!(notes.contains(&format!("\n{observed} events of 144084 read")), "bump {rank}, {observed}: {notes}");
        assert!(!notes.contains("warning"), "{notes}");
    }
}

#[test]
fn skipped_files_are_in_the_report_and_in_the_exit_code() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, bad) = path_in(folder.path(), "bad.root");
    std::fs::write(path, "no ROOT file").expect("the folder is writable");
    let inputs = format!(
        "inputs:\n  - {{files: data-samples/tiny/diphoton.root, data: true}}\n  - {{files: {bad:?}, data: true}}\n"
    );
    let campaign = campaign_in(folder.path(), &inputs);
    let (out, text) = path_in(folder.path(), "out");
    let error = error_of(&["run", &campaign, "--out", &text, "--device", "cpu"]);
    assert!(error.contains("bad.root") && !out.join("index.html").exists(), "{error}");
    let (code, notes) = code_and_notes(&["run", &campaign, "--out", &text, "--device", "cpu", "--on-bad-file", "skip"]);
    assert_eq!(code, 1, "{notes}");
    let page = std::fs::read_to_string(out.join("index.html")).expect("a run writes it");
    assert!(page.contains("bad.root"), "the page names it");
}

#[test]
fn a_missing_network_is_said_before_reading() {
    let error =
        error_of(&["run", "selections/quickstart.yaml", "--out", "out/never", "--set", "scan.model=no.safetensors"]);
    assert!(error.contains("no.safetensors"), "{error}");
    assert!(!Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("out/never").exists());
}

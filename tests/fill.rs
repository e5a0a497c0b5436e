//! `bumphound fill`: files to a book, and what is said about files that cannot be read.

use std::collections::BTreeMap;
use std::path::Path;

mod support {
    pub mod program;
}
use support::program::{
    assert_same_results, campaign_in, code_and_notes, error_of, notes_of, path_in, results_in, rows, stdout_of,
};

const SMALL: &str = "
inputs:
  - {sample: diboson, files: data-samples/tiny/diboson.root, data: true}
  - {sample: zprime, files: data-samples/tiny/zprime_mumu_m500.root, data: true, events: 300, planted: true}
  - {sample: stream, files: data-samples/leptonstream/A_diboson_00.root, data: true}
preselection: HT > 25
regions: {incl: ~, met80: MET > 80}
";

fn categories(dir: &str) -> BTreeMap<String, u64> {
    let csv = stdout_of(&["export", dir, "--categories"]);
    rows(&csv).into_iter().map(|row| (row[0].clone(), row[1].parse().expect("a number of events"))).collect()
}

fn entries(campaign: &bumphound::campaign::Campaign) -> u64 {
    let files = campaign.samples.iter().flat_map(|sample| sample.files.iter().map(|file| (file, &sample.layout)));
    files.map(|(file, layout)| layout.open(file).expect("a good file").entries()).sum()
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = campaign_in(folder.path(), SMALL);
    let dirs = ["1", "2"].map(|threads| {
        let (path, text) = path_in(folder.path(), threads);
        let notes = notes_of(&["fill", &campaign, "--out", &text, "--threads", threads]);
        assert!(notes.contains("of 3 files"), "{notes}");
        path
    });
    assert!(results_in(&dirs[0]).contains_key("book.bumphound"));
    assert!(dirs[0].join("run.json").exists());
    assert_same_results(&dirs[0], &dirs[1]);
}

#[test]
fn category_counts_equal_independent_code() {
    let golden = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events_tiny.json"));
    let golden: serde_json::Value = serde_json::from_str(&golden.expect("the golden file")).expect("JSON");
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, out) = path_in(folder.path(), "out");
    for (name, want) in golden["files"].as_object().expect("files") {
        let inputs = format!("inputs: [{{files: data-samples/tiny/{name}, data: true}}]");
        notes_of(&["fill", &campaign_in(folder.path(), &inputs), "--out", &out]);
        let want: BTreeMap<String, u64> = serde_json::from_value(want["categories"].clone()).expect("counts");
        assert_eq!(categories(&out), want, "{name}");
    }
}

#[test]
fn every_event_is_in_one_category_per_region_and_jet_scheme() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = campaign_in(folder.path(), SMALL);
    let (_, out) = path_in(folder.path(), "out");
    let campaign = bumphound::campaign::load(Path::new(&path), &[]).expect("a good campaign");
    let notes = notes_of(&["fill", &path, "--out", &out]);
    assert!(notes.contains(&format!("from {} events", entries(&campaign))), "{notes}");
    let filled = bumphound::fill::fill(&campaign, 2, &bumphound::fill::Silent).expect("it was filled above");
    let step = |sample: &str, step: &str| {
        let row = filled.cutflow.iter().find(|row| row.sample == sample && row.step == step);
        row.map(|row| row.events).expect("the cutflow has this row")
    };
    assert_eq!(step("all", "read"), entries(&campaign));
    assert_eq!(step("zprime", "chosen"), 300);
    let booked = categories(&out);
    for region in ["incl", "met80"] {
        let total = |inclusive: bool| -> u64 {
            let inside = booked.iter().filter(|(category, _)| {
                category.starts_with(&format!("{region}/")) && category.ends_with("/Xj") == inclusive
            });
            inside.map(|(_, events)| events).sum()
        };
        let want = step("all", &format!("region {region}"));
        assert!(want > 0);
        assert_eq!((total(true), total(false)), (want, want), "{region}");
    }
    assert_eq!(step("all", "region incl"), step("all", "chosen"));
}

/// A good file and a damaged copy of another one, in a campaign.
fn campaign_with(folder: &Path, damage: impl Fn(&mut Vec<u8>)) -> String {
    let mut bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tiny/diboson.root"));
    damage(bytes.as_mut().expect("a sample file"));
    let (path, text) = path_in(folder, "damaged.root");
    std::fs::write(path, bytes.expect("a sample file")).expect("the folder is writable");
    let inputs = format!(
        "inputs:\n  - {{files: data-samples/tiny/diphoton.root, data: true}}\n  - {{sample: bad, files: {text:?}, data: true}}\n"
    );
    campaign_in(folder, &inputs)
}

#[test]
fn files_that_cannot_be_read_stop_the_run_or_are_skipped_and_named() {
    for name in ["cut short", "overwritten", "emptied"] {
        let damage = |bytes: &mut Vec<u8>| match name {
            "cut short" => bytes.truncate(bytes.len() / 2),
            "overwritten" => {
                let (from, to) = (bytes.len() / 4, bytes.len() / 2);
                bytes[from..to].fill(0x55);
            }
            _ => bytes.clear(),
        };
        let folder = tempfile::tempdir().expect("temporary folder");
        let campaign = campaign_with(folder.path(), damage);
        let (out, text) = path_in(folder.path(), "out");
        let error = error_of(&["fill", &campaign, "--out", &text]);
        assert!(error.contains("damaged.root") && error.contains("hint: `--on-bad-file skip`"), "{name}: {error}");
        assert!(!out.join("book.bumphound").exists(), "{name}");
        let (code, notes) = code_and_notes(&["fill", &campaign, "--out", &text, "--on-bad-file", "skip"]);
        assert_eq!(code, 1, "{name}: {notes}");
        assert!(notes.contains("warning: sample bad: ") && notes.contains("damaged.root"), "{name}: {notes}");
        assert!(notes.contains("warning: not read: ") && notes.contains("from 2000 events of "), "{name}: {notes}");
        // The good file is there, whole.
        let total: u64 = categories(&text).iter().filter(|(name, _)| name.ends_with("/Xj")).map(|(_, n)| n).sum();
        assert_eq!(total, 2000, "{name}");
    }
}

#[test]
fn nothing_but_bad_files_is_an_error_even_when_skipping() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, text) = path_in(folder.path(), "no.root");
    std::fs::write(path, "this is no ROOT file").expect("the folder is writable");
    let campaign = campaign_in(folder.path(), &format!("inputs: [{{files: {text:?}, data: true}}]"));
    let (_, out) = path_in(folder.path(), "out");
    let error = error_of(&["fill", &campaign, "--out", &out, "--on-bad-file", "skip"]);
    assert!(error.contains("none of the input files can be read") && error.contains("no.root"), "{error}");
}

#[test]
fn a_wrong_layout_is_told_from_a_bad_file() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, out) = path_in(folder.path(), "out");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data-samples/tiny/diboson.root");
    for (layout, hint) in [
        ("nanoaod", "hint: the file looks like `layout: delphes`"),
        ("darkmachines_csv", "hint: the file looks like `layout: delphes`"),
        ("{delphes: {tree: Events}}", "hint: its tree is `Delphes`: `layout: {delphes: {tree: Delphes}}`"),
    ] {
        let campaign = campaign_in(folder.path(), &format!("inputs: [{file:?}]\nlayout: {layout}"));
        let error = error_of(&["fill", &campaign, "--out", &out]);
        assert!(error.contains(hint) && !error.contains("on-bad-file"), "{error}");
    }
}

#[test]
fn units_that_are_wrong_are_suspected() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, out) = path_in(folder.path(), "out");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data-samples/tiny/diboson.root");
    for (units, wanted) in
        [("1000", "pT above 7 TeV: are the units right"), ("MeV", "no spectrum: none of 2000 events")]
    {
        let layout = "tree: Delphes, jet: {pt: Jet.PT, eta: Jet.Eta, phi: Jet.Phi}";
        let text =
            format!("inputs: [{{files: {file:?}, data: true}}]\nlayout: {{branches: {{{layout}, units: {units}}}}}");
        let (code, notes) = code_and_notes(&["fill", &campaign_in(folder.path(), &text), "--out", &out]);
        assert!(code == 0 && notes.contains(wanted), "{units}: {code} {notes}");
    }
}

#[test]
fn a_missing_tree_or_branch_names_the_nearest() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, out) = path_in(folder.path(), "out");
    let error_with = |layout: &str| {
        let file = "data-samples/tiny/diboson.root";
        let inputs = format!("inputs: [{{files: {file}, data: true, layout: {{delphes: {{{layout}}}}}}}]");
        error_of(&["fill", &campaign_in(folder.path(), &inputs), "--out", &out])
    };
    let error = error_with("tree: Delphse");
    assert!(error.contains("`Delphse`") && error.contains("nearest: `Delphes`"), "{error}");
    let error = error_with("jet: Jets");
    assert!(error.contains("`Jets.PT`") && error.contains("nearest: `Jet."), "{error}");
    assert!(error.contains("diboson.root"), "{error}");
}

#[test]
fn an_output_folder_that_cannot_be_made_is_said_before_reading() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, _) = path_in(folder.path(), "file");
    std::fs::write(path, "").expect("the folder is writable");
    let (_, out) = path_in(folder.path(), "file/out");
    let error = error_of(&["fill", &campaign_in(folder.path(), SMALL), "--out", &out]);
    assert!(error.contains("file/out"), "{error}");
}

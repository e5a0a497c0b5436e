//! Files, habits and first campaigns that once gave a wrong number without a word: the right value, or what is said.

use std::collections::BTreeMap;

mod support {
    pub mod program;
}
use support::program::{campaign_in, code_and_notes, error_of, notes_of, path_in, rows, stdout_of};

/// NanoAOD files of data-samples/faults/, each with 60 events of two muons.
fn nano(files: &[&str], more: &str) -> String {
    let files: Vec<String> = files.iter().map(|file| format!("data-samples/faults/{file}.root")).collect();
    format!(
        "inputs: [{{sample: s, files: [{}], layout: nanoaod{more}}}]\njet_schemes: [inclusive]\nselection: {{overlap_removal: false}}\n",
        files.join(", ")
    )
}

/// A tree with muons by their branches.
fn muons(file: &str, more: &str) -> String {
    format!(
        "inputs: [{{files: data-samples/faults/{file}.root, layout: {{branches: {{tree: t{more}, muon: {{pt: Mu_pt, eta: Mu_eta, \
         phi: Mu_phi, charge: Mu_charge}}}}}}}}]\njet_schemes: [inclusive]\nselection: {{overlap_removal: false}}\n"
    )
}

/// Exit code and notes of a fill, and the entries of its categories.
fn fill(text: &str) -> (i32, String, BTreeMap<String, u64>) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (_, out) = path_in(folder.path(), "out");
    let (code, notes) = code_and_notes(&["fill", &campaign_in(folder.path(), text), "--out", &out]);
    let csv = if code == 2 { String::new() } else { stdout_of(&["export", &out, "--categories"]) };
    let categories = rows(&csv).into_iter().map(|row| (row[0].clone(), row[1].parse().expect("entries")));
    (code, notes, categories.collect())
}

/// The error of a campaign that cannot be filled.
fn refused(text: &str) -> String {
    let (code, notes, _) = fill(text);
    assert_eq!(code, 2, "{notes}");
    notes
}

const DIMUONS: &str = "incl/2mu.os/Xj";

#[test]
fn data_events_in_two_files_are_refused_unless_they_are_to_be_kept() {
    let both = nano(&["run_a", "run_b"], ", data: true");
    let error = refused(&both);
    assert!(
        error.contains("60 events are in both data-samples/faults/run_a.root and data-samples/faults/run_b.root"),
        "{error}"
    );
    assert!(error.contains("`on_duplicate: keep`"), "{error}");
    let (code, notes, found) = fill(&format!("{both}on_duplicate: keep\n"));
    assert_eq!((code, found[DIMUONS]), (0, 120));
    assert!(notes.contains("warning: 60 events are in both"), "{notes}");
    let (_, notes, found) = fill(&nano(&["run_a"], ", data: true"));
    assert_eq!(found[DIMUONS], 60);
    assert!(!notes.contains("are in both"), "{notes}");
}

#[test]
fn files_of_a_sample_are_read_alike_or_named() {
    let mixed = |role| nano(&["a_genweight", "b_no_genweight"], role);
    let error = refused(&format!("{}lumi_ifb: 0.12\n", mixed(", mc: {cross_section_pb: 1}")));
    for part in [
        "event weights",
        "1 of 2 files (data-samples/faults/a_genweight.root) from genWeight",
        "b_no_genweight.root) from nothing",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    // Data have no weights.
    assert_eq!(fill(&format!("{}on_duplicate: keep\n", mixed(", data: true"))).0, 0);
}

#[test]
fn a_trigger_that_a_file_does_not_know_has_not_fired() {
    let any = ", data: true";
    let text = nano(&["one_trigger"], any)
        .replace("layout: nanoaod", "layout: {nanoaod: {require_event: [{any: [HLT_IsoMu24, HLT_Mu50]}]}}");
    let (code, notes, found) = fill(&text);
    assert_eq!((code, found[DIMUONS]), (0, 60));
    assert!(notes.contains("note: sample s: HLT_Mu50 is not in the file and counts as not fulfilled"), "{notes}");
    let error = refused(&text.replace("HLT_IsoMu24, ", ""));
    assert!(error.contains("HLT_Mu50"), "{error}");
}

#[test]
fn angles_in_degrees_are_refused_and_can_be_read() {
    let error = refused(&muons("phi_degrees", ""));
    assert!(error.contains("not in radians (branch Mu_phi)") && error.contains("`angles: degrees`"), "{error}");
    let (code, _, found) = fill(&muons("phi_degrees", ", angles: degrees"));
    assert_eq!((code, found.values().sum::<u64>()), (0, 60));
}

#[test]
fn charges_that_are_none_and_weights_of_zero_are_said() {
    let (_, notes, _) = fill(&muons("charge_01", ""));
    assert!(notes.contains("are 0 or 1, never -1"), "{notes}");
    let (_, notes, _) = fill("inputs: [{files: data-samples/faults/weights_zero.root, layout: delphes}]");
    assert!(notes.contains("are 0 or negative: there is nothing to scan"), "{notes}");
}

#[test]
fn comparisons_are_said_back_as_tests() {
    let text = nano(&["run_a"], "").replace("layout: nanoaod", "layout: {nanoaod: {btag: Jet_btagDeepFlavB > 0.3}}");
    let error = refused(&text);
    assert!(error.contains("{branch: Jet_btagDeepFlavB, above: 0.3}"), "{error}");
}

const DATA: &str = "{sample: d, files: data-samples/tiny/zprime_mumu_m500.root, data: true}";

#[test]
fn data_and_simulation_are_not_added() {
    let simulated =
        |more: &str| format!("{{sample: m, files: data-samples/tiny/diboson.root, mc: {{cross_section_pb: 1}}{more}}}");
    let campaign = |second: &str, more: &str| format!("inputs: [{DATA}, {second}]\nlumi_ifb: 0.1\n{more}");
    let error = refused(&campaign(&simulated(""), ""));
    assert!(error.contains("`d` is data and `m` is simulation") && error.contains("`role: planted`"), "{error}");
    let error = refused(&campaign(&simulated(", role: planted"), ""));
    assert!(error.contains("added to counts of data") && error.contains("`pseudo_data: poisson`"), "{error}");
    let (code, notes, _) = fill(&campaign(&simulated(", role: planted"), "pseudo_data: poisson\n"));
    assert_eq!(code, 0, "{notes}");
    let error = refused(&format!("inputs: [{DATA}]\npseudo_data: poisson\n"));
    assert!(error.contains("nothing to draw"), "{error}");
}

#[test]
fn a_skim_is_scaled_to_what_was_generated() {
    let campaign = |mc: &str| {
        format!(
            "inputs: [{{files: data-samples/tiny/zprime_mumu_m500.root, mc: {{cross_section_pb: 10{mc}}}}}]\nlumi_ifb: 0.1\n"
        )
    };
    let sum_w = |mc: &str| {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (_, out) = path_in(folder.path(), "out");
        notes_of(&["fill", &campaign_in(folder.path(), &campaign(mc)), "--out", &out]);
        let record = std::fs::read_to_string(format!("{out}/fill.json")).expect("written");
        let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
        record["cutflow"][0]["sum_w"].as_f64().expect("a sum")
    };
    // 10 pb x 100 pb^-1; the file holds 2000 events of weight 1.
    for (mc, want) in [
        ("", 1000.0),
        (", generated: 8000", 250.0),
        (", sum_of_weights: 4000.0, k_factor: 1.5, filter_efficiency: 0.5", 375.0),
    ] {
        assert!((sum_w(mc) - want).abs() < 1e-6 * want, "{mc}: {}", sum_w(mc));
    }
    let error = refused(&campaign(", generated: 1000"));
    assert!(error.contains("more than the 1000 that were generated"), "{error}");
}

#[test]
fn other_collections_of_a_card_may_overlap() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let said = |layout: &str| {
        let text =
            format!("inputs: [{{files: data-samples/tiny/zprime_mumu_m500.root, data: true, layout: {layout}}}]");
        stdout_of(&["check", &campaign_in(folder.path(), &text), "--sample-events", "0"])
    };
    assert!(said("delphes").contains("no overlap removal (already done"));
    assert!(said("{delphes: {jet: FatJet}}").contains("jets within 0.4 of an electron or photon are dropped"));
}

#[cfg(unix)]
#[test]
fn a_glob_reads_every_file_once_and_leaves_none_out() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("temporary folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::copy("data-samples/faults/run_a.root", at("a.root")).expect("copied");
    let campaign = at("c.yaml");
    std::fs::write(&campaign, "inputs: [{files: '*.root', layout: nanoaod, data: true}]").expect("written");
    let campaign = campaign.display().to_string();
    let (_, out) = path_in(folder.path(), "out");
    symlink("a.root", at("b.root")).expect("linked");
    let error = error_of(&["fill", &campaign, "--out", &out]);
    assert!(error.contains("`a.root` and `b.root` are one file"), "{error}");
    std::fs::remove_file(at("b.root")).expect("removed");
    symlink("/nowhere/c.root", at("c.root")).expect("linked");
    let error = error_of(&["fill", &campaign, "--out", &out]);
    assert!(error.contains("c.root is a link to /nowhere/c.root, which is not there"), "{error}");
    let (code, notes) = code_and_notes(&["fill", &campaign, "--out", &out, "--on-bad-file", "skip"]);
    assert!(code == 1 && notes.contains("not read: 1 file"), "{notes}");
}

#[test]
fn a_campaign_of_too_many_masses_stops_before_memory_runs_out() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut text = String::from("event ID; process ID; event weight; MET; METphi; obj\n");
    for event in 0..1000 {
        let objects: Vec<String> = (0..16)
            .map(|i| format!("{},{}", ["e-", "m-", "g", "j"][(event >> (i % 10)) % 4], "300000,250000,1.2,0.5"))
            .collect();
        text.push_str(&format!("{event};p;1;100000;0.5;{}\n", objects.join(";")));
    }
    let (path, _) = path_in(folder.path(), "many.csv");
    std::fs::write(&path, text).expect("written");
    let campaign =
        format!("inputs: [{{files: {:?}, layout: darkmachines_csv}}]\nselection: {{overlap_removal: false}}\n", path);
    let (_, out) = path_in(folder.path(), "out");
    let error = error_of(&["fill", &campaign_in(folder.path(), &campaign), "--out", &out]);
    assert!(error.contains("5000000 different masses") && error.contains("max_objects"), "{error}");
}

//! `bumphound check` and `bumphound schema`: what will happen, and everything that is wrong.

mod support {
    pub mod program;
}
use support::program::{bumphound, campaign_in, error_of, plain, stdout_of};

#[test]
fn the_quickstart_is_said_back_with_samples_and_numbers() {
    let page = plain(&bumphound(&["check", "selections/quickstart.yaml", "--sample-events", "200"]).stdout);
    for part in [
        "wjets",
        "zjets",
        "ttbar",
        "singletop",
        "diboson",
        "zprime_mumu_m500",
        "n(lepton, pt > 20) >= 1",
        "region incl",
    ] {
        assert!(page.contains(part), "no `{part}` in\n{page}");
    }
    // 134 084 events of the stream (data-samples/README.md) and the signal's 10 000, of which 150 are taken.
    assert!(page.contains("Expect: 144084 events in 21 files"), "{page}");
    assert!(page.contains("150"), "{page}");
}

#[test]
fn without_a_look_at_events_nothing_is_expected() {
    let page = stdout_of(&["check", "selections/minimal.yaml", "--sample-events", "0"]);
    assert!(page.contains("A_zjets_00") && !page.contains("Expect:"), "{page}");
}

#[test]
fn all_mistakes_come_at_once_with_line_and_column() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = campaign_in(
        folder.path(),
        "inputs: [{files: data-samples/tiny/dibosn.root, data: true}]\nseeed: 3\nregions: {incl: ~, met: MEt > 200}\n",
    );
    let error = error_of(&["check", &campaign, "--set", "scan.min_entry=5"]);
    for part in [
        "campaign.yaml:2:18",
        "nearest: `data-samples/tiny/diboson.root`",
        "campaign.yaml:3:1",
        "unknown key `seeed`",
        "nearest: `MET`",
        "--> --set:1:6",
        "4 mistakes in",
    ] {
        assert!(error.contains(part), "no `{part}` in\n{error}");
    }
}

#[test]
fn inputs_that_cannot_be_read_are_said() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let bad = folder.path().join("bad.root");
    std::fs::write(&bad, "no ROOT file").expect("the folder is writable");
    let campaign = campaign_in(
        folder.path(),
        &format!("inputs: [data-samples/tiny/diboson.root, {:?}]", bad.display().to_string()),
    );
    let page = plain(&bumphound(&["check", &campaign]).stdout);
    assert!(page.contains("warning: sample bad: ") && page.contains("bad.root"), "{page}");
}

#[test]
fn the_schema_is_json_and_knows_the_keys() {
    let schema: serde_json::Value = serde_json::from_str(&stdout_of(&["schema"])).expect("JSON");
    let keys = schema["properties"].as_object().expect("an object schema");
    for key in ["inputs", "regions", "preselection", "scan", "ranking", "seed"] {
        assert!(keys.contains_key(key), "{key}");
    }
}

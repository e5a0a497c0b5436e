//! Campaign files from the user's side: what is accepted, what is said about mistakes, what is written back.

#![allow(clippy::panic, reason = "a test that fails shows the campaign's own message")]

use std::path::{Path, PathBuf};

use bumphound::campaign;
use bumphound::campaign::{Campaign, PseudoData, Role};
use bumphound::ntuples::layouts::{BranchMap, DelphesLayout, Layout};
use bumphound::particles::Kind;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with empty data files and a campaign file.
fn folder_with(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let samples =
        ["ttbar_00.root", "ttbar_01.root", "zjets_00.root", "signal.root", "nano.root", "map.root", "skim.root"];
    for name in samples.into_iter().chain(["events.csv", "net.safetensors", "table.yaml"]) {
        std::fs::write(folder.path().join(name), "x").expect("writable");
    }
    let path = folder.path().join("mine.yaml");
    std::fs::write(&path, text).expect("writable");
    (folder, path)
}

fn accepted(text: &str) -> Campaign {
    let (_folder, path) = folder_with(text);
    campaign::load(&path, &[]).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The whole message, with the folder's random name taken out.
fn refused(text: &str, overrides: &[&str]) -> String {
    let (folder, path) = folder_with(text);
    let overrides: Vec<String> = overrides.iter().map(|text| text.to_string()).collect();
    let errors = campaign::load(&path, &overrides).expect_err("the campaign is wrong on purpose");
    errors
        .to_string()
        .replace(&format!("{}/", folder.path().display()), "")
        .replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn the_minimal_campaign_has_every_default() {
    let campaign = accepted("inputs: [{files: [ttbar_00.root], layout: delphes}]");
    assert_eq!(campaign.name, "mine");
    assert_eq!(campaign.samples.len(), 1);
    assert_eq!((campaign.samples[0].name.as_str(), campaign.samples[0].role), ("ttbar_00", Role::AsIs));
    assert_eq!(campaign.samples[0].layout, Layout::from(DelphesLayout::default()));
    assert_eq!(campaign.selection, bumphound::objects::ObjectSelection::default());
    assert_eq!(campaign.composites, bumphound::objects::Composites::default());
    assert_eq!(campaign.jet_schemes, bumphound::categories::JetSchemes { exclusive: true, inclusive: true });
    assert_eq!(campaign.regions.len(), 1);
    assert!(campaign.regions[0].name == "incl" && campaign.regions[0].cut.is_none() && campaign.preselection.is_none());
    assert!(campaign.masses.transverse && campaign.masses.max_objects.is_none());
    assert_eq!(
        (campaign.binning.m_min_gev, campaign.binning.m_min_jet_gev, campaign.binning.m_max_gev),
        (10.0, 20.0, 13000.0)
    );
    assert_eq!(
        (campaign.scan, campaign.ranking),
        (bumphound::scan::ScanOptions::default(), bumphound::ranking::RankingOptions::default())
    );
}

const EVERY_KEY: &str = "
name: everything
about: every key that there is
seed: 7
lumi_ifb: 10
base: .
layout: delphes
inputs:
  - zjets_00.root
  - {sample: stand_in, files: 'ttbar_*.root', layout: delphes, role: pseudo}
  - sample: signal
    files: [signal.root]
    layout: {delphes: {tree: T, electron: El, muon: Mu, photon: Ph, jet: FatJet, met: PuppiMissingET, event: Event, btag_bit: 1, without: [muon]}}
    data: true
    events: 150
    planted: true
  - {files: net.safetensors, mc: {cross_section_pb: 510.2, generated: 1000}}
  - files: nano.root
    layout:
      nanoaod:
        {tree: T, electron: El, muon: Mu, photon: Ph, jet: Jet, met: PuppiMET, weight: w, btag: {branch: Jet_t, above: 0.7},
         require: [Mu_tight, {branch: Jet_id, at_least: 2}], require_event: [HLT_Mu, {any: [HLT_A, {branch: PV, above: 0}]}],
         without: [photon, met]}
  - files: map.root
    layout:
      branches:
        tree: one/ntuple
        units: MeV
        angles: degrees
        event_id: [run, event]
        electron: {pt: a, eta: b, phi: c, charge: d, count: n, require: {branch: e, above: 1, below: 9, absolute: true}}
        muon: [{px: a, py: b, pz: c, pdgid: d, units: 0.5}, {pt: a, eta: b, phi: c, charge: -1}]
        photon: {pt: a, eta: b, phi: c, require: [e, {branch: f, at_most: 3, equals: 3}]}
        jet: {pt: a, eta: b, phi: c, mass: d, energy: e, btag: {branch: f, bit: 1}}
        met: {px: a, py: b, units: GeV}
        weight: [v, w]
        require_event: {branch: trigger, bit: 3}
  - {files: events.csv, layout: {darkmachines_csv: {columns: [event, process, met_phi, met, weight]}}}
  - sample: skim
    files: skim.root
    lumi_ifb: 3
    mc: {cross_section_pb: 2, k_factor: 1.5, filter_efficiency: 0.5, sum_of_weights: 4000.0}
selection:
  electron: {pt_min: 25, eta_max: 2.47}
  muon: {pt_min: 25}
  photon: {eta_max: 2.37}
  jet: {pt_min: 30}
  overlap_removal: true
composites: {z: true, z_window_gev: 10, heavy_jets: true, v_min_gev: 65, t_min_gev: 105, hm_min_gev: 210}
channel: 2b
preselection: n(lepton, pt > 25) >= 1
regions:
  incl: ~
  met200: MET > 200
  boosted_z: lead_pt(Z) > 100 and n(jet, pt > 50, abs(eta) < 2.5) >= 2
jet_schemes: [exclusive]
masses: {max_objects: 3, leave_out: [HM, b], transverse: false, only: ['m(mu1,mu2)', 'm(j1,e1)']}
binning: {resolution: table.yaml, resolution_sha256: abc, m_min_gev: 15, m_min_jet_gev: 30, m_max_gev: 8000}
pseudo_data: unweight
on_bad_value: stop
on_duplicate: keep
scan: {tail_min: 10, min_bins: 40, min_entries: 200, min_raw_fraction: 0.5, model: net.safetensors}
ranking: {z_min: 3, max_per_spectrum: 2, min_window_events: 5, toys: 400}
report: {plots: 5, rows: 50}
";

#[test]
fn every_documented_key_is_understood() {
    let text = EVERY_KEY.replace("resolution: table.yaml, ", "");
    let campaign = accepted(&text);
    assert_eq!((campaign.seed, campaign.lumi_ifb, campaign.name.as_str()), (7, Some(10.0), "everything"));
    let names: Vec<&str> = campaign.samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(names, ["zjets_00", "stand_in", "signal", "net", "nano", "map", "events", "skim"]);
    assert_eq!(campaign.samples[1].files.len(), 2);
    assert_eq!((campaign.samples[2].events, campaign.samples[2].planted), (Some(150), true));
    assert_eq!(campaign.samples[3].role, Role::MonteCarlo { cross_section_pb: 510.2 });
    assert_eq!(
        (campaign.samples[7].role, campaign.samples[7].lumi_ifb),
        (Role::MonteCarlo { cross_section_pb: 1.5 }, Some(3.0))
    );
    let names = campaign.samples[2].layout.names::<DelphesLayout>().expect("it says Delphes");
    assert_eq!((names.jet.as_str(), names.btag_bit), ("FatJet", 1));
    let map = campaign.samples[5].layout.names::<BranchMap>().expect("it says branches");
    assert_eq!((map.units.factor(), map.muon.as_slice()[0].units.map(|units| units.factor())), (1e-3, Some(0.5)));
    assert_eq!(map.weight.as_slice(), ["v", "w"]);
    assert_eq!(campaign.samples[6].layout.name(), "darkmachines_csv");
    assert_eq!((campaign.selection.muon.pt_min, campaign.selection.muon.eta_max), (25.0, 2.7));
    assert_eq!(campaign.selection.photon.pt_min, 20.0);
    assert_eq!(
        campaign.preselection.map(|cut| cut.to_string()).as_deref(),
        Some("HT > 50 and MET > 50 and n(lepton) >= 2 and n(lepton, pt > 25) >= 1")
    );
    assert_eq!(campaign.channel.as_deref(), Some("2b"));
    assert_eq!(campaign.regions.len(), 3);
    assert!(!campaign.jet_schemes.inclusive);
    assert_eq!(campaign.masses.leave_out, [Kind::Hm, Kind::B]);
    assert_eq!(campaign.masses.only.iter().map(ToString::to_string).collect::<Vec<_>>(), ["m(mu1,mu2)", "m(e1,j1)"]);
    assert_eq!(campaign.pseudo_data, PseudoData::Unweight);
    assert_eq!(campaign.on_bad_value, campaign::OnBadValue::Stop);
    assert_eq!(campaign.selection.overlap_removal, Some(true));
    let ranking = &campaign.ranking;
    assert_eq!((ranking.max_per_spectrum, ranking.toys), (2, 400));
    assert_eq!((campaign.scan.min_bins, campaign.report.plots), (40, 5));
    assert!(campaign.scan.model.is_some_and(|path| path.ends_with("net.safetensors")));
}

#[test]
fn the_reference_names_every_key_of_the_schema() {
    let reference = std::fs::read_to_string(root().join("selections/README.md")).expect("the reference exists");
    let schema: serde_json::Value = serde_json::from_str(&campaign::json_schema()).expect("the schema is JSON");
    let mut keys = Vec::new();
    collect_keys(&schema, &mut keys);
    assert!(keys.len() > 50, "{keys:?}");
    for key in keys {
        assert!(reference.contains(&format!("`{key}`")), "selections/README.md does not mention `{key}`");
        assert!(EVERY_KEY.contains(&format!("{key}:")), "EVERY_KEY in tests/campaign.rs does not use `{key}`");
    }
}

fn collect_keys(schema: &serde_json::Value, keys: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) {
        keys.extend(properties.keys().cloned());
    }
    match schema {
        serde_json::Value::Object(map) => map.values().for_each(|value| collect_keys(value, keys)),
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect_keys(value, keys)),
        _ => {}
    }
}

#[test]
fn shipped_campaigns_load_and_their_resolved_text_gives_the_same_campaign() {
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("selections")).expect("selections exist").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        seen += 1;
        let first = campaign::load(&path, &[]).unwrap_or_else(|errors| panic!("{errors}"));
        round_trip(&first);
        let page = campaign::describe(&first);
        assert!(page.contains("Inputs: ") && page.contains("region incl"), "{page}");
    }
    assert!(seen >= 4);
}

/// Resolved text, run from another folder, resolves to itself and means the same.
fn round_trip(first: &Campaign) {
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be made");
    let path = elsewhere.path().join("campaign.resolved.yaml");
    std::fs::write(&path, &first.resolved_yaml).expect("writable");
    let second = campaign::load(&path, &[]).unwrap_or_else(|errors| panic!("{errors}\n{}", first.resolved_yaml));
    assert_eq!(first.resolved_yaml, second.resolved_yaml);
    assert_eq!(first.sha256(), second.sha256());
    let without = |campaign: &Campaign| {
        let mut campaign = campaign.clone();
        campaign.base = PathBuf::new();
        campaign.channel = None;
        campaign.scan.model = None;
        for file in campaign.samples.iter_mut().flat_map(|sample| &mut sample.files) {
            *file = file.canonicalize().expect("inputs exist");
        }
        format!("{campaign:?}")
    };
    // Comparisons remember their place in the text, which differs; cuts are compared by their text in resolved_yaml.
    let strip = |text: String| regex_free_strip(&text);
    assert_eq!(strip(without(first)), strip(without(&second)));
}

/// Drops `at: 3..10` from debug output.
fn regex_free_strip(text: &str) -> String {
    text.split("at: ").map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')).collect()
}

#[test]
fn the_resolved_text_of_every_key_round_trips() {
    let (_folder, path) = folder_with(&EVERY_KEY.replace("resolution: table.yaml, ", ""));
    let campaign = campaign::load(&path, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    round_trip(&campaign);
}

#[test]
fn names_that_look_like_other_yaml_survive_the_round_trip() {
    for name in [
        "yes", "off", "1_000", "0x1F", "012", "1e5", "~", "null", "a: b", "# c", "'q'", "- d", "2b", ".inf", "12:30",
        "é \"x\"",
    ] {
        let quoted = serde_json::to_string(name).expect("text is JSON");
        let (_folder, path) = folder_with(&format!(
            "name: {quoted}\nabout: {quoted}\ninputs: [{{sample: {quoted}, files: signal.root}}]"
        ));
        let campaign = campaign::load(&path, &[]).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(campaign.samples[0].name, name);
        round_trip(&campaign);
    }
}

#[test]
fn the_same_campaign_has_the_same_hash_in_every_clone() {
    let (_a, first) = folder_with("inputs: [{files: [ttbar_00.root], layout: delphes}]");
    let (_b, second) = folder_with("inputs: [{files: ['ttbar_00*'], layout: delphes}] # other spelling");
    let load = |path: &Path| campaign::load(path, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(load(&first).sha256(), load(&second).sha256());
    assert_ne!(load(&first).resolved_yaml, load(&second).resolved_yaml);
}

#[test]
fn folders_with_spaces_line_breaks_and_long_names_survive() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let deep = folder.path().join("a folder with spaces [and brackets] ".repeat(5).trim()).join("b: #\n\u{2028}c");
    std::fs::create_dir_all(&deep).expect("writable");
    std::fs::write(deep.join("x 0.root"), "x").expect("writable");
    let path = deep.join("mine.yaml");
    std::fs::write(&path, "inputs: ['x*.root']").expect("writable");
    let campaign = campaign::load(&path, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(campaign.shown_path(&campaign.samples[0].files[0]), "x 0.root");
    assert_eq!(campaign.resolved_yaml.lines().filter(|line| line.starts_with("base:")).count(), 1);
    round_trip(&campaign);
}

#[test]
fn cuts_of_the_reference_page_compile() {
    let page = std::fs::read_to_string(root().join("docs/reference/campaign.md")).expect("the page exists");
    let yaml = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it has an example");
    let campaign = accepted(&format!("inputs: [signal.root]\n{yaml}"));
    assert_eq!(campaign.regions.len(), 3);
}

#[test]
fn overrides_come_before_meaning() {
    let (_folder, path) = folder_with("inputs: [{files: signal.root, events: 150}]");
    let set = |texts: &[&str]| campaign::load(&path, &texts.iter().map(|t| t.to_string()).collect::<Vec<_>>());
    let campaign =
        set(&["inputs.0.events=20", "scan.min_entries=50", "regions.met=MET > 200", "seed=3", "regions.incl=~"])
            .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((campaign.samples[0].events, campaign.scan.min_entries, campaign.seed), (Some(20), 50.0, 3));
    assert_eq!(campaign.regions.len(), 2);
    let message = set(&["scan.min_entry=50", "regions.met=MEt > 200"]).expect_err("wrong on purpose").to_string();
    assert!(message.contains("--> --set:1:6") && message.contains("nearest: `min_entries`"), "{message}");
    assert!(message.contains("--> --set:1:13") && message.contains("nearest: `MET`"), "{message}");
}

#[test]
fn all_mistakes_of_a_campaign_are_told_at_once_with_places_and_nearest_names() {
    let text = "\
name: broken
seeed: 3
inputs:
  - {sample: tt, files: ttbar_*.root, layout: delphes, data: true}
  - {sample: tt, files: ttbr_00.root, mc: {cross_section_pb: 5}}
  - {sample: z, files: [zjets_00.root, ttbar_01.root], events: lots}
preselection: MEt > 200
regions:
  incl: ~
  low: MET < 100 and MET > 200
  leadq: lead_pt(Q) > 100
  bad-name: HT > 5
composites: {v_min_gev: 120}
binning: {m_min_gev: 20000}
masses: {leave_out: [tau], only: [m(mu1)]}
scan: {min_entry: 50, model: net.safetensor}
";
    let expected = include_str!("golden/campaign_errors.txt");
    let message = refused(text, &[]);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(root().join("tests/golden/campaign_errors.txt"), format!("{message}\n")).expect("writable");
        return;
    }
    assert_eq!(format!("{message}\n"), expected, "refresh with UPDATE_GOLDEN=1 cargo test --test campaign");
}

#[test]
fn a_missing_campaign_file_names_its_neighbours() {
    let (folder, _path) = folder_with("");
    let errors = campaign::load(&folder.path().join("mne.yaml"), &[]).expect_err("missing");
    assert!(errors.diagnostics[0].nearest[0].ends_with("mine.yaml"), "{errors}");
    assert!(campaign::load(folder.path(), &[]).is_err());
    let binary = folder.path().join("binary.yaml");
    std::fs::write(&binary, b"name: x\n\xff\xfe").expect("writable");
    assert!(campaign::load(&binary, &[]).expect_err("not text").to_string().contains("line 2"));
}

#[test]
fn combinations_that_make_no_sense_are_refused() {
    let one = |text: &str, part: &str| {
        let message = refused(text, &[]);
        assert!(message.contains(part) && !message.contains("mistakes in"), "{text}:\n{message}");
    };
    one("inputs: [{files: signal.root, mc: {cross_section_pb: 3}}]", "needs a luminosity");
    one("{lumi_ifb: 1, inputs: [{files: signal.root, data: true, mc: {cross_section_pb: 3}}]}", "not both");
    one("{lumi_ifb: 1, inputs: [{files: signal.root, events: 5, mc: {cross_section_pb: 3}}]}", "not both");
    one("{lumi_ifb: 0, inputs: [{files: signal.root, mc: {cross_section_pb: 3}}]}", "`lumi_ifb` must be above 0");
    one("inputs: [signal.root, 's*.root']", "would be read twice");
    one("inputs: [{files: [signal.root, ./signal.root]}]", "would be read twice");
    one("inputs: []", "empty list");
    one("{inputs: [signal.root], regions: {}}", "there is no region");
    one("{inputs: [signal.root], regions: {incl: MET > 5}}", "`incl` is the region without a cut");
    one("{inputs: [signal.root], regions: {a: MET > 5, a: MET > 6}}", "key `a` is given twice");
    one("{inputs: [signal.root], regions: {a: MET > 5, b: MET>5}}", "the same cut");
    one(
        "{inputs: [signal.root], preselection: MET > 50, regions: {a: MET < 20}}",
        "no event that passes the preselection",
    );
    one("{inputs: [signal.root], channel: 2b, preselection: MET < 20}", "together with channel 2b");
    one("{inputs: [signal.root], regions: {a: n(jet) < 0}}", "can never be true");
    one("{inputs: [signal.root], masses: {leave_out: [mu], only: ['m(mu1,mu2)']}}", "never built");
    one("{inputs: [signal.root], jet_schemes: [inclusive, inclusive]}", "twice");
    one("{inputs: [signal.root], base: nowhere}", "does not exist");
    one("{inputs: [signal.root], composites: {t_min_gev: 300}}", "T jets would have no mass");
}

#[test]
fn the_schema_is_stable_json_with_descriptions() {
    let text = campaign::json_schema();
    assert_eq!(text, campaign::json_schema());
    let schema: serde_json::Value = serde_json::from_str(&text).expect("the schema is JSON");
    let properties = schema["properties"].as_object().expect("it has properties");
    for (key, property) in properties {
        assert!(property.get("description").is_some(), "{key} has no description");
    }
    assert_eq!(schema["additionalProperties"], false);
}

mod properties {
    use bumphound::cuts::{Counted, Cut, CutInputs};
    use proptest::prelude::*;

    /// An event given by a few numbers.
    struct Toy {
        met: f64,
        ht: f64,
        objects: Vec<f64>,
    }

    impl CutInputs for Toy {
        fn met(&self) -> f64 {
            self.met
        }
        fn ht(&self) -> f64 {
            self.ht
        }
        fn count(&self, what: Counted, pt_min: f64, eta_max: f64) -> usize {
            let keep = |pt: &&f64| **pt > pt_min && (**pt % 5.0) < eta_max;
            self.objects.iter().filter(keep).count() + what.name().len() % 2
        }
        fn lead_pt(&self, what: Option<Counted>) -> f64 {
            self.objects.iter().copied().fold(0.0, f64::max) * if what.is_some() { 0.5 } else { 1.0 }
        }
    }

    fn kind() -> impl Strategy<Value = &'static str> {
        prop::sample::select(Counted::NAMES.map(|(name, _)| name).to_vec())
    }

    fn number() -> impl Strategy<Value = String> {
        prop_oneof![(0u32..500).prop_map(|n| n.to_string()), (0.0..300.0f64).prop_map(|x| format!("{x}"))]
    }

    fn amount() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("MET".to_string()),
            Just("HT".to_string()),
            Just("lead_pt".to_string()),
            kind().prop_map(|kind| format!("lead_pt({kind})")),
            kind().prop_map(|kind| format!("n({kind})")),
            (kind(), number()).prop_map(|(kind, pt)| format!("n({kind},pt>{pt})")),
            (kind(), 1u32..50).prop_map(|(kind, eta)| format!("n({kind}, abs(eta) < {}.5, pt > 3)", eta)),
            number(),
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            prop_oneof![
                (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/"]), inner.clone())
                    .prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
                inner.clone().prop_map(|a| format!("({a})")),
                inner.prop_map(|a| format!("-{a}")),
            ]
        })
    }

    fn cut() -> impl Strategy<Value = String> {
        let leaf = (amount(), prop::sample::select(vec![">", ">=", "<", "<=", "==", "!="]), amount())
            .prop_map(|(a, relation, b)| format!("{a} {relation} {b}"));
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
                inner.clone().prop_map(|a| format!("({a})")),
                inner.prop_map(|a| format!("not {a}")),
            ]
        })
    }

    proptest! {
        #[test]
        fn cut_text_round_trips(text in cut()) {
            let cut = Cut::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            let again = Cut::parse(&cut.to_string()).map_err(|error| TestCaseError::fail(format!("{cut}: {error}")))?;
            prop_assert_eq!(&cut, &again, "{} became {}", text, cut);
        }

        #[test]
        fn a_cut_that_is_called_impossible_passes_no_event(
            text in cut(),
            events in prop::collection::vec((0.0..400.0f64, 0.0..900.0f64, prop::collection::vec(10.0..300.0f64, 0..6)), 40),
        ) {
            let cut = Cut::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            if cut.never_true().is_some() {
                for (met, ht, objects) in events {
                    let toy = Toy { met, ht, objects };
                    // 0/0 is no number: every comparison with it is false, and `not` of that true.
                    prop_assert!(!cut.eval(&toy) || text.contains('/'), "{}", text);
                }
            }
        }

        #[test]
        fn any_text_is_a_cut_or_an_error_inside_the_text(text in "[ a-zA-Z0-9_()<>=!+*/.,&|é-]{0,60}") {
            if let Err(error) = Cut::parse(&text) {
                prop_assert!(text.get(error.offset..error.offset + error.len).is_some(), "{:?}", error);
            }
        }

        #[test]
        fn any_text_is_a_campaign_or_an_error(text in "[ a-z:{}\\[\\]\n~0-9,'\"*&!-]{0,80}") {
            // Nothing to assert but that it comes back.
            let _ = bumphound::campaign::parse(&text, std::path::Path::new("x.yaml"), std::slice::from_ref(&text));
        }
    }
}

#[test]
fn files_of_another_kind_are_named_for_what_they_are() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        bumphound::campaign::load(&path, &[]).expect_err("no campaign").to_string()
    };
    let root = std::fs::read("data-samples/tiny/diphoton.root").expect("a sample");
    let error = refused("c.yaml", &root);
    assert!(error.contains("c.yaml is a ROOT file; expected is a campaign") && error.contains("--emit-map"), "{error}");
    assert!(refused("c.yaml.gz", b"\x1f\x8b\x08\0").contains("compressed by gzip"));
    assert!(refused("page.yaml", b"<!DOCTYPE html><html>").contains("a web page"));
    assert!(refused("wide.yaml", b"\xff\xfen\0a\0").contains("iconv -f UTF-16"));
    let error = bumphound::campaign::load(folder.path(), &[]).expect_err("a folder").to_string();
    assert!(error.contains("is a folder; expected is a campaign (YAML)"), "{error}");
}

//! The specification's numbers: bin edges, trimming, and events -> categories -> masses against independent code.
//!
//! Golden files are described in `tests/golden/README.md`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test or benchmark stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bumphound::binning::Binning;
use bumphound::binning::edges::edges;
use bumphound::binning::resolution::ResolutionTable;
use bumphound::binning::trim::{TrimOptions, trim};
use bumphound::campaign;
use bumphound::campaign::Campaign;
use bumphound::categories::{Category, JetCount};
use bumphound::fill::first_usable::first_usable_bin;
use bumphound::fill::{Silent, fill};
use bumphound::masses::{LabelledObjects, MassRecipe, MassScratch, MassSelection};
use bumphound::ntuples::Scratch;
use bumphound::objects::Composites;
use bumphound::objects::Event;
use bumphound::particles::MassLabel;
use serde_json::Value;

fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn default_binning() -> Binning {
    Binning { resolution: ResolutionTable::default_table(), m_min_gev: 10.0, m_min_jet_gev: 20.0, m_max_gev: 13_000.0 }
}

#[test]
fn bins_are_one_sigma_wide() {
    let golden = golden("edges.json");
    for (label, want) in golden["edges"].as_object().unwrap() {
        let want: Vec<f64> = want.as_array().unwrap().iter().map(|edge| edge.as_f64().unwrap()).collect();
        let got = edges(&default_binning(), label.parse().unwrap()).unwrap();
        assert_eq!(got.len(), want.len(), "{label}");
        for (got, want) in got.iter().zip(want) {
            assert!((got / want - 1.0).abs() < 1e-9, "{label}: {got} {want}");
        }
    }
}

#[test]
fn spectra_are_trimmed_as_specified() {
    let golden = golden("trim.json");
    let cases = golden["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let name = format!("incl/{}/{} {} {}", text("objects"), text("jets"), text("mass"), text("note"));
        let category: Category = format!("incl/{}/{}", text("objects"), text("jets")).parse().unwrap();
        let mass: MassLabel = text("mass").parse().unwrap();
        let binning = default_binning();
        let edges = edges(&binning, mass).unwrap();
        assert_eq!(edges.len() as u64 - 1, case["bins"].as_u64().unwrap(), "{name}");
        let mut entries = vec![0.0; edges.len() - 1];
        for (bin, n) in case["filled"].as_object().unwrap() {
            entries[bin.parse::<usize>().unwrap()] = n.as_f64().unwrap();
        }
        let first = first_usable_bin(&category, mass, &edges, &binning, &Composites::default());
        let got = trim(&entries, first, &TrimOptions::default());
        let same = match (&got, &case["result"]) {
            (Err(reason), Value::String(want)) => reason.to_string() == *want,
            (Ok(range), want) => {
                want["start_bin"] == range.start as u64
                    && want["end_bin"] == range.end as u64
                    && (edges[range.start] / want["from_gev"].as_f64().unwrap_or(0.0) - 1.0).abs() < 1e-9
                    && (edges[range.end] / want["to_gev"].as_f64().unwrap_or(0.0) - 1.0).abs() < 1e-9
            }
            _ => false,
        };
        if !same {
            wrong.push(format!("{name}: got {got:?}, want {}", case["result"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn tiny_campaign(file: &Path) -> Campaign {
    let text = format!("inputs:\n  - files: [{:?}]\n    layout: delphes\n    data: true\n", file.display().to_string());
    campaign::parse(&text, Path::new("tiny.yaml"), &[]).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Entries, sum and sum of squares of every mass per category, straight from the library's steps.
fn mass_sums(campaign: &Campaign, file: &Path) -> BTreeMap<String, BTreeMap<String, (u64, f64, f64)>> {
    let source = campaign.samples[0].layout.open(file).unwrap();
    let batch = source.read(0..source.entries(), &mut Scratch::default()).unwrap();
    let selection = MassSelection::new(&campaign.masses).unwrap();
    let (mut event, mut objects, mut scratch) = (Event::default(), LabelledObjects::default(), MassScratch::default());
    let mut sums: BTreeMap<String, BTreeMap<String, (u64, f64, f64)>> = BTreeMap::new();
    for row in 0..batch.len() {
        event.build(&batch, row, &campaign.selection, &campaign.composites);
        objects.label(&event, &selection);
        let recipe = MassRecipe::new(objects.signature, &selection);
        let met = event.met.unwrap();
        recipe.compute(&objects.p4, met.pt, met.phi, &mut scratch);
        for jets in [event.jet_count(), JetCount::Any] {
            let (objects, charge) = (event.counts(), event.charge());
            let category = Category { region: "incl".into(), objects, charge, jets };
            let of_category = sums.entry(category.to_string()).or_default();
            for (label, mass) in recipe.labels().iter().zip(&scratch.masses) {
                let sum = of_category.entry(label.to_string()).or_default();
                *sum = (sum.0 + 1, sum.1 + mass, sum.2 + mass * mass);
            }
        }
    }
    sums
}

fn file_agrees(file: &Path, golden: &Value) {
    let name = file.display();
    let campaign = tiny_campaign(file);
    let filled = fill(&campaign, 2, &Silent).unwrap();
    assert!(filled.skipped.is_empty() && filled.warnings.is_empty(), "{name}: {:?}", filled.warnings);
    let categories: BTreeMap<String, u64> =
        filled.book.categories().map(|(category, total)| (category.to_string(), total.entries)).collect();
    let want: BTreeMap<String, u64> = serde_json::from_value(golden["categories"].clone()).unwrap();
    assert_eq!(categories, want, "{name}");
    let sums = mass_sums(&campaign, file);
    for (category, masses) in golden["sums"].as_object().unwrap() {
        let booked: BTreeMap<String, u64> = filled
            .book
            .spectra_of(&category.parse().unwrap())
            .map(|spectrum| (spectrum.mass().to_string(), spectrum.total().entries))
            .collect();
        let masses = masses.as_object().unwrap();
        assert_eq!(
            booked.keys().collect::<Vec<_>>(),
            masses.keys().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        );
        for (mass, want) in masses {
            assert_eq!(Some(booked[mass]), want[0].as_u64(), "{name} {category} {mass}");
            let got = sums[category][mass];
            assert_eq!(Some(got.0), want[0].as_u64(), "{name} {category} {mass}");
            for (got, want) in [(got.1, &want[1]), (got.2, &want[2])] {
                let want = want.as_f64().unwrap();
                // The golden numbers have ten digits; 1e-6 is what the specification asks for.
                assert!((got - want).abs() <= 1e-6 * want, "{name} {category} {mass}: {got} {want}");
            }
        }
    }
}

#[test]
fn categories_and_masses_equal_independent_code() {
    let golden = golden("events_tiny.json");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tiny");
    for (name, want) in golden["files"].as_object().unwrap() {
        file_agrees(&folder.join(name), want);
    }
}

#[test]
fn categories_and_masses_equal_independent_code_on_all_tiny_files() {
    let shared = std::env::var_os("BUMPHOUND_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let Ok(text) = std::fs::read_to_string(shared.join("golden/events_tiny.json")) else {
        eprintln!("SKIPPED: no events_tiny.json under {} (set BUMPHOUND_SHARED)", shared.display());
        return;
    };
    let golden: Value = serde_json::from_str(&text).unwrap();
    let files = golden["files"].as_object().unwrap();
    for (name, want) in files {
        file_agrees(&shared.join("samples/tiny").join(name), want);
    }
    eprintln!("{} files agree", files.len());
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tiny");
    let text = format!(
        "lumi_ifb: 0.02\ninputs:\n  - {{sample: a, files: [{0}/diboson.root, {0}/singletop.root], layout: delphes, mc: {{cross_section_pb: 97}}}}\n  - {{sample: b, files: [{0}/zprime_mumu_m500.root], layout: delphes, data: true, events: 100, planted: true}}\nregions: {{incl: ~, met50: MET > 50}}\n",
        folder.display()
    );
    for pseudo_data in ["off", "poisson", "unweight"] {
        let overrides = [format!("pseudo_data: {pseudo_data}").replace(": ", "=")];
        let campaign = campaign::parse(&text, Path::new("c.yaml"), &overrides).unwrap_or_else(|e| panic!("{e}"));
        let one = fill(&campaign, 1, &Silent).unwrap();
        let two = fill(&campaign, 2, &Silent).unwrap();
        assert!(one.book.to_bytes() == two.book.to_bytes(), "{pseudo_data}");
        assert_eq!(one.cutflow, two.cutflow);
        assert_eq!(one.warnings, two.warnings);
        let read = one.cutflow.iter().find(|row| row.sample == "all" && row.step == "read").unwrap();
        assert_eq!(read.events, 6000);
    }
}

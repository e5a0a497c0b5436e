//! The contract of all layouts: one list of events reads back identically, whatever file holds it.

use std::path::{Path, PathBuf};

use bumphound::campaign;
use bumphound::ntuples::layouts::{DelphesLayout, LAYOUTS, Layout};
use bumphound::ntuples::{EventBatch, NtupleError, ObjectColumns, Part, Quantity, Scratch, detect, read_darkmachines};
use bumphound::objects::{Composites, ObjectSelection};
use bumphound::objects::{Event, Object};
use bumphound::particles::FourMomentum;
use bumphound::skim::Skim;

mod support {
    pub mod program;
}
use support::program::{campaign_in, error_of, stdout_of};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples").join(name)
}

/// A file of the shared samples, which are not part of the project.
fn shared(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("BUMPHOUND_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let path = shared.join("samples").join(name);
    if !path.exists() {
        eprintln!("SKIPPED: {} is not here (set BUMPHOUND_SHARED)", path.display());
        return None;
    }
    Some(path)
}

/// The layout of a campaign that holds only that.
fn layout(yaml: &str) -> Layout {
    let text = format!("inputs:\n  - files: data-samples/tiny/diphoton.root\n    layout: {yaml}\n");
    let campaign = campaign::parse(&text, &Path::new(env!("CARGO_MANIFEST_DIR")).join("c.yaml"), &[]);
    campaign.expect("a layout without mistakes").samples[0].layout.clone()
}

fn delphes() -> Layout {
    DelphesLayout::default().into()
}

fn whole(path: &Path, layout: &Layout) -> EventBatch {
    let source = layout.open(path).expect("the layout fits the file");
    source.read(0..source.entries(), &mut Scratch::default()).expect("a good file")
}

const VECTORS: &str = "{branches: {tree: ntuple,
      electron: {pt: el_pt, eta: el_eta, phi: el_phi, charge: el_charge},
      muon: {pt: mu_pt, eta: mu_eta, phi: mu_phi, charge: mu_charge},
      photon: {pt: ph_pt, eta: ph_eta, phi: ph_phi},
      jet: {pt: jet_pt, eta: jet_eta, phi: jet_phi, mass: jet_mass},
      met: {pt: met, phi: met_phi}, weight: weight}}";

const SKIMMED: &str = "{branches: {tree: events,
      electron: {pt: electron_pt, eta: electron_eta, phi: electron_phi, charge: electron_charge},
      muon: {pt: muon_pt, eta: muon_eta, phi: muon_phi, charge: muon_charge},
      photon: {pt: photon_pt, eta: photon_eta, phi: photon_phi},
      jet: {pt: jet_pt, eta: jet_eta, phi: jet_phi, mass: jet_mass, btag: jet_btag},
      met: {pt: met, phi: met_phi}, weight: weight}}";

fn assert_same(name: &str, one: &ObjectColumns, other: &ObjectColumns) {
    assert_eq!(one.offsets, other.offsets, "{name}");
    assert_eq!((&one.pt, &one.eta, &one.phi), (&other.pt, &other.eta, &other.phi), "{name}");
    assert_eq!((&one.mass, &one.charge), (&other.mass, &other.charge), "{name}");
}

/// Everything but b-tags, which some files lack.
fn assert_same_events(name: &str, one: &EventBatch, other: &EventBatch) {
    assert_same(name, &one.electrons, &other.electrons);
    assert_same(name, &one.muons, &other.muons);
    assert_same(name, &one.jets, &other.jets);
    assert_eq!((&one.met, &one.met_phi, &one.weight), (&other.met, &other.met_phi, &other.weight), "{name}");
}

#[test]
fn the_same_events_come_out_of_every_tree() {
    let nano = whole(&data("formats/nanoaod_like_zjets.root"), &layout("nanoaod"));
    assert_eq!((nano.len(), nano.jets.btag.iter().filter(|tag| **tag).count()), (2000, 111));
    let without_photons = "{nanoaod: {without: [photon]}}";
    for (file, yaml) in [
        ("vector_ntuple_zjets.root", VECTORS),
        ("ttree_uproot_written_zjets.root", without_photons),
        ("rntuple_uproot_written_zjets.root", without_photons),
    ] {
        let other = whole(&data("formats").join(file), &layout(yaml));
        assert_same_events(file, &nano, &other);
        match yaml == VECTORS {
            true => assert_same(file, &nano.photons, &other.photons),
            false => assert!(other.photons.pt.is_empty() && other.photons.offsets == [0; 2001]),
        }
        assert!(other.may_overlap);
    }
    let Some(path) = shared("tiny/zjets.root") else { return };
    let delphes = whole(&path, &delphes());
    assert_same_events("Delphes", &nano, &delphes);
    assert_same("Delphes", &nano.photons, &delphes.photons);
    assert_eq!(nano.jets.btag, delphes.jets.btag);
}

#[test]
fn a_delphes_file_skimmed_to_vectors_is_the_same() {
    let delphes = whole(&data("tiny/diboson.root"), &delphes());
    let mut skim = Skim::default();
    (0..delphes.len()).for_each(|row| skim.push(0, &delphes, row).expect("the row is there"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("skim.root");
    skim.write(&path).expect("the folder is writable");
    let expected = EventBatch { may_overlap: true, ..delphes };
    assert_eq!(whole(&path, &layout(SKIMMED)), expected);
    let found = detect(&path).expect("our own names are in common use");
    let mut by_guess = whole(&path, &found.layout);
    assert_eq!(by_guess.jets.btag, expected.jets.btag, "{}", found.layout.yaml().expect("it can be written"));
    by_guess.may_overlap = true;
    assert_eq!(by_guess, expected);
}

/// Objects as the writer of the text has selected them.
fn objects_of(batch: &EventBatch, row: usize, all: bool) -> [Vec<Object>; 4] {
    let mut selection = ObjectSelection { overlap_removal: Some(false), ..ObjectSelection::default() };
    selection.electron.eta_max = 2.47;
    if all {
        for limits in [&mut selection.electron, &mut selection.muon, &mut selection.photon, &mut selection.jet] {
            (limits.pt_min, limits.eta_max) = (0.0, 10.0);
        }
    }
    let composites = Composites { z: false, heavy_jets: false, ..Composites::default() };
    let mut event = Event::default();
    event.build(batch, row, &selection, &composites);
    [event.electrons, event.muons, event.photons, event.jets]
}

#[test]
fn text_holds_the_same_events_within_its_six_digits() {
    let text = |name: &str| whole(&data("formats").join(name), &layout("darkmachines_csv"));
    for (name, batch, csv) in [
        ("diboson", whole(&data("tiny/diboson.root"), &delphes()), text("diboson.csv")),
        ("zjets", whole(&data("formats/nanoaod_like_zjets.root"), &layout("nanoaod")), text("zjets.csv")),
    ] {
        assert_eq!(csv.len(), 1000);
        assert!(!csv.may_overlap);
        let close = |a: f64, b: f64, what: &str, row: usize| {
            assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{name} event {row} {what}: {a} {b}");
        };
        for row in 0..1000 {
            close(batch.met[row].into(), csv.met[row].into(), "MET", row);
            let kinds = objects_of(&batch, row, false).into_iter().zip(objects_of(&csv, row, true));
            for (kind, (ours, theirs)) in kinds.enumerate() {
                assert_eq!(ours.len(), theirs.len(), "{name} event {row} kind {kind}");
                for (a, b) in ours.iter().zip(&theirs) {
                    close(a.pt, b.pt, "pT", row);
                    close(a.eta, b.eta, "eta", row);
                    close(a.phi, b.phi, "phi", row);
                    assert_eq!(a.charge, b.charge);
                    assert_eq!(b.btag, a.btag && a.eta.abs() < 2.5, "{name} event {row}: tags end at 2.5 in the text");
                    // Six digits of E and pT leave this much of m^2.
                    let energy = (a.pt * a.eta.cosh()).hypot(a.mass);
                    assert!((a.mass.powi(2) - b.mass.powi(2)).abs() < 2e-5 * energy.powi(2) + 1e-3, "{name} {row}");
                }
            }
        }
    }
}

#[test]
fn gzip_text_is_the_same_as_plain_text() {
    use std::io::Write;
    let plain = std::fs::read(data("formats/zjets.csv")).expect("it is part of the project");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let packed = encoder.write_all(&plain).and_then(|()| encoder.finish()).expect("memory takes everything");
    let read =
        |text: &[u8]| read_darkmachines(text, &bumphound::ntuples::layouts::CsvLayout::default()).expect("a good text");
    assert_eq!(read(&plain), read(&packed));
}

/// Files of the project per layout, with the tree that is read. Every row of the table of layouts has one.
const SAMPLES: [(&str, &str, &str); 6] = [
    ("delphes", "tiny/diphoton.root", "Delphes"),
    ("nanoaod", "formats/nanoaod_like_zjets.root", "Events"),
    ("nanoaod", "formats/ttree_uproot_written_zjets.root", "Events"),
    ("nanoaod", "formats/rntuple_uproot_written_zjets.root", "Events"),
    ("branches", "formats/vector_ntuple_zjets.root", "ntuple"),
    ("darkmachines_csv", "formats/diboson.csv", ""),
];

#[test]
fn every_layout_of_the_table_keeps_the_contract_of_readers() {
    let schema: serde_json::Value = serde_json::from_str(&campaign::json_schema()).expect("the schema is JSON");
    for kind in LAYOUTS {
        let name = kind.name;
        assert_eq!(LAYOUTS.iter().filter(|other| other.name == name).count(), 1, "{name} is there twice");
        assert!(![kind.title, kind.about, kind.about_names].contains(&""), "{name} has words for people");
        assert!(schema.pointer(&format!("/$defs/RenamedLayout/properties/{name}/description")).is_some(), "{name}");
        if let Some(usual) = kind.usual {
            assert_eq!(layout(name), usual(), "a campaign can name it");
            assert_eq!(layout(&format!("{{{name}: {{}}}}")), usual(), "no names of its own are the usual ones");
            assert_eq!(usual().yaml().as_deref(), Ok(format!("layout: {name}\n").as_str()));
            assert!(usual().mistakes(&str::to_string).is_empty(), "{name}");
            assert!(usual().in_words().contains(kind.title), "{name}: {}", usual().in_words());
        }
        let samples = SAMPLES.iter().filter(|(layout, ..)| *layout == name);
        assert!(samples.clone().count() > 0, "no sample of {name}");
        for (_, file, _) in samples {
            let found = detect(&data(file)).unwrap_or_else(|error| panic!("{file}: {error}")).layout;
            assert_eq!(found.kind().name, name, "{file}");
            keeps_the_contract(file, &found);
        }
    }
}

/// What the event loop relies on, whatever the layout.
fn keeps_the_contract(file: &str, layout: &Layout) {
    let reader = layout.open(data(file)).unwrap_or_else(|error| unreachable!("{file}: {error}"));
    let (all, mut scratch) = (0..reader.entries(), Scratch::default());
    let whole = reader.read(all.clone(), &mut scratch).expect("a good file");
    assert_eq!((whole.first_entry, whole.len() as u64), (0, all.end), "{file}");
    assert_eq!(whole.may_overlap, layout.kind().may_overlap, "{file}");
    assert_eq!(whole.conditions as usize, layout.require_event().len(), "{file}");
    let on_disk = std::fs::metadata(data(file)).expect("it is part of the project").len();
    assert_eq!(reader.bytes(), on_disk, "{file}");

    let units = reader.units(300);
    assert!(units.len() > 2 && units.iter().all(|unit| !unit.is_empty()), "{file}: {units:?}");
    let edges: Vec<u64> = units.iter().map(|unit| unit.start).chain([all.end]).collect();
    assert!(units.iter().zip(edges.windows(2)).all(|(unit, edges)| edges == [unit.start, unit.end]), "{file}");
    // A used batch and used weights hold nothing of what was read before.
    let (mut batch, mut weights) = (whole.clone(), whole.weight.clone());
    let mut pt: [Vec<f32>; 4] = Default::default();
    for unit in units {
        let events = unit.start as usize..unit.end as usize;
        reader.read_into(unit.clone(), &mut scratch, &mut batch).expect("a good file");
        reader.read_weights(unit.clone(), &mut scratch, &mut weights).expect("a good file");
        assert_eq!((batch.first_entry, batch.len()), (unit.start, events.len()), "{file}");
        assert_eq!((&weights, &batch.weight[..]), (&batch.weight, &whole.weight[events.clone()]), "{file}");
        assert_eq!(batch.met, whole.met[events.clone()], "{file}");
        for (all, kind) in pt.iter_mut().zip([&batch.electrons, &batch.muons, &batch.photons, &batch.jets]) {
            all.extend(&kind.pt);
        }
    }
    let kinds = [&whole.electrons, &whole.muons, &whole.photons, &whole.jets];
    for ((kind, pt), part) in kinds.into_iter().zip(&pt).zip([Part::Electron, Part::Muon, Part::Photon, Part::Jet]) {
        assert_eq!(&kind.pt, pt, "{file} {}", part.name());
        let objects = kind.offsets.last().copied().unwrap_or(0) as usize;
        assert_eq!((kind.offsets.len(), kind.pt.len()), (whole.len() + 1, objects), "{file}");
        assert!(kind.pt.is_empty() || !reader.branches_of(part, Quantity::Pt).is_empty(), "{file} {}", part.name());
    }
    assert!(!whole.jets.pt.is_empty() && whole.met.iter().any(|met| *met > 0.0), "{file}");
}

#[test]
fn every_sample_is_recognised_and_its_layout_is_read_back_as_it_is_written() {
    for (name, file, tree) in SAMPLES {
        let found = detect(&data(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!((found.layout.name(), found.layout.tree()), (name, tree), "{file}");
        for yaml in [found.layout.yaml(), found.layout.yaml_in_full()] {
            let yaml = yaml.expect("it can be written");
            let read_back = layout(&yaml.trim_start_matches("layout:").replace('\n', "\n    "));
            assert_eq!(read_back, found.layout, "{yaml}");
        }
    }
    let found = detect(&data("formats/ttree_uproot_written_zjets.root")).expect("it is NanoAOD");
    assert!(found.unmatched.iter().any(|sentence| sentence.contains("Photon")), "{:?}", found.unmatched);
    let error = detect(&data("spectra/published.json")).expect_err("no events");
    assert!(matches!(error, NtupleError::Root(_)), "{error}");
}

#[test]
fn slots_units_charges_and_conditions_of_a_map() {
    let path = data("formats/nanoaod_like_zjets.root");
    let nano = whole(&path, &layout("nanoaod"));
    let map = |muon: &str| {
        layout(&format!("{{branches: {{tree: Events, muon: {muon}, met: {{pt: MET_pt, phi: MET_phi, units: 2}}}}}}"))
    };
    let muon = "pt: Muon_pt, eta: Muon_eta, phi: Muon_phi";
    let mev = whole(&path, &map(&format!("{{{muon}, charge: 1, units: MeV}}")));
    assert!((f64::from(mev.muons.pt[0]) * 1e3 / f64::from(nano.muons.pt[0]) - 1.0).abs() < 1e-6);
    assert!(mev.muons.charge.iter().all(|charge| *charge == 1));
    assert_eq!((mev.met[5], mev.weight[0]), (2.0 * nano.met[5], 1.0));
    assert!(mev.jets.pt.is_empty() && mev.jets.offsets.len() == 2001);

    // Positive and negative muons apart: the same muons, in another order.
    let charge = |sign: &str| format!("{{{muon}, charge: {sign}1, require: {{branch: Muon_charge, equals: {sign}1}}}}");
    let split = whole(&path, &map(&format!("[{}, {}]", charge("-"), charge(""))));
    assert_eq!(split.muons.offsets, nano.muons.offsets);
    let sum = |columns: &ObjectColumns| -> f64 {
        columns.pt.iter().zip(&columns.charge).map(|(pt, charge)| f64::from(*pt) * f64::from(*charge)).sum()
    };
    assert!((sum(&split.muons) - sum(&nano.muons)).abs() < 1e-6);
    let signs: Vec<i8> = split
        .muons
        .offsets
        .windows(2)
        .flat_map(|w| split.muons.charge[w[0] as usize..w[1] as usize].to_vec())
        .collect();
    assert_eq!(signs.len(), split.muons.charge.len());

    let tight = whole(&path, &layout("{nanoaod: {require: [Muon_tightId, {branch: Jet_jetId, at_least: 300}]}}"));
    assert!(tight.jets.pt.is_empty(), "a byte is never 300");
    assert!(tight.muons.pt.len() <= nano.muons.pt.len());
}

#[test]
fn events_that_fail_a_condition_are_dropped_and_counted_under_its_name() {
    let path = data("formats/nanoaod_like_zjets.root");
    let nano = whole(&path, &layout("nanoaod"));
    let (muons, electrons) = (&nano.muons.offsets, &nano.electrons.offsets);
    let count = |offsets: &[u32], row: usize| offsets[row + 1] - offsets[row];
    let dilepton = |row: usize| count(muons, row) >= 2 || count(electrons, row) >= 2;
    let conditions = "require_event: [{any: [{branch: nMuon, at_least: 2}, {branch: nElectron, at_least: 2}]},
                       {branch: MET_pt, below: 30}]";
    let muon = "muon: {pt: Muon_pt, eta: Muon_eta, phi: Muon_phi, charge: Muon_charge}";
    let by_map = format!("{{branches: {{tree: Events, {muon}, {conditions}}}}}");
    for yaml in [format!("{{nanoaod: {{{conditions}}}}}"), by_map.clone()] {
        let batch = whole(&path, &layout(&yaml));
        for row in 0..batch.len() {
            let fails = if !dilepton(row) { Some(0) } else { (nano.met[row] >= 30.0).then_some(1) };
            assert_eq!(batch.fails(row), fails, "row {row}");
        }
        // The batch is used again for a file without conditions.
        let (mut batch, mut scratch) = (batch, Scratch::default());
        let other = delphes().open(data("tiny/diphoton.root")).expect("a Delphes file");
        other.read_into(0..100, &mut scratch, &mut batch).expect("a good file");
        assert!((0..100).all(|row| batch.fails(row).is_none()));
    }

    let text = format!(
        "inputs:\n  - {{sample: a, files: data-samples/formats/nanoaod_like_zjets.root, data: true, layout: {by_map}}}
  - {{sample: b, files: data-samples/tiny/diphoton.root, data: true}}\n"
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let campaign = campaign::parse(&text, &root.join("c.yaml"), &[]).expect("a campaign without mistakes");
    let words = campaign::describe(&campaign);
    assert!(words.contains("only if nMuon >= 2 or nElectron >= 2"), "{words}");
    let filled = bumphound::fill::fill(&campaign, 2, &bumphound::fill::Silent).expect("good files");
    let events = |sample: &str, step: &str| {
        let row = filled.cutflow.iter().find(|row| row.sample == sample && row.step == step);
        row.unwrap_or_else(|| panic!("{sample} {step}: {:?}", filled.cutflow)).events
    };
    let first = (0..2000).filter(|row| dilepton(*row)).count() as u64;
    let both = (0..2000).filter(|row| dilepton(*row) && nano.met[*row] < 30.0).count() as u64;
    assert!(0 < both && both < first && first < 2000);
    assert_eq!(events("a", "read"), 2000);
    assert_eq!(events("a", "require_event nMuon >= 2 or nElectron >= 2"), first);
    assert_eq!(events("a", "require_event MET_pt < 30"), both);
    assert_eq!(events("a", "in any region"), both);
    assert_eq!(events("all", "require_event"), both + 2000);
    assert_eq!(events("b", "in any region"), 2000);

    let jagged = layout("{nanoaod: {require_event: Jet_pt}}");
    let source = jagged.open(&path).expect("the branch is there");
    let error = source.read(0..10, &mut Scratch::default()).expect_err("a list is no answer");
    assert!(matches!(&error, NtupleError::WrongType { branch, .. } if branch == "Jet_pt"), "{error}");
    let error = layout("{nanoaod: {require_event: HLT_IsoMu24}}").open(&path).expect_err("no trigger");
    assert!(error.to_string().contains("HLT_IsoMu24"), "{error}");
}

#[test]
fn a_missing_branch_is_named_with_its_nearest_and_a_way_out() {
    let path = data("formats/ttree_uproot_written_zjets.root");
    let error = layout("nanoaod").open(&path).expect_err("there are no photons");
    assert!(error.to_string().contains("`Photon_pt`"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("without: [photon]")), "{:?}", error.hint());
    let error = layout("{branches: {tree: Events, jet: {pt: Jet_pT, eta: Jet_eta, phi: Jet_phi}}}").open(&path);
    assert!(error.expect_err("pT").to_string().contains("`Jet_pt`"));
    let error = layout("{nanoaod: {without: [photon], btag: Jet_btag}}").open(&path);
    assert!(error.expect_err("one tagger that is not there").to_string().contains("Jet_btag"));
    let scalar = layout("{branches: {tree: Events, jet: {pt: Jet_pt, eta: MET_pt, phi: Jet_phi}}}");
    let source = scalar.open(&path).expect("all branches are there");
    let error = source.read(0..10, &mut Scratch::default()).expect_err("MET is no list");
    assert!(matches!(&error, NtupleError::WrongType { branch, .. } if branch == "MET_pt"), "{error}");
}

#[test]
fn what_cannot_be_opened_gets_a_hint_in_the_words_of_campaigns() {
    let hint = |file: &str, yaml: &str| {
        let error = layout(yaml).open(data(file)).expect_err("it cannot be opened");
        error.hint().unwrap_or_else(|| panic!("no hint: {error}"))
    };
    assert!(hint("spectra/published.json", "delphes").contains("text with `layout: darkmachines_csv`"));
    assert!(hint("formats/rntuple_uproot_written_zjets.root", "delphes").contains("`tree: Events`"));
    let an_rntuple = hint("formats/rntuple_uproot_written_zjets.root", "{delphes: {tree: Events}}");
    assert!(an_rntuple.contains("`bumphound inspect FILE`"), "{an_rntuple}");
}

#[test]
fn mistakes_in_a_map_are_told_with_their_places() {
    let text = "
inputs:
  - files: data-samples/tiny/diphoton.root
    layout:
      branches:
        tree: Events
        units: gev
        electron: {pt: a, eta: b}
        muon: [{px: a, py: b, pz: c, mass: d}, {pt: a, eta: b, phi: c, px: x}]
        photon: {}
        jet: {pt: a, eta: b, phi: c, chrage: d, btag: {above: 3}}
        met: {pt: a}
  - {files: data-samples/tiny/diboson.root, layout: {nanoaod: {btag: HLT_x, without: [tau]}}}
  - {files: data-samples/tiny/singletop.root, layout: {delphes: {}, nanoaod: {}}}
  - {files: data-samples/formats/zjets.csv, layout: {darkmachines_csv: {columns: [weight, met, met]}}}
";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("c.yaml");
    let errors = campaign::parse(text, &path, &[]).expect_err("it is full of mistakes");
    let told: Vec<String> = errors
        .diagnostics
        .iter()
        .map(|d| format!("{} {}", d.place.as_ref().map_or(0, |place| place.line), d.message))
        .collect();
    for expected in [
        "7 `inputs[0].layout.branches.units` must be one of `GeV`, `MeV`, not the text `gev`",
        "8 `inputs[0].layout.branches.electron` has `pt`, `eta` but no `phi`",
        "9 `inputs[0].layout.branches.muon[0]` is not used: muons have the mass of the particle",
        "9 `inputs[0].layout.branches.muon[1]` has its momentum twice",
        "10 `inputs[0].layout.branches.photon` has no momentum",
        "11 unknown key `chrage` in `inputs[0].layout.branches.jet`",
        "11 `inputs[0].layout.branches.jet.btag` has no `branch`",
        "12 `inputs[0].layout.branches.met` is not complete",
        "13 `HLT_x` belongs to none of the collections of `inputs[1].layout.nanoaod`",
        "13 `inputs[1].layout.nanoaod.without[0]` must be one of `electron`, `muon`, `photon`, `jet`, `met`, not the text `tau`",
        "14 `inputs[2].layout` must name one layout",
        "15 this column is there twice",
        "15 `inputs[3].layout.darkmachines_csv.columns` has no `met_phi`",
    ] {
        assert!(told.iter().any(|line| line == expected), "{expected}\n{told:#?}");
    }
    assert_eq!(told.len(), 13, "{told:#?}");
}

#[test]
fn check_says_maps_back_and_what_the_files_decided() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = format!(
        "inputs:\n  - {{sample: vectors, files: data-samples/formats/vector_ntuple_zjets.root, layout: {VECTORS}}}\n  \
         - {{sample: nano, files: data-samples/formats/nanoaod_like_zjets.root, layout: nanoaod}}\n"
    );
    let said = stdout_of(&["check", &campaign_in(folder.path(), &text), "--sample-events", "500"]);
    for expected in [
        "tree ntuple by its branches",
        "muons     mu_pt, mu_eta, mu_phi (GeV); charge mu_charge",
        "jets      jet_pt, jet_eta, jet_phi (GeV); mass jet_mass; no jet is b-tagged",
        "weight    weight",
        "jets within 0.4 of an electron or photon are dropped",
        "note: sample nano: jets are b-tagged if Jet_btagDeepFlavB > 0.2783",
        "note: sample nano: MET is MET_pt, MET_phi",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}

#[test]
fn a_bad_value_can_stop_the_program_and_names_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let csv = folder.path().join("bad.csv");
    std::fs::write(&csv, "1;p;1;5000;1;g,3e4,3e4,0,0\n2;p;1;5000;1;j,3e4,nan,0.1,0;j,9e4,8e4,0,1\n").expect("writable");
    let text = format!("on_bad_value: stop\ninputs:\n  - {{files: {csv:?}, layout: darkmachines_csv}}\n");
    let campaign = campaign_in(folder.path(), &text);
    let out = folder.path().join("out").to_string_lossy().into_owned();
    let error = error_of(&["fill", &campaign, "--out", &out]);
    for expected in ["entry 1 of", "bad.csv", "jet pt is NaN", "on_bad_value: drop"] {
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn public_files_give_the_numbers_that_uproot_gives() {
    let Some(external) = shared("external") else { return };
    let golden: serde_json::Value = serde_json::from_str(include_str!("golden/layouts.json")).expect("it is JSON");
    let hzz = layout(
        "{branches: {tree: events, weight: EventWeight, met: {px: MET_px, py: MET_py},
      electron: {px: Electron_Px, py: Electron_Py, pz: Electron_Pz, charge: Electron_Charge},
      muon: {px: Muon_Px, py: Muon_Py, pz: Muon_Pz, charge: Muon_Charge},
      photon: {px: Photon_Px, py: Photon_Py, pz: Photon_Pz},
      jet: {px: Jet_Px, py: Jet_Py, pz: Jet_Pz, energy: Jet_E, btag: {branch: Jet_btag, above: 2}}}}",
    );
    let zmumu = layout(
        "{branches: {tree: events, muon: [{px: px1, py: py1, pz: pz1, charge: Q1},
      {px: px2, py: py2, pz: pz2, charge: Q2}]}}",
    );
    for (name, expected) in golden.as_object().expect("files by name") {
        let folder = if external.join("coffea").join(name).exists() { "coffea" } else { "scikit-hep-testdata" };
        let path = external.join(folder).join(name);
        let layout = match name {
            name if name.contains("HZZ") => &hzz,
            name if name.contains("Zmumu") => &zmumu,
            _ => &layout("nanoaod"),
        };
        let batch = whole(&path, layout);
        assert_eq!(batch.len() as u64, expected["events"], "{name}");
        let close = |found: f64, key: &serde_json::Value, what: &str| {
            let Some(wanted) = key.as_f64() else { return };
            assert!((found - wanted).abs() <= 1e-6 * wanted.abs(), "{name} {what}: {found}, uproot {wanted}");
        };
        let sum = |values: &[f32]| values.iter().map(|value| f64::from(*value)).sum::<f64>();
        for (kind, columns) in
            [("electron", &batch.electrons), ("muon", &batch.muons), ("photon", &batch.photons), ("jet", &batch.jets)]
        {
            if expected[kind].is_array() {
                assert_eq!(columns.pt.len() as u64, expected[kind][0], "{name} {kind}");
                close(sum(&columns.pt), &expected[kind][1], kind);
            }
        }
        close(sum(&batch.met), &expected["met"], "MET");
        if let Some(masses) = expected["masses"].as_array() {
            let edges: Vec<f64> =
                expected["mass_edges"].as_array().expect("edges").iter().filter_map(|e| e.as_f64()).collect();
            let mut counts = vec![0u64; masses.len()];
            for row in 0..batch.len() {
                let p4 = |i: usize| {
                    let at = |column: &[f32]| f64::from(column[2 * row + i]);
                    FourMomentum::new(at(&batch.muons.pt), at(&batch.muons.eta), at(&batch.muons.phi), 0.105_658)
                };
                let mass = (p4(0) + p4(1)).mass();
                counts[edges.partition_point(|edge| *edge <= mass) - 1] += 1;
            }
            assert_eq!(serde_json::json!(counts), expected["masses"], "{name}");
        }
    }
}

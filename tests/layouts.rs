//! The contract of all layouts: one list of events reads back identically, whatever file holds it.

use std::path::{Path, PathBuf};

use bumphound::campaign::{self, DelphesLayout, Layout};
use bumphound::ntuples::{EventBatch, ObjectColumns, Scratch, Source};

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
    let text = format!("inputs: [{{files: data-samples/tiny/diphoton.root, layout: {yaml}}}]");
    let campaign = campaign::parse(&text, &Path::new(env!("CARGO_MANIFEST_DIR")).join("c.yaml"), &[]);
    campaign.unwrap_or_else(|error| panic!("{error}")).samples[0].layout.clone()
}

fn whole(path: &Path, layout: &Layout) -> EventBatch {
    let source = Source::open(path, layout).unwrap_or_else(|error| panic!("{error}\n{:?}", error.hint()));
    source.read(0..source.entries(), &mut Scratch::default()).unwrap_or_else(|error| panic!("{error}"))
}

const VECTORS: &str = "{branches: {tree: ntuple,
    electron: {pt: el_pt, eta: el_eta, phi: el_phi, charge: el_charge},
    muon: {pt: mu_pt, eta: mu_eta, phi: mu_phi, charge: mu_charge},
    photon: {pt: ph_pt, eta: ph_eta, phi: ph_phi},
    jet: {pt: jet_pt, eta: jet_eta, phi: jet_phi, mass: jet_mass},
    met: {pt: met, phi: met_phi}, weight: weight}}";

#[test]
fn zjets_are_the_same_in_every_layout() {
    let (Some(delphes), Some(formats)) = (shared("tiny/zjets.root"), shared("formats")) else { return };
    let delphes = whole(&delphes, &Layout::Delphes(DelphesLayout::default()));
    let nano = whole(&formats.join("nanoaod_like_zjets.root"), &layout("nanoaod"));
    let same = |name: &str, one: &ObjectColumns, other: &ObjectColumns| {
        assert_eq!(one.offsets, other.offsets, "{name}");
        assert_eq!((&one.pt, &one.eta, &one.phi), (&other.pt, &other.eta, &other.phi), "{name}");
        assert_eq!((&one.mass, &one.charge), (&other.mass, &other.charge), "{name}");
    };
    for (name, other) in [
        ("nano", &nano),
        ("vector", &whole(&formats.join("vector_ntuple_zjets.root"), &layout(VECTORS))),
        ("uproot", &whole(&formats.join("ttree_uproot_written_zjets.root"), &layout("{nanoaod: {without: [photon]}}"))),
    ] {
        same(name, &delphes.electrons, &other.electrons);
        same(name, &delphes.muons, &other.muons);
        same(name, &delphes.jets, &other.jets);
        assert_eq!((&delphes.met, &delphes.met_phi), (&other.met, &other.met_phi), "{name}");
        eprintln!("{name} weight {:?} {:?}", &delphes.weight[..3], &other.weight[..3]);
        eprintln!(
            "{name} btag {} {}",
            delphes.jets.btag.iter().filter(|b| **b).count(),
            other.jets.btag.iter().filter(|b| **b).count()
        );
    }
}

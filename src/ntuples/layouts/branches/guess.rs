//! A branch map for an unknown tree, from names in common use: `el_pt`, `Muon_Px`, `jet_e`, `lep_pt` with `lep_type`.
//!
//! In: a table. Out: a map to start from, and sentences about what a person must check or add. Names are split into a
//! collection and a property at the last `_`, `.`, `:` or `/`; numbered collections (`mu1_pt`, `mu2_pt`) are single objects; `jets.fCoordinates.fPt` and
//! `jetp4.fP.fX` are members of four-vectors.

use std::collections::BTreeMap;

use super::{Angles, BranchMap, ChargeMap, MetMap, ObjectMap, UnitName, Units};
use crate::ntuples::columns::numbers;
use crate::ntuples::detect::Detected;
use crate::ntuples::layouts::{Condition, ConditionTest, Part, Several};
use crate::rootfile::table::{Leaf, Table, Width, is_counter};
use crate::rootfile::{Column, ElementType, Scratch};

/// Collections in common use, lower case, best first.
const KINDS: [(Part, &[&str]); 4] = [
    (Part::Electron, &["electron", "electrons", "el", "ele", "elec", "e"]),
    (Part::Muon, &["muon", "muons", "mu", "m"]),
    (Part::Photon, &["photon", "photons", "ph", "pho", "gamma", "gam", "y"]),
    (Part::Jet, &["jet", "jets", "ak4jet", "ak4jets", "antikt4emtopojets", "antikt4empflowjets", "smallrjet", "j"]),
];
const CHARGES: [&str; 3] = ["charge", "q", "ch"];
const LEPTONS: [&str; 4] = ["lep", "leps", "lepton", "leptons"];
const METS: [(&str, &str); 12] = [
    ("met_pt", "met_phi"),
    ("met_met", "met_phi"),
    ("met_et", "met_phi"),
    ("met", "met_phi"),
    ("met", "metphi"),
    ("etmiss", "etmiss_phi"),
    ("etmiss_met", "etmiss_phi"),
    ("met_e", "met_phi"),
    ("puppimet_pt", "puppimet_phi"),
    ("pfmet_pt", "pfmet_phi"),
    ("missinget_met", "missinget_phi"),
    ("missinget", "missinget_phi"),
];
const WEIGHTS: [&str; 9] =
    ["weight", "eventweight", "event_weight", "evtweight", "genweight", "mcweight", "mc_weight", "weight_mc", "w"];
/// A median above this is no pT in GeV.
const MEV_FROM: f64 = 2_000.0;
/// Entries that decide about the unit.
const ENTRIES_FOR_UNITS: u64 = 2_000;

/// Properties (lower case) of a collection and the branches that hold them.
type Group = BTreeMap<String, String>;

/// The number of kinds that were found, and the map; None if there is not one.
pub(super) fn guess(tree: &str, table: &Table) -> Option<(usize, Detected)> {
    let leaves = table.leaves();
    let groups = groups(leaves.iter().map(Leaf::name));
    let mut map = BranchMap {
        tree: tree.to_string(),
        units: Units::default(),
        angles: Angles::default(),
        electron: Several::default(),
        muon: Several::default(),
        photon: Several::default(),
        jet: Several::default(),
        met: None,
        weight: Several::default(),
        require_event: Several::default(),
        event_id: event_id(&leaves),
    };
    let mut unmatched = Vec::new();
    let mut used: Vec<String> = Vec::new();
    for (part, names) in KINDS {
        let mut objects: Vec<ObjectMap> = Vec::new();
        for name in names {
            for (collection, group) in groups.iter().filter(|(collection, _)| is_called(collection, name)) {
                if let Some(mut object) = object(part, group, &leaves, &mut unmatched) {
                    object.count = slot_counter(collection, &object, &leaves, &mut unmatched);
                    objects.push(object);
                    used.push(collection.clone());
                }
            }
            if !objects.is_empty() {
                break;
            }
        }
        if objects.is_empty() && matches!(part, Part::Electron | Part::Muon) {
            objects.extend(mixed_leptons(part, &groups, &leaves, &mut used, &mut unmatched));
        }
        if objects.is_empty() {
            unmatched.push(format!("no {}s found", part.name()));
        }
        match part {
            Part::Electron => map.electron = objects.into(),
            Part::Muon => map.muon = objects.into(),
            Part::Photon => map.photon = objects.into(),
            Part::Jet | Part::Met => map.jet = objects.into(),
        }
    }
    let kinds = KINDS.iter().filter(|(part, _)| !map.objects(*part).is_empty()).count();
    if kinds == 0 {
        return None;
    }
    map.met = met(&leaves);
    if map.met.is_none() {
        unmatched.push("no MET found: it is 0 in cuts, and no transverse masses are built".to_string());
    }
    match WEIGHTS.iter().find_map(|weight| scalar(&leaves, weight)) {
        Some(weight) => map.weight = Several::One(weight),
        None => unmatched.push("no event weight found: it is 1".to_string()),
    }
    if let Some(branch) = in_mev(table, &map) {
        map.units = Units::Named(UnitName::MeV);
        unmatched.push(format!("{branch} is so large that the unit is taken to be MeV"));
    }
    for (collection, group) in &groups {
        if momentum(group).is_some() && !used.contains(collection) {
            unmatched.push(format!("collection {collection} is used for nothing"));
        }
    }
    let why = format!("its branches have names in common use for {kinds} of 4 kinds of objects");
    Some((kinds, Detected { layout: map.into(), why, unmatched }))
}

/// Usual names of what numbers events: run, luminosity block, event.
const EVENT_ID: [&[&str]; 3] = [
    &["run", "runNumber", "RunNumber", "nRun"],
    &["luminosityBlock", "lumi", "lumiBlock", "nLumi", "ls"],
    &["event", "eventNumber", "EventNumber", "nEvent", "evt"],
];

/// The branches that number an event: run and event at least.
fn event_id(leaves: &[Leaf]) -> Several<String> {
    let [run, lumi, event] = EVENT_ID.map(|names| names.iter().find_map(|name| scalar(leaves, name)));
    match (run, event) {
        (Some(run), Some(event)) => Several::Many([Some(run), lumi, Some(event)].into_iter().flatten().collect()),
        _ => Several::default(),
    }
}

/// What stands between collection and property.
const BETWEEN: [char; 4] = ['_', '.', ':', '/'];

/// `mu`, or `mu` and a number; `AnalysisMuonsAuxDyn` of ATLAS is `Muons`.
fn is_called(collection: &str, name: &str) -> bool {
    let collection = collection.to_lowercase();
    let collection = collection.strip_suffix("auxdyn").map_or(&*collection, |rest| rest.trim_start_matches("analysis"));
    let number = collection.strip_prefix(name).map(|rest| rest.trim_start_matches('_'));
    number.is_some_and(|number| number.len() <= 2 && number.bytes().all(|c| c.is_ascii_digit()))
}

/// Branches by collection and property.
fn groups<'a>(names: impl Iterator<Item = &'a str> + Clone) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for name in names.clone() {
        let Some((collection, property)) = split(name) else { continue };
        groups.entry(collection).or_default().entry(property).or_insert_with(|| name.to_string());
    }
    // `muonq` beside `muonp4`.
    for (name, lower) in names.filter(|name| !name.contains(BETWEEN)).map(|name| (name, name.to_lowercase())) {
        for (collection, group) in groups.iter_mut().filter(|(_, group)| momentum(group).is_some()) {
            if let Some(property) = lower.strip_prefix(&collection.to_lowercase()).filter(|rest| !rest.is_empty()) {
                group.entry(property.to_string()).or_insert_with(|| name.to_string());
            }
        }
    }
    groups
}

/// Collection and property of a branch: `mu_pt`, `mu_pt_1`, `pt1`, `jets.fCoordinates.fPt`, `jetp4.fP.fX`.
fn split(name: &str) -> Option<(String, String)> {
    let Some((collection, property)) = name.rsplit_once(BETWEEN) else {
        // `pt1` is the pT of something without a name.
        let property = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let known = ["pt", "eta", "phi", "px", "py", "pz", "e", "m", "mass", "q", "charge"];
        let lower = property.to_lowercase();
        let number =
            name.strip_prefix(property).filter(|number| !number.is_empty() && known.contains(&lower.as_str()))?;
        return Some((number.to_string(), lower));
    };
    if property.bytes().all(|c| c.is_ascii_digit()) {
        return Some(match collection.rsplit_once(BETWEEN) {
            Some((collection, real)) => (format!("{collection}_{property}"), real.to_lowercase()),
            None => (collection.to_string(), property.to_string()),
        });
    }
    // Members of ROOT's four-vectors.
    let strip = |text: &str, end: &str| text.strip_suffix(end).unwrap_or(text).to_string();
    let property = match property {
        "fX" => "px".to_string(),
        "fY" => "py".to_string(),
        "fZ" => "pz".to_string(),
        "fT" => "e".to_string(),
        "fPt" | "fEta" | "fPhi" | "fE" | "fM" => property.trim_start_matches('f').to_lowercase(),
        other => return Some((collection.to_string(), other.to_lowercase())),
    };
    let collection = strip(&strip(&strip(collection, ".fCoordinates"), ".fP"), "p4");
    Some((collection.trim_end_matches(BETWEEN).to_string(), property))
}

/// What a branch map can say about every complete momentum among the names of branches: `{pt: pt1, eta: eta1, phi: phi1}`.
pub(crate) fn momenta<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let groups = groups(names);
    let complete = groups.values().filter_map(|group| Some((group, momentum(group)?)));
    let lines = complete.map(|(group, object)| {
        let ObjectMap { pt, eta, phi, px, py, pz, .. } = object;
        let charge = first(group, &CHARGES);
        let keys = [("pt", pt), ("eta", eta), ("phi", phi), ("px", px), ("py", py), ("pz", pz), ("charge", charge)];
        let pairs: Vec<String> =
            keys.into_iter().filter_map(|(key, branch)| Some(format!("{key}: {}", branch?))).collect();
        format!("{{{}}}", pairs.join(", "))
    });
    lines.collect()
}

fn first(group: &Group, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| group.get(*name)).cloned()
}

fn momentum(group: &Group) -> Option<ObjectMap> {
    let all = |names: [&[&str]; 3]| {
        let [a, b, c] = names.map(|names| first(group, names));
        Some((a?, b?, c?))
    };
    if let Some((pt, eta, phi)) = all([&["pt", "et"], &["eta"], &["phi"]]) {
        return Some(ObjectMap { pt: Some(pt), eta: Some(eta), phi: Some(phi), ..ObjectMap::default() });
    }
    let (px, py, pz) = all([&["px"], &["py"], &["pz"]])?;
    Some(ObjectMap { px: Some(px), py: Some(py), pz: Some(pz), ..ObjectMap::default() })
}

fn object(part: Part, group: &Group, leaves: &[Leaf], unmatched: &mut Vec<String>) -> Option<ObjectMap> {
    let mut object = momentum(group)?;
    let shown = object.pt.clone().or(object.px.clone()).unwrap_or_default();
    match part {
        Part::Electron | Part::Muon => {
            object.charge = first(group, &CHARGES).map(ChargeMap::Branch);
            if object.charge.is_none() {
                object.pdgid = first(group, &["pdgid", "pid"]);
            }
            if object.charge.is_none() && object.pdgid.is_none() {
                unmatched.push(format!("no charge found beside {shown}: without it no Z is built"));
            }
        }
        Part::Jet => {
            object.mass = first(group, &["mass", "m"]);
            if object.mass.is_none() {
                object.energy = first(group, &["energy", "e"]);
            }
            if object.mass.is_none() && object.energy.is_none() {
                unmatched.push(format!("no mass or energy found beside {shown}: jets have no mass"));
            }
            let tag = |name: &&String| ["btag", "isb", "bjet", "dl1", "mv2"].iter().any(|part| name.contains(part));
            let tag = group.keys().find(tag).and_then(|name| group.get(name));
            let is_float = |branch: &String| {
                let leaf = leaves.iter().find(|leaf| leaf.name() == branch);
                leaf.is_some_and(|leaf| matches!(leaf.element(), Some(ElementType::F32 | ElementType::F64)))
            };
            object.btag = match tag {
                Some(branch) if is_float(branch) => {
                    unmatched.push(format!("the limit 0.5 on {branch} for b-tags is a guess: set it"));
                    Some(Condition::above(branch, 0.5))
                }
                Some(branch) => Some(Condition::True(branch.clone())),
                None => {
                    unmatched.push(format!("no b-tag found beside {shown}: no jet is b-tagged"));
                    None
                }
            };
        }
        Part::Photon | Part::Met => {}
    }
    Some(object)
}

/// `lep_pt` with `lep_type` 11 or 13.
fn mixed_leptons(
    part: Part,
    groups: &BTreeMap<String, Group>,
    leaves: &[Leaf],
    used: &mut Vec<String>,
    unmatched: &mut Vec<String>,
) -> Option<ObjectMap> {
    let (name, group) = groups.iter().find(|(name, _)| LEPTONS.contains(&name.to_lowercase().as_str()))?;
    let kind = first(group, &["type", "pdgid", "pid", "flavor", "flavour", "id"])?;
    let mut object = object(part, group, leaves, unmatched)?;
    let code = if part == Part::Electron { 11.0 } else { 13.0 };
    let test = ConditionTest { branch: kind, equals: Some(code), absolute: true, ..ConditionTest::default() };
    object.require = Several::One(Condition::Test(test));
    if !used.contains(name) {
        used.push(name.clone());
    }
    Some(object)
}

/// What counts the valid slots of an array of fixed length.
fn slot_counter(collection: &str, object: &ObjectMap, leaves: &[Leaf], unmatched: &mut Vec<String>) -> Option<String> {
    let first = object.pt.as_ref().or(object.px.as_ref())?;
    let leaf = leaves.iter().find(|leaf| leaf.name() == first)?;
    let Width::Entry(slots @ 2..) = leaf.width() else { return None };
    let counter = counter_of(collection, leaves);
    unmatched.push(match &counter {
        Some(counter) => {
            format!("{first} has {slots} slots in every event: {counter} is taken to count those that are valid")
        }
        None => {
            format!("{first} has {slots} slots in every event and no counter beside it: all with a pT count as objects")
        }
    });
    counter
}

/// One integer per event that is called as counters of a collection are: `nmu`, `n_mu`, `mu_n`, `Muon_size`.
pub(super) fn counter_of(collection: &str, leaves: &[Leaf]) -> Option<String> {
    let counters = leaves.iter().filter(|leaf| leaf.width() == Width::Entry(1) && is_counter(leaf.element(), false));
    let bare = |name: &str| name.to_lowercase().replace(BETWEEN, "");
    let collection = bare(collection);
    let one = collection.trim_end_matches('s');
    let called = |name: &str| {
        let name = bare(name);
        [&collection, one].into_iter().any(|of| {
            let around = name.split_once(of).map(|(before, behind)| (before, behind.trim_start_matches('s')));
            matches!(around, Some(("n" | "num" | "number", "") | ("", "n" | "num" | "size" | "count" | "mult")))
        })
    };
    counters.map(Leaf::name).find(|name| called(name)).map(str::to_string)
}

fn scalar(leaves: &[Leaf], name: &str) -> Option<String> {
    let found = leaves.iter().find(|leaf| !leaf.is_jagged() && leaf.name().to_lowercase() == name);
    found.map(|leaf| leaf.name().to_string())
}

fn met(leaves: &[Leaf]) -> Option<MetMap> {
    let polar = METS.iter().find_map(|(size, phi)| Some((scalar(leaves, size)?, scalar(leaves, phi)?)));
    if let Some((pt, phi)) = polar {
        return Some(MetMap { pt: Some(pt), phi: Some(phi), ..MetMap::default() });
    }
    let both = [("met_px", "met_py"), ("met.fx", "met.fy")];
    let (px, py) = both.iter().find_map(|(x, y)| Some((scalar(leaves, x)?, scalar(leaves, y)?)))?;
    Some(MetMap { px: Some(px), py: Some(py), ..MetMap::default() })
}

/// The branch whose first values are too large for GeV.
fn in_mev(table: &Table, map: &BranchMap) -> Option<String> {
    let objects = KINDS.iter().flat_map(|(part, _)| map.objects(*part));
    let mut branches = objects.filter_map(|object| object.pt.clone().or(object.px.clone()));
    branches.find(|branch| {
        let (mut scratch, mut column, mut values) = (Scratch::default(), Column::default(), Vec::new());
        let first = 0..table.entries().min(ENTRIES_FOR_UNITS);
        let read = table.leaf(branch).and_then(|leaf| table.read(&leaf, first, &mut scratch, &mut column));
        if read.is_err() {
            return false;
        }
        numbers(&column.values, &mut values);
        values.iter_mut().for_each(|value| *value = value.abs());
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).is_some_and(|median| *median > MEV_FROM)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_are_known_with_and_without_a_number() {
        assert!(is_called("Muon", "muon") && is_called("mu1", "mu") && is_called("mu_2", "mu"));
        assert!(is_called("AnalysisMuonsAuxDyn", "muons") && !is_called("AnalysisTauJetsAuxDyn", "jets"));
        assert!(!is_called("mutau", "mu") && !is_called("jet123", "jet"));
    }

    #[test]
    fn names_are_split_into_collection_and_property() {
        let both = |name| split(name).map(|(collection, property)| format!("{collection} {property}"));
        for (name, wanted) in [
            ("Muon_Px", "Muon px"),
            ("mu_pt_1", "mu_1 pt"),
            ("Electrons.fCoordinates.fPt", "Electrons pt"),
            ("jetp4.fP.fX", "jet px"),
            ("jet_p4.fE", "jet e"),
            ("MET.fX", "MET px"),
            ("pt1", "1 pt"),
            ("Q2", "2 q"),
            ("muon/pt", "muon pt"),
            ("AnalysisJetsAuxDyn:eta", "AnalysisJetsAuxDyn eta"),
        ] {
            assert_eq!(both(name).as_deref(), Some(wanted), "{name}");
        }
        assert_eq!((both("run"), both("x1"), both("pt")), (None, None, None));
    }

    #[test]
    fn a_charge_is_found_beside_a_four_vector_and_momenta_without_a_name_are_listed() {
        let names = ["muonp4.fP.fX", "muonp4.fP.fY", "muonp4.fP.fZ", "muonp4.fE", "muonq", "muoniso"];
        assert_eq!(groups(names.into_iter())["muon"]["q"], "muonq");
        let names = ["Run", "px1", "pt1", "eta1", "phi1", "Q1", "pt2", "eta2", "M"];
        assert_eq!(momenta(names.into_iter()), ["{pt: pt1, eta: eta1, phi: phi1, charge: Q1}"]);
    }
}

//! NanoAOD: the branch map of a file, from the names of its collections.
//!
//! In: a [`NanoAodLayout`] and a table. Out: a [`BranchMap`], and notes where the file decided: which MET, which
//! b-tag, no weight. A collection that is missing is an error unless the campaign says `without`.

use super::NanoAodLayout;
use crate::ntuples::NtupleError;
use crate::ntuples::columns::first_per_entry;
use crate::ntuples::layouts::branches::Angles;
use crate::ntuples::layouts::{BranchMap, ChargeMap, Condition, MetMap, ObjectMap, Part, Several, Units, belongs};
use crate::rootfile::table::Table;
use crate::rootfile::{Column, RootError, RootFile, Scratch};

/// What numbers an event.
const EVENT_ID: [&str; 3] = ["run", "luminosityBlock", "event"];

/// The map for a file.
pub(super) fn map(layout: &NanoAodLayout, table: &Table) -> Result<(BranchMap, Vec<String>), NtupleError> {
    let mut notes = Vec::new();
    let collection = |part: Part, name: &str| -> Several<ObjectMap> {
        if layout.without.contains(&part) {
            return Several::default();
        }
        let column = |leaf: &str| Some(format!("{name}_{leaf}"));
        let lepton = matches!(part, Part::Electron | Part::Muon);
        let own = |condition: &&Condition| belongs(condition.branch(), name);
        Several::One(ObjectMap {
            pt: column("pt"),
            eta: column("eta"),
            phi: column("phi"),
            mass: column("mass").filter(|_| part == Part::Jet),
            charge: column("charge").filter(|_| lepton).map(ChargeMap::Branch),
            require: layout.require.as_slice().iter().filter(own).cloned().collect::<Vec<_>>().into(),
            ..ObjectMap::default()
        })
    };
    let mut jet = collection(Part::Jet, &layout.jet);
    if let Several::One(jet) = &mut jet {
        let taggers = layout.btag.as_slice();
        let of_jets = |tagger: &&Condition| belongs(tagger.branch(), &layout.jet) && table.has(tagger.branch());
        jet.btag = taggers.iter().find(of_jets).cloned();
        match (&jet.btag, taggers) {
            (Some(btag), [_, _, ..]) => notes.push(format!("jets are b-tagged if {btag}")),
            (Some(_), _) | (None, []) => {}
            (None, [one]) => {
                table.leaf(one.branch())?;
            }
            (None, several) => {
                let names: Vec<&str> = several.iter().map(Condition::branch).collect();
                notes.push(format!("no jet is b-tagged: the file has none of {}", names.join(", ")));
            }
        }
    }
    let met = match layout.without.contains(&Part::Met) {
        true => None,
        false => Some(met(layout, table, &mut notes)?),
    };
    let weight = match table.has(&layout.weight) {
        true => Several::One(layout.weight.clone()),
        false => {
            notes.push(format!("weights are 1: the file has no {}", layout.weight));
            Several::default()
        }
    };
    let map = BranchMap {
        tree: layout.tree.clone(),
        units: Units::default(),
        angles: Angles::default(),
        electron: collection(Part::Electron, &layout.electron),
        muon: collection(Part::Muon, &layout.muon),
        photon: collection(Part::Photon, &layout.photon),
        jet,
        met,
        weight,
        require_event: layout.require_event.clone(),
        event_id: match EVENT_ID.iter().all(|name| table.has(name)) {
            true => Several::Many(EVENT_ID.map(String::from).into()),
            false => Several::default(),
        },
    };
    Ok((map, notes))
}

/// Sum of the weights of all events that were generated for a file, from its `Runs`; None where they do not say, or where
/// other weights are used.
pub(super) fn generated(file: &RootFile, weight: &str) -> Result<Option<f64>, NtupleError> {
    if weight != NanoAodLayout::default().weight {
        return Ok(None);
    }
    let Ok(runs) = file.table("Runs") else { return Ok(None) };
    let Ok(leaf) = runs.leaf("genEventSumw") else { return Ok(None) };
    let (mut scratch, mut column, mut sums) = (Scratch::default(), Column::default(), Vec::new());
    runs.read(&leaf, 0..runs.entries(), &mut scratch, &mut column)?;
    first_per_entry(&column, f64::NAN, |value| value, &mut sums);
    Ok(Some(sums.iter().sum()).filter(|sum: &f64| sum.is_finite()))
}

fn met(layout: &NanoAodLayout, table: &Table, notes: &mut Vec<String>) -> Result<MetMap, RootError> {
    let names = layout.met.as_slice();
    let branches = |name: &String| (format!("{name}_pt"), format!("{name}_phi"));
    let found = names.iter().find(|name| {
        let (pt, phi) = branches(name);
        table.has(&pt) && table.has(&phi)
    });
    match found.or(names.first()) {
        Some(name) => {
            let (pt, phi) = branches(name);
            if found.is_none() {
                table.leaf(&pt)?;
                table.leaf(&phi)?;
            }
            if names.len() > 1 {
                notes.push(format!("MET is {pt}, {phi}"));
            }
            Ok(MetMap { pt: Some(pt), phi: Some(phi), ..MetMap::default() })
        }
        None => Ok(MetMap::default()),
    }
}

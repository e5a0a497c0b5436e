//! NanoAOD: the branch map of a file, from the names of its collections.
//!
//! In: a [`NanoAodLayout`] and a table. Out: a [`BranchMap`], and notes where the file decided: which MET, which
//! b-tag, no weight. A collection that is missing is an error unless the campaign says `without`.

use super::NanoAodLayout;
use crate::ntuples::NtupleError;
use crate::ntuples::layouts::{BranchMap, ChargeMap, Condition, MetMap, ObjectMap, Part, Several, Units, belongs};
use crate::rootfile::RootError;
use crate::rootfile::table::Table;

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
        electron: collection(Part::Electron, &layout.electron),
        muon: collection(Part::Muon, &layout.muon),
        photon: collection(Part::Photon, &layout.photon),
        jet,
        met,
        weight,
        require_event: layout.require_event.clone(),
    };
    Ok((map, notes))
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

//! What is wrong with a branch map, as far as that shows without a file.
//!
//! In: a [`BranchMap`]. Out: mistakes at their keys (`muon/0/charge`): momenta that are not complete or there twice, numbers
//! that a kind of object does not have, empty names, units that are no factor.

use super::{BranchMap, ChargeMap, MetMap, ObjectMap, Units};
use crate::ntuples::layouts::{EventCondition, Mistakes, Part, Several};

const MOMENTUM_HINT: &str = "an object has `pt`, `eta`, `phi`, or `px`, `py`, `pz`";

/// Keys and the branches that they name, if they do.
type Keys<'a> = [(&'static str, &'a Option<String>)];

pub(super) fn check(map: &BranchMap, mistakes: &mut Mistakes) {
    let parts =
        [(Part::Electron, &map.electron), (Part::Muon, &map.muon), (Part::Photon, &map.photon), (Part::Jet, &map.jet)];
    if parts.iter().all(|(_, objects)| objects.is_empty()) {
        let message = format!("{} holds no objects", mistakes.shown(""));
        mistakes.hinted("", message, "name the branches of at least one of electron, muon, photon, jet");
    }
    mistakes.named("tree", Some(&map.tree));
    check_units("units", Some(map.units), mistakes);
    for (part, objects) in parts {
        match objects {
            Several::One(object) => check_object(part.name(), part, object, mistakes),
            Several::Many(list) => {
                let numbered = list.iter().enumerate();
                numbered.for_each(|(i, object)| check_object(&format!("{}/{i}", part.name()), part, object, mistakes));
            }
        }
    }
    if let Some(met) = &map.met {
        check_met(met, mistakes);
    }
    map.weight.as_slice().iter().for_each(|weight| mistakes.named("weight", Some(weight)));
    EventCondition::check("require_event", map.require_event.as_slice(), mistakes);
}

fn check_met(met: &MetMap, mistakes: &mut Mistakes) {
    match (&met.pt, &met.phi, &met.px, &met.py) {
        (Some(_), Some(_), None, None) | (None, None, Some(_), Some(_)) => {}
        _ => {
            let message = format!("{} is not complete", mistakes.shown("met"));
            mistakes.hinted("met", message, "`pt` and `phi`, or `px` and `py`");
        }
    }
    for (name, branch) in [("pt", &met.pt), ("phi", &met.phi), ("px", &met.px), ("py", &met.py)] {
        mistakes.named(&format!("met/{name}"), branch.as_deref());
    }
    check_units("met/units", met.units, mistakes);
}

fn check_object(here: &str, part: Part, object: &ObjectMap, mistakes: &mut Mistakes) {
    let polar = [("pt", &object.pt), ("eta", &object.eta), ("phi", &object.phi)];
    let cartesian = [("px", &object.px), ("py", &object.py), ("pz", &object.pz)];
    check_momentum(here, &polar, &cartesian, mistakes);
    let plain =
        [("mass", &object.mass), ("energy", &object.energy), ("pdgid", &object.pdgid), ("count", &object.count)];
    for (name, branch) in polar.iter().chain(&cartesian).chain(&plain) {
        mistakes.named(&format!("{here}/{name}"), branch.as_deref());
    }
    check_kind(here, part, object, mistakes);
    match &object.charge {
        Some(_) if object.pdgid.is_some() => {
            let hint = "leave out `charge` or `pdgid`";
            mistakes.hinted(&format!("{here}/charge"), "the charge is given twice", hint);
        }
        Some(ChargeMap::Fixed(charge)) if charge.abs() != 1 => {
            mistakes.push(&format!("{here}/charge"), format!("a charge is a branch, 1 or -1, not {charge}"));
        }
        Some(ChargeMap::Branch(branch)) => mistakes.named(&format!("{here}/charge"), Some(branch)),
        _ => {}
    }
    object.require.as_slice().iter().chain(&object.btag).for_each(|condition| condition.check(here, mistakes));
    check_units(&format!("{here}/units"), object.units, mistakes);
}

fn check_momentum(here: &str, polar: &Keys, cartesian: &Keys, mistakes: &mut Mistakes) {
    let given = |keys: &Keys| keys.iter().filter(|(_, branch)| branch.is_some()).count();
    let names = |keys: &Keys, there: bool| -> String {
        let keys = keys.iter().filter(|(_, branch)| branch.is_some() == there);
        keys.map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let what = match (given(polar), given(cartesian)) {
        (3, 0) | (0, 3) => return,
        (0, 0) => "has no momentum".to_string(),
        (_, 0) => format!("has {} but no {}", names(polar, true), names(polar, false)),
        (0, _) => format!("has {} but no {}", names(cartesian, true), names(cartesian, false)),
        _ => "has its momentum twice".to_string(),
    };
    let message = format!("{} {what}", mistakes.shown(here));
    mistakes.incomplete(here, message, MOMENTUM_HINT);
}

/// Numbers that this kind of object does not have.
fn check_kind(here: &str, part: Part, object: &ObjectMap, mistakes: &mut Mistakes) {
    let jet = part == Part::Jet;
    let lepton = matches!(part, Part::Electron | Part::Muon);
    for (name, there) in [("mass", object.mass.is_some()), ("energy", object.energy.is_some())] {
        if there && !jet {
            let shown = mistakes.shown(here);
            let message = format!("{shown} is not used: {}s have the mass of the particle", part.name());
            mistakes.hinted(&format!("{here}/{name}"), message, "leave it out");
        }
    }
    if object.btag.is_some() && !jet {
        mistakes.hinted(&format!("{here}/btag"), "only jets are b-tagged", "leave it out");
    }
    if (object.charge.is_some() || object.pdgid.is_some()) && !lepton {
        let key = if object.charge.is_some() { "charge" } else { "pdgid" };
        mistakes.hinted(&format!("{here}/{key}"), "only leptons have a charge", "leave it out");
    }
}

fn check_units(path: &str, units: Option<Units>, mistakes: &mut Mistakes) {
    if units.is_some_and(|units| !(units.factor() > 0.0 && units.factor().is_finite())) {
        mistakes.push(path, "units are `GeV`, `MeV` or a factor above 0");
    }
}

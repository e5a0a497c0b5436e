//! A branch map in plain English, for `bumphound check`: one line per kind of object.

use super::{Angles, BranchMap, ChargeMap, ObjectMap, Part, Units};

/// One line per kind of object.
pub(super) fn objects(map: &BranchMap) -> Vec<String> {
    let mut lines = Vec::new();
    for part in [Part::Electron, Part::Muon, Part::Photon, Part::Jet] {
        let objects = map.objects(part);
        let name = format!("{}s", part.name());
        if objects.is_empty() {
            lines.push(format!("{name:9} none: the map names no branches"));
        }
        for object in objects {
            lines.push(format!("{name:9} {}", object_in_words(part, object, map.units)));
        }
    }
    lines.push(match &map.met {
        Some(met) => {
            let branches = [&met.pt, &met.phi, &met.px, &met.py].into_iter().flatten().cloned().collect::<Vec<_>>();
            format!("{:9} {}{}", "MET", branches.join(", "), unit_in_words(met.units.unwrap_or(map.units)))
        }
        None => format!("{:9} 0: the map names no branches; no transverse mass means anything", "MET"),
    });
    if map.angles == Angles::Degrees {
        lines.push(format!("{:9} phi in degrees", "angles"));
    }
    lines.push(match map.weight.as_slice() {
        [] => format!("{:9} 1: the map names no branch", "weight"),
        weights => format!("{:9} {}", "weight", weights.join(" x ")),
    });
    lines
}

fn object_in_words(part: Part, object: &ObjectMap, units: Units) -> String {
    let kinematics = [&object.pt, &object.eta, &object.phi, &object.px, &object.py, &object.pz];
    let names: Vec<&str> = kinematics.into_iter().flatten().map(String::as_str).collect();
    let mut line = format!("{}{}", names.join(", "), unit_in_words(object.units.unwrap_or(units)));
    let mut add = |text: String| {
        line.push_str("; ");
        line.push_str(&text);
    };
    match part {
        Part::Jet => {
            add(match (&object.mass, &object.energy) {
                (Some(mass), _) => format!("mass {mass}"),
                (None, Some(energy)) => format!("mass from energy {energy}"),
                (None, None) => "mass 0: no jet is V, T or HM".to_string(),
            });
            add(object.btag.as_ref().map_or("no jet is b-tagged".into(), |btag| format!("b-tagged if {btag}")));
        }
        Part::Electron | Part::Muon => add(match (&object.charge, &object.pdgid) {
            (Some(ChargeMap::Branch(branch)), _) => format!("charge {branch}"),
            (Some(ChargeMap::Fixed(charge)), _) => format!("charge {charge:+}"),
            (None, Some(pdgid)) => format!("charge from PDG code {pdgid}"),
            (None, None) => "charge unknown: no Z is built of them, pairs count as same-sign".to_string(),
        }),
        Part::Photon | Part::Met => {}
    }
    if let Some(count) = &object.count {
        add(format!("as many as {count} says"));
    }
    if !object.require.is_empty() {
        let conditions: Vec<String> = object.require.as_slice().iter().map(ToString::to_string).collect();
        add(format!("only if {}", conditions.join(" and ")));
    }
    line
}

fn unit_in_words(units: Units) -> String {
    match units.factor() {
        1.0 => " (GeV)".to_string(),
        1e-3 => " (MeV)".to_string(),
        factor => format!(" (times {factor} is GeV)"),
    }
}

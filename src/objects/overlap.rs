//! Default overlap removal, for layouts whose files hold overlapping objects (Delphes has removed them already).
//!
//! In: selected objects. Out: the same lists without jets within 0.4 of an electron or photon, then without leptons
//! within 0.4 of a jet that is left (physics.md section 1). Distance: sqrt(d eta^2 + d phi^2).

use super::Object;

const CONE: f64 = 0.4;

pub(super) fn remove(electrons: &mut Vec<Object>, muons: &mut Vec<Object>, photons: &[Object], jets: &mut Vec<Object>) {
    jets.retain(|jet| !electrons.iter().chain(photons).any(|other| near(jet, other)));
    electrons.retain(|lepton| !jets.iter().any(|jet| near(lepton, jet)));
    muons.retain(|lepton| !jets.iter().any(|jet| near(lepton, jet)));
}

fn near(a: &Object, b: &Object) -> bool {
    let turn = std::f64::consts::TAU;
    let d_phi = (a.phi - b.phi).rem_euclid(turn);
    let d_phi = d_phi.min(turn - d_phi);
    let d_eta = a.eta - b.eta;
    d_eta * d_eta + d_phi * d_phi < CONE * CONE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(eta: f64, phi: f64) -> Object {
        Object { pt: 50.0, eta, phi, ..Object::default() }
    }

    #[test]
    fn jets_go_first_then_leptons_near_what_is_left() {
        let mut electrons = vec![at(0.0, 3.1)];
        let mut muons = vec![at(1.0, 0.0), at(0.1, 3.0)];
        let mut jets = vec![at(0.0, -3.1), at(1.0, 0.3)];
        remove(&mut electrons, &mut muons, &[], &mut jets);
        assert_eq!(jets, [at(1.0, 0.3)], "the jet across the phi seam is the electron");
        assert_eq!(electrons.len(), 1);
        assert_eq!(muons, [at(0.1, 3.0)], "the muon in the jet goes");
    }
}

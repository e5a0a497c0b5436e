//! Leptonic Z candidates.
//!
//! In: selected electrons and muons. Out: Z candidates, sorted by pT, and the leptons that are left. All same-flavour
//! opposite-charge pairs within the window are taken in order of |m - 91.18|, smallest first; a pair is used if neither
//! lepton is used yet (physics.md section 2).

use super::object::{Object, sort_by_pt};
use crate::particles::pdg::Z_CANDIDATE_MASS_GEV;
use crate::particles::{FourMomentum, Kind};

/// Leading leptons of a flavour that are paired, as many as a word has bits; real events have a handful, and pairs grow
/// with the square.
const MAX_PAIRED: usize = u64::BITS as usize;

/// One possible Z.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    distance: f64,
    flavour: usize,
    first: usize,
    second: usize,
    p4: FourMomentum,
}

/// Builds Z candidates into `z`; used leptons leave their lists. `pairs` is scratch.
pub(super) fn build(
    (electrons, muons): (&mut Vec<Object>, &mut Vec<Object>),
    window_gev: f64,
    pairs: &mut Vec<Pair>,
    z: &mut Vec<Object>,
) {
    pairs.clear();
    for (flavour, leptons) in [&*electrons, &*muons].into_iter().enumerate() {
        let leptons = &leptons[..leptons.len().min(MAX_PAIRED)];
        for (first, a) in leptons.iter().enumerate() {
            for (second, b) in leptons.iter().enumerate().skip(first + 1) {
                if i32::from(a.charge) * i32::from(b.charge) >= 0 {
                    continue;
                }
                let p4 = a.p4() + b.p4();
                let distance = (p4.mass() - Z_CANDIDATE_MASS_GEV).abs();
                if distance <= window_gev {
                    pairs.push(Pair { distance, flavour, first, second, p4 });
                }
            }
        }
    }
    pairs.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    let lists = [electrons, muons];
    // One bit for every lepton that is part of a Z.
    let mut used = [0_u64; 2];
    for pair in pairs.iter() {
        let both = 1 << pair.first | 1 << pair.second;
        if used[pair.flavour] & both == 0 {
            used[pair.flavour] |= both;
            let list = &lists[pair.flavour];
            z.push(composite(&list[pair.first], &list[pair.second], pair.p4));
        }
    }
    if !z.is_empty() {
        for (list, used) in lists.into_iter().zip(used) {
            let mut place = 0;
            list.retain(|_| {
                let stays = place >= MAX_PAIRED || used >> place & 1 == 0;
                place += 1;
                stays
            });
        }
        sort_by_pt(z);
    }
}

fn composite(a: &Object, b: &Object, p4: FourMomentum) -> Object {
    let (pt, eta, phi, mass) = (p4.pt(), p4.eta(), p4.phi(), p4.mass());
    let from = [a.from[0], b.from[0]];
    Object { pt, eta, phi, mass, charge: 0, btag: false, kind: Kind::Z, part: a.part, from }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::super::event::tests::{build, one_event};
    use crate::ntuples::layouts::Part;

    #[test]
    fn the_pair_nearest_to_the_z_wins_and_its_leptons_leave() {
        // Back to back, massless to good accuracy: m = 2 sqrt(pt1 pt2).
        let mu = [(45.6, 0.0, 0.0, 1), (45.6, 0.0, PI, -1), (50.0, 0.0, PI, -1)];
        let event = build(&one_event(&[], &mu, &[], &[]));
        assert_eq!(event.counts().to_string(), "1mu1Z");
        assert!((event.z[0].mass - 91.2).abs() < 1e-3);
        assert!((event.muons[0].pt - 50.0).abs() < 1e-6);
        assert_eq!(event.leptons.len(), 3);
    }

    #[test]
    fn no_z_from_same_charge_other_flavour_or_outside_the_window() {
        for (e, mu) in [
            (vec![], vec![(45.6, 0.0, 0.0, 1), (45.6, 0.0, PI, 1)]),
            (vec![(45.6, 0.0, 0.0, 1)], vec![(45.6, 0.0, PI, -1)]),
            (vec![(60.0, 0.0, 0.0, 1), (60.0, 0.0, PI, -1)], vec![]),
        ] {
            assert!(build(&one_event(&e, &mu, &[], &[])).z.is_empty());
        }
    }

    #[test]
    fn two_z_from_four_muons() {
        let mu = [(45.0, 0.0, 0.0, 1), (45.0, 0.0, PI, -1), (46.0, 1.0, 1.0, 1), (46.0, -1.0 + 2.0, 1.0 + PI, -1)];
        let event = build(&one_event(&[], &mu, &[], &[]));
        assert_eq!(event.counts().to_string(), "2Z");
        assert!(event.z[0].pt >= event.z[1].pt);
        let z_of = |muon| event.z.iter().position(|z| z.is_made_of(Part::Muon, muon));
        let (first, second) = (z_of(0), z_of(2));
        assert!(first.is_some() && second.is_some() && first != second);
        assert_eq!([1, 3, 4].map(z_of), [first, second, None]);
        assert!(!event.z[0].is_made_of(Part::Electron, 2));
    }

    #[test]
    fn absurd_numbers_of_leptons_cost_no_absurd_time() {
        let mu: Vec<(f32, f32, f32, i8)> = (0..200_000_u32)
            .map(|i| (45.6, 0.0, if i % 2 == 0 { 0.0 } else { PI }, if i % 2 == 0 { 1 } else { -1 }))
            .collect();
        assert_eq!(build(&one_event(&[], &mu, &[], &[])).z.len(), 32);
    }
}

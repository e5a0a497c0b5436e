//! The objects of one event, built from one row of a batch.

use super::object::{Met, Object, PHI_SANE, is_sane, sort_by_pt};
use super::{Composites, KinematicLimits, ObjectSelection};
use super::{overlap, z_candidates};
use crate::categories::{Charge, JetCount, ObjectCounts};
use crate::ntuples::layouts::Part;
use crate::ntuples::{EventBatch, ObjectColumns};
use crate::particles::Kind;
use crate::particles::pdg::{ELECTRON_MASS_GEV, MUON_MASS_GEV};

/// What the objects of one list of the file are.
#[derive(Debug, Clone, Copy)]
struct Listed {
    part: Part,
    kind: Kind,
    /// Mass of the particle, GeV; None: from the mass column.
    mass_gev: Option<f64>,
}

const ELECTRON: Listed = Listed { part: Part::Electron, kind: Kind::E, mass_gev: Some(ELECTRON_MASS_GEV) };
const MUON: Listed = Listed { part: Part::Muon, kind: Kind::Mu, mass_gev: Some(MUON_MASS_GEV) };
const PHOTON: Listed = Listed { part: Part::Photon, kind: Kind::G, mass_gev: Some(0.0) };
const JET: Listed = Listed { part: Part::Jet, kind: Kind::J, mass_gev: None };

/// Values of one event that are impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RejectedValues {
    /// Electrons, muons, photons, jets dropped: pT, eta, phi or mass not finite, pT <= 0, |eta| > 100,
    /// or |phi| > 2 pi.
    pub objects: [u32; 4],
    /// Of these, those with |phi| above 2 pi: their angle is not in radians.
    pub angles: [u32; 4],
    /// MET or its direction not finite, or MET < 0: the event has no MET (0 in cuts, no transverse masses).
    pub met: bool,
}

impl RejectedValues {
    /// True if anything was dropped.
    pub fn any(&self) -> bool {
        self.met || self.objects != [0; 4]
    }
}

/// The selected objects of one event. Every list is sorted by pT, largest first, ties in input order.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// Electrons left after Z building.
    pub electrons: Vec<Object>,
    /// Muons left after Z building.
    pub muons: Vec<Object>,
    /// Photons.
    pub photons: Vec<Object>,
    /// Leptonic Z candidates.
    pub z: Vec<Object>,
    /// Jets with a mass of a hadronic W or Z.
    pub v: Vec<Object>,
    /// Jets with a mass of a top quark.
    pub t: Vec<Object>,
    /// Jets with a larger mass.
    pub hm: Vec<Object>,
    /// Jets below all of these, b-tagged or not.
    pub light_jets: Vec<Object>,
    /// All selected jets, those of the four lists above.
    pub jets: Vec<Object>,
    /// All selected electrons and muons, before Z building (not sorted).
    pub leptons: Vec<Object>,
    /// Missing transverse momentum; None where the file has none or no usable value.
    pub met: Option<Met>,
    /// Scalar sum of the selected jets' pT, GeV.
    pub ht: f64,
    /// What was dropped.
    pub rejected: RejectedValues,
    pairs: Vec<z_candidates::Pair>,
}

impl Event {
    /// Replaces this event by row `row` of `batch`. A row that the columns do not have is an event without objects.
    pub fn build(&mut self, batch: &EventBatch, row: usize, selection: &ObjectSelection, composites: &Composites) {
        self.rejected = RejectedValues::default();
        let lists = [
            (&batch.electrons, selection.electron, ELECTRON, &mut self.electrons),
            (&batch.muons, selection.muon, MUON, &mut self.muons),
            (&batch.photons, selection.photon, PHOTON, &mut self.photons),
            (&batch.jets, selection.jet, JET, &mut self.jets),
        ];
        let RejectedValues { objects, angles, .. } = &mut self.rejected;
        for ((columns, limits, listed, out), (bad, angles)) in lists.into_iter().zip(objects.iter_mut().zip(angles)) {
            (*bad, *angles) = select(columns, row, limits, listed, out);
        }
        if selection.overlap_removal.unwrap_or(batch.may_overlap) {
            overlap::remove(&mut self.electrons, &mut self.muons, &self.photons, &mut self.jets);
        }
        self.ht = self.jets.iter().map(|jet| jet.pt).sum();
        self.leptons.clear();
        self.leptons.extend_from_slice(&self.electrons);
        self.leptons.extend_from_slice(&self.muons);
        self.set_met(batch, row);
        self.z.clear();
        if composites.z {
            let lists = (&mut self.electrons, &mut self.muons);
            z_candidates::build(lists, composites.z_window_gev, &mut self.pairs, &mut self.z);
        }
        self.sort_jets_by_mass(composites);
    }

    /// Counts of e, mu, g, Z, V, T, HM for the category.
    pub fn counts(&self) -> ObjectCounts {
        ObjectCounts::new(|kind| self.list(kind).len())
    }

    /// Charge of the two charged leptons where exactly two are left.
    pub fn charge(&self) -> Charge {
        let mut left = self.electrons.iter().chain(&self.muons).map(|lepton| i32::from(lepton.charge));
        match (left.next(), left.next(), left.next()) {
            (Some(a), Some(b), None) if a * b < 0 => Charge::Opposite,
            (Some(_), Some(_), None) => Charge::Same,
            _ => Charge::NotSplit,
        }
    }

    /// Exclusive number of light jets.
    pub fn jet_count(&self) -> JetCount {
        JetCount::exclusive(self.light_jets.len())
    }

    /// Largest pT of the selected leptons, photons and jets, GeV; 0 without any.
    pub fn hardest_pt(&self) -> f64 {
        let leading = self.jets.first().into_iter().chain(self.photons.first());
        leading.chain(&self.leptons).fold(0.0, |most, object| object.pt.max(most))
    }

    fn set_met(&mut self, batch: &EventBatch, row: usize) {
        // A file without MET holds no wrong value; with a MET of 0 every transverse mass would be the invariant one.
        let there = batch.met.get(row).zip(batch.met_phi.get(row));
        let met = there.map(|(&pt, &phi)| Met { pt: f64::from(pt), phi: f64::from(phi) });
        self.met = met.filter(Met::is_sane);
        self.rejected.met = met.is_some() && self.met.is_none();
    }

    fn sort_jets_by_mass(&mut self, composites: &Composites) {
        for list in [&mut self.v, &mut self.t, &mut self.hm, &mut self.light_jets] {
            list.clear();
        }
        for jet in &mut self.jets {
            let heavy = match jet.mass {
                _ if !composites.heavy_jets => None,
                m if m >= composites.hm_min_gev => Some((Kind::Hm, &mut self.hm)),
                m if m >= composites.t_min_gev => Some((Kind::T, &mut self.t)),
                m if m >= composites.v_min_gev => Some((Kind::V, &mut self.v)),
                _ => None,
            };
            let list = match heavy {
                Some((kind, list)) => {
                    jet.kind = kind;
                    list
                }
                None => &mut self.light_jets,
            };
            list.push(*jet);
        }
    }
}

/// Fills `out` with the objects of a row that pass the limits, largest pT first; returns how many could not be true, and
/// how many of these by their angle.
fn select(
    columns: &ObjectColumns,
    row: usize,
    limits: KinematicLimits,
    listed: Listed,
    out: &mut Vec<Object>,
) -> (u32, u32) {
    out.clear();
    let (Some(&from), Some(&to)) = (columns.offsets.get(row), columns.offsets.get(row + 1)) else { return (0, 0) };
    let range = from as usize..to as usize;
    let (Some(pts), Some(etas), Some(phis)) =
        (columns.pt.get(range.clone()), columns.eta.get(range.clone()), columns.phi.get(range.clone()))
    else {
        return (0, 0);
    };
    let masses = columns.mass.get(range.clone()).unwrap_or(&[]);
    let charges = columns.charge.get(range.clone()).unwrap_or(&[]);
    let btags = columns.btag.get(range).unwrap_or(&[]);
    let (mut bad, mut angles) = (0, 0);
    for (i, ((&pt, &eta), &phi)) in pts.iter().zip(etas).zip(phis).enumerate() {
        let (pt, eta, phi) = (f64::from(pt), f64::from(eta), f64::from(phi));
        let mass = listed.mass_gev.unwrap_or_else(|| masses.get(i).map_or(0.0, |&m| f64::from(m)));
        if !is_sane(pt, eta, phi, mass) {
            bad += 1;
            angles += u32::from(phi.is_finite() && phi.abs() > PHI_SANE);
        } else if pt > limits.pt_min && eta.abs() < limits.eta_max {
            let charge = charges.get(i).copied().unwrap_or(0);
            let btag = btags.get(i).copied().unwrap_or(false);
            let kind = if btag && listed.kind == Kind::J { Kind::B } else { listed.kind };
            let from = [Object::entry(i); 2];
            out.push(Object { pt, eta, phi, mass, charge, btag, kind, part: listed.part, from });
        }
    }
    sort_by_pt(out);
    (bad, angles)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A batch of one event; objects as (pT, eta, phi, extra), extra being the charge or the jet mass.
    pub fn one_event(
        e: &[(f32, f32, f32, i8)],
        mu: &[(f32, f32, f32, i8)],
        g: &[(f32, f32, f32)],
        jets: &[(f32, f32, f32, f32, bool)],
    ) -> EventBatch {
        let leptons = |list: &[(f32, f32, f32, i8)]| ObjectColumns {
            offsets: vec![0, list.len() as u32],
            pt: list.iter().map(|o| o.0).collect(),
            eta: list.iter().map(|o| o.1).collect(),
            phi: list.iter().map(|o| o.2).collect(),
            charge: list.iter().map(|o| o.3).collect(),
            ..ObjectColumns::default()
        };
        let mut photons = leptons(&g.iter().map(|o| (o.0, o.1, o.2, 0)).collect::<Vec<_>>());
        photons.charge.clear();
        EventBatch {
            conditions: 0,
            fulfilled: vec![],
            first_entry: 0,
            weight: vec![1.0],
            met: vec![42.0],
            met_phi: vec![1.0],
            electrons: leptons(e),
            muons: leptons(mu),
            photons,
            jets: ObjectColumns {
                offsets: vec![0, jets.len() as u32],
                pt: jets.iter().map(|o| o.0).collect(),
                eta: jets.iter().map(|o| o.1).collect(),
                phi: jets.iter().map(|o| o.2).collect(),
                mass: jets.iter().map(|o| o.3).collect(),
                charge: vec![],
                btag: jets.iter().map(|o| o.4).collect(),
            },
            may_overlap: false,
        }
    }

    pub fn build(batch: &EventBatch) -> Event {
        let mut event = Event::default();
        event.build(batch, 0, &ObjectSelection::default(), &Composites::default());
        event
    }

    #[test]
    fn a_file_without_met_has_no_met_and_no_wrong_value() {
        let mut batch = one_event(&[], &[(30.0, 0.0, 0.0, 1)], &[], &[]);
        batch.met.clear();
        batch.met_phi.clear();
        let event = build(&batch);
        assert_eq!((event.met, event.rejected.any()), (None, false));
    }

    #[test]
    fn limits_are_exclusive_and_order_is_by_pt() {
        let mu =
            [(15.0, 0.0, 0.0, 1), (20.0, 2.7, 0.0, 1), (20.0, 0.1, 0.0, 1), (30.0, 0.0, 1.0, 1), (20.0, 0.2, 2.0, -1)];
        let event = build(&one_event(&[], &mu, &[], &[]));
        let found: Vec<(f64, i8)> = event.muons.iter().map(|m| (m.pt, m.charge)).collect();
        assert_eq!(found, [(30.0, 1), (20.0, 1), (20.0, -1)]);
        assert!(!event.rejected.any());
    }

    #[test]
    fn jets_go_by_mass_and_heavy_ones_lose_their_tag() {
        let jets = [
            (50.0, 0.0, 0.0, 59.99, true),
            (60.0, 0.0, 0.0, 60.0, true),
            (70.0, 0.0, 0.0, 110.0, false),
            (80.0, 0.0, 0.0, 200.0, false),
        ];
        let event = build(&one_event(&[], &[], &[], &jets));
        assert_eq!((event.light_jets.len(), event.v.len(), event.t.len(), event.hm.len()), (1, 1, 1, 1));
        assert_eq!(event.counts().to_string(), "1V1T1HM");
        let kinds: Vec<(Kind, u16)> = event.jets.iter().map(|jet| (jet.kind, jet.from[0])).collect();
        assert_eq!(kinds, [(Kind::Hm, 3), (Kind::T, 2), (Kind::V, 1), (Kind::B, 0)]);
        assert_eq!(event.ht, 260.0);
        assert!(event.light_jets[0].btag);
    }

    #[test]
    fn values_that_cannot_be_true_are_dropped_and_counted() {
        let jets = [
            (f32::NAN, 0.0, 0.0, 5.0, false),
            (50.0, f32::INFINITY, 0.0, 5.0, false),
            (50.0, 0.0, f32::NAN, 5.0, false),
            (50.0, 0.0, 0.0, f32::NAN, false),
            (-5.0, 0.0, 0.0, 5.0, false),
            (50.0, 999.9, 0.0, 5.0, false),
            (40.0, 0.0, 0.0, -1.0, false),
        ];
        let mut batch = one_event(&[], &[], &[], &jets);
        batch.met = vec![f32::NAN];
        let event = build(&batch);
        assert_eq!(event.rejected, RejectedValues { objects: [0, 0, 0, 6], met: true, ..RejectedValues::default() });
        assert_eq!(event.light_jets.len(), 1);
        assert_eq!(event.light_jets[0].p4().mass(), 0.0);
        assert_eq!(event.met, None);
    }

    #[test]
    fn degrees_are_no_radians() {
        let mu = [(30.0, 0.0, 6.2, 1), (30.0, 0.0, -179.0, 1), (30.0, 0.0, 90.0, 1)];
        let event = build(&one_event(&[], &mu, &[], &[]));
        assert_eq!((event.muons.len(), event.rejected.objects[1], event.rejected.angles), (1, 2, [0, 2, 0, 0]));
    }

    #[test]
    fn a_row_that_is_not_there_is_empty() {
        let batch = EventBatch::default();
        let event = build(&batch);
        assert_eq!(event.counts().to_string(), "none");
        assert_eq!(event.met, None);
    }

    #[test]
    fn two_leptons_are_split_by_charge() {
        let event = build(&one_event(&[(50.0, 0.0, 0.0, 1)], &[(50.0, 0.0, 1.0, -1)], &[], &[]));
        assert_eq!(event.charge(), Charge::Opposite);
        let event = build(&one_event(&[], &[(50.0, 0.0, 0.0, 1), (50.0, 0.0, 1.0, 1)], &[], &[]));
        assert_eq!(event.charge(), Charge::Same);
        assert_eq!(build(&one_event(&[], &[], &[], &[])).charge(), Charge::NotSplit);
    }
}

//! One object of an event, and its MET: what they are and where in the file they come from. GeV, radians.

use crate::ntuples::layouts::Part;
use crate::particles::{FourMomentum, Kind};

/// |eta| above this is no measurement (Delphes writes 999.9 for "none"), and keeps four-momenta finite.
const ETA_SANE: f64 = 100.0;
/// A full turn, with room for rounding to 32 bits.
pub(super) const PHI_SANE: f64 = std::f64::consts::TAU + 1e-4;

/// One selected object or composite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Object {
    /// Transverse momentum, GeV.
    pub pt: f64,
    /// Pseudorapidity.
    pub eta: f64,
    /// Azimuth, radians.
    pub phi: f64,
    /// GeV.
    pub mass: f64,
    /// Sign of the charge; 0 where there is none.
    pub charge: i8,
    /// b-tagged jet, whatever its mass.
    pub btag: bool,
    /// What it is; jets go by their mass first, then by their tag.
    pub kind: Kind,
    /// The file's list of objects that it was made from.
    pub part: Part,
    /// Places in that list, from 0 in every event: both leptons of a Z; anything else is made of one, given twice.
    /// 65535 stands for itself and everything beyond.
    pub from: [u16; 2],
}

/// A light jet without momentum, to be filled in.
impl Default for Object {
    fn default() -> Self {
        let (pt, eta, phi, mass) = (0.0, 0.0, 0.0, 0.0);
        Object { pt, eta, phi, mass, charge: 0, btag: false, kind: Kind::J, part: Part::Jet, from: [0; 2] }
    }
}

impl Object {
    /// Four-momentum, GeV.
    #[inline]
    pub fn p4(&self) -> FourMomentum {
        FourMomentum::new(self.pt, self.eta, self.phi, self.mass)
    }

    /// True if the object at place `entry` of a list of the file is this one, or part of it.
    pub fn is_made_of(&self, part: Part, entry: usize) -> bool {
        self.part == part && self.from.contains(&Object::entry(entry))
    }

    /// A place in the file's list as [`Object::from`] holds it.
    #[inline]
    pub(super) fn entry(place: usize) -> u16 {
        u16::try_from(place).unwrap_or(u16::MAX)
    }
}

/// Missing transverse momentum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Met {
    /// GeV.
    pub pt: f64,
    /// Direction, radians.
    pub phi: f64,
}

impl Met {
    /// Possible values.
    pub(super) fn is_sane(&self) -> bool {
        self.pt.is_finite() && self.pt >= 0.0 && self.phi.abs() <= PHI_SANE
    }
}

/// Possible values: pT (GeV) above 0, |eta| at most 100, |phi| at most 2 pi (files write -pi to pi, or 0 to 2 pi), all finite.
#[inline]
pub fn is_sane(pt: f64, eta: f64, phi: f64, mass: f64) -> bool {
    pt.is_finite() && pt > 0.0 && eta.abs() <= ETA_SANE && phi.abs() <= PHI_SANE && mass.is_finite()
}

/// Largest pT first, ties in the order they had.
pub(super) fn sort_by_pt(objects: &mut [Object]) {
    if !objects.is_sorted_by(|a, b| a.pt >= b.pt) {
        objects.sort_by(|a, b| b.pt.total_cmp(&a.pt));
    }
}

//! Cut expressions such as `MET > 200 and lead_pt(Z) > 100`, compiled once, evaluated per event.

use crate::masses::label::Kind;

/// What a cut may ask of an event. Energies in GeV.
pub trait CutInputs {
    /// Missing transverse momentum.
    fn met(&self) -> f64;
    /// Scalar sum of the selected jets' pT (all jets, before the split by mass).
    fn ht(&self) -> f64;
    /// Number of selected objects of a kind with pT > pt_min and |eta| < eta_max. `e`, `mu` count the leptons left after
    /// Z building for categories; `lepton` (e + mu) and `jet` count what was selected before composites.
    fn count(&self, what: Counted, pt_min: f64, eta_max: f64) -> usize;
    /// Largest pT of a kind (0 if there is none); `None`: over e, mu, g, Z, V, T, HM and jets.
    fn lead_pt(&self, what: Option<Counted>) -> f64;
}

/// What `n(...)` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// One labelled kind after composites: e mu g Z V T HM j b.
    Kind(Kind),
    /// All selected jets, whatever their mass or tag.
    Jet,
    /// All selected electrons and muons, before Z building.
    Lepton,
}

/// A compiled cut.
#[derive(Debug, Clone)]
pub struct Cut;

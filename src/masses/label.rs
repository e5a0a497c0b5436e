//! Mass labels: `m(mu1,j1,j2)`, `mT(mu1,met)`; text forms round-trip.

/// Kinds of labelled objects in label order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Electron.
    E,
    /// Muon.
    Mu,
    /// Photon.
    G,
    /// Leptonic Z candidate.
    Z,
    /// Hadronic V candidate.
    V,
    /// Top candidate.
    T,
    /// High-mass jet.
    Hm,
    /// Light jet, not b-tagged.
    J,
    /// Light jet, b-tagged.
    B,
}

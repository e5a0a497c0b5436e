//! What an event holds: kinds of objects, and the numbers of each. Words for layouts, readers and messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kinds of what an event holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Electrons.
    Electron,
    /// Muons.
    Muon,
    /// Photons.
    Photon,
    /// Jets.
    Jet,
    /// Missing transverse momentum.
    Met,
}

impl Part {
    /// As in YAML.
    pub fn name(self) -> &'static str {
        match self {
            Part::Electron => "electron",
            Part::Muon => "muon",
            Part::Photon => "photon",
            Part::Jet => "jet",
            Part::Met => "met",
        }
    }
}

/// What a number of an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Quantity {
    Pt,
    Eta,
    Phi,
    Mass,
    Charge,
    BTag,
    Weight,
}

impl Quantity {
    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::Pt => "pt",
            Quantity::Eta => "eta",
            Quantity::Phi => "phi",
            Quantity::Mass => "mass",
            Quantity::Charge => "charge",
            Quantity::BTag => "btag",
            Quantity::Weight => "weight",
        }
    }
}

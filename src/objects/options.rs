//! Options of a campaign that this room obeys: which objects are selected, which composites are built.
//!
//! GeV; defaults are those of physics.md sections 1 and 2.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// pT and |eta| limits of one kind of object: pT > pt_min and |eta| < eta_max.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KinematicLimits {
    /// GeV, exclusive.
    pub pt_min: f64,
    /// Exclusive.
    pub eta_max: f64,
}

/// Object selections, physics.md section 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectSelection {
    /// Default pT > 15, |eta| < 2.5.
    pub electron: KinematicLimits,
    /// Default pT > 15, |eta| < 2.7.
    pub muon: KinematicLimits,
    /// Default pT > 20, |eta| < 2.37.
    pub photon: KinematicLimits,
    /// Default pT > 20, |eta| < 2.8.
    pub jet: KinematicLimits,
    /// Drop jets near electrons and photons, then leptons near jets; None: where the layout's files hold overlapping
    /// objects (all but Delphes and Dark Machines).
    pub overlap_removal: Option<bool>,
}

impl Default for ObjectSelection {
    fn default() -> Self {
        ObjectSelection {
            electron: KinematicLimits { pt_min: 15.0, eta_max: 2.5 },
            muon: KinematicLimits { pt_min: 15.0, eta_max: 2.7 },
            photon: KinematicLimits { pt_min: 20.0, eta_max: 2.37 },
            jet: KinematicLimits { pt_min: 20.0, eta_max: 2.8 },
            overlap_removal: None,
        }
    }
}

/// Composite objects, physics.md section 2.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Composites {
    /// Build Z candidates from lepton pairs.
    pub z: bool,
    /// |m - 91.18| at most this, GeV (15).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub z_window_gev: f64,
    /// Sort jets into V, T, HM by mass.
    pub heavy_jets: bool,
    /// Lower edge of V, GeV (60).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub v_min_gev: f64,
    /// Lower edge of T, GeV (110).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub t_min_gev: f64,
    /// Lower edge of HM, GeV (200).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub hm_min_gev: f64,
}

impl Default for Composites {
    fn default() -> Self {
        Composites {
            z: true,
            z_window_gev: 15.0,
            heavy_jets: true,
            v_min_gev: 60.0,
            t_min_gev: 110.0,
            hm_min_gev: 200.0,
        }
    }
}

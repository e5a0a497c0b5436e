//! Bins as wide as the detector's resolution, and the part of a spectrum that is scanned (physics.md section 5).
//!
//! [`resolution`] (tables in `resolution/`) -> [`edges`] (each bin one sigma wide, GeV) -> [`trim`] (where a spectrum starts
//! and ends).

pub mod edges;
pub mod resolution;
pub mod trim;

use resolution::ResolutionTable;

/// Bin edges, physics.md section 5.
#[derive(Debug, Clone)]
pub struct Binning {
    /// Resolution formulas.
    pub resolution: ResolutionTable,
    /// First edge when no jet is in the mass, GeV (10).
    pub m_min_gev: f64,
    /// First edge when any of j b V T HM is in the mass, GeV (20).
    pub m_min_jet_gev: f64,
    /// Edges stop once one reaches this, GeV (13000).
    pub m_max_gev: f64,
}

impl Binning {
    /// First edge when no jet is in the mass, unless the campaign says otherwise.
    pub const M_MIN_GEV: f64 = 10.0;
    /// First edge when any of j b V T HM is in the mass, unless the campaign says otherwise.
    pub const M_MIN_JET_GEV: f64 = 20.0;
    /// Edges stop once one reaches this, unless the campaign says otherwise.
    pub const M_MAX_GEV: f64 = 13_000.0;
}

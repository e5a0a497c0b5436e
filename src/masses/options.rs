//! Options of a campaign that this room obeys: which masses are built (physics.md section 4).

use crate::particles::{Kind, MassLabel};

/// Which masses are built, physics.md section 4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MassOptions {
    /// Most objects in a subset (MET not counted); None: no cap.
    pub max_objects: Option<usize>,
    /// Kinds that are left out of every mass.
    pub leave_out: Vec<Kind>,
    /// Build transverse masses with MET (default true in resolved campaigns).
    pub transverse: bool,
    /// Only these masses, when not empty.
    pub only: Vec<MassLabel>,
}

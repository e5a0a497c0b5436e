//! What the field calls its particles: kinds of objects, four-momenta, mass labels, known masses.

mod four_momentum;
pub mod kind;
mod label;
mod packed;
pub mod pdg;

pub use four_momentum::{FourMomentum, pseudorapidity};
pub use kind::{Kind, PerKind};
pub use label::{LabelError, MassLabel};

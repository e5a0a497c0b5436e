//! What the field calls its particles: kinds of objects, four-momenta, mass labels, known masses.

mod four_momentum;
pub mod label;
pub mod pdg;

pub use four_momentum::FourMomentum;
pub use label::{Kind, LabelError, MassLabel};

//! What the field calls its particles: kinds of objects, four-momenta, mass labels.

mod four_momentum;
pub mod label;

pub use four_momentum::FourMomentum;
pub use label::{Kind, LabelError, MassLabel};

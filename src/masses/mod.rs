//! Masses of all subsets of an event's labelled objects (physics.md section 4).

pub mod label;

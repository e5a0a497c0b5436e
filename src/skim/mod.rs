//! The events behind a bump, or passing a cut, as a small ROOT ntuple.
//!
//! [`pick`] (which events, with their weight in the campaign) -> [`ntuple`] (the file).

pub mod ntuple;
pub mod pick;

pub use ntuple::{MAX_SKIM_BYTES, SKIM_TREE, Skim};

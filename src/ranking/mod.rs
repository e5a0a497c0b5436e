//! z curves to bumps, bumps to a ranked list with verdicts (physics.md sections 10 and 11).
//!
//! [`scan`] (book -> trimmed spectra with z) -> [`candidates`] (local maxima) -> [`neighbours`] (the same mass one jet
//! less, one jet more) -> [`crosscheck`] (z that the network is not alone with) -> [`structure`] (known particles and edges) -> [`rank`] (verdict, combined evidence, order).
//! [`calibrate`] makes the tables of how often background alone comes so far; they are stored with the model.

pub mod backed;
pub mod bump;
pub mod candidates;
pub mod evidence;
pub mod neighbours;
pub mod options;
pub mod rank;
pub mod structure;

pub use bump::{Bump, Control, Neighbour, NeighbourMethod, Verdict};
pub use options::RankingOptions;
pub use rank::{METHOD, rank};

//! z curves to bumps, bumps to a ranked list with verdicts (physics.md sections 10 and 11).
//!
//! | step | file |
//! |---|---|
//! | local maxima of z, their width and window | [`candidates`] |
//! | a candidate in its spectrum | [`place`] |
//! | the smallest of three estimates of z | [`backed`] |
//! | the same mass with one jet fewer and one more | [`sides`], each by [`neighbours`] |
//! | the same place with other charges and flavours | [`controls`] |
//! | known particles and edges | [`structure`] |
//! | independent chances together | [`evidence`] |
//! | what the checks make of it | [`verdict`], in words in [`wording`] |
//! | all of this for one candidate: a [`Bump`] | [`judge`], [`bump`] |
//! | all bumps in order | [`rank`](mod@rank) |
//!
//! How often background alone comes so far is measured with the network and stored with it.

pub mod backed;
pub mod bump;
pub mod candidates;
pub mod controls;
pub mod evidence;
pub mod judge;
pub mod neighbours;
pub mod options;
pub mod place;
pub mod rank;
pub mod sides;
pub mod structure;
pub mod verdict;
pub mod wording;

pub use bump::{Bump, Control, Neighbour, NeighbourMethod, Verdict};
pub use options::RankingOptions;
pub use rank::rank;
pub use verdict::CONFIRM_P;
pub use wording::method;

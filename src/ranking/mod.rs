//! From a book to a ranked list of candidates (physics.md sections 10 and 11).
//!
//! | step | file |
//! |---|---|
//! | every stack is searched, with toys of its own | [`rank`](mod@rank), by [`crate::stacks`] |
//! | known particles and edges | [`structure`] |
//! | a line with its numbers: a [`Bump`] | [`bump`] |
//! | the same window with other charges and flavours | [`controls`] |
//! | lines that are one candidate | [`same_events`] |
//! | spectra to be drawn | [`picture`] |
//! | sentences | [`wording`] |

pub mod bump;
pub mod controls;
pub mod options;
pub mod picture;
pub mod rank;
pub mod same_events;
pub mod structure;
pub mod summary;
pub mod wording;

pub use bump::{Bump, Control, RowSeen, Verdict};
pub use options::RankingOptions;
pub use rank::{Input, Ranked, rank};
pub use summary::{SearchedStack, StackSummary};
pub use wording::method;

use crate::significance::poisson::p_value_smeared;
use crate::stacks::RowCount;

/// A line is an excess if its chance in the campaign is below this.
pub const EXCESS_P: f64 = 0.05;
/// Known structure is named where the chance of the line in its stack is below this: a fluctuation is no rediscovery.
pub const NAMED_P: f64 = 0.01;

/// Chance of as many events as observed, and half of the chance of just as many left out; the background uncertain.
pub fn mid_p(count: &RowCount) -> f64 {
    let error = count.error / count.expected.max(1e-12);
    let as_many = p_value_smeared(count.observed, count.expected, error);
    0.5 * (as_many + p_value_smeared(count.observed.round() + 1.0, count.expected, error))
}

//! One row of an [`EventBatch`](crate::ntuples::EventBatch) to physics objects (physics.md sections 1 and 2).
//!
//! In: columns in GeV and radians, object selections, composite settings. Out: an [`Event`]: selected electrons, muons
//! and photons after Z building, Z candidates, jets sorted by mass into light, V, T and HM, MET, HT; all sorted by pT.
//! Every [`Object`] knows its kind and which objects of the file it is made of.
//! The buffers of an `Event` are reused from row to row, so that the event loop takes no memory per event.
//! Impossible values (not finite, pT <= 0) are dropped and counted.

mod bad_values;
mod cut_inputs;
mod event;
mod object;
mod options;
mod overlap;
mod z_candidates;

pub use bad_values::{BadValue, first_bad_value};
pub use event::{Event, RejectedValues};
pub use object::{Met, Object, is_sane};
pub use options::{Composites, KinematicLimits, ObjectSelection};

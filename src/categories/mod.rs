//! Exclusive categories: region / objects / jets (physics.md section 3).
//!
//! In: the counts of an event. Out: a [`CategoryKey`] of 8 bytes for the event loop, a [`Category`] with names for
//! everything after it; `met200/1Z1V/6j+`, `incl/2mu.os/3j`, `incl/none/Xj` are its text form, which round-trips.
//!
//! ```
//! use bumphound::categories::Category;
//! let category: Category = "met200/1Z1V/5j".parse().unwrap();
//! assert_eq!(category.neighbour(1).unwrap().to_string(), "met200/1Z1V/6j+");
//! assert_eq!(category.neighbour(1).unwrap().neighbour(1), None);
//! ```

mod category;
mod counts;
mod key;
mod schemes;

pub use category::{Category, CategoryError, Charge, JetCount};
pub use counts::{COUNTED_KINDS, MANY, ObjectCounts};
pub use key::CategoryKey;
pub use schemes::{JetScheme, JetSchemes};

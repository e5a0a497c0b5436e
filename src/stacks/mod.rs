//! Stacks: one mass in all exclusive jet multiplicities of a group of objects, fitted and searched together (physics.md
//! section 10).
//!
//! In: a book. Out: for each [`Stack`] the lines that stand above a smooth background, and the chance that background
//! alone shows such a line anywhere in this stack.
//!
//! | step | file |
//! |---|---|
//! | counts by multiplicity and bin | [`stack`] |
//! | what is smooth: splines common to all rows, low orders for each row | [`smooth`] |
//! | the most probable smooth background, and its errors | [`fit`], [`arrow`] |
//! | windows of every place, width and range of multiplicities | [`lines`] |
//! | how often background alone does as much | [`chance`] |

pub mod arrow;
pub mod chance;
pub mod fit;
pub mod lines;
pub mod smooth;
pub mod stack;

pub use chance::{Chance, FoundLine, Searched, search};
pub use lines::{Line, RowCount, SearchOptions};
pub use stack::{Stack, Stacks, stacks};

//! RNTuple, ROOT's successor of the tree: the binary format of epoch 1 (ROOT 6.34 and later, uproot).
//!
//! In: the anchor, a small object of class `ROOT::RNTuple` in a ROOT file. Out: [`RNTuple`], whose fields are read
//! into the same [`Column`](super::Column)s as the branches of a tree. Written from ROOT's public "RNTuple Binary
//! Format Specification 1.0". An RNTuple is *fields* (C++ types, nested), each stored in *columns* of simple numbers,
//! cut into *clusters* of entries and *pages* of numbers; three *envelopes* (header, footer, page lists) say what is
//! where. Numbers and counts are little-endian; all sizes are checked against the file before memory is taken.
//!
//! | file | topic |
//! |---|---|
//! | `anchor` | where header and footer are |
//! | `wire`, `envelope` | checked little-endian reads, frames, locators; checksummed blocks of metadata |
//! | `schema` | fields and columns as the file describes them |
//! | `field` | the columns of numbers that a user can read, and their names |
//! | `clusters` | where the pages of every column are |
//! | `page`, `encoding`, `numbers` | pages into numbers: packed bits, split bytes, zigzag, deltas, truncated reals |
//! | `ntuple` | ranges of entries into columns |
//!
//! ```no_run
//! use bumphound::rootfile::{Column, RootFile, Scratch};
//!
//! let file = RootFile::open("data-samples/rntuple/uproot_zjets.root")?;
//! let ntuple = file.rntuple("Events")?;
//! let jet_pt = ntuple.branch("Jet.pt")?;
//! let mut column = Column::default();
//! ntuple.read(jet_pt, 0..ntuple.entries(), &mut Scratch::default(), &mut column)?;
//! println!("{} jets in {} events", column.values.len(), column.entries());
//! # Ok::<(), bumphound::rootfile::RootError>(())
//! ```

mod anchor;
mod clusters;
mod encoding;
mod envelope;
mod field;
#[cfg(test)]
mod hostile;
mod ntuple;
mod numbers;
mod page;
mod schema;
mod wire;

pub use field::RField;
pub use ntuple::RNTuple;
pub(crate) use page::PageCache;

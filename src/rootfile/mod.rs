//! The ROOT file format: keys, streamer infos, trees, and baskets in bulk into columns. Knows no physics.
//!
//! In: a path. Out: [`Column`]s of numbers with offsets, for any range of entries of any branch of plain numbers.
//! Written from ROOT's documentation of TFile, TKey, TStreamerInfo, TTree and TBasket. Objects are decoded as the
//! file's own streamer infos say, so every class version can be read; whatever is not understood is skipped by its
//! byte count. Every size is checked against the file before memory is taken for it: hostile bytes give an error,
//! never a panic.
//!
//! | file | topic |
//! |---|---|
//! | `disk`, `bytes` | positional reads from a file; checked big-endian reads from a buffer |
//! | `header`, `key`, `directory` | where things are in the file |
//! | `compression` | ZLIB, LZ4, ZSTD, LZMA blocks |
//! | `streamer`, `object`, `decode`, `basic`, `builtin` | any object, as its class description in the file says |
//! | `tree`, `branch`, `element`, `basket`, `append`, `column` | trees, and their numbers |
//! | `packed`, `text`, `plan`, `walk` | packed floating point, strings, members of objects that were not split |
//! | `rntuple` | RNTuples, the successors of trees, into the same columns |
//!
//! ```no_run
//! use bumphound::rootfile::{Column, RootFile, Scratch};
//!
//! let file = RootFile::open("data-samples/tiny/diphoton.root")?;
//! let tree = file.tree("Delphes")?;
//! let jet_pt = tree.branch("Jet.PT")?;
//! let mut column = Column::default();
//! tree.read(jet_pt, 0..tree.entries(), &mut Scratch::default(), &mut column)?;
//! println!("{} jets in {} events", column.values.len(), column.offsets.len() - 1);
//! # Ok::<(), bumphound::rootfile::RootError>(())
//! ```

mod append;
mod basic;
mod basket;
mod branch;
mod builtin;
mod bytes;
mod column;
mod compression;
mod decode;
mod directory;
mod disk;
mod element;
mod error;
mod file;
mod header;
#[cfg(test)]
mod hostile;
mod key;
mod object;
mod packed;
mod plan;
mod rntuple;
mod streamer;
pub mod table;
mod text;
mod tree;
mod walk;

pub use basket::Scratch;
pub use branch::{Branch, BranchShape};
pub use column::{Column, Values};
pub use element::ElementType;
pub use error::{Damage, RootError};
pub use file::{ListedKey, RootFile};
pub use object::{ObjectId, Objects, Record, RootObject, Value};
pub use rntuple::{RField, RNTuple};
pub use tree::Tree;

//! Resolution-wide bins, the book of all spectra, and the part of a spectrum that the network sees.
//!
//! In: masses in GeV with their category and label. Out: a [`Book`] of [`Spectrum`]s, on disk one flat file.

pub mod book;
pub mod counts_csv;
pub mod effective;
mod page;
pub mod spectra_file;
pub mod store;
pub mod uhi;
pub mod weights;

pub use book::{Book, BookError, Content, Spectrum};
pub(crate) use page::text_order;
pub use page::{Bins, Page};

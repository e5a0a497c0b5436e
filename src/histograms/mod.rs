//! Resolution-wide bins, the book of all spectra, and the part of a spectrum that the network sees.

pub mod resolution;

pub mod trim;
pub mod uhi;

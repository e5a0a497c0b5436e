//! A book for other programs: one file per format.

pub mod csv;

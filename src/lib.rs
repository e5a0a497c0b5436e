//! bumphound.
pub mod campaign;
pub mod categories;
pub mod fill;
pub mod histograms;
pub mod masses;
pub mod ntuples;
pub mod objects;
pub mod ranking;
pub mod report;
pub mod rootfile;

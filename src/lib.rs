//! bumphound.
pub mod campaign;
pub mod histograms;
pub mod masses;
pub mod ntuples;
pub mod ranking;
pub mod report;
pub mod rootfile;
pub mod categories;
pub mod fill;
pub mod objects;

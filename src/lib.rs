//! bumphound.
pub mod campaign;
pub mod cli;
pub mod histograms;
pub mod masses;
pub mod ntuples;
pub mod ranking;
pub mod report;
pub mod rootfile;
pub mod seeds;
pub mod significance;
pub mod training;
pub mod znet;

//! Why a campaign cannot be filled.

use thiserror::Error;

use super::MAX_REGIONS;
use super::work_units::SkippedInput;
use crate::binning::edges::EdgesError;
use crate::histograms::BookError;
use crate::particles::LabelError;

/// A campaign that cannot be filled.
#[derive(Debug, Error)]
pub enum FillError {
    /// No input file could be opened.
    #[error("none of the input files can be read:{}", .skipped.iter().map(|one| format!("\n{}", one.reason)).collect::<String>())]
    NothingToRead {
        /// All of them.
        skipped: Vec<SkippedInput>,
    },
    /// Monte Carlo without a luminosity.
    #[error(
        "sample {sample} is simulation with a cross section, but the campaign has no luminosity\nhint: set `lumi_ifb`"
    )]
    NoLuminosity {
        /// Sample.
        sample: String,
    },
    /// Weights that cannot be normalised.
    #[error(
        "sample {sample}: the event weights of its files sum to {sum}, so they cannot be scaled to a cross section"
    )]
    SumOfWeights {
        /// Sample.
        sample: String,
        /// Sum over all events.
        sum: f64,
    },
    /// More regions than can be told apart.
    #[error("the campaign has {regions} regions, at most {MAX_REGIONS} are allowed\nhint: split it into two campaigns")]
    TooManyRegions {
        /// How many.
        regions: usize,
    },
    /// An impossible value, in a campaign that stops there.
    #[error(
        "entry {entry} of {path} (sample {sample}): {what} is {value}{}\nhint: `on_bad_value: drop` drops and counts such values",
        if branch.is_empty() { String::new() } else { format!(" (branch {branch})") }
    )]
    BadValue {
        /// Sample.
        sample: String,
        /// File.
        path: String,
        /// Entry in the file, from 0.
        entry: u64,
        /// Which number of what.
        what: String,
        /// As it was read, GeV or radians.
        value: f64,
        /// Where it comes from.
        branch: String,
    },
    /// A mass label of the campaign.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Bin edges.
    #[error(transparent)]
    Edges(#[from] EdgesError),
    /// The book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// No threads.
    #[error("{threads} threads could not be started: {source}")]
    Threads {
        /// How many.
        threads: usize,
        /// Why.
        source: rayon::ThreadPoolBuildError,
    },
}

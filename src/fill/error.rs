//! Why a campaign cannot be filled.

use thiserror::Error;

use super::MAX_REGIONS;
use super::work_units::SkippedInput;
use crate::binning::edges::EdgesError;
use crate::digits;
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
    /// Files that are not of one kind.
    #[error(
        "sample {sample}: its files do not give {what} in the same way: {}\nhint: make samples of files that are alike, \
         or name the branch in `layout`", .ways.join("; ")
    )]
    FilesDiffer {
        /// Sample.
        sample: String,
        /// MET, b-tags or weights.
        what: &'static str,
        /// Which files have which.
        ways: Vec<String>,
    },
    /// Data that would be counted twice.
    #[error(
        "events would be counted twice: {found}\nhint: leave one of the files out; `on_duplicate: keep` in the campaign keeps them \
         (mock data from several generators may have the same numbers)"
    )]
    Duplicates {
        /// Which files.
        found: String,
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
    /// Weights that cannot be turned into whole events.
    #[error(
        "sample {sample}: weights from {least:.4} to {largest:.4} cannot become whole events (`pseudo_data: unweight`){}",
        unweight_hint(*.least, *.most_lumi_ifb)
    )]
    Unweight {
        /// Sample.
        sample: String,
        /// Smallest weight of an event.
        least: f64,
        /// Largest.
        largest: f64,
        /// Luminosity at which it would be 1, fb^-1.
        most_lumi_ifb: Option<f64>,
    },
    /// Angles that are not in radians.
    #[error(
        "sample {sample}: {objects} of {of} {kind} have |phi| above 2 pi: it is not in radians{}\nhint: {}",
        if branch.is_empty() { String::new() } else { format!(" (branch {branch})") },
        if branch.is_empty() { "convert it to radians" } else { "degrees are read with `angles: degrees` in `layout: branches`" }
    )]
    Angles {
        /// Sample.
        sample: String,
        /// `muons`.
        kind: &'static str,
        /// How many.
        objects: u64,
        /// Of how many.
        of: u64,
        /// Where they come from.
        branch: String,
    },
    /// More masses than memory should hold.
    #[error(
        "events with up to {objects} objects have more than {limit} different masses, too many to book\nhint: \
         `masses: {{max_objects: 4}}` builds those of at most four objects; `bumphound check` foretells how many there are"
    )]
    TooManyMasses {
        /// Objects in the event at which it was too much.
        objects: usize,
        /// The limit.
        limit: usize,
    },
    /// A number of generated events, and weights.
    #[error(
        "sample {sample}: `generated` is for events of weight 1, and theirs are from {least} to {largest}\nhint: give \
         `sum_of_weights`, of all generated events"
    )]
    NotUnitWeights {
        /// Sample.
        sample: String,
        /// Smallest weight.
        least: f64,
        /// Largest.
        largest: f64,
    },
    /// A sum of weights that cannot be right.
    #[error(
        "sample {sample}: its files hold events whose weights sum to {there}, more than the {sum} that were generated\n\
         hint: `sum_of_weights` (or `generated`) is that of all generated events of all files"
    )]
    MoreThanGenerated {
        /// Sample.
        sample: String,
        /// As the campaign, or the files, say.
        sum: f64,
        /// In the files.
        there: f64,
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

fn unweight_hint(least: f64, most_lumi_ifb: Option<f64>) -> String {
    let poisson = "`pseudo_data: poisson` draws counts around the sums of weights";
    match most_lumi_ifb {
        _ if least < 0.0 => format!("\nhint: an event cannot be taken away; {poisson}"),
        Some(lumi) => format!("\nhint: up to `lumi_ifb: {}` it works; {poisson}", digits::three(lumi)),
        None => format!("\nhint: an event would be copied, which is no new event; {poisson}"),
    }
}

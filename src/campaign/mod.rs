//! Campaigns: the YAML file that a physicist edits, typed, then given its meaning.
//!
//! In: a path (and `--set key=value` overrides). Out: a [`Campaign`], in which every path exists, every cut is
//! compiled, every table is opened; later stages never look back at the YAML. Energies in GeV, cross sections in pb,
//! luminosity in fb^-1.
//!
//! | step | file | takes | gives |
//! |---|---|---|---|
//! | read | `document`, `shape` | text, `--set` | a tree in which every value knows its place |
//! | check | `structure` | the tree, the JSON schema | what is misspelled, taken out of the tree |
//! | spelled | [`raw`] | the tree | the types that YAML is written in: paths and cuts are texts |
//! | meant | `resolve` | [`raw`] | a [`Campaign`]; `resolve_samples` and `resolve_layout` do its inputs and layouts |
//! | | `find_files` | a name or glob | existing files |
//! | written | `written_back` | a [`Campaign`] | YAML with every default spelled out |
//! | joined | `merged` | campaigns filled alike | the campaign of their joined book |
//! | told | `plain_english`, `diagnostics` | a [`Campaign`], mistakes | text for people |
//!
//! `load` takes these steps one after the other. `given_cut` compiles a cut of the command line, `--cut`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod diagnostics;
mod document;
mod find_files;
mod given_cut;
mod load;
mod merged;
mod plain_english;
pub mod raw;
mod resolve;
mod resolve_layout;
mod resolve_samples;
mod shape;
mod structure;
mod written_back;

pub use diagnostics::{CampaignErrors, Diagnostic, Place};
pub use given_cut::given_cut;
pub use load::{AFTER_THE_BOOK, json_schema, load, load_filled, parse};
pub use merged::{MergeInputsError, merged};
pub use plain_english::describe;

use self::raw::RawMonteCarlo;
use crate::binning::Binning;
use crate::categories::JetSchemes;
use crate::cuts::Cut;
use crate::masses::MassOptions;
use crate::ntuples::layouts::Layout;
use crate::objects::{Composites, ObjectSelection};
use crate::ranking::RankingOptions;
use crate::scan::ScanOptions;

/// A campaign that is ready to run: the checked meaning of a YAML file.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Name shown in reports.
    pub name: String,
    /// One sentence for the report.
    pub about: String,
    /// Every random choice derives from this seed and a name.
    pub seed: u64,
    /// Luminosity that Monte Carlo is scaled to, fb^-1.
    pub lumi_ifb: Option<f64>,
    /// Folder that relative paths of the campaign start from.
    pub base: PathBuf,
    /// Inputs, in the order of the file.
    pub samples: Vec<Sample>,
    /// Object selections (physics.md section 1).
    pub selection: ObjectSelection,
    /// Composite objects (section 2).
    pub composites: Composites,
    /// Dark Machines channel (1, 2a, 2b, 3) that is part of the preselection.
    pub channel: Option<String>,
    /// Events failing this are counted in the cutflow and dropped. Channels become preselections.
    pub preselection: Option<Cut>,
    /// Overlapping kinematic regions; `incl` has no cut.
    pub regions: Vec<Region>,
    /// Which jet counts make categories.
    pub jet_schemes: JetSchemes,
    /// Which masses are built.
    pub masses: MassOptions,
    /// Bin edges and their resolution table.
    pub binning: Binning,
    /// How weighted simulation becomes counts.
    pub pseudo_data: PseudoData,
    /// What becomes of impossible values.
    pub on_bad_value: OnBadValue,
    /// What becomes of data events that two files hold.
    pub on_duplicate: OnDuplicate,
    /// Limits of the scan.
    pub scan: ScanOptions,
    /// Bumps and neighbours.
    pub ranking: RankingOptions,
    /// What the report shows.
    pub report: ReportOptions,
    /// The campaign with every default written out; running this text gives the same result.
    pub resolved_yaml: String,
    /// sha256 of all that decides how an event is booked, inputs left out: books of equal hash may be joined. Known where
    /// input files were looked for ([`load()`]); a filled campaign has it in the record of its run directory.
    pub booking_sha256: String,
}

/// One group of input files with one meaning.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Name shown in the cutflow.
    pub name: String,
    /// Existing files, sorted, none twice.
    pub files: Vec<PathBuf>,
    /// How the files are laid out.
    pub layout: Layout,
    /// Collider data (or mock data) or simulation.
    pub role: Role,
    /// How a simulated sample is scaled, as the campaign spells it.
    pub mc: Option<RawMonteCarlo>,
    /// Luminosity that it is scaled to, fb^-1: its own, or that of the campaign.
    pub lumi_ifb: Option<f64>,
    /// A signal put in on purpose: the report says so.
    pub planted: bool,
    /// Take a seeded choice of this many events from those that pass the preselection.
    pub events: Option<u64>,
}

/// Weight of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// Every event counts once.
    Data,
    /// w_i = cross_section_pb * luminosity / sum(Event.Weight) * Event.Weight_i.
    MonteCarlo {
        /// Cross section in pb, times its factors.
        cross_section_pb: f64,
    },
    /// Event weights as they stand in the file.
    AsIs,
}

/// A named kinematic selection.
#[derive(Debug, Clone)]
pub struct Region {
    /// Used in category keys: letters, digits, `_`.
    pub name: String,
    /// None for `incl`.
    pub cut: Option<Cut>,
}

/// How weighted simulation becomes counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PseudoData {
    /// Weighted sums stay as they are.
    #[default]
    Off,
    /// Poisson draw per bin around the weighted sum, seeded by spectrum name; Xj is the sum of the exclusive draws.
    Poisson,
    /// Accept or reject whole events, seeded by sample, file and entry.
    Unweight,
}

/// What becomes of impossible values: not finite, pT <= 0, |eta| > 100, MET < 0, weights that are no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnBadValue {
    /// Drop the object (or the event, if it is its weight), count it and say so.
    #[default]
    Drop,
    /// Stop, naming file, branch and entry.
    Stop,
}

/// What becomes of data events that two files hold, by run, luminosity block and event number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnDuplicate {
    /// Stop, naming the files.
    #[default]
    Stop,
    /// Count them as often as they are there, and say so.
    Keep,
}

/// What the report shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportOptions {
    /// Bumps with a plot.
    pub plots: usize,
    /// Bumps listed in the table of index.html (bumps.csv has all).
    pub rows: usize,
}

impl Default for ReportOptions {
    fn default() -> Self {
        ReportOptions { plots: 20, rows: 200 }
    }
}

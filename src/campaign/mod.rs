//! Campaigns: the YAML file that a physicist edits, typed, then given its meaning.
//!
//! In: a path (and `--set key=value` overrides). Out: a [`Campaign`], in which every path exists, every cut is
//! compiled, every table is opened; later stages never look back at the YAML. Energies in GeV, cross sections in pb,
//! luminosity in fb^-1.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod channels;
pub mod cut;
mod diagnostics;
mod document;
mod given_cut;
mod given_layout;
mod inputs;
mod layout;
mod layout_in_words;
mod load;
mod mass_names;
mod nearest;
mod plain_english;
pub mod raw;
mod resolve;
mod resolved;
mod samples;
mod shape;
mod structure;

pub use channels::channel_cut;
pub use diagnostics::{CampaignErrors, Diagnostic, Place};
pub use given_cut::given_cut;
pub use layout::{
    AnyOf, BranchMap, Charge, Condition, CsvColumn, CsvLayout, DelphesLayout, EventCondition, Layout, MetMap,
    NanoAodLayout, ObjectMap, Part, Several, Test, UnitName, Units,
};
pub use load::{json_schema, load, parse};
pub use plain_english::describe;

use crate::histograms::resolution::ResolutionTable;
use crate::masses::label::Kind;
use cut::Cut;

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
    /// What becomes of values that cannot be true.
    pub on_bad_value: OnBadValue,
    /// Limits of the scan.
    pub scan: ScanOptions,
    /// Bumps and neighbours.
    pub ranking: RankingOptions,
    /// What the report shows.
    pub report: ReportOptions,
    /// The campaign with every default written out; running this text gives the same result.
    pub resolved_yaml: String,
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
    /// A signal put in on purpose: the report says so.
    pub planted: bool,
    /// Take a seeded choice of so many events among those that pass the preselection.
    pub events: Option<u64>,
}

/// Weight of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// Every event counts once.
    Data,
    /// w_i = cross_section_pb * luminosity / sum(Event.Weight) * Event.Weight_i.
    MonteCarlo {
        /// Cross section in pb.
        cross_section_pb: f64,
    },
    /// Event weights as they stand in the file.
    AsIs,
}

/// pT and |eta| limits of one kind of object: pT > pt_min and |eta| < eta_max.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KinematicLimits {
    /// GeV, exclusive.
    pub pt_min: f64,
    /// Exclusive.
    pub eta_max: f64,
}

/// Object selections, physics.md section 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectSelection {
    /// Default pT > 15, |eta| < 2.5.
    pub electron: KinematicLimits,
    /// Default pT > 15, |eta| < 2.7.
    pub muon: KinematicLimits,
    /// Default pT > 20, |eta| < 2.37.
    pub photon: KinematicLimits,
    /// Default pT > 20, |eta| < 2.8.
    pub jet: KinematicLimits,
    /// Drop jets near electrons and photons, then leptons near jets; None: where the layout's files hold overlapping
    /// objects (all but Delphes and Dark Machines).
    pub overlap_removal: Option<bool>,
}

impl Default for ObjectSelection {
    fn default() -> Self {
        ObjectSelection {
            electron: KinematicLimits { pt_min: 15.0, eta_max: 2.5 },
            muon: KinematicLimits { pt_min: 15.0, eta_max: 2.7 },
            photon: KinematicLimits { pt_min: 20.0, eta_max: 2.37 },
            jet: KinematicLimits { pt_min: 20.0, eta_max: 2.8 },
            overlap_removal: None,
        }
    }
}

/// Composite objects, physics.md section 2.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Composites {
    /// Build Z candidates from lepton pairs.
    pub z: bool,
    /// |m - 91.18| at most this, GeV (15).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub z_window_gev: f64,
    /// Sort jets into V, T, HM by mass.
    pub heavy_jets: bool,
    /// Lower edge of V, GeV (60).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub v_min_gev: f64,
    /// Lower edge of T, GeV (110).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub t_min_gev: f64,
    /// Lower edge of HM, GeV (200).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub hm_min_gev: f64,
}

impl Default for Composites {
    fn default() -> Self {
        Composites {
            z: true,
            z_window_gev: 15.0,
            heavy_jets: true,
            v_min_gev: 60.0,
            t_min_gev: 110.0,
            hm_min_gev: 200.0,
        }
    }
}

/// A named kinematic selection.
#[derive(Debug, Clone)]
pub struct Region {
    /// Used in category keys: letters, digits, `_`.
    pub name: String,
    /// None for `incl`.
    pub cut: Option<Cut>,
}

/// Which jet counts make categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JetSchemes {
    /// 0j .. 5j and 6j+.
    pub exclusive: bool,
    /// Xj: all counts together.
    pub inclusive: bool,
}

impl Default for JetSchemes {
    fn default() -> Self {
        JetSchemes { exclusive: true, inclusive: true }
    }
}

/// One way to count jets into categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JetScheme {
    /// 0j .. 5j and 6j+.
    Exclusive,
    /// Xj: all counts together.
    Inclusive,
}

/// Which masses are built, physics.md section 4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MassOptions {
    /// Most objects in a subset (MET not counted); None: no cap.
    pub max_objects: Option<usize>,
    /// Kinds that are left out of every mass.
    pub leave_out: Vec<Kind>,
    /// Build transverse masses with MET (default true in resolved campaigns).
    pub transverse: bool,
    /// Only these labels, when not empty: canonical text forms such as `m(mu1,mu2)`.
    pub only: Vec<String>,
}

/// Bin edges, physics.md section 5.
#[derive(Debug, Clone)]
pub struct Binning {
    /// Resolution formulas.
    pub resolution: ResolutionTable,
    /// First edge when no jet is in the mass, GeV (10).
    pub m_min_gev: f64,
    /// First edge when any of j b V T HM is in the mass, GeV (20).
    pub m_min_jet_gev: f64,
    /// Edges stop once one reaches this, GeV (13000).
    pub m_max_gev: f64,
}

impl Binning {
    /// First edge when no jet is in the mass, unless the campaign says otherwise.
    pub const M_MIN_GEV: f64 = 10.0;
    /// First edge when any of j b V T HM is in the mass, unless the campaign says otherwise.
    pub const M_MIN_JET_GEV: f64 = 20.0;
    /// Edges stop once one reaches this, unless the campaign says otherwise.
    pub const M_MAX_GEV: f64 = 13_000.0;
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

/// What becomes of values that cannot be true: not finite, pT <= 0, |eta| > 100, MET < 0, weights that are no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnBadValue {
    /// Drop the object (or the event, if it is its weight), count it and say so.
    #[default]
    Drop,
    /// Stop, naming file, branch and entry.
    Stop,
}

/// Limits of the scan, physics.md section 5.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScanOptions {
    /// Last bin with at least this many entries ends the spectrum (1).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub tail_min: f64,
    /// Fewest bins (30).
    #[schemars(range(min = 1))]
    pub min_bins: usize,
    /// Fewest entries (100).
    #[schemars(range(min = 0))]
    pub min_entries: f64,
    /// A spectrum whose raw events are fewer than this fraction of its weighted sum is warned about.
    #[schemars(range(min = 0))]
    pub min_raw_fraction: f64,
    /// safetensors file; None: the network embedded in the binary.
    pub model: Option<PathBuf>,
}

impl Default for ScanOptions {
    fn default() -> Self {
        ScanOptions { tail_min: 1.0, min_bins: 30, min_entries: 100.0, min_raw_fraction: 1.0, model: None }
    }
}

/// Bumps and neighbours, physics.md sections 10 and 11.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RankingOptions {
    /// Least local z of a candidate (2).
    #[schemars(range(min = 0))]
    pub z_min: f64,
    /// Most candidates per spectrum (3).
    #[schemars(range(min = 1))]
    pub max_per_spectrum: usize,
    /// Least events in the window (3).
    #[schemars(range(min = 0))]
    pub min_window_events: f64,
}

impl Default for RankingOptions {
    fn default() -> Self {
        RankingOptions { z_min: 2.0, max_per_spectrum: 3, min_window_events: 3.0 }
    }
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

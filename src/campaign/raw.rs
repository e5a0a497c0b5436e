//! The YAML of a campaign as it is spelled, before it has a meaning.
//!
//! In: the tree of `document.rs`. Out: [`RawCampaign`]. Doc comments and ranges here and in `mod.rs` become the
//! JSON schema that `bumphound schema` writes for editors; `structure.rs` checks campaigns against the same
//! schema, so keys are listed in one place only. Units: GeV, pb, fb^-1.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{OnBadValue, OnDuplicate, PseudoData, ReportOptions};
use crate::binning::Binning;
use crate::categories::JetScheme;
use crate::ntuples::layouts::RawLayout;
use crate::objects::{Composites, KinematicLimits};
use crate::ranking::RankingOptions;
use crate::scan::ScanOptions;

/// A campaign of bumphound: which events are read, how they are sorted into categories, which masses are scanned for
/// bumps. Only `inputs` is required.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "bumphound campaign")]
pub struct RawCampaign {
    /// Name shown in reports; the file's name without its ending if there is none.
    #[serde(default)]
    pub name: Option<String>,
    /// One sentence for the report.
    #[serde(default)]
    pub about: String,
    /// Every random choice derives from this number and a name.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Luminosity that Monte Carlo (`mc:`) is scaled to, fb^-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub lumi_ifb: Option<f64>,
    /// Folder that relative paths start from; the folder of the campaign file if there is none.
    #[serde(default)]
    pub base: Option<String>,
    /// Layout of the inputs that do not name their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<RawLayout>,
    /// What is read: a list of samples (or of plain files and globs).
    #[schemars(length(min = 1))]
    pub inputs: Vec<RawInput>,
    /// Which objects are selected.
    #[serde(default)]
    pub selection: RawSelection,
    /// Which composite objects are built: leptonic Z, and V, T, HM from jets by their mass.
    #[serde(default)]
    pub composites: Composites,
    /// Ready preselection of the Dark Machines data challenge: 1, 2a, 2b or 3. Joined with `preselection` by `and`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "channel_schema")]
    pub channel: Option<serde_json::Value>,
    /// Cut that every event must pass, for example `n(lepton) >= 1`.
    #[serde(default)]
    pub preselection: Option<String>,
    /// Overlapping kinematic regions: name to cut, `incl: ~` for no further cut. Only `incl` if there are none.
    #[serde(default = "default_regions")]
    #[schemars(with = "BTreeMap<String, Option<String>>")]
    pub regions: serde_json::Map<String, serde_json::Value>,
    /// Which jet counts make categories: `exclusive` (0j .. 5j, 6j+), `inclusive` (Xj, all together), or both.
    #[serde(default = "default_jet_schemes")]
    #[schemars(length(min = 1))]
    pub jet_schemes: Vec<JetScheme>,
    /// Which masses are built.
    #[serde(default)]
    pub masses: RawMasses,
    /// Bin edges.
    #[serde(default)]
    pub binning: RawBinning,
    /// How weighted simulation becomes counts.
    #[serde(default)]
    pub pseudo_data: PseudoData,
    /// What becomes of impossible values (not finite, pT <= 0): drop and count them, or stop.
    #[serde(default)]
    pub on_bad_value: OnBadValue,
    /// What becomes of data events that two files hold (same run, luminosity block and event number): stop, or keep them.
    #[serde(default)]
    pub on_duplicate: OnDuplicate,
    /// Which part of a spectrum is scanned, and by which network.
    #[serde(default)]
    pub scan: ScanOptions,
    /// What counts as a bump.
    #[serde(default)]
    pub ranking: RankingOptions,
    /// How much the report shows.
    #[serde(default)]
    pub report: ReportOptions,
}

/// A sample, or just a file or glob.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawInput {
    /// A file or glob, weights as they stand in the file.
    Path(String),
    /// A sample.
    Sample(Box<RawSample>),
}

/// One group of input files with one meaning. With neither `data` nor `mc`, event weights count as they stand in the
/// file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSample {
    /// Name shown in the cutflow; made from the first file's name if there is none.
    #[serde(default)]
    pub sample: Option<String>,
    /// A file or glob, or a list of them. Relative to the folder of the campaign file (or to `base`).
    pub files: OneOrMany,
    /// How the files are laid out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<RawLayout>,
    /// What its events are in the analysis: `data` (as `data: true`), `pseudo` (simulation that stands for data; so are all
    /// samples that are not said to be data), `planted` (as `planted: true`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RawRole>,
    /// Collider data (or mock data): every event counts once, whatever its weight.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub data: bool,
    /// Simulation scaled to `lumi_ifb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mc: Option<RawMonteCarlo>,
    /// Luminosity that this sample is scaled to, fb^-1; that of the campaign if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub lumi_ifb: Option<f64>,
    /// Take a seeded choice of this many events from those that pass the preselection; all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub events: Option<u64>,
    /// A signal put in on purpose: the report says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub planted: bool,
}

/// What the events of a sample are in the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawRole {
    /// Collider data, or mock data: every event counts once.
    Data,
    /// Simulation that stands for data.
    Pseudo,
    /// A signal put in on purpose.
    Planted,
}

/// One text or a list of texts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(#[schemars(length(min = 1))] Vec<String>),
}

/// Simulation: w_i = cross_section_pb * k_factor * filter_efficiency * luminosity / sum of weights * weight_i. The sum is
/// that of the events in the files unless it is given here (files that are skims hold less than was generated); NanoAOD
/// files know it themselves (`Runs`, genEventSumw).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMonteCarlo {
    /// Cross section, pb.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub cross_section_pb: f64,
    /// Ratio to a better calculation of the cross section; 1 if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub k_factor: Option<f64>,
    /// Part of the generated events that the generator kept; 1 if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0, "maximum" = 1))]
    pub filter_efficiency: Option<f64>,
    /// Sum of the weights of all events that were generated (after the filter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub sum_of_weights: Option<f64>,
    /// Number of all events that were generated (after the filter), where every weight is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64", range(min = 1))]
    pub generated: Option<u64>,
}

impl RawMonteCarlo {
    /// Cross section of the events that were generated, pb.
    pub fn effective_pb(&self) -> f64 {
        self.cross_section_pb * self.k_factor.unwrap_or(1.0) * self.filter_efficiency.unwrap_or(1.0)
    }
}

/// Which objects are selected; pT in GeV.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawSelection {
    /// Electrons: pt_min 15, eta_max 2.5 unless given.
    pub electron: RawLimits,
    /// Muons: pt_min 15, eta_max 2.7 unless given.
    pub muon: RawLimits,
    /// Photons: pt_min 20, eta_max 2.37 unless given.
    pub photon: RawLimits,
    /// Jets: pt_min 20, eta_max 2.8 unless given.
    pub jet: RawLimits,
    /// Drop jets within 0.4 of an electron or photon, then leptons within 0.4 of a jet. Unless given, on for all layouts
    /// but Delphes and Dark Machines, whose programs have done it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_removal: Option<bool>,
}

/// pT > pt_min and |eta| < eta_max.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawLimits {
    /// GeV, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub pt_min: Option<f64>,
    /// Exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub eta_max: Option<f64>,
}

impl RawLimits {
    pub(super) fn or(&self, default: KinematicLimits) -> KinematicLimits {
        KinematicLimits {
            pt_min: self.pt_min.unwrap_or(default.pt_min),
            eta_max: self.eta_max.unwrap_or(default.eta_max),
        }
    }
}

impl From<KinematicLimits> for RawLimits {
    fn from(limits: KinematicLimits) -> Self {
        RawLimits { pt_min: Some(limits.pt_min), eta_max: Some(limits.eta_max) }
    }
}

/// Which masses are built: all subsets of an event's objects unless limited here.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawMasses {
    /// Most objects in a mass (MET not counted); no cap if there is none.
    #[schemars(range(min = 1))]
    pub max_objects: Option<usize>,
    /// Kinds left out of every mass: any of e, mu, g, Z, V, T, HM, j, b.
    pub leave_out: Vec<String>,
    /// Build transverse masses with MET.
    pub transverse: bool,
    /// Only these masses, for example `m(mu1,mu2)` or `mT(mu1,met)`; all if the list is empty.
    pub only: Vec<String>,
}

impl Default for RawMasses {
    fn default() -> Self {
        RawMasses { max_objects: None, leave_out: Vec::new(), transverse: true, only: Vec::new() }
    }
}

/// Bin edges, each bin one sigma of mass resolution wide; GeV.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawBinning {
    /// Resolution table (YAML); the built-in one if there is none.
    pub resolution: Option<String>,
    /// sha256 of that table, as `campaign.resolved.yaml` records it: another table is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution_sha256: Option<String>,
    /// First edge when no jet is in the mass.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub m_min_gev: f64,
    /// First edge when any of j, b, V, T, HM is in the mass.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub m_min_jet_gev: f64,
    /// Edges stop once one reaches this.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub m_max_gev: f64,
}

impl Default for RawBinning {
    fn default() -> Self {
        RawBinning {
            resolution: None,
            resolution_sha256: None,
            m_min_gev: Binning::M_MIN_GEV,
            m_min_jet_gev: Binning::M_MIN_JET_GEV,
            m_max_gev: Binning::M_MAX_GEV,
        }
    }
}

fn default_seed() -> u64 {
    1
}

fn default_regions() -> serde_json::Map<String, serde_json::Value> {
    [("incl".to_string(), serde_json::Value::Null)].into_iter().collect()
}

fn default_jet_schemes() -> Vec<JetScheme> {
    vec![JetScheme::Exclusive, JetScheme::Inclusive]
}

fn channel_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["1", "2a", "2b", "3", 1, 3, null], "default": null })
}

/// The JSON schema as text, two spaces of indentation, a newline at the end.
pub(super) fn json_schema_text() -> String {
    let mut text = format!("{:#}", schema());
    text.push('\n');
    text
}

/// The JSON schema of [`RawCampaign`].
pub(super) fn schema() -> serde_json::Value {
    schemars::schema_for!(RawCampaign).to_value()
}

#[cfg(test)]
mod tests {
    use crate::particles::Kind;

    #[test]
    fn the_schema_names_every_kind_that_can_be_left_out() {
        assert!(super::json_schema_text().contains(&format!("any of {}.", Kind::names(&Kind::ALL, ", "))));
    }
}

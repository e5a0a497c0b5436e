//! Where the columns of an event are found in a file: ready layouts, and branch maps that a campaign spells out.
//!
//! In: the `layout` of a campaign. Out: [`Layout`], names and rules; [`crate::ntuples`] opens files with it. The types are
//! spelled in YAML as they are here; doc comments become the JSON schema.
//!
//! ```yaml
//! layout:
//!   branches:
//!     tree: ntuple
//!     units: MeV
//!     electron: {pt: el_pt, eta: el_eta, phi: el_phi, charge: el_charge, require: el_isTight}
//!     muon:
//!       - {pt: mu1_pt, eta: mu1_eta, phi: mu1_phi, charge: mu1_q}
//!       - {pt: mu2_pt, eta: mu2_eta, phi: mu2_phi, charge: mu2_q}
//!     jet: {px: jet_px, py: jet_py, pz: jet_pz, energy: jet_E, btag: {branch: jet_score, above: 0.7}}
//!     met: {pt: met, phi: met_phi}
//!     weight: [mcWeight, pileupWeight]
//!     require_event: [passGRL, {any: [trig_e, trig_mu]}]
//! ```

pub(crate) mod in_words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the columns of an event are found in a file.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one per sample")]
pub enum Layout {
    /// A Delphes tree.
    Delphes(DelphesLayout),
    /// A NanoAOD tree: `nMuon`, `Muon_pt[nMuon]`.
    NanoAod(NanoAodLayout),
    /// Any tree, by a map of its branches.
    Branches(Box<BranchMap>),
    /// Text of the Dark Machines data challenge, plain or gzip.
    DarkMachinesCsv(CsvLayout),
}

/// Kinds of what an event holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Electrons.
    Electron,
    /// Muons.
    Muon,
    /// Photons.
    Photon,
    /// Jets.
    Jet,
    /// Missing transverse momentum.
    Met,
}

impl Part {
    /// As in YAML.
    pub fn name(self) -> &'static str {
        match self {
            Part::Electron => "electron",
            Part::Muon => "muon",
            Part::Photon => "photon",
            Part::Jet => "jet",
            Part::Met => "met",
        }
    }
}

/// Names inside a Delphes tree; cards rename collections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DelphesLayout {
    /// Tree name, `Delphes` unless the campaign says otherwise.
    pub tree: String,
    /// Collection of electrons (`Electron`).
    pub electron: String,
    /// Collection of muons (`Muon`).
    pub muon: String,
    /// Collection of photons (`Photon`).
    pub photon: String,
    /// Collection of jets (`Jet`).
    pub jet: String,
    /// Missing transverse momentum (`MissingET`).
    pub met: String,
    /// Event record with `Weight` (`Event`).
    pub event: String,
    /// Bit of `Jet.BTag` that means b-tagged, 0 the lowest.
    #[schemars(range(max = 31))]
    pub btag_bit: u8,
    /// What the files do not hold; nothing else may be missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Part>,
}

impl Default for DelphesLayout {
    fn default() -> Self {
        DelphesLayout {
            tree: "Delphes".into(),
            electron: "Electron".into(),
            muon: "Muon".into(),
            photon: "Photon".into(),
            jet: "Jet".into(),
            met: "MissingET".into(),
            event: "Event".into(),
            btag_bit: 0,
            without: Vec::new(),
        }
    }
}

/// Names inside a NanoAOD tree; GeV.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NanoAodLayout {
    /// Tree name (`Events`).
    pub tree: String,
    /// Collection of electrons (`Electron`: `Electron_pt` and so on).
    pub electron: String,
    /// Collection of muons (`Muon`).
    pub muon: String,
    /// Collection of photons (`Photon`).
    pub photon: String,
    /// Collection of jets (`Jet`).
    pub jet: String,
    /// Missing transverse momentum: the first of these that the file has, `_pt` and `_phi`.
    pub met: Several<String>,
    /// Event weight; 1 in files without it, which is shown.
    pub weight: String,
    /// What makes a jet b-tagged: the first of these whose branch the file has; none there: no jet is, which is shown.
    pub btag: Several<Condition>,
    /// Objects that fail one of these are left out; the collection is the name up to the first `_`.
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub require: Several<Condition>,
    /// Events that fail one of these, such as a trigger or a filter flag, are dropped and counted in the cutflow.
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub require_event: Several<EventCondition>,
    /// What the files do not hold; nothing else may be missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Part>,
}

impl Default for NanoAodLayout {
    fn default() -> Self {
        // Medium working points of CMS (1 % light jets). They differ from year to year; these are those of
        // DeepJet and DeepCSV, 2018 Ultra Legacy: https://btv-wiki.docs.cern.ch/ScaleFactors/UL2018/ (2016 to 2017
        // DeepJet 0.2489 to 0.3040); ParticleNet, 2022: https://btv-wiki.docs.cern.ch/ScaleFactors/Run3Summer22/
        // (to 2023 0.1917 to 0.2605); CSVv2, 2016: twiki.cern.ch CMS/BtagRecommendation80XReReco.
        let taggers = [
            ("Jet_btagDeepFlavB", 0.2783),
            ("Jet_btagPNetB", 0.245),
            ("Jet_btagDeepB", 0.4168),
            ("Jet_btagCSVV2", 0.8484),
        ];
        NanoAodLayout {
            tree: "Events".into(),
            electron: "Electron".into(),
            muon: "Muon".into(),
            photon: "Photon".into(),
            jet: "Jet".into(),
            met: Several::Many(["MET", "PuppiMET", "PFMET"].map(String::from).into()),
            weight: "genWeight".into(),
            btag: Several::Many(taggers.map(|(branch, least)| Condition::above(branch, least)).into()),
            require: Several::default(),
            require_event: Several::default(),
            without: Vec::new(),
        }
    }
}

/// Columns of a Dark Machines text file: five for the event, then one per object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvLayout {
    /// Order of the first five columns where the file has no line that names them; unless given, `[event, process,
    /// weight, met, met_phi]` as published (arXiv:2105.14027), or `met_phi` before `met` where only that makes sense of
    /// the first lines (MET not negative, its direction an angle).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<CsvColumn>", length(min = 1))]
    pub columns: Option<Vec<CsvColumn>>,
}

/// One of the first columns of a Dark Machines text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CsvColumn {
    /// Number of the event; not read.
    Event,
    /// Name or number of the process; not read.
    Process,
    /// Event weight.
    Weight,
    /// Missing transverse momentum, MeV.
    Met,
    /// Its direction, radians.
    MetPhi,
}

impl CsvColumn {
    /// As in YAML.
    pub fn name(self) -> &'static str {
        match self {
            CsvColumn::Event => "event",
            CsvColumn::Process => "process",
            CsvColumn::Weight => "weight",
            CsvColumn::Met => "met",
            CsvColumn::MetPhi => "met_phi",
        }
    }
}

/// Any tree: which branches hold what. A kind of object that is not named does not exist in the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchMap {
    /// Tree, with its folders (`one/two/tree`).
    pub tree: String,
    /// Unit of momenta, energies and masses: `GeV`, `MeV`, or the factor that makes them GeV.
    #[serde(default)]
    pub units: Units,
    /// Electrons: one collection, or a list of collections and single objects.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub electron: Several<ObjectMap>,
    /// Muons.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub muon: Several<ObjectMap>,
    /// Photons.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub photon: Several<ObjectMap>,
    /// Jets.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub jet: Several<ObjectMap>,
    /// Missing transverse momentum; 0 if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "MetMap")]
    pub met: Option<MetMap>,
    /// Event weight, or several whose product it is; 1 if there is none.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub weight: Several<String>,
    /// Events that fail one of these, such as a trigger or a filter flag, are dropped and counted in the cutflow.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub require_event: Several<EventCondition>,
}

impl BranchMap {
    /// Objects of a kind (none for MET).
    pub fn objects(&self, part: Part) -> &[ObjectMap] {
        match part {
            Part::Electron => self.electron.as_slice(),
            Part::Muon => self.muon.as_slice(),
            Part::Photon => self.photon.as_slice(),
            Part::Jet => self.jet.as_slice(),
            Part::Met => &[],
        }
    }
}

/// Branches of one collection (a list of numbers per event) or of one object (a number per event; none is there where
/// its pT is 0 or below). Either `pt`, `eta`, `phi` or `px`, `py`, `pz`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ObjectMap {
    /// Transverse momentum.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub pt: Option<String>,
    /// Pseudorapidity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub eta: Option<String>,
    /// Azimuth, radians.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub phi: Option<String>,
    /// Momentum along x.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub px: Option<String>,
    /// Momentum along y.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub py: Option<String>,
    /// Momentum along z.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub pz: Option<String>,
    /// Jets: mass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub mass: Option<String>,
    /// Jets: energy, from which the mass is taken if there is no `mass` (0 where E is below the momentum).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub energy: Option<String>,
    /// Leptons: a branch whose sign is the charge, or 1 or -1 for a collection of one charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Charge")]
    pub charge: Option<Charge>,
    /// Leptons: a branch of PDG codes, positive for e- and mu-, from which the charge is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub pdgid: Option<String>,
    /// Jets: what makes one b-tagged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Condition")]
    pub btag: Option<Condition>,
    /// Objects that fail one of these are left out.
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub require: Several<Condition>,
    /// Unit of this collection, if it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Units")]
    pub units: Option<Units>,
}

/// Charge of leptons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Charge {
    /// A branch.
    Branch(String),
    /// The same for all: 1 or -1.
    Fixed(#[schemars(range(min = -1, max = 1))] i8),
}

/// Missing transverse momentum: `pt` and `phi`, or `px` and `py`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetMap {
    /// Size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub pt: Option<String>,
    /// Direction, radians.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub phi: Option<String>,
    /// Along x.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub px: Option<String>,
    /// Along y.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub py: Option<String>,
    /// Unit, if it differs from that of the map.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Units")]
    pub units: Option<Units>,
}

/// A branch that must be true (not 0), or a test of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Condition {
    /// True, or not 0.
    True(String),
    /// With limits.
    Test(Test),
}

/// Limits on the values of a branch; all that are given must hold, not 0 if none is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The branch.
    pub branch: String,
    /// The value is larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub above: Option<f64>,
    /// The value is smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub below: Option<f64>,
    /// The value is as large or larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub at_least: Option<f64>,
    /// The value is as small or smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub at_most: Option<f64>,
    /// The value is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub equals: Option<f64>,
    /// This bit of an integer is set, 0 the lowest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u8", range(max = 31))]
    pub bit: Option<u8>,
    /// The sign of the value is taken off before the limits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absolute: bool,
}

impl Condition {
    /// The branch must be larger than a number.
    pub fn above(branch: impl Into<String>, limit: f64) -> Condition {
        Condition::Test(Test { branch: branch.into(), above: Some(limit), ..Test::default() })
    }

    /// The branch.
    pub fn branch(&self) -> &str {
        match self {
            Condition::True(branch) | Condition::Test(Test { branch, .. }) => branch,
        }
    }

    /// As limits.
    pub fn test(&self) -> Test {
        match self {
            Condition::True(branch) => Test { branch: branch.clone(), ..Test::default() },
            Condition::Test(test) => test.clone(),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Test { branch, above, below, at_least, at_most, equals, bit, absolute } = self.test();
        match absolute {
            true => write!(f, "|{branch}|")?,
            false => write!(f, "{branch}")?,
        }
        let limits = [(above, ">"), (below, "<"), (at_least, ">="), (at_most, "<="), (equals, "=")];
        for (limit, sign) in limits {
            if let Some(limit) = limit {
                write!(f, " {sign} {limit}")?;
            }
        }
        match bit {
            Some(bit) => write!(f, " bit {bit}"),
            None => Ok(()),
        }
    }
}

/// What an event must fulfil: a condition on a branch with one value per event, or any of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EventCondition {
    /// This one.
    One(Condition),
    /// One of several is enough, as with triggers.
    Any(AnyOf),
}

/// Conditions of which one is enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    /// The conditions.
    #[schemars(length(min = 1))]
    pub any: Vec<Condition>,
}

impl EventCondition {
    /// All conditions, of which one is enough.
    pub fn any(&self) -> &[Condition] {
        match self {
            EventCondition::Any(AnyOf { any }) => any,
            EventCondition::One(one) => std::slice::from_ref(one),
        }
    }
}

impl std::fmt::Display for EventCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, condition) in self.any().iter().enumerate() {
            write!(f, "{}{condition}", if i > 0 { " or " } else { "" })?;
        }
        Ok(())
    }
}

impl Layout {
    /// What events must fulfil to be used, in order.
    pub fn require_event(&self) -> &[EventCondition] {
        match self {
            Layout::NanoAod(names) => names.require_event.as_slice(),
            Layout::Branches(map) => map.require_event.as_slice(),
            Layout::Delphes(_) | Layout::DarkMachinesCsv(_) => &[],
        }
    }
}

/// Unit of momenta: `GeV`, `MeV`, or the factor that makes them GeV.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Units {
    /// By name.
    Named(UnitName),
    /// Numbers times this are GeV.
    Factor(#[schemars(extend("exclusiveMinimum" = 0))] f64),
}

/// Units with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UnitName {
    /// GeV.
    GeV,
    /// MeV: a thousandth of a GeV.
    MeV,
}

impl Default for Units {
    fn default() -> Self {
        Units::Named(UnitName::GeV)
    }
}

impl Units {
    /// What numbers are multiplied by.
    pub fn factor(self) -> f64 {
        match self {
            Units::Named(UnitName::GeV) => 1.0,
            Units::Named(UnitName::MeV) => 1e-3,
            Units::Factor(factor) => factor,
        }
    }
}

/// One or a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Several<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> Default for Several<T> {
    fn default() -> Self {
        Several::Many(Vec::new())
    }
}

impl<T> Several<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Several::One(one) => std::slice::from_ref(one),
            Several::Many(list) => list,
        }
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl<T> From<Vec<T>> for Several<T> {
    fn from(mut list: Vec<T>) -> Self {
        match (list.len(), list.pop()) {
            (1, Some(one)) => Several::One(one),
            (_, last) => {
                list.extend(last);
                Several::Many(list)
            }
        }
    }
}

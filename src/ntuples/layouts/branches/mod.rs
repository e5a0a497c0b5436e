//! Any tree by a map of its branches: vectors, counted arrays, plain numbers, in the units that the map says.
//!
//! In: [`BranchMap`], which a campaign spells out, or that is made for a file (`guess`, and NanoAOD's). Out: a reader of all
//! that it names; objects may overlap.
//!
//! | step | file |
//! |---|---|
//! | a map from names in common use | `guess` |
//! | what is wrong with a map | `check` |
//! | a map in plain English | `words` |
//! | branches to events | `reader`, of one collection `object`, conditions `limits` |

mod check;
mod guess;
mod limits;
mod object;
mod reader;
mod words;

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::layout::Spelled;
use super::{Condition, Detect, EventCondition, LayoutKind, Mistakes, Names, Part, Several};
use crate::ntuples::{NtupleError, Reader};
use crate::rootfile::RootFile;

pub(crate) use guess::momenta;
pub(super) use object::mass_from_energy;
pub(crate) use reader::{MappedMemory, MappedReader};

pub(super) static KIND: LayoutKind = LayoutKind {
    name: "branches",
    title: "any tree by a map",
    about: "Any tree, by a map of its branches.",
    about_names: "Any tree: which branches hold what.",
    usual: None,
    may_overlap: true,
    slow_to_open: false,
    detect: Detect::Guess(guess::guess),
    missing_branch: |_, _| Some(WRITE_A_MAP.to_string()),
    spelled: Spelled::as_in::<BranchMap>(),
};

/// What to try where branches are not those that were expected.
pub(super) const WRITE_A_MAP: &str = "`bumphound inspect FILE --emit-map` writes a map of the branches that are there";

/// Any tree: which branches hold what. A kind of object that is not named does not exist in the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchMap {
    /// Tree, with its folders (`one/two/tree`).
    pub tree: String,
    /// Unit of momenta, energies and masses: `GeV`, `MeV`, or the factor that makes them GeV.
    #[serde(default)]
    pub units: Units,
    /// Unit of phi: `radians`, or `degrees`.
    #[serde(default, skip_serializing_if = "Angles::are_radians")]
    pub angles: Angles,
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
    /// Event weight, or several whose product it is; 1 if there is none. `weights[3]` is number 3 of a list, from 0.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub weight: Several<String>,
    /// Events that fail one of these, such as a trigger or a filter flag, are dropped and counted in the cutflow.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub require_event: Several<EventCondition>,
    /// Branches that together number an event, such as run, luminosity block, event: two events of the same numbers are one.
    #[serde(default, skip_serializing_if = "Several::is_empty")]
    pub event_id: Several<String>,
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

/// Branches of one collection (a list of numbers per event) or of one object (a number per event, `mu_pt[0]` is the first
/// of an array; none is there where its pT is 0 or below). Either `pt`, `eta`, `phi` or `px`, `py`, `pz`.
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
    #[schemars(with = "ChargeMap")]
    pub charge: Option<ChargeMap>,
    /// Leptons: a branch of PDG codes, positive for e- and mu-, from which the charge is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub pdgid: Option<String>,
    /// Jets: what makes one b-tagged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Condition")]
    pub btag: Option<Condition>,
    /// Branch that counts the objects of an event: of an array of fixed length only so many slots hold one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub count: Option<String>,
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
#[schemars(rename = "Charge")]
pub enum ChargeMap {
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

/// Unit of momenta: `GeV`, `MeV`, or the factor that makes them GeV.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Units {
    /// By name.
    Named(UnitName),
    /// Numbers times this are GeV.
    Factor(#[schemars(extend("exclusiveMinimum" = 0))] f64),
}

/// Unit of angles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Angles {
    /// As in nearly all files.
    #[default]
    Radians,
    /// 360 to a turn.
    Degrees,
}

impl Angles {
    fn are_radians(&self) -> bool {
        *self == Angles::Radians
    }

    /// What numbers are multiplied by to be radians.
    pub fn factor(self) -> f64 {
        match self {
            Angles::Radians => 1.0,
            Angles::Degrees => std::f64::consts::PI / 180.0,
        }
    }
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

impl Names for BranchMap {
    fn kind(&self) -> &'static LayoutKind {
        &KIND
    }

    fn check(&self, mistakes: &mut Mistakes) {
        check::check(self, mistakes);
    }

    fn in_words(&self) -> String {
        format!("tree {} by its branches", self.tree)
    }

    fn objects_in_words(&self) -> Vec<String> {
        words::objects(self)
    }

    fn tree(&self) -> &str {
        &self.tree
    }

    fn require_event(&self) -> &[EventCondition] {
        self.require_event.as_slice()
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Reader>, NtupleError> {
        let file = RootFile::open(path)?;
        let table = file.table(&self.tree)?;
        Ok(Box::new(MappedReader::open(&file, table, self, &KIND, Vec::new())?))
    }
}

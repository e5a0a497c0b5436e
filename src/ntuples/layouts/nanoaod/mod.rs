//! NanoAOD: `Events` with `nMuon`, `Muon_pt[nMuon]`, as a TTree or an RNTuple. GeV and radians; objects may overlap.
//!
//! In: the names of its collections, b-tags, MET, where a campaign says others than the usual ones. Out:
//! [`NanoAodLayout`]; each file is read by the branch map that `map` makes for it.

mod map;

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::branches::MappedReader;
use super::layout::Spelled;
use super::{Condition, Detect, EventCondition, LayoutKind, Mistakes, Names, Part, Several, belongs};
use crate::ntuples::detect::Detected;
use crate::ntuples::{NtupleError, Reader};
use crate::rootfile::RootFile;
use crate::rootfile::table::Table;

pub(super) static KIND: LayoutKind = LayoutKind {
    name: "nanoaod",
    title: "NanoAOD",
    about: "A NanoAOD tree.",
    about_names: "Names inside a NanoAOD tree.",
    usual: Some(|| NanoAodLayout::default().into()),
    may_overlap: true,
    slow_to_open: false,
    detect: Detect::Tree(detect),
    missing_branch,
    spelled: Spelled::as_in::<NanoAodLayout>(),
};

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

impl Names for NanoAodLayout {
    fn kind(&self) -> &'static LayoutKind {
        &KIND
    }

    fn check(&self, mistakes: &mut Mistakes) {
        // The usual taggers are those of `Jet`; they say nothing about a collection of another name.
        let taggers = self.btag.as_slice().iter().filter(|_| self.btag != NanoAodLayout::default().btag);
        EventCondition::check("require_event", self.require_event.as_slice(), mistakes);
        for (here, condition) in
            taggers.map(|tagger| ("btag", tagger)).chain(self.require.as_slice().iter().map(|one| ("require", one)))
        {
            condition.check(here, mistakes);
            let collections = [&self.electron, &self.muon, &self.photon, &self.jet];
            if !collections.iter().any(|name| belongs(condition.branch(), name)) {
                let here = mistakes.shown("");
                let message = format!("`{}` belongs to none of the collections of {here}", condition.branch());
                mistakes.hinted("", message, "a branch is named COLLECTION_property, such as `Muon_tightId`");
            }
        }
        if self.met.is_empty() && !self.without.contains(&Part::Met) {
            mistakes.hinted("met", "there is no MET", "say `without: [met]` if the files have none");
        }
    }

    fn in_words(&self) -> String {
        super::tree_in_words(&KIND, &self.tree, &self.without)
    }

    fn objects_in_words(&self) -> Vec<String> {
        Vec::new()
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
        let (map, notes) = map::map(self, &table)?;
        let mut reader = MappedReader::open(&file, table, &map, &KIND, notes)?;
        reader.generated = map::generated(&file, &self.weight)?;
        Ok(Box::new(reader))
    }
}

const USUAL: [(Part, &str); 4] =
    [(Part::Electron, "Electron"), (Part::Muon, "Muon"), (Part::Photon, "Photon"), (Part::Jet, "Jet")];

fn detect(name: &str, table: &Table) -> Option<Detected> {
    let has = |collection: &str| {
        let all = ["pt", "eta", "phi"].iter().all(|leaf| table.has(&format!("{collection}_{leaf}")));
        all && table.leaf(&format!("{collection}_pt")).is_ok_and(|leaf| leaf.is_jagged())
    };
    if !USUAL.iter().any(|(_, collection)| has(collection)) {
        return None;
    }
    let mut layout = NanoAodLayout { tree: name.to_string(), ..NanoAodLayout::default() };
    let mut unmatched = Vec::new();
    for (part, collection) in USUAL {
        if !has(collection) {
            layout.without.push(part);
            unmatched.push(format!("no collection {collection}"));
        }
    }
    let met = |name: &String| table.has(&format!("{name}_pt")) && table.has(&format!("{name}_phi"));
    if !layout.met.as_slice().iter().any(met) {
        layout.without.push(Part::Met);
        unmatched.push(format!("no MET: none of {}", layout.met.as_slice().join(", ")));
    }
    if !layout.without.contains(&Part::Jet) && !layout.btag.as_slice().iter().any(|tag| table.has(tag.branch())) {
        unmatched.push("no b-tag branch that is known: no jet is b-tagged unless `btag` names one".to_string());
    }
    Some(Detected {
        layout: layout.into(),
        why: "it has the collections of NanoAOD (such as Muon_pt)".to_string(),
        unmatched,
    })
}

/// For `Collection_leaf`.
fn missing_branch(branch: &str, _: &[String]) -> Option<String> {
    let collection = branch.split('_').next().unwrap_or_default().to_lowercase();
    ["electron", "muon", "photon", "jet", "met"].contains(&collection.as_str()).then(|| {
        let map = super::branches::WRITE_A_MAP;
        format!("a NanoAOD file without it: `layout: {{nanoaod: {{without: [{collection}]}}}}`; else {map}")
    })
}

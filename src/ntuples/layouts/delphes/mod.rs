//! Delphes trees of any card, full or pruned: `Jet.PT`, `MissingET.MET`. GeV and radians; Delphes has removed overlaps.
//!
//! In: the names of its collections where a card renames them. Out: [`DelphesLayout`]; trees are recognised by their split
//! collections and read by `reader`.

mod reader;

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::layout::Spelled;
use super::{Detect, EventCondition, LayoutKind, Mistakes, Names, Part};
use crate::ntuples::detect::Detected;
use crate::ntuples::{NtupleError, Reader};
use crate::rootfile::RootFile;
use crate::rootfile::table::Table;
use reader::DelphesReader;

pub(super) static KIND: LayoutKind = LayoutKind {
    name: "delphes",
    title: "Delphes",
    about: "A Delphes tree.",
    about_names: "Names inside a Delphes tree.",
    usual: Some(|| DelphesLayout::default().into()),
    may_overlap: false,
    slow_to_open: false,
    detect: Detect::Tree(detect),
    missing_branch,
    spelled: Spelled::as_in::<DelphesLayout>(),
};

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

impl Names for DelphesLayout {
    fn kind(&self) -> &'static LayoutKind {
        &KIND
    }

    /// Any names may be right: only a file can tell.
    fn check(&self, _: &mut Mistakes) {}

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
        &[]
    }

    /// A card removes overlaps of the collections with the usual names; others (FatJet, MuonTight) hold the same particles
    /// again.
    fn may_overlap(&self) -> bool {
        let usual = DelphesLayout::default();
        [&self.electron, &self.muon, &self.photon, &self.jet]
            != [&usual.electron, &usual.muon, &usual.photon, &usual.jet]
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Reader>, NtupleError> {
        Ok(Box::new(DelphesReader::open(&RootFile::open(path)?, self)?))
    }
}

/// Collections of the cards that come with Delphes, best first. Others that have their name in them come after these.
const KNOWN: [(Part, &str, &[&str]); 4] = [
    (Part::Electron, "Electron", &["Electron", "ElectronTight", "ElectronMedium", "ElectronLoose", "ElectronCHS"]),
    (Part::Muon, "Muon", &["Muon", "MuonTight", "MuonMedium", "MuonLoose", "MuonTightCHS", "MuonLooseCHS"]),
    (Part::Photon, "Photon", &["Photon", "PhotonTight", "PhotonMedium", "PhotonLoose"]),
    (
        Part::Jet,
        "Jet",
        &["Jet", "JetPUPPI", "JetCHS", "ParticleFlowJet04", "VLCjetR05N2", "VLCjetR05_inclusive", "KTjet", "JetAK4"],
    ),
];
const METS: [&str; 3] = ["MissingET", "PuppiMissingET", "MissingETPUPPI"];

fn detect(name: &str, table: &Table) -> Option<Detected> {
    let leaves = table.leaves();
    let mut layout = DelphesLayout { tree: name.to_string(), ..DelphesLayout::default() };
    let mut unmatched = Vec::new();
    for (part, usual, known) in KNOWN {
        let beside = match part {
            Part::Electron | Part::Muon => &["Charge"][..],
            Part::Jet => &["Mass", "BTag"],
            Part::Photon | Part::Met => &[],
        };
        let needed = ["PT", "Eta", "Phi"].iter().chain(beside);
        let has = |collection: &str| needed.clone().all(|leaf| table.has(&format!("{collection}.{leaf}")));
        // Calibrated ones before those of the generator, of one detector, or of another size.
        let second = |name: &str| ["Gen", "True", "Truth"].iter().any(|start| name.starts_with(start));
        let others = leaves.iter().filter_map(|leaf| leaf.name().strip_suffix(".PT"));
        let named = others.filter(|other| other.to_lowercase().contains(&usual.to_lowercase()) && !second(other));
        // The usual one is meant also where some of its leaves are missing, which is an error when it is opened.
        let usual_there = || ["PT", "Eta"].iter().all(|leaf| table.has(&format!("{usual}.{leaf}")));
        let there = |other: &&str| has(other) || (*other == usual && usual_there());
        let mut found: Vec<&str> = known.iter().copied().chain(named).filter(there).collect();
        found.dedup();
        match found.as_slice() {
            [] => {
                layout.without.push(part);
                unmatched.push(format!("no collection {usual}"));
            }
            [first, ..] if *first == usual => {}
            [first, others @ ..] => {
                let others: Vec<&str> = others.iter().copied().filter(|other| other != first).collect();
                let others =
                    if others.is_empty() { String::new() } else { format!(" ({} as well)", others.join(", ")) };
                unmatched.push(format!("no collection {usual}: {first} is taken for it{others}"));
                let slot = match part {
                    Part::Electron => &mut layout.electron,
                    Part::Muon => &mut layout.muon,
                    Part::Photon => &mut layout.photon,
                    Part::Jet | Part::Met => &mut layout.jet,
                };
                *slot = first.to_string();
            }
        }
    }
    if layout.without.len() == KNOWN.len() {
        return None;
    }
    match METS.iter().find(|met| ["MET", "Phi"].iter().all(|leaf| table.has(&format!("{met}.{leaf}")))) {
        Some(met) if *met == layout.met => {}
        Some(met) => {
            unmatched.push(format!("no MissingET: {met} is taken for it"));
            layout.met = met.to_string();
        }
        None => {
            layout.without.push(Part::Met);
            unmatched.push("no MissingET.MET".to_string());
        }
    }
    Some(Detected {
        layout: layout.into(),
        why: "it has the split collections of Delphes (such as Jet.PT)".to_string(),
        unmatched,
    })
}

/// For `COLLECTION.Leaf`.
fn missing_branch(branch: &str, nearest: &[String]) -> Option<String> {
    let (collection, leaf) = branch.split_once('.')?;
    let near = || nearest.iter().filter_map(|name| name.split_once('.'));
    let other = near().find(|(_, found)| *found == leaf);
    Some(match other {
        _ if near().any(|(found, _)| found == collection) => {
            format!("`{collection}` is there without `{leaf}`: write the file again with all of its leaves")
        }
        Some((other, _)) => {
            format!("if the card calls `{collection}` `{other}`, set it under `layout` in the campaign")
        }
        None => {
            let lower = collection.to_lowercase();
            let part = ["electron", "muon", "jet"].into_iter().find(|part| lower.contains(part));
            let met = lower.contains("met") || lower.contains("missing");
            let part = part.unwrap_or(if met { "met" } else { "photon" });
            format!(
                "if the files have none, say `without` in the layout: `layout: {{delphes: {{without: [{part}]}}}}`; \
                 `bumphound inspect FILE` lists the branches"
            )
        }
    })
}

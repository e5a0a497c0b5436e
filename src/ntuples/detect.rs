//! Which layout a file has, and a branch map to start from where it has none of the ready ones.
//!
//! In: a path. Out: [`Detected`]: a [`Layout`] that opens the file, why it was chosen, and what found no place in it.

use std::path::Path;

use super::error::NtupleError;
use crate::campaign::{DelphesLayout, Layout, NanoAodLayout};
use crate::rootfile::{RootFile, Tree};

/// What a file looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// The layout; [`Layout::yaml`] writes it as a campaign spells it.
    pub layout: Layout,
    /// The tree that it reads; empty for text.
    pub tree: String,
    /// One sentence for people.
    pub why: String,
    /// Kinds of objects without branches, guesses that a person must check: a sentence each.
    pub unmatched: Vec<String>,
}

/// Recognises the layout of a file.
pub fn detect(path: &Path) -> Result<Detected, NtupleError> {
    let file = RootFile::open(path)?;
    let mut trees: Vec<String> = Vec::new();
    for key in file.keys()?.into_iter().filter(|key| key.class.starts_with("TTree") || key.class.starts_with("TNtuple"))
    {
        if !trees.contains(&key.path) {
            trees.push(key.path);
        }
    }
    for name in &trees {
        let tree = file.tree(name)?;
        if let Some(found) = ready(name, &tree) {
            return Ok(found);
        }
    }
    Err(NtupleError::UnknownLayout { path: path.to_path_buf(), trees })
}

/// Delphes and NanoAOD.
fn ready(name: &str, tree: &Tree) -> Option<Detected> {
    let (layout, why) = if tree.has_branch("Jet.PT") || tree.has_branch("MissingET.MET") {
        let layout = DelphesLayout { tree: name.to_string(), ..DelphesLayout::default() };
        (Layout::Delphes(layout), "it has the split collections of Delphes (Jet.PT)")
    } else if tree.has_branch("nMuon") && tree.has_branch("Muon_pt") {
        let layout = NanoAodLayout { tree: name.to_string(), ..NanoAodLayout::default() };
        (Layout::NanoAod(layout), "it has the counted collections of NanoAOD (nMuon, Muon_pt)")
    } else {
        return None;
    };
    Some(Detected { layout, tree: name.to_string(), why: why.to_string(), unmatched: Vec::new() })
}

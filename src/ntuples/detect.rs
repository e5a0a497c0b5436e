//! Which layout a file has, and a branch map to start from where it has none of the ready ones.
//!
//! In: a path. Out: [`Detected`]: a [`Layout`] that opens the file, why it was chosen, and what found no place in it.
//! Delphes and NanoAOD are known by their collections, Dark Machines text by its first line, other trees by names that
//! are in common use (see `guess`).

use std::path::Path;

use super::darkmachines;
use super::error::NtupleError;
use super::guess;
use super::layouts::{CsvLayout, DelphesLayout, Layout, NanoAodLayout, Part};
use crate::rootfile::RootFile;
use crate::rootfile::table::Table;

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

const PARTS: [(Part, &str); 4] =
    [(Part::Electron, "Electron"), (Part::Muon, "Muon"), (Part::Photon, "Photon"), (Part::Jet, "Jet")];

/// Recognises the layout of a file.
///
/// ```
/// let found = bumphound::ntuples::detect("data-samples/tiny/diphoton.root".as_ref())?;
/// assert_eq!((found.layout.name(), found.tree.as_str()), ("delphes", "Delphes"));
/// # Ok::<(), bumphound::ntuples::NtupleError>(())
/// ```
pub fn detect(path: &Path) -> Result<Detected, NtupleError> {
    if darkmachines::looks_like_events(path) {
        return Ok(Detected {
            layout: Layout::DarkMachinesCsv(CsvLayout::default()),
            tree: String::new(),
            why: "its first line is an event of the Dark Machines data challenge".to_string(),
            unmatched: Vec::new(),
        });
    }
    let file = RootFile::open(path)?;
    let mut names: Vec<String> = Vec::new();
    for key in file.keys()?.into_iter().filter(|key| Table::is_table(&key.class)) {
        if !names.contains(&key.path) {
            names.push(key.path);
        }
    }
    // A tree that cannot be read does not hide another one that can.
    let mut failed = None;
    let mut tables: Vec<(String, Table)> = Vec::new();
    for name in &names {
        match Table::open(&file, name) {
            Ok(table) => tables.push((name.clone(), table)),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    let ready = tables.iter().find_map(|(name, table)| delphes(name, table).or_else(|| nanoaod(name, table)));
    let found = ready.or_else(|| {
        let guesses = tables.iter().filter_map(|(name, table)| guess::guess(name, table));
        // The tree with most kinds of objects; the first of those that have as many.
        guesses.rev().max_by_key(|(kinds, _)| *kinds).map(|(_, detected)| detected)
    });
    match (found, failed) {
        (Some(found), _) => Ok(found),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(NtupleError::UnknownLayout { path: path.to_path_buf(), trees: names }),
    }
}

/// What to write in a campaign whose `layout` does not open a file; None if the layout is not what is wrong.
pub fn better_layout(path: &Path, layout: &Layout) -> Option<String> {
    let found = detect(path).ok()?;
    let name = found.layout.name();
    if name != layout.name() {
        return Some(match found.layout {
            Layout::Branches(_) => "`bumphound inspect FILE --emit-map` writes a map of its branches".to_string(),
            _ => format!("the file looks like `layout: {name}`"),
        });
    }
    let tree = match layout {
        Layout::Delphes(names) => &names.tree,
        Layout::NanoAod(names) => &names.tree,
        Layout::Branches(_) | Layout::DarkMachinesCsv(_) => return None,
    };
    (*tree != found.tree).then(|| format!("its tree is `{0}`: `layout: {{{name}: {{tree: {0}}}}}`", found.tree))
}

fn delphes(name: &str, table: &Table) -> Option<Detected> {
    let has = |collection: &str| table.has(&format!("{collection}.PT")) && table.has(&format!("{collection}.Eta"));
    if !PARTS.iter().any(|(_, collection)| has(collection)) {
        return None;
    }
    let mut layout = DelphesLayout { tree: name.to_string(), ..DelphesLayout::default() };
    let mut unmatched = Vec::new();
    let leaves = table.leaves();
    for (part, usual) in PARTS.iter().filter(|(_, usual)| !has(usual)) {
        let others = leaves.iter().filter_map(|leaf| leaf.name().strip_suffix(".PT"));
        match others.filter(|other| other.contains(usual) && !other.starts_with("Gen")).find(|other| has(other)) {
            Some(other) => {
                unmatched.push(format!("no collection {usual}: {other} is taken for it"));
                match part {
                    Part::Electron => layout.electron = other.to_string(),
                    Part::Muon => layout.muon = other.to_string(),
                    Part::Photon => layout.photon = other.to_string(),
                    Part::Jet | Part::Met => layout.jet = other.to_string(),
                }
            }
            None => {
                layout.without.push(*part);
                unmatched.push(format!("no collection {usual}"));
            }
        }
    }
    if !table.has("MissingET.MET") {
        layout.without.push(Part::Met);
        unmatched.push("no MissingET.MET".to_string());
    }
    Some(Detected {
        layout: Layout::Delphes(layout),
        tree: name.to_string(),
        why: "it has the split collections of Delphes (such as Jet.PT)".to_string(),
        unmatched,
    })
}

fn nanoaod(name: &str, table: &Table) -> Option<Detected> {
    let has = |collection: &str| {
        let all = ["pt", "eta", "phi"].iter().all(|leaf| table.has(&format!("{collection}_{leaf}")));
        all && table.leaf(&format!("{collection}_pt")).is_ok_and(|leaf| leaf.is_jagged())
    };
    if !PARTS.iter().any(|(_, collection)| has(collection)) {
        return None;
    }
    let mut layout = NanoAodLayout { tree: name.to_string(), ..NanoAodLayout::default() };
    let mut unmatched = Vec::new();
    for (part, collection) in PARTS {
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
        layout: Layout::NanoAod(layout),
        tree: name.to_string(),
        why: "it has the collections of NanoAOD (such as Muon_pt)".to_string(),
        unmatched,
    })
}

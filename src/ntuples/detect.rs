//! Which layout a file has, and a branch map to start from where it has none of the ready ones.
//!
//! In: a path. Out: [`Detected`]: a [`Layout`] that opens the file, why it was chosen, and what found no place in it. How the
//! files of a layout are recognised says its row of [`LAYOUTS`].

use std::path::Path;

use super::error::NtupleError;
use super::layouts::{Detect, LAYOUTS, Layout};
use crate::rootfile::RootFile;
use crate::rootfile::table::{Stored, Table};

/// What a file looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// The layout; [`Layout::yaml`] writes it as a campaign spells it.
    pub layout: Layout,
    /// One sentence for people.
    pub why: String,
    /// Kinds of objects without branches, guesses that a person must check: a sentence each.
    pub unmatched: Vec<String>,
}

/// Recognises the layout of a file.
///
/// ```
/// let found = bumphound::ntuples::detect("data-samples/tiny/diphoton.root".as_ref())?;
/// assert_eq!((found.layout.name(), found.layout.tree()), ("delphes", "Delphes"));
/// # Ok::<(), bumphound::ntuples::NtupleError>(())
/// ```
pub fn detect(path: &Path) -> Result<Detected, NtupleError> {
    let by_start = LAYOUTS.iter().find_map(|kind| match &kind.detect {
        Detect::Start(detect) => detect(path),
        Detect::Tree(_) | Detect::Guess(_) => None,
    });
    if let Some(found) = by_start {
        return Ok(found);
    }
    let file = RootFile::open(path)?;
    let mut names: Vec<String> = Vec::new();
    for key in file.keys()?.into_iter().filter(|key| Stored::of(&key.class).is_some()) {
        if !names.contains(&key.path) {
            names.push(key.path);
        }
    }
    // A tree that cannot be read does not hide another one that can.
    let mut failed = None;
    let mut tables: Vec<(String, Table)> = Vec::new();
    for name in &names {
        match file.table(name) {
            Ok(table) => tables.push((name.clone(), table)),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    match (ready(&tables).or_else(|| guessed(&tables)), failed) {
        (Some(found), _) => Ok(found),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(NtupleError::UnknownLayout { path: path.to_path_buf(), trees: names }),
    }
}

/// The first tree that a layout with usual names knows.
fn ready(tables: &[(String, Table)]) -> Option<Detected> {
    tables.iter().find_map(|(name, table)| {
        LAYOUTS.iter().find_map(|kind| match &kind.detect {
            Detect::Tree(detect) => detect(name, table),
            Detect::Start(_) | Detect::Guess(_) => None,
        })
    })
}

/// The tree with most kinds of objects; the first of those that have as many.
fn guessed(tables: &[(String, Table)]) -> Option<Detected> {
    let guesses = tables.iter().flat_map(|(name, table)| {
        LAYOUTS.iter().filter_map(move |kind| match &kind.detect {
            Detect::Guess(guess) => guess(name, table),
            Detect::Start(_) | Detect::Tree(_) => None,
        })
    });
    let guesses: Vec<(usize, Detected)> = guesses.collect();
    guesses.into_iter().rev().max_by_key(|(kinds, _)| *kinds).map(|(_, detected)| detected)
}

/// What to write in a campaign whose `layout` does not open a file; None if the layout is not what is wrong.
pub fn better_layout(path: &Path, layout: &Layout) -> Option<String> {
    let found = detect(path).ok()?.layout;
    let name = found.name();
    if name != layout.name() {
        return Some(match found.kind().usual {
            None => "`bumphound inspect FILE --emit-map` writes a map of its branches".to_string(),
            Some(_) => format!("the file looks like `layout: {name}`"),
        });
    }
    // A map spells its tree beside all branches: another tree has others.
    let usual = found.kind().usual.is_some();
    let tree = found.tree();
    (usual && layout.tree() != tree).then(|| format!("its tree is `{tree}`: `layout: {{{name}: {{tree: {tree}}}}}`"))
}

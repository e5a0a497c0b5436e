//! A campaign for one file, ready to paste.
//!
//! In: the file, its layout, what its first events are like. Out: YAML text that [`crate::campaign::parse`] takes.

use std::path::Path;

use crate::fill::survey::Survey;
use crate::ntuples::describe::FileDescription;
use crate::ntuples::layouts::Layout;
use crate::ntuples::{Detected, momenta};

/// A campaign with the layout by name where it has one. Errors are sentences.
pub(super) fn campaign(file: &Path, layout: &Layout, survey: Option<&Survey>) -> Result<String, String> {
    let layout = layout.yaml()?;
    Ok(format!("{}{layout}{}", inputs(file, weighted(survey))?, regions(survey)))
}

/// The same with every branch named, and what is not certain as comments.
pub(super) fn with_map(file: &Path, detected: &Detected, survey: Option<&Survey>) -> Result<String, String> {
    let map = detected.layout.yaml_in_full()?;
    let comment = |sentence: &String| format!("# to check: {}\n", sentence.replace('\n', "\n#   "));
    let unmatched: String = detected.unmatched.iter().map(comment).collect();
    let inputs = inputs(file, weighted(survey))?;
    Ok(format!("{inputs}# {}: {}\n{unmatched}{map}", detected.layout.name(), detected.why))
}

/// True if the first events have weights other than 1: counting each once would be wrong.
fn weighted(survey: Option<&Survey>) -> bool {
    survey.is_some_and(|survey| survey.weights != [1.0, 1.0])
}

/// The frame of a branch map, with all branches of the largest tree of events as a comment. It is no campaign yet.
pub(super) fn frame(file: &Path, found: &FileDescription) -> Result<String, String> {
    let tables = found.tables.iter().filter(|table| !table.superseded);
    let table = tables.max_by_key(|table| (table.may_hold_events(), table.bytes().0)).ok_or("the file has no tree")?;
    let tree = serde_json::to_string(&table.name).map_err(|error| error.to_string())?;
    let mut text = inputs(file, false)?;
    text.push_str(&format!("layout:\n  branches:\n    tree: {tree}\n    units: GeV\n"));
    for line in [
        "electron: {pt: ?, eta: ?, phi: ?, charge: ?}",
        "muon: {pt: ?, eta: ?, phi: ?, charge: ?}",
        "photon: {pt: ?, eta: ?, phi: ?}",
        "jet: {pt: ?, eta: ?, phi: ?, mass: ?}  # or px, py, pz, energy",
        "met: {pt: ?, phi: ?}",
        "weight: ?",
    ] {
        text.push_str(&format!("    # {line}\n"));
    }
    let readable = || table.columns.iter().filter(|column| column.readable);
    let momenta = momenta(readable().map(|column| column.name.as_str()));
    if !momenta.is_empty() {
        text.push_str("# Complete momenta; several of one kind as a list, `muon: [{...}, {...}]`:\n");
    }
    for momentum in momenta {
        text.push_str(&format!("#   {}\n", momentum.escape_debug()));
    }
    text.push_str(&format!("# Branches of {} that hold numbers:\n", table.name));
    for column in readable() {
        text.push_str(&format!("#   {}  {}\n", column.name.escape_debug(), column.type_name.escape_debug()));
    }
    Ok(text)
}

fn inputs(file: &Path, weighted: bool) -> Result<String, String> {
    let file = file.canonicalize().map_err(|error| format!("{}: {error}", file.display()))?;
    let file = file.to_str().ok_or_else(|| format!("{}: campaigns need names in UTF-8", file.display()))?;
    // JSON quoting is YAML quoting.
    let file = serde_json::to_string(file).map_err(|error| error.to_string())?;
    Ok(format!(
        "inputs:
  - files: [{file}]  # or a glob
    {}
",
        if weighted {
            "# weights count as in the file; scaled: mc: {cross_section_pb: ...}, and lumi_ifb: ... at the top"
        } else {
            "data: true  # every event counts once; simulation: mc: {cross_section_pb: ...}, and lumi_ifb: ... at the top"
        }
    ))
}

/// Regions that a fair share of the events enters.
fn regions(survey: Option<&Survey>) -> String {
    let Some(survey) = survey else { return String::new() };
    let mut text = String::from("regions:\n  incl: ~\n");
    let share = |cut: &str| {
        let found = survey.selections.iter().find(|one| one.cut == cut);
        found.map_or(0.0, |one| one.events as f64 / survey.events.max(1) as f64)
    };
    for (name, cut) in [("met200", "MET > 200"), ("dijet50", "n(jet, pt > 50) >= 2")] {
        if (0.01..0.99).contains(&share(cut)) {
            text.push_str(&format!("  {name}: {cut}\n"));
        }
    }
    text
}

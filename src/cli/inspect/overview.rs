//! What a file holds, as text: trees, branches, layout, first events, a campaign to start from.

use super::Found;
use super::columns::Align::{Left, Right};
use super::columns::{shortened, table};
use crate::digits;
use crate::fill::survey::Survey;
use crate::ntuples::describe::{ColumnDescription, FileDescription, TableDescription};

/// Rows that are shown of a long list.
const ROWS: usize = 24;

/// The whole text. `all`: nothing is left out.
pub(super) fn text(file: &FileDescription, found: &Found, all: bool) -> String {
    let mut text = format!("{}: {}, {}\n", file.path, file.format, digits::bytes(file.bytes));
    for line in &file.first_lines {
        text.push_str(&format!("  {}\n", shortened(line, 110)));
    }
    if !file.tables.is_empty() {
        text.push_str(&format!("\ntrees\n{}", trees(file)));
    }
    let shown =
        |table: &&TableDescription| !table.superseded && (all || found.tree().is_none_or(|name| name == table.name));
    for table in file.tables.iter().filter(shown) {
        if let Some(problem) = &table.problem {
            text.push_str(&format!("\n{} cannot be read: {problem}\n", table.name));
        } else {
            text.push_str(&branches(table, found, all));
        }
    }
    if !found.first_fields.is_empty() {
        let fields = super::event::raw_fields(&found.first_fields, all);
        text.push_str(&format!(
            "\ncolumns, in the first event (separated by `;`; an object is its symbol, E, pT, eta, phi; MeV)\n{fields}"
        ));
    }
    if !file.others.is_empty() {
        text.push_str(&others(file, all));
    }
    text.push_str(&layout(found));
    if let Some(survey) = &found.survey {
        text.push_str(&first_events(survey));
    }
    if let Some(snippet) = &found.snippet {
        text.push_str(&format!(
            "\nA campaign to start from (save it as my.yaml; `bumphound check my.yaml` says what it does):\n\n{snippet}"
        ));
    }
    text
}

fn trees(file: &FileDescription) -> String {
    let rows: Vec<Vec<String>> = file
        .tables
        .iter()
        .map(|tree| {
            let (packed, unpacked) = tree.bytes();
            let compression: Vec<&str> = tree.compressions().into_iter().take(2).map(|(name, _)| name).collect();
            vec![
                format!("{};{}", tree.name, tree.cycle),
                tree.class.clone(),
                tree.entries.map_or(digits::MISSING.into(), |n| digits::count(n as f64)),
                digits::count(tree.columns.len() as f64),
                digits::bytes(packed),
                compression.join(", "),
                ratio(packed, unpacked),
                if tree.superseded { "older cycle".into() } else { String::new() },
            ]
        })
        .collect();
    let header = ["name;cycle", "class", "entries", "branches", "on disk", "compression", "ratio", ""];
    table(&header, &[Left, Left, Right, Right, Right, Left, Right, Left], &rows)
}

/// Those that are read first, then the others in the order of the file.
fn branches(tree: &TableDescription, found: &Found, all: bool) -> String {
    let most = if all { usize::MAX } else { ROWS };
    let read_as = |name: &str| found.used.get(name).filter(|_| found.tree() == Some(&tree.name));
    let mut columns: Vec<&ColumnDescription> = tree.columns.iter().collect();
    columns.sort_by_key(|column| read_as(&column.name).is_none());
    let rows: Vec<Vec<String>> = columns
        .into_iter()
        .take(most)
        .map(|column| {
            vec![
                shortened(&column.name, 60),
                shortened(&column.type_name, 40),
                match column.packed_bytes {
                    0 if column.baskets > 0 => "in the tree".into(),
                    bytes => digits::bytes(bytes),
                },
                ratio(column.packed_bytes, column.unpacked_bytes),
                column.compression.clone(),
                digits::count(column.baskets as f64),
                match read_as(&column.name) {
                    Some(meant) => format!("read as {meant}"),
                    None if column.readable => String::new(),
                    None => "no plain numbers".into(),
                },
            ]
        })
        .collect();
    let header = ["branch", "type", "on disk", "ratio", "compression", "baskets", ""];
    let lines = table(&header, &[Left, Left, Right, Right, Left, Right, Left], &rows);
    format!("\nbranches of {}\n{lines}{}", tree.name, more(tree.columns.len(), most))
}

fn others(file: &FileDescription, all: bool) -> String {
    let most = if all { usize::MAX } else { 8 };
    let rows: Vec<Vec<String>> = file
        .others
        .iter()
        .take(most)
        .map(|other| vec![format!("{};{}", other.name, other.cycle), other.class.clone()])
        .collect();
    format!("\nother objects\n{}{}", table(&[], &[Left, Left], &rows), more(file.others.len(), most))
}

fn layout(found: &Found) -> String {
    match &found.layout {
        Ok(detected) => {
            let tree = detected.layout.tree();
            let tree = if tree.is_empty() { String::new() } else { format!(" (tree {tree})") };
            let mut text = format!("\nlayout: {}{tree}: {}\n", detected.layout.name(), detected.why);
            for sentence in detected.unmatched.iter().chain(&found.notes) {
                text.push_str(&format!("  - {sentence}\n"));
            }
            text
        }
        Err(reason) => format!("\nlayout: not recognised: {reason}\n"),
    }
}

fn first_events(survey: &Survey) -> String {
    if survey.events == 0 {
        return "\nno events\n".into();
    }
    let per_event = |n: f64| format!("{n:.2}");
    let objects: Vec<Vec<String>> = survey
        .objects
        .iter()
        .map(|one| vec![one.kind.to_string(), one.in_file.map_or(String::new(), per_event), per_event(one.selected)])
        .collect();
    let selections: Vec<Vec<String>> = survey
        .selections
        .iter()
        .map(|one| {
            let share = 100.0 * one.events as f64 / (survey.events.max(1)) as f64;
            vec![
                format!("{share:.1} %"),
                one.selection.clone(),
                if one.selection.ends_with(&one.cut) { String::new() } else { one.cut.clone() },
            ]
        })
        .collect();
    let [low, high] = survey.weights;
    let weights =
        if low == high { format!("all weights {low}") } else { format!("weights from {low:.4} to {high:.4}") };
    format!(
        "\nfirst {}: mean MET {:.0} GeV, {weights}\n{}\nselections they pass\n{}",
        digits::counted(survey.events, "event", "events"),
        survey.mean_met_gev,
        table(&["per event", "in file", "selected"], &[Left, Right, Right], &objects),
        table(&[], &[Right, Left, Left], &selections)
    )
}

fn ratio(packed: u64, unpacked: u64) -> String {
    if packed == 0 { digits::MISSING.into() } else { format!("{:.2}", unpacked as f64 / packed as f64) }
}

fn more(there: usize, shown: usize) -> String {
    if there <= shown { String::new() } else { format!("  ... and {} more (--all shows them)\n", there - shown) }
}

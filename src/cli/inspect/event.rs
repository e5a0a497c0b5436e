//! One event as text: objects of the file and what became of them, composites, categories, masses with their bins.

use super::columns::Align::{Left, Right};
use super::columns::{shortened, table};
use crate::digits;
use crate::fill::explain::ExplainedEvent;
use crate::ntuples::describe::{RawField, RawValues};

/// Rows that are shown of a long list.
const ROWS: usize = 30;

/// The whole text. `all`: nothing is left out.
pub(super) fn text(event: &ExplainedEvent, (raw, fields): (&[RawValues], &[RawField]), all: bool) -> String {
    let met = event
        .met_gev
        .map_or("no usable MET".into(), |met| format!("MET {} GeV at phi {:.3}", digits::mass(met), event.met_phi));
    let mut text =
        format!("event {}: weight {}, {met}, HT {} GeV\n", event.entry, event.weight, digits::mass(event.ht_gev));
    text.push_str(&raw_values(raw, all));
    if !fields.is_empty() {
        text.push_str(&format!("\nas stored in the file\n{}", raw_fields(fields, all)));
    }
    text.push_str(&objects(event));
    text.push_str(&labelled(event));
    text.push_str(&cuts(event));
    text.push_str(&masses(event, all));
    text
}

fn raw_values(raw: &[RawValues], all: bool) -> String {
    if raw.is_empty() {
        return String::new();
    }
    let most = if all { usize::MAX } else { ROWS };
    let values = |values: &[f64]| {
        let shown: Vec<String> = values.iter().take(if all { usize::MAX } else { 6 }).map(|x| format!("{x}")).collect();
        let rest = values.len() - shown.len();
        let more = if rest > 0 { format!(" ... {rest} more") } else { String::new() };
        format!("{}{more}", shown.join(" "))
    };
    let rows: Vec<Vec<String>> = raw
        .iter()
        .take(most)
        .map(|one| vec![shortened(&one.branch, 50), digits::count(one.values.len() as f64), values(&one.values)])
        .collect();
    let lines = table(&["branch", "values", ""], &[Left, Right, Left], &rows);
    let more = match raw.len().saturating_sub(most) {
        0 => String::new(),
        n => format!("  ... and {n} more branches (--all shows them)\n"),
    };
    format!("\nas stored in the file\n{lines}{more}")
}

/// Fields of a line of text.
pub(super) fn raw_fields(fields: &[RawField], all: bool) -> String {
    let most = if all { usize::MAX } else { ROWS };
    let row = |field: &RawField| vec![field.column.clone(), shortened(&field.text, if all { usize::MAX } else { 90 })];
    let rows: Vec<Vec<String>> = fields.iter().take(most).map(row).collect();
    let more = match fields.len().saturating_sub(most) {
        0 => String::new(),
        n => format!("  ... and {n} more fields (--all shows them)\n"),
    };
    format!("{}{more}", table(&["column", "text"], &[Left, Left], &rows))
}

fn objects(event: &ExplainedEvent) -> String {
    let gev = |x: f64| format!("{x:.2}");
    let rows: Vec<Vec<String>> = event
        .objects
        .iter()
        .map(|one| {
            vec![
                format!("{} {}", one.kind, one.number),
                gev(one.pt_gev),
                format!("{:.3}", one.eta),
                format!("{:.3}", one.phi),
                one.mass_gev.map_or(String::new(), gev),
                one.charge.map_or(String::new(), |charge| format!("{charge:+}")),
                one.btag.map_or(String::new(), |tag| if tag { "b".into() } else { String::new() }),
                one.becomes.clone(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return "\nno objects in the file\n".into();
    }
    let header = ["object", "pT/GeV", "eta", "phi", "m/GeV", "charge", "tag", "becomes"];
    format!("\nobjects\n{}", table(&header, &[Left, Right, Right, Right, Right, Right, Left, Left], &rows))
}

fn labelled(event: &ExplainedEvent) -> String {
    let rows: Vec<Vec<String>> = event
        .labelled
        .iter()
        .map(|one| {
            vec![
                one.label.clone(),
                format!("{:.2}", one.pt_gev),
                format!("{:.3}", one.eta),
                format!("{:.3}", one.phi),
                format!("{:.2}", one.mass_gev),
            ]
        })
        .collect();
    if rows.is_empty() {
        return "\nno object enters a mass\n".into();
    }
    let header = ["label", "pT/GeV", "eta", "phi", "m/GeV"];
    format!("\nin masses\n{}", table(&header, &[Left, Right, Right, Right, Right], &rows))
}

fn cuts(event: &ExplainedEvent) -> String {
    let rows: Vec<Vec<String>> = event
        .required
        .iter()
        .chain(&event.preselection)
        .chain(&event.regions)
        .map(|cut| {
            let passed = if cut.passed { "passed" } else { "not passed" };
            vec![cut.name.clone(), passed.into(), cut.cut.clone().unwrap_or_else(|| "every event".into())]
        })
        .collect();
    let categories = match event.categories.as_slice() {
        [] => "none, the event is not booked".into(),
        categories => categories.join("  "),
    };
    format!("\ncuts\n{}\ncategories: {categories}\n", table(&[], &[Left, Left, Left], &rows))
}

fn masses(event: &ExplainedEvent, all: bool) -> String {
    if event.masses.is_empty() {
        return "no masses\n".into();
    }
    let most = if all { usize::MAX } else { ROWS };
    let edge = |edge: Option<f64>| edge.map_or(String::new(), |edge| format!("{edge:.2}"));
    let rows: Vec<Vec<String>> = event
        .masses
        .iter()
        .take(most)
        .map(|one| {
            let range = match (one.low_gev, one.high_gev) {
                (None, _) => format!("underflow, below {}", edge(one.high_gev)),
                (_, None) => format!("overflow, above {}", edge(one.low_gev)),
                _ => format!("{} to {}", edge(one.low_gev), edge(one.high_gev)),
            };
            vec![one.mass.clone(), format!("{:.3}", one.value_gev), one.bin.to_string(), range]
        })
        .collect();
    let more = match event.masses.len().saturating_sub(most) {
        0 => String::new(),
        n => format!("  ... and {n} more masses (--all shows them)\n"),
    };
    let header = ["mass", "GeV", "bin", "GeV"];
    format!(
        "\n{}\n{}{more}",
        digits::counted(event.masses.len() as u64, "mass", "masses"),
        table(&header, &[Left, Right, Right, Left], &rows)
    )
}

//! The last lines of a run: the finding and the first candidates as a plain table.
//!
//! In: [`ReportData`]. Out: text without colours for a terminal or a log, at most about 120 columns wide; the command
//! line prints it.

use super::ReportData;
use super::wording::{Finding, chance, heads, planted_notice, with_error};
use crate::digits;
use crate::ranking::Bump;

const HEAD: [&str; 10] =
    ["rank", "mass", "category", "at GeV", "observed", "expected", "p stack", "p campaign", "z", "verdict"];
/// Columns aligned to the left: texts.
const LEFT: [bool; 10] = [false, true, true, false, false, false, false, false, false, true];
/// A category or mass longer than this is cut in the middle.
const WIDEST: usize = 34;

/// The finding, a notice about planted signals, the heads of the first `top` candidates, what chance leads one to expect, warnings.
pub fn summary_text(data: &ReportData, top: usize) -> String {
    let mut lines = vec![Finding::of(data).sentence(data)];
    lines.extend(planted_notice(data));
    let heads = heads(data);
    let rows: Vec<[String; 10]> = heads.iter().take(top).map(|bump| row(bump)).collect();
    if !rows.is_empty() {
        lines.push(String::new());
        lines.extend(table(&rows));
        if heads.len() > rows.len() {
            lines.push(format!(
                "... and {} in bumps.csv, {} in all",
                digits::counted((heads.len() - rows.len()) as u64, "more candidate", "more candidates"),
                digits::counted(data.bumps.len() as u64, "line", "lines"),
            ));
        }
        if heads.iter().take(top).any(|bump| bump.p_stack_is_extrapolated) {
            lines.push("~: extrapolated beyond the toys".into());
        }
    }
    lines.push(String::new());
    let left_out: u64 = data.stacks.left_out.iter().map(|(_, n)| n).sum();
    let searched = data.stacks.invariant + data.stacks.transverse;
    lines.push(format!(
        "{} in {}: {} searched, {} left out; {} also scanned by the network.",
        digits::counted(data.spectra.booked, "spectrum", "spectra"),
        digits::counted(data.categories, "category", "categories"),
        digits::counted(searched, "stack", "stacks"),
        digits::count(left_out as f64),
        digits::counted(data.spectra.scanned, "spectrum", "spectra"),
    ));
    lines.extend(data.expectation.iter().cloned());
    lines.extend(data.warnings.iter().map(|warning| {
        let what = if data.notes.contains(warning) { "note" } else { "warning" };
        format!("{what}: {warning}")
    }));
    // Names come from files: no control character may reach a terminal.
    let clean = |line: &String| line.trim_end().replace(char::is_control, "?");
    let mut text = lines.iter().map(clean).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

fn row(bump: &Bump) -> [String; 10] {
    let known = if bump.known.is_empty() { String::new() } else { format!(": {}", bump.known.join(", ")) };
    let extrapolated = bump.p_stack_is_extrapolated;
    [
        bump.rank.to_string(),
        cut(&bump.mass.to_string()),
        cut(&bump.category.to_string()),
        digits::mass(bump.peak_gev),
        digits::count(bump.observed),
        with_error(bump.expected, bump.expected_error),
        chance(bump.p_stack, extrapolated),
        chance(bump.p_campaign, extrapolated),
        digits::z(bump.z_combined),
        format!("{}{known}", bump.verdict.name()),
    ]
}

/// Keeps both ends of a long label.
fn cut(label: &str) -> String {
    let chars: Vec<char> = label.chars().collect();
    if chars.len() <= WIDEST {
        return chars.into_iter().collect();
    }
    let (head, tail) = (WIDEST / 2, WIDEST - WIDEST / 2 - 1);
    chars.iter().take(head).chain(['…'].iter()).chain(chars.iter().skip(chars.len() - tail)).collect()
}

fn table(rows: &[[String; 10]]) -> Vec<String> {
    let head = HEAD.map(str::to_string);
    let width = |column: usize| {
        std::iter::once(&head).chain(rows).map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    std::iter::once(&head)
        .chain(rows)
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .zip(LEFT)
                .map(|((text, &width), left)| if left { format!("{text:<width$}") } else { format!("{text:>width$}") })
                .collect();
            cells.join("  ")
        })
        .collect()
}

//! `bumps.csv`: every line, candidate by candidate.
//!
//! In: [`Bump`]s in order. Out: CSV with a header; masses in GeV, counts in events; empty fields where there is no value
//! (no known name, a spectrum that the network did not see). The columns up to `known` are an interface that scripts rely
//! on; new columns go to the end.

use std::io::Write;

use super::{Provenance, ReportData, ReportError};
use crate::digits::nine_digits;
use crate::ranking::{Bump, RowSeen};

/// What a line is made from.
struct Line<'a> {
    bump: &'a Bump,
    from: &'a Provenance,
}

/// Name and value of a column.
type Column = (&'static str, fn(&Line) -> String);

/// Columns of `bumps.csv`, in order.
const COLUMNS: &[Column] = &[
    ("rank", |line| line.bump.rank.to_string()),
    ("category", |line| line.bump.category.to_string()),
    ("mass", |line| line.bump.mass.to_string()),
    ("peak_gev", |line| nine_digits(line.bump.peak_gev)),
    ("low_gev", |line| nine_digits(line.bump.low_gev)),
    ("high_gev", |line| nine_digits(line.bump.high_gev)),
    ("observed", |line| nine_digits(line.bump.observed)),
    ("expected", |line| nine_digits(line.bump.expected)),
    ("p_local", |line| nine_digits(line.bump.p_local)),
    ("p_stack", |line| nine_digits(line.bump.p_stack)),
    ("p_campaign", |line| nine_digits(line.bump.p_campaign)),
    ("z_combined", |line| nine_digits(line.bump.z_combined)),
    ("verdict", |line| line.bump.verdict.name().to_string()),
    ("known", |line| line.bump.known.join("; ")),
    ("jets", |line| line.bump.jets.clone()),
    ("expected_error", |line| nine_digits(line.bump.expected_error)),
    ("p_stack_toys", |line| line.bump.p_stack_toys.to_string()),
    ("p_stack_is_extrapolated", |line| line.bump.p_stack_is_extrapolated.to_string()),
    ("z_network", |line| line.bump.z_network.map_or(String::new(), nine_digits)),
    ("transverse", |line| line.bump.is_transverse().to_string()),
    ("width_bins", |line| line.bump.width_bins.to_string()),
    ("rows", |line| rows(line.bump)),
    ("reason", |line| line.bump.reason.clone()),
    // Where the line comes from, the same in every line: a table is often cut out of its folder.
    ("version", |line| line.from.version.clone()),
    ("commit", |line| line.from.commit.clone()),
    ("campaign_sha256", |line| line.from.campaign_sha256.clone()),
    ("device", |line| line.from.device.clone()),
];

/// Names of the columns of `bumps.csv`, in order.
pub fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|(name, _)| *name)
}

/// Writes all bumps of the report.
pub fn write_bumps_csv<W: Write>(out: W, data: &ReportData) -> Result<(), ReportError> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(columns())?;
    for bump in &data.bumps {
        let line = Line { bump, from: &data.provenance };
        table.write_record(COLUMNS.iter().map(|(_, value)| value(&line)))?;
    }
    table.flush()?;
    Ok(())
}

/// `0j 11/0.384; 1j 9/1.02`: observed and expected by multiplicity.
fn rows(bump: &Bump) -> String {
    let text =
        |row: &RowSeen| format!("{} {}/{}", row.category.jets, nine_digits(row.observed), nine_digits(row.expected));
    bump.rows.iter().map(text).collect::<Vec<_>>().join("; ")
}

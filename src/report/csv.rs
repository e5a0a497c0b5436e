//! `bumps.csv`: every ranked bump, one line each.
//!
//! In: [`Bump`]s in rank order. Out: CSV with a header; masses in GeV, counts in events; empty fields where there is no
//! value (an empty side, a bump without a known name). The first thirteen columns are an interface that scripts rely
//! on; new columns go to the end.

use std::io::Write;

use super::wording::{method_name, verdict_name};
use super::{Provenance, ReportData, ReportError};
use crate::digits::nine_digits;
use crate::ranking::{Bump, Neighbour};

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
    ("z_local", |line| nine_digits(line.bump.z_local)),
    ("p_spectrum", |line| nine_digits(line.bump.p_spectrum)),
    ("neighbour_z_minus", |line| number(line.bump.neighbour_minus.z)),
    ("neighbour_z_plus", |line| number(line.bump.neighbour_plus.z)),
    ("verdict", |line| verdict_name(line.bump.verdict).to_string()),
    ("z_combined", |line| nine_digits(line.bump.z_combined)),
    ("p_campaign", |line| nine_digits(line.bump.p_campaign)),
    ("p_spectrum_is_bound", |line| line.bump.p_spectrum_is_bound.to_string()),
    ("transverse", |line| line.bump.is_transverse().to_string()),
    ("width_bins", |line| line.bump.width_bins.to_string()),
    ("known", |line| line.bump.known.join("; ")),
    ("reason", |line| line.bump.reason.clone()),
    ("neighbour_minus_category", |line| category(&line.bump.neighbour_minus)),
    ("neighbour_minus_method", |line| method(&line.bump.neighbour_minus)),
    ("neighbour_minus_observed", |line| number(line.bump.neighbour_minus.observed)),
    ("neighbour_minus_background", |line| number(line.bump.neighbour_minus.background)),
    ("neighbour_minus_expected_excess", |line| number(line.bump.neighbour_minus.expected_excess)),
    ("neighbour_plus_category", |line| category(&line.bump.neighbour_plus)),
    ("neighbour_plus_method", |line| method(&line.bump.neighbour_plus)),
    ("neighbour_plus_observed", |line| number(line.bump.neighbour_plus.observed)),
    ("neighbour_plus_background", |line| number(line.bump.neighbour_plus.background)),
    ("neighbour_plus_expected_excess", |line| number(line.bump.neighbour_plus.expected_excess)),
    // Where the line comes from, the same in every line: a table is often cut out of its folder.
    ("version", |line| line.from.version.clone()),
    ("commit", |line| line.from.commit.clone()),
    ("campaign_sha256", |line| line.from.campaign_sha256.clone()),
    ("device", |line| line.from.device.clone()),
    ("z_local_low", |line| number(line.bump.z_local_interval.map(|[low, _]| low))),
    ("z_local_high", |line| number(line.bump.z_local_interval.map(|[_, high]| high))),
    ("expected_low", |line| number(line.bump.expected_interval.map(|[low, _]| low))),
    ("expected_high", |line| number(line.bump.expected_interval.map(|[_, high]| high))),
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

fn category(side: &Neighbour) -> String {
    side.category.as_ref().map_or(String::new(), ToString::to_string)
}

fn method(side: &Neighbour) -> String {
    side.method.map_or(String::new(), |method| method_name(method).to_string())
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), nine_digits)
}

//! `bumps.csv`: every ranked bump, one line each.
//!
//! In: [`Bump`]s in rank order. Out: CSV with a header; masses in GeV, counts in events; empty fields where there is no
//! value (an empty side, a bump without a known name). The first thirteen columns are an interface that scripts rely
//! on; new columns go to the end.

use std::io::Write;

use super::wording::{method_name, verdict_name};
use super::{Provenance, ReportData, ReportError};
use crate::categories::Category;
use crate::digits::nine_digits;
use crate::ranking::{Bump, Neighbour};

/// Columns of `bumps.csv`, in order.
pub const COLUMNS: [&str; 38] = [
    "rank",
    "category",
    "mass",
    "peak_gev",
    "low_gev",
    "high_gev",
    "observed",
    "expected",
    "z_local",
    "p_spectrum",
    "neighbour_z_minus",
    "neighbour_z_plus",
    "verdict",
    "z_combined",
    "p_campaign",
    "p_spectrum_is_bound",
    "transverse",
    "width_bins",
    "known",
    "reason",
    "neighbour_minus_category",
    "neighbour_minus_method",
    "neighbour_minus_observed",
    "neighbour_minus_background",
    "neighbour_minus_expected_excess",
    "neighbour_plus_category",
    "neighbour_plus_method",
    "neighbour_plus_observed",
    "neighbour_plus_background",
    "neighbour_plus_expected_excess",
    // Where the line comes from, the same in every line: a table is often cut out of its folder.
    "version",
    "commit",
    "campaign_sha256",
    "device",
    "z_local_low",
    "z_local_high",
    "expected_low",
    "expected_high",
];

/// Writes all bumps of the report.
pub fn write_bumps_csv<W: Write>(out: W, data: &ReportData) -> Result<(), ReportError> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    for bump in &data.bumps {
        table.write_record(record(bump, &data.provenance))?;
    }
    table.flush()?;
    Ok(())
}

/// One line, in the order of [`COLUMNS`].
fn record(bump: &Bump, from: &Provenance) -> [String; COLUMNS.len()] {
    let [minus_category, minus_method, minus_observed, minus_background, minus_excess] =
        neighbour(&bump.neighbour_minus);
    let [plus_category, plus_method, plus_observed, plus_background, plus_excess] = neighbour(&bump.neighbour_plus);
    [
        bump.rank.to_string(),
        bump.category.to_string(),
        bump.mass.to_string(),
        nine_digits(bump.peak_gev),
        nine_digits(bump.low_gev),
        nine_digits(bump.high_gev),
        nine_digits(bump.observed),
        nine_digits(bump.expected),
        nine_digits(bump.z_local),
        nine_digits(bump.p_spectrum),
        number(bump.neighbour_minus.z),
        number(bump.neighbour_plus.z),
        verdict_name(bump.verdict).to_string(),
        nine_digits(bump.z_combined),
        nine_digits(bump.p_campaign),
        bump.p_spectrum_is_bound.to_string(),
        bump.is_transverse().to_string(),
        bump.width_bins.to_string(),
        bump.known.join("; "),
        bump.reason.clone(),
        minus_category,
        minus_method,
        minus_observed,
        minus_background,
        minus_excess,
        plus_category,
        plus_method,
        plus_observed,
        plus_background,
        plus_excess,
        from.version.clone(),
        from.commit.clone(),
        from.campaign_sha256.clone(),
        from.device.clone(),
        number(bump.z_local_interval.map(|interval| interval[0])),
        number(bump.z_local_interval.map(|interval| interval[1])),
        number(bump.expected_interval.map(|interval| interval[0])),
        number(bump.expected_interval.map(|interval| interval[1])),
    ]
}

fn neighbour(side: &Neighbour) -> [String; 5] {
    [
        side.category.as_ref().map_or(String::new(), Category::to_string),
        side.method.map_or(String::new(), |method| method_name(method).to_string()),
        number(side.observed),
        number(side.background),
        number(side.expected_excess),
    ]
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), nine_digits)
}

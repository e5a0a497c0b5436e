//! The comparison as a table for the terminal, as CSV and as JSON.
//!
//! In: compared spectra. Out: text. Masses in GeV; z local; p_spectrum is the chance that background alone is as significant.

use std::io::Write;

use super::compare::{Compared, KnownBackground, Peak};
use super::toys::Toys;
use super::{Outcome, Validation};
use bumphound::digits::{self, nine_digits};
use bumphound::part_file::ContentsError;

/// Number of columns of the table for people.
pub const COLUMNS: usize = 11;

/// Columns of the table for people.
pub const HEADER: [&str; COLUMNS] = [
    "spectrum",
    "range GeV",
    "bins",
    "signal, bins",
    "network Zmax",
    "known bkg Zmax",
    "network there",
    "side band Zmax",
    "p_spectrum",
    "p by toys (known)",
    "expected",
];

/// `6.9 @ 125.5`.
pub fn peak_text(peak: &Peak) -> String {
    format!("{:.1} @ {}", peak.z, digits::mass(peak.gev)).replace('-', "−")
}

/// The cells of one spectrum, in the order of [`HEADER`].
pub fn cells(spectrum: &Compared) -> [String; COLUMNS] {
    let missing = || digits::MISSING.to_string();
    let (from, to) = ends(spectrum);
    let joined = if spectrum.rebin > 1 { format!(" ({}:1)", spectrum.rebin) } else { String::new() };
    [
        spectrum.name.clone(),
        format!("{}–{}{}", digits::mass(from), digits::mass(to), if spectrum.trimmed { " trimmed" } else { "" }),
        format!("{}{joined}", spectrum.spectrum.counts.len()),
        spectrum.signal_bins.map_or_else(missing, |bins| signal_text(&bins)),
        peak_text(&spectrum.network),
        spectrum.known.as_ref().map_or_else(missing, |known| peak_text(&known.zmax)),
        spectrum.network_z_there.map_or_else(missing, digits::z),
        peak_text(&spectrum.sideband),
        digits::bounded_probability(spectrum.p_spectrum, spectrum.p_spectrum_is_bound),
        spectrum.toys.as_ref().map_or_else(missing, |toys| {
            let text = |p: f64| digits::bounded_probability(p, toys.is_bound(p));
            format!("{} ({})", text(toys.p_network), text(toys.p_known))
        }),
        match (&spectrum.expected, &spectrum.verdict) {
            (None, _) => missing(),
            (Some(expected), verdict) => format!("{}: {}", expected.sentence(), verdict.name()),
        },
    ]
}

/// `1.7` or `0.3–1.1`.
fn signal_text([least, most]: &[f64; 2]) -> String {
    let (least, most) = (format!("{least:.1}"), format!("{most:.1}"));
    if least == most { least } else { format!("{least}–{most}") }
}

fn ends(spectrum: &Compared) -> (f64, f64) {
    let edges = &spectrum.spectrum.edges;
    (edges.first().copied().unwrap_or(f64::NAN), edges.last().copied().unwrap_or(f64::NAN))
}

/// The table with columns one under the other, and a line per spectrum that is not as expected.
pub fn text(spectra: &[Compared]) -> String {
    let rows: Vec<[String; COLUMNS]> =
        std::iter::once(HEADER.map(str::to_string)).chain(spectra.iter().map(cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let line: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    for spectrum in spectra {
        if let Outcome::NotAsExpected { why } = &spectrum.verdict {
            text.push_str(&format!("{}: {why}\n", spectrum.name));
        }
        if let Some(rise) = rise(spectrum) {
            text.push_str(&format!("{}: {rise}\n", spectrum.name));
        }
    }
    text
}

/// What a spectrum that rises first makes of its p_spectrum.
pub fn rise(spectrum: &Compared) -> Option<String> {
    let gev = digits::mass(spectrum.rises_to_gev?);
    Some(format!(
        "It rises to its maximum at {gev} GeV: p_spectrum, measured on spectra that fall from their maximum, is often too small here; `trim` starts there."
    ))
}

/// Name and value of a column.
type Column = (&'static str, fn(&Compared) -> String);

/// Columns of the CSV, in order.
const CSV: &[Column] = &[
    ("spectrum", |one| one.name.clone()),
    ("file", |one| one.file.clone()),
    ("from_gev", |one| nine_digits(ends(one).0)),
    ("to_gev", |one| nine_digits(ends(one).1)),
    ("bins", |one| one.spectrum.counts.len().to_string()),
    ("rebin", |one| one.rebin.to_string()),
    ("trimmed", |one| one.trimmed.to_string()),
    ("entries", |one| nine_digits(one.spectrum.counts.iter().sum())),
    ("network_zmax", |one| nine_digits(one.network.z)),
    ("network_gev", |one| nine_digits(one.network.gev)),
    ("p_spectrum", |one| nine_digits(one.p_spectrum)),
    ("p_spectrum_is_bound", |one| one.p_spectrum_is_bound.to_string()),
    ("rises_to_gev", |one| optional(one.rises_to_gev)),
    ("known_zmax", |one| of_known(one, |known| Some(known.zmax.z))),
    ("known_gev", |one| of_known(one, |known| Some(known.zmax.gev))),
    ("known_zmax_width_1", |one| of_known(one, |known| known_width(known, 0))),
    ("known_zmax_width_2", |one| of_known(one, |known| known_width(known, 1))),
    ("known_zmax_width_3", |one| of_known(one, |known| known_width(known, 2))),
    ("known_zmax_width_4", |one| of_known(one, |known| known_width(known, 3))),
    ("network_z_there", |one| optional(one.network_z_there)),
    ("toys", |one| one.toys.as_ref().map_or(String::new(), |toys| toys.toys.to_string())),
    ("p_toys_network", |one| of_toys(one, |toys| toys.p_network)),
    ("p_toys_known", |one| of_toys(one, |toys| toys.p_known)),
    ("p_spectrum_below_5_percent", |one| of_toys(one, |toys| toys.p_spectrum_below_5_percent)),
    ("null_difference_mean", |one| of_toys(one, |toys| toys.null.mean)),
    ("null_difference_sd", |one| of_toys(one, |toys| toys.null.sd)),
    ("signal_difference_mean", |one| of_toys(one, |toys| toys.signal.mean)),
    ("signal_difference_sd", |one| of_toys(one, |toys| toys.signal.sd)),
    ("sideband_zmax", |one| nine_digits(one.sideband.z)),
    ("sideband_gev", |one| nine_digits(one.sideband.gev)),
    ("expected", |one| one.expected.as_ref().map_or(String::new(), |expected| expected.sentence())),
    ("verdict", |one| one.verdict.name().to_string()),
];

fn optional(value: Option<f64>) -> String {
    value.map_or(String::new(), nine_digits)
}

fn of_known(spectrum: &Compared, value: fn(&KnownBackground) -> Option<f64>) -> String {
    optional(spectrum.known.as_ref().and_then(value))
}

/// Largest z over the known background for the signal width number `width`.
fn known_width(known: &KnownBackground, width: usize) -> Option<f64> {
    known.by_width.get(width).map(|(_, peak)| peak.z)
}

fn of_toys(spectrum: &Compared, value: fn(&Toys) -> f64) -> String {
    optional(spectrum.toys.as_ref().map(value))
}

/// One row per spectrum.
pub fn write_csv<W: Write>(out: W, spectra: &[Compared]) -> Result<(), ContentsError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(CSV.iter().map(|(name, _)| *name))?;
    for spectrum in spectra {
        writer.write_record(CSV.iter().map(|(_, value)| value(spectrum)))?;
    }
    writer.flush()?;
    Ok(())
}

/// Everything, bins included.
pub fn write_json<W: Write>(mut out: W, validation: &Validation) -> Result<(), ContentsError> {
    serde_json::to_writer_pretty(&mut out, validation)?;
    writeln!(out)?;
    Ok(())
}

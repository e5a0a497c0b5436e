//! The comparison as a table for the terminal, as CSV and as JSON.
//!
//! In: compared spectra. Out: text. Masses in GeV; z local; p_spectrum is the chance that background alone is as significant.

use std::io::Write;

use super::compare::{Compared, Peak};
use super::toys::Toys;
use super::{Validation, Verdict};
use bumphound::digits;
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
        if let Verdict::NotAsExpected { why } = &spectrum.verdict {
            text.push_str(&format!("{}: {why}\n", spectrum.name));
        }
    }
    text
}

/// One row per spectrum.
pub fn write_csv<W: Write>(out: W, spectra: &[Compared]) -> Result<(), ContentsError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record([
        "spectrum",
        "file",
        "from_gev",
        "to_gev",
        "bins",
        "rebin",
        "trimmed",
        "entries",
        "network_zmax",
        "network_gev",
        "p_spectrum",
        "p_spectrum_is_bound",
        "known_zmax",
        "known_gev",
        "known_zmax_width_1",
        "known_zmax_width_2",
        "known_zmax_width_3",
        "known_zmax_width_4",
        "network_z_there",
        "toys",
        "p_toys_network",
        "p_toys_known",
        "p_spectrum_below_5_percent",
        "null_difference_mean",
        "null_difference_sd",
        "signal_difference_mean",
        "signal_difference_sd",
        "sideband_zmax",
        "sideband_gev",
        "expected",
        "verdict",
    ])?;
    for spectrum in spectra {
        let known = spectrum.known.as_ref();
        let optional = |value: Option<f64>| value.map_or(String::new(), digits::nine_digits);
        let width = |i: usize| optional(known.and_then(|known| known.by_width.get(i)).map(|(_, peak)| peak.z));
        let toys = |value: fn(&Toys) -> f64| optional(spectrum.toys.as_ref().map(value));
        let (from, to) = ends(spectrum);
        writer.write_record([
            spectrum.name.clone(),
            spectrum.file.clone(),
            digits::nine_digits(from),
            digits::nine_digits(to),
            spectrum.spectrum.counts.len().to_string(),
            spectrum.rebin.to_string(),
            spectrum.trimmed.to_string(),
            digits::nine_digits(spectrum.spectrum.counts.iter().sum()),
            digits::nine_digits(spectrum.network.z),
            digits::nine_digits(spectrum.network.gev),
            digits::nine_digits(spectrum.p_spectrum),
            spectrum.p_spectrum_is_bound.to_string(),
            optional(known.map(|known| known.zmax.z)),
            optional(known.map(|known| known.zmax.gev)),
            width(0),
            width(1),
            width(2),
            width(3),
            optional(spectrum.network_z_there),
            spectrum.toys.as_ref().map_or(String::new(), |toys| toys.toys.to_string()),
            toys(|toys| toys.p_network),
            toys(|toys| toys.p_known),
            toys(|toys| toys.p_spectrum_below_5_percent),
            toys(|toys| toys.null.mean),
            toys(|toys| toys.null.sd),
            toys(|toys| toys.signal.mean),
            toys(|toys| toys.signal.sd),
            digits::nine_digits(spectrum.sideband.z),
            digits::nine_digits(spectrum.sideband.gev),
            spectrum.expected.as_ref().map_or(String::new(), |expected| expected.sentence()),
            spectrum.verdict.name().to_string(),
        ])?;
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

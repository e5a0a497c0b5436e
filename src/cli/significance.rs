//! `bumphound significance`: z per bin against a background that the user has.

use std::path::PathBuf;

use clap::Args;

use crate::significance::{Templates, z_per_bin};

use super::terminal::{Failure, data};

/// Significance per bin against a known background (no network).
#[derive(Debug, Args)]
#[command(after_help = "Reads columns low_edge,high_edge,observed,expected; prints the same plus z.
Examples:
  bumphound significance data-samples/spectra/atlas_hgamgam_36ifb.csv
  bumphound significance data-samples/spectra/atlas_hgamgam_36ifb.csv --widths 1")]
pub struct SignificanceArgs {
    /// CSV file.
    file: PathBuf,
    /// Signal widths in bins; the largest z of them counts.
    #[arg(long, value_delimiter = ',', default_value = "1,2,3,4")]
    widths: Vec<f64>,
}

/// Runs the command.
pub fn significance(args: &SignificanceArgs) -> Result<(), Failure> {
    let at = |what: String| Failure::new(format!("{}: {what}", args.file.display()));
    if args.widths.iter().any(|k| !(0.05..=100.0).contains(k)) {
        return Err(Failure::new(format!("--widths {:?}: widths are between 0.05 and 100 bins", args.widths)));
    }
    let file = std::fs::File::open(&args.file).map_err(|e| Failure::io(&args.file, e))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let headers = reader.headers().map_err(|e| at(e.to_string()))?.clone();
    let mut columns = [0; 4];
    for (slot, name) in columns.iter_mut().zip(["low_edge", "high_edge", "observed", "expected"]) {
        *slot = headers.iter().position(|header| header == name).ok_or_else(|| {
            let found = headers.iter().collect::<Vec<_>>().join(",");
            at(format!(
                "no column `{name}` (found: {found})\nhint: the columns are low_edge,high_edge,observed,expected"
            ))
        })?;
    }
    let mut rows: Vec<[f64; 4]> = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|e| at(e.to_string()))?;
        let mut row = [0.0; 4];
        for (value, &column) in row.iter_mut().zip(&columns) {
            let text = record.get(column).unwrap_or("");
            *value = text.parse().ok().filter(|v: &f64| v.is_finite()).ok_or_else(|| {
                at(format!("row {}: `{text}` in column `{}` is not a number", number + 1, &headers[column]))
            })?;
        }
        rows.push(row);
    }
    for (number, row) in rows.iter().enumerate() {
        if row[1] <= row[0] {
            return Err(at(format!("row {}: high_edge {} is not above low_edge {}", number + 1, row[1], row[0])));
        }
        if number > 0 && (row[0] - rows[number - 1][1]).abs() > 1e-6 * row[0].abs().max(1.0) {
            return Err(at(format!(
                "row {}: low_edge {} is not the high_edge {} of the row before\nhint: bins must be sorted and without gaps",
                number + 1,
                row[0],
                rows[number - 1][1]
            )));
        }
    }
    let edges: Vec<f64> = rows.iter().map(|row| row[0]).chain(rows.last().map(|row| row[1])).collect();
    let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
    let z = z_per_bin(&column(2), &column(3), &Templates::new(&edges, &args.widths)).map_err(|e| at(e.to_string()))?;
    data("low_edge,high_edge,observed,expected,z");
    for (row, z) in rows.iter().zip(z) {
        data(&format!("{},{},{},{},{z:.9}", row[0], row[1], row[2], row[3]));
    }
    Ok(())
}

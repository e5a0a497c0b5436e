//! `bumphound significance`: z per bin against a background that the user has.

use std::path::PathBuf;

use clap::Args;

use crate::histograms::counts_csv;
use crate::significance::{Templates, z_per_bin};
use crate::whole_file;

use super::terminal::{Failure, data};

/// Significance per bin against a known background (no network).
#[derive(Debug, Args)]
#[command(
    after_help = "Reads columns low_edge,high_edge,observed,expected (or m_low,m_high,count,bkg; # starts a comment); prints the same plus z.
Examples:
  bumphound significance data-samples/spectra/atlas_Hyy_13TeV_36fb.csv
  bumphound significance data-samples/spectra/atlas_Hyy_13TeV_36fb.csv --widths 1"
)]
pub struct SignificanceArgs {
    /// CSV file.
    file: PathBuf,
    /// Signal widths in bins; the largest z over all widths is given.
    #[arg(long, value_delimiter = ',', default_value = "1,2,3,4")]
    widths: Vec<f64>,
}

/// Runs the command.
pub fn significance(args: &SignificanceArgs) -> Result<(), Failure> {
    let at = |what: String| Failure::new(format!("{}: {what}", args.file.display()));
    if args.widths.iter().any(|k| !(0.05..=100.0).contains(k)) {
        return Err(Failure::new(format!("--widths {:?}: widths are between 0.05 and 100 bins", args.widths)));
    }
    let bytes = whole_file::read(&args.file, whole_file::DATA).map_err(|e| Failure::io(&args.file, e))?;
    let table = counts_csv::parse(&String::from_utf8_lossy(&bytes)).map_err(|e| at(e.to_string()))?;
    let Some(expected) = &table.expected else {
        return Err(
            at("no column `expected`\nhint: `bumphound validate` works without a known background".to_string()),
        );
    };
    let templates = Templates::new(&table.edges, &args.widths);
    let z = z_per_bin(&table.observed, expected, &templates).map_err(|e| at(e.to_string()))?;
    data("low_edge,high_edge,observed,expected,z");
    let edges = table.edges.iter().zip(table.edges.iter().skip(1));
    for (((low, high), z), (n, b)) in edges.zip(z).zip(table.observed.iter().zip(expected)) {
        data(&format!("{low},{high},{n},{b},{z:.9}"));
    }
    Ok(())
}

//! `bumphound significance`: z per bin against a background that the user has.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::binning::trim::scannable;
use crate::histograms::effective::counts;
use crate::histograms::spectra_file;
use crate::significance::{Templates, z_per_bin};

use super::terminal::{self, Failure, note};

/// Significance per bin against a known background (no network).
#[derive(Debug, Args)]
#[command(
    after_help = "Reads columns low_edge,high_edge,observed,expected (or m_low,m_high,count,bkg; # starts a comment); prints the same plus z.
z is local, and the largest over the widths; `bumphound validate` gives the chance of the largest z by toys.
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
    /// Take contents that are not whole numbers for counts: sums of weights near 1 without their variances.
    #[arg(long)]
    weighted: bool,
}

/// Templates of more values take more memory than is sensible (8 bytes each).
const MOST_VALUES: f64 = 5e7;

/// Runs the command.
pub fn significance(args: &SignificanceArgs) -> Result<(), Failure> {
    let at = |what: String| Failure::new(format!("{}: {what}", args.file.display()));
    if args.widths.iter().any(|k| !(0.05..=100.0).contains(k)) {
        return Err(Failure::new(format!("--widths {:?}: widths are between 0.05 and 100 bins", args.widths)));
    }
    let table = spectra_file::read_one(&args.file)?;
    let counts = counts(table, args.weighted).map_err(|e| at(e.to_string()))?;
    let table = &counts.table;
    let Some(expected) = &table.expected else {
        return Err(
            at("no column `expected`\nhint: `bumphound validate` works without a known background".to_string()),
        );
    };
    for (column, values) in [("observed", &table.observed), ("expected", expected)] {
        scannable(values).map_err(|reason| at(format!("column `{column}`: {reason}")))?;
    }
    if Templates::size(table.observed.len(), &args.widths) > MOST_VALUES {
        let bins = table.observed.len();
        return Err(at(format!(
            "signals of {:?} bins are too wide for {bins} bins\nhint: join bins first",
            args.widths
        )));
    }
    if let Some(what) = &counts.note {
        note(&format!("{}: {what}", args.file.display()));
    }
    let templates = Templates::new(&table.edges, &args.widths);
    let z = z_per_bin(&table.observed, expected, &templates).map_err(|e| at(e.to_string()))?;
    terminal::stream(|out| {
        writeln!(out, "low_edge,high_edge,observed,expected,z")?;
        let edges = table.edges.iter().zip(table.edges.iter().skip(1));
        for (((low, high), z), (n, b)) in edges.zip(z).zip(table.observed.iter().zip(expected)) {
            writeln!(out, "{low},{high},{n},{b},{z:.9}")?;
        }
        Ok(())
    })
}

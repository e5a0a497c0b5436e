//! `bumphound export`: the book of a run as CSV on stdout.

use std::path::PathBuf;

use clap::Args;

use crate::export::csv::{categories_csv, spectra_csv};
use crate::file_kind;
use crate::histograms::Book;
use crate::run_files::{RunFile, settle};

use super::terminal::{self, Failure};

/// Print categories or spectra of a run as CSV.
#[derive(Debug, Args)]
#[command(after_help = "--categories: category,entries,sum_w
--spectra: category,mass,low_edge,high_edge,entries,sum_w,sum_w2; every bin, and flow bins
with events with -inf or inf as edge. `scan` reads it
Examples:
  bumphound export out/quickstart --categories
  bumphound export out/quickstart --spectra | gzip > spectra.csv.gz")]
pub struct ExportArgs {
    /// Run directory.
    dir: PathBuf,
    /// Entries per category.
    #[arg(long, required_unless_present = "spectra", conflicts_with = "spectra")]
    categories: bool,
    /// Bins of all spectra.
    #[arg(long)]
    spectra: bool,
}

/// Runs the command.
pub fn export(args: &ExportArgs) -> Result<(), Failure> {
    file_kind::folder(&args.dir, "a run directory")?;
    settle(&args.dir)?;
    let path = RunFile::Book.path(&args.dir);
    if !path.exists() {
        return Err(Failure::new(format!(
            "{} does not exist\nhint: `bumphound fill CAMPAIGN --out {}` makes it",
            path.display(),
            args.dir.display()
        )));
    }
    let book = Book::read(&path)?;
    terminal::stream(|out| if args.categories { categories_csv(&book, out) } else { spectra_csv(&book, out) })
}

//! `bumphound report`: the page and the table again, from report.json.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use clap::Args;

use crate::file_kind;
use crate::ranking::method;
use crate::report::{PageOptions, read_report_json, summary_text, write_run_report};
use crate::run_files::{RunFile, lock, settle};

use super::terminal::{Failure, note, text};

/// Write index.html and bumps.csv again from report.json, and print the summary.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound report out/quickstart
  bumphound report out/quickstart --rows 1000 --top 30")]
pub struct ReportArgs {
    /// Run directory.
    dir: PathBuf,
    /// Bumps in the table of index.html (default: as the campaign says; bumps.csv has all).
    #[arg(long)]
    rows: Option<usize>,
    /// Bumps in the terminal summary.
    #[arg(long, default_value_t = 10)]
    top: usize,
}

/// Runs the command.
pub fn report(args: &ReportArgs) -> Result<(), Failure> {
    file_kind::folder(&args.dir, "a run directory")?;
    settle(&args.dir)?;
    let _alone = lock(&args.dir)?;
    let path = RunFile::Report.path(&args.dir);
    let file = File::open(&path).map_err(|e| {
        let dir = args.dir.display();
        let hint = match RunFile::Book.path(&args.dir).exists() {
            true => format!("`bumphound rank {dir}` makes it from the book that is there"),
            false => format!("`bumphound run CAMPAIGN --out {dir}` makes it"),
        };
        Failure::new(format!("{}: {e}\nhint: {hint}", path.display()))
    })?;
    let data = read_report_json(BufReader::new(file))?;
    let options = PageOptions { rows: args.rows.unwrap_or(data.rows), method: method(), ..PageOptions::default() };
    let written = write_run_report(&args.dir, &data, &options)?;
    text(&summary_text(&data, args.top));
    if let Some(page) = written.first() {
        note(&format!("open {}", page.display()));
    }
    Ok(())
}

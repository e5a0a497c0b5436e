//! `bumphound shapes`: smooth shapes of simulated spectra for training.

use std::path::PathBuf;

use clap::Args;

use crate::binning::trim::{TrimOptions, trim};
use crate::campaign::load_filled;
use crate::histograms::Book;
use crate::part_file::{PartFile, refuse_own_input};
use crate::toys::simulation::SimulatedShape;

use crate::run_files::{RunFile, settle};

use super::terminal::{Failure, note};

/// Fit the spectra of filled campaigns of simulated background with ln f = a + b x + c x^2 + d x^3; write the good ones.
#[derive(Debug, Args)]
#[command(
    after_help = "Spectra are trimmed as `run` does; counts, not weights, are fitted: mark the samples `data: true`.
Column half: `seen` by training or `unseen` (chosen by mass and objects, all jet multiplicities together); groups of the
program's own table stay where they are there.
Examples:
  bumphound fill selections/quickstart-null.yaml --out out/null && bumphound shapes out/null --out shapes.csv
  bumphound shapes out/ttbar out/wjets out/zjets --out models/simulated_shapes.csv --most 300"
)]
pub struct ShapesArgs {
    /// Run directories.
    #[arg(required = true)]
    dirs: Vec<PathBuf>,
    /// CSV file to write.
    #[arg(long)]
    out: PathBuf,
    /// Most shapes to take from one run: those with the most entries.
    #[arg(long, default_value_t = 400)]
    most: usize,
}

/// Runs the command.
pub fn shapes(args: &ShapesArgs) -> Result<(), Failure> {
    let books: Vec<PathBuf> = args.dirs.iter().map(|dir| RunFile::Book.path(dir)).collect();
    refuse_own_input(&args.out, books.iter().map(PathBuf::as_path))?;
    let mut writer = csv::Writer::from_writer(PartFile::create(&args.out)?);
    let mut written = 0;
    for dir in &args.dirs {
        settle(dir)?;
        let campaign = load_filled(&RunFile::Campaign.path(dir), &[])?;
        let book = Book::read(&RunFile::Book.path(dir))?;
        let limits = TrimOptions::from(&campaign.scan);
        let (mut found, mut scanned) = (Vec::new(), 0);
        for spectrum in book.spectra() {
            let counts: Vec<f64> = spectrum.entries().into_iter().map(|n| n as f64).collect();
            let (category, mass) = (spectrum.category(), *spectrum.mass());
            let Ok(range) = trim(&counts, spectrum.first_usable(), &limits) else { continue };
            scanned += 1;
            let (category, mass) = (category.to_string(), mass.to_string());
            found.extend(SimulatedShape::fit(&campaign.name, &category, &mass, &counts[range]));
        }
        let good = found.len();
        found.sort_by(|a, b| b.entries.total_cmp(&a.entries).then_with(|| a.origin.cmp(&b.origin)));
        found.truncate(args.most);
        note(&format!(
            "{}: {scanned} spectra, {good} with {} events or more are described by the fit, {} written",
            dir.display(),
            crate::toys::simulation::LEAST_ENTRIES,
            found.len()
        ));
        for mut shape in found {
            for value in [&mut shape.b, &mut shape.c, &mut shape.d, &mut shape.chance] {
                *value = (*value * 1e4).round() / 1e4;
            }
            writer.serialize(shape)?;
            written += 1;
        }
    }
    let file = writer.into_inner().map_err(|e| Failure::io(&args.out, e.into_error()))?;
    file.commit()?;
    note(&format!("{written} shapes: {}", args.out.display()));
    Ok(())
}

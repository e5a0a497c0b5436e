//! `bumphound validate`: the network on real spectra, beside what is known about them.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::part_file::PartFile;
use crate::published::{Entry, List, SCHEMA, Validation, page, tables, validate as compare, write_validation};
use crate::znet::device;
use crate::znet::model::Model;
use crate::znet::predict::Predictor;

use super::Done;
use super::terminal::{DeviceArg, Failure, note, text};

/// Published spectra with known answers.
const PUBLISHED: &str = "data-samples/spectra/published.yaml";

/// Run the network over real spectra and compare with known backgrounds and expectations.
#[derive(Debug, Args)]
#[command(after_help = "A spectrum is a CSV file with a header and one row per bin: low_edge,high_edge,observed
and, where it is known, expected (or m_low,m_high,count,bkg; # starts a comment).
A list (YAML) says which part of each file is looked at and what should come out:
docs/guides/validate.md. Prints the table.
Examples:
  bumphound validate
  bumphound validate data-samples/spectra/atlas_Hyy_13TeV_36fb.csv --range-gev 110 150 --out out/hyy

Exit codes: 0 as expected, 1 something is not as expected, 2 could not run.")]
pub struct ValidateArgs {
    /// CSV files, or YAML lists of them.
    #[arg(default_value = PUBLISHED)]
    files: Vec<PathBuf>,
    /// Folder for index.html, validate.csv and validate.json.
    #[arg(long, default_value = "out/validate")]
    out: PathBuf,
    /// Only bins inside this range; this and the next two are for CSV files, lists have keys for them.
    #[arg(long, num_args = 2, value_names = ["LOW", "HIGH"])]
    range_gev: Option<Vec<f64>>,
    /// Join so many neighbouring bins, so that a signal is 1 to 4 bins wide (sigma).
    #[arg(long, default_value_t = 1)]
    rebin: usize,
    /// From the maximum to the last entry only, as `run` does.
    #[arg(long)]
    trim: bool,
    /// Spectra thrown from each published background, and as many with a signal; 0: none.
    #[arg(long, default_value_t = 500)]
    toys: usize,
    /// Seed of the toys.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Weights (with their card beside them); the embedded network if left out.
    #[arg(long)]
    model: Option<PathBuf>,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    device: DeviceArg,
    /// Threads.
    #[arg(long, default_value_t = super::default_threads())]
    threads: usize,
}

/// Runs the command.
pub fn validate(args: &ValidateArgs) -> Result<Done, Failure> {
    let lists = args.files.iter().map(|file| args.list(file)).collect::<Result<Vec<List>, Failure>>()?;
    let model = match &args.model {
        Some(path) => Model::open(path)?,
        None => Model::embedded()?,
    };
    std::fs::create_dir_all(&args.out).map_err(|e| Failure::io(&args.out, e))?;
    // Whether the folder can be written to is known before the work.
    drop(PartFile::create(&args.out.join("index.html"))?);
    let device = device::choose(args.device.into())?;
    let predictor = Predictor::new(model, device, args.threads);
    let mut spectra = Vec::new();
    for list in &lists {
        spectra.extend(compare(list, &predictor, args.toys, args.seed)?);
    }
    let card = &predictor.model().card;
    let validation = Validation {
        schema: SCHEMA,
        program: format!("{} ({})", env!("CARGO_PKG_VERSION"), env!("BUMPHOUND_COMMIT")),
        model: format!("{} {}", card.name, predictor.model().sha256()),
        device: device::name(device),
        about: lists
            .iter()
            .map(|list| list.about.trim())
            .filter(|about| !about.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        spectra,
    };
    let written = write_validation(&args.out, &validation)?;
    text(&tables::text(&validation.spectra));
    let expected = validation.spectra.iter().filter(|spectrum| spectrum.expected.is_some()).count();
    let failed = validation.failed().count();
    note(&format!("{} Open {}", page::finding(expected, failed), written.display()));
    Ok(if failed == 0 { Done::Whole } else { Done::NotAsExpected })
}

impl ValidateArgs {
    /// A list as it stands, or one that holds a CSV file.
    fn list(&self, file: &Path) -> Result<List, Failure> {
        if file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            if self.range_gev.is_some() || self.rebin != 1 || self.trim {
                let file = file.display();
                return Err(Failure::new(format!(
                    "{file}: --range-gev, --rebin and --trim are for CSV files\nhint: a list has keys for them, per spectrum"
                )));
            }
            return List::read(file).map_err(|error| match file.exists() || file != Path::new(PUBLISHED) {
                true => Failure::from(error),
                false => Failure::new(format!(
                    "{error}\nhint: without files, the published spectra of the project's folder are validated; run it there, or name a CSV file"
                )),
            });
        }
        let range_gev = self.range_gev.as_deref().and_then(|range| <[f64; 2]>::try_from(range).ok());
        let entry = Entry { range_gev, rebin: self.rebin, trim: self.trim, ..Entry::of_file(file) };
        let list = List { spectra: vec![entry], ..List::default() };
        Ok(list.checked(file)?)
    }
}

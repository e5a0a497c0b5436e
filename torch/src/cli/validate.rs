//! `bumphound validate`: the network on real spectra, beside what is known about them.

use super::network;
use crate::published::{Entry, FILES, List, SCHEMA, Validation, page, tables, validate as compare, write_validation};
use crate::znet::device;
use bumphound::cli::Done;
use bumphound::cli::progress::Bar;
use bumphound::cli::terminal::{Failure, note, text};
use bumphound::cli::validate::{PUBLISHED, ValidateArgs};
use bumphound::part_file::PartFile;
use bumphound::run_files::{lock, refuse_foreign};
use std::path::Path;

/// Runs the command.
pub(super) fn validate(args: &ValidateArgs) -> Result<Done, Failure> {
    let lists = args.files.iter().map(|file| list(args, file)).collect::<Result<Vec<List>, Failure>>()?;
    std::fs::create_dir_all(&args.out).map_err(|e| Failure::io(&args.out, e))?;
    refuse_foreign(&args.out, &FILES, FILES[0], args.force)?;
    let _alone = lock(&args.out)?;
    // Whether the folder can be written to is known before the work.
    drop(PartFile::create(&args.out.join("index.html"))?);
    let predictor = network::open(args.model.as_deref(), args.device, args.threads)?;
    let mut spectra = Vec::new();
    let bar = Bar::default();
    for list in &lists {
        spectra.extend(compare(list, &predictor, args.toys, args.seed, &bar)?);
    }
    bar.finish();
    let card = &predictor.model().card;
    let validation = Validation {
        schema: SCHEMA,
        program: format!("{} ({})", bumphound::provenance::VERSION, bumphound::provenance::COMMIT),
        model: format!("{} {}", card.name, predictor.model().sha256()),
        device: device::name(predictor.device()),
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

/// A list as it stands, or one that holds a CSV file.
fn list(args: &ValidateArgs, file: &Path) -> Result<List, Failure> {
    if file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
        if args.range_gev.is_some() || args.rebin != 1 || args.trim || args.weighted {
            let file = file.display();
            return Err(Failure::new(format!(
                "{file}: --range-gev, --rebin, --trim and --weighted are for CSV files\nhint: a list has keys for them, per spectrum"
            )));
        }
        return List::read(file).map_err(|error| match file.exists() || file != Path::new(PUBLISHED) {
            true => Failure::from(error),
            false => Failure::new(format!(
                "{error}\nhint: without files, the published spectra of the project's folder are validated; run it there, or name a CSV file"
            )),
        });
    }
    let range_gev = args.range_gev.as_deref().and_then(|range| <[f64; 2]>::try_from(range).ok());
    let entry =
        Entry { range_gev, rebin: args.rebin, trim: args.trim, weighted: args.weighted, ..Entry::of_file(file) };
    let list = List { spectra: vec![entry], ..List::default() };
    Ok(list.checked(file)?)
}

//! `bumphound scan`: the network over the spectra of a run directory, or over spectra that the user has.

use std::ops::Range;
use std::path::{Path, PathBuf};

use bumphound::binning::trim::{TrimOptions, rises, scanned};
use bumphound::cli::progress::Bar;
use bumphound::cli::scan::ScanArgs;
use bumphound::cli::terminal::{Failure, note};
use bumphound::digits;
use bumphound::fill::FilledRun;
use bumphound::histograms::counts_csv::CountsTable;
use bumphound::histograms::effective::{Counts, counts};
use bumphound::histograms::spectra_file;
use bumphound::part_file::{PartFile, refuse_own_input};
use bumphound::run_files::{OneMore, RunFile};
use bumphound::scan::calibration::{Probability, SpectrumKind};
use bumphound::scan::{Scanner, ZCurve};

use super::network;

/// Runs the command. Returns the number of skipped spectra.
pub(super) fn scan(args: &ScanArgs) -> Result<usize, Failure> {
    if args.spectra.is_dir() { scan_run(args) } else { scan_file(args) }
}

/// The scanned bins of every spectrum of a run directory.
fn scan_run(args: &ScanArgs) -> Result<usize, Failure> {
    let run = FilledRun::read(&args.spectra, &network::overrides(&[], args.model.as_deref())?)?;
    let predictor = network::open(run.campaign.scan.model.as_deref(), args.device, args.threads)?;
    let curves = args.out.is_none().then(|| OneMore::begin(&args.spectra, RunFile::Curves)).transpose()?;
    let path = args.out.clone().unwrap_or_else(|| RunFile::Curves.path(&args.spectra));
    if let Some(out) = &args.out {
        refuse_own_input(out, RunFile::all(&args.spectra).iter().map(PathBuf::as_path))?;
    }
    let mut writer = writer(&path)?;
    let bar = Bar::default();
    let scan = bumphound::scan::scan(&run.book, &run.campaign.scan, &predictor, &bar).map_err(Failure::new)?;
    bar.finish();
    for scanned in &scan.scanned {
        let name = format!("{} {}", scanned.category, scanned.mass);
        let (edges, curve) = (scanned.scanned_edges(), &scanned.curve);
        for (bin, entries) in scanned.counts.iter().enumerate() {
            let found = Some((curve, bin, Some(scanned.p_spectrum)));
            write_bin(&mut writer, &name, (edges[bin], edges[bin + 1]), *entries, found)?;
        }
    }
    commit(writer, &path)?;
    curves.map(OneMore::finish).transpose()?;
    for (reason, spectra) in &scan.skipped {
        note(&format!("{} not scanned: {reason}", digits::counted(*spectra, "spectrum", "spectra")));
    }
    note(&format!("{} scanned: {}", digits::counted(scan.scanned.len() as u64, "spectrum", "spectra"), path.display()));
    Ok(0)
}

/// Every bin of every spectrum of a file.
fn scan_file(args: &ScanArgs) -> Result<usize, Failure> {
    let out = args.out.as_ref().ok_or_else(|| {
        Failure::new(
            "no file to write\nhint: add `--out z.csv`; only a run directory has a place of its own".to_string(),
        )
    })?;
    refuse_own_input(out, [&*args.spectra].into_iter().chain(args.model.as_deref()))?;
    let all = spectra_file::read(&args.spectra)?;
    let booked = all.len();
    let (mut skipped, mut rising): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut good: Vec<(String, CountsTable, Range<usize>)> = Vec::new();
    for (name, table) in all {
        match usable(table, args) {
            Ok((counts, range)) => {
                if let Some(what) = counts.note {
                    note(&format!("`{name}`: {what}"));
                }
                good.push((name, counts.table, range));
            }
            Err(reason) => skipped.push(format!("skipped `{name}`: {reason}")),
        }
    }
    if good.is_empty() {
        let file = args.spectra.display();
        let nothing = "no spectrum can be scanned";
        return Err(Failure::new(match skipped.is_empty() {
            true => format!("{file}: {nothing}: there is none"),
            false => format!("{file}: {nothing}\n{}", first_of(&skipped)),
        }));
    }
    let predictor = network::open(args.model.as_deref(), args.device, args.threads)?;
    let counts: Vec<&[f64]> = good.iter().map(|(_, table, range)| &table.observed[range.clone()]).collect();
    let mut writer = writer(out)?;
    let bar = Bar::default();
    let curves = predictor.curves(&counts, &bar).map_err(Failure::new)?;
    bar.finish();
    for ((name, table, range), curve) in good.iter().zip(&curves) {
        if !curve.is_finite() {
            skipped.push(format!("skipped `{name}`: the network gives no finite z"));
            continue;
        }
        let top = rises(&table.observed[range.clone()]);
        if let Some(top) = top {
            let gev = digits::mass(table.edges[range.start + top]);
            rising.push(format!("`{name}` rises to its maximum at {gev}"));
        }
        let p = curve.p_spectrum(predictor.calibrations(), SpectrumKind::InvariantMass);
        let p = Some(p).filter(|_| top.is_none());
        for (bin, entries) in table.observed.iter().enumerate() {
            let inside = bin.checked_sub(range.start).filter(|_| range.contains(&bin));
            let edges = (table.edges[bin], table.edges[bin + 1]);
            write_bin(&mut writer, name, edges, *entries, inside.map(|bin| (curve, bin, p)))?;
        }
    }
    commit(writer, out)?;
    if !rising.is_empty() {
        note(&format!(
            "{}\n  no p_spectrum: it is measured on spectra that fall from their maximum; `--trim`",
            first_of(&rising)
        ));
    }
    if !skipped.is_empty() {
        note(&first_of(&skipped));
    }
    let scanned = digits::counted((booked - skipped.len()) as u64, "spectrum", "spectra");
    note(&format!("{scanned} scanned, {} skipped: {}", skipped.len(), out.display()));
    Ok(skipped.len())
}

/// A spectrum in counts and the bins that are scanned, or why none is.
fn usable(table: Result<CountsTable, String>, args: &ScanArgs) -> Result<(Counts, Range<usize>), String> {
    let counts = counts(table?, args.weighted).map_err(|error| error.to_string())?;
    let range =
        scanned(&counts.table.observed, args.trim, &TrimOptions::default()).map_err(|reason| reason.to_string())?;
    Ok((counts, range))
}

/// Lines for people; beyond so many only their number.
fn first_of(lines: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut shown = lines.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    if lines.len() > SHOWN {
        shown.push(format!("... and {} more", lines.len() - SHOWN));
    }
    shown.join("\n")
}

type Table = csv::Writer<PartFile>;

fn writer(path: &Path) -> Result<Table, Failure> {
    let mut writer = csv::Writer::from_writer(PartFile::create(path)?);
    writer.write_record(COLUMNS)?;
    Ok(writer)
}

const COLUMNS: [&str; 9] =
    ["spectrum", "low_edge", "high_edge", "entries", "background", "z", "z_error", "p_spectrum", "p_spectrum_is_bound"];

/// One row; `found`: the curve, the bin in it and the p_spectrum of the whole, where the bin was scanned.
fn write_bin(
    writer: &mut Table,
    name: &str,
    (low, high): (f64, f64),
    entries: f64,
    found: Option<(&ZCurve, usize, Option<Probability>)>,
) -> Result<(), Failure> {
    let bounds = [low, high, entries].map(|value| value.to_string());
    let mut row = [name, &bounds[0], &bounds[1], &bounds[2], "", "", "", "", ""].map(str::to_string);
    if let Some((curve, bin, p)) = found {
        let at = |column: &[f64]| column.get(bin).map_or(String::new(), |value| format!("{value:.6}"));
        row[4..7].clone_from_slice(&[at(&curve.background), at(&curve.z), at(&curve.z_error)]);
        if let Some(p) = p {
            row[7..].clone_from_slice(&[digits::nine_digits(p.p), p.extrapolated.to_string()]);
        }
    }
    Ok(writer.write_record(row)?)
}

fn commit(writer: Table, path: &Path) -> Result<(), Failure> {
    let file = writer.into_inner().map_err(|e| Failure::io(path, e.into_error()))?;
    Ok(file.commit()?)
}

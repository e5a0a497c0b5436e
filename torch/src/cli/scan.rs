//! `bumphound scan`: the network over the spectra of a run directory, or over spectra that the user has.

use std::ops::Range;
use std::path::Path;

use bumphound::binning::trim::{TrimOptions, trim};
use bumphound::cli::progress::Bar;
use bumphound::cli::scan::ScanArgs;
use bumphound::cli::terminal::{Failure, note};
use bumphound::digits;
use bumphound::fill::FilledRun;
use bumphound::histograms::uhi;
use bumphound::part_file::PartFile;
use bumphound::run_files::RunFile;
use bumphound::whole_file;

use super::network;
use crate::znet::predict::LEAST_BINS;

/// Runs the command. Returns the number of skipped spectra.
pub(super) fn scan(args: &ScanArgs) -> Result<usize, Failure> {
    if args.spectra.is_dir() { scan_run(args) } else { scan_file(args) }
}

/// The scanned bins of every spectrum of a run directory.
fn scan_run(args: &ScanArgs) -> Result<usize, Failure> {
    let run = FilledRun::read(&args.spectra, &network::overrides(&[], args.model.as_deref())?)?;
    let predictor = network::open(run.campaign.scan.model.as_deref(), args.device, args.threads)?;
    let path = args.out.clone().unwrap_or_else(|| RunFile::Curves.path(&args.spectra));
    let mut writer = writer(&path)?;
    let bar = Bar::default();
    let scan = bumphound::scan::scan(&run.book, &run.campaign.scan, &predictor, &bar).map_err(Failure::new)?;
    bar.finish();
    for scanned in &scan.scanned {
        let name = format!("{} {}", scanned.category, scanned.mass);
        let (edges, curve) = (scanned.scanned_edges(), &scanned.curve);
        for (bin, entries) in scanned.counts.iter().enumerate() {
            let value = |column: &[f64]| column.get(bin).copied();
            write_bin(
                &mut writer,
                &name,
                (edges[bin], edges[bin + 1]),
                *entries,
                [value(&curve.background), value(&curve.z)],
            )?;
        }
    }
    commit(writer, &path)?;
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
    let text = whole_file::read_text(&args.spectra, whole_file::DATA).map_err(|e| Failure::io(&args.spectra, e))?;
    let histograms = uhi::parse(&text).map_err(|e| Failure::new(format!("{}: {e}", args.spectra.display())))?;
    let predictor = network::open(args.model.as_deref(), args.device, args.threads)?;
    let mut skipped = 0;
    let ranges: Vec<Range<usize>> = histograms
        .iter()
        .map(|histogram| {
            range(&histogram.values, args.trim).unwrap_or_else(|reason| {
                note(&format!("skipped `{}`: {reason}", histogram.name));
                skipped += 1;
                0..0
            })
        })
        .collect();
    let counts: Vec<&[f64]> = histograms.iter().zip(&ranges).map(|(h, range)| &h.values[range.clone()]).collect();
    let curves = predictor.predict(&counts)?;
    let mut writer = writer(out)?;
    for ((histogram, range), curve) in histograms.iter().zip(&ranges).zip(&curves) {
        for (bin, entries) in histogram.values.iter().enumerate() {
            let inside = bin.checked_sub(range.start).filter(|_| range.contains(&bin));
            let value = |column: &[f64]| inside.and_then(|i| column.get(i)).copied();
            let edges = (histogram.edges[bin], histogram.edges[bin + 1]);
            write_bin(&mut writer, &histogram.name, edges, *entries, [value(&curve.background), value(&curve.z)])?;
        }
    }
    commit(writer, out)?;
    note(&format!("{} spectra scanned, {skipped} skipped: {}", histograms.len() - skipped, out.display()));
    Ok(skipped)
}

/// The bins that are scanned, or why none is.
fn range(counts: &[f64], trimmed: bool) -> Result<Range<usize>, String> {
    match counts.len() {
        _ if trimmed => trim(counts, 0, &TrimOptions::default()).map_err(|reason| reason.to_string()),
        bins if bins < LEAST_BINS => Err(format!("fewer than {LEAST_BINS} bins")),
        bins => Ok(0..bins),
    }
}

type Table = csv::Writer<PartFile>;

fn writer(path: &Path) -> Result<Table, Failure> {
    let mut writer = csv::Writer::from_writer(PartFile::create(path)?);
    writer.write_record(["spectrum", "low_edge", "high_edge", "entries", "background", "z"])?;
    Ok(writer)
}

/// One row; `found`: background and z, where the bin was scanned.
fn write_bin(
    writer: &mut Table,
    name: &str,
    (low, high): (f64, f64),
    entries: f64,
    found: [Option<f64>; 2],
) -> Result<(), Failure> {
    let [background, z] = found.map(|value| value.map_or(String::new(), |value| format!("{value:.6}")));
    writer.write_record([name, &low.to_string(), &high.to_string(), &entries.to_string(), &background, &z])?;
    Ok(())
}

fn commit(writer: Table, path: &Path) -> Result<(), Failure> {
    let file = writer.into_inner().map_err(|e| Failure::io(path, e.into_error()))?;
    Ok(file.commit()?)
}

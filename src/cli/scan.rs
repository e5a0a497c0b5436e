//! `bumphound scan`: the network over spectra that the user has.

use std::path::PathBuf;

use clap::Args;

use crate::binning::trim::{TrimOptions, trim};
use crate::histograms::uhi;
use crate::part_file::PartFile;
use crate::znet::device;
use crate::znet::model::Model;
use crate::znet::predict::{LEAST_BINS, Predictor};

use super::terminal::{DeviceArg, Failure, note};

/// Run the network over spectra in a UHI JSON file.
#[derive(Debug, Args)]
#[command(after_help = "Writes spectrum,low_edge,high_edge,entries,background,z for every bin as given.
Examples:
  bumphound scan data-samples/spectra/published.json --out z.csv
  bumphound scan data-samples/spectra/published.json --out z.csv --trim   # from the maximum to the last entry only")]
pub struct ScanArgs {
    /// JSON object name -> UHI histogram (one variable or regular axis, counts).
    spectra: PathBuf,
    /// CSV file to write.
    #[arg(long)]
    out: PathBuf,
    /// Scan from the maximum to the last filled bin, as `run` does; other bins get no background and no z.
    #[arg(long)]
    trim: bool,
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

/// Runs the command. Returns the number of skipped spectra.
pub fn scan(args: &ScanArgs) -> Result<usize, Failure> {
    let text = std::fs::read_to_string(&args.spectra).map_err(|e| Failure::io(&args.spectra, e))?;
    let histograms = uhi::parse(&text).map_err(|e| Failure::new(format!("{}: {e}", args.spectra.display())))?;
    let model = match &args.model {
        Some(path) => Model::open(path)?,
        None => Model::embedded()?,
    };
    let predictor = Predictor::new(model, device::choose(args.device.into())?, args.threads);
    let mut skipped = 0;
    let ranges: Vec<std::ops::Range<usize>> = histograms
        .iter()
        .map(|histogram| {
            let bins = histogram.values.len();
            let range = if args.trim {
                trim(&histogram.values, 0, &TrimOptions::default()).map_err(|reason| reason.to_string())
            } else if bins < LEAST_BINS {
                Err(format!("fewer than {LEAST_BINS} bins"))
            } else {
                Ok(0..bins)
            };
            range.unwrap_or_else(|reason| {
                note(&format!("skipped `{}`: {reason}", histogram.name));
                skipped += 1;
                0..0
            })
        })
        .collect();
    let counts: Vec<&[f64]> = histograms.iter().zip(&ranges).map(|(h, range)| &h.values[range.clone()]).collect();
    let curves = predictor.predict(&counts)?;
    let mut writer = csv::Writer::from_writer(PartFile::create(&args.out)?);
    writer.write_record(["spectrum", "low_edge", "high_edge", "entries", "background", "z"])?;
    for ((histogram, range), curve) in histograms.iter().zip(&ranges).zip(&curves) {
        for (bin, entries) in histogram.values.iter().enumerate() {
            let inside = bin.checked_sub(range.start).filter(|_| range.contains(&bin));
            let value = |column: &[f64]| {
                inside.and_then(|i| column.get(i)).map_or(String::new(), |value| format!("{value:.6}"))
            };
            writer.write_record([
                histogram.name.clone(),
                histogram.edges[bin].to_string(),
                histogram.edges[bin + 1].to_string(),
                entries.to_string(),
                value(&curve.background),
                value(&curve.z),
            ])?;
        }
    }
    let file = writer.into_inner().map_err(|e| Failure::io(&args.out, e.into_error()))?;
    file.commit()?;
    note(&format!("{} spectra scanned, {skipped} skipped: {}", histograms.len() - skipped, args.out.display()));
    Ok(skipped)
}

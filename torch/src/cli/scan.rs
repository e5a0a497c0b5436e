//! `bumphound scan`: the network over spectra that the user has.

use super::network;
use crate::znet::predict::LEAST_BINS;
use bumphound::binning::trim::{TrimOptions, trim};
use bumphound::cli::scan::ScanArgs;
use bumphound::cli::terminal::{Failure, note};
use bumphound::histograms::uhi;
use bumphound::part_file::PartFile;

/// Runs the command. Returns the number of skipped spectra.
pub(super) fn scan(args: &ScanArgs) -> Result<usize, Failure> {
    let text = std::fs::read_to_string(&args.spectra).map_err(|e| Failure::io(&args.spectra, e))?;
    let histograms = uhi::parse(&text).map_err(|e| Failure::new(format!("{}: {e}", args.spectra.display())))?;
    let predictor = network::open(args.model.as_deref(), args.device, args.threads)?;
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

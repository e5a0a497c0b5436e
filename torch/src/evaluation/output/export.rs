//! Test spectra for other programs: counts, background and Zmax by every method, as CSV.
//!
//! In: a predictor, a number of spectra per row, a seed. Out: the mixed-width rows of physics.md section 9 (30, 60, 100
//! bins), the spectra of `evaluate` themselves, and as many again without a signal; one line per bin, columns
//! `row,spectrum,bin,observed,background,has_signal,network,target,family_fit,sliding_log_cubic,whole_log_cubic` (the
//! last five: Zmax of the spectrum). `benches/peers/bumphunter.py` reads it.

use std::io::Write;

use crate::evaluation::sample::judge::{Method, References, judge};
use crate::evaluation::sets::rows::{ROW_BINS, row_sample};
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;
use bumphound::digits::nine_digits;
use bumphound::scan::calibration::SpectrumKind;
use bumphound::significance::SIGNAL_WIDTHS;
use thiserror::Error;

/// Why spectra were not written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The network failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The file failed.
    #[error("the test spectra cannot be written: {0}\nhint: check that the disk has space left")]
    Output(#[from] csv::Error),
}

/// Writes them.
pub fn write_spectra(out: impl Write, predictor: &Predictor, spectra: usize, seed: u64) -> Result<(), ExportError> {
    let mut writer = csv::Writer::from_writer(out);
    let head = ["row", "spectrum", "bin", "observed", "background", "has_signal"];
    writer.write_record(head.into_iter().chain(Method::ALL.map(Method::key)))?;
    for bins in ROW_BINS {
        let sample = row_sample("1-4", &SIGNAL_WIDTHS, bins, spectra);
        let null = sample.clone().background_only();
        for sample in [&sample, &null] {
            let name = &sample.name;
            let drawn = sample.draw(seed);
            let judged = judge(predictor, &drawn, &SIGNAL_WIDTHS, SpectrumKind::InvariantMass, References::All)?;
            for (number, (spectrum, judged)) in drawn.iter().zip(judged).enumerate() {
                let zmax = Method::ALL.map(|method| judged.by(method).map_or(String::new(), nine_digits));
                for (bin, (n, b)) in spectrum.counts.iter().zip(&spectrum.background).enumerate() {
                    let place = [name.clone(), number.to_string(), bin.to_string(), nine_digits(*n), nine_digits(*b)];
                    let signal = u8::from(spectrum.has_signal).to_string();
                    writer.write_record(place.into_iter().chain([signal]).chain(zmax.clone()))?;
                }
            }
        }
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(())
}

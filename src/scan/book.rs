//! Every booked spectrum, trimmed and put through the network.
//!
//! In: a book and a predictor. Out: a [`Scan`]: the scanned spectra with z and background per bin, and how many were
//! skipped for which reason. Nothing is lost: scanned + skipped = booked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ScanOptions;
use super::calibration::{Calibrations, Probability};
use super::{Scanner, ZCurve};
use crate::binning::trim::{TrimOptions, trim};
use crate::categories::Category;
use crate::histograms::book::Book;
use crate::particles::MassLabel;
use crate::progress::Progress;

/// A spectrum that the network saw.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// Category.
    pub category: Category,
    /// Mass.
    pub mass: MassLabel,
    /// All edges of the spectrum, GeV.
    pub edges: Arc<[f64]>,
    /// Scanned bins.
    pub range: Range<usize>,
    /// Entries (sums of weights) of the scanned bins.
    pub counts: Vec<f64>,
    /// z and background of the scanned bins.
    pub curve: ZCurve,
    /// Bin of the largest z, from the first scanned bin, and the z.
    pub zmax: (usize, f64),
    /// Chance that background alone is as significant anywhere in a spectrum like this.
    pub p_spectrum: Probability,
}

impl Scanned {
    /// Edges of the scanned bins, GeV.
    pub fn scanned_edges(&self) -> &[f64] {
        &self.edges[self.range.start..=self.range.end]
    }

    /// Scanned bin (from the first) that holds a mass.
    pub fn bin_of(&self, mass_gev: f64) -> Option<usize> {
        let edges = self.scanned_edges();
        let above = edges.partition_point(|edge| *edge <= mass_gev);
        (above > 0 && above < edges.len()).then(|| above - 1)
    }
}

/// All spectra of a campaign after the scan.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// Scanned spectra in the order of the book.
    pub scanned: Vec<Scanned>,
    /// Spectra in the book.
    pub booked: u64,
    /// Skipped spectra by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Raw events must be this part of a sum of weights for it to be taken for counts.
    pub min_raw_fraction: f64,
    index: FxHashMap<(Category, MassLabel), usize>,
}

impl Scan {
    /// The scanned spectrum of a category and mass.
    pub fn get(&self, category: &Category, mass: MassLabel) -> Option<&Scanned> {
        self.index.get(&(category.clone(), mass)).map(|&i| &self.scanned[i])
    }
}

/// A booked spectrum, cut to the bins that can be scanned.
struct Trimmed {
    category: Category,
    mass: MassLabel,
    edges: Arc<[f64]>,
    range: Range<usize>,
    counts: Vec<f64>,
}

/// Trims and scans a book.
pub fn scan(
    book: &Book,
    options: &ScanOptions,
    scanner: &dyn Scanner,
    progress: &dyn Progress,
) -> Result<Scan, String> {
    let (trimmed, mut skipped) = trimmed(book, options);
    let counts: Vec<&[f64]> = trimmed.iter().map(|spectrum| spectrum.counts.as_slice()).collect();
    let curves = scanner.curves(&counts, progress)?;
    if curves.len() != trimmed.len() {
        return Err(format!("{} curves for {} spectra", curves.len(), trimmed.len()));
    }
    let mut scanned: Vec<Scanned> = Vec::with_capacity(trimmed.len());
    for (spectrum, curve) in trimmed.into_iter().zip(curves) {
        match curve.is_finite() {
            true => scanned.push(spectrum.scanned(curve, scanner.calibrations())),
            false => *skipped.entry("the network gives no finite z".to_string()).or_default() += 1,
        }
    }
    let places = scanned.iter().enumerate();
    Ok(Scan {
        index: places.map(|(position, one)| ((one.category.clone(), one.mass), position)).collect(),
        booked: scanned.len() as u64 + skipped.values().sum::<u64>(),
        scanned,
        skipped,
        min_raw_fraction: options.min_raw_fraction,
    })
}

/// The spectra that can be scanned, in the order of the book, and how many cannot, by reason.
fn trimmed(book: &Book, options: &ScanOptions) -> (Vec<Trimmed>, BTreeMap<String, u64>) {
    let limits = TrimOptions::from(options);
    let (mut kept, mut skipped) = (Vec::new(), BTreeMap::new());
    for spectrum in book.spectra() {
        let counts = spectrum.sum_w();
        match trim(&counts, spectrum.first_usable(), &limits) {
            Ok(range) => kept.push(Trimmed {
                category: spectrum.category().clone(),
                mass: *spectrum.mass(),
                edges: spectrum.edges().clone(),
                // A sum of weights a little below 0 is a bin without an event.
                counts: counts[range.clone()].iter().map(|n| n.max(0.0)).collect(),
                range,
            }),
            Err(reason) => *skipped.entry(reason.to_string()).or_default() += 1,
        }
    }
    (kept, skipped)
}

impl Trimmed {
    /// With what a scan says about it.
    fn scanned(self, curve: ZCurve, calibrations: &Calibrations) -> Scanned {
        let Trimmed { category, mass, edges, range, counts } = self;
        let p_spectrum = curve.p_spectrum(calibrations, mass.into());
        let zmax = curve.zmax().unwrap_or((0, 0.0));
        Scanned { category, mass, edges, range, counts, curve, zmax, p_spectrum }
    }
}

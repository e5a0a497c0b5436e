//! Every booked spectrum, trimmed and put through the network.
//!
//! In: a book and a predictor. Out: a [`Scan`]: the scanned spectra with z and background per bin, and how many were
//! skipped for which reason. Nothing is lost: scanned + skipped = booked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ScanOptions;
use super::backed::backed_by_background;
use super::calibration::Probability;
use super::{Scanner, ZCurve};
use crate::binning::trim::{TrimOptions, trim};
use crate::categories::Category;
use crate::histograms::book::Book;
use crate::particles::MassLabel;
use crate::progress::Progress;
use crate::significance::{SIGNAL_WIDTHS, TemplateCache};

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
    /// z that is borne out: the smaller of the network's z and the likelihood ratio of the counts against the network's
    /// own background. The two are estimates of one number; on structure that is no bump they part.
    pub backed_z: Vec<f64>,
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

/// Trims and scans a book.
pub fn scan(
    book: &Book,
    options: &ScanOptions,
    scanner: &dyn Scanner,
    progress: &dyn Progress,
) -> Result<Scan, String> {
    let limits = TrimOptions::from(options);
    let mut result = Scan { min_raw_fraction: options.min_raw_fraction, ..Scan::default() };
    for spectrum in book.spectra() {
        result.booked += 1;
        let counts = spectrum.sum_w();
        let mass = *spectrum.mass();
        match trim(&counts, spectrum.first_usable(), &limits) {
            Ok(range) => result.scanned.push(Scanned {
                category: spectrum.category().clone(),
                mass,
                edges: spectrum.edges().clone(),
                counts: counts[range.clone()].to_vec(),
                range,
                curve: ZCurve::default(),
                backed_z: Vec::new(),
                zmax: (0, 0.0),
                p_spectrum: Probability { p: 1.0, extrapolated: false },
            }),
            Err(reason) => *result.skipped.entry(reason.to_string()).or_default() += 1,
        }
    }
    let counts: Vec<&[f64]> = result.scanned.iter().map(|scanned| scanned.counts.as_slice()).collect();
    let curves = scanner.curves(&counts, progress)?;
    let templates = TemplateCache::new(&SIGNAL_WIDTHS);
    for (position, (scanned, curve)) in result.scanned.iter_mut().zip(curves).enumerate() {
        scanned.zmax = curve.zmax().unwrap_or((0, 0.0));
        let (bin, z) = curve.most_significant().unwrap_or((0, 0.0));
        let tables = scanner.calibrations().of(scanned.mass.into());
        scanned.p_spectrum = tables.network.p_value(z, curve.conditions(bin));
        scanned.backed_z = backed_by_background(&scanned.counts, &curve, &templates.of(scanned.counts.len()));
        scanned.curve = curve;
        result.index.insert((scanned.category.clone(), scanned.mass), position);
    }
    Ok(result)
}

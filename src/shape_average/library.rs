//! What backgrounds look like before a spectrum is seen: random shapes of every kind, for one number of bins.
//!
//! In: a number of bins. Out: shapes (largest value 1) with their shares and, for functions, tangents (`clusters`), the directions in
//! which a shape may deviate smoothly, and the signal templates. All is drawn from streams named by kind and number, so the
//! same library is made everywhere and each shape is the same function of the mass for any number of bins.

use nalgebra::DMatrix;
use rand::RngExt;

use super::clusters;
use crate::seeds::rng_for;
use crate::significance::Templates;
use crate::toys::simulation::{self, Half};
use crate::toys::{shapes, spectra};

/// Seed of the streams.
const SEED: u64 = 2407;
/// Shapes that fall into sparse tails.
const SPARSE: usize = 64;
/// Shapes as trimmed data have them: behind a turn-on, some with a second process.
const TURNED_ON: usize = 72;
/// Fitted simulation.
const SIMULATION: usize = 48;
/// Dilepton shapes.
const DILEPTON: usize = 32;
/// Correlation length of smooth deviations, in units of the spectrum's length.
const CORRELATION_LENGTH: f64 = 0.3;
/// Directions of smooth deviations.
pub const N_DEVIATIONS: usize = 8;

/// Shapes that share what is free besides their scale.
#[derive(Debug, Clone)]
pub struct Group {
    /// `shapes x bins`, row-major; the largest value of each is 1.
    pub shapes: Vec<f64>,
    /// ln of the part of the group's prior that each shape stands for.
    pub ln_share: Vec<f64>,
    /// `shapes x tangents_per_shape x bins`: how a shape changes with its function's parameters, each times the width of the
    /// prior that one shape of the library stands for.
    pub tangents: Vec<f64>,
    /// Tangents of each shape.
    pub tangents_per_shape: usize,
    /// A constant is added, with any coefficient: the functions of thesis eq. 32 have one.
    pub constant: bool,
    /// Sizes of smooth deviations relative to the background that are considered in the end.
    pub deviations: Vec<f64>,
    /// Size of smooth deviations while shapes are selected.
    pub coarse_deviation: f64,
    /// Shapes that are selected.
    pub kept: usize,
}

/// Prior knowledge for spectra of one length.
#[derive(Debug, Clone)]
pub struct Library {
    /// Number of bins.
    pub bins: usize,
    /// The shapes.
    pub groups: [Group; 2],
    /// `N_DEVIATIONS x bins`: directions of smooth deviations, each times its standard deviation.
    pub deviations: Vec<f64>,
    /// Templates of all widths.
    pub templates: Templates,
    /// The same, dense: `(widths x bins) x bins`, by width then bin.
    pub signals: Vec<f64>,
    /// Rows of `signals` used while shapes are selected.
    pub coarse_signals: Vec<usize>,
}

impl Library {
    /// Knowledge for spectra of `bins` bins and signals of `widths` (in bins).
    pub fn new(bins: usize, widths: &[f64]) -> Library {
        let templates = Templates::uniform(bins, widths);
        let mut signals = vec![0.0; widths.len() * bins * bins];
        for width in 0..widths.len() {
            for bin in 0..bins {
                let template = templates.get(bin, width);
                let start = (width * bins + bin) * bins + template.first;
                signals[start..start + template.values.len()].copy_from_slice(template.values);
            }
        }
        Library {
            bins,
            groups: [functions(bins), others(bins)],
            deviations: smooth_deviations(bins),
            templates,
            signals,
            coarse_signals: coarse(bins, widths),
        }
    }
}

/// Every second bin of the narrow and every third of the wide templates: enough to see which shapes a signal hides from.
fn coarse(bins: usize, widths: &[f64]) -> Vec<usize> {
    let mut rows = Vec::new();
    for number in 0..widths.len() {
        let step = match (number, widths.len()) {
            (_, 1) => 1,
            (0, _) => 2,
            (last, n) if last + 1 == n => 3,
            _ => continue,
        };
        rows.extend((0..bins).step_by(step).map(|bin| number * bins + bin));
    }
    rows
}

fn functions(bins: usize) -> Group {
    Group {
        shapes: clusters::ALL.iter().flat_map(|cluster| cluster.shape(bins)).collect(),
        ln_share: clusters::ALL.iter().map(|cluster| cluster.share.ln()).collect(),
        tangents: clusters::ALL.iter().flat_map(|cluster| cluster.tangents(bins)).collect(),
        tangents_per_shape: clusters::TANGENTS,
        constant: true,
        deviations: vec![0.001],
        coarse_deviation: 0.003,
        kept: 16,
    }
}

fn others(bins: usize) -> Group {
    let mut all = Vec::new();
    for i in 0..SPARSE {
        all.extend(normalised(spectra::sparse_shape(bins, &mut rng_for(SEED, &format!("sparse/{i}")))));
    }
    for i in 0..TURNED_ON {
        all.extend(normalised(spectra::turned_on_shape(bins, &mut rng_for(SEED, &format!("turned on/{i}")))));
    }
    let table = simulation::shapes(Half::Seen);
    for i in 0..SIMULATION.min(table.len()) {
        let mut rng = rng_for(SEED, &format!("simulation/{i}"));
        all.extend(normalised(table[rng.random_range(0..table.len())].on(bins)));
    }
    for i in 0..DILEPTON {
        all.extend(normalised(shapes::dilepton(bins, 1.0, &mut rng_for(SEED, &format!("dilepton/{i}")))));
    }
    let shapes = all.len() / bins.max(1);
    Group {
        shapes: all,
        ln_share: vec![-(shapes as f64).ln(); shapes],
        tangents: Vec::new(),
        tangents_per_shape: 0,
        constant: false,
        deviations: vec![0.01, 0.06, 0.4],
        coarse_deviation: 0.04,
        kept: 20,
    }
}

fn normalised(mut shape: Vec<f64>) -> Vec<f64> {
    let top = shape.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    shape.iter_mut().for_each(|value| *value /= top);
    shape
}

/// Leading eigenvectors of a squared-exponential covariance, times the square roots of their eigenvalues.
fn smooth_deviations(bins: usize) -> Vec<f64> {
    let length = CORRELATION_LENGTH * (bins.max(2) - 1) as f64;
    let covariance = DMatrix::from_fn(bins, bins, |i, j| (-0.5 * ((i as f64 - j as f64) / length).powi(2)).exp());
    let eigen = covariance.symmetric_eigen();
    let mut order: Vec<usize> = (0..bins).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let mut rows = Vec::with_capacity(N_DEVIATIONS * bins);
    for number in 0..N_DEVIATIONS {
        match order.get(number) {
            Some(&column) => {
                let size = eigen.eigenvalues[column].max(0.0).sqrt();
                rows.extend(eigen.eigenvectors.column(column).iter().map(|value| value * size));
            }
            None => rows.extend(std::iter::repeat_n(0.0, bins)),
        }
    }
    rows
}

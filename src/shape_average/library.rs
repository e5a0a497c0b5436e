//! What backgrounds look like before a spectrum is seen: random shapes of every kind, for one number of bins.
//!
//! In: a number of bins. Out: shapes (largest value 1) with their shares and, for functions and dilepton shapes, tangents
//! (`clusters`), the directions in which a shape may deviate smoothly, and the signal templates; once for each bin and once for
//! bins merged in pairs, on which shapes are selected. All is drawn from streams named by kind and number, so the same library
//! is made everywhere and each shape is the same function of the mass for any number of bins.

use std::ops::Range;

use nalgebra::DMatrix;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::clusters::{self, ShapeCluster, ShapeFamily};
use crate::seeds::rng_for;
use crate::significance::Templates;
use crate::toys::simulation::{self, Half};
use crate::toys::spectra;

/// Seed of the streams.
const SEED: u64 = 2407;
/// Shapes that fall into sparse tails.
const SPARSE: usize = 64;
/// Shapes as trimmed data have them: behind a turn-on, some with a second process.
const TURNED_ON: usize = 72;
/// Fitted simulation.
const SIMULATION: usize = 48;
/// Prior probability of each group relative to the functions': functions, dilepton shapes, others.
const PRIORS: [f64; N_GROUPS] = [1.0, 0.2, 0.8];
/// Number of groups.
pub const N_GROUPS: usize = 3;
/// Shapes of each group that are selected.
pub const SELECTED: [usize; N_GROUPS] = [16, 10, 20];
/// Sizes of deviations of each group while shapes are selected.
const COARSE_DEVIATIONS: [f64; N_GROUPS] = [0.01, 0.01, 0.04];
/// Spectra with fewer bins keep them all while shapes are selected.
const LEAST_TO_MERGE: usize = 48;
/// Correlation length of smooth deviations, in units of the spectrum's length.
const CORRELATION_LENGTH: f64 = 0.3;
/// Directions of smooth deviations.
pub const N_DEVIATIONS: usize = 8;

/// Where a shape comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackgroundKind {
    /// Thesis eq. 32.
    Function,
    /// Thesis eq. 33.
    Dilepton,
    /// Falls into a sparse tail.
    Sparse,
    /// As trimmed data: behind a turn-on.
    TurnedOn,
    /// Fitted simulation.
    Simulation,
}

/// Which shapes an average is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownShapes {
    /// Shapes of all kinds.
    #[default]
    All,
    /// Functions alone (the F networks of thesis table 2).
    Functions,
}

/// Number of [`BackgroundKind`]s.
pub const N_KINDS: usize = 5;

/// Shapes that share what is free besides their scale.
#[derive(Debug, Clone, Default)]
pub struct ShapeGroup {
    /// Kind of each shape.
    pub kinds: Vec<BackgroundKind>,
    /// `shapes x bins`, row-major; the largest value of each is 1.
    pub shapes: Vec<f64>,
    /// ln of the prior probability that each shape stands for.
    pub ln_share: Vec<f64>,
    /// `shapes x tangents_per_shape x bins`: how a shape changes with the parameters of its family, each times the width of the
    /// prior that one shape of the library stands for.
    pub tangents: Vec<f64>,
    /// Tangents of each shape.
    pub tangents_per_shape: usize,
    /// A constant is added, with any coefficient: the functions of thesis eq. 32 have one.
    pub constant: bool,
    /// Sizes of smooth deviations relative to the background that are considered.
    pub deviations: Vec<f64>,
}

/// Shapes and signals on one set of bins.
#[derive(Debug, Clone)]
pub struct Basis {
    /// Number of bins.
    pub bins: usize,
    /// Size of each bin, in bins of the spectrum.
    pub sizes: Vec<f64>,
    /// The shapes: functions, dilepton shapes, others.
    pub groups: [ShapeGroup; N_GROUPS],
    /// `N_DEVIATIONS x bins`: directions of smooth deviations, each times its standard deviation.
    pub deviations: Vec<f64>,
    /// Signals, `templates x bins`.
    pub signals: Vec<f64>,
}

/// Prior knowledge for spectra of one length.
#[derive(Debug, Clone)]
pub struct Library {
    /// Templates of all widths.
    pub templates: Templates,
    /// All bins and all templates (by width, then bin).
    pub fine: Basis,
    /// Fewer bins and templates, no tangents, and deviations of one size: shapes are selected on it.
    pub coarse: Basis,
    /// Bins of the spectrum that each bin of `coarse` is made of.
    pub merged: Vec<Range<usize>>,
}

impl Library {
    /// Knowledge for spectra of `bins` bins and signals of `widths` (in bins).
    pub fn new(bins: usize, widths: &[f64], known: KnownShapes) -> Library {
        let templates = Templates::uniform(bins, widths);
        let mut signals = vec![0.0; widths.len() * bins * bins];
        for width in 0..widths.len() {
            for bin in 0..bins {
                let template = templates.get(bin, width);
                let start = (width * bins + bin) * bins + template.first;
                signals[start..start + template.values.len()].copy_from_slice(template.values);
            }
        }
        let fine = Basis {
            bins,
            sizes: vec![1.0; bins],
            groups: match known {
                KnownShapes::All => [functions(bins), dileptons(bins), others(bins)],
                KnownShapes::Functions => [functions(bins), ShapeGroup::default(), ShapeGroup::default()],
            },
            deviations: smooth_deviations(bins),
            signals,
        };
        let size = if bins < LEAST_TO_MERGE { 1 } else { 2 };
        let merged: Vec<Range<usize>> = (0..bins).step_by(size).map(|from| from..(from + size).min(bins)).collect();
        let mut coarse = fine.merge(&merged, &coarse_signals(bins, widths));
        for (group, deviation) in coarse.groups.iter_mut().zip(COARSE_DEVIATIONS) {
            // Deviations stand in for the tangents.
            *group = ShapeGroup {
                tangents: Vec::new(),
                tangents_per_shape: 0,
                deviations: group.deviations.iter().take(1).map(|_| deviation).collect(),
                ..group.clone()
            };
        }
        Library { templates, fine, coarse, merged }
    }

    /// Number of bins of the spectra.
    pub fn bins(&self) -> usize {
        self.fine.bins
    }
}

impl Basis {
    /// On fewer bins, with some of the signals.
    fn merge(&self, merged: &[Range<usize>], signals: &[usize]) -> Basis {
        let most = merged.iter().map(Range::len).max().unwrap_or(1) as f64;
        let sums = |rows: &[f64]| -> Vec<f64> {
            let of_row = |row: &[f64]| -> Vec<f64> {
                merged.iter().map(|bins| row[bins.clone()].iter().sum::<f64>() / most).collect()
            };
            rows.chunks(self.bins.max(1)).flat_map(of_row).collect()
        };
        let sizes = sums(&self.sizes);
        // Deviations are relative.
        let deviations =
            sums(&self.deviations).iter().zip(sizes.iter().cycle()).map(|(sum, size)| sum / size).collect();
        Basis {
            bins: merged.len(),
            groups: self.groups.each_ref().map(|group| ShapeGroup {
                shapes: sums(&group.shapes),
                tangents: sums(&group.tangents),
                ..group.clone()
            }),
            deviations,
            signals: signals.iter().flat_map(|row| sums(&self.signals[row * self.bins..][..self.bins])).collect(),
            sizes,
        }
    }
}

/// Every second bin of the narrow and every third of the wide templates: enough to see which shapes a signal hides from.
fn coarse_signals(bins: usize, widths: &[f64]) -> Vec<usize> {
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

fn functions(bins: usize) -> ShapeGroup {
    clustered(&clusters::FUNCTIONS, BackgroundKind::Function, PRIORS[0], bins)
}

fn dileptons(bins: usize) -> ShapeGroup {
    clustered(&clusters::DILEPTONS, BackgroundKind::Dilepton, PRIORS[1], bins)
}

fn clustered<F: ShapeFamily>(
    clusters: &[ShapeCluster<F>],
    kind: BackgroundKind,
    prior: f64,
    bins: usize,
) -> ShapeGroup {
    ShapeGroup {
        kinds: vec![kind; clusters.len()],
        shapes: clusters.iter().flat_map(|cluster| cluster.shape(bins)).collect(),
        ln_share: clusters.iter().map(|cluster| (prior * cluster.share).ln()).collect(),
        tangents: clusters.iter().flat_map(|cluster| cluster.tangents(bins)).collect(),
        tangents_per_shape: clusters::TANGENTS,
        constant: F::WITH_CONSTANT,
        deviations: vec![0.001],
    }
}

fn others(bins: usize) -> ShapeGroup {
    let mut all = Vec::new();
    let mut kinds = Vec::new();
    let mut add = |kind: BackgroundKind, shape: Vec<f64>| {
        all.extend(normalised(shape));
        kinds.push(kind);
    };
    for i in 0..SPARSE {
        add(BackgroundKind::Sparse, spectra::sparse_shape(bins, &mut rng_for(SEED, &format!("sparse/{i}"))));
    }
    for i in 0..TURNED_ON {
        add(BackgroundKind::TurnedOn, spectra::turned_on_shape(bins, &mut rng_for(SEED, &format!("turned on/{i}"))));
    }
    let table = simulation::shapes(Half::Seen);
    for i in 0..SIMULATION.min(table.len()) {
        let mut rng = rng_for(SEED, &format!("simulation/{i}"));
        add(BackgroundKind::Simulation, table[rng.random_range(0..table.len())].on(bins));
    }
    let shapes = kinds.len();
    ShapeGroup {
        kinds,
        shapes: all,
        ln_share: vec![(PRIORS[2] / shapes.max(1) as f64).ln(); shapes],
        tangents: Vec::new(),
        tangents_per_shape: 0,
        constant: false,
        deviations: vec![0.01, 0.06, 0.4],
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

//! The linear algebra of one round: which part of shapes, templates and counts is left when everything free is fitted.
//!
//! In: counts, a first idea of the background (their variance), shapes and a size of deviation. Out: per shape its weight
//! without a signal, per (shape, template) the overlap from which the weight with that signal follows. Everything is
//! *whitened*: divided by the Poisson error of its bin, so that sums of products are chi squares.

use nalgebra::DMatrix;
use ndarray::{Array2, ArrayView1, ArrayView2};

use super::library::{Group, Library, N_DEVIATIONS};

/// Bins with a smaller expectation are given this variance.
pub const LEAST_VARIANCE: f64 = 0.3;
/// Standard deviation of a free constant, in units of the highest bin.
const CONSTANT: f64 = 30.0;

/// Counts and templates, whitened: common to all rounds with one variance.
pub struct Whitened<'a> {
    /// Shapes and templates.
    pub library: &'a Library,
    /// 1 / sqrt(variance) per bin.
    pub root_weight: Vec<f64>,
    /// Background that the variance and the size of deviations follow.
    pub background: &'a [f64],
    /// Counts, whitened.
    pub counts: Vec<f64>,
    /// Templates, whitened, of unit norm: `templates x bins`.
    pub signals: Vec<f64>,
    /// The same, transposed, in single precision: `bins x templates`.
    signal_columns: Array2<f32>,
    /// Their products with the counts.
    signal_counts: Vec<f64>,
    /// Number of templates.
    pub templates: usize,
}

/// Shapes of one group, whitened, and their products with all templates: common to all sizes of deviation.
pub struct Chosen {
    /// Number of the group.
    group: usize,
    /// Numbers of the shapes.
    shapes: Vec<usize>,
    /// `shapes x bins`.
    whitened: Vec<f64>,
    /// `shapes x templates`.
    products: Array2<f32>,
}

/// One group's shapes at one size of deviation.
pub struct Round<'a> {
    /// Number of the group.
    pub group: usize,
    /// The deviation is not the smallest of its group.
    pub wide: bool,
    /// Numbers of the shapes.
    pub shapes: &'a [usize],
    /// Shapes, whitened: `shapes x bins`.
    pub whitened: &'a [f64],
    /// D, `free x bins`: what the free parameters take away from a vector v is D^T D v.
    pub directions: Array2<f64>,
    /// ln weight of each shape without a signal.
    pub ln_weight: Vec<f64>,
    /// 1 / norm of each shape when the free parameters are fitted.
    pub norm: Vec<f64>,
    /// Strength of each shape in the counts, in units of its error.
    pub strength: Vec<f64>,
    /// Scalar product of (unit) shape and template, `shapes x templates`.
    pub overlap: Array2<f32>,
    /// Part of each template's information left when the free parameters (not the shape) are fitted.
    pub information: Vec<f32>,
    /// Product of each template with the counts, free parameters fitted.
    pub product: Vec<f32>,
}

impl<'a> Whitened<'a> {
    /// `rows`: the templates of the library that are used.
    pub fn new(library: &'a Library, counts: &[f64], background: &'a [f64], rows: &[usize]) -> Whitened<'a> {
        let bins = library.bins;
        let root_weight: Vec<f64> = background.iter().map(|b| b.max(LEAST_VARIANCE).sqrt().recip()).collect();
        let mut signals = Vec::with_capacity(rows.len() * bins);
        for &row in rows {
            let from = signals.len();
            signals.extend(library.signals[row * bins..][..bins].iter().zip(&root_weight).map(|(s, w)| s * w));
            let norm = dot(&signals[from..], &signals[from..]).sqrt().max(1e-300);
            signals[from..].iter_mut().for_each(|s| *s /= norm);
        }
        let counts: Vec<f64> = counts.iter().zip(&root_weight).map(|(n, w)| n * w).collect();
        let signal_counts = signals.chunks(bins).map(|signal| dot(signal, &counts)).collect();
        let signal_columns = single(rows_of(&signals, bins).t());
        let templates = rows.len();
        Whitened { library, root_weight, background, counts, signals, signal_columns, signal_counts, templates }
    }

    /// Some shapes of a group.
    pub fn choose(&self, group: usize, shapes: Vec<usize>) -> Chosen {
        let bins = self.library.bins;
        let mut whitened = Vec::with_capacity(shapes.len() * bins);
        for &shape in &shapes {
            let values = &self.library.groups[group].shapes[shape * bins..][..bins];
            whitened.extend(values.iter().zip(&self.root_weight).map(|(u, weight)| u * weight));
        }
        let products = single(rows_of(&whitened, bins)).dot(&self.signal_columns);
        Chosen { group, shapes, whitened, products }
    }

    /// The chosen shapes when they deviate by the relative size `deviation`.
    pub fn round<'b>(&self, chosen: &'b Chosen, deviation: f64) -> Round<'b> {
        let bins = self.library.bins;
        let group = &self.library.groups[chosen.group];
        let (shapes, whitened) = (chosen.shapes.as_slice(), chosen.whitened.as_slice());
        let (directions, ln_det) = self.directions(group, deviation);
        let of_counts = directions.dot(&ArrayView1::from(&self.counts));
        let counts_square = dot(&self.counts, &self.counts) - of_counts.dot(&of_counts);
        let of_shapes = rows_of(whitened, bins).dot(&directions.t());
        let of_signals = rows_of(&self.signals, bins).dot(&directions.t());
        // The free parameters take away what they see of both.
        let mut overlap = single(of_shapes.view()).dot(&single(of_signals.t()));
        let (mut ln_weight, mut strength, mut norm) = (Vec::new(), Vec::new(), Vec::new());
        let prior = self.ln_prior(group) - (shapes.len() as f64).ln() - ln_det;
        for ((u, h), (mut overlap, products)) in
            whitened.chunks(bins).zip(of_shapes.rows()).zip(overlap.rows_mut().into_iter().zip(chosen.products.rows()))
        {
            let square = dot(u, u);
            let left = (square - h.dot(&h)).max(1e-9 * square).max(1e-300);
            let product = dot(u, &self.counts) - h.dot(&of_counts);
            let scale = left.sqrt().recip();
            overlap.zip_mut_with(&products, |taken, product| *taken = (product - *taken) * scale as f32);
            norm.push(scale);
            strength.push(product * scale);
            ln_weight.push(if product > 0.0 {
                -0.5 * (counts_square - product * product / left) - (product * scale).ln() + prior
            } else {
                f64::NEG_INFINITY
            });
        }
        let (mut information, mut product) = (Vec::new(), Vec::new());
        for (signal_counts, g) in self.signal_counts.iter().zip(of_signals.rows()) {
            information.push((1.0 - g.dot(&g)) as f32);
            product.push((signal_counts - g.dot(&of_counts)) as f32);
        }
        Round {
            group: chosen.group,
            wide: group.deviations.first().is_some_and(|least| deviation > *least),
            shapes,
            whitened,
            directions,
            ln_weight,
            norm,
            strength,
            overlap,
            information,
            product,
        }
    }

    /// D for smooth deviations of a relative size, and a constant where the group has one; ln of the volume that it costs.
    fn directions(&self, group: &Group, deviation: f64) -> (Array2<f64>, f64) {
        let bins = self.library.bins;
        let free = N_DEVIATIONS + usize::from(group.constant);
        let top = self.top();
        let rows = DMatrix::from_fn(free, bins, |row, bin| {
            let value = if row < N_DEVIATIONS {
                self.library.deviations[row * bins + bin] * deviation * self.background[bin]
            } else {
                CONSTANT * top
            };
            value * self.root_weight[bin]
        });
        let gram = DMatrix::identity(free, free) + &rows * rows.transpose();
        let Some(cholesky) = gram.cholesky() else { return (Array2::zeros((free, bins)), 0.0) };
        let lower = cholesky.l();
        let ln_det = lower.diagonal().iter().map(|value| value.ln()).sum();
        let directions = lower.solve_lower_triangular(&rows).unwrap_or(rows);
        (Array2::from_shape_fn((free, bins), |(row, bin)| directions[(row, bin)]), ln_det)
    }

    /// The constant's prior is as wide as needed for it to be free; its density is that of ln A over some decades.
    fn ln_prior(&self, group: &Group) -> f64 {
        if !group.constant {
            return 0.0;
        }
        let end = &self.background[self.library.bins.saturating_sub(3)..];
        let constant = end.iter().sum::<f64>() / end.len().max(1) as f64;
        (CONSTANT * self.top() / (3.0 * constant.max(1.0))).ln()
    }

    fn top(&self) -> f64 {
        self.background.iter().copied().fold(1.0, f64::max)
    }
}

/// In single precision.
fn single(matrix: ArrayView2<f64>) -> Array2<f32> {
    matrix.mapv(|value| value as f32)
}

/// Rows of `width` values.
fn rows_of(values: &[f64], width: usize) -> ArrayView2<'_, f64> {
    ArrayView2::from_shape((values.len() / width.max(1), width), values).unwrap_or_else(|_| ArrayView2::from(&[[]; 0]))
}

/// Scalar product.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

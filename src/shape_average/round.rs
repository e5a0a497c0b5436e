//! The linear algebra of one round: which part of shapes, templates and counts is left when everything free is fitted.
//!
//! In: counts, a first idea of the background (their variance), shapes and a size of deviation. Out: per shape its weight
//! without a signal, per (shape, template) the overlap from which the weight with that signal follows. Everything is
//! *whitened*: divided by the Poisson error of its bin, so that sums of products are chi squares.

use nalgebra::DMatrix;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView1, ArrayView2};
use pulp::Arch;

use super::clusters;
use super::library::{Basis, N_DEVIATIONS, ShapeGroup};
use super::strength::ln_positive_scale;

/// Bins with a smaller expectation are given this variance.
pub const LEAST_VARIANCE: f64 = 0.3;
/// Most vectors per shape: its tangents and itself.
pub const VECTORS: usize = clusters::TANGENTS + 1;
/// Standard deviation of a free constant, in units of the highest bin.
const CONSTANT: f64 = 30.0;

/// Counts and templates, whitened: common to all rounds with one variance.
pub struct Whitened<'a> {
    /// Shapes and templates.
    pub basis: &'a Basis,
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

/// Shapes of one group with their tangents, whitened, and their products with all templates: common to all sizes of deviation.
pub struct Chosen {
    /// Number of the group.
    group: usize,
    /// Numbers of the shapes.
    shapes: Vec<usize>,
    /// Vectors per shape: its tangents, then itself.
    vectors: usize,
    /// `shapes x vectors x bins`.
    whitened: Vec<f64>,
    /// `(shapes x vectors) x templates`.
    products: Array2<f32>,
}

/// What is left of one shape's vectors, in the order of [`Chosen`]: x_j has become r_j = (P - sum of r_i r_i^T) x_j / d_j, the
/// quadratic form P without what the vectors take away. All arrays are filled up to the number of vectors.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reduced {
    /// d_j.
    pub norm: [f64; VECTORS],
    /// r_i . x_j for i < j, at `[i][j]`.
    pub coupling: [[f64; VECTORS]; VECTORS],
    /// r_j . counts.
    pub of_counts: [f64; VECTORS],
    /// What r_j takes from the constant.
    pub of_constant: [f64; VECTORS],
    /// ln weight without a signal, for any constant.
    pub ln_weight: f64,
    /// The constant: its mean without a signal, its standard deviation.
    pub constant: Option<(f64, f64)>,
}

/// One group's shapes at one size of deviation.
pub struct Round<'a> {
    /// Number of the group.
    pub group: usize,
    /// The deviation is not the smallest of its group.
    pub wide: bool,
    /// Numbers of the shapes.
    pub shapes: &'a [usize],
    /// Vectors per shape.
    pub vectors: usize,
    /// Vectors, whitened: `shapes x vectors x bins`.
    pub whitened: &'a [f64],
    /// D, `free x bins`: what the free parameters take away from a vector v is D^T D v.
    pub directions: Array2<f64>,
    /// Per shape.
    pub reduced: Vec<Reduced>,
    /// r_j . template, `(shapes x vectors) x templates`.
    pub overlap: Array2<f32>,
    /// Part of each template's information left when the free parameters (not the shape) are fitted.
    pub information: Vec<f32>,
    /// Product of each template with the counts, free parameters fitted.
    pub product: Vec<f32>,
    /// Constant in units of its row in `directions`; 0: the group has none.
    pub constant_unit: f64,
    /// What each template takes from the constant, in those units.
    pub of_constant: Vec<f32>,
}

impl<'a> Whitened<'a> {
    /// `counts` and `background` are those of the bins of `basis`.
    pub fn new(basis: &'a Basis, counts: &[f64], background: &'a [f64]) -> Whitened<'a> {
        let bins = basis.bins;
        let root_weight: Vec<f64> = background.iter().map(|b| b.max(LEAST_VARIANCE).sqrt().recip()).collect();
        let mut signals = Vec::with_capacity(basis.signals.len());
        for row in basis.signals.chunks(bins.max(1)) {
            let from = signals.len();
            signals.extend(row.iter().zip(&root_weight).map(|(s, w)| s * w));
            let norm = dot(&signals[from..], &signals[from..]).sqrt().max(1e-300).recip();
            signals[from..].iter_mut().for_each(|s| *s *= norm);
        }
        let counts: Vec<f64> = counts.iter().zip(&root_weight).map(|(n, w)| n * w).collect();
        let signal_counts = signals.chunks(bins).map(|signal| dot(signal, &counts)).collect();
        let signal_columns = single(rows_of(&signals, bins).t());
        let templates = signals.len() / bins.max(1);
        Whitened { basis, root_weight, background, counts, signals, signal_columns, signal_counts, templates }
    }

    /// Some shapes of a group.
    pub fn choose(&self, group: usize, shapes: Vec<usize>) -> Chosen {
        let bins = self.basis.bins;
        let of_group = &self.basis.groups[group];
        let vectors = of_group.tangents_per_shape + 1;
        let mut whitened = Vec::with_capacity(shapes.len() * vectors * bins);
        let drop = self.drop();
        for &shape in &shapes {
            let tangents = &of_group.tangents[shape * (vectors - 1) * bins..][..(vectors - 1) * bins];
            for tangent in tangents.chunks(bins) {
                whitened.extend(tangent.iter().zip(&self.root_weight).map(|(f, weight)| f * drop * weight));
            }
            let values = &of_group.shapes[shape * bins..][..bins];
            whitened.extend(values.iter().zip(&self.root_weight).map(|(u, weight)| u * weight));
        }
        let products = single(rows_of(&whitened, bins)).dot(&self.signal_columns);
        Chosen { group, shapes, vectors, whitened, products }
    }

    /// The chosen shapes when they deviate by the relative size `deviation`.
    pub fn round<'b>(&self, chosen: &'b Chosen, deviation: f64) -> Round<'b> {
        let bins = self.basis.bins;
        let group = &self.basis.groups[chosen.group];
        let (shapes, vectors) = (chosen.shapes.as_slice(), chosen.vectors);
        let (directions, ln_det, last) = self.directions(group, deviation);
        let constant_unit = if group.constant { CONSTANT * self.top() / last } else { 0.0 };
        let of_counts = directions.dot(&ArrayView1::from(&self.counts));
        let counts_square = dot(&self.counts, &self.counts) - of_counts.dot(&of_counts);
        let of_vectors = rows_of(&chosen.whitened, bins).dot(&directions.t());
        let of_signals = single(directions.view()).dot(&self.signal_columns);
        // The free parameters take away what they see of both.
        let mut overlap = chosen.products.clone();
        general_mat_mul(-1.0, &single(of_vectors.view()), &of_signals, 1.0, &mut overlap);

        let of_sizes = (group.deviations.len().max(1) as f64).ln();
        let mut reduced = Vec::with_capacity(shapes.len());
        let (free_count, templates) = (directions.nrows(), self.templates);
        let of_counts_row = of_counts.as_slice().unwrap_or_default();
        let of_vectors_rows = of_vectors.as_slice().unwrap_or_default();
        let overlap_rows = overlap.as_slice_mut().unwrap_or_default();
        // Compiled for the vector instructions of this processor.
        Arch::new().dispatch(|| {
            for (((slot, x), free), rows) in chosen
                .whitened
                .chunks(vectors * bins)
                .enumerate()
                .zip(of_vectors_rows.chunks(vectors * free_count))
                .zip(overlap_rows.chunks_mut((vectors * templates).max(1)))
            {
                let x = |j: usize| &x[j * bins..][..bins];
                let free = |j: usize| &free[j * free_count..][..free_count];
                let mut one = Reduced::default();
                let mut ln_weight = group.ln_share[shapes[slot]] - of_sizes - ln_det - 0.5 * counts_square;
                for j in 0..vectors {
                    let whole = dot(x(j), x(j));
                    let mut square = whole - dot(free(j), free(j));
                    let mut with_counts = dot(x(j), &self.counts) - dot(free(j), of_counts_row);
                    let mut with_constant = if group.constant { free(j)[N_DEVIATIONS] } else { 0.0 };
                    let (earlier, row) = rows.split_at_mut(j * templates);
                    let row = &mut row[..templates];
                    for i in 0..j {
                        // r_i . x_j, from what the earlier ones have left.
                        let mut coupling = dot(x(i), x(j)) - dot(free(i), free(j));
                        for k in 0..i {
                            coupling -= one.coupling[k][i] * one.coupling[k][j];
                        }
                        coupling /= one.norm[i];
                        one.coupling[i][j] = coupling;
                        square -= coupling * coupling;
                        with_counts -= coupling * one.of_counts[i];
                        with_constant -= coupling * one.of_constant[i];
                        take(row, &earlier[i * templates..][..templates], coupling as f32);
                    }
                    let is_shape = j + 1 == vectors;
                    // Tangents have a prior of unit width, the shape's own scale has none.
                    let norm =
                        if is_shape { square.max(1e-9 * whole).max(1e-300) } else { 1.0 + square.max(0.0) }.sqrt();
                    one.norm[j] = norm;
                    one.of_counts[j] = with_counts / norm;
                    one.of_constant[j] = with_constant / norm;
                    let scale = norm.recip() as f32;
                    row.iter_mut().for_each(|value| *value *= scale);
                    let strength = one.of_counts[j];
                    ln_weight += 0.5 * strength * strength;
                    if !is_shape {
                        ln_weight -= norm.ln();
                    } else if strength > 0.0 {
                        ln_weight += ln_positive_scale(strength);
                    } else if group.constant {
                        // The constant alone describes the counts best: the scale is zero.
                        ln_weight += ln_positive_scale(strength);
                        (one.of_counts[j], one.of_constant[j]) = (0.0, 0.0);
                        row.fill(0.0);
                    } else {
                        ln_weight = f64::NEG_INFINITY;
                    }
                }
                one.ln_weight = ln_weight;
                one.constant = group.constant.then(|| {
                    let used = &one.of_constant[..vectors];
                    let mean = of_counts[N_DEVIATIONS] - dot(used, &one.of_counts[..vectors]);
                    (constant_unit * mean, constant_unit * (1.0 + dot(used, used)).sqrt())
                });
                reduced.push(one);
            }
        });
        let mut information = vec![1.0f32; templates];
        let mut product = self.signal_counts.clone();
        for (row, of_counts) in of_signals.rows().into_iter().zip(&of_counts) {
            for ((information, product), g) in information.iter_mut().zip(&mut product).zip(row) {
                *information -= g * g;
                *product -= f64::from(*g) * of_counts;
            }
        }
        let product = product.into_iter().map(|value| value as f32).collect();
        let of_constant = if group.constant { of_signals.row(N_DEVIATIONS).to_vec() } else { Vec::new() };
        Round {
            group: chosen.group,
            wide: group.deviations.first().is_some_and(|least| deviation > *least),
            shapes,
            vectors,
            whitened: &chosen.whitened,
            directions,
            reduced,
            overlap,
            information,
            product,
            constant_unit,
            of_constant,
        }
    }

    /// D for smooth deviations of a relative size, and a constant where the group has one; ln of the volume that it costs; the
    /// constant's last pivot.
    fn directions(&self, group: &ShapeGroup, deviation: f64) -> (Array2<f64>, f64, f64) {
        let bins = self.basis.bins;
        let free = N_DEVIATIONS + usize::from(group.constant);
        let top = self.top();
        let rows = DMatrix::from_fn(free, bins, |row, bin| {
            let value = if row < N_DEVIATIONS {
                self.basis.deviations[row * bins + bin] * deviation * self.background[bin]
            } else {
                CONSTANT * top * self.basis.sizes[bin]
            };
            value * self.root_weight[bin]
        });
        let gram = DMatrix::identity(free, free) + &rows * rows.transpose();
        let Some(cholesky) = gram.cholesky() else { return (Array2::zeros((free, bins)), 0.0, 1.0) };
        let lower = cholesky.l();
        // The constant's width is no part of the volume: its prior is a density of its own.
        let ln_det: f64 = lower.diagonal().iter().map(|value| value.ln()).sum::<f64>()
            - if group.constant { (CONSTANT * top).ln() } else { 0.0 };
        let last = lower[(free - 1, free - 1)];
        let directions = lower.solve_lower_triangular(&rows).unwrap_or(rows);
        (Array2::from_shape_fn((free, bins), |(row, bin)| directions[(row, bin)]), ln_det, last)
    }

    /// How far the spectrum falls: the scale of tangents.
    fn drop(&self) -> f64 {
        let end = |bins: &[f64]| bins.iter().sum::<f64>() / bins.len().max(1) as f64;
        let edge = 3.min(self.background.len());
        let (first, last) = (&self.background[..edge], &self.background[self.background.len() - edge..]);
        (end(first) - end(last)).max(1.0)
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

/// Scalar product, in eight sums that the processor adds at once.
#[inline(always)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Takes `part` times another row away.
#[inline(always)]
fn take(row: &mut [f32], other: &[f32], part: f32) {
    row.iter_mut().zip(other).for_each(|(value, other)| *value -= part * other);
}

//! Matched filters: linear maps that turn stabilised counts into z-like numbers before any learning.
//!
//! In: a number of bins N. Out: matrices that act on y = 2 sqrt(n + 3/8) (Anscombe: variance about 1 for any mean).
//! A *bump filter* is a Gaussian of k bins made orthogonal to polynomials of degree d over a window around its bin and
//! given unit norm: on a smooth background its output is a standard normal, on a bump it is nearly the significance
//! of a polynomial side-band fit in that window. A *smoother* is the value of a local polynomial fit at its bin.
//! Windows are cut at the ends of the spectrum and the polynomials are made for what is left, so edges are exact.

use std::collections::HashMap;

use bumphound::significance::SIGNAL_WIDTHS;

/// Windows of a bump filter: half width in bins = `factor` x k + `offset` (infinite: the whole spectrum), degree.
pub const BUMP_WINDOWS: [(f64, f64, usize); 12] = [
    (3.0, 1.0, 1),
    (4.0, 2.0, 2),
    (6.0, 2.0, 2),
    (6.0, 3.0, 3),
    (9.0, 3.0, 3),
    (9.0, 4.0, 4),
    (14.0, 4.0, 3),
    (14.0, 4.0, 5),
    (f64::INFINITY, 0.0, 3),
    (f64::INFINITY, 0.0, 5),
    (f64::INFINITY, 0.0, 8),
    (f64::INFINITY, 0.0, 12),
];

/// Smoothers: half width in bins, degree.
pub const SMOOTHERS: [(f64, usize); 5] = [(4.0, 1), (9.0, 2), (16.0, 2), (30.0, 3), (f64::INFINITY, 6)];

/// Number of bump filters per bin.
pub const N_BUMP: usize = SIGNAL_WIDTHS.len() * BUMP_WINDOWS.len();

/// Below this part of its norm left after orthogonalisation a Gaussian cannot be told from the polynomials.
const LEAST_NORM: f64 = 1e-3;

/// All filters for spectra of one length.
#[derive(Debug, Clone)]
pub struct FilterBank {
    /// Number of bins.
    pub bins: usize,
    /// `(N_BUMP + SMOOTHERS) x bins` output rows of `bins` inputs each, row-major.
    pub rows: Vec<f32>,
}

impl FilterBank {
    /// Filters for spectra of `bins` bins.
    pub fn new(bins: usize) -> Self {
        let mut rows = Vec::with_capacity((N_BUMP + SMOOTHERS.len()) * bins * bins);
        let mut bases = Bases::default();
        for &width in &SIGNAL_WIDTHS {
            for &(factor, offset, degree) in &BUMP_WINDOWS {
                let half = factor * width + offset;
                for bin in 0..bins {
                    push_row(&mut rows, bins, half, bin, |window, centre| {
                        bump(centre, width, bases.get(window, degree), window)
                    });
                }
            }
        }
        for &(half, degree) in &SMOOTHERS {
            for bin in 0..bins {
                push_row(&mut rows, bins, half, bin, |window, centre| {
                    smoother(centre, bases.get(window, degree), window)
                });
            }
        }
        FilterBank { bins, rows }
    }
}

/// Appends one row of `bins` inputs that is zero outside the window around `bin`.
fn push_row(rows: &mut Vec<f32>, bins: usize, half: f64, bin: usize, filter: impl FnOnce(usize, usize) -> Vec<f64>) {
    let half = if half.is_finite() { half.round() as usize } else { bins };
    let (low, high) = (bin.saturating_sub(half), (bin + half + 1).min(bins));
    let start = rows.len();
    rows.resize(start + bins, 0.0);
    for (slot, value) in rows[start + low..start + high].iter_mut().zip(filter(high - low, bin - low)) {
        *slot = value as f32;
    }
}

/// Polynomials by (points, degree): every bin far from the ends has the same window.
#[derive(Default)]
struct Bases {
    made: HashMap<(usize, usize), Vec<Vec<f64>>>,
}

impl Bases {
    fn get(&mut self, window: usize, degree: usize) -> &[Vec<f64>] {
        self.made.entry((window, degree)).or_insert_with(|| polynomials(window, degree))
    }
}

/// Orthonormal polynomials up to `degree` on `window` equidistant points; fewer if there are not enough points.
fn polynomials(window: usize, degree: usize) -> Vec<Vec<f64>> {
    let degree = degree.min(window.saturating_sub(3));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(degree + 1);
    for power in 0..=degree {
        // Multiplying the last one by t instead of taking t^power keeps high degrees well conditioned.
        let mut next: Vec<f64> = match basis.last() {
            None => vec![1.0; window],
            Some(last) => (0..window).map(|i| last[i] * (2.0 * i as f64 / (window - 1).max(1) as f64 - 1.0)).collect(),
        };
        for _ in 0..2 {
            for earlier in &basis {
                remove(&mut next, earlier);
            }
        }
        let norm = dot(&next, &next).sqrt();
        if norm < 1e-9 {
            break;
        }
        next.iter_mut().for_each(|value| *value /= norm);
        debug_assert!(power < window);
        basis.push(next);
    }
    basis
}

fn bump(centre: usize, width: f64, basis: &[Vec<f64>], window: usize) -> Vec<f64> {
    let mut filter: Vec<f64> =
        (0..window).map(|i| (-0.5 * ((i as f64 - centre as f64) / width).powi(2)).exp()).collect();
    let before = dot(&filter, &filter);
    for polynomial in basis {
        remove(&mut filter, polynomial);
    }
    let after = dot(&filter, &filter);
    let scale = if after > LEAST_NORM * before { 1.0 / after.sqrt() } else { 0.0 };
    filter.iter_mut().for_each(|value| *value *= scale);
    filter
}

fn smoother(centre: usize, basis: &[Vec<f64>], window: usize) -> Vec<f64> {
    let mut filter = vec![0.0; window];
    for polynomial in basis {
        let value = polynomial[centre];
        for (slot, p) in filter.iter_mut().zip(polynomial) {
            *slot += value * p;
        }
    }
    filter
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn remove(vector: &mut [f64], unit: &[f64]) {
    let overlap = dot(vector, unit);
    vector.iter_mut().zip(unit).for_each(|(value, u)| *value -= overlap * u);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bump_filters_ignore_lines_and_have_unit_norm() {
        let bank = FilterBank::new(40);
        for (number, row) in bank.rows.chunks(40).take(N_BUMP * 40).enumerate() {
            let norm: f64 = row.iter().map(|v| f64::from(*v).powi(2)).sum();
            let line: f64 = row.iter().enumerate().map(|(i, v)| f64::from(*v) * (3.0 + 0.5 * i as f64)).sum();
            assert!(norm == 0.0 || (norm - 1.0).abs() < 1e-5, "row {number}: norm {norm}");
            assert!(line.abs() < 1e-4, "row {number}: {line}");
        }
    }

    #[test]
    fn smoothers_leave_lines_unchanged() {
        let bank = FilterBank::new(33);
        for (number, row) in bank.rows.chunks(33).skip(N_BUMP * 33).enumerate() {
            let bin = number % 33;
            let value: f64 = row.iter().enumerate().map(|(i, v)| f64::from(*v) * (1.0 + i as f64)).sum();
            assert!((value - (1.0 + bin as f64)).abs() < 1e-4, "row {number}: {value}");
        }
    }

    #[test]
    fn tiny_spectra_do_not_panic() {
        for bins in 0..12 {
            assert!(FilterBank::new(bins).rows.iter().all(|v| v.is_finite()));
        }
    }
}

//! Cholesky factors of a matrix of arrow form: a common block, bordered by one small block per row.
//!
//! In: the blocks. Out: [`Arrow`], which solves with it. `H = [[C, B'], [B, D]]` with block-diagonal D: eliminating the
//! rows costs as much as they are many, not its cube.

use super::smooth::ROW;

/// A vector in the same division: common part, one part per row.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Common part.
    pub common: Vec<f64>,
    /// One part per row.
    pub rows: Vec<[f64; ROW]>,
}

impl Parts {
    /// Zeros.
    pub fn zero(common: usize, rows: usize) -> Parts {
        Parts { common: vec![0.0; common], rows: vec![[0.0; ROW]; rows] }
    }

    /// Squared length.
    pub fn norm(&self) -> f64 {
        self.values().map(|x| x * x).sum()
    }

    /// All components, the common ones first.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.common.iter().copied().chain(self.rows.iter().flatten().copied())
    }

    /// This and `step` times another.
    pub fn plus(&self, step: f64, other: &Parts) -> Parts {
        let mut sum = self.clone();
        sum.common.iter_mut().zip(&other.common).for_each(|(x, y)| *x += step * y);
        for (row, change) in sum.rows.iter_mut().zip(&other.rows) {
            row.iter_mut().zip(change).for_each(|(x, y)| *x += step * y);
        }
        sum
    }
}

/// One row of the matrix: its block, and its border, `ROW` x `common`.
#[derive(Debug, Clone)]
pub struct RowBlock {
    /// Symmetric block.
    pub block: [[f64; ROW]; ROW],
    /// Border, row by row.
    pub border: Vec<f64>,
}

/// The factors.
#[derive(Debug, Clone)]
pub struct Arrow {
    /// Per row: Cholesky factor L of its block, and L^-1 times its border.
    rows: Vec<RowBlock>,
    /// Cholesky factor of what is left of the common block, lower, `common` x `common`.
    schur: Vec<f64>,
    common: usize,
    /// ln of the determinant.
    pub ln_det: f64,
}

impl Arrow {
    /// None where the matrix is not positive definite.
    pub fn new(common: usize, mut schur: Vec<f64>, blocks: Vec<RowBlock>) -> Option<Arrow> {
        let mut ln_det = 0.0;
        let mut rows = Vec::with_capacity(blocks.len());
        for RowBlock { mut block, mut border } in blocks {
            ln_det += cholesky(block.as_flattened_mut(), ROW)?;
            for (a, factors) in block.iter().enumerate() {
                let (done, rest) = border.split_at_mut(a * common);
                for (factor, line) in factors[..a].iter().zip(done.chunks_exact(common)) {
                    rest[..common].iter_mut().zip(line).for_each(|(x, y)| *x -= factor * y);
                }
                rest[..common].iter_mut().for_each(|x| *x /= factors[a]);
            }
            for line in border.chunks_exact(common) {
                for p in 0..common {
                    let factor = line[p];
                    let target = &mut schur[p * common..=p * common + p];
                    target.iter_mut().zip(line).for_each(|(x, y)| *x -= factor * y);
                }
            }
            rows.push(RowBlock { block, border });
        }
        ln_det += cholesky(&mut schur, common)?;
        Some(Arrow { rows, schur, common, ln_det })
    }

    /// L^-1 v, in place: then `a' H^-1 b` is the scalar product of the results.
    pub fn whiten(&self, v: &mut Parts) {
        for (RowBlock { block, border }, part) in self.rows.iter().zip(&mut v.rows) {
            for a in 0..ROW {
                for b in 0..a {
                    part[a] -= block[a][b] * part[b];
                }
                part[a] /= block[a][a];
            }
            for (factor, line) in part.iter().zip(border.chunks_exact(self.common)) {
                if *factor != 0.0 {
                    v.common.iter_mut().zip(line).for_each(|(x, y)| *x -= factor * y);
                }
            }
        }
        for p in 0..self.common {
            let line = &self.schur[p * self.common..=p * self.common + p];
            let known: f64 = line[..p].iter().zip(&v.common).map(|(x, y)| x * y).sum();
            v.common[p] = (v.common[p] - known) / line[p];
        }
    }

    /// L^-T v, in place: after [`Arrow::whiten`] this is H^-1 v.
    pub fn colour(&self, v: &mut Parts) {
        for p in (0..self.common).rev() {
            let known: f64 = (p + 1..self.common).map(|q| self.schur[q * self.common + p] * v.common[q]).sum();
            v.common[p] = (v.common[p] - known) / self.schur[p * self.common + p];
        }
        for (RowBlock { block, border }, part) in self.rows.iter().zip(&mut v.rows) {
            for (value, line) in part.iter_mut().zip(border.chunks_exact(self.common)) {
                *value -= line.iter().zip(&v.common).map(|(x, y)| x * y).sum::<f64>();
            }
            for a in (0..ROW).rev() {
                for b in a + 1..ROW {
                    part[a] -= block[b][a] * part[b];
                }
                part[a] /= block[a][a];
            }
        }
    }
}

/// Lower Cholesky factor in place of a symmetric n x n matrix, of which the lower half is read; ln of the determinant.
fn cholesky(matrix: &mut [f64], n: usize) -> Option<f64> {
    let mut ln_det = 0.0;
    for i in 0..n {
        let (above, line) = matrix.split_at_mut(i * n);
        for k in 0..i {
            let other = &above[k * n..=k * n + k];
            let known: f64 = line[..k].iter().zip(other).map(|(x, y)| x * y).sum();
            line[k] = (line[k] - known) / other[k];
        }
        let square = line[i] - line[..i].iter().map(|x| x * x).sum::<f64>();
        if !(square > 0.0 && square.is_finite()) {
            return None;
        }
        line[i] = square.sqrt();
        ln_det += square.ln();
    }
    Some(ln_det)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_solves() {
        let (common, rows) = (3, 2);
        let schur = vec![9.0, 1.0, 0.5, 1.0, 8.0, 0.2, 0.5, 0.2, 7.0];
        let block = |scale: f64| {
            let mut block = [[0.1; ROW]; ROW];
            (0..ROW).for_each(|a| block[a][a] = scale + a as f64);
            RowBlock { block, border: (0..ROW * common).map(|i| 0.1 * (i as f64 - 4.0)).collect() }
        };
        let blocks = vec![block(5.0), block(6.0)];
        let wanted = Parts { common: vec![1.0, -2.0, 0.5], rows: vec![[1.0, 2.0, 3.0, 4.0], [-1.0, 0.0, 1.0, 0.5]] };
        let mut product = Parts::zero(common, rows);
        for p in 0..common {
            product.common[p] = (0..common).map(|q| schur[p * common + q] * wanted.common[q]).sum();
        }
        for (k, RowBlock { block, border }) in blocks.iter().enumerate() {
            for a in 0..ROW {
                product.rows[k][a] += block[a].iter().zip(&wanted.rows[k]).map(|(x, y)| x * y).sum::<f64>();
                for c in 0..common {
                    product.rows[k][a] += border[a * common + c] * wanted.common[c];
                    product.common[c] += border[a * common + c] * wanted.rows[k][a];
                }
            }
        }
        let arrow = Arrow::new(common, schur, blocks).expect("positive definite");
        arrow.whiten(&mut product);
        arrow.colour(&mut product);
        for (found, wanted) in product.values().zip(wanted.values()) {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
        assert!(Arrow::new(1, vec![-1.0], Vec::new()).is_none());
    }
}

//! Smooth functions over the bins of a stack.
//!
//! In: the number of bins. Out: cubic B-splines for what all rows have in common, Legendre polynomials for what each row
//! has of its own, and how far both may go (Gaussian priors). The coordinate is `u = ln(1 + bin / 12)`: spectra change
//! fast behind their threshold and slowly far from it. The numbers were chosen by the evidence of 1028 stacks of simulated
//! lepton events (docs/concepts/evidence.md).

/// Functions of each row: level, slope, curvature, third order.
pub const ROW: usize = 4;

/// Scale of the coordinate, bins.
const SCALE: f64 = 12.0;
/// Distance of the splines in the coordinate.
const KNOTS: f64 = 0.25;
/// Standard deviation of second differences of the splines' coefficients, which are logarithms of the background.
const BEND: f64 = 0.8;
/// Standard deviations of the functions of a row.
const ROW_SD: [f64; ROW] = [3.0, 0.7, 0.3, 0.15];
/// What keeps the level and the slope of the splines, which second differences leave free, finite.
const RIDGE: f64 = 1e-3;

/// The functions at each bin, and their priors.
#[derive(Debug, Clone)]
pub struct Basis {
    /// Number of bins.
    pub bins: usize,
    /// Number of splines.
    pub splines: usize,
    /// Number of the first of the four splines that are not 0 in a bin.
    pub first: Vec<usize>,
    /// Their values.
    pub spline: Vec<[f64; 4]>,
    /// Values of the functions of a row.
    pub row: Vec<[f64; ROW]>,
    /// Precision of the splines' coefficients, `splines` x `splines`, at most two off the diagonal.
    pub precision: Vec<f64>,
    /// Precision of the coefficients of a row.
    pub row_precision: [f64; ROW],
}

impl Basis {
    /// Functions over so many bins, at least one.
    pub fn new(bins: usize) -> Basis {
        let coordinate = |bin: f64| (1.0 + bin / SCALE).ln();
        let end = coordinate(bins.max(2) as f64 - 1.0);
        let pieces = ((end / KNOTS).ceil() as usize).max(2);
        let splines = pieces + 3;
        let (mut first, mut spline, mut row) = (Vec::new(), Vec::new(), Vec::new());
        for bin in 0..bins {
            let u = coordinate(bin as f64) / end;
            let piece = ((u * pieces as f64) as usize).min(pieces - 1);
            first.push(piece);
            spline.push(cubic(u * pieces as f64 - piece as f64));
            row.push(legendre(2.0 * u - 1.0));
        }
        // The same bend per unit of the coordinate, whatever the rounding of the number of pieces made of the distance.
        let stretch = (end / pieces as f64 / KNOTS).powi(3);
        let bend = 1.0 / (BEND * BEND * stretch);
        let mut precision = vec![0.0; splines * splines];
        for a in 0..splines - 2 {
            for (p, x) in [1.0, -2.0, 1.0].into_iter().enumerate() {
                for (q, y) in [1.0, -2.0, 1.0].into_iter().enumerate() {
                    precision[(a + p) * splines + a + q] += bend * x * y;
                }
            }
        }
        (0..splines).for_each(|a| precision[a * splines + a] += RIDGE);
        Basis { bins, splines, first, spline, row, precision, row_precision: ROW_SD.map(|sd| 1.0 / (sd * sd)) }
    }
}

/// The four cubic B-splines that are not 0 at `x` in 0..1 of a piece.
fn cubic(x: f64) -> [f64; 4] {
    let y = 1.0 - x;
    [
        y * y * y / 6.0,
        (3.0 * x * x * x - 6.0 * x * x + 4.0) / 6.0,
        (3.0 * y * y * y - 6.0 * y * y + 4.0) / 6.0,
        x * x * x / 6.0,
    ]
}

fn legendre(x: f64) -> [f64; ROW] {
    [1.0, x, 1.5 * x * x - 0.5, 2.5 * x * x * x - 1.5 * x]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splines_sum_to_one_in_every_bin() {
        for bins in [2, 10, 37, 500] {
            let basis = Basis::new(bins);
            for (first, spline) in basis.first.iter().zip(&basis.spline) {
                assert!((spline.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                assert!(first + 4 <= basis.splines);
            }
        }
    }

    #[test]
    fn straight_lines_cost_nothing_but_the_ridge() {
        let basis = Basis::new(60);
        let n = basis.splines;
        let line: Vec<f64> = (0..n).map(|a| 3.0 - 0.5 * a as f64).collect();
        let cost: f64 =
            (0..n).map(|a| (0..n).map(|b| line[a] * basis.precision[a * n + b] * line[b]).sum::<f64>()).sum();
        let ridge: f64 = line.iter().map(|x| RIDGE * x * x).sum();
        assert!((cost - ridge).abs() < 1e-9 * cost.abs().max(1.0), "{cost} {ridge}");
    }
}

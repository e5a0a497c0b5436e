//! The smooth background of a stack: the most probable one, given the counts and how smooth backgrounds are.
//!
//! In: counts per row and bin, bins that are left out. Out: background per row and bin, and covariances of its sums.
//! `ln b = splines common to all rows + low orders of each row`; Poisson likelihood times Gaussian priors (Laplace's
//! method: Newton's steps to the maximum, errors from the curvature there).

use std::ops::Range;

use super::arrow::{Arrow, Parts, RowBlock};
use super::smooth::{Basis, ROW};

/// Newton's steps end when the next one would gain less than half of this in ln of the posterior, or after so many.
const ENOUGH: f64 = 1e-3;
const MOST_STEPS: usize = 60;
/// A step is halved down to this part of it.
const SHORTEST: f64 = 1e-4;
/// ln b stays within these.
const CLIP: f64 = 30.0;

/// A fitted background.
#[derive(Debug, Clone)]
pub struct Fit {
    /// Coefficients.
    pub parts: Parts,
    /// Background per row and bin.
    pub background: Vec<f64>,
    curvature: Arrow,
}

/// What is fitted.
#[derive(Debug)]
pub struct Problem<'a> {
    basis: &'a Basis,
    counts: &'a [f64],
    /// Bins that count.
    seen: &'a [bool],
    /// Where the priors stand.
    centre: Parts,
}

impl<'a> Problem<'a> {
    /// `counts`: row after row; `seen`: bins that count.
    pub fn new(basis: &'a Basis, counts: &'a [f64], seen: &'a [bool]) -> Problem<'a> {
        let sums: Vec<f64> = counts
            .chunks_exact(basis.bins)
            .map(|row| row.iter().zip(seen).filter(|(_, seen)| **seen).map(|(count, _)| count).sum())
            .collect();
        let total = sums.iter().sum::<f64>().max(0.5);
        let bins = seen.iter().filter(|seen| **seen).count().max(1) as f64;
        let rows = sums.len() as f64;
        // A third of an event more in each row: one without any has a level too.
        let level = |sum: &f64| [((sum + 0.3) / (total + 0.3 * rows)).ln(), 0.0, 0.0, 0.0];
        let centre = Parts { common: vec![(total / bins).ln(); basis.splines], rows: sums.iter().map(level).collect() };
        Problem { basis, counts, seen, centre }
    }

    /// The fit, from a start nearby or from where the priors stand; None where numbers get out of hand.
    pub fn fit(&self, start: Option<&Parts>) -> Option<Fit> {
        let mut parts = start.unwrap_or(&self.centre).clone();
        let mut background = vec![0.0; self.counts.len()];
        let mut value = self.value(&parts, &mut background);
        let mut trial = background.clone();
        for steps in 0.. {
            let (mut step, curvature) = self.derivatives(&parts, &background)?;
            curvature.whiten(&mut step);
            if step.norm() < ENOUGH || steps >= MOST_STEPS {
                return Some(Fit { parts, background, curvature });
            }
            curvature.colour(&mut step);
            let mut length = 1.0;
            loop {
                let next = parts.plus(length, &step);
                let found = self.value(&next, &mut trial);
                if found >= value {
                    (parts, value) = (next, found);
                    std::mem::swap(&mut background, &mut trial);
                    break;
                }
                length *= 0.5;
                if length < SHORTEST {
                    return Some(Fit { parts, background, curvature });
                }
            }
        }
        None
    }

    /// ln of the posterior, but for constants; the background goes to `background`.
    fn value(&self, parts: &Parts, background: &mut [f64]) -> f64 {
        let Basis { bins, splines, precision, row_precision, .. } = self.basis;
        let mut value = 0.0;
        for bin in 0..*bins {
            let (first, spline, row) = (self.basis.first[bin], &self.basis.spline[bin], &self.basis.row[bin]);
            let common: f64 = spline.iter().zip(&parts.common[first..]).map(|(x, c)| x * c).sum();
            for (k, own) in parts.rows.iter().enumerate() {
                let ln_b = (common + row.iter().zip(own).map(|(x, c)| x * c).sum::<f64>()).clamp(-CLIP, CLIP);
                let b = ln_b.exp();
                background[k * bins + bin] = b;
                if self.seen[bin] {
                    value += self.counts[k * bins + bin] * ln_b - b;
                }
            }
        }
        let off = parts.plus(-1.0, &self.centre);
        for (p, x) in off.common.iter().enumerate() {
            let line = &precision[p * splines..(p + 1) * splines];
            value -= 0.5 * x * band(p, *splines).map(|q| line[q] * off.common[q]).sum::<f64>();
        }
        for own in &off.rows {
            value -= 0.5 * own.iter().zip(row_precision).map(|(x, precision)| precision * x * x).sum::<f64>();
        }
        value
    }

    /// Gradient and curvature of ln of the posterior.
    fn derivatives(&self, parts: &Parts, background: &[f64]) -> Option<(Parts, Arrow)> {
        let Basis { bins, splines, precision, row_precision, .. } = self.basis;
        let (bins, splines) = (*bins, *splines);
        let off = parts.plus(-1.0, &self.centre);
        let mut gradient = Parts::zero(splines, parts.rows.len());
        for p in 0..splines {
            let line = &precision[p * splines..(p + 1) * splines];
            gradient.common[p] = -band(p, splines).map(|q| line[q] * off.common[q]).sum::<f64>();
        }
        let mut common = precision.clone();
        let (mut all_b, mut all_excess) = (vec![0.0; bins], vec![0.0; bins]);
        let mut blocks = Vec::with_capacity(parts.rows.len());
        for (k, gradient) in gradient.rows.iter_mut().enumerate() {
            let mut block = [[0.0; ROW]; ROW];
            let mut border = vec![0.0; ROW * splines];
            for a in 0..ROW {
                gradient[a] = -row_precision[a] * off.rows[k][a];
                block[a][a] = row_precision[a];
            }
            for bin in (0..bins).filter(|bin| self.seen[*bin]) {
                let b = background[k * bins + bin];
                let excess = self.counts[k * bins + bin] - b;
                all_b[bin] += b;
                all_excess[bin] += excess;
                let (first, spline, row) = (self.basis.first[bin], &self.basis.spline[bin], &self.basis.row[bin]);
                for a in 0..ROW {
                    gradient[a] += excess * row[a];
                    let weight = b * row[a];
                    for c in 0..=a {
                        block[a][c] += weight * row[c];
                    }
                    let line = &mut border[a * splines + first..a * splines + first + 4];
                    line.iter_mut().zip(spline).for_each(|(x, s)| *x += weight * s);
                }
            }
            blocks.push(RowBlock { block, border });
        }
        for bin in 0..bins {
            let (first, spline) = (self.basis.first[bin], &self.basis.spline[bin]);
            for a in 0..4 {
                gradient.common[first + a] += all_excess[bin] * spline[a];
                for c in 0..4 {
                    common[(first + a) * splines + first + c] += all_b[bin] * spline[a] * spline[c];
                }
            }
        }
        Some((gradient, Arrow::new(splines, common, blocks)?))
    }
}

/// Columns that are not 0 beside the diagonal.
fn band(place: usize, size: usize) -> Range<usize> {
    place.saturating_sub(2)..(place + 3).min(size)
}

impl Fit {
    /// Derivative of the background of a row in some bins, in coordinates in which scalar products are covariances.
    pub fn whitened(&self, basis: &Basis, row: usize, bins: Range<usize>) -> Vec<f64> {
        let mut slope = Parts::zero(basis.splines, self.parts.rows.len());
        for bin in bins {
            let b = self.background[row * basis.bins + bin];
            let first = basis.first[bin];
            slope.common[first..first + 4].iter_mut().zip(&basis.spline[bin]).for_each(|(x, s)| *x += b * s);
            slope.rows[row].iter_mut().zip(&basis.row[bin]).for_each(|(x, s)| *x += b * s);
        }
        self.curvature.whiten(&mut slope);
        slope.values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_counts_are_their_own_background() {
        let (bins, rows) = (60, 3);
        let basis = Basis::new(bins);
        let truth: Vec<f64> = (0..rows * bins)
            .map(|cell| 400.0 / (1.0 + (cell / bins) as f64) * (-0.08 * (cell % bins) as f64).exp())
            .collect();
        let fit = Problem::new(&basis, &truth, &[true; 60]).fit(None).expect("a fit");
        for (found, truth) in fit.background.iter().zip(&truth) {
            assert!((found - truth).abs() < 0.05 * truth + 0.05, "{found} {truth}");
        }
        // The level of a row is known as well as its events allow.
        let slope = fit.whitened(&basis, 0, 0..bins);
        let variance: f64 = slope.iter().map(|x| x * x).sum();
        let events: f64 = truth[..bins].iter().sum();
        assert!((variance / events - 1.0).abs() < 0.1, "{variance} {events}");
    }

    #[test]
    fn bins_that_are_not_seen_do_not_matter() {
        let basis = Basis::new(40);
        let smooth: Vec<f64> = (0..40).map(|bin| 200.0 * (-0.1 * f64::from(bin)).exp()).collect();
        let mut with_signal = smooth.clone();
        with_signal[20] += 500.0;
        let mut seen = [true; 40];
        seen[19..22].fill(false);
        let of = |counts: &[f64]| Problem::new(&basis, counts, &seen).fit(None).expect("a fit").background;
        assert_eq!(of(&smooth), of(&with_signal));
    }
}

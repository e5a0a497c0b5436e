//! Lines of a stack: windows that hold more events than the bins outside of them let expect.
//!
//! In: counts and the basis of a stack. Out: the most significant [`Line`]s. A window is a place and a width in bins, with
//! a range of multiplicities: all of them, those from some number of jets on, those up to some number. The background of
//! a window comes from a fit that does not see it. Where the smooth model itself may be off, near the threshold and in wide
//! windows, its error is added.

use std::ops::Range;

use super::fit::{Fit, Problem};
use super::smooth::Basis;
use super::stack::{Stack, sum_of_rows};

/// Widths of windows, bins; each bin is one standard deviation of the mass resolution.
pub const WIDTHS: [usize; 5] = [2, 3, 4, 6, 8];
/// No line begins in the first bins: nothing tells the background below it.
const START_BINS: usize = 3;
/// A stack has at least so many times the bins of a window.
const LEAST_WINDOWS: usize = 3;
/// Beside the window so much of its width, rounded up, is not seen by the fit either: a signal reaches beyond its window.
const GAP: f64 = 0.5;
/// Relative error of the smooth model far from the threshold, and what is added at the maximum of the stack and before it.
const MODEL_ERROR: f64 = 0.04;
const TURN_ON_ERROR: f64 = 0.15;
/// The latter falls with this distance behind the maximum, in bins, plus half of the bins before the maximum.
const TURN_ON_BINS: f64 = 5.0;
/// What is added in the first bin of a stack, where a threshold may be as sharp as a bin, and how fast it falls, in bins.
const START_ERROR: f64 = 0.6;
const START_ERROR_BINS: f64 = 6.0;
/// Windows wider than this have a larger error of the model, in proportion.
const NARROW: f64 = 3.0;
/// What a range of multiplicities must have more in ln(likelihood ratio) than all together: there are many.
const RANGE_PENALTY: f64 = 1.386_294_361_119_890_6;
/// Windows of so many places are fitted one by one.
const FITTED: usize = 3;
/// The best is tried in other widths that look at least this good, as a part of its own score.
const RETRY: f64 = 0.7;
/// Windows that look less significant than this are not fitted.
const LEAST_LOOK: f64 = 1.0;
/// Of toys, those that look less significant are not fitted at all.
const WORTH_A_FIT: f64 = 2.0;
/// A window's errors cannot shrink by more than this: the fit followed it.
const LEAST_SHRINK: f64 = 0.05;

/// What a campaign may choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchOptions {
    /// Least events in a window.
    pub least_window: f64,
    /// Most lines per stack.
    pub most_lines: usize,
    /// Least z of a line.
    pub least_z: f64,
    /// Most background-only toys per stack.
    pub most_toys: usize,
}

/// Counts of one row in a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowCount {
    /// Events.
    pub observed: f64,
    /// Background.
    pub expected: f64,
    /// Its error.
    pub error: f64,
}

/// A window and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Bins.
    pub window: Range<usize>,
    /// Rows that are counted together.
    pub rows: Range<usize>,
    /// Their counts; the error holds that of the smooth model.
    pub count: RowCount,
    /// Local z: root of the likelihood ratio, the background profiled.
    pub z: f64,
    /// z after the price of choosing the rows; lines are ordered by it.
    pub score: f64,
    /// Counts row by row.
    pub by_row: Vec<RowCount>,
    /// Middle of the excess, in bins from the first edge of the stack.
    pub middle: f64,
}

/// A stack that can be searched again and again.
#[derive(Debug)]
pub struct Searcher {
    /// Functions over its bins.
    pub basis: Basis,
    rows: usize,
    ranges: Vec<Range<usize>>,
    /// Bins that may belong to lines and fits.
    pub seen: Vec<bool>,
    /// Relative error of the smooth model by bin.
    pub model_error: Vec<f64>,
    /// By range, width and first bin: how much smaller the scatter of events about the fit is because the fit sees them.
    shrink: Vec<f64>,
}

impl Searcher {
    /// Prepares the search; `excluded` bins are left out. Gives the fit of the counts too.
    pub fn new(stack: &Stack, excluded: &[Range<usize>]) -> Option<(Searcher, Fit)> {
        let (bins, rows) = (stack.bins(), stack.rows.len());
        let basis = Basis::new(bins);
        let mut seen = vec![true; bins];
        excluded.iter().for_each(|range| seen[range.clone()].fill(false));
        let fit = Problem::new(&basis, &stack.counts, &seen).fit(None)?;
        let model_error = model_error(&sum_of_rows(&fit.background, bins));
        let ranges = ranges(rows);
        let mut searcher = Searcher { basis, rows, ranges, seen, model_error, shrink: Vec::new() };
        searcher.shrink = searcher.shrink_of(&fit);
        Some((searcher, fit))
    }

    /// The fit of other counts, from a fit nearby.
    pub fn fit(&self, counts: &[f64], near: &Fit) -> Option<Fit> {
        Problem::new(&self.basis, counts, &self.seen).fit(Some(&near.parts))
    }

    /// Bins that a line keeps to itself: its window and what lies beside it.
    pub fn reach(&self, window: &Range<usize>) -> Range<usize> {
        let gap = (window.len() as f64 * GAP).ceil() as usize;
        window.start.saturating_sub(gap)..(window.end + gap).min(self.basis.bins)
    }

    /// The fit that does not see a window.
    pub fn fit_without(&self, counts: &[f64], near: &Fit, window: &Range<usize>) -> Option<Fit> {
        let mut seen = self.seen.clone();
        seen[self.reach(window)].fill(false);
        Problem::new(&self.basis, counts, &seen).fit(Some(&near.parts))
    }

    /// The most significant lines at different places, the best first. `near`: a fit of these counts.
    pub fn lines(&self, counts: &[f64], near: &Fit, least_window: f64) -> Vec<Line> {
        let looks = self.looks(counts, near, least_window);
        self.fitted(counts, near, least_window, &looks, LEAST_LOOK)
    }

    /// The largest score; where nothing looks like more than chance, how significant it looks.
    pub fn largest_score(&self, counts: &[f64], near: &Fit, least_window: f64) -> f64 {
        let looks = self.looks(counts, near, least_window);
        let first = looks.iter().copied().fold(0.0, f64::max);
        if first < WORTH_A_FIT {
            return first;
        }
        let lines = self.fitted(counts, near, least_window, &looks, RETRY * first);
        lines.first().map_or(0.0, |line| line.score)
    }

    /// Fits of the best places that look more significant than `least_look`.
    fn fitted(&self, counts: &[f64], near: &Fit, least_window: f64, looks: &[f64], least_look: f64) -> Vec<Line> {
        let bins = self.basis.bins;
        let mut order: Vec<usize> = (0..looks.len()).filter(|place| looks[*place] > least_look).collect();
        order.sort_unstable_by(|a, b| looks[*b].total_cmp(&looks[*a]).then(a.cmp(b)));
        let mut taken: Vec<Range<usize>> = Vec::new();
        let mut lines: Vec<Line> = Vec::new();
        for place in order {
            let (width, start) = (WIDTHS[place / bins], place % bins);
            let window = start..start + width;
            if taken.iter().any(|other| window.start < other.end && other.start < window.end) {
                continue;
            }
            lines.extend(self.line(counts, near, &window, least_window));
            taken.push(window);
            if taken.len() == FITTED {
                break;
            }
        }
        in_order(&mut lines);
        if let Some(best) = lines.first().cloned() {
            for (number, width) in WIDTHS.into_iter().enumerate().filter(|(_, width)| *width != best.window.len()) {
                let look = |start: usize| looks[number * bins + start];
                let starts = best.window.start.saturating_sub(width)..best.window.end.min(bins);
                let start = starts.max_by(|a, b| look(*a).total_cmp(&look(*b)).then(b.cmp(a)));
                let Some(start) = start.filter(|start| look(*start) > RETRY * best.score) else { continue };
                let other = self.line(counts, near, &(start..start + width), least_window);
                if let Some(other) = other.filter(|other| other.score > lines[0].score) {
                    lines[0] = other;
                }
            }
            in_order(&mut lines);
        }
        lines
    }

    /// What is in a window; None where it holds too little.
    pub fn line(&self, counts: &[f64], near: &Fit, window: &Range<usize>, least_window: f64) -> Option<Line> {
        let fit = self.fit_without(counts, near, window)?;
        let by_row = self.by_row(counts, &fit, window);
        let whitened: Vec<Vec<f64>> =
            (0..self.rows).map(|row| fit.whitened(&self.basis, row, window.clone())).collect();
        let mut best: Option<Line> = None;
        for (number, rows) in self.ranges.iter().enumerate() {
            let observed: f64 = by_row[rows.clone()].iter().map(|row| row.observed).sum();
            let expected: f64 = by_row[rows.clone()].iter().map(|row| row.expected).sum();
            if observed < least_window || observed <= expected {
                continue;
            }
            let error = self.relative_error(&whitened[rows.clone()], expected, window);
            let z = z_profiled(observed, expected, error);
            let score = score(z, number);
            if best.as_ref().is_none_or(|best| score > best.score) {
                let count = RowCount { observed, expected, error: error * expected };
                best = Some(Line {
                    window: window.clone(),
                    rows: rows.clone(),
                    count,
                    z,
                    score,
                    by_row: Vec::new(),
                    middle: 0.0,
                });
            }
        }
        best.map(|line| Line { middle: self.middle(counts, &fit, &line), by_row, ..line })
    }

    /// Mean place of the excess in a window, bin by bin where there is one.
    fn middle(&self, counts: &[f64], fit: &Fit, line: &Line) -> f64 {
        let bins = self.basis.bins;
        let (mut sum, mut weights) = (0.0, 0.0);
        for bin in line.window.clone() {
            let excess: f64 = line.rows.clone().map(|k| counts[k * bins + bin] - fit.background[k * bins + bin]).sum();
            sum += excess.max(0.0) * (bin as f64 + 0.5);
            weights += excess.max(0.0);
        }
        if weights > 0.0 { sum / weights } else { 0.5 * (line.window.start + line.window.end) as f64 }
    }

    /// Counts of a window row by row, over a fit that does not see it.
    pub fn by_row(&self, counts: &[f64], fit: &Fit, window: &Range<usize>) -> Vec<RowCount> {
        let bins = self.basis.bins;
        let sum = |values: &[f64], row: usize| values[row * bins..][window.clone()].iter().sum::<f64>();
        let count = |row: usize| {
            let (observed, expected) = (sum(counts, row), sum(&fit.background, row));
            let whitened = fit.whitened(&self.basis, row, window.clone());
            RowCount { observed, expected, error: expected * self.relative_error(&[whitened], expected, window) }
        };
        (0..self.rows).map(count).collect()
    }

    /// Counts of all rows of a window together.
    pub fn sum_in(&self, counts: &[f64], fit: &Fit, window: &Range<usize>) -> RowCount {
        let by_row = self.by_row(counts, fit, window);
        let (observed, expected) = by_row
            .iter()
            .fold((0.0, 0.0), |(observed, expected), row| (observed + row.observed, expected + row.expected));
        let whitened: Vec<Vec<f64>> =
            (0..self.rows).map(|row| fit.whitened(&self.basis, row, window.clone())).collect();
        RowCount { observed, expected, error: expected * self.relative_error(&whitened, expected, window) }
    }

    /// Relative error of the background of some rows in a window: of the fit, and of the smooth model.
    fn relative_error(&self, whitened: &[Vec<f64>], expected: f64, window: &Range<usize>) -> f64 {
        let size = whitened.first().map_or(0, Vec::len);
        let variance: f64 = (0..size).map(|i| whitened.iter().map(|row| row[i]).sum::<f64>().powi(2)).sum();
        (variance / (expected * expected).max(1e-18) + self.model_error_of(window).powi(2)).sqrt()
    }

    /// Relative error of the smooth model in a window.
    pub fn model_error_of(&self, window: &Range<usize>) -> f64 {
        let middle = (window.start + window.end) / 2;
        self.model_error[middle.min(self.basis.bins - 1)] * (window.len() as f64 / NARROW).max(1.0)
    }

    /// By width and first bin, a first look: the best score over the ranges of rows, from one fit that sees all bins.
    fn looks(&self, counts: &[f64], fit: &Fit, least_window: f64) -> Vec<f64> {
        let bins = self.basis.bins;
        let (observed, expected) = (self.sums(counts), self.sums(&fit.background));
        let mut unseen = vec![0_usize; bins + 1];
        (0..bins).for_each(|bin| unseen[bin + 1] = unseen[bin] + usize::from(!self.seen[bin]));
        let mut looks = vec![0.0_f64; WIDTHS.len() * bins];
        for range in 0..self.ranges.len() {
            for (number, width) in WIDTHS.into_iter().enumerate().filter(|(_, width)| width * LEAST_WINDOWS <= bins) {
                for start in START_BINS..=bins - width {
                    let end = start + width;
                    let n = observed[range][end] - observed[range][start];
                    let b = (expected[range][end] - expected[range][start]).max(1e-9);
                    if n < least_window || n <= b || unseen[end] > unseen[start] {
                        continue;
                    }
                    let shrink = self.shrink[(range * WIDTHS.len() + number) * bins + start];
                    // The likelihood ratio is smaller than this: most windows need no logarithm.
                    if (n - b) * (n - b) < b * shrink * shrink {
                        continue;
                    }
                    let ratio = (2.0 * (n * (n / b).ln() - (n - b))).max(0.0);
                    let model = 1.0 + b * self.model_error_of(&(start..end)).powi(2);
                    let look = score((ratio / model).sqrt() / shrink, range);
                    let best = &mut looks[number * bins + start];
                    *best = best.max(look);
                }
            }
        }
        looks
    }

    /// By range of rows: sums over bins below each edge.
    fn sums(&self, values: &[f64]) -> Vec<Vec<f64>> {
        let bins = self.basis.bins;
        let of_range = |rows: &Range<usize>| {
            let mut sums = vec![0.0; bins + 1];
            for bin in 0..bins {
                sums[bin + 1] = sums[bin] + rows.clone().map(|row| values[row * bins + bin]).sum::<f64>();
            }
            sums
        };
        self.ranges.iter().map(of_range).collect()
    }

    fn shrink_of(&self, fit: &Fit) -> Vec<f64> {
        let bins = self.basis.bins;
        let size = self.basis.splines + super::smooth::ROW * self.rows;
        let by_row: Vec<Vec<f64>> = (0..self.rows)
            .map(|row| {
                let mut sums = vec![0.0; (bins + 1) * size];
                for bin in 0..bins {
                    let slope = fit.whitened(&self.basis, row, bin..bin + 1);
                    for (i, value) in slope.into_iter().enumerate() {
                        sums[(bin + 1) * size + i] = sums[bin * size + i] + value;
                    }
                }
                sums
            })
            .collect();
        let expected = self.sums(&fit.background);
        let mut shrink = Vec::with_capacity(self.ranges.len() * WIDTHS.len() * bins);
        let mut sums = vec![0.0; (bins + 1) * size];
        for (rows, expected) in self.ranges.iter().zip(expected) {
            sums.fill(0.0);
            for row in rows.clone() {
                sums.iter_mut().zip(&by_row[row]).for_each(|(sum, value)| *sum += value);
            }
            for width in WIDTHS {
                for start in 0..bins {
                    let end = start + width;
                    if end > bins {
                        shrink.push(1.0);
                        continue;
                    }
                    let (low, high) = (&sums[start * size..][..size], &sums[end * size..][..size]);
                    let variance: f64 = low.iter().zip(high).map(|(low, high)| (high - low).powi(2)).sum();
                    let b = (expected[end] - expected[start]).max(1e-12);
                    shrink.push((1.0 - variance / b).max(LEAST_SHRINK).sqrt());
                }
            }
        }
        shrink
    }
}

fn in_order(lines: &mut [Line]) {
    lines.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.window.start.cmp(&b.window.start)));
}

/// All rows; those from each on; those up to each.
fn ranges(rows: usize) -> Vec<Range<usize>> {
    std::iter::once(0..rows).chain((1..rows).flat_map(|row| [row..rows, 0..row])).collect()
}

fn score(z: f64, range: usize) -> f64 {
    let penalty = if range == 0 { 0.0 } else { RANGE_PENALTY };
    (z * z - 2.0 * penalty).max(0.0).sqrt()
}

/// Relative error of the smooth model by bin, from the background of all rows together.
fn model_error(background: &[f64]) -> Vec<f64> {
    let bins = 0..background.len();
    let maximum = bins.clone().max_by(|a, b| background[*a].total_cmp(&background[*b])).unwrap_or(0);
    let length = TURN_ON_BINS + 0.5 * maximum as f64;
    let falling = |height: f64, bins: usize, length: f64| height * (-(bins as f64) / length).exp();
    let turn_on = |bin: usize| falling(TURN_ON_ERROR, bin.saturating_sub(maximum), length);
    bins.map(|bin| MODEL_ERROR + turn_on(bin) + falling(START_ERROR, bin, START_ERROR_BINS)).collect()
}

/// z of `observed` events over a background of which the logarithm is known to `relative_error`: the root of twice the ln
/// of the likelihood ratio, the background profiled. 0 where there is no excess.
pub fn z_profiled(observed: f64, expected: f64, relative_error: f64) -> f64 {
    if observed <= expected || (observed - expected).is_nan() {
        return 0.0;
    }
    let (b, s) = (expected.max(1e-9), relative_error.max(1e-6));
    // The most probable background is b exp(s x); its slope falls and is concave: steps from above arrive.
    let mut x = (observed / b).ln() / s;
    for _ in 0..50 {
        let now = b * (s * x).exp();
        let step = (s * (observed - now) - x) / (s * s * now + 1.0);
        x += step;
        if step.abs() < 1e-6 * (1.0 + x.abs()) {
            break;
        }
    }
    let now = b * (s * x).exp();
    let ratio = observed * (observed / now).ln() - (observed - now) + 0.5 * x * x;
    (2.0 * ratio).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_is_that_of_a_known_background_where_it_is_known() {
        let known = |n: f64, b: f64| (2.0 * (n * (n / b).ln() - (n - b))).sqrt();
        for (n, b) in [(10.0, 3.0), (150.0, 100.0), (5.0, 0.1)] {
            assert!((z_profiled(n, b, 1e-5) - known(n, b)).abs() < 1e-3);
            assert!(z_profiled(n, b, 0.5) < known(n, b));
        }
        // Many events: a Gaussian whose variance is the sum of both.
        let (n, b, s) = (10_500.0, 10_000.0, 0.02);
        assert!((z_profiled(n, b, s) - 500.0 / f64::sqrt(b + b * b * s * s)).abs() < 0.1);
        assert_eq!(z_profiled(3.0, 4.0, 0.1), 0.0);
        assert!(z_profiled(300.0, 1e-12, 5.0).is_finite());
    }

    #[test]
    fn all_rows_come_first() {
        assert_eq!(ranges(3), [0..3, 1..3, 0..1, 2..3, 0..2]);
        assert_eq!(ranges(1).len(), 1);
        assert!((score(5.0, 1) - (25.0 - 2.0 * 4f64.ln()).sqrt()).abs() < 1e-12);
    }
}

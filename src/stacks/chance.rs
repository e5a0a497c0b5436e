//! How often background alone shows a line like the best of a stack, anywhere in this stack.
//!
//! In: a stack, a random stream. Out: its lines with their [`Chance`]. Toys are thrown around the stack's own fit, off by
//! wiggles of the size of the model's error, then fitted and searched like the data. They end when enough of them are at
//! least as significant: then the chance is a frequency. Beyond their reach it is extrapolated: the rate of their upper
//! part times `exp(-score^2 / 2)` (Gross and Vitells), which says so.

use std::ops::Range;

use rand::Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

use super::fit::Fit;
use super::lines::{Line, SearchOptions, Searcher};
use super::stack::Stack;

/// Toys end when so many are at least as significant as the data.
const ENOUGH: usize = 5;
/// The extrapolation starts from this part of all toys, the most significant, and from at least so many.
const UPPER_PART: f64 = 0.05;
const LEAST_UPPER: usize = 20;
/// A line with a smaller chance that is known is cut out, and the rest is searched again, at most so often.
const KNOWN_CHANCE: f64 = 0.01;
const MOST_KNOWN: usize = 5;
/// So many toys are enough to see that a line is not chance.
const FIRST_TOYS: usize = 200;
/// Wiggles of toys are this part of the model's error, which is that of a window against its neighbourhood.
const WIGGLE: f64 = 0.7;
/// Shape of a wiggle, bin by bin: a Gaussian of two bins.
const KERNEL: [f64; 9] = [0.135, 0.325, 0.607, 0.883, 1.0, 0.883, 0.607, 0.325, 0.135];

/// A chance and how it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The chance.
    pub p: f64,
    /// Toys that were thrown.
    pub toys: usize,
    /// True: fewer toys than needed are as significant, p is extrapolated.
    pub extrapolated: bool,
}

/// A line, the chance of its like anywhere in the stack, and whether it is known structure or stands beside it.
#[derive(Debug, Clone)]
pub struct FoundLine {
    /// The line.
    pub line: Line,
    /// Chance that background alone shows a line as significant, anywhere in the stack.
    pub chance: Chance,
    /// Known structure, or a shoulder of it: number of the line that it belongs to, its own where it is known itself.
    pub known: Option<usize>,
}

/// What a search of a stack gives.
#[derive(Debug, Clone, Default)]
pub struct Searched {
    /// Known lines in the order in which they were cut out, then the others, the best first.
    pub lines: Vec<FoundLine>,
    /// Toys that were thrown.
    pub toys: usize,
}

/// Searches a stack. `is_known` tells lines that are known structure: a significant one is kept and cut out, and what is
/// left is searched again. None where the fit fails.
pub fn search(
    stack: &Stack,
    options: &SearchOptions,
    rng: &mut impl Rng,
    is_known: &dyn Fn(&Line) -> bool,
) -> Option<Searched> {
    let mut excluded: Vec<Range<usize>> = Vec::new();
    let mut searched = Searched::default();
    loop {
        let (searcher, fit) = Searcher::new(stack, &excluded)?;
        let mut lines = searcher.lines(&stack.counts, &fit, options.least_window);
        lines.retain(|line| line.z >= options.least_z);
        let Some(best) = lines.first() else { return Some(searched) };
        let mut toys = Toys::default();
        toys.throw(&searcher, &fit, best.score, options.most_toys.min(FIRST_TOYS), options, rng);
        let chance = toys.chance(best.score);
        if chance.p < KNOWN_CHANCE && excluded.len() < MOST_KNOWN {
            let shoulder =
                searched.lines.iter().filter(|found| touches(&found.line, best)).find_map(|found| found.known);
            let known = shoulder.or_else(|| is_known(best).then_some(searched.lines.len()));
            if known.is_some() {
                searched.toys += toys.largest.len();
                excluded.push(searcher.reach(&best.window));
                searched.lines.push(FoundLine { line: lines.swap_remove(0), chance, known });
                continue;
            }
        }
        toys.throw(&searcher, &fit, best.score, options.most_toys, options, rng);
        searched.toys += toys.largest.len();
        let room = options.most_lines.saturating_sub(searched.lines.len()).max(1);
        let rest = lines.into_iter().take(room).map(|line| {
            let chance = toys.chance(line.score);
            FoundLine { line, chance, known: None }
        });
        searched.lines.extend(rest);
        return Some(searched);
    }
}

/// A line this near to known structure is its shoulder: peaks have tails that no window holds.
fn touches(known: &Line, other: &Line) -> bool {
    let reach = known.window.len() + other.window.len();
    other.window.start < known.window.end + reach && known.window.start < other.window.end + reach
}

/// Largest scores of background-only copies of a stack.
#[derive(Debug, Clone, Default)]
pub struct Toys {
    /// Sorted, the largest first.
    largest: Vec<f64>,
}

impl Toys {
    /// Throws toys until enough are as significant as `score`, or there are so many.
    pub fn throw(
        &mut self,
        searcher: &Searcher,
        fit: &Fit,
        score: f64,
        most: usize,
        options: &SearchOptions,
        rng: &mut impl Rng,
    ) {
        let largest = &mut self.largest;
        let mut as_large = largest.iter().filter(|found| **found >= score).count();
        while as_large < ENOUGH && largest.len() < most {
            let counts = thrown(searcher, fit, rng);
            let found = searcher.fit(&counts, fit);
            let found = found.map_or(0.0, |fit| searcher.largest_score(&counts, &fit, options.least_window));
            as_large += usize::from(found >= score);
            largest.push(found);
        }
        largest.sort_by(|a, b| b.total_cmp(a));
    }

    /// The largest score of each toy, falling.
    pub fn largest(&self) -> &[f64] {
        &self.largest
    }

    /// Chance of a largest score of at least `score`.
    pub fn chance(&self, score: f64) -> Chance {
        let toys = self.largest.len();
        let as_large = self.largest.partition_point(|found| *found >= score);
        if toys == 0 {
            return Chance { p: 1.0, toys, extrapolated: true };
        }
        if as_large >= ENOUGH {
            return Chance { p: as_large as f64 / toys as f64, toys, extrapolated: false };
        }
        // exp(-score^2 / 2) of toys is exponential near 0; its rate from the smallest of them, the rest only being larger.
        let upper = ((toys as f64 * UPPER_PART).ceil() as usize).max(LEAST_UPPER).min(toys);
        let tail = |score: f64| (-0.5 * score * score).exp();
        let sum: f64 = self.largest[..upper].iter().map(|score| tail(*score)).sum();
        let rate = upper as f64 / (sum + (toys - upper) as f64 * tail(self.largest[upper - 1])).max(1e-300);
        let p = -(-rate * tail(score)).exp_m1();
        // Never above what the toys allow.
        Chance { p: p.min((as_large + 1) as f64 / (toys + 1) as f64).max(1e-300), toys, extrapolated: true }
    }
}

/// Counts of background alone.
fn thrown(searcher: &Searcher, fit: &Fit, rng: &mut impl Rng) -> Vec<f64> {
    let bins = searcher.basis.bins;
    let noise: Vec<f64> = (0..bins + KERNEL.len() - 1).map(|_| StandardNormal.sample(rng)).collect();
    let length = KERNEL.iter().map(|k| k * k).sum::<f64>().sqrt();
    let wiggle = |bin: usize| {
        let normal: f64 = KERNEL.iter().zip(&noise[bin..]).map(|(k, x)| k * x).sum::<f64>() / length;
        (WIGGLE * searcher.model_error[bin] * normal).exp()
    };
    let factor: Vec<f64> = (0..bins).map(wiggle).collect();
    let means = fit.background.iter().enumerate().map(|(cell, b)| b * factor[cell % bins]);
    means.map(|mean| Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(rng))).collect()
}

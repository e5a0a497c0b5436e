//! Shapes of simulated backgrounds: smooth fits to spectra of the program's own books, as a small table.
//!
//! In: the scanned part of a spectrum of simulated events. Out: ln f = a + b x + c x^2 + d x^3 (x from -1 at the first to 1
//! at the last bin), a Poisson likelihood fit, kept if it describes the counts (physics.md section 7.5). The thesis smooths
//! simulation in the same way (sec. 5.2.1) but prints ln a + b x + c x^2 + d x^2; the cubic in ln f is ours. About half of
//! the groups of shapes are held out (391 of 956 shapes): no network sees them in training. The table that training uses is
//! `models/simulated_shapes.csv`.

use nalgebra::{Matrix4, Vector4};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::hash::{BuildHasher, BuildHasherDefault};
use std::sync::LazyLock;

use rustc_hash::FxHasher;

/// The table that is part of the program.
const TABLE: &str = include_str!("../../models/simulated_shapes.csv");
/// Fits with a smaller chance are not used.
const LEAST_CHANCE: f64 = 0.05;
/// Bins are joined until they expect so many events, for the chance of a fit.
const LEAST_EXPECTED: f64 = 5.0;
/// Spectra with fewer events say too little about a shape.
pub const LEAST_ENTRIES: f64 = 400.0;

/// One fitted spectrum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulatedShape {
    /// Book, category and mass that it comes from.
    pub origin: String,
    /// Scanned bins.
    pub bins: usize,
    /// Events in them.
    pub entries: f64,
    /// Coefficients of x, x^2, x^3 in ln f, x from -1 to 1.
    pub b: f64,
    /// Of x^2.
    pub c: f64,
    /// Of x^3.
    pub d: f64,
    /// Chance of so bad a fit or a worse one.
    pub chance: f64,
    /// Not used in training.
    pub held_out: bool,
}

/// Which shapes a recipe may draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Those that training uses.
    #[default]
    Seen,
    /// Those that no network has seen.
    HeldOut,
}

static SHAPES: LazyLock<[Vec<SimulatedShape>; 2]> = LazyLock::new(|| {
    let shapes = parse(TABLE).unwrap_or_default();
    let (held_out, seen) = shapes.into_iter().partition(|shape| shape.held_out);
    [seen, held_out]
});

/// The shapes of one half.
pub fn shapes(half: Half) -> &'static [SimulatedShape] {
    match half {
        Half::Seen => &SHAPES[0],
        Half::HeldOut => &SHAPES[1],
    }
}

/// A table as `bumphound shapes` writes it.
pub fn parse(text: &str) -> Result<Vec<SimulatedShape>, csv::Error> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect()
}

impl SimulatedShape {
    /// Fits the scanned part of a spectrum. None: too few events, or a fit that does not describe them.
    pub fn fit(origin: &str, group: &str, counts: &[f64]) -> Option<SimulatedShape> {
        let entries: f64 = counts.iter().sum();
        if entries < LEAST_ENTRIES || counts.len() < 8 || counts.iter().any(|n| !n.is_finite() || *n < 0.0) {
            return None;
        }
        let coefficients = maximise(counts)?;
        let expected: Vec<f64> = (0..counts.len()).map(|i| value(&coefficients, position(i, counts.len()))).collect();
        let chance = chance_of_fit(counts, &expected)?;
        let [_, b, c, d] = [coefficients[0], coefficients[1], coefficients[2], coefficients[3]];
        (chance >= LEAST_CHANCE).then(|| SimulatedShape {
            origin: origin.to_string(),
            bins: counts.len(),
            entries,
            b,
            c,
            d,
            chance,
            held_out: BuildHasherDefault::<FxHasher>::default().hash_one(group) & 1 == 1,
        })
    }

    /// The shape on `bins` bins, 1 at its largest.
    pub fn on(&self, bins: usize) -> Vec<f64> {
        let at = |i: usize| {
            let x = position(i, bins);
            x * (self.b + x * (self.c + x * self.d))
        };
        let top = (0..bins).map(at).fold(f64::NEG_INFINITY, f64::max);
        (0..bins).map(|i| (at(i) - top).exp()).collect()
    }
}

/// A random shape of one half on `bins` bins: stretched, and at random scale (logarithm of the entries in the highest bin
/// uniform from 3 to 10^6). None if the table is empty.
pub fn draw(bins: usize, half: Half, rng: &mut impl Rng) -> Option<Vec<f64>> {
    let table = shapes(half);
    if table.is_empty() {
        return None;
    }
    let shape = table[rng.random_range(0..table.len())].on(bins);
    let scale = rng.random_range(3f64.ln()..1e6f64.ln()).exp();
    Some(shape.into_iter().map(|f| (f * scale).max(1e-6)).collect())
}

/// The sum of two random shapes of one half: two processes, the second with 3 to 100 % of the first one's highest bin.
pub fn draw_two(bins: usize, half: Half, rng: &mut impl Rng) -> Option<Vec<f64>> {
    let mut sum = draw(bins, half, rng)?;
    let second = draw(bins, half, rng)?;
    let top = |shape: &[f64]| shape.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let ratio = rng.random_range(0.03f64.ln()..0.0).exp() * top(&sum) / top(&second);
    sum.iter_mut().zip(second).for_each(|(first, second)| *first += ratio * second);
    Some(sum)
}

fn position(bin: usize, bins: usize) -> f64 {
    2.0 * bin as f64 / (bins.max(2) - 1) as f64 - 1.0
}

fn value(coefficients: &Vector4<f64>, x: f64) -> f64 {
    let exponent = coefficients[0] + x * (coefficients[1] + x * (coefficients[2] + x * coefficients[3]));
    exponent.clamp(-60.0, 60.0).exp()
}

/// Coefficients with the largest Poisson likelihood: Fisher scoring with step halving.
fn maximise(counts: &[f64]) -> Option<Vector4<f64>> {
    let bins = counts.len();
    let powers = |i: usize| {
        let x = position(i, bins);
        Vector4::new(1.0, x, x * x, x * x * x)
    };
    let height = |p: &Vector4<f64>| -> f64 {
        counts
            .iter()
            .enumerate()
            .map(|(i, n)| {
                let mean = value(p, position(i, bins));
                n * mean.ln() - mean
            })
            .sum()
    };
    let mut best = Vector4::new((counts.iter().sum::<f64>() / bins as f64).max(1e-3).ln(), 0.0, 0.0, 0.0);
    let mut at = height(&best);
    for _ in 0..200 {
        let (mut gradient, mut information) = (Vector4::zeros(), Matrix4::zeros());
        for (i, n) in counts.iter().enumerate() {
            let (power, mean) = (powers(i), value(&best, position(i, bins)));
            gradient += power * (n - mean);
            information += power * power.transpose() * mean;
        }
        let step = information.cholesky()?.solve(&gradient);
        let mut scale = 1.0;
        let next = loop {
            let trial = best + step * scale;
            let there = height(&trial);
            if there > at {
                break Some((trial, there));
            }
            scale *= 0.5;
            if scale < 1e-6 {
                break None;
            }
        };
        let Some((trial, there)) = next else { break };
        let gain = there - at;
        (best, at) = (trial, there);
        if gain < 1e-7 {
            break;
        }
    }
    best.iter().all(|c| c.is_finite()).then_some(best)
}

/// Chance of so large a Pearson chi-square, neighbouring bins joined until each expects enough.
fn chance_of_fit(counts: &[f64], expected: &[f64]) -> Option<f64> {
    let (mut chi2, mut groups) = (0.0, 0usize);
    let (mut n, mut mean) = (0.0, 0.0);
    for (count, expectation) in counts.iter().zip(expected) {
        n += count;
        mean += expectation;
        if mean >= LEAST_EXPECTED {
            chi2 += (n - mean) * (n - mean) / mean;
            groups += 1;
            (n, mean) = (0.0, 0.0);
        }
    }
    let freedom = groups.checked_sub(4).filter(|freedom| *freedom > 0)? as f64;
    Some(1.0 - ChiSquared::new(freedom).ok()?.cdf(chi2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Poisson};

    #[test]
    fn a_cubic_is_recovered_and_a_bump_is_refused() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let truth = |i: usize| {
            let x = position(i, 60);
            (5.0 - 2.5 * x - 0.6 * x * x + 0.3 * x * x * x).exp()
        };
        let counts: Vec<f64> =
            (0..60).map(|i| Poisson::new(truth(i)).map_or(0.0, |poisson| poisson.sample(&mut rng))).collect();
        let shape = SimulatedShape::fit("book incl/1mu/2j m(mu1,j1)", "m", &counts).expect("a good fit");
        assert!(
            (shape.b + 2.5).abs() < 0.1 && (shape.c + 0.6).abs() < 0.15 && (shape.d - 0.3).abs() < 0.15,
            "{shape:?}"
        );
        let drawn = shape.on(40);
        assert!(drawn.iter().all(|f| *f > 0.0 && *f <= 1.0) && drawn[0] == 1.0);
        let mut bump = counts;
        bump[30] += 400.0;
        assert_eq!(SimulatedShape::fit("", "m", &bump), None);
        assert_eq!(SimulatedShape::fit("", "m", &[0.0; 60]), None);
    }

    #[test]
    fn the_table_has_two_halves_of_falling_shapes() {
        for half in [Half::Seen, Half::HeldOut] {
            let table = shapes(half);
            assert!(table.len() > 100, "{half:?}: {}", table.len());
            for shape in table {
                let f = shape.on(shape.bins);
                assert!(f.iter().all(|v| v.is_finite() && *v >= 0.0) && f[0] > f[f.len() - 1], "{shape:?}");
            }
        }
    }
}

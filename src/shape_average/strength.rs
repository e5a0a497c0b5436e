//! The two integrals that are not Gaussian: over the strength of a signal, which is not negative and of limited size, and over the
//! constant of a function, which is not negative.
//!
//! In: what is left of a template's information and of its product with the counts, and how the constant follows the strength.
//! Out: the weight of that signal and the means of strength (Asimov significance) and constant (events per bin). Without these
//! bounds a signal of any strength over a negative background describes the ends of spectra best.

use std::sync::LazyLock;

/// Chance of a signal, before the counts are seen.
pub const SIGNAL_SHARE: f64 = 0.5;
/// Signals: prior uniform in their Asimov significance up to this.
pub const SIGNAL_Z_MAX: f64 = 10.0;
/// Above, a Gaussian tail of this width.
pub const BEYOND: f64 = 3.0;
/// Density of the constant: 1 / (constant + this): flat below, flat in the logarithm above.
const LOG_FROM: f64 = 10.0;
/// ln of the range of constants over sqrt(2 pi): norm of that density.
const CONSTANT_RANGE: f64 = 4.0;
/// Half of the range of integration, in standard deviations.
const SPAN: f64 = 4.2;
/// A constant so many standard deviations from zero does not feel the bound.
const FAR: f64 = 7.0;

/// Nodes and weights of 8-point Gauss-Legendre integration on [-1, 1].
const NODES: [(f64, f64); 8] = [
    (-0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
    (-0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (-0.525_532_409_916_329, 0.313_706_645_877_887_27),
    (-0.183_434_642_495_649_8, 0.362_683_783_378_361_96),
    (0.183_434_642_495_649_8, 0.362_683_783_378_361_96),
    (0.525_532_409_916_329, 0.313_706_645_877_887_27),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// A constant that is normal around `mean` for no signal, and `per_strength` lower for each unit of strength.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// Mean without a signal.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Change with the strength.
    pub per_strength: f64,
}

/// One signal integrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Integrated {
    /// Its weight against no signal (whose constant is not bounded) is this times exp of `exponent`.
    pub factor: f64,
    /// See `factor`.
    pub exponent: f64,
    /// Mean strength, as a significance.
    pub strength: f64,
    /// How much larger the bound makes the constant.
    pub shift: f64,
}

/// Integrates exp(t mu - left mu^2 / 2) over the strength's prior and the constant's.
pub fn integrate(left: f64, t: f64, constant: Option<Constant>) -> Integrated {
    let deviation = left.sqrt().recip();
    let x = t * deviation;
    let mean = x * deviation;
    let (low, high) = ((mean - SPAN * deviation).max(0.0), (mean + SPAN * deviation).max(SPAN * deviation));
    let unbounded = |c: &Constant| c.mean - (c.per_strength * low).max(c.per_strength * high) > FAR * c.deviation;
    if high < SIGNAL_Z_MAX && x > POSITIVE_RANGE.0 && constant.as_ref().is_none_or(unbounded) {
        // Only the bound at zero is felt.
        let (factor, above) = POSITIVE.at(x);
        let strength = above * deviation;
        let (of_constant, shift) = constant.map_or((1.0, 0.0), |c| {
            let from = c.mean - c.per_strength * strength + LOG_FROM;
            ((from * CONSTANT_RANGE).recip(), -c.deviation * c.deviation / from)
        });
        let factor = factor * deviation * of_constant / SIGNAL_Z_MAX;
        return Integrated { factor, exponent: 0.5 * x.max(0.0).powi(2), strength, shift };
    }
    // The likeliest strength: not negative, not far beyond those of the prior, and the constant not below zero.
    let tail = (BEYOND * BEYOND).recip();
    let (mut precision, mut towards) = (left, t);
    if mean > SIGNAL_Z_MAX {
        (precision, towards) = (left + tail, t + SIGNAL_Z_MAX * tail);
    }
    let mut likeliest = (towards / precision).max(0.0);
    let (mut below, mut above) = (left, precision);
    if let Some(c) = constant
        && c.mean - c.per_strength * likeliest < 0.0
    {
        let pull = c.per_strength / (c.deviation * c.deviation);
        precision += c.per_strength * pull;
        likeliest = ((towards + c.mean * pull) / precision).max(0.0);
        // On the side where it is negative the weight falls faster.
        if pull > 0.0 {
            above = precision
        } else {
            below = precision
        }
        if c.mean <= 0.0 {
            (below, above) = (precision, precision);
        }
    }
    let low = (likeliest - SPAN / below.sqrt()).max(0.0);
    let mut high = likeliest + SPAN / above.sqrt();
    if mean <= SIGNAL_Z_MAX {
        high = high.min(SIGNAL_Z_MAX + SPAN * BEYOND);
    }
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let mut parts = [(0.0, 0.0, 0.0); NODES.len()];
    let mut largest = f64::NEG_INFINITY;
    for (part, (node, _)) in parts.iter_mut().zip(NODES) {
        let mu = middle + half * node;
        let beyond = (mu - SIGNAL_Z_MAX).max(0.0) / BEYOND;
        let (ln_constant, shift) = constant.map_or((0.0, 0.0), |c| bounded(c.mean - c.per_strength * mu, c.deviation));
        let ln = t * mu - 0.5 * (left * mu * mu + beyond * beyond) + ln_constant;
        largest = largest.max(ln);
        *part = (ln, mu, shift);
    }
    let (mut sum, mut strength, mut shift) = (0.0, 0.0, 0.0);
    for ((ln, mu, of_constant), (_, weight)) in parts.into_iter().zip(NODES) {
        let weight = weight * (ln - largest).exp();
        sum += weight;
        strength += weight * mu;
        shift += weight * of_constant;
    }
    let norm = sum.max(f64::MIN_POSITIVE);
    Integrated { factor: norm * half / SIGNAL_Z_MAX, exponent: largest, strength: strength / norm, shift: shift / norm }
}

/// ln of the integral of a normal distribution over the constant's prior, and the mean of the constant minus `mean`.
pub fn bounded(mean: f64, deviation: f64) -> (f64, f64) {
    let deviation = deviation.max(1e-9);
    let x = mean / deviation;
    let ln_norm = CONSTANT_RANGE.ln();
    if x > X_RANGE.1 {
        let from = mean + LOG_FROM;
        return (-from.ln() - ln_norm, -deviation * deviation / from);
    }
    let (ln_value, shift) = TABLE.at(x.max(X_RANGE.0), (deviation / LOG_FROM).ln());
    let outside = (X_RANGE.0 - x).max(0.0);
    // Below the table the normal density at zero goes on, and all of the constant is close to zero.
    let ln_value = ln_value - outside * (0.5 * outside - X_RANGE.0);
    (ln_value - LOG_FROM.ln() - ln_norm, (shift + outside) * deviation)
}

/// The scale of a shape, fitted as `mean` standard deviations, is not negative; its density is 1 / (scale + 1 standard deviation).
/// Out: ln of the integral over it, against the fitted one without bounds. Steep functions under a large constant have scales near zero.
pub fn ln_positive_scale(mean: f64) -> f64 {
    bounded(LOG_FROM * mean, LOG_FROM).0 + LOG_FROM.ln() + CONSTANT_RANGE.ln()
}

const ROOT_TWO_PI: f64 = 2.506_628_274_631_000_5;
/// Mean over standard deviation, in the table of strengths bounded at zero; above, the bound is not felt.
const POSITIVE_RANGE: (f64, f64) = (-8.0, 8.0);
const POSITIVE_STEP: f64 = 1.0 / 32.0;

/// Integral of exp(-(v - x)^2 / 2) over v > 0, times exp(x^2 / 2) where x is negative; and the mean of v.
struct Positive(Vec<(f64, f64)>);

static POSITIVE: LazyLock<Positive> = LazyLock::new(|| {
    let entries = ((POSITIVE_RANGE.1 - POSITIVE_RANGE.0) / POSITIVE_STEP) as usize + 1;
    Positive(
        (0..entries)
            .map(|i| {
                let x = POSITIVE_RANGE.0 + POSITIVE_STEP * i as f64;
                let (mut sum, mut first) = (0.0, 0.0);
                let (low, high) = ((x - 9.0).max(0.0), (x + 9.0).max(2.0).min(x.abs() + 9.0));
                let pieces = 8;
                for piece in 0..pieces {
                    let half = 0.5 * (high - low) / f64::from(pieces);
                    let middle = low + half * (2.0 * f64::from(piece) + 1.0);
                    for (node, weight) in NODES {
                        let v = middle + half * node;
                        let density = (0.5 * x.min(0.0).powi(2) - 0.5 * (v - x).powi(2)).exp() * weight * half;
                        sum += density;
                        first += density * v;
                    }
                }
                (sum, first / sum)
            })
            .collect(),
    )
});

impl Positive {
    fn at(&self, x: f64) -> (f64, f64) {
        if x >= POSITIVE_RANGE.1 {
            return (ROOT_TWO_PI, x);
        }
        let at = (x - POSITIVE_RANGE.0).max(0.0) / POSITIVE_STEP;
        let cell = (at as usize).min(self.0.len() - 2);
        let part = at - cell as f64;
        let ((a, b), (c, d)) = (self.0[cell], self.0[cell + 1]);
        (a + part * (c - a), b + part * (d - b))
    }
}

/// Mean over standard deviation, in the table.
const X_RANGE: (f64, f64) = (-8.0, 12.0);
/// ln of the standard deviation over [`LOG_FROM`].
const Y_RANGE: (f64, f64) = (-4.0, 12.0);
const X_STEP: f64 = 0.25;
const Y_STEP: f64 = 0.5;

/// ln of the integral of phi(v - x) / (e^y v + 1) over v > 0, and the mean of v minus x.
struct Table {
    rows: usize,
    values: Vec<(f64, f64)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let columns = ((X_RANGE.1 - X_RANGE.0) / X_STEP) as usize + 1;
    let rows = ((Y_RANGE.1 - Y_RANGE.0) / Y_STEP) as usize + 1;
    let mut values = Vec::with_capacity(columns * rows);
    for column in 0..columns {
        for row in 0..rows {
            let (x, y) = (X_RANGE.0 + X_STEP * column as f64, Y_RANGE.0 + Y_STEP * row as f64);
            values.push(entry(x, y));
        }
    }
    Table { rows, values }
});

/// One entry, by Gauss-Legendre integration over pieces that shrink towards zero, where 1 / (e^y v + 1) changes.
fn entry(x: f64, y: f64) -> (f64, f64) {
    let top = (x + 7.0).max(2.0);
    let (mut sum, mut first) = (0.0, 0.0);
    let reference = 0.5 * x.min(0.0).powi(2);
    let mut high = top;
    for piece in 0..24 {
        let low = if piece == 23 { 0.0 } else { high * 0.55 };
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        for (node, weight) in NODES {
            let v = middle + half * node;
            let density = (reference - 0.5 * (v - x).powi(2)).exp() / (y.exp() * v + 1.0) * weight * half;
            sum += density;
            first += density * v;
        }
        high = low;
    }
    ((sum / ROOT_TWO_PI).ln() - reference, first / sum - x)
}

impl Table {
    /// Bilinear.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let place = |value: f64, range: (f64, f64), step: f64| {
            let at = (value.clamp(range.0, range.1) - range.0) / step;
            let cell = (at as usize).min(((range.1 - range.0) / step) as usize - 1);
            (cell, at - cell as f64)
        };
        let ((i, p), (j, q)) = (place(x, X_RANGE, X_STEP), place(y, Y_RANGE, Y_STEP));
        let get = |i: usize, j: usize| self.values[i * self.rows + j];
        let mix = |of: fn((f64, f64)) -> f64| {
            let low = of(get(i, j)) * (1.0 - q) + of(get(i, j + 1)) * q;
            let high = of(get(i + 1, j)) * (1.0 - q) + of(get(i + 1, j + 1)) * q;
            low * (1.0 - p) + high * p
        };
        (mix(|v| v.0), mix(|v| v.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same integral, by brute force.
    fn slowly(left: f64, t: f64, constant: Option<Constant>) -> Integrated {
        let (n, m) = (3000, 600);
        let reach = SIGNAL_Z_MAX + 10.0 * BEYOND;
        let (mut sum, mut strength, mut shift) = (0.0, 0.0, 0.0);
        let likeliest = (t / left).clamp(0.0, SIGNAL_Z_MAX);
        let reference = t * likeliest - 0.5 * left * likeliest * likeliest;
        for i in 0..n {
            let mu = (f64::from(i) + 0.5) / f64::from(n) * reach;
            let beyond = (mu - SIGNAL_Z_MAX).max(0.0) / BEYOND;
            let weight = (t * mu - 0.5 * (left * mu * mu + beyond * beyond) - reference).exp();
            let (mut inner, mut first) = (1.0, 0.0);
            if let Some(c) = constant {
                let mean = c.mean - c.per_strength * mu;
                (inner, first) = (0.0, 0.0);
                let (low, high) =
                    ((mean - 7.0 * c.deviation).max(0.0), (mean + 7.0 * c.deviation).max(2.0 * c.deviation));
                for k in 0..m {
                    let a = low + (f64::from(k) + 0.5) / f64::from(m) * (high - low);
                    let density = (-0.5 * ((a - mean) / c.deviation).powi(2)).exp() / (a + LOG_FROM) * (high - low)
                        / f64::from(m)
                        / (ROOT_TWO_PI * c.deviation * CONSTANT_RANGE);
                    inner += density;
                    first += density * (a - mean);
                }
            }
            sum += weight * inner;
            strength += weight * inner * mu;
            shift += weight * first;
        }
        Integrated {
            factor: sum * reach / f64::from(n) / SIGNAL_Z_MAX,
            exponent: reference,
            strength: strength / sum,
            shift: shift / sum,
        }
    }

    #[test]
    fn positive_scales_agree_with_brute_force() {
        for mean in [-7.0, -3.0, 0.0, 2.0, 30.0f64] {
            let steps = 60_000;
            let sum: f64 = (0..steps)
                .map(|i| {
                    let scale = (f64::from(i) + 0.5) / f64::from(steps) * 60.0;
                    (-0.5 * (scale - mean).powi(2) + 0.5 * mean.min(0.0).powi(2)).exp() / (scale + 1.0)
                })
                .sum();
            let slowly = (sum * 60.0 / f64::from(steps) / ROOT_TWO_PI).ln() - 0.5 * mean.min(0.0).powi(2);
            let fast = ln_positive_scale(mean);
            assert!((fast - slowly).abs() < 0.1, "{mean}: {fast} instead of {slowly}");
        }
    }

    #[test]
    fn integrals_agree_with_brute_force() {
        let constants = [
            None,
            Some(Constant { mean: 50.0, deviation: 8.0, per_strength: 6.0 }),
            Some(Constant { mean: 5.0, deviation: 20.0, per_strength: 30.0 }),
            Some(Constant { mean: -30.0, deviation: 15.0, per_strength: -4.0 }),
            Some(Constant { mean: 3000.0, deviation: 40.0, per_strength: 20.0 }),
        ];
        for constant in constants {
            for left in [0.01, 0.1, 0.5, 0.95] {
                for z in [-3.0, 0.1, 1.0, 3.0, 6.0, 15.0] {
                    let t = z * f64::sqrt(left);
                    let (fast, slow) = (integrate(left, t, constant), slowly(left, t, constant));
                    let what = format!("{left} {z} {constant:?}: {fast:?} {slow:?}");
                    let ln = |i: &Integrated| i.exponent + i.factor.ln();
                    assert!((ln(&fast) - ln(&slow)).abs() < 0.1, "{what}");
                    assert!((fast.strength - slow.strength).abs() < 0.1 + 0.03 * slow.strength, "{what}");
                    let size = constant.map_or(1.0, |c| c.deviation);
                    assert!((fast.shift - slow.shift).abs() < 0.2 * size + 0.03 * slow.shift.abs(), "{what}");
                }
            }
        }
    }
}

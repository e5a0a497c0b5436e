//! Which (shape, template) pairs matter: what each weighs at most, in single precision, before any of them is integrated.
//!
//! In: a [`Round`]. Out: [`LnSignals`], with what [`super::strength`] needs for those that matter.

use pulp::Arch;

use super::round::Round;
use super::strength::{BEYOND, SIGNAL_SHARE, SIGNAL_Z_MAX, bounded};

/// Shapes whose ln weight without a signal is farther behind the best one's are out: no signal makes up for it.
const FARTHEST: f64 = 1e5;
/// A template keeps at least this part of its information when background is fitted along (else it is the background).
const LEAST_INFORMATION: f32 = 0.003;

/// What one round's (shape, template) pairs weigh at most.
pub struct LnSignals {
    /// `shapes x templates`, as the three below.
    pub pairs: Vec<f32>,
    /// Part of the information that is left.
    pub left: Vec<f32>,
    /// Product with the counts, all else fitted.
    pub product: Vec<f32>,
    /// How much the constant falls per unit of strength.
    pub of_constant: Vec<f32>,
    /// The largest of each shape.
    pub best: Vec<f32>,
    /// ln weight of each shape without a signal, and what the bound adds to its constant.
    pub without: Vec<(f64, f64)>,
}

/// Weights relative to a shape of ln weight `reference`.
pub fn ln_signals(round: &Round, reference: f64, arch: Arch) -> LnSignals {
    let templates = round.information.len();
    let ln_prior = (SIGNAL_SHARE / (1.0 - SIGNAL_SHARE) / templates.max(1) as f64 / SIGNAL_Z_MAX).ln() as f32;
    let size = round.shapes.len() * templates;
    let mut signals = LnSignals {
        pairs: vec![f32::NEG_INFINITY; size],
        left: vec![1.0; size],
        product: vec![0.0; size],
        of_constant: vec![0.0; size],
        best: vec![f32::NEG_INFINITY; round.shapes.len()],
        without: Vec::with_capacity(round.shapes.len()),
    };
    for (slot, one) in round.reduced.iter().enumerate() {
        let behind = one.ln_weight - reference;
        let (ln_constant, shift) = one.constant.map_or((0.0, 0.0), |(mean, deviation)| bounded(mean, deviation));
        signals.without.push((behind + ln_constant, shift));
        if behind < -FARTHEST {
            continue;
        }
        // The constant's weight is at most that of a mean of zero.
        let most_of_constant = one.constant.map_or(0.0, |(mean, deviation)| bounded(mean.max(0.0), deviation).0);
        let base = behind as f32 + ln_prior + most_of_constant as f32;
        let of_slot = slot * templates..(slot + 1) * templates;
        let (left, product) = (&mut signals.left[of_slot.clone()], &mut signals.product[of_slot.clone()]);
        let of_constant = &mut signals.of_constant[of_slot.clone()];
        let pairs = &mut signals.pairs[of_slot];
        signals.best[slot] = arch.dispatch(|| {
            left.copy_from_slice(&round.information);
            product.copy_from_slice(&round.product);
            for j in 0..round.vectors {
                if let Some(overlaps) = round.overlap.row(slot * round.vectors + j).to_slice() {
                    take_away(left, product, overlaps, one.of_counts[j] as f32);
                }
            }
            left.iter_mut().for_each(|left| *left = left.max(LEAST_INFORMATION));
            let Some((mean, deviation)) = one.constant else {
                return most(pairs, left, product, base);
            };
            of_constant.copy_from_slice(&round.of_constant);
            for j in 0..round.vectors {
                let part = one.of_constant[j] as f32;
                for (sum, c) in of_constant.iter_mut().zip(round.overlap.row(slot * round.vectors + j)) {
                    *sum -= part * c;
                }
            }
            let unit = round.constant_unit as f32;
            of_constant.iter_mut().for_each(|value| *value *= unit);
            most_above_zero(pairs, left, product, of_constant, base, (mean as f32, deviation as f32))
        });
    }
    signals
}

/// What one vector takes away from the templates' information and product with the counts.
#[inline(always)]
fn take_away(left: &mut [f32], product: &mut [f32], overlaps: &[f32], strength: f32) {
    for ((left, product), &c) in left.iter_mut().zip(product).zip(overlaps) {
        *left -= c * c;
        *product -= strength * c;
    }
}

/// ln of what each template weighs at most for one shape; returns the largest.
#[inline(always)]
fn most(out: &mut [f32], left: &[f32], product: &[f32], base: f32) -> f32 {
    let (z_max, tail) = (SIGNAL_Z_MAX as f32, (BEYOND * BEYOND).recip() as f32);
    for ((out, &left), &product) in out.iter_mut().zip(left).zip(product) {
        let t = product.max(0.0);
        let far = t > z_max * left;
        let towards = if far { t + z_max * tail } else { t };
        let precision = if far { left + tail } else { left };
        let mu = towards / precision;
        let beyond = (mu - z_max).max(0.0);
        *out = base + t * mu - 0.5 * (left * mu * mu + tail * beyond * beyond);
    }
    largest(out)
}

/// The same when a constant (mean, standard deviation) that falls with the strength is not negative.
#[inline(always)]
fn most_above_zero(
    out: &mut [f32],
    left: &[f32],
    product: &[f32],
    of_constant: &[f32],
    base: f32,
    (mean, deviation): (f32, f32),
) -> f32 {
    let (z_max, tail) = (SIGNAL_Z_MAX as f32, (BEYOND * BEYOND).recip() as f32);
    let (mean, per) = (mean / deviation, deviation.recip());
    for (((out, &left), &product), &of_constant) in out.iter_mut().zip(left).zip(product).zip(of_constant) {
        let t = product.max(0.0);
        let far = t > z_max * left;
        let towards = if far { t + z_max * tail } else { t };
        let precision = if far { left + tail } else { left };
        let mu = towards / precision;
        // A constant below zero pulls the strength back.
        let pull = of_constant * per;
        let pulled = ((towards + mean * pull) / (precision + pull * pull)).max(0.0);
        let mu = if mean < pull * mu { pulled } else { mu };
        let negative = (mean - pull * mu).min(0.0);
        let beyond = (mu - z_max).max(0.0);
        *out = base + t * mu - 0.5 * (left * mu * mu + negative * negative + tail * beyond * beyond);
    }
    largest(out)
}

#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    values.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

//! Sums of event weights that do not depend on the order of addition.
//!
//! In: weights as float64. Out: their sum and the sum of their squares, kept as 128-bit integers in units of 2^-64 and
//! 2^-60. Integer addition is associative, so any number of threads, shards and merges gives the same bytes. What is
//! lost: a weight is rounded to 5e-20, a square to 9e-19 (weights of 1 and all integers are exact). Weights below 1e-15 are
//! refused before ([`too_small`]); a sum of squares beyond 1.5e20 is full, and a book that holds one is refused.

/// Sum of weights and of squared weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WeightSums {
    w: i128,
    w2: i128,
}

const W_SHIFT: u32 = 64;
const W2_SHIFT: u32 = 60;
const W_SCALE: f64 = (1_u128 << W_SHIFT) as f64;
const W2_SCALE: f64 = (1_u128 << W2_SHIFT) as f64;

/// Weights below this would vanish in their sums.
const LEAST: f64 = 1e-15;

/// A weight that would vanish.
pub fn too_small(w: f64) -> bool {
    w != 0.0 && w.abs() < LEAST
}

impl WeightSums {
    /// One event of weight `w`; a weight that is not a number counts as 0.
    #[inline]
    pub fn of(w: f64) -> Self {
        // `as` rounds towards zero and stops at the ends of the range.
        WeightSums { w: (w * W_SCALE) as i128, w2: (w * w * W2_SCALE) as i128 }
    }

    /// `n` events of weight 1.
    #[inline]
    pub fn unit(n: u64) -> Self {
        WeightSums { w: i128::from(n) << W_SHIFT, w2: i128::from(n) << W2_SHIFT }
    }

    /// Adds other sums.
    #[inline]
    pub fn add(&mut self, other: WeightSums) {
        self.w = self.w.saturating_add(other.w);
        self.w2 = self.w2.saturating_add(other.w2);
    }

    /// True where more was added than fits: the sums are wrong.
    pub fn is_full(&self) -> bool {
        // The sum of weights is full only where that of squares has been for long.
        self.w2 == i128::MAX || self.w == i128::MAX || self.w == i128::MIN
    }

    /// Sum of weights.
    pub fn sum_w(&self) -> f64 {
        self.w as f64 / W_SCALE
    }

    /// Sum of squared weights.
    pub fn sum_w2(&self) -> f64 {
        self.w2 as f64 / W2_SCALE
    }

    /// The integers, for storage.
    pub(super) fn to_parts(self) -> (i128, i128) {
        (self.w, self.w2)
    }

    /// From stored integers.
    pub(super) fn from_parts(w: i128, w2: i128) -> Self {
        WeightSums { w, w2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unit_weights_are_exact() {
        let mut sums = WeightSums::default();
        (0..1000).for_each(|_| sums.add(WeightSums::of(1.0)));
        assert_eq!(sums, WeightSums::unit(1000));
        assert_eq!((sums.sum_w(), sums.sum_w2()), (1000.0, 1000.0));
        assert_eq!(WeightSums::of(-2.5).sum_w(), -2.5);
        assert_eq!(WeightSums::of(f64::NAN), WeightSums::default());
        let mut full = WeightSums::of(1e10);
        assert!(!full.is_full() && (full.sum_w2() - 1e20).abs() < 1e5);
        full.add(WeightSums::of(1e10));
        full.add(WeightSums::of(-1e-3));
        assert!(full.is_full() && WeightSums::of(-1e30).is_full());
        assert!(too_small(-1e-16) && !too_small(0.0) && !too_small(1e-14));
    }

    proptest! {
        #[test]
        fn the_order_of_addition_does_not_matter(mut weights in prop::collection::vec(-1e6..1e6_f64, 1..50)) {
            let sum = |weights: &[f64]| {
                let mut sums = WeightSums::default();
                weights.iter().for_each(|&w| sums.add(WeightSums::of(w)));
                sums
            };
            let forward = sum(&weights);
            let naive: f64 = weights.iter().sum();
            prop_assert!((forward.sum_w() - naive).abs() < 1e-6);
            weights.reverse();
            prop_assert_eq!(sum(&weights), forward);
        }
    }
}

//! What is added to z so that a found Zmax is right on average: mean(true | found) = found.
//!
//! The largest of many uncertain z is larger than the largest of their means, most in short spectra and for wide signals. A
//! network's card has a [`Shift`]: for some numbers of bins, what is added at the [`KNOTS`] in z, linear between both, nothing
//! at z = 0 and below, beyond the last knot as there. Measured on labelled spectra ([`fit`]).

use nalgebra::{SMatrix, SVector};
use serde::{Deserialize, Serialize};

use super::rounded;

/// z at which a shift is given.
pub const KNOTS: [f64; 6] = [1.5, 3.0, 4.5, 6.0, 8.0, 10.0];
/// The shift at each knot.
pub type AtKnots = [f64; KNOTS.len()];
/// So many spectra at a knot weigh as much as the prior knowledge that the shift is the same at all knots.
const PRIOR_SPECTRA: f64 = 20.0;

/// The shifts of one number of bins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfLength {
    /// Number of bins.
    pub bins: usize,
    /// What is added at each of the [`KNOTS`].
    pub added: AtKnots,
}

/// No network, not even one that has learnt nothing, is farther off.
const MOST: f64 = 1000.0;

/// What is added to z, by number of bins (rising; linear in between) and z.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shift(pub Vec<OfLength>);

impl Shift {
    /// An error if it is none that can be used.
    pub fn check(&self) -> Result<(), String> {
        if !self.0.windows(2).all(|pair| pair[0].bins < pair[1].bins) {
            return Err("z_shift: bins do not rise".to_string());
        }
        match self.0.iter().flat_map(|one| one.added).find(|added| added.abs() > MOST || added.is_nan()) {
            Some(added) => Err(format!("z_shift: {added} is no shift")),
            None => Ok(()),
        }
    }

    /// For spectra of so many bins; nothing if the shift was never measured.
    pub fn for_bins(&self, bins: usize) -> AtKnots {
        let after = self.0.partition_point(|one| one.bins < bins);
        match (after.checked_sub(1).and_then(|i| self.0.get(i)), self.0.get(after)) {
            (Some(low), Some(high)) => {
                let part = (bins - low.bins) as f64 / (high.bins - low.bins).max(1) as f64;
                std::array::from_fn(|knot| low.added[knot] + (high.added[knot] - low.added[knot]) * part)
            }
            (Some(one), None) | (None, Some(one)) => one.added,
            (None, None) => [0.0; KNOTS.len()],
        }
    }
}

/// z with its shift.
pub fn shifted(z: f64, added: &AtKnots) -> f64 {
    z + parts(z).iter().zip(added).map(|(part, added)| part * added).sum::<f64>()
}

/// The part that each knot has in the shift of z: linear between neighbours.
fn parts(z: f64) -> AtKnots {
    let mut parts = [0.0; KNOTS.len()];
    let after = KNOTS.partition_point(|knot| *knot < z);
    let low = after.checked_sub(1).map_or(0.0, |before| KNOTS[before]);
    let Some(high) = KNOTS.get(after) else {
        parts[KNOTS.len() - 1] = 1.0;
        return parts;
    };
    let part = ((z - low) / (high - low)).max(0.0);
    parts[after] = part;
    if let Some(before) = after.checked_sub(1) {
        parts[before] = 1.0 - part;
    }
    parts
}

/// The shift that makes (found, true) Zmax right on average at each knot: least squares.
pub fn fit(pairs: &[(f64, f64)]) -> AtKnots {
    let weight: f64 = pairs.iter().map(|(found, _)| parts(*found).iter().sum::<f64>()).sum();
    if weight <= 0.0 {
        return [0.0; KNOTS.len()];
    }
    let common = pairs.iter().map(|(found, truth)| truth - found).sum::<f64>() / weight;
    type Vector = SVector<f64, { KNOTS.len() }>;
    let mut normal = SMatrix::<f64, { KNOTS.len() }, { KNOTS.len() }>::identity() * PRIOR_SPECTRA;
    let mut towards = Vector::repeat(PRIOR_SPECTRA * common);
    for (found, truth) in pairs {
        let parts = Vector::from(parts(*found));
        normal += parts * parts.transpose();
        towards += parts * (truth - found);
    }
    // Positive definite by the prior.
    let added = normal.cholesky().map_or(Vector::repeat(common), |cholesky| cholesky.solve(&towards));
    std::array::from_fn(|knot| rounded(added[knot]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_nothing_at_zero_whole_at_a_knot_and_constant_beyond_the_last() {
        let added = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        for z in [-5.0, -0.1, 0.0] {
            assert_eq!(shifted(z, &added), z);
        }
        for (knot, added_there) in KNOTS.iter().zip(added) {
            assert!((shifted(*knot, &added) - knot - added_there).abs() < 1e-12);
        }
        assert!((shifted(7.0, &added) - 7.45).abs() < 1e-12);
        assert!((shifted(30.0, &added) - 30.6).abs() < 1e-12);
        assert!((shifted(0.75, &added) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn the_fit_finds_what_was_taken_away() {
        let added = [0.0, -0.1, 0.1, 0.3, 0.2, -0.4];
        let pairs: Vec<(f64, f64)> = (0..60_000)
            .map(|i| f64::from(i) / 5000.0)
            .map(|found| (found, shifted(found, &added) + (1000.0 * found).sin()))
            .collect();
        for (found, truth) in fit(&pairs).iter().zip(added) {
            assert!((found - truth).abs() < 0.02, "{found} instead of {truth}");
        }
        assert_eq!(fit(&[]), [0.0; KNOTS.len()]);
        assert!(fit(&[(5.0, 5.5)]).iter().all(|added| (added - 0.5).abs() < 1e-9));
    }

    #[test]
    fn between_two_lengths_the_shift_is_in_between() {
        let of = |bins: usize, added: f64| OfLength { bins, added: [added; KNOTS.len()] };
        let shift = Shift(vec![of(30, 0.1), of(60, 0.4)]);
        for (bins, expected) in [(10, 0.1), (30, 0.1), (40, 0.2), (60, 0.4), (500, 0.4)] {
            assert!(shift.for_bins(bins).iter().all(|added| (added - expected).abs() < 1e-12), "{bins}");
        }
        assert_eq!(Shift::default().for_bins(30), [0.0; KNOTS.len()]);
        assert!(shift.check().is_ok());
        assert!(Shift(vec![of(60, 0.1), of(30, 0.4)]).check().is_err() && Shift(vec![of(30, 1e300)]).check().is_err());
    }
}

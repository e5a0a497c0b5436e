//! Intervals in which the truth lies: 68 % and 95 % of it, whatever shape the network's errors have.
//!
//! In: z and its standard deviation as the network gives them. Out: an interval of the target (z over the true background),
//! and of the background. A normal error is not assumed: quantiles of (truth - prediction) / error are measured on spectra
//! that the network has not seen, in classes of the kind of background, the number of bins and z (conformal prediction), and
//! stand on the card. The bin of the largest z has quantiles of its own: it is chosen for being high.

use serde::{Deserialize, Serialize};

use super::calibration::{BINS_EDGES, Conditions};
use super::rounded;
use crate::shape_average::library::N_KINDS;

/// Upper edges of the classes in predicted z.
const Z_EDGES: [f64; 9] = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, f64::INFINITY];
/// Cumulative probabilities of the quantiles: both ends of 95 %, of 68.27 %.
const LEVELS: [f64; 4] = [0.025, 0.158_655, 0.841_345, 0.975];
/// A class with fewer bins takes the quantiles of all kinds of background, or else those of a normal distribution.
const LEAST_BINS: usize = 200;
/// Quantiles of a normal distribution.
const NORMAL: [f64; 4] = [-1.959_964, -1.0, 1.0, 1.959_964];

/// Quantiles of (truth - prediction) / error per class, for one output.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantiles {
    /// `classes x 4`: 2.5 %, 15.9 %, 84.1 %, 97.5 %.
    per_class: Vec<[f64; 4]>,
    /// The same for the bin of the largest z of a spectrum.
    of_largest: Vec<[f64; 4]>,
}

/// An interval of 68 % and one of 95 %: lower and upper end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Central 68.27 %.
    pub central68: [f64; 2],
    /// Central 95 %.
    pub central95: [f64; 2],
}

/// What the quantiles of a bin depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinPlace {
    /// Length and kind of the spectrum.
    pub conditions: Conditions,
    /// Predicted z.
    pub z: f64,
    /// That is the largest z of the spectrum.
    pub largest: bool,
}

/// One bin and its (truth - prediction) / error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pull {
    /// The bin.
    pub place: BinPlace,
    /// (truth - prediction) / error.
    pub pull: f64,
}

/// Classes of one kind of background.
const OF_KIND: usize = BINS_EDGES.len() * Z_EDGES.len();

impl BinPlace {
    /// Number of the class, kinds apart.
    fn class(&self) -> usize {
        let Conditions { bins, kind, .. } = self.conditions;
        let of_bins = BINS_EDGES.iter().position(|edge| bins < *edge).unwrap_or(BINS_EDGES.len() - 1);
        let of_z = Z_EDGES.iter().position(|edge| self.z < *edge).unwrap_or(Z_EDGES.len() - 1);
        kind.min(N_KINDS - 1) * OF_KIND + of_bins * Z_EDGES.len() + of_z
    }
}

impl Quantiles {
    /// Measures the quantiles.
    pub fn from_pulls(pulls: &[Pull]) -> Quantiles {
        Quantiles {
            per_class: per_class(pulls.iter()),
            of_largest: per_class(pulls.iter().filter(|pull| pull.place.largest)),
        }
    }

    /// The intervals around a prediction.
    pub fn around(&self, place: BinPlace, value: f64, error: f64) -> Intervals {
        let classes = if place.largest { &self.of_largest } else { &self.per_class };
        let quantiles = classes.get(place.class()).copied().unwrap_or(NORMAL);
        let [low95, low68, high68, high95] = quantiles.map(|quantile| value + quantile * error);
        Intervals { central68: [low68, high68], central95: [low95, high95] }
    }
}

fn per_class<'a>(pulls: impl Iterator<Item = &'a Pull>) -> Vec<[f64; 4]> {
    let mut of_kinds = vec![Vec::new(); N_KINDS * OF_KIND];
    let mut of_all = vec![Vec::new(); OF_KIND];
    for Pull { place, pull } in pulls.filter(|pull| pull.pull.is_finite()) {
        of_kinds[place.class()].push(*pull);
        of_all[place.class() % OF_KIND].push(*pull);
    }
    let of_all: Vec<[f64; 4]> = of_all.into_iter().map(|pulls| quantiles(pulls).unwrap_or(NORMAL)).collect();
    of_kinds.into_iter().enumerate().map(|(class, pulls)| quantiles(pulls).unwrap_or(of_all[class % OF_KIND])).collect()
}

/// None of too few.
fn quantiles(mut pulls: Vec<f64>) -> Option<[f64; 4]> {
    if pulls.len() < LEAST_BINS {
        return None;
    }
    pulls.sort_by(f64::total_cmp);
    let at = |level: f64| pulls[((level * pulls.len() as f64) as usize).min(pulls.len() - 1)];
    Some(LEVELS.map(|level| rounded(at(level))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_what_they_say() {
        // Errors that are not normal: uniform between -1 and 3 times the error.
        let conditions = Conditions { bins: 50, error: 0.5, kind: 0 };
        let place = BinPlace { conditions, z: 2.5, largest: true };
        let pulls: Vec<Pull> =
            (0..4000).map(|i| Pull { place, pull: -1.0 + 4.0 * (f64::from(i) + 0.5) / 4000.0 }).collect();
        let quantiles = Quantiles::from_pulls(&pulls);
        let intervals = quantiles.around(place, 2.5, 0.5);
        let inside = |[low, high]: [f64; 2]| {
            pulls.iter().filter(|p| (low..=high).contains(&(2.5 + 0.5 * p.pull))).count() as f64 / 4000.0
        };
        assert!((inside(intervals.central68) - 0.6827).abs() < 0.002, "{intervals:?}");
        assert!((inside(intervals.central95) - 0.95).abs() < 0.002, "{intervals:?}");
        // Another kind of background without toys: those of all kinds. A class without any: normal.
        assert_eq!(
            quantiles.around(BinPlace { conditions: Conditions { kind: 3, ..conditions }, ..place }, 2.5, 0.5),
            intervals
        );
        assert_eq!(
            quantiles
                .around(BinPlace { conditions: Conditions { bins: 100, ..conditions }, ..place }, 9.0, 1.0)
                .central68,
            [8.0, 10.0]
        );
    }
}

//! Intervals in which the truth lies: 68 % and 95 % of it, whatever shape the network's errors have.
//!
//! In: z and its standard deviation as the network gives them. Out: an interval of the target (z over the true background),
//! and of the background. A normal error is not assumed: quantiles of (truth - prediction) / error are measured on spectra
//! that the network has not seen, in classes of the number of bins and of z (conformal prediction), and stand on the card.

use serde::{Deserialize, Serialize};

/// Upper edges of the classes in bins.
const BINS_EDGES: [usize; 3] = [42, 66, usize::MAX];
/// Upper edges of the classes in predicted z.
const Z_EDGES: [f64; 9] = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, f64::INFINITY];
/// Cumulative probabilities of the quantiles: both ends of 95 %, of 68.27 %.
const LEVELS: [f64; 4] = [0.025, 0.158_655, 0.841_345, 0.975];
/// A class with fewer bins takes the quantiles of a normal distribution.
const LEAST_BINS: usize = 200;
/// Quantiles of a normal distribution.
const NORMAL: [f64; 4] = [-1.959_964, -1.0, 1.0, 1.959_964];

/// Quantiles of (truth - prediction) / error per class, for one output.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantiles {
    /// `classes x 4`: 2.5 %, 15.9 %, 84.1 %, 97.5 %.
    per_class: Vec<[f64; 4]>,
}

/// An interval of 68 % and one of 95 %: lower and upper end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Central 68.27 %.
    pub central68: [f64; 2],
    /// Central 95 %.
    pub central95: [f64; 2],
}

/// One bin: predicted z, number of bins of the spectrum, (truth - prediction) / error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pull {
    /// Number of bins of the spectrum.
    pub bins: usize,
    /// Predicted z.
    pub z: f64,
    /// (truth - prediction) / error.
    pub pull: f64,
}

fn class_of(bins: usize, z: f64) -> usize {
    let of_bins = BINS_EDGES.iter().position(|edge| bins < *edge).unwrap_or(BINS_EDGES.len() - 1);
    let of_z = Z_EDGES.iter().position(|edge| z < *edge).unwrap_or(Z_EDGES.len() - 1);
    of_bins * Z_EDGES.len() + of_z
}

impl Quantiles {
    /// Measures the quantiles.
    pub fn from_pulls(pulls: &[Pull]) -> Quantiles {
        let mut classes = vec![Vec::new(); BINS_EDGES.len() * Z_EDGES.len()];
        for pull in pulls.iter().filter(|pull| pull.pull.is_finite()) {
            if let Some(class) = classes.get_mut(class_of(pull.bins, pull.z)) {
                class.push(pull.pull);
            }
        }
        let per_class = classes
            .into_iter()
            .map(|mut pulls| {
                if pulls.len() < LEAST_BINS {
                    return NORMAL;
                }
                pulls.sort_by(f64::total_cmp);
                LEVELS.map(|level| pulls[((level * pulls.len() as f64) as usize).min(pulls.len() - 1)])
            })
            .collect();
        Quantiles { per_class }
    }

    /// The intervals around a prediction.
    pub fn around(&self, bins: usize, z: f64, value: f64, error: f64) -> Intervals {
        let [low95, low68, high68, high95] =
            self.per_class.get(class_of(bins, z)).copied().unwrap_or(NORMAL).map(|quantile| value + quantile * error);
        Intervals { central68: [low68, high68], central95: [low95, high95] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_what_they_say() {
        // Errors that are not normal: uniform between -1 and 3 times the error.
        let pulls: Vec<Pull> =
            (0..4000).map(|i| Pull { bins: 50, z: 2.5, pull: -1.0 + 4.0 * (f64::from(i) + 0.5) / 4000.0 }).collect();
        let quantiles = Quantiles::from_pulls(&pulls);
        let intervals = quantiles.around(50, 2.5, 2.5, 0.5);
        let inside = |[low, high]: [f64; 2]| {
            pulls.iter().filter(|p| (low..=high).contains(&(2.5 + 0.5 * p.pull))).count() as f64 / 4000.0
        };
        assert!((inside(intervals.central68) - 0.6827).abs() < 0.002, "{intervals:?}");
        assert!((inside(intervals.central95) - 0.95).abs() < 0.002, "{intervals:?}");
        // A class without toys: normal.
        assert_eq!(quantiles.around(100, 9.0, 9.0, 1.0).central68, [8.0, 10.0]);
    }
}

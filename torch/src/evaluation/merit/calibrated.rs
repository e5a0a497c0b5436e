//! Calibration: is a predicted 5 a true 5 on average?
//!
//! In: pairs of true and found Zmax. Out: mean(true | found) - mean found, in unit bins of found Zmax from 2 to 10. A
//! method can be calibrated everywhere, whatever it shrinks at a fixed true Zmax (physics.md section 9.4).

use super::pairs::ZmaxPair;
use super::statistics::{error_of_mean, mean};

/// Bins of found Zmax with fewer spectra are left out.
const LEAST_SPECTRA: usize = 30;

/// One bin of found Zmax.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Mean of found Zmax in it.
    pub found: f64,
    /// Mean of true minus found.
    pub deviation: f64,
    /// Statistical error.
    pub error: f64,
    /// Spectra.
    pub spectra: usize,
}

/// The bins 2-3, 3-4 ... 9-10 that hold enough spectra.
pub fn curve(pairs: &[ZmaxPair]) -> Vec<Point> {
    (2..10)
        .filter_map(|low| {
            let range = f64::from(low)..f64::from(low + 1);
            let inside: Vec<&ZmaxPair> = pairs.iter().filter(|pair| range.contains(&pair.found)).collect();
            let deviations: Vec<f64> = inside.iter().map(|pair| pair.target - pair.found).collect();
            let found: Vec<f64> = inside.iter().map(|pair| pair.found).collect();
            (inside.len() >= LEAST_SPECTRA)
                .then(|| {
                    Some(Point {
                        found: mean(&found)?,
                        deviation: mean(&deviations)?,
                        error: error_of_mean(&deviations)?,
                        spectra: inside.len(),
                    })
                })
                .flatten()
        })
        .collect()
}

/// The bin with the largest deviation.
pub fn largest(pairs: &[ZmaxPair]) -> Option<Point> {
    curve(pairs).into_iter().max_by(|a, b| a.deviation.abs().total_cmp(&b.deviation.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_prediction_is_off_by_its_shift() {
        let pairs: Vec<ZmaxPair> = (0..2000)
            .map(|i| f64::from(i) / 200.0)
            .map(|z| ZmaxPair { target: z, found: z + 0.3, has_signal: true })
            .collect();
        let points = curve(&pairs);
        assert_eq!(points.len(), 8);
        assert!(points.iter().all(|point| (point.deviation + 0.3).abs() < 1e-9), "{points:?}");
        assert!(curve(&pairs[..20]).is_empty() && largest(&[]).is_none());
    }
}

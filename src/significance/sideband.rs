//! The classical cross-check: a side-band fit around one bin.
//!
//! In: counts, a bin, a signal width in bins. Out: signed z = sqrt(2 [ln L(b + mu s) - ln L(b)]), where b = exp(cubic in
//! the bin number) is fitted to the counts near the bin under both hypotheses. It needs no training and no knowledge of
//! the shape far away, so structure that is as wide as the window (shoulders, turn-ons of a second process) is no signal
//! for it. What users of side-band fits would do by hand.

use nalgebra::SVector;

use super::poisson_fit::{CUBIC, FitBin, PoissonFit, Settings, Stop, powers};
use super::templates::gaussian_integral;

/// The window reaches this many signal widths to each side, and at least [`LEAST_HALF_WINDOW`] bins.
const HALF_WINDOW_PER_WIDTH: f64 = 5.0;
const LEAST_HALF_WINDOW: usize = 20;
/// Fewer bins say nothing: two for each parameter.
const LEAST_BINS: usize = 2 * (CUBIC + 1);
/// The level from which a fit of an empty window starts, events per bin.
const LEAST_LEVEL: f64 = 0.05;
/// Gaussian constraints on the coefficients of t, t^2, t^3 (t from -1 to 1 over the window) of ln(b): any slope, but a bend
/// of less than 1 only. exp(quadratic) is a Gaussian, so a free one would swallow every bump.
const SETTINGS: Settings = Settings {
    constraints: [0.0, 1e-3, 2.0, 4.0],
    damping: 0.0,
    largest_exponent: 30.0,
    steps: 60,
    trials: 15,
    stop: Stop::Gained(1e-7),
};

/// z of an excess of `width` bins (Gaussian sigma) centred on `bin`; 0 where the window is too short to tell.
pub fn sideband_z(counts: &[f64], bin: usize, width: f64) -> f64 {
    let half = ((HALF_WINDOW_PER_WIDTH * width).ceil() as usize).max(LEAST_HALF_WINDOW);
    let (low, high) = (bin.saturating_sub(half), (bin + half + 1).min(counts.len()));
    let n = high.saturating_sub(low);
    if n < LEAST_BINS || bin >= high {
        return 0.0;
    }
    let counts = &counts[low..high];
    let bins: Vec<FitBin> = (low..high)
        .zip(counts)
        .map(|(j, &count)| {
            let edge = (j as f64 - bin as f64 - 0.5) / width;
            FitBin { count, powers: powers(j - low, n), signal: gaussian_integral(edge, edge + 1.0 / width) }
        })
        .collect();
    let fit = PoissonFit { bins: &bins, settings: SETTINGS };
    let level = (counts.iter().sum::<f64>() / n as f64).max(LEAST_LEVEL).ln();
    let background = fit.maximise(SVector::from([level, 0.0, 0.0, 0.0]));
    let [p0, p1, p2, p3] = background.parameters.into();
    let with_signal = fit.maximise(SVector::from([p0, p1, p2, p3, 0.0]));
    let gain = (with_signal.height - background.height).max(0.0);
    (2.0 * gain).sqrt().copysign(with_signal.parameters[CUBIC])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling(bump: f64, width: f64) -> Vec<f64> {
        (0..60)
            .map(|i| {
                let edge = (f64::from(i) - 30.5) / width;
                2000.0 * (-0.08 * f64::from(i)).exp() + bump * gaussian_integral(edge, edge + 1.0 / width)
            })
            .collect()
    }

    #[test]
    fn a_narrow_bump_is_seen_and_a_smooth_fall_is_not() {
        assert!(sideband_z(&falling(0.0, 1.0), 30, 1.0).abs() < 0.05);
        // 120 events over a background of about 180 per bin: 120 / sqrt(180 x 3.5) = 4.8.
        let z = sideband_z(&falling(120.0, 1.0), 30, 1.0);
        assert!((3.5..5.5).contains(&z), "{z}");
    }

    #[test]
    fn a_few_events_over_nearly_nothing_are_seen() {
        let mut counts = vec![0.0; 50];
        for bin in (0..50).step_by(4) {
            counts[bin] = 1.0;
        }
        for (bin, n) in [(28, 2.0), (29, 5.0), (30, 9.0), (31, 6.0), (32, 2.0)] {
            counts[bin] = n;
        }
        assert!(sideband_z(&counts, 30, 1.0) > 5.0, "{}", sideband_z(&counts, 30, 1.0));
    }

    #[test]
    fn a_shoulder_is_mostly_absorbed() {
        let counts: Vec<f64> = (0..60)
            .map(|i| {
                let x = f64::from(i);
                2000.0 * (-0.12 * x).exp() + 300.0 * (-0.04 * x).exp() / (1.0 + (-(x - 25.0) / 3.0).exp())
            })
            .collect();
        assert!(sideband_z(&counts, 30, 3.0) < 2.5, "{}", sideband_z(&counts, 30, 3.0));
    }

    #[test]
    fn hostile_counts_give_finite_z() {
        for counts in [vec![0.0; 40], vec![1e9; 40], [vec![0.0; 39], vec![1e12]].concat(), vec![1.0; 5]] {
            for bin in [0, 3, counts.len() - 1] {
                assert!(sideband_z(&counts, bin, 2.0).is_finite());
            }
        }
    }
}

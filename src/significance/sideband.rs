//! The classical cross-check: a side-band fit around one bin.
//!
//! In: counts, a bin, a signal width in bins. Out: signed z = sqrt(2 [ln L(b + mu s) - ln L(b)]), where b = exp(cubic in
//! the bin number) is fitted to the counts near the bin under both hypotheses. It needs no training and no knowledge of
//! the shape far away, so structure that is as wide as the window (shoulders, turn-ons of a second process) is no signal
//! for it. What users of side-band fits would do by hand.

use nalgebra::{DMatrix, DVector};

use super::templates::gaussian_integral;

/// The window reaches this many signal widths to each side, and at least [`LEAST_HALF_WINDOW`] bins.
const HALF_WINDOW_PER_WIDTH: f64 = 5.0;
const LEAST_HALF_WINDOW: usize = 20;
/// Degree of the polynomial in ln(b).
const DEGREE: usize = 3;
/// Gaussian constraints 1/sigma^2 on the coefficients of t, t^2, t^3 (t from -1 to 1 over the window) of ln(b): any
/// slope, but a bend of less than 1 only. exp(quadratic) is a Gaussian, so a free one would swallow every bump.
const CONSTRAINTS: [f64; DEGREE] = [1e-3, 2.0, 4.0];

/// z of an excess of `width` bins (Gaussian sigma) centred on `bin`; 0 where the window is too short to tell.
pub fn sideband_z(counts: &[f64], bin: usize, width: f64) -> f64 {
    let half = ((HALF_WINDOW_PER_WIDTH * width).ceil() as usize).max(LEAST_HALF_WINDOW);
    let (low, high) = (bin.saturating_sub(half), (bin + half + 1).min(counts.len()));
    let n = high.saturating_sub(low);
    if n < 2 * (DEGREE + 2) || bin >= high {
        return 0.0;
    }
    let counts = &counts[low..high];
    let signal: Vec<f64> = (low..high)
        .map(|j| {
            let edge = (j as f64 - bin as f64 - 0.5) / width;
            gaussian_integral(edge, edge + 1.0 / width)
        })
        .collect();
    let basis =
        DMatrix::from_fn(n, DEGREE + 1, |row, power| (2.0 * row as f64 / (n - 1) as f64 - 1.0).powi(power as i32));
    let mean = counts.iter().sum::<f64>() / n as f64;
    let mut start = DVector::zeros(DEGREE + 2);
    start[0] = mean.max(0.05).ln();
    let background = Fit { counts, basis: &basis, signal: &signal, with_signal: false }.maximise(start);
    let with_signal = Fit { counts, basis: &basis, signal: &signal, with_signal: true }.maximise(background.0.clone());
    let gain = (with_signal.1 - background.1).max(0.0);
    (2.0 * gain).sqrt().copysign(with_signal.0[DEGREE + 1])
}

struct Fit<'a> {
    counts: &'a [f64],
    basis: &'a DMatrix<f64>,
    signal: &'a [f64],
    with_signal: bool,
}

impl Fit<'_> {
    /// Parameters (polynomial, signal) and penalised ln L at the maximum, by Fisher scoring with step halving.
    fn maximise(&self, start: DVector<f64>) -> (DVector<f64>, f64) {
        let mut parameters = start;
        let mut height = self.log_likelihood(&parameters).unwrap_or(f64::NEG_INFINITY);
        for _ in 0..60 {
            let Some(step) = self.step(&parameters) else { break };
            let mut scale = 1.0;
            let improved = loop {
                let trial = &parameters + &step * scale;
                match self.log_likelihood(&trial) {
                    Some(value) if value >= height => break Some((trial, value)),
                    _ if scale < 1e-4 => break None,
                    _ => scale *= 0.5,
                }
            };
            let Some((trial, value)) = improved else { break };
            let gain = value - height;
            (parameters, height) = (trial, value);
            if gain < 1e-7 {
                break;
            }
        }
        (parameters, height)
    }

    fn polynomial(&self, parameters: &DVector<f64>) -> DVector<f64> {
        (self.basis * parameters.rows(0, DEGREE + 1)).map(|x| x.clamp(-30.0, 30.0).exp())
    }

    fn log_likelihood(&self, parameters: &DVector<f64>) -> Option<f64> {
        let strength = parameters[DEGREE + 1];
        let mut sum: f64 =
            CONSTRAINTS.iter().enumerate().map(|(i, weight)| -0.5 * weight * parameters[i + 1].powi(2)).sum();
        for ((b, s), n) in self.polynomial(parameters).iter().zip(self.signal).zip(self.counts) {
            let mean = b + strength * s;
            if mean <= 0.0 {
                return None;
            }
            sum += n * mean.ln() - mean;
        }
        sum.is_finite().then_some(sum)
    }

    fn step(&self, parameters: &DVector<f64>) -> Option<DVector<f64>> {
        let free = DEGREE + 1 + usize::from(self.with_signal);
        let background = self.polynomial(parameters);
        let strength = parameters[DEGREE + 1];
        let mut gradient = DVector::zeros(free);
        let mut information = DMatrix::zeros(free, free);
        for row in 0..self.counts.len() {
            let mean = background[row] + strength * self.signal[row];
            let derivative = DVector::from_fn(free, |p, _| {
                if p <= DEGREE { background[row] * self.basis[(row, p)] } else { self.signal[row] }
            });
            gradient += &derivative * (self.counts[row] / mean - 1.0);
            information += &derivative * derivative.transpose() / mean;
        }
        for p in 1..=DEGREE {
            gradient[p] -= CONSTRAINTS[p - 1] * parameters[p];
            information[(p, p)] += CONSTRAINTS[p - 1];
        }
        let step = information.cholesky()?.solve(&gradient);
        let mut all = DVector::zeros(DEGREE + 2);
        all.rows_mut(0, free).copy_from(&step);
        all.iter().all(|x: &f64| x.is_finite()).then_some(all)
    }
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

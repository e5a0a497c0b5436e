//! A Poisson fit of exp(cubic) to counts, with or without a signal on it: the one fit of the house.
//!
//! In: bins with their counts (those of a masked region are left out by whom it is masked for), what holds the parameters
//! back. Out: the parameters with the largest likelihood, by Fisher scoring with step halving: the expected information in
//! place of the second derivatives, so that the matrix is positive definite whatever the counts. The mean of a bin is
//! exp(p0 + p1 x + p2 x^2 + p3 x^3) + p4 s, x from -1 at the first to 1 at the last bin. Users: [`super::sideband`],
//! [`super::log_cubic`], `toys/simulation.rs`.

use nalgebra::{SMatrix, SVector};

/// Parameters of the polynomial; one more is the strength of the signal.
pub const CUBIC: usize = 4;

/// One bin that a fit sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitBin {
    /// Observed events.
    pub count: f64,
    /// Powers 0 to 3 of x.
    pub powers: [f64; CUBIC],
    /// Part of the signal in it; 0 where none is fitted.
    pub signal: f64,
}

/// When a fit is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// ln L rose by less than this in the last step.
    Gained(f64),
    /// ln L was expected to rise by less than this in it.
    Expected(f64),
}

/// How a fit is held back, and how long it goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Gaussian constraints 1/sigma^2 on the parameters of the polynomial; 0 leaves one free.
    pub constraints: [f64; CUBIC],
    /// Added to the information alone: empty bins can be fitted, and the maximum stays where it is.
    pub damping: f64,
    /// The polynomial counts as no larger, and no smaller than minus this.
    pub largest_exponent: f64,
    /// Most steps.
    pub steps: usize,
    /// Most trials of one step, each half as long as the one before.
    pub trials: usize,
    /// When to stop.
    pub stop: Stop,
}

/// Counts and how to fit them.
#[derive(Debug, Clone, Copy)]
pub struct PoissonFit<'a> {
    /// The bins.
    pub bins: &'a [FitBin],
    /// How.
    pub settings: Settings,
}

/// The parameters of a maximum: [`CUBIC`] of them, or one more with a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Maximum<const P: usize> {
    /// Polynomial, then strength of the signal.
    pub parameters: SVector<f64, P>,
    /// ln L without its constant, constraints included.
    pub height: f64,
}

/// Powers 0 to 3 of x, which runs from -1 at the first to 1 at the last of `bins` bins.
pub fn powers(bin: usize, bins: usize) -> [f64; CUBIC] {
    let x = 2.0 * bin as f64 / (bins.max(2) - 1) as f64 - 1.0;
    [1.0, x, x * x, x * x * x]
}

/// The polynomial: the first [`CUBIC`] parameters.
pub fn polynomial<const P: usize>(powers: &[f64; CUBIC], parameters: &SVector<f64, P>) -> f64 {
    powers.iter().zip(parameters.iter()).fold(0.0, |sum, (power, parameter)| sum + power * parameter)
}

impl PoissonFit<'_> {
    /// The maximum that is reached from `start`; without one on the way the best of what was tried.
    pub fn maximise<const P: usize>(&self, start: SVector<f64, P>) -> Maximum<P> {
        let height = self.log_likelihood(&start).unwrap_or(f64::NEG_INFINITY);
        let mut best = Maximum { parameters: start, height };
        for _ in 0..self.settings.steps {
            let (gradient, information) = self.derivatives(&best.parameters);
            let Some(step) = information.cholesky().map(|cholesky| cholesky.solve(&gradient)) else { break };
            if !step.iter().all(|part| part.is_finite()) {
                break;
            }
            let Some(better) = self.halved(&best, &step) else { break };
            let gained = better.height - best.height;
            best = better;
            let done = match self.settings.stop {
                Stop::Gained(least) => gained < least,
                Stop::Expected(least) => 0.5 * gradient.dot(&step) < least,
            };
            if done {
                break;
            }
        }
        best
    }

    /// The first of the step, its half, its quarter ... that does not lower the likelihood.
    fn halved<const P: usize>(&self, from: &Maximum<P>, step: &SVector<f64, P>) -> Option<Maximum<P>> {
        let mut scale = 1.0;
        for _ in 0..self.settings.trials {
            let parameters = from.parameters + step * scale;
            match self.log_likelihood(&parameters) {
                Some(height) if height >= from.height => return Some(Maximum { parameters, height }),
                _ => scale *= 0.5,
            }
        }
        None
    }

    /// Expected background and all of a bin.
    fn means<const P: usize>(&self, bin: &FitBin, parameters: &SVector<f64, P>) -> (f64, f64) {
        let most = self.settings.largest_exponent;
        let background = polynomial(&bin.powers, parameters).clamp(-most, most).exp();
        let strength = parameters.get(CUBIC).copied().unwrap_or(0.0);
        (background, background + strength * bin.signal)
    }

    /// None where a bin would expect nothing or less.
    fn log_likelihood<const P: usize>(&self, parameters: &SVector<f64, P>) -> Option<f64> {
        let constraints = self.settings.constraints.iter().zip(parameters.iter());
        let mut sum: f64 = constraints.map(|(weight, parameter)| -0.5 * weight * parameter.powi(2)).sum();
        for bin in self.bins {
            let (_, mean) = self.means(bin, parameters);
            if mean <= 0.0 {
                return None;
            }
            sum += bin.count * mean.ln() - mean;
        }
        sum.is_finite().then_some(sum)
    }

    /// Gradient of ln L and expected information.
    pub fn derivatives<const P: usize>(&self, parameters: &SVector<f64, P>) -> (SVector<f64, P>, SMatrix<f64, P, P>) {
        let mut gradient = SVector::zeros();
        let mut information = SMatrix::identity() * self.settings.damping;
        for bin in self.bins {
            let (background, mean) = self.means(bin, parameters);
            let of = |p: usize| bin.powers.get(p).map_or(bin.signal, |power| background * power);
            let derivative = SVector::<f64, P>::from_fn(|p, _| of(p));
            gradient += derivative * (bin.count / mean - 1.0);
            information += derivative * derivative.transpose() / mean;
        }
        for (p, weight) in self.settings.constraints.iter().enumerate().take(P) {
            gradient[p] -= weight * parameters[p];
            information[(p, p)] += weight;
        }
        (gradient, information)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Settings = Settings {
        constraints: [0.0; CUBIC],
        damping: 0.0,
        largest_exponent: 60.0,
        steps: 100,
        trials: 20,
        stop: Stop::Gained(1e-12),
    };

    fn falling(signal_events: f64) -> Vec<FitBin> {
        let truth = SVector::from([5.0, -2.0, 0.3, -0.1]);
        (0..50)
            .map(|bin| {
                let powers = powers(bin, 50);
                let signal = (-0.5 * (bin as f64 - 25.0).powi(2) / 4.0).exp() / 5.0;
                let count = polynomial::<CUBIC>(&powers, &truth).exp() + signal_events * signal;
                FitBin { count, powers, signal }
            })
            .collect()
    }

    #[test]
    fn expected_counts_give_back_their_parameters() {
        let bins = falling(80.0);
        let fit = PoissonFit { bins: &bins, settings: FREE };
        let found = fit.maximise(SVector::from([3.0, 0.0, 0.0, 0.0, 0.0])).parameters;
        let truth = SVector::from([5.0, -2.0, 0.3, -0.1, 80.0]);
        assert!((found - truth).abs().max() < 1e-5, "{found}");
        // At the maximum the gradient is nothing; the information is that of the counts: of p0 their sum.
        let background = PoissonFit { bins: &falling(0.0), settings: FREE };
        let best = background.maximise::<CUBIC>(SVector::from([3.0, 0.0, 0.0, 0.0])).parameters;
        let (gradient, information) = background.derivatives(&best);
        let events: f64 = background.bins.iter().map(|bin| bin.count).sum();
        assert!(gradient.abs().max() < 1e-3 && (information[(0, 0)] / events - 1.0).abs() < 1e-6, "{gradient}");
    }

    #[test]
    fn a_constraint_pulls_by_its_weight() {
        // 1/sigma^2 of 10^9 is far more than 7000 events say of a slope.
        let bins = falling(0.0);
        let free = PoissonFit { bins: &bins, settings: FREE }.maximise::<CUBIC>(SVector::zeros());
        let tight = Settings { constraints: [0.0, 1e9, 0.0, 0.0], ..FREE };
        let held = PoissonFit { bins: &bins, settings: tight }.maximise::<CUBIC>(SVector::zeros());
        assert!(
            free.parameters[1] < -1.9 && held.parameters[1].abs() < 1e-4,
            "{} {}",
            free.parameters,
            held.parameters
        );
        assert!(held.height < free.height - 100.0);
    }

    #[test]
    fn a_masked_bump_does_not_pull_the_background() {
        let mut bins = falling(0.0);
        let clean = PoissonFit { bins: &bins, settings: FREE }.maximise::<CUBIC>(SVector::zeros()).parameters;
        bins[25].count += 1e4;
        let side_bands: Vec<FitBin> = bins.iter().enumerate().filter(|(i, _)| *i != 25).map(|(_, bin)| *bin).collect();
        let masked = PoissonFit { bins: &side_bands, settings: FREE }.maximise::<CUBIC>(SVector::zeros()).parameters;
        assert!((masked - clean).abs().max() < 1e-5, "{masked}");
    }
}

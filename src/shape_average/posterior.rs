//! Weighs the shapes of a [`Library`] by the counts of one spectrum (Bayesian model averaging).
//!
//! In: events per bin. Out: [`ShapeAverage`], background in events per bin, strengths as Asimov significances.
//! Model: n_j is normal around A + B u_j + mu s_j with variance b_j; u is one of the shapes, moved along its tangents (functions
//! and dilepton shapes) and by a Gaussian process of relative size epsilon; B has a flat prior; A (functions only) is not
//! negative, density 1 / (A + 10); s is one of the templates (any bin, any width) or absent, its Asimov significance mu uniform
//! from 0 to 10. All but A and mu is integrated out analytically, those two in `strength.rs`, which leaves one weight per
//! (shape, size of deviation, template). Two passes: all shapes with a few templates, long spectra with bins merged in pairs;
//! then the best shapes with all templates, all bins and the variance of the first pass' background.

use ndarray::ArrayView1;
use pulp::Arch;

use super::library::{Basis, Library, N_DEVIATIONS, N_GROUPS, N_KINDS, SELECTED};
use super::round::{Chosen, Round, VECTORS, Whitened, dot};
use super::screening::{LnSignals, ln_signals};
use super::strength::{Constant, SIGNAL_SHARE, integrate};
use crate::significance::z_by_width_into;

/// (Shape, template) pairs whose ln weight is farther behind the best one's are left out.
const NEGLIGIBLE: f32 = 9.0;
/// Weights beyond exp of this times the largest expected one are not told apart.
const LARGEST_EXPONENT: f64 = 50.0;
/// The first pass' background is taken as at least this part of the counts' running mean.
const LEAST_OF_MEAN: f64 = 0.1;
/// Smallest background of the first pass.
const LEAST_FIRST: f64 = 0.1;
/// Smallest background that is given out.
const LEAST_BACKGROUND: f64 = 1e-3;
/// Shapes with less than this weight do not count in the means of fitted z and information.
const LEAST_WEIGHT: f64 = 1e-4;

/// What the shapes say about one spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeAverage {
    /// Expected background per bin.
    pub background: Vec<f64>,
    /// Likelihood-ratio z against that background: `widths x bins`.
    pub z: Vec<f64>,
    /// z with the background's parameters free, mean over the shapes: `widths x bins`.
    pub fitted_z: Vec<f64>,
    /// Part of a template's information that is left when the background's parameters are free, mean over the shapes:
    /// `widths x bins`, in [0, 1].
    pub information: Vec<f64>,
    /// Probability of a signal there: `widths x bins`.
    pub odds: Vec<f64>,
    /// Expected strength of a signal there, as a significance: `widths x bins`.
    pub strength: Vec<f64>,
    /// Probability of no signal at all.
    pub no_signal: f64,
    /// Probability of each [`BackgroundKind`](super::library::BackgroundKind) of shape.
    pub kinds: [f64; N_KINDS],
    /// Probability of more than the smallest deviation.
    pub deviating: f64,
}

impl Library {
    /// The average for a spectrum of this library's number of bins.
    pub fn average(&self, counts: &[f64]) -> ShapeAverage {
        let merged: Vec<f64> = self.merged.iter().map(|bins| counts[bins.clone()].iter().sum()).collect();
        let start = running_mean(&merged);
        let whitened = Whitened::new(&self.coarse, &merged, &start);
        let all: Vec<Chosen> = self
            .coarse
            .groups
            .iter()
            .enumerate()
            .map(|(number, group)| whitened.choose(number, (0..group.kinds.len()).collect()))
            .collect();
        let first = Sum::over(&whitened, &all);
        let best_shapes = first.by_shape.iter().zip(SELECTED).map(|(weights, number)| best(weights, number));
        let background: Vec<f64> =
            first.background(&whitened).iter().zip(&start).map(|(b, mean)| b.max(LEAST_OF_MEAN * mean)).collect();
        let background = self.on_all_bins(&background);
        let whitened = Whitened::new(&self.fine, counts, &background);
        let kept: Vec<Chosen> = best_shapes.enumerate().map(|(group, shapes)| whitened.choose(group, shapes)).collect();
        let second = Sum::over(&whitened, &kept);
        let background: Vec<f64> = second.background(&whitened).into_iter().map(|b| b.max(LEAST_BACKGROUND)).collect();
        let mut z = vec![0.0; whitened.templates];
        z_by_width_into(counts, &background, &self.templates, &mut z);
        second.finish(background, z)
    }

    /// Expectations of merged bins on all bins: between their centres the density is an exponential.
    fn on_all_bins(&self, of_merged: &[f64]) -> Vec<f64> {
        let at: Vec<(f64, f64)> = self
            .merged
            .iter()
            .zip(of_merged)
            .map(|(bins, value)| {
                let size = bins.len() as f64;
                (bins.start as f64 + 0.5 * (size - 1.0), (value / size).max(LEAST_FIRST).ln())
            })
            .collect();
        let mut low = 0;
        (0..self.bins())
            .map(|bin| {
                while low + 2 < at.len() && at[low + 1].0 <= bin as f64 {
                    low += 1;
                }
                let (Some(a), Some(b)) = (at.get(low), at.get(low + 1)) else { return LEAST_FIRST };
                (a.1 + (b.1 - a.1) * (bin as f64 - a.0) / (b.0 - a.0)).exp()
            })
            .collect()
    }
}

/// Weighted sums over (shape, size of deviation, template).
struct Sum {
    /// Whitened.
    background: Vec<f64>,
    fitted_z: Vec<f64>,
    information: Vec<f64>,
    odds: Vec<f64>,
    strength: Vec<f64>,
    no_signal: f64,
    kinds: [f64; N_KINDS],
    deviating: f64,
    total: f64,
    /// Per group: (shape, ln weight).
    by_shape: Vec<Vec<(usize, f64)>>,
}

impl Sum {
    fn new(basis: &Basis, templates: usize) -> Sum {
        Sum {
            background: vec![0.0; basis.bins],
            fitted_z: vec![0.0; templates],
            information: vec![0.0; templates],
            odds: vec![0.0; templates],
            strength: vec![0.0; templates],
            no_signal: 0.0,
            kinds: [0.0; N_KINDS],
            deviating: 0.0,
            total: 0.0,
            by_shape: vec![Vec::new(); N_GROUPS],
        }
    }

    /// Over the chosen shapes of each group, with all sizes of deviation of that group.
    fn over(whitened: &Whitened, chosen: &[Chosen]) -> Sum {
        let rounds: Vec<Round> = chosen
            .iter()
            .zip(&whitened.basis.groups)
            .flat_map(|(chosen, group)| group.deviations.iter().map(move |deviation| (chosen, *deviation)))
            .map(|(chosen, deviation)| whitened.round(chosen, deviation))
            .collect();
        let mut sum = Sum::new(whitened.basis, whitened.templates);
        let reference =
            rounds.iter().flat_map(|r| r.reduced.iter().map(|one| one.ln_weight)).fold(f64::NEG_INFINITY, f64::max);
        if !reference.is_finite() {
            return sum; // No shape has any weight.
        }
        let arch = Arch::new();
        let signals: Vec<LnSignals> = rounds.iter().map(|round| ln_signals(round, reference, arch)).collect();
        let largest = signals
            .iter()
            .flat_map(|s| s.without.iter().map(|(ln, _)| *ln as f32).chain(s.best.iter().copied()))
            .fold(f32::NEG_INFINITY, f32::max);
        for (round, signals) in rounds.iter().zip(&signals) {
            sum.add(whitened, round, signals, reference, largest);
        }
        sum
    }

    fn add(&mut self, whitened: &Whitened, round: &Round, signals: &LnSignals, reference: f64, largest: f32) {
        let (bins, templates, vectors) = (whitened.basis.bins, whitened.templates, round.vectors);
        let mut of_shapes = vec![0.0; bins];
        let mut of_signals = vec![0.0; templates];
        let (mut total, mut of_constant) = (0.0, 0.0);
        let prior = (SIGNAL_SHARE / (1.0 - SIGNAL_SHARE) / templates.max(1) as f64).ln();
        for (slot, one) in round.reduced.iter().enumerate() {
            let (ln_without, shift) = signals.without[slot];
            let ln_without = ln_without - f64::from(largest);
            let ln_weight = ln_without.max(f64::from(signals.best[slot] - largest));
            if ln_weight < f64::from(-NEGLIGIBLE) {
                self.by_shape[round.group].push((round.shapes[slot], ln_weight));
                continue;
            }
            let without = ln_without.exp();
            let behind = one.ln_weight - reference - f64::from(largest) + prior;
            let (mut with, mut of_strength) = (0.0f64, [0.0f64; VECTORS]);
            let per_shift = one.constant.map_or(0.0, |(_, s)| round.constant_unit / (s * s));
            let mut constant = without * shift * per_shift;
            let of_slot = slot * templates..(slot + 1) * templates;
            let (left, product) = (&signals.left[of_slot.clone()], &signals.product[of_slot.clone()]);
            let per_strength = &signals.of_constant[of_slot.clone()];
            for (i, &ln_pair) in signals.pairs[of_slot].iter().enumerate() {
                if ln_pair < largest - NEGLIGIBLE {
                    continue;
                }
                let integrated = integrate(
                    f64::from(left[i]),
                    f64::from(product[i]),
                    one.constant.map(|(mean, deviation)| Constant {
                        mean,
                        deviation,
                        per_strength: f64::from(per_strength[i]),
                    }),
                );
                let weight = integrated.factor * (behind + integrated.exponent).min(LARGEST_EXPONENT).exp();
                let strength = weight * integrated.strength;
                with += weight;
                for (j, sum) in of_strength[..vectors].iter_mut().enumerate() {
                    *sum += strength * f64::from(round.overlap[(slot * vectors + j, i)]);
                }
                constant += weight * integrated.shift * per_shift;
                of_signals[i] += strength;
                self.odds[i] += weight;
            }
            let weight = without + with;
            self.no_signal += without;
            total += weight;
            self.kinds[whitened.basis.groups[round.group].kinds[round.shapes[slot]] as usize] += weight;
            of_constant += constant;
            self.by_shape[round.group].push((round.shapes[slot], weight.ln()));
            // Scores of the vectors, then their coefficients, from the last on.
            let mut coefficients = [0.0f64; VECTORS];
            for j in (0..vectors).rev() {
                let score = one.of_counts[j] * weight - of_strength[j] - constant * one.of_constant[j];
                // Those of later vectors are known, of this one and earlier ones still 0.
                coefficients[j] = (score - dot(&one.coupling[j], &coefficients)) / one.norm[j];
            }
            for (j, coefficient) in coefficients[..vectors].iter().enumerate() {
                let vector = &round.whitened[(slot * vectors + j) * bins..][..bins];
                of_shapes.iter_mut().zip(vector).for_each(|(sum, u)| *sum += coefficient * u);
            }
            if weight > LEAST_WEIGHT {
                let weight = weight as f32;
                for ((z, information), (&left, &t)) in
                    self.fitted_z.iter_mut().zip(&mut self.information).zip(left.iter().zip(product))
                {
                    *z += f64::from(weight * t / left.sqrt());
                    *information += f64::from(weight * left);
                }
            }
        }
        // The background is the shapes plus what the free parameters make of the rest: D^T D (n - shapes - signals).
        let mut rest: Vec<f64> = whitened.counts.iter().zip(&of_shapes).map(|(n, u)| total * n - u).collect();
        for ((signal, strength), sum) in whitened.signals.chunks(bins).zip(&of_signals).zip(&mut self.strength) {
            if *strength > 0.0 {
                rest.iter_mut().zip(signal).for_each(|(value, s)| *value -= strength * s);
                *sum += strength;
            }
        }
        let mut free = round.directions.t().dot(&round.directions.dot(&ArrayView1::from(&rest)));
        if round.constant_unit > 0.0 {
            free.scaled_add(of_constant, &round.directions.row(N_DEVIATIONS));
        }
        for ((sum, u), g) in self.background.iter_mut().zip(&of_shapes).zip(free.iter()) {
            *sum += u + g;
        }
        self.total += total;
        if round.wide {
            self.deviating += total;
        }
    }

    /// Mean background per bin; what it was taken for if no shape has any weight.
    fn background(&self, whitened: &Whitened) -> Vec<f64> {
        if self.total <= 0.0 {
            return whitened.background.to_vec();
        }
        self.background.iter().zip(&whitened.root_weight).map(|(b, weight)| b / (weight * self.total)).collect()
    }

    fn finish(self, background: Vec<f64>, z: Vec<f64>) -> ShapeAverage {
        let norm = if self.total > 0.0 { self.total.recip() } else { 0.0 };
        let mean = |sums: Vec<f64>| sums.into_iter().map(|sum| sum * norm).collect();
        ShapeAverage {
            background,
            z,
            fitted_z: mean(self.fitted_z),
            information: mean(self.information),
            odds: mean(self.odds),
            strength: mean(self.strength),
            no_signal: self.no_signal * norm,
            kinds: self.kinds.map(|weight| weight * norm),
            deviating: self.deviating * norm,
        }
    }
}

/// The shapes of largest weight.
fn best(ln_weights: &[(usize, f64)], kept: usize) -> Vec<usize> {
    let mut sorted = ln_weights.to_vec();
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut shapes: Vec<usize> = sorted.iter().take(kept).map(|(shape, _)| *shape).collect();
    shapes.sort_unstable();
    shapes
}

/// Mean of five bins plus one: a first idea of the variance.
fn running_mean(counts: &[f64]) -> Vec<f64> {
    (0..counts.len())
        .map(|i| {
            let (low, high) = (i.saturating_sub(2), (i + 3).min(counts.len()));
            counts[low..high].iter().sum::<f64>() / (high - low) as f64 + 1.0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::rng_for;
    use crate::shape_average::library::{BackgroundKind, KnownShapes};
    use crate::toys::spectra::{Recipe, example};

    const WIDTHS: [f64; 4] = [1.0, 2.0, 3.0, 4.0];

    #[test]
    fn background_and_zmax_are_near_the_truth() {
        let library = Library::new(60, &WIDTHS, KnownShapes::All);
        let recipe = Recipe::reference(&WIDTHS);
        let mut differences: Vec<f64> = (0..200)
            .map(|i| {
                let example = example(60, &recipe, &mut rng_for(3, &format!("average {i}")));
                let average = library.average(&example.counts);
                average.z.iter().copied().fold(f64::NEG_INFINITY, f64::max) - example.zmax()
            })
            .collect();
        differences.sort_by(f64::total_cmp);
        // The family fit has 0.90 there; 200 spectra give half of the central 68 % within about 10 %.
        let half = 0.5 * (differences[168] - differences[31]);
        assert!(half < 1.05, "half of the central 68 %: {half}");
        assert!(differences[100].abs() < 0.4, "median {}", differences[100]);
    }

    #[test]
    fn a_strong_signal_is_seen_where_it_is() {
        let library = Library::new(50, &WIDTHS, KnownShapes::All);
        let counts: Vec<f64> = (0..50)
            .map(|i| {
                let t = f64::from(i) / 50.0;
                (3000.0 * (-4.0 * t).exp() + 400.0 * (-0.5 * ((f64::from(i) - 24.0) / 2.0).powi(2)).exp()).round()
            })
            .collect();
        let average = library.average(&counts);
        let likeliest = (0..50)
            .max_by(|a, b| {
                let odds = |bin: usize| (0..4).map(|width| average.odds[width * 50 + bin]).sum::<f64>();
                odds(*a).total_cmp(&odds(*b))
            })
            .unwrap_or(0);
        assert!((23..=25).contains(&likeliest), "{likeliest}");
        assert!(average.no_signal < 1e-4);
        let expected = 3000.0 * (-4.0f64 * 24.0 / 50.0).exp();
        assert!((average.background[24] / expected - 1.0).abs() < 0.1, "{} / {expected}", average.background[24]);
    }

    #[test]
    fn kinds_of_background_are_told_apart() {
        let library = Library::new(60, &WIDTHS, KnownShapes::All);
        let none = Recipe { functions: 0.0, ..Recipe::reference(&WIDTHS) };
        let recipes = [
            (BackgroundKind::Function, Recipe { functions: 1.0, ..none.clone() }),
            (BackgroundKind::Dilepton, Recipe { dilepton: 1.0, ..none.clone() }),
            (BackgroundKind::Simulation, Recipe { simulation: 1.0, ..none }),
        ];
        for (kind, recipe) in recipes {
            let right = (0..40)
                .filter(|i| {
                    let average = library.average(&example(60, &recipe, &mut rng_for(4, &format!("kind {i}"))).counts);
                    assert!((average.kinds.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                    average.kinds.iter().all(|share| *share <= average.kinds[kind as usize])
                })
                .count();
            assert!(right >= 24, "{kind:?}: {right} of 40");
        }
    }

    #[test]
    fn whoever_knows_functions_alone_takes_all_for_functions() {
        let library = Library::new(60, &WIDTHS, KnownShapes::Functions);
        let recipe = Recipe { functions: 0.0, dilepton: 1.0, ..Recipe::reference(&WIDTHS) };
        for recipe in [recipe, Recipe::reference(&WIDTHS)] {
            let average = library.average(&example(60, &recipe, &mut rng_for(5, "one")).counts);
            assert_eq!(average.kinds.map(|share| (share * 1e9).round() / 1e9), [1.0, 0.0, 0.0, 0.0, 0.0]);
        }
    }

    #[test]
    fn counts_that_rise_by_chance_are_those_of_a_steep_function_under_a_constant() {
        let library = Library::new(60, &WIDTHS, KnownShapes::Functions);
        // No function rises: the scale of each is fitted below zero.
        let counts: Vec<f64> = (0..60).map(|i| 95.0 + f64::from(i) / 6.0 + f64::from(i % 7)).collect();
        let average = library.average(&counts);
        assert!((average.kinds[0] - 1.0).abs() < 1e-9, "{average:?}");
        assert!(average.no_signal > 0.3, "{}", average.no_signal);
        assert!(average.background.iter().all(|b| (90.0..115.0).contains(b)), "{:?}", average.background);
    }

    #[test]
    fn merged_bins_hold_what_their_bins_hold_and_go_back_to_them() {
        for bins in [30, 60, 61] {
            let library = Library::new(bins, &WIDTHS, KnownShapes::All);
            assert_eq!(library.merged.iter().map(|bins| bins.len()).sum::<usize>(), bins);
            // An exponential is the same on all bins, whatever was merged.
            let expected: Vec<f64> = (0..bins).map(|i| 1e4 * (-0.08 * i as f64).exp()).collect();
            let merged: Vec<f64> = library.merged.iter().map(|bins| expected[bins.clone()].iter().sum()).collect();
            for (bin, (back, truth)) in library.on_all_bins(&merged).iter().zip(&expected).enumerate() {
                assert!((back / truth - 1.0).abs() < 0.02, "bin {bin} of {bins}: {back} instead of {truth}");
            }
        }
    }

    #[test]
    fn odd_spectra_give_finite_answers() {
        for bins in [8, 9, 33, 130] {
            let library = Library::new(bins, &WIDTHS, KnownShapes::All);
            let ramp: Vec<f64> = (0..bins).map(|i| i as f64 * 1e5).collect();
            let mut single = vec![0.0; bins];
            single[bins / 2] = 1e6;
            for counts in [vec![0.0; bins], vec![1.0; bins], vec![1e9; bins], ramp, single] {
                let average = library.average(&counts);
                let all = [&average.background, &average.z, &average.fitted_z, &average.information, &average.odds];
                assert!(all.iter().all(|list| list.iter().all(|v| v.is_finite())), "{bins} bins: {average:?}");
                assert!(average.background.iter().all(|b| *b > 0.0));
            }
        }
    }
}

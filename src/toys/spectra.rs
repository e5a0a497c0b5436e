//! Labelled spectra: counts as in data, the true background, and the target z per bin.
//!
//! In: a number of bins, a recipe and a random generator. Out: an [`Example`] of exactly so many bins (a batch needs
//! spectra of one length). physics.md section 7: functions between 10 and 100 000 entries per bin as in the
//! thesis, sparse tails down to 1e-3, dilepton shapes, and spectra that went through [`trim`] as data do.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::injection::Signal;
use super::simulation::{self, Half};
use super::{shapes, throw};
use crate::binning::trim::{TrimOptions, trim};
use crate::significance::{SIGNAL_WIDTHS, TemplateCache, z_by_width_into};

/// What a training or test sample is made of (physics.md section 7.8). Shares need not add up to one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Functions of the reference distribution: `y_min`..`y_max` per bin, untrimmed.
    pub functions: f64,
    /// Functions with 0.1 to 1 000 000 entries per bin, untrimmed.
    #[serde(default)]
    pub wide_functions: f64,
    /// Functions, logarithmic functions and cubics that fall into a sparse tail, untrimmed.
    pub sparse: f64,
    /// As `sparse`, generated beyond both ends and trimmed as data are.
    pub trimmed: f64,
    /// Dilepton shapes.
    pub dilepton: f64,
    /// As `trimmed`, with Jacobian edges: transverse masses.
    #[serde(default)]
    pub jacobian: f64,
    /// As `trimmed`, each with a second process that sets in later.
    #[serde(default)]
    pub shoulders: f64,
    /// As `trimmed`, each with a step up or down, as a window or a threshold of another object makes.
    #[serde(default)]
    pub steps: f64,
    /// Fitted spectra of simulated events, untrimmed.
    #[serde(default)]
    pub simulation: f64,
    /// Which of them.
    #[serde(default)]
    pub simulation_half: Half,
    /// Smallest expectation per bin of `functions`.
    pub y_min: f64,
    /// Largest expectation per bin of `functions`.
    pub y_max: f64,
    /// Part of the spectra with a signal.
    pub signal_share: f64,
    /// Asimov significance of a signal: uniform from 0 to this.
    pub signal_z_max: f64,
    /// Signal widths in bins, drawn with equal probability.
    pub signal_widths: Vec<f64>,
    /// Widths of the target.
    pub target_widths: Vec<f64>,
    /// Part of the spectra with a signal that get a second one.
    pub second_signal_share: f64,
}

impl Recipe {
    /// The reference distribution: physics.md section 7.1, with the signals of section 9.1.
    pub fn reference(widths: &[f64]) -> Recipe {
        Recipe {
            functions: 1.0,
            wide_functions: 0.0,
            sparse: 0.0,
            trimmed: 0.0,
            dilepton: 0.0,
            jacobian: 0.0,
            shoulders: 0.0,
            steps: 0.0,
            simulation: 0.0,
            simulation_half: Half::Seen,
            y_min: 10.0,
            y_max: 1e5,
            signal_share: 0.7,
            signal_z_max: 10.0,
            signal_widths: widths.to_vec(),
            target_widths: widths.to_vec(),
            second_signal_share: 0.0,
        }
    }

    /// Background-only spectra of invariant masses of every kind: what their calibration is made from. Dilepton shapes twice: the
    /// few trimmed spectra that look like them have larger z and would set the tail of their class.
    pub fn null() -> Recipe {
        Recipe {
            functions: 1.0,
            simulation: 1.0,
            dilepton: 2.0,
            trimmed: 1.0,
            sparse: 0.5,
            signal_share: 0.0,
            ..Recipe::reference(&SIGNAL_WIDTHS)
        }
    }

    /// Without the kinds of background that are not in another recipe; functions stay.
    pub fn of_kinds_in(self, other: &Recipe) -> Recipe {
        let kept = |share: f64, of_other: f64| if of_other > 0.0 { share } else { 0.0 };
        Recipe {
            sparse: kept(self.sparse, other.sparse),
            trimmed: kept(self.trimmed, other.trimmed),
            dilepton: kept(self.dilepton, other.dilepton),
            simulation: kept(self.simulation, other.simulation),
            ..self
        }
    }

    /// The same for transverse masses: a part has one or two Jacobian edges, which most lose among several objects.
    pub fn null_transverse() -> Recipe {
        Recipe {
            functions: 0.0,
            simulation: 0.0,
            dilepton: 0.0,
            sparse: 0.0,
            trimmed: 0.7,
            jacobian: 0.3,
            ..Recipe::null()
        }
    }
}

/// What a background is made of; one share of a [`Recipe`] each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Function,
    WideFunction,
    Sparse,
    Trimmed(Structure),
    Simulation,
    Dilepton,
}

impl Recipe {
    /// The share of each shape, in the order in which one is picked.
    fn shares(&self) -> [(Shape, f64); 9] {
        [
            (Shape::Function, self.functions),
            (Shape::WideFunction, self.wide_functions),
            (Shape::Sparse, self.sparse),
            (Shape::Trimmed(Structure::Common), self.trimmed),
            (Shape::Trimmed(Structure::Edge), self.jacobian),
            (Shape::Trimmed(Structure::Shoulder), self.shoulders),
            (Shape::Trimmed(Structure::Step), self.steps),
            (Shape::Simulation, self.simulation),
            (Shape::Dilepton, self.dilepton),
        ]
    }

    /// A random signal in a range of bins.
    fn signal_in(&self, bins: std::ops::Range<usize>, rng: &mut impl Rng) -> Signal {
        Signal::draw(bins, &self.signal_widths, self.signal_z_max, rng)
    }

    /// A shape with the chance that its share gives it; dilepton if there are none.
    fn pick(&self, rng: &mut impl Rng) -> Shape {
        let shares = self.shares();
        let total: f64 = shares.iter().map(|(_, share)| share).sum();
        let mut left = rng.random_range(0.0..total.max(f64::MIN_POSITIVE));
        for (shape, share) in shares {
            if left < share {
                return shape;
            }
            left -= share;
        }
        Shape::Dilepton
    }
}

/// Counts that were thrown from a known expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Thrown {
    /// Events per bin.
    pub counts: Vec<f64>,
    /// Expected background per bin.
    pub background: Vec<f64>,
    /// A signal was put in.
    pub has_signal: bool,
}

/// One labelled spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Events per bin.
    pub counts: Vec<f64>,
    /// Expected background per bin.
    pub background: Vec<f64>,
    /// Target: signed z per bin over the true background, the largest over the target widths.
    pub z: Vec<f64>,
    /// The same for each target width (widths x bins, row-major).
    pub z_by_width: Vec<f64>,
    /// A signal was put in.
    pub has_signal: bool,
}

impl Example {
    /// Largest target.
    pub fn zmax(&self) -> f64 {
        self.z.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// One example with `bins` bins.
pub fn example(bins: usize, recipe: &Recipe, rng: &mut impl Rng) -> Example {
    let Thrown { counts, background, has_signal } = draw(bins, recipe, rng);
    let mut z_by_width = vec![0.0; bins * recipe.target_widths.len()];
    z_by_width_into(&counts, &background, &templates(&recipe.target_widths).of(bins), &mut z_by_width);
    let mut z = vec![f64::NEG_INFINITY; bins];
    for row in z_by_width.chunks(bins) {
        z.iter_mut().zip(row).for_each(|(largest, value)| *largest = largest.max(*value));
    }
    Example { counts, background, z, z_by_width, has_signal }
}

/// Counts and true background without the target (cheaper: what calibration needs).
pub fn draw(bins: usize, recipe: &Recipe, rng: &mut impl Rng) -> Thrown {
    let background = match recipe.pick(rng) {
        Shape::Function => shapes::function(bins, shapes::draw_range(recipe.y_min, recipe.y_max, rng), rng),
        Shape::WideFunction => shapes::function(bins, shapes::draw_range(WIDE[0], WIDE[1], rng), rng),
        Shape::Sparse => sparse_shape(bins, rng),
        Shape::Trimmed(structure) => return trimmed(bins, recipe, structure, rng),
        Shape::Simulation => {
            let draw = if rng.random_bool(TWO_PROCESSES) { simulation::draw_two } else { simulation::draw };
            draw(bins, recipe.simulation_half, rng).unwrap_or_else(|| dilepton(bins, rng))
        }
        Shape::Dilepton => dilepton(bins, rng),
    };
    fluctuate(background, recipe, rng)
}

/// A dilepton spectrum with 10 to 100 000 events in its first bin.
fn dilepton(bins: usize, rng: &mut impl Rng) -> Vec<f64> {
    let y1 = rng.random_range(10.0f64.ln()..1e5f64.ln()).exp();
    shapes::dilepton(bins, y1, rng)
}

/// A shape that falls from a well-filled start, often into a sparse tail.
pub fn sparse_shape(bins: usize, rng: &mut impl Rng) -> Vec<f64> {
    let y1 = rng.random_range(3.0f64.ln()..1e6f64.ln()).exp();
    let y2 = rng.random_range(1e-3f64.ln()..(0.9 * y1).ln()).exp();
    match rng.random_range(0..5) {
        0 => shapes::function(bins, (y1, y2), rng),
        1 => shapes::log_function(bins, (y1, y2), rng),
        2 => shapes::cubic(bins, (y1, y2), rng),
        3 => {
            let share = rng.random_range(0.0..1.0);
            let first = shapes::log_function(bins, (y1, y2), rng);
            let second = shapes::function(bins, (y1, y2), rng);
            shapes::mixture(&first, &second, share)
        }
        _ => {
            let share = rng.random_range(0.0f64..1.0).powi(3);
            let first = shapes::cubic(bins, (y1, y2), rng);
            let second = shapes::cubic(bins, shapes::draw_range(y2.min(y1 * 0.5), y1, rng), rng);
            shapes::mixture(&first, &second, share)
        }
    }
}

/// Adds a signal to some, then Poisson fluctuations.
fn fluctuate(background: Vec<f64>, recipe: &Recipe, rng: &mut impl Rng) -> Thrown {
    let mut expected = background.clone();
    let has_signal = rng.random_bool(recipe.signal_share);
    if has_signal {
        recipe.signal_in(0..background.len(), rng).add_to(&mut expected, &background);
        if rng.random_bool(recipe.second_signal_share) {
            recipe.signal_in(0..background.len(), rng).add_to(&mut expected, &background);
        }
    }
    Thrown { counts: throw(&expected, rng), background, has_signal }
}

/// What trimmed spectra have besides their fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Structure {
    /// A second process in a part of them, as in data.
    Common,
    /// A second process in all of them.
    Shoulder,
    /// As [`Structure::Common`], and Jacobian edges.
    Edge,
    /// As [`Structure::Common`], and a step.
    Step,
}

/// A spectrum generated beyond both ends, fluctuated, then cut by the program's own trimming to exactly `bins` bins.
fn trimmed(bins: usize, recipe: &Recipe, structure: Structure, rng: &mut impl Rng) -> Thrown {
    // Spectra shorter than a campaign scans are asked for too.
    let usual = TrimOptions::default();
    let options = TrimOptions { min_bins: usual.min_bins.min(bins), ..usual };
    for _ in 0..400 {
        let rise = rng.random_range(0..16usize);
        let length = rise + bins + rng.random_range(1..12usize);
        let y1 = rng.random_range(8.0f64.ln()..1e6f64.ln()).exp();
        // The tail is made to run out of events about where the spectrum is to end.
        let y_end = rng.random_range(0.02f64.ln()..2.0f64.ln()).exp().min(0.5 * y1);
        let mut background = turned_on(length, rise, (y1, y_end), rng);
        if structure == Structure::Shoulder || rng.random_bool(SHOULDER_SHARE) {
            add_shoulder(&mut background, rise, bins, rng);
        }
        match structure {
            Structure::Edge => add_edges(&mut background, rise, rng),
            Structure::Step => add_step(&mut background, rise, bins, rng),
            Structure::Common | Structure::Shoulder => {}
        }
        // Beyond the end the same fall goes on.
        let slope = (background[length - 1] / background[length - 2]).min(0.98);
        for _ in 0..10 {
            let last = background.last().copied().unwrap_or(LEAST_EXPECTATION);
            background.push((last * slope).max(LEAST_EXPECTATION));
        }
        let mut expected = background.clone();
        let has_signal = rng.random_bool(recipe.signal_share);
        if has_signal {
            let end = (rise + bins).min(background.len());
            recipe.signal_in(rise..end, rng).add_to(&mut expected, &background);
        }
        // A few throws of the same shape: the cut end moves by a few bins from throw to throw.
        for _ in 0..6 {
            let counts = throw(&expected, rng);
            if let Ok(range) = trim(&counts, 0, &options)
                && range.len() == bins
            {
                let (counts, background) = (counts[range.clone()].to_vec(), background[range].to_vec());
                return Thrown { counts, background, has_signal };
            }
        }
    }
    // So unlikely that it does not bias anything: a plain sparse spectrum instead.
    fluctuate(sparse_shape(bins, rng), recipe, rng)
}

/// Adds a second process that sets in later: a shoulder or a broad second hump, as a cut on one object makes in masses of
/// others. It is no signal: it rises within some bins and falls as slowly as the first.
fn add_shoulder(background: &mut [f64], rise: usize, bins: usize, rng: &mut impl Rng) {
    let length = background.len();
    let onset = rise + rng.random_range(2..(bins * 2 / 3).max(3));
    let height = background[onset.min(length - 1)] * rng.random_range(0.03f64.ln()..1.0f64.ln()).exp();
    let end = background[length - 1].min(0.5 * height) * rng.random_range(0.1..1.0);
    for (total, more) in background.iter_mut().zip(turned_on(length, onset, (height, end), rng)) {
        *total += more;
    }
}

/// Multiplies everything from some bin on by a factor between 1/2 and 2, within a few bins: a window on the mass of a candidate, or
/// a threshold on an object that the mass does not hold.
fn add_step(background: &mut [f64], rise: usize, bins: usize, rng: &mut impl Rng) {
    let at = rise as f64 + rng.random_range(3.0..(0.7 * bins as f64).max(4.0));
    let width = rng.random_range(0.3..2.0);
    let ln_factor = rng.random_range(0.15f64..0.7).copysign(if rng.random_bool(0.5) { 1.0 } else { -1.0 });
    for (i, value) in background.iter_mut().enumerate() {
        *value *= (ln_factor / (1.0 + (-(i as f64 - at) / width).exp())).exp();
    }
}

/// Adds the Jacobian edge that a transverse mass starts with (a W's at its mass, say), and at times a smaller one above
/// it: decays of heavier particles on the same continuum.
fn add_edges(background: &mut [f64], rise: usize, rng: &mut impl Rng) {
    // One bin is one resolution: 3 to 15 % of the mass.
    let bin_width = rng.random_range(0.03f64.ln()..0.15f64.ln()).exp();
    let bins = background.len();
    let last = bins.saturating_sub(1);
    let main = rng.random_range(0.3f64.ln()..30.0f64.ln()).exp() * background[rise.min(last)];
    let at = rise as f64 + rng.random_range(-1.0..3.0);
    add(background, main, &shapes::jacobian(bins, at, bin_width, rng));
    if rng.random_bool(SECOND_EDGE_SHARE) {
        let at = (rise + rng.random_range(3..bins.saturating_sub(rise).max(8) / 2 + 1)).min(last);
        let height = background[at] * rng.random_range(0.03f64.ln()..1.0f64.ln()).exp();
        add(background, height, &shapes::jacobian(bins, at as f64, bin_width, rng));
    }
}

/// Adds `height` times a shape.
fn add(background: &mut [f64], height: f64, shape: &[f64]) {
    for (total, more) in background.iter_mut().zip(shape) {
        *total += height * more;
    }
}

/// Range of entries per bin of wide functions.
const WIDE: [f64; 2] = [0.1, 1e6];
/// Part of the simulated spectra that are the sum of two.
const TWO_PROCESSES: f64 = 0.3;
/// Part of the transverse masses that have a second edge.
const SECOND_EDGE_SHARE: f64 = 0.3;
/// Part of the trimmed spectra that have a second process.
const SHOULDER_SHARE: f64 = 0.4;
/// Smallest expectation per bin of trimmed spectra.
const LEAST_EXPECTATION: f64 = 1e-6;

/// The expectation of a trimmed spectrum: from the highest bin behind a turn-on into the tail, some with a second process.
pub fn turned_on_shape(bins: usize, rng: &mut impl Rng) -> Vec<f64> {
    let y1 = rng.random_range(8.0f64.ln()..1e6f64.ln()).exp();
    let y_end = rng.random_range(0.02f64.ln()..2.0f64.ln()).exp().min(0.5 * y1);
    let rise = rng.random_range(0..6usize);
    let mut shape = turned_on(rise + bins, rise, (y1, y_end), rng);
    if rng.random_bool(SHOULDER_SHARE) {
        add_shoulder(&mut shape, rise, bins, rng);
    }
    shape.split_off(rise)
}

/// A falling shape from `y1` at bin `onset` to `y2` at the last of `length` bins, behind a smooth turn-on.
fn turned_on(length: usize, onset: usize, (y1, y2): (f64, f64), rng: &mut impl Rng) -> Vec<f64> {
    let falling = length.saturating_sub(onset).max(2);
    let tail = match rng.random_range(0..4) {
        0 => shapes::log_function(falling, (y1, y2), rng),
        1 | 2 => shapes::cubic(falling, (y1, y2), rng),
        _ => {
            let share = rng.random_range(0.0..1.0);
            let first = shapes::log_function(falling, (y1, y2), rng);
            let second = shapes::cubic(falling, (y1, y2), rng);
            shapes::mixture(&first, &second, share)
        }
    };
    let sharpness = rng.random_range(0.5..4.0);
    (0..length)
        .map(|i| {
            let value = if i < onset { y1 } else { tail[(i - onset).min(falling - 1)] };
            let distance = i as f64 - onset as f64;
            (value / (1.0 + (-(distance + 1.5) / sharpness).exp())).max(LEAST_EXPECTATION)
        })
        .collect()
}

/// Widths in bins, and templates with them.
type OfWidths = (Vec<f64>, Arc<TemplateCache>);

/// One cache per set of widths: there are few.
static TEMPLATES: LazyLock<RwLock<Vec<OfWidths>>> = LazyLock::new(RwLock::default);

/// Templates of equal bins: they cost more than a spectrum's significance.
fn templates(widths: &[f64]) -> Arc<TemplateCache> {
    let find = |caches: &[(Vec<f64>, Arc<TemplateCache>)]| {
        caches.iter().find(|(of, _)| of == widths).map(|(_, cache)| Arc::clone(cache))
    };
    if let Some(known) = find(&TEMPLATES.read().unwrap_or_else(PoisonError::into_inner)) {
        return known;
    }
    let mut caches = TEMPLATES.write().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have been faster.
    find(&caches).unwrap_or_else(|| {
        let new = Arc::new(TemplateCache::new(widths));
        caches.push((widths.to_vec(), Arc::clone(&new)));
        new
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::rng_for;

    #[test]
    fn same_seed_gives_the_same_example() {
        let recipe = Recipe { sparse: 1.0, trimmed: 1.0, dilepton: 1.0, ..Recipe::reference(&[1.0, 4.0]) };
        for i in 0..20 {
            let name = format!("example {i}");
            let first = example(50, &recipe, &mut rng_for(7, &name));
            assert_eq!(first, example(50, &recipe, &mut rng_for(7, &name)));
            assert_eq!(first.counts.len(), 50);
            assert!(first.z.iter().all(|z| z.is_finite()));
        }
    }

    #[test]
    fn trimmed_spectra_end_with_an_event() {
        // A campaign scans 30 bins or more; trainings ask for shorter ones too.
        for bins in [20, 40] {
            let mut filled = 0;
            for i in 0..100 {
                let recipe = Recipe { trimmed: 1.0, functions: 0.0, signal_share: 0.0, ..Recipe::reference(&[1.0]) };
                let Thrown { counts, background, .. } = draw(bins, &recipe, &mut rng_for(8, &format!("null {i}")));
                assert_eq!((counts.len(), background.len()), (bins, bins));
                filled += usize::from(counts[bins - 1] >= 1.0);
            }
            assert!(filled >= 98, "{filled} of 100 end with an event");
        }
    }

    #[test]
    fn a_step_changes_what_lies_beyond_it_by_one_factor() {
        let mut directions = [0, 0];
        for i in 0..50 {
            let mut background = vec![100.0; 80];
            add_step(&mut background, 4, 60, &mut rng_for(11, &format!("step {i}")));
            let factor = background[79] / 100.0;
            assert!((0.15..=0.7001).contains(&factor.ln().abs()), "{factor}");
            // The first bin lies before all steps, the last beyond them.
            assert!((background[0] / 100.0 - 1.0).abs() < 0.05, "{}", background[0]);
            assert!(background.windows(2).all(|pair| (pair[1] - pair[0]) * (factor - 1.0) >= 0.0));
            directions[usize::from(factor > 1.0)] += 1;
        }
        assert!(directions.iter().all(|n| *n > 10), "{directions:?}");
    }

    /// The largest of four widths in one bin is worth about two trials: ranking/neighbours.rs relies on it.
    #[test]
    fn one_bin_with_mixed_widths_counts_about_twice() {
        let recipe = Recipe { signal_share: 0.0, ..Recipe::reference(&[1.0, 2.0, 3.0, 4.0]) };
        let mut rng = rng_for(10, "null");
        let (mut above, mut n) = (0.0, 0.0);
        for _ in 0..2000 {
            let z = example(60, &recipe, &mut rng).z;
            above += f64::from(u8::from(z[20] > 2.0)) + f64::from(u8::from(z[40] > 2.0));
            n += 2.0;
        }
        // 4000 bins, about 180 above: 7 % statistical error.
        let trials = above / n / crate::significance::poisson::p_of_z(2.0);
        assert!((1.6..2.6).contains(&trials), "{trials}");
    }

    #[test]
    fn background_only_targets_are_centred() {
        let recipe = Recipe { signal_share: 0.0, ..Recipe::reference(&[1.0]) };
        let mut rng = rng_for(9, "null");
        let (mut sum, mut square, mut n) = (0.0, 0.0, 0.0);
        for _ in 0..300 {
            for z in example(60, &recipe, &mut rng).z {
                sum += z;
                square += z * z;
                n += 1.0;
            }
        }
        // Neighbouring bins share a template, so there are fewer than 18 000 independent values.
        assert!((sum / n).abs() < 0.06, "mean {}", sum / n);
        assert!((square / n - 1.0).abs() < 0.08, "variance {}", square / n);
    }

    #[test]
    fn shapes_are_picked_as_often_as_their_share_says() {
        let recipe = Recipe { functions: 1.0, sparse: 0.5, steps: 2.0, dilepton: 0.5, ..Recipe::reference(&[1.0]) };
        let mut rng = rng_for(12, "shares");
        let picked: Vec<Shape> = (0..4000).map(|_| recipe.pick(&mut rng)).collect();
        let part = |shape| picked.iter().filter(|one| **one == shape).count() as f64 / 4000.0;
        // Four standard deviations: 4 sqrt(1/4/4000) = 0.03.
        for (shape, share) in recipe.shares() {
            assert!((part(shape) - share / 4.0).abs() < 0.03, "{shape:?}: {}", part(shape));
        }
        let none = Recipe { functions: 0.0, ..Recipe::reference(&[1.0]) };
        assert_eq!(none.pick(&mut rng), Shape::Dilepton);
    }
}

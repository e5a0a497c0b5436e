//! Shapes of simulated backgrounds: smooth fits to spectra of the program's own books, as a small table.
//!
//! In: the scanned part of a spectrum of simulated events. Out: ln f = a + b x + c x^2 + d x^3 (x from -1 at the first to 1
//! at the last bin), a Poisson likelihood fit, kept if it describes the counts (physics.md section 7.5). The thesis smooths
//! simulation in the same way (sec. 5.2.1) but prints ln a + b x + c x^2 + d x^2; the cubic in ln f is ours. Each shape is
//! of one half: training sees the one, the other tests it (391 of 956 shapes). The halves stand in the table, so that none
//! of its shapes ever changes sides; a group that is new takes the side that its name says ([`crate::seeds`]). The table
//! that training uses is `models/simulated_shapes.csv`.

use nalgebra::Vector4;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::collections::HashMap;
use std::sync::LazyLock;

use thiserror::Error;

use crate::seeds::in_second_half;
use crate::significance::poisson_fit::{CUBIC, FitBin, PoissonFit, Settings, Stop, polynomial, powers};

/// The table that is part of the program.
const TABLE: &str = include_str!("../../models/simulated_shapes.csv");
/// Fits with a smaller chance are not used.
const LEAST_CHANCE: f64 = 0.05;
/// Bins are joined until they expect so many events, for the chance of a fit.
const LEAST_EXPECTED: f64 = 5.0;
/// Spectra with fewer events say too little about a shape.
pub const LEAST_ENTRIES: f64 = 400.0;

/// One fitted spectrum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulatedShape {
    /// Book, category and mass that it comes from.
    pub origin: String,
    /// Scanned bins.
    pub bins: usize,
    /// Events in them.
    pub entries: f64,
    /// Coefficients of x, x^2, x^3 in ln f, x from -1 to 1.
    pub b: f64,
    /// Of x^2.
    pub c: f64,
    /// Of x^3.
    pub d: f64,
    /// Chance of so bad a fit or a worse one.
    pub chance: f64,
    /// Which half it is of.
    pub half: Half,
}

/// A half of the simulated shapes: what a recipe may draw from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Those that training uses.
    #[default]
    Seen,
    /// Those that no network has seen.
    #[serde(alias = "held_out")]
    Unseen,
}

impl Half {
    /// The half of a group ([`group`]): that of the program's table, of other groups what their name says.
    pub fn of_group(group: &str) -> Half {
        HALVES.get(group).copied().unwrap_or_else(|| Half::of_new_group(group))
    }

    fn of_new_group(group: &str) -> Half {
        if in_second_half("simulated shapes", group) { Half::Unseen } else { Half::Seen }
    }
}

/// What the shapes of one half share: mass and objects, all jet multiplicities together, since their shapes are alike.
pub fn group(category: &str, mass: &str) -> String {
    let objects = category.rsplit_once('/').map_or(category, |(objects, _)| objects);
    format!("{objects} {mass}")
}

static SHAPES: LazyLock<[Vec<SimulatedShape>; 2]> = LazyLock::new(|| {
    let shapes = parse(TABLE).expect("the built-in table is read by the unit tests");
    let (seen, unseen) = shapes.into_iter().partition(|shape| shape.half == Half::Seen);
    [seen, unseen]
});

static HALVES: LazyLock<HashMap<String, Half>> =
    LazyLock::new(|| SHAPES.iter().flatten().map(|shape| (shape.group(), shape.half)).collect());

/// The shapes of one half.
pub fn shapes(half: Half) -> &'static [SimulatedShape] {
    match half {
        Half::Seen => &SHAPES[0],
        Half::Unseen => &SHAPES[1],
    }
}

/// Why a table of shapes cannot be used.
#[derive(Debug, Error)]
pub enum ShapesError {
    /// It does not say which shapes training may see.
    #[error(
        "the table of shapes has no column `half`\nhint: write it again with `bumphound shapes`, or add the column: `seen` for what training may use, `unseen` for what tests it"
    )]
    NoHalves,
    /// A row or column is wrong.
    #[error("the table of shapes: {0}\nhint: `bumphound shapes` writes such tables")]
    Table(#[from] csv::Error),
}

/// A table as `bumphound shapes` writes it.
pub fn parse(text: &str) -> Result<Vec<SimulatedShape>, ShapesError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    if !reader.headers()?.iter().any(|name| name == "half") {
        return Err(ShapesError::NoHalves);
    }
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

impl SimulatedShape {
    /// Fits the scanned part of a spectrum of a book. None: too few events, or a fit that does not describe them.
    pub fn fit(book: &str, category: &str, mass: &str, counts: &[f64]) -> Option<SimulatedShape> {
        let entries: f64 = counts.iter().sum();
        if entries < LEAST_ENTRIES || counts.len() < 8 || counts.iter().any(|n| !n.is_finite() || *n < 0.0) {
            return None;
        }
        let (coefficients, expected) = maximise(counts)?;
        let chance = chance_of_fit(counts, &expected)?;
        let [_, b, c, d] = coefficients.into();
        (chance >= LEAST_CHANCE).then(|| SimulatedShape {
            origin: format!("{book} {category} {mass}"),
            bins: counts.len(),
            entries,
            b,
            c,
            d,
            chance,
            half: Half::of_group(&group(category, mass)),
        })
    }

    /// Its [`group`]: category and mass are the last two words of the origin.
    pub fn group(&self) -> String {
        let (before, mass) = self.origin.rsplit_once(' ').unwrap_or(("", &self.origin));
        let category = before.rsplit_once(' ').map_or(before, |(_, category)| category);
        group(category, mass)
    }

    /// The shape on `bins` bins, 1 at its largest.
    pub fn on(&self, bins: usize) -> Vec<f64> {
        let at = |i: usize| {
            let [_, x, ..] = powers(i, bins);
            x * (self.b + x * (self.c + x * self.d))
        };
        let top = (0..bins).map(at).fold(f64::NEG_INFINITY, f64::max);
        (0..bins).map(|i| (at(i) - top).exp()).collect()
    }
}

/// A random shape of one half on `bins` bins: stretched, and at random scale (logarithm of the entries in the highest bin
/// uniform from 3 to 10^6). None if the table is empty.
pub fn draw(bins: usize, half: Half, rng: &mut impl Rng) -> Option<Vec<f64>> {
    let table = shapes(half);
    if table.is_empty() {
        return None;
    }
    let shape = table[rng.random_range(0..table.len())].on(bins);
    let scale = rng.random_range(3f64.ln()..1e6f64.ln()).exp();
    Some(shape.into_iter().map(|f| (f * scale).max(1e-6)).collect())
}

/// The sum of two random shapes of one half: two processes, the second with 3 to 100 % of the first one's highest bin.
pub fn draw_two(bins: usize, half: Half, rng: &mut impl Rng) -> Option<Vec<f64>> {
    let mut sum = draw(bins, half, rng)?;
    let second = draw(bins, half, rng)?;
    let top = |shape: &[f64]| shape.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let ratio = rng.random_range(0.03f64.ln()..0.0).exp() * top(&sum) / top(&second);
    sum.iter_mut().zip(second).for_each(|(first, second)| *first += ratio * second);
    Some(sum)
}

/// A free fit, until nothing is gained.
const SETTINGS: Settings = Settings {
    constraints: [0.0; CUBIC],
    damping: 0.0,
    largest_exponent: 60.0,
    steps: 200,
    trials: 20,
    stop: Stop::Gained(1e-7),
};

/// Parameters of ln f with the largest Poisson likelihood, and what they expect in each bin.
fn maximise(counts: &[f64]) -> Option<(Vector4<f64>, Vec<f64>)> {
    let bin = |(i, &count): (usize, &f64)| FitBin { count, powers: powers(i, counts.len()), signal: 0.0 };
    let bins: Vec<FitBin> = counts.iter().enumerate().map(bin).collect();
    let level = (counts.iter().sum::<f64>() / counts.len() as f64).max(1e-3).ln();
    let start = Vector4::new(level, 0.0, 0.0, 0.0);
    let best = PoissonFit { bins: &bins, settings: SETTINGS }.maximise(start).parameters;
    let most = SETTINGS.largest_exponent;
    let expected = bins.iter().map(|bin| polynomial(&bin.powers, &best).clamp(-most, most).exp()).collect();
    best.iter().all(|c| c.is_finite()).then_some((best, expected))
}

/// Chance of so large a Pearson chi-square, neighbouring bins joined until each expects enough.
fn chance_of_fit(counts: &[f64], expected: &[f64]) -> Option<f64> {
    let (mut chi2, mut groups) = (0.0, 0usize);
    let (mut n, mut mean) = (0.0, 0.0);
    for (count, expectation) in counts.iter().zip(expected) {
        n += count;
        mean += expectation;
        if mean >= LEAST_EXPECTED {
            chi2 += (n - mean) * (n - mean) / mean;
            groups += 1;
            (n, mean) = (0.0, 0.0);
        }
    }
    let freedom = groups.checked_sub(4).filter(|freedom| *freedom > 0)? as f64;
    Some(1.0 - ChiSquared::new(freedom).ok()?.cdf(chi2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use sha2::{Digest, Sha256};

    #[test]
    fn a_cubic_is_recovered_and_a_bump_is_refused() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let truth = |i: usize| {
            let [_, x, ..] = powers(i, 60);
            (5.0 - 2.5 * x - 0.6 * x * x + 0.3 * x * x * x).exp()
        };
        let counts = crate::toys::throw(&(0..60).map(truth).collect::<Vec<f64>>(), &mut rng);
        let shape = SimulatedShape::fit("book", "incl/1mu/2j", "m(mu1,j1)", &counts).expect("a good fit");
        assert!(
            (shape.b + 2.5).abs() < 0.1 && (shape.c + 0.6).abs() < 0.15 && (shape.d - 0.3).abs() < 0.15,
            "{shape:?}"
        );
        let drawn = shape.on(40);
        assert!(drawn.iter().all(|f| *f > 0.0 && *f <= 1.0) && drawn[0] == 1.0);
        let mut bump = counts;
        bump[30] += 400.0;
        assert_eq!(SimulatedShape::fit("", "", "m", &bump), None);
        assert_eq!(SimulatedShape::fit("", "", "m", &[0.0; 60]), None);
    }

    #[test]
    fn the_table_has_two_halves_of_falling_shapes() {
        for half in [Half::Seen, Half::Unseen] {
            let table = shapes(half);
            assert!(table.len() > 100, "{half:?}: {}", table.len());
            for shape in table {
                let f = shape.on(shape.bins);
                assert!(f.iter().all(|v| v.is_finite() && *v >= 0.0) && f[0] > f[f.len() - 1], "{shape:?}");
            }
        }
    }

    /// A shape that changes sides would be tested on what it was learnt from. Digests by Python's hashlib.
    #[test]
    fn the_split_of_the_shapes_is_that_of_the_trained_networks() {
        for (half, groups, rows, digest) in
            [(Half::Seen, 133, 565, "af841fec0560f434"), (Half::Unseen, 123, 391, "87640336bbeaec5c")]
        {
            let mut names: Vec<String> = shapes(half).iter().map(SimulatedShape::group).collect();
            assert_eq!(names.len(), rows, "{half:?}");
            names.sort();
            names.dedup();
            assert_eq!(names.len(), groups, "{half:?}");
            let found: String = Sha256::digest(names.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(found.starts_with(digest), "{half:?}: {found}");
            // Fitted again, each group stays where it is.
            assert!(names.iter().all(|group| Half::of_group(group) == half), "{half:?}");
        }
    }

    /// The halves of new groups, from the first byte of a sha256 by Python's hashlib: no hasher of a dependency is asked.
    #[test]
    fn a_new_group_takes_the_half_that_its_name_says() {
        for (group, half) in [
            ("incl/1e m(e1,j1) new", Half::Unseen),
            ("incl/1mu m(mu1,j1) new", Half::Seen),
            ("met200/1Z m(Z1,j1) new", Half::Seen),
            ("incl/2mu m(mu1,mu2) new", Half::Seen),
            ("met200/none mT(j1,met) new", Half::Seen),
            ("incl/1ph m(ph1,j1) new", Half::Unseen),
        ] {
            assert!(!HALVES.contains_key(group));
            assert_eq!(Half::of_group(group), half, "{group}");
        }
        // 400 names: half of them within four standard deviations of 10.
        let unseen = (0..400).filter(|i| Half::of_new_group(&format!("incl/1mu m(mu1,j{i})")) == Half::Unseen).count();
        assert!((160..=240).contains(&unseen), "{unseen}");
    }

    #[test]
    fn a_table_that_does_not_say_its_halves_is_refused_with_a_hint() {
        let old =
            "origin,bins,entries,b,c,d,chance,held_out\nttbar incl/none/Xj m(j1),70,4363,-4.9,0.4,1.3,0.1,false\n";
        let error = parse(old).expect_err("no halves").to_string();
        assert!(error.contains("`half`") && error.contains("bumphound shapes"), "{error}");
        let wrong = old.replace("held_out", "half");
        assert!(parse(&wrong).expect_err("false is no half").to_string().contains("false"));
        assert_eq!(parse(&wrong.replace("false", "unseen")).expect("a table")[0].half, Half::Unseen);
    }
}

//! How often background alone is as significant: tables from simulated background-only spectra.
//!
//! In: z and the [`Conditions`] in its bin. Out: the chance that a spectrum like this one without signal is as significant
//! anywhere. Compared is z / sqrt(1 + error^2) ([`Conditions::significance`]): z is what would be found over the true background,
//! on average over what the background may be; divided like this it is in units of what background alone makes of it, as in a
//! fit with the background's parameters free. How large it grows by chance still follows from what kind of background it is
//! (what the average over shapes takes it for), from the number of bins and a little from the error. z itself is a score (the
//! largest over four widths), so probabilities come from here alone (physics.md section 12). Beyond the toys the tail of the
//! table is continued as an exponential.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::rounded;

use crate::particles::MassLabel;
use crate::shape_average::library::N_KINDS;

/// Upper edges of the classes in bins.
pub const BINS_EDGES: [usize; 3] = [42, 66, usize::MAX];
/// Upper edges of the classes in the error of z.
pub const ERROR_EDGES: [f64; 3] = [1.0, 1.8, f64::INFINITY];
/// Number of classes.
pub const N_CLASSES: usize = N_KINDS * BINS_EDGES.len() * ERROR_EDGES.len();

/// Lengths of the background-only spectra behind the tables.
pub const TOY_BINS: RangeInclusive<usize> = 30..=110;
/// Mean length of the toys in the last class of bins.
const LONG_TOY: f64 = 88.0;

/// The chance that one of `n` does what each does with chance `p`.
fn of_any(p: f64, n: f64) -> f64 {
    -(n * (-p).ln_1p()).exp_m1()
}

/// What the chance of a z depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// Number of bins of the spectrum.
    pub bins: usize,
    /// Standard deviation of z in the bin.
    pub error: f64,
    /// Number of the likeliest [`BackgroundKind`](crate::shape_average::library::BackgroundKind) of background.
    pub kind: usize,
}

/// What kind of mass a spectrum shows: each kind has its own tables (physics.md section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpectrumKind {
    /// Falls smoothly; a resonance is a Gaussian peak.
    InvariantMass,
    /// Has Jacobian edges also without a resonance, and never a Gaussian peak.
    TransverseMass,
}

impl From<MassLabel> for SpectrumKind {
    fn from(mass: MassLabel) -> Self {
        if mass.is_transverse() { SpectrumKind::TransverseMass } else { SpectrumKind::InvariantMass }
    }
}

/// Tables of one kind of spectrum.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NullTables {
    /// Of the network's z.
    pub network: Calibration,
}

/// Tables of all kinds of spectra.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Calibrations {
    /// Invariant masses.
    pub invariant: NullTables,
    /// Transverse masses.
    pub transverse: NullTables,
}

impl Calibrations {
    /// An error if a table is none that this version can use.
    pub fn check(&self) -> Result<(), String> {
        for (kind, tables) in [("invariant", &self.invariant), ("transverse", &self.transverse)] {
            tables.network.check().map_err(|what| format!("calibrations.{kind}: {what}"))?;
        }
        Ok(())
    }

    /// The tables of a kind.
    pub fn of(&self, kind: SpectrumKind) -> &NullTables {
        match kind {
            SpectrumKind::InvariantMass => &self.invariant,
            SpectrumKind::TransverseMass => &self.transverse,
        }
    }
}

/// Quantiles of the largest significance per class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Calibration {
    /// Probabilities P(largest significance >= value) of the table, falling.
    pub probabilities: Vec<f64>,
    /// One table per class (see [`Conditions::class`]), empty where too few toys fell into it.
    pub classes: Vec<ClassTable>,
}

/// Quantiles of the largest significance of one class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClassTable {
    /// Background-only spectra behind the table.
    pub toys: u64,
    /// The largest significance at each of the probabilities.
    pub largest: Vec<f64>,
}

/// A probability; beyond the reach of the toys its tail is extrapolated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probability {
    /// The value.
    pub p: f64,
    /// True: extrapolated beyond the toys.
    pub extrapolated: bool,
}

impl Conditions {
    /// z in units of what background alone makes of it: an error of 1 comes from the counts, the rest from the background.
    pub fn significance(&self, z: f64) -> f64 {
        z / (1.0 + self.error * self.error).sqrt()
    }

    /// Number of the class; `None` for an empty spectrum.
    pub fn class(&self) -> Option<usize> {
        let of_bins = BINS_EDGES.iter().position(|edge| self.bins < *edge)?;
        let of_error = ERROR_EDGES.iter().position(|edge| self.error < *edge).unwrap_or(ERROR_EDGES.len() - 1);
        let of_kind = self.kind.min(N_KINDS - 1);
        (self.bins > 0).then_some((of_kind * BINS_EDGES.len() + of_bins) * ERROR_EDGES.len() + of_error)
    }
}

impl Calibration {
    /// Probabilities of the stored quantiles.
    pub fn levels() -> Vec<f64> {
        vec![0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.002, 0.001]
    }

    fn check(&self) -> Result<(), String> {
        let falling = |list: &[f64]| list.windows(2).all(|pair| pair[0] > pair[1]);
        if !falling(&self.probabilities) || !self.probabilities.iter().all(|p| *p > 0.0 && *p < 1.0) {
            return Err("probabilities do not fall from 1 to 0".to_string());
        }
        if self.classes.len() != N_CLASSES {
            return Err(format!("{} classes of spectra; this version has {N_CLASSES}", self.classes.len()));
        }
        let wrong = self.classes.iter().position(|table| {
            table.largest.len() > self.probabilities.len()
                || !table.largest.iter().all(|z| z.is_finite())
                || !table.largest.is_sorted()
        });
        wrong.map_or(Ok(()), |class| Err(format!("the table of class {class} does not rise with falling probability")))
    }

    /// Tables from the largest significances of background-only spectra, one list per class.
    pub fn from_toys(mut largest_per_class: Vec<Vec<f64>>) -> Calibration {
        let probabilities = Calibration::levels();
        largest_per_class.resize(N_CLASSES, Vec::new());
        let classes = largest_per_class
            .into_iter()
            .map(|mut values| {
                values.sort_by(f64::total_cmp);
                let toys = values.len();
                // Each quantile needs some toys beyond it to mean anything.
                let largest = if toys < 200 {
                    Vec::new()
                } else {
                    probabilities
                        .iter()
                        .take_while(|&&p| p * toys as f64 >= 5.0)
                        .map(|p| rounded(values[((1.0 - p) * toys as f64) as usize]))
                        .collect()
                };
                ClassTable { toys: toys as u64, largest }
            })
            .collect();
        Calibration { probabilities, classes }
    }

    /// Chance that a background-only spectrum under these conditions is as significant anywhere as `z` is here.
    /// A spectrum that is longer than any toy has the chance of as many spectra of a toy's length as it holds.
    pub fn p_value(&self, z: f64, conditions: Conditions) -> Probability {
        let significance = conditions.significance(z);
        let table = conditions.class().and_then(|class| self.table_near(class)).filter(|_| significance.is_finite());
        let Some(table) = table else { return Probability { p: 1.0, extrapolated: true } };
        let Probability { p, extrapolated } = self.interpolate(significance, table);
        match conditions.bins > *TOY_BINS.end() {
            true => Probability { p: of_any(p, conditions.bins as f64 / LONG_TOY), extrapolated },
            false => Probability { p, extrapolated },
        }
    }

    /// The table of a class, or of the nearest class in kind, error and bins that has one.
    fn table_near(&self, class: usize) -> Option<&ClassTable> {
        let place = |class: usize| {
            let (rest, error) = (class / ERROR_EDGES.len(), class % ERROR_EDGES.len());
            (rest / BINS_EDGES.len(), rest % BINS_EDGES.len(), error)
        };
        let (kind, bins, error) = place(class);
        self.classes
            .iter()
            .enumerate()
            .filter(|(_, table)| table.largest.len() >= 2)
            .min_by_key(|(other, _)| {
                let (k, b, e) = place(*other);
                (5 * usize::from(k != kind) + b.abs_diff(bins) + 2 * e.abs_diff(error), *other)
            })
            .map(|(_, table)| table)
    }

    fn interpolate(&self, significance: f64, table: &ClassTable) -> Probability {
        let points: Vec<(f64, f64)> =
            table.largest.iter().zip(&self.probabilities).map(|(&z, &p)| (z, p.ln())).collect();
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Probability { p: 1.0, extrapolated: true };
        };
        if significance <= first.0 {
            // From the first point to certainty at z = first - 3.
            let p = 1.0 - (1.0 - first.1.exp()) * (1.0 + (significance - first.0) / 3.0).max(0.0);
            return Probability { p, extrapolated: false };
        }
        for pair in points.windows(2) {
            if significance <= pair[1].0 {
                let part = (significance - pair[0].0) / (pair[1].0 - pair[0].0).max(1e-9);
                return Probability { p: (pair[0].1 + part * (pair[1].1 - pair[0].1)).exp(), extrapolated: false };
            }
        }
        // The slope of the last stretch that spans at least half a unit of z: an exponential tail, which falls more
        // slowly than a Gaussian one and so does not overstate a bump.
        let anchor = points.iter().rev().find(|(z, _)| last.0 - z >= 0.5).unwrap_or(first);
        let slope = (last.1 - anchor.1) / (last.0 - anchor.0).max(1e-9);
        Probability { p: (last.1 + slope * (significance - last.0)).exp().min(last.1.exp()), extrapolated: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toys() -> Vec<f64> {
        (0..20_000).map(|i| 1.0 + 0.5 * -(1.0 - (f64::from(i) + 0.5) / 20_000.0).ln()).collect()
    }

    const AT: Conditions = Conditions { bins: 50, error: 0.8, kind: 0 };

    fn of_one_class() -> Calibration {
        let mut per_class = vec![Vec::new(); N_CLASSES];
        per_class[AT.class().expect("not empty")] = toys();
        Calibration::from_toys(per_class)
    }

    #[test]
    fn probabilities_follow_the_toys_and_fall() {
        let calibration = of_one_class();
        // P(significance >= s) = exp(-2 (s - 1)) by construction.
        for z in [1.5, 2.0, 3.0, 4.0, 6.0, 9.0] {
            let p = calibration.p_value(z * (1.0 + AT.error * AT.error).sqrt(), AT);
            let truth = (-2.0 * (z - 1.0f64)).exp();
            assert!((p.p / truth).ln().abs() < 0.25, "{z}: {} instead of {truth}", p.p);
            assert_eq!(p.extrapolated, truth < 0.9e-3);
        }
        let mut last = 1.0;
        for step in 0..100 {
            let p = calibration.p_value(f64::from(step) * 0.1 - 2.0, AT).p;
            assert!(p <= last && (0.0..=1.0).contains(&p));
            last = p;
        }
    }

    #[test]
    fn a_class_without_toys_uses_its_neighbour() {
        let calibration = of_one_class();
        assert!(calibration.p_value(10.0, Conditions { bins: 90, error: 3.0, kind: 4 }).p < 0.1);
        assert_eq!(calibration.p_value(3.0, Conditions { bins: 0, ..AT }).p, 1.0);
    }

    #[test]
    fn spectra_longer_than_all_toys_have_more_trials() {
        let mut per_class = vec![Vec::new(); N_CLASSES];
        let long = Conditions { bins: 100, ..AT };
        per_class[long.class().expect("not empty")] = toys();
        let calibration = Calibration::from_toys(per_class);
        let p = |bins| calibration.p_value(6.0, Conditions { bins, ..long }).p;
        assert_eq!(p(110), p(70));
        assert!((p(880) / p(100) - 10.0).abs() < 0.1, "{} {}", p(880), p(100));
        let certain = calibration.p_value(1.0, Conditions { bins: 100_000, ..long }).p;
        assert!((0.99..=1.0).contains(&certain));
        assert_eq!(calibration.p_value(f64::NAN, long), Probability { p: 1.0, extrapolated: true });
    }

    #[test]
    fn tables_that_cannot_be_are_refused() {
        let network = of_one_class();
        let with = |change: fn(&mut Calibration)| {
            let mut tables = Calibrations {
                invariant: NullTables { network: network.clone() },
                transverse: NullTables { network: network.clone() },
            };
            change(&mut tables.transverse.network);
            tables.check()
        };
        let class = AT.class().expect("not empty");
        assert_eq!(with(|_| ()), Ok(()));
        assert!(class < N_CLASSES);
        for change in [
            (|table: &mut Calibration| table.classes.truncate(7)) as fn(&mut Calibration),
            |table| table.classes.clear(),
            |table| table.probabilities[3] = f64::NAN,
            |table| table.probabilities.reverse(),
            |table| table.probabilities.truncate(2),
            |table| table.classes.iter_mut().for_each(|class| class.largest.reverse()),
            |table| {
                table.classes.iter_mut().for_each(|class| class.largest.iter_mut().for_each(|z| *z = f64::INFINITY))
            },
        ] {
            let error = with(change).expect_err("a broken table");
            assert!(error.starts_with("calibrations.transverse: "), "{error}");
        }
    }

    #[test]
    fn every_condition_has_a_class_of_its_own() {
        let mut classes = Vec::new();
        for kind in 0..N_KINDS {
            for bins in [30, 60, 100] {
                for error in [0.5, 1.2, 5.0] {
                    classes.extend(Conditions { bins, error, kind }.class());
                }
            }
        }
        assert_eq!(classes, (0..N_CLASSES).collect::<Vec<usize>>());
    }
}

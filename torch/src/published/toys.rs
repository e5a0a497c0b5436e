//! Toys thrown from a published background: what network and likelihood ratio do on spectra of this very shape.
//!
//! In: a cropped spectrum with its published background, a predictor, a seed. Out: a [`Toys`]: how often background alone
//! reaches the observed p_spectrum of the network, and the observed Zmax of the likelihood ratio that knows the background, and how
//! far the two Zmax are apart, without and with signals. Toys are trimmed as the spectrum is. Streams are named `validate/NAME/KIND/i`.

use std::ops::Range;

use rand::Rng;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::prepare::{LIMITS, Prepared};
use bumphound::binning::trim::scanned;
use bumphound::progress::{Progress, Silent};
use bumphound::scan::Scanner;
use bumphound::scan::calibration::SpectrumKind;
use bumphound::seeds::rng_for;
use bumphound::significance::{SIGNAL_WIDTHS, Templates, z_mixed_into};
use bumphound::toys;
use bumphound::toys::injection::{FIRST_SIGNAL_BIN, Signal};

/// Signals have an Asimov significance between 0 and this (docs/concepts/network.md).
const STRONGEST: f64 = 10.0;

/// Toys that are kept at a time.
const AT_ONCE: usize = 2000;

/// What toys say about a spectrum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Toys {
    /// Toys without and as many with a signal.
    pub toys: usize,
    /// Chance that background alone gives the network such a p_spectrum: (1 + toys that do) / (1 + toys).
    pub p_network: f64,
    /// Chance of such a Zmax of the likelihood ratio against the published background.
    pub p_known: f64,
    /// Part of the toys without signal whose p_spectrum is below 0.05; 0.05 if p_spectrum is right for this shape.
    pub p_spectrum_below_5_percent: f64,
    /// Zmax of the network minus Zmax of the likelihood ratio, without signal.
    pub null: Difference,
    /// The same with a Gaussian signal of 1 to 4 bins, any place, Asimov significance uniform in 0 to 10.
    pub signal: Difference,
}

impl Toys {
    /// Whether no toy reaches the observed Zmax, so that the chance is below `p`.
    pub fn is_bound(&self, p: f64) -> bool {
        p * (1.0 + self.toys as f64) < 1.5
    }
}

/// Mean and standard deviation of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// How significant a spectrum is.
#[derive(Debug, Clone, Copy)]
pub struct Observed {
    /// p_spectrum by the network.
    pub p_spectrum: f64,
    /// Zmax of the likelihood ratio against the published background.
    pub known: f64,
}

/// Throws `toys` spectra without and as many with a signal from the published background of `spectrum` (cropped, not
/// trimmed). None without such a background, or if nothing is left of too many toys after trimming.
pub fn throw(
    spectrum: &Prepared,
    trimmed: bool,
    observed: Observed,
    predictor: &dyn Scanner,
    (toys, seed, name): (usize, u64, &str),
    progress: &dyn Progress,
) -> Result<Option<Toys>, String> {
    let Some(background) = spectrum.published.as_deref().filter(|_| toys > 0) else { return Ok(None) };
    let mut pairs = Vec::new();
    for kind in ["null", "signal"] {
        let mut zmax = Vec::new();
        for first in (0..toys).step_by(AT_ONCE) {
            let some = first..(first + AT_ONCE).min(toys);
            let thrown: Vec<(Vec<f64>, Range<usize>)> = some
                .clone()
                .into_par_iter()
                .filter_map(|i| {
                    let mut rng = rng_for(seed, &format!("validate/{name}/{kind}/{i}"));
                    let counts = draw(background, kind == "signal", &mut rng);
                    let range = scanned(&counts, trimmed, &LIMITS).ok()?;
                    Some((counts, range))
                })
                .collect();
            zmax.extend(zmax_of(&thrown, &spectrum.edges, background, predictor)?);
            progress.advance(some.len() as u64);
        }
        if 2 * zmax.len() < toys {
            return Ok(None);
        }
        pairs.push(zmax);
    }
    let [null, with_signal] = pairs.as_slice() else { return Ok(None) };
    let part = |hit: &dyn Fn(&Zmax) -> bool| null.iter().filter(|zmax| hit(zmax)).count() as f64;
    let n = null.len() as f64;
    Ok(Some(Toys {
        toys: null.len(),
        p_network: (1.0 + part(&|zmax| zmax.p_spectrum <= observed.p_spectrum)) / (1.0 + n),
        p_known: (1.0 + part(&|zmax| zmax.known >= observed.known)) / (1.0 + n),
        p_spectrum_below_5_percent: part(&|zmax| zmax.p_spectrum < 0.05) / n,
        null: difference(null),
        signal: difference(with_signal),
    }))
}

struct Zmax {
    network: f64,
    known: f64,
    p_spectrum: f64,
}

fn draw(background: &[f64], with_signal: bool, rng: &mut impl Rng) -> Vec<f64> {
    let mut expected = background.to_vec();
    if with_signal && background.len() > FIRST_SIGNAL_BIN {
        Signal::draw(0..background.len(), &SIGNAL_WIDTHS, STRONGEST, rng).add_to(&mut expected, background);
    }
    toys::throw(&expected, rng)
}

fn zmax_of(
    thrown: &[(Vec<f64>, Range<usize>)],
    edges: &[f64],
    background: &[f64],
    predictor: &dyn Scanner,
) -> Result<Vec<Zmax>, String> {
    let views: Vec<&[f64]> = thrown.iter().map(|(counts, range)| &counts[range.clone()]).collect();
    let curves = predictor.curves(&views, &Silent)?;
    // Trimmed toys share few ranges, and templates are the slow part.
    let mut templates: FxHashMap<Range<usize>, Templates> = FxHashMap::default();
    for (_, range) in thrown {
        templates
            .entry(range.clone())
            .or_insert_with(|| Templates::new(&edges[range.start..=range.end], &SIGNAL_WIDTHS));
    }
    let calibration = &predictor.calibrations().of(SpectrumKind::InvariantMass).network;
    Ok(thrown
        .par_iter()
        .zip(views)
        .zip(curves)
        .filter_map(|(((_, range), counts), curve)| {
            let mut z = vec![0.0; counts.len()];
            z_mixed_into(counts, &background[range.clone()], templates.get(range)?, &mut z);
            let (_, network) = curve.zmax()?;
            let (bin, most_significant) = curve.most_significant()?;
            Some(Zmax {
                network,
                known: z.into_iter().fold(f64::NEG_INFINITY, f64::max),
                p_spectrum: calibration.p_value(most_significant, curve.conditions(bin)).p,
            })
        })
        .collect())
}

fn difference(pairs: &[Zmax]) -> Difference {
    let n = pairs.len().max(1) as f64;
    let differences = || pairs.iter().map(|zmax| zmax.network - zmax.known);
    let mean = differences().sum::<f64>() / n;
    Difference { mean, sd: (differences().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bumphound::scan::ZCurve;
    use bumphound::scan::calibration::{Calibration, Calibrations, Conditions, N_CLASSES};

    /// Knows the background and says what the likelihood ratio says, plus a constant.
    struct Knowing(Vec<f64>, Calibrations);

    impl Scanner for Knowing {
        fn curves(&self, spectra: &[&[f64]], _progress: &dyn Progress) -> Result<Vec<ZCurve>, String> {
            let templates = Templates::uniform(self.0.len(), &SIGNAL_WIDTHS);
            let z = |counts: &[f64]| {
                let mut z = vec![0.0; counts.len()];
                z_mixed_into(counts, &self.0, &templates, &mut z);
                z.iter().map(|z| z + 0.25).collect()
            };
            Ok(spectra.iter().map(|counts| ZCurve { z: z(counts), ..ZCurve::default() }).collect())
        }

        fn calibrations(&self) -> &Calibrations {
            &self.1
        }
    }

    /// P(Zmax of background alone >= z) = exp(-2 (z - 1)), as far as tables reach.
    fn calibrations() -> Calibrations {
        let mut toys = vec![Vec::new(); N_CLASSES];
        let class = Conditions { bins: 40, error: 0.0, kind: 0 }.class().expect("not empty");
        toys[class] = (0..10_000).map(|i| 1.0 - 0.5 * (1.0 - (f64::from(i) + 0.5) / 10_000.0).ln()).collect();
        let mut calibrations = Calibrations::default();
        calibrations.invariant.network = Calibration::from_toys(toys);
        calibrations
    }

    fn spectrum() -> Prepared {
        let background: Vec<f64> = (0..40).map(|i| 500.0 * (-0.05 * f64::from(i)).exp()).collect();
        Prepared {
            edges: (0..=40).map(f64::from).collect(),
            counts: background.clone(),
            published: Some(background),
            bins_in_file: 40,
            comments: Vec::new(),
        }
    }

    #[test]
    fn a_predictor_that_knows_the_background_differs_by_its_constant() {
        let spectrum = spectrum();
        let predictor = Knowing(spectrum.counts.clone(), calibrations());
        let observed = Observed { p_spectrum: (-2.0f64 * 4.25).exp(), known: 5.0 };
        let toys = throw(&spectrum, false, observed, &predictor, (300, 1, "x"), &Silent).expect("z").expect("toys");
        for difference in [toys.null, toys.signal] {
            assert!((difference.mean - 0.25).abs() < 1e-9 && difference.sd < 1e-9, "{difference:?}");
        }
        // A true Zmax above 5 in one spectrum of 60 bins: 0.5 in 30 000.
        assert_eq!((toys.p_network, toys.p_known), (1.0 / 301.0, 1.0 / 301.0));
        let usual = Observed { p_spectrum: (-2.0f64 * 1.25).exp(), known: 2.0 };
        let toys = throw(&spectrum, false, usual, &predictor, (300, 1, "x"), &Silent).expect("z").expect("toys");
        assert!((0.2..0.8).contains(&toys.p_known), "{}", toys.p_known);
        // The same toys: the table is a function of Zmax.
        assert!((toys.p_network - toys.p_known).abs() < 0.05, "{} {}", toys.p_network, toys.p_known);
    }

    #[test]
    fn without_a_published_background_there_are_no_toys() {
        let spectrum = Prepared { published: None, ..spectrum() };
        let predictor = Knowing(Vec::new(), Calibrations::default());
        let observed = Observed { p_spectrum: 1.0, known: 1.0 };
        assert_eq!(throw(&spectrum, false, observed, &predictor, (10, 1, "x"), &Silent), Ok(None));
    }
}

//! Test spectra of which everything is known: background, the family it was drawn from, where the signal sits.
//!
//! In: a [`TestSample`] (source of shapes, signals, lengths) and a seed. Out: [`TestSpectrum`]s; number i of a sample
//! is drawn from the stream `evaluate/NAME/i`, so it is the same however many are drawn and by however many threads.
//! The signals are those of physics.md section 9: in 70 % of the spectra, Asimov significance uniform from 0 to 10, any
//! bin from the third on.

use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::family::TestFamily;
use bumphound::seeds::rng_for;
use bumphound::significance::{SIGNAL_WIDTHS, Templates, z_mixed_into};
use bumphound::toys;
use bumphound::toys::injection::Signal;
use bumphound::toys::shapes::{Dilepton, Function, draw_range};
use bumphound::toys::simulation::{self, Half};
use bumphound::toys::spectra::{Recipe, Thrown, draw};

/// Asimov significance of the strongest signals.
const STRONGEST: f64 = 10.0;

/// Where the shapes come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpectrumSource {
    /// Functions of the reference distribution between these expectations per bin.
    Functions {
        /// Smallest.
        y_min: f64,
        /// Largest.
        y_max: f64,
    },
    /// Fitted spectra of simulated events, 3 to 10^6 in the highest bin.
    Simulation(Half),
    /// Dilepton shapes with published parameters, varied; 10 to 100 000 in the first bin.
    Dilepton,
    /// Shapes that fall into a sparse tail.
    Sparse,
    /// The same generated beyond both ends, shoulders in a part of them, trimmed as data are.
    Trimmed,
    /// The same, with a shoulder in all of them.
    Shoulder,
    /// The same, with a step in all of them.
    Step,
    /// The same, with Jacobian edges in a part of them: transverse masses.
    Transverse {
        /// The part.
        edges: f64,
    },
}

impl SpectrumSource {
    /// Functions between 10 and 100 000 per bin.
    pub const REFERENCE: SpectrumSource = SpectrumSource::Functions { y_min: 10.0, y_max: 1e5 };
}

/// Number of bins of the spectra.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinCount {
    /// All the same.
    Fixed(usize),
    /// Any number from 30 to 100.
    Any,
}

/// What a set of test spectra is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSample {
    /// Name of its random streams.
    pub name: String,
    /// Shapes.
    pub source: SpectrumSource,
    /// Lengths.
    pub bins: BinCount,
    /// Part of the spectra with a signal.
    pub signal_share: f64,
    /// Widths of the signals, in bins.
    pub signal_widths: Vec<f64>,
    /// Widths that the target is the largest over.
    pub target_widths: Vec<f64>,
    /// Number of spectra.
    pub spectra: usize,
}

impl TestSample {
    /// The reference distribution of physics.md sections 7.1 and 9.1 with signals of any width.
    pub fn reference(name: &str, bins: usize, spectra: usize) -> TestSample {
        TestSample {
            name: format!("{name}/{bins}"),
            source: SpectrumSource::REFERENCE,
            bins: BinCount::Fixed(bins),
            signal_share: 0.7,
            signal_widths: SIGNAL_WIDTHS.to_vec(),
            target_widths: SIGNAL_WIDTHS.to_vec(),
            spectra,
        }
    }

    /// The same for some signal widths, target included.
    pub fn widths(self, widths: &[f64]) -> TestSample {
        TestSample { signal_widths: widths.to_vec(), target_widths: widths.to_vec(), ..self }
    }

    /// The same without signals.
    pub fn background_only(self) -> TestSample {
        TestSample { name: format!("{}/null", self.name), signal_share: 0.0, ..self }
    }

    /// The spectra.
    pub fn draw(&self, seed: u64) -> Vec<TestSpectrum> {
        (0..self.spectra)
            .into_par_iter()
            .map(|i| self.one(&mut rng_for(seed, &format!("evaluate/{}/{i}", self.name))))
            .collect()
    }

    fn one(&self, rng: &mut impl Rng) -> TestSpectrum {
        let bins = match self.bins {
            BinCount::Fixed(bins) => bins,
            BinCount::Any => rng.random_range(30..=100),
        };
        let fluctuated =
            |(background, family): (Vec<f64>, Option<TestFamily>), rng: &mut _| self.fluctuate(background, family, rng);
        match self.source {
            SpectrumSource::Functions { y_min, y_max } => {
                let (y1, y2) = draw_range(y_min, y_max, rng);
                let function = Function::draw(rng);
                let background = function.unit(bins).into_iter().map(|u| y2 + (y1 - y2) * u).collect();
                fluctuated((background, Some(TestFamily::Function(function))), rng)
            }
            SpectrumSource::Simulation(half) => match simulation::draw(bins, half, rng) {
                Some(background) => fluctuated((background, Some(TestFamily::LogCubic)), rng),
                None => fluctuated((vec![100.0; bins], None), rng),
            },
            SpectrumSource::Dilepton => {
                let y1 = rng.random_range(10.0f64.ln()..1e5f64.ln()).exp();
                let shape = Dilepton::draw(rng);
                let background = shape.on(bins).into_iter().map(|b| b * y1).collect();
                fluctuated((background, Some(TestFamily::Dilepton(shape))), rng)
            }
            SpectrumSource::Sparse
            | SpectrumSource::Trimmed
            | SpectrumSource::Shoulder
            | SpectrumSource::Step
            | SpectrumSource::Transverse { .. } => {
                let Thrown { counts, background, has_signal } = draw(bins, &self.recipe(), rng);
                TestSpectrum { counts, background, family: None, has_signal, signal: None }
            }
        }
    }

    /// The generator's recipe, for sources whose spectra are chosen by what was thrown.
    fn recipe(&self) -> Recipe {
        let none = Recipe {
            functions: 0.0,
            signal_share: self.signal_share,
            signal_widths: self.signal_widths.clone(),
            ..Recipe::reference(&self.target_widths)
        };
        match self.source {
            SpectrumSource::Sparse => Recipe { sparse: 1.0, ..none },
            SpectrumSource::Shoulder => Recipe { shoulders: 1.0, ..none },
            SpectrumSource::Step => Recipe { steps: 1.0, ..none },
            SpectrumSource::Transverse { edges } => Recipe { trimmed: 1.0 - edges, jacobian: edges, ..none },
            _ => Recipe { trimmed: 1.0, ..none },
        }
    }

    fn fluctuate(&self, background: Vec<f64>, family: Option<TestFamily>, rng: &mut impl Rng) -> TestSpectrum {
        let signal = rng
            .random_bool(self.signal_share.clamp(0.0, 1.0))
            .then(|| Signal::draw(0..background.len(), &self.signal_widths, STRONGEST, rng));
        let mut expected = background.clone();
        if let Some(signal) = signal {
            signal.add_to(&mut expected, &background);
        }
        TestSpectrum { counts: toys::throw(&expected, rng), background, family, has_signal: signal.is_some(), signal }
    }
}

/// A spectrum with its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct TestSpectrum {
    /// Events per bin.
    pub counts: Vec<f64>,
    /// Expected background per bin.
    pub background: Vec<f64>,
    /// What it was drawn from; None where there is no family with few parameters.
    pub family: Option<TestFamily>,
    /// A signal was put in.
    pub has_signal: bool,
    /// The signal, where its place is known.
    pub signal: Option<Signal>,
}

impl TestSpectrum {
    /// The target: z per bin over the true background.
    pub fn target(&self, templates: &Templates) -> Vec<f64> {
        let mut z = vec![0.0; self.counts.len()];
        z_mixed_into(&self.counts, &self.background, templates, &mut z);
        z
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_the_same_for_the_same_seed_and_longer_ones_begin_alike() {
        for source in [
            SpectrumSource::REFERENCE,
            SpectrumSource::Simulation(Half::Unseen),
            SpectrumSource::Dilepton,
            SpectrumSource::Sparse,
            SpectrumSource::Trimmed,
            SpectrumSource::Shoulder,
            SpectrumSource::Step,
            SpectrumSource::Transverse { edges: 0.5 },
        ] {
            let sample = TestSample { source, bins: BinCount::Any, ..TestSample::reference("test", 60, 20) };
            let first = sample.draw(3);
            let longer = TestSample { spectra: 30, ..sample.clone() }.draw(3);
            assert_eq!(first, longer[..20]);
            assert_ne!(first, sample.draw(4));
            for spectrum in &first {
                assert!((30..=100).contains(&spectrum.counts.len()) && spectrum.background.iter().all(|b| *b >= 0.0));
            }
            assert!(TestSample { source, ..sample }.background_only().draw(3).iter().all(|s| !s.has_signal));
        }
    }
}

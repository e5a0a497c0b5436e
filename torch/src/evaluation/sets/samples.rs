//! All test spectra of an evaluation, judged: what the figures are made of.
//!
//! In: a predictor, a number of spectra per row, a seed. Out: [`Samples`], one list of [`JudgedSpectrum`] per sample.
//! About 102 times the number per row in all: 1500 per row are 152 000 spectra.

use super::coverage::{Coverage, coverage};
use super::hard_set::{self, STRUCTURES};
use super::rows::{ROW_BINS, row_predictor, row_sample, width_sets};
use crate::evaluation::sample::judge::{JudgedSpectrum, References, judge_sample};
use crate::evaluation::sample::spectra::{BinCount, SpectrumSource, TestSample};
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;
use bumphound::digits::superscript;
use bumphound::significance::SIGNAL_WIDTHS;
use bumphound::toys::simulation::Half;
use bumphound::toys::spectra::Recipe;

/// Bins of the samples that do not vary them.
const TYPICAL_BINS: usize = 60;
/// Numbers of bins of the thesis' figures.
const ALL_BINS: [usize; 8] = [30, 40, 50, 60, 70, 80, 90, 100];
/// Largest expectations per bin of the thesis' dynamic ranges; the smallest is 10.
const DYNAMIC_RANGES: [f64; 3] = [1e3, 1e4, 1e5];

/// One row of physics.md section 9.
#[derive(Debug, Clone)]
pub struct RowSample {
    /// `1`, `3`, `1-4`.
    pub widths: String,
    /// The widths are those of the network's target.
    pub main: bool,
    /// Number of bins.
    pub bins: usize,
    /// The row's spectra: 70 % with a signal.
    pub mixed: Vec<JudgedSpectrum>,
    /// Four times as many without: thresholds and false positives.
    pub null: Vec<JudgedSpectrum>,
}

impl RowSample {
    /// `widths 1-4, 60 bins`.
    pub fn name(&self) -> String {
        format!("widths {}, {} bins", self.widths, self.bins)
    }

    /// All of them.
    pub fn all(&self) -> Vec<JudgedSpectrum> {
        [self.mixed.as_slice(), &self.null].concat()
    }

    /// Those without a signal.
    pub fn background_only(&self) -> Vec<JudgedSpectrum> {
        self.all().into_iter().filter(|one| !one.has_signal).collect()
    }
}

/// Spectra that have something in common.
#[derive(Debug, Clone)]
pub struct SpectrumGroup {
    /// What.
    pub name: String,
    /// Where it lies on the figure's axis.
    pub at: f64,
    /// The spectra.
    pub judged: Vec<JudgedSpectrum>,
}

/// Everything that was judged.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    /// The rows of physics.md section 9.
    pub rows: Vec<RowSample>,
    /// Mixed widths by number of bins.
    pub bins: Vec<SpectrumGroup>,
    /// By largest expectation per bin.
    pub dynamic_range: Vec<SpectrumGroup>,
    /// By signal width, judged by the output for mixed widths.
    pub width_mixed: Vec<SpectrumGroup>,
    /// By signal width, judged by the output for that width; empty where the network has none.
    pub width_own: Vec<SpectrumGroup>,
    /// By decade of expected entries per bin.
    pub entries: Vec<SpectrumGroup>,
    /// By source of the shapes.
    pub sources: Vec<SpectrumGroup>,
    /// Background-only spectra of any length by source.
    pub null: Vec<SpectrumGroup>,
    /// The hard set by structure, half with a signal.
    pub hard: Vec<SpectrumGroup>,
    /// Coverage of the intervals by source; empty if the network has none.
    pub coverage: Vec<(String, [(&'static str, Coverage); 4])>,
    /// Spectra per source behind it.
    pub coverage_spectra: usize,
    /// Spectra in all.
    pub drawn: usize,
}

/// What to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Spectra per row.
    pub spectra: usize,
    /// Seed of all of them.
    pub seed: u64,
    /// Only the rows of physics.md section 9, without their background-only spectra.
    pub rows_only: bool,
}

impl Samples {
    /// Draws and judges all samples; `watch` hears the name of each and how many of how many are done.
    pub fn judge(predictor: &Predictor, extent: Extent, watch: &mut dyn FnMut(&str)) -> Result<Samples, ModelError> {
        let mut samples = Samples::default();
        let mut drawn = 0;
        let mut judge = |predictor: &Predictor, sample: &TestSample, references| {
            watch(&sample.name);
            drawn += sample.spectra;
            judge_sample(predictor, sample, references, extent.seed)
        };
        let n = extent.spectra;
        let references = if extent.rows_only { References::Family } else { References::All };
        let own = predictor.target_widths();
        for (label, widths) in width_sets(predictor) {
            let main = widths == own;
            let predictor = row_predictor(predictor, &widths);
            for bins in ROW_BINS {
                let sample = row_sample(&label, &widths, bins, n);
                let mixed = judge(&predictor, &sample, references)?;
                let null = TestSample { spectra: 4 * n, ..sample.background_only() };
                let null = if extent.rows_only { Vec::new() } else { judge(&predictor, &null, references)? };
                samples.rows.push(RowSample { widths: label.clone(), main, bins, mixed, null });
            }
        }
        if extent.rows_only {
            samples.drawn = drawn;
            return Ok(samples);
        }
        for bins in ALL_BINS {
            let of_row = samples.rows.iter().find(|row| row.main && row.bins == bins);
            let judged = match of_row {
                Some(row) => row.mixed.iter().map(JudgedSpectrum::without_whole_fit).collect(),
                None => judge(predictor, &row_sample("bins", &own, bins, n), References::Fits)?,
            };
            samples.bins.push(SpectrumGroup { name: format!("{bins} bins"), at: bins as f64, judged });
        }
        for y_max in DYNAMIC_RANGES {
            let source = SpectrumSource::Functions { y_min: 10.0, y_max };
            let sample = TestSample {
                source,
                ..TestSample::reference(&format!("dynamic/{y_max}"), TYPICAL_BINS, n).widths(&own)
            };
            let name = format!("10 to 10{}", superscript(&y_max.log10().round().to_string()));
            samples.dynamic_range.push(SpectrumGroup {
                name,
                at: y_max,
                judged: judge(predictor, &sample, References::Fits)?,
            });
        }
        for width in SIGNAL_WIDTHS.into_iter().filter(|_| own.len() > 1) {
            let reference = TestSample::reference(&format!("width/{width}"), TYPICAL_BINS, n);
            let (name, at) = (format!("{width}"), width);
            let sample = TestSample { signal_widths: vec![width], ..reference.clone() };
            let judged = judge(predictor, &sample, References::Fits)?;
            samples.width_mixed.push(SpectrumGroup { name: name.clone(), at, judged });
            if let Some(of_width) = predictor.clone().for_width(width) {
                let judged = judge(&of_width, &reference.widths(&[width]), References::Fits)?;
                samples.width_own.push(SpectrumGroup { name, at, judged });
            }
        }
        for decade in -1..6 {
            let (y_min, y_max) = (10f64.powi(decade), 10f64.powi(decade + 1));
            let source = SpectrumSource::Functions { y_min, y_max };
            let reference = TestSample::reference(&format!("entries/{decade}"), TYPICAL_BINS, n / 2).widths(&own);
            let name = format!("{y_min} to {y_max}");
            let judged = judge(predictor, &TestSample { source, ..reference }, References::Fits)?;
            samples.entries.push(SpectrumGroup { name, at: (y_min * y_max).sqrt(), judged });
        }
        for (i, (name, source)) in SOURCES.into_iter().enumerate() {
            let sample =
                TestSample { source, ..TestSample::reference(&format!("source/{name}"), TYPICAL_BINS, n).widths(&own) };
            let group = SpectrumGroup {
                name: name.to_string(),
                at: i as f64,
                judged: judge(predictor, &sample, References::Fits)?,
            };
            samples.sources.push(group);
        }
        for (i, (name, source)) in NULL_SOURCES.into_iter().enumerate() {
            let reference = TestSample::reference(&format!("p/{name}"), TYPICAL_BINS, 4 * n).background_only();
            let sample = TestSample { source, bins: BinCount::Any, ..reference };
            let judged = judge(predictor, &sample, References::Target)?;
            samples.null.push(SpectrumGroup { name: name.to_string(), at: i as f64, judged });
        }
        for (i, (name, source)) in STRUCTURES.into_iter().enumerate() {
            let judged = judge(predictor, &hard_set::sample(name, source, &own, 2 * n), References::Fits)?;
            samples.hard.push(SpectrumGroup { name: name.to_string(), at: i as f64, judged });
        }
        if !predictor.model().card.intervals.is_empty() {
            samples.coverage_spectra = n;
            for (name, recipe) in coverage_recipes(&own) {
                samples.coverage.push((name.to_string(), coverage(predictor, &recipe, n, extent.seed)?));
                drawn += n;
            }
        }
        samples.drawn = drawn;
        Ok(samples)
    }
}

/// Recipes of the spectra whose intervals are checked.
fn coverage_recipes(widths: &[f64]) -> [(&'static str, Recipe); 4] {
    let functions = Recipe::reference(widths);
    let none = Recipe { functions: 0.0, ..functions.clone() };
    [
        ("functions", functions),
        ("simulation, unseen", Recipe { simulation: 1.0, simulation_half: Half::Unseen, ..none.clone() }),
        ("dilepton", Recipe { dilepton: 1.0, ..none.clone() }),
        ("trimmed, shoulders", Recipe { trimmed: 1.0, ..none }),
    ]
}

const SOURCES: [(&str, SpectrumSource); 7] = [
    ("functions", SpectrumSource::REFERENCE),
    ("simulation, seen", SpectrumSource::Simulation(Half::Seen)),
    ("simulation, unseen", SpectrumSource::Simulation(Half::Unseen)),
    ("dilepton", SpectrumSource::Dilepton),
    ("sparse tails", SpectrumSource::Sparse),
    ("trimmed, shoulders", SpectrumSource::Trimmed),
    ("Jacobian edges", SpectrumSource::Transverse { edges: 1.0 }),
];

const NULL_SOURCES: [(&str, SpectrumSource); 5] = [
    ("functions", SpectrumSource::REFERENCE),
    ("simulation, unseen", SpectrumSource::Simulation(Half::Unseen)),
    ("dilepton", SpectrumSource::Dilepton),
    ("trimmed, shoulders", SpectrumSource::Trimmed),
    ("transverse", SpectrumSource::Transverse { edges: 0.3 }),
];

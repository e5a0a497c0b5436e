//! Zmax of every test spectrum, by the network and by each of the references.
//!
//! In: test spectra with their truth, a predictor. Out: one [`JudgedSpectrum`] per spectrum, in the same order,
//! whatever the number of threads. The references see the same counts as the network; target and family fit also know
//! what was drawn.

use std::ops::{Index, IndexMut};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::family::family_fit_z;
use super::spectra::{TestSample, TestSpectrum};
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;
use bumphound::drawing::chart::{STYLES, Style};
use bumphound::scan::calibration::SpectrumKind;
use bumphound::significance::TemplateCache;
use bumphound::significance::log_cubic::{Range, log_cubic_z};

/// Side bands of the sliding window reach so many bins beyond the mask.
const SLIDING_SIDE_BAND: usize = 12;

/// Who says what Zmax is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The network, which sees the counts alone.
    Network,
    /// The likelihood ratio over the true background.
    Target,
    /// The fit that knows the true family ([`super::family`]).
    FamilyFit,
    /// The side-band fit of a log-cubic over a sliding window ([`bumphound::significance::log_cubic`]).
    SlidingFit,
    /// The same over the whole spectrum.
    WholeFit,
}

impl Method {
    /// All, in the order of tables.
    pub const ALL: [Method; 5] =
        [Method::Network, Method::Target, Method::FamilyFit, Method::SlidingFit, Method::WholeFit];

    /// Column names in files.
    pub fn key(self) -> &'static str {
        match self {
            Method::Network => "network",
            Method::Target => "target",
            Method::FamilyFit => "family_fit",
            Method::SlidingFit => "sliding_log_cubic",
            Method::WholeFit => "whole_log_cubic",
        }
    }

    /// Colour and marker, the same in every chart.
    pub fn style(self) -> Style {
        STYLES[self as usize]
    }

    /// Names for people.
    pub fn name(self) -> &'static str {
        match self {
            Method::Network => "network",
            Method::Target => "target (true background)",
            Method::FamilyFit => "family fit",
            Method::SlidingFit => "log-cubic, sliding",
            Method::WholeFit => "log-cubic, whole",
        }
    }
}

/// One of something for each method.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct PerMethod<T>([T; Method::ALL.len()]);

impl<T> PerMethod<T> {
    /// Made for each method, in the order of [`Method::ALL`].
    pub fn from_fn(make: impl FnMut(Method) -> T) -> PerMethod<T> {
        PerMethod(Method::ALL.map(make))
    }
}

impl<T> Index<Method> for PerMethod<T> {
    type Output = T;

    fn index(&self, method: Method) -> &T {
        &self.0[method as usize]
    }
}

impl<T> IndexMut<Method> for PerMethod<T> {
    fn index_mut(&mut self, method: Method) -> &mut T {
        &mut self.0[method as usize]
    }
}

/// Zmax of one spectrum by each method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedSpectrum {
    /// None where a method was not asked or has no answer.
    pub zmax: PerMethod<Option<f64>>,
    /// A signal was put in.
    pub has_signal: bool,
    /// Its place as a part of the spectrum (0 first bin, 1 last), where it is known.
    pub position: Option<f64>,
    /// Chance that a background-only spectrum is as significant by the network, from the model's calibration.
    pub p_spectrum: f64,
}

impl JudgedSpectrum {
    /// Zmax by a method.
    pub fn by(&self, method: Method) -> Option<f64> {
        self.zmax[method]
    }

    /// The same without the fit of the whole spectrum, which most samples leave out.
    pub fn without_whole_fit(&self) -> JudgedSpectrum {
        let mut fewer = *self;
        fewer.zmax[Method::WholeFit] = None;
        fewer
    }

    /// Zmax of the target.
    pub fn target(&self) -> f64 {
        self.by(Method::Target).unwrap_or(0.0)
    }
}

/// What is computed beside the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// All.
    All,
    /// Target, family fit, side-band fit over a sliding window.
    Fits,
    /// Target and family fit.
    Family,
    /// The target alone.
    Target,
}

/// Draws and judges a sample.
pub fn judge_sample(
    predictor: &Predictor,
    sample: &TestSample,
    references: References,
    seed: u64,
) -> Result<Vec<JudgedSpectrum>, ModelError> {
    let kind = match sample.source {
        super::spectra::SpectrumSource::Transverse { .. } => SpectrumKind::TransverseMass,
        _ => SpectrumKind::InvariantMass,
    };
    judge(predictor, &sample.draw(seed), &sample.target_widths, kind, references)
}

/// Judges spectra; `widths` are those of the target and of the references' signals.
pub fn judge(
    predictor: &Predictor,
    spectra: &[TestSpectrum],
    widths: &[f64],
    kind: SpectrumKind,
    references: References,
) -> Result<Vec<JudgedSpectrum>, ModelError> {
    let counts: Vec<&[f64]> = spectra.iter().map(|spectrum| spectrum.counts.as_slice()).collect();
    let curves = predictor.predict(&counts)?;
    let templates = TemplateCache::new(widths);
    let calibration = &predictor.model().card.calibrations.of(kind).network;
    Ok(spectra
        .par_iter()
        .zip(curves)
        .filter_map(|(spectrum, curve)| {
            let (_, network) = curve.zmax()?;
            let (bin, z) = curve.most_significant()?;
            let templates = &*templates.of(spectrum.counts.len());
            let mut zmax = PerMethod::default();
            zmax[Method::Network] = Some(network);
            zmax[Method::Target] = largest(&spectrum.target(templates));
            let counts = &spectrum.counts;
            if references != References::Target {
                zmax[Method::FamilyFit] = spectrum
                    .family
                    .as_ref()
                    .and_then(|family| largest(&family_fit_z(counts, &spectrum.background, family, templates)));
            }
            if matches!(references, References::All | References::Fits) {
                zmax[Method::SlidingFit] = largest(&log_cubic_z(counts, templates, Range::Window(SLIDING_SIDE_BAND)));
            }
            if references == References::All {
                zmax[Method::WholeFit] = largest(&log_cubic_z(counts, templates, Range::Whole));
            }
            let last = spectrum.counts.len().max(2) - 1;
            Some(JudgedSpectrum {
                zmax,
                has_signal: spectrum.has_signal,
                position: spectrum.signal.map(|signal| signal.bin as f64 / last as f64),
                p_spectrum: calibration.p_value(z, curve.conditions(bin)).p,
            })
        })
        .collect())
}

fn largest(z: &[f64]) -> Option<f64> {
    z.iter().copied().reduce(f64::max)
}

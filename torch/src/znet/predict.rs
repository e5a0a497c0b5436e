//! Spectra of any length through the network, in batches of one length, the same bytes for any number of threads.
//!
//! In: counts per spectrum. Out: a [`ZCurve`] per spectrum. Spectra longer than the network was trained for are cut
//! into overlapping windows; each bin is taken from the window in which it lies farthest from an edge. On the CPU each
//! batch is computed by one thread (libtorch's own threads are off), so that the sums do not depend on their number.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use tch::{Device, Kind, Tensor, no_grad};

use super::card::Card;
use super::model::{Model, ModelError};
use super::network::Znet3;
use bumphound::binning::trim::LEAST_BINS;
use bumphound::progress::{Progress, Silent};
use bumphound::scan::calibration::Calibrations;
use bumphound::scan::intervals::{BinPlace, Intervals, Quantiles};
use bumphound::scan::shift::shifted;
use bumphound::scan::{Scanner, ZCurve};
use bumphound::shape_average::library::N_KINDS;
use bumphound::shape_average::{Libraries, Library};
use bumphound::significance::SIGNAL_WIDTHS;

/// Spectra per batch on the CPU and on a GPU.
const BATCH_CPU: usize = 128;
const BATCH_GPU: usize = 4096;
/// A model on a device.
#[derive(Debug, Clone)]
pub struct Predictor {
    model: Model,
    device: Device,
    threads: usize,
    target: usize,
    libraries: Arc<Libraries>,
}

/// A piece of a spectrum: spectrum number, first bin, the bins of it that are kept.
#[derive(Debug, Clone)]
struct Window {
    spectrum: usize,
    start: usize,
    keep: std::ops::Range<usize>,
}

/// Windows of one length that go through the network together.
#[derive(Debug)]
struct Batch<'a> {
    length: usize,
    windows: &'a [Window],
    /// Spectra that the network is given: all batches of one length have as many.
    size: usize,
}

/// As few batches of at most `largest` as possible. libtorch compiles its kernels for each pair of length and batch size, so
/// all batches of one length have the same size.
fn batches(length: usize, windows: &[Window], largest: usize) -> impl Iterator<Item = Batch<'_>> {
    let size = windows.len().div_ceil(windows.len().div_ceil(largest).max(1)).max(1);
    windows.chunks(size).map(move |windows| Batch { length, windows, size })
}

impl Predictor {
    /// `threads` is used on the CPU only.
    pub fn new(model: Model, device: Device, threads: usize) -> Self {
        tch::set_num_threads(1);
        let libraries = Arc::new(model.card.architecture.libraries());
        Predictor { model, device, threads: threads.max(1), target: 0, libraries }
    }

    /// The same network with another card.
    pub fn with_card(self, card: Card) -> Self {
        Predictor { model: self.model.with_card(card), ..self }
    }

    /// The same predictor for signals of one width, in bins; None if the network has no output for it.
    pub fn for_width(mut self, width: f64) -> Option<Self> {
        let number = SIGNAL_WIDTHS.iter().position(|w| *w == width)?;
        self.target = 1 + number;
        self.model.card.architecture.by_width.then_some(self)
    }

    /// Widths that the target of this predictor's z is the largest over, in bins.
    pub fn target_widths(&self) -> Vec<f64> {
        match self.target.checked_sub(1) {
            Some(width) => SIGNAL_WIDTHS.get(width).copied().into_iter().collect(),
            None => self.model.card.target_widths(),
        }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The device.
    pub fn device(&self) -> Device {
        self.device
    }

    /// One curve per spectrum, in the same order. Spectra with fewer than [`LEAST_BINS`] bins get an empty curve.
    pub fn predict(&self, spectra: &[&[f64]]) -> Result<Vec<ZCurve>, ModelError> {
        self.predict_watched(spectra, &Silent)
    }

    /// The same, saying how far it is.
    fn predict_watched(&self, spectra: &[&[f64]], progress: &dyn Progress) -> Result<Vec<ZCurve>, ModelError> {
        progress.begin("scan", spectra.len() as u64, "spectra");
        let max_bins = self.model.card.max_bins.max(LEAST_BINS);
        let mut by_length: BTreeMap<usize, Vec<Window>> = BTreeMap::new();
        let mut curves: Vec<ZCurve> = Vec::with_capacity(spectra.len());
        for (spectrum, counts) in spectra.iter().enumerate() {
            let bins = counts.len();
            if bins < LEAST_BINS {
                curves.push(ZCurve::default());
                continue;
            }
            curves.push(self.empty(bins));
            for (start, keep) in windows(bins, max_bins) {
                by_length.entry(bins.min(max_bins)).or_default().push(Window { spectrum, start, keep });
            }
        }
        let batch = if self.device.is_cuda() { BATCH_GPU } else { BATCH_CPU };
        let batches: Vec<Batch> =
            by_length.iter().flat_map(|(&length, windows)| batches(length, windows, batch)).collect();
        let threads = if self.device.is_cuda() { 1 } else { self.threads.min(batches.len()).max(1) };
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Vec<ZCurve>>>> = Mutex::new(vec![None; batches.len()]);
        let failure = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let (_store, network) = match self.model.network(self.device) {
                        Ok(network) => network,
                        Err(what) => {
                            *lock(&failure) = Some(what);
                            return;
                        }
                    };
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(batch) = batches.get(index) else { break };
                        let curves = no_grad(|| self.batch(&network, spectra, batch));
                        lock(&results)[index] = Some(curves);
                        progress.advance(batch.windows.iter().filter(|window| window.start == 0).count() as u64);
                    }
                });
            }
        });
        if let Some(what) = lock(&failure).take() {
            return Err(ModelError::Weights { path: self.model.card.name.clone().into(), what });
        }
        let results = std::mem::take(&mut *lock(&results));
        for (batch, pieces) in batches.iter().zip(results) {
            for (window, piece) in batch.windows.iter().zip(pieces.unwrap_or_default()) {
                let curve = &mut curves[window.spectrum];
                let from = window.keep.start - window.start..window.keep.end - window.start;
                curve.kinds.iter_mut().zip(piece.kinds).for_each(|(whole, part)| *whole += part);
                for (whole, part) in [
                    (&mut curve.z, &piece.z),
                    (&mut curve.background, &piece.background),
                    (&mut curve.z_error, &piece.z_error),
                    (&mut curve.background_error, &piece.background_error),
                ] {
                    if let (Some(whole), Some(part)) = (whole.get_mut(window.keep.clone()), part.get(from.clone())) {
                        whole.copy_from_slice(part);
                    }
                }
            }
        }
        curves.iter_mut().for_each(|curve| self.add_intervals(curve));
        Ok(curves)
    }

    /// The intervals that z, background and their errors mean.
    fn add_intervals(&self, curve: &mut ZCurve) {
        let card = &self.model.card;
        let (Some(of_z), Some(of_background)) = (card.intervals.get(self.target), card.intervals.last()) else {
            return;
        };
        let top = curve.zmax().map(|(bin, _)| bin);
        let around = |quantiles: &Quantiles, values: &[f64], errors: &[f64]| -> Vec<Intervals> {
            let at = |(bin, (value, error)): (usize, (&f64, &f64))| {
                let place =
                    BinPlace { conditions: curve.conditions(bin), z: *curve.z.get(bin)?, largest: top == Some(bin) };
                Some(quantiles.around(place, *value, *error))
            };
            values.iter().zip(errors).enumerate().filter_map(at).collect()
        };
        let z_intervals = around(of_z, &curve.z, &curve.z_error);
        let logarithms: Vec<f64> = curve.background.iter().map(|b| b.max(f64::MIN_POSITIVE).ln()).collect();
        let mut background_intervals = around(of_background, &logarithms, &curve.background_error);
        for intervals in &mut background_intervals {
            intervals.central68 = intervals.central68.map(f64::exp);
            intervals.central95 = intervals.central95.map(f64::exp);
        }
        curve.z_intervals = z_intervals;
        curve.background_intervals = background_intervals;
    }

    /// A curve to be filled.
    fn empty(&self, bins: usize) -> ZCurve {
        let zeros = vec![0.0; bins];
        let errors = if self.model.card.architecture.spread { zeros.clone() } else { Vec::new() };
        ZCurve {
            z: zeros.clone(),
            background: zeros,
            z_error: errors.clone(),
            background_error: errors,
            ..ZCurve::default()
        }
    }

    /// One batch of windows of the same length.
    fn batch(&self, network: &Znet3, spectra: &[&[f64]], batch: &Batch) -> Vec<ZCurve> {
        let &Batch { length, windows, size } = batch;
        let pieces: Vec<&[f64]> =
            windows.iter().map(|w| spectra[w.spectrum].get(w.start..w.start + length).unwrap_or(&[])).collect();
        let mut counts: Vec<f32> = pieces.iter().flat_map(|piece| piece.iter().map(|&n| n as f32)).collect();
        // What is missing at the end is filled with zeros, and ignored.
        counts.resize(size * length, 0.0);
        let counts = Tensor::from_slice(&counts).view([size as i64, length as i64]).to_device(self.device);
        let mut kinds = vec![[0.0; N_KINDS]; windows.len()];
        let shapes = (!self.model.card.architecture.shape_average.is_empty()).then(|| {
            let library = self.libraries.get(length);
            let mut features;
            (features, kinds) = ask_shapes(&library, &pieces, self.device.is_cuda());
            features.resize(features.len() / pieces.len().max(1) * size, 0.0);
            Tensor::from_slice(&features).view([size as i64, -1, length as i64]).to_device(self.device)
        });
        let output = network.forward(&counts, shapes.as_ref());
        let added = self.model.card.shift(self.target).map(|shift| shift.for_bins(length)).unwrap_or_default();
        let target = self.target as i64;
        let mut z = rows(&output.z.select(1, target), length);
        z.iter_mut().flatten().for_each(|z| *z = shifted(*z, &added));
        let background = rows(&output.ln_background.clamp(-14.0, 30.0).exp(), length);
        let mut errors = output.ln_spread.map(|spread| {
            let spread = spread.exp();
            let last = spread.size()[1] - 1;
            [spread.select(1, target), spread.select(1, last)].map(|error| rows(&error, length))
        });
        z.into_iter()
            .zip(background)
            .zip(kinds)
            .enumerate()
            .map(|(i, ((z, background), kinds))| {
                let [z_error, background_error] =
                    errors.as_mut().map_or_else(Default::default, |e| [0, 1].map(|k| std::mem::take(&mut e[k][i])));
                ZCurve { z, background, z_error, background_error, kinds, ..ZCurve::default() }
            })
            .collect()
    }
}

/// What the shapes say about each piece: features, and the probability of each kind. All cores beside a GPU, else the caller's
/// thread.
fn ask_shapes(library: &Library, pieces: &[&[f64]], on_all_cores: bool) -> (Vec<f32>, Vec<[f64; N_KINDS]>) {
    let of = |piece: &&[f64]| {
        let average = library.average(piece);
        let mut features = Vec::new();
        average.features_into(piece, &mut features);
        (features, average.kinds)
    };
    let each: Vec<_> = if on_all_cores { pieces.par_iter().map(of).collect() } else { pieces.iter().map(of).collect() };
    let (features, kinds): (Vec<_>, Vec<_>) = each.into_iter().unzip();
    (features.concat(), kinds)
}

impl Scanner for Predictor {
    fn curves(&self, spectra: &[&[f64]], progress: &dyn Progress) -> Result<Vec<ZCurve>, String> {
        self.predict_watched(spectra, progress).map_err(|error| error.to_string())
    }

    fn calibrations(&self) -> &Calibrations {
        &self.model.card.calibrations
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Rows of `bins` values of a tensor `[rows, bins]`.
fn rows(tensor: &Tensor, bins: usize) -> Vec<Vec<f64>> {
    let flat = tensor.to_device(Device::Cpu).to_kind(Kind::Float).contiguous();
    let mut values = vec![0f32; flat.numel()];
    let size = values.len();
    flat.copy_data(&mut values, size);
    values.chunks(bins.max(1)).map(|row| row.iter().map(|&v| f64::from(v)).collect()).collect()
}

/// Windows of at most `max_bins` bins over a spectrum: start and the bins to keep from each.
fn windows(bins: usize, max_bins: usize) -> Vec<(usize, std::ops::Range<usize>)> {
    if bins <= max_bins {
        return vec![(0, 0..bins)];
    }
    // Starts are spread evenly, at most half a window apart.
    let steps = (bins - max_bins).div_ceil((max_bins / 2).max(1));
    let starts: Vec<usize> = (0..=steps).map(|i| i * (bins - max_bins) / steps).collect();
    let mut keep_from = 0;
    starts
        .iter()
        .enumerate()
        .map(|(i, &start)| {
            // Half way between the end of this window and the start of the next a bin is equally far from both edges.
            let keep_to = starts.get(i + 1).map_or(bins, |next| (next + start + max_bins) / 2);
            let range = keep_from..keep_to;
            keep_from = keep_to;
            (start, range)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_bin_once_and_stay_inside() {
        for bins in [30, 100, 101, 150, 151, 200, 352, 1791] {
            let windows = windows(bins, 100);
            let mut next = 0;
            for (start, keep) in windows {
                assert_eq!(keep.start, next);
                assert!(keep.start >= start && keep.end <= start + bins.min(100), "{bins}: {start} {keep:?}");
                next = keep.end;
            }
            assert_eq!(next, bins);
        }
    }
}

//! What is added to z so that a found Zmax is right on average on the reference distribution ([`bumphound::scan::shift`]).
//!
//! In: a predictor without a shift, a number of spectra per length, a seed. Out: the [`Shift`] of its z. The spectra are others
//! than those that measure the network.

use crate::evaluation::merit::pairs::pairs;
use crate::evaluation::sample::judge::{Method, References, judge_sample};
use crate::evaluation::sample::spectra::TestSample;
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;
use bumphound::scan::shift::{OfLength, Shift, fit};
use bumphound::significance::SIGNAL_WIDTHS;

/// Numbers of bins at which it is measured.
const LENGTHS: [usize; 5] = [30, 45, 60, 80, 100];

/// For signals of the widths of the network's target.
pub fn z_shift(predictor: &Predictor, spectra: usize, seed: u64) -> Result<Shift, ModelError> {
    z_shift_of(predictor, &predictor.target_widths(), spectra, seed)
}

/// The same for each output of one width; empty if the network has none.
pub fn z_shift_by_width(predictor: &Predictor, spectra: usize, seed: u64) -> Result<Vec<Shift>, ModelError> {
    SIGNAL_WIDTHS
        .iter()
        .filter_map(|width| Some((width, predictor.clone().for_width(*width)?)))
        .map(|(width, predictor)| z_shift_of(&predictor, &[*width], spectra, seed))
        .collect()
}

fn z_shift_of(predictor: &Predictor, widths: &[f64], spectra: usize, seed: u64) -> Result<Shift, ModelError> {
    let of_length = |bins: usize| {
        let sample = TestSample::reference("z_shift", bins, spectra).widths(widths);
        let judged = judge_sample(predictor, &sample, References::Target, seed)?;
        let pairs: Vec<(f64, f64)> =
            pairs(&judged, Method::Network).iter().map(|pair| (pair.found, pair.target)).collect();
        Ok(OfLength { bins, added: fit(&pairs) })
    };
    LENGTHS.into_iter().map(of_length).collect::<Result<_, _>>().map(Shift)
}

//! The same mass in another category: one jet less, one jet more, or a control category.
//!
//! In: a bump's spectrum, its window, another category. Out: z there at the same mass, from the network where that
//! spectrum was scanned, else the exact Poisson z of the window against a background extrapolated from the shape of the
//! bump's own spectrum, normalised to the bins on both sides of the window. Jets are counted exclusively, so the
//! spectra of two multiplicities share no event and their z are independent (physics.md section 10).

use std::ops::Range;

use super::bump::{Neighbour, NeighbourMethod};
use super::evidence::ln_p_of_z;
use super::scan::{Scan, Scanned};
use crate::categories::Category;
use crate::histograms::book::Book;
use crate::significance::poisson::{asimov_z, p_value_smeared, z_of_p};

/// z of one bin of the network is the largest over four widths that overlap strongly: as a probability it counts about
/// twice (measured on background-only spectra: P(z > 2) is 0.045 in one bin where 1 - Phi(2) is 0.023).
const WIDTH_TRIALS: f64 = 2.0;
/// Side bands of the Poisson method reach over so many windows on each side.
const SIDE_WINDOWS: usize = 4;
/// Fewest events in the side bands.
const LEAST_SIDE_EVENTS: f64 = 4.0;

/// What a neighbour says, with the numbers that the verdict needs.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// For the list.
    pub neighbour: Neighbour,
    /// ln of the chance of such an excess without signal; None for an empty side.
    pub ln_p: Option<f64>,
    /// z that is expected there if the excess followed the background's jet spectrum.
    pub expected_z: f64,
}

/// The bump as its neighbours see it.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// Spectrum of the bump.
    pub own: &'a Scanned,
    /// Its window in scanned bins.
    pub window: Range<usize>,
    /// Bin of the peak in scanned bins.
    pub peak: usize,
}

impl Place<'_> {
    fn background(&self) -> f64 {
        self.own.curve.background[self.window.clone()].iter().sum()
    }

    fn excess(&self) -> f64 {
        self.own.counts[self.window.clone()].iter().sum::<f64>() - self.background()
    }
}

/// Looks at the mass of `place` in `category`.
pub fn look(place: &Place<'_>, category: Option<Category>, scan: &Scan, book: &Book) -> Look {
    let own = place.own;
    let Some(category) = category else { return Look::default() };
    let Some(spectrum) = book.get(&category, own.mass) else { return Look::default() };
    let counts = spectrum.sum_w();
    // Labels of one mass share their edges, so the bins are the same.
    let window = own.range.start + place.window.start..own.range.start + place.window.end;
    let peak = own.range.start + place.peak;
    if counts.len() < window.end {
        return Look::default();
    }
    let observed: f64 = counts[window.clone()].iter().sum();
    let name = category.to_string();
    if let Some(other) = scan.get(&category, own.mass).filter(|other| {
        other.range.start <= window.start && window.end <= other.range.end
    }) {
        let offset = other.range.start;
        let background: f64 = other.curve.background[window.start - offset..window.end - offset].iter().sum();
        let z = other.curve.z[peak - offset];
        let ln_p = (ln_p_of_z(z) + WIDTH_TRIALS.ln()).min(0.0);
        return finish(place, name, NeighbourMethod::Network, z, ln_p, observed, background);
    }
    let Some((background, uncertainty)) = extrapolate(own, &place.window, &counts) else {
        return Look { neighbour: Neighbour { category: Some(name), ..Neighbour::default() }, ..Look::default() };
    };
    let p = p_value_smeared(observed, background, uncertainty);
    let z = z_of_p(p.clamp(1e-300, 1.0 - 1e-9));
    finish(place, name, NeighbourMethod::Poisson, z, p.max(1e-300).ln(), observed, background)
}

fn finish(
    place: &Place<'_>,
    category: String,
    method: NeighbourMethod,
    z: f64,
    ln_p: f64,
    observed: f64,
    background: f64,
) -> Look {
    let own = place.background().max(1e-9);
    let expected_excess = place.excess().max(0.0) * background / own;
    let expected_z = asimov_z(expected_excess, background);
    Look {
        neighbour: Neighbour {
            category: Some(category),
            method: Some(method),
            z: Some(z),
            observed: Some(observed),
            background: Some(background),
            expected_excess: Some(expected_excess),
        },
        ln_p: Some(ln_p),
        expected_z,
    }
}

/// Background of the window in another spectrum and its relative uncertainty, from the shape of `own`'s background.
fn extrapolate(own: &Scanned, window: &Range<usize>, counts: &[f64]) -> Option<(f64, f64)> {
    let bins = own.curve.background.len();
    let reach = SIDE_WINDOWS * window.len();
    let mut low = window.start.saturating_sub(reach);
    let mut high = (window.end + reach).min(bins);
    loop {
        let sides = || (low..window.start).chain(window.end..high);
        let events: f64 = sides().map(|bin| counts[own.range.start + bin]).sum();
        let shape: f64 = sides().map(|bin| own.curve.background[bin]).sum();
        if events >= LEAST_SIDE_EVENTS && shape > 0.0 {
            let inside: f64 = own.curve.background[window.clone()].iter().sum();
            return Some((inside * events / shape, 1.0 / events.sqrt()));
        }
        if low == 0 && high == bins {
            return None;
        }
        low = low.saturating_sub(window.len());
        high = (high + window.len()).min(bins);
    }
}

//! The same mass in another jet multiplicity (physics.md sections 10.5 and 10.6).
//!
//! In: a bump's place, another category. Out: z there at the same mass, from the network where that spectrum was scanned,
//! else the exact Poisson z of the window against a background extrapolated from the shape of the bump's own spectrum,
//! normalised to the bins on both sides of the window. Jets are counted exclusively, so the spectra of two
//! multiplicities share no event and their z are independent.

use std::ops::Range;

use super::bump::{Neighbour, NeighbourMethod};
use super::evidence::ln_p_of_z;
use super::place::BumpPlace;
use crate::categories::Category;
use crate::histograms::book::Book;
use crate::scan::calibration::Calibration;
use crate::scan::{Scan, Scanned};
use crate::significance::poisson::{asimov_z, p_value_smeared, z_of_p};
use crate::significance::sideband_z;

/// z of one bin of the network is the largest over four widths that overlap strongly: as a probability it counts about
/// twice (measured on background-only spectra: P(z > 2) is 0.045 in one bin where 1 - Phi(2) is 0.023).
const WIDTH_TRIALS: f64 = 2.0;
/// Bins that deviate together: independent places of a spectrum are about so many bins wide.
const BINS_PER_PLACE: f64 = 6.0;
/// Side bands of the Poisson method reach over so many windows on each side.
const SIDE_WINDOWS: usize = 4;
/// Fewest events in the side bands.
const LEAST_SIDE_EVENTS: f64 = 4.0;
/// Relative uncertainty of a background that is normalised on one side alone.
const ONE_SIDED: f64 = 0.3;
/// No chance is smaller: its logarithm would not be finite.
pub const LEAST_P: f64 = 1e-300;

/// What a neighbour says, with the numbers that the verdict needs.
#[derive(Debug, Clone, Default)]
pub struct NeighbourEvidence {
    /// For the list.
    pub neighbour: Neighbour,
    /// ln of the chance of such an excess without signal; None for an empty side.
    pub ln_p: Option<f64>,
    /// z that is expected there if the excess followed the background's jet spectrum.
    pub expected_z: f64,
}

/// Where neighbours are looked up.
#[derive(Debug, Clone, Copy)]
pub struct Spectra<'a> {
    /// What the network saw.
    pub scan: &'a Scan,
    /// Every spectrum.
    pub book: &'a Book,
    /// How often background alone has a backed z.
    pub calibration: &'a Calibration,
}

/// The window of a bump in a neighbouring spectrum.
struct WindowThere {
    category: Category,
    method: NeighbourMethod,
    z: f64,
    ln_p: f64,
    observed: f64,
    background: f64,
}

/// What `category` says about the mass of `place`.
pub fn neighbour_at(place: &BumpPlace, category: Category, spectra: &Spectra) -> NeighbourEvidence {
    let Some(spectrum) = spectra.book.get(&category, place.own.mass) else { return NeighbourEvidence::default() };
    let counts = spectrum.sum_w();
    let window = place.window();
    if counts.len() < window.end {
        return NeighbourEvidence::default();
    }
    let observed: f64 = counts[window].iter().sum();
    let seen = match spectra.scan.get(&category, place.own.mass) {
        Some(other) => by_network(place, other, observed, spectra.calibration),
        None => by_poisson(place, &category, &counts, observed),
    };
    match seen {
        Some(seen) => seen.evidence(place),
        None => NeighbourEvidence {
            neighbour: Neighbour { category: Some(category), ..Neighbour::default() },
            ..NeighbourEvidence::default()
        },
    }
}

/// A neighbour that was scanned; None where its scanned part does not hold the whole window: before its start a spectrum
/// turns on, and nothing can be said there.
fn by_network(place: &BumpPlace, other: &Scanned, observed: f64, calibration: &Calibration) -> Option<WindowThere> {
    let window = place.window();
    let start = other.range.start;
    if window.start < start || other.range.end < window.end {
        return None;
    }
    let peak = place.peak() - start;
    let background: f64 = other.curve.background[window.start - start..window.end - start].iter().sum();
    let backed = other.backed_z[peak].min(sideband_z(&other.counts, peak, place.candidate.sigma_bins));
    // At one place a spectrum deviates as often as anywhere, divided by the number of places.
    let places = (other.counts.len() as f64 / BINS_PER_PLACE).max(1.0);
    let measured = calibration.p_value(backed, other.curve.conditions(peak)).p.max(LEAST_P) / places;
    let ln_p = (ln_p_of_z(backed) + WIDTH_TRIALS.ln()).max(measured.ln()).min(0.0);
    let (category, z) = (other.category.clone(), other.curve.z[peak]);
    Some(WindowThere { category, method: NeighbourMethod::Network, z, ln_p, observed, background })
}

/// A neighbour that was not scanned; None where too few events lie beside the window.
fn by_poisson(place: &BumpPlace, category: &Category, counts: &[f64], observed: f64) -> Option<WindowThere> {
    let (background, uncertainty) = extrapolate(place.own, &place.candidate.window, counts)?;
    let p = p_value_smeared(observed, background, uncertainty);
    let z = z_of_p(p.clamp(LEAST_P, 1.0 - 1e-9));
    let (category, method) = (category.clone(), NeighbourMethod::Poisson);
    Some(WindowThere { category, method, z, ln_p: p.max(LEAST_P).ln(), observed, background })
}

impl WindowThere {
    /// Beside what an excess as large as the bump's, in units of the background, would be there.
    fn evidence(self, place: &BumpPlace) -> NeighbourEvidence {
        let own = place.candidate.expected.max(1e-9);
        let expected_excess = place.excess().max(0.0) * self.background / own;
        NeighbourEvidence {
            neighbour: Neighbour {
                category: Some(self.category),
                method: Some(self.method),
                z: Some(self.z),
                observed: Some(self.observed),
                background: Some(self.background),
                expected_excess: Some(expected_excess),
            },
            ln_p: Some(self.ln_p),
            expected_z: asimov_z(expected_excess, self.background),
        }
    }
}

/// Background of the window in another spectrum and its relative uncertainty, from the shape of `own`'s background,
/// normalised below and above the window. Shapes differ between multiplicities: the geometric mean of the two sides
/// corrects a tilt, half of their difference is added to the uncertainty.
fn extrapolate(own: &Scanned, window: &Range<usize>, counts: &[f64]) -> Option<(f64, f64)> {
    let bins = own.curve.background.len();
    let side = |range: Range<usize>| -> (f64, f64) {
        range.fold((0.0, 0.0), |(events, shape), bin| {
            (events + counts[own.range.start + bin], shape + own.curve.background[bin])
        })
    };
    let inside: f64 = own.curve.background[window.clone()].iter().sum();
    let mut reach = SIDE_WINDOWS * window.len();
    loop {
        let (low, high) = (window.start.saturating_sub(reach), (window.end + reach).min(bins));
        let (below, above) = (side(low..window.start), side(window.end..high));
        let (events, shape) = (below.0 + above.0, below.1 + above.1);
        if events >= LEAST_SIDE_EVENTS && shape > 0.0 {
            let statistical = 1.0 / events;
            if below.0 >= LEAST_SIDE_EVENTS && above.0 >= LEAST_SIDE_EVENTS && below.1 > 0.0 && above.1 > 0.0 {
                let (left, right) = (below.0 / below.1, above.0 / above.1);
                let tilt = 0.5 * (left / right).ln().abs();
                return Some((inside * (left * right).sqrt(), (statistical + tilt * tilt).sqrt()));
            }
            return Some((inside * events / shape, (statistical + ONE_SIDED * ONE_SIDED).sqrt()));
        }
        if low == 0 && high == bins {
            return None;
        }
        reach += window.len().max(1);
    }
}

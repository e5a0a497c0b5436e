//! The same mass in another category: one jet less, one jet more, or a control category.
//!
//! In: a bump's spectrum, its window, another category. Out: z there at the same mass, from the network where that
//! spectrum was scanned, else the exact Poisson z of the window against a background extrapolated from the shape of the
//! bump's own spectrum, normalised to the bins on both sides of the window. Jets are counted exclusively, so the
//! spectra of two multiplicities share no event and their z are independent (physics.md section 10).

use std::ops::Range;

use super::bump::{Control, Neighbour, NeighbourMethod};
use super::evidence::ln_p_of_z;
use crate::categories::{Category, Charge, ObjectCounts};
use crate::histograms::book::Book;
use crate::particles::{Kind, MassLabel};
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
    /// Width of the excess as a Gaussian sigma, in bins.
    pub sigma_bins: f64,
}

impl Place<'_> {
    fn background(&self) -> f64 {
        self.own.curve.background[self.window.clone()].iter().sum()
    }

    fn excess(&self) -> f64 {
        self.own.counts[self.window.clone()].iter().sum::<f64>() - self.background()
    }
}

/// Looks at the mass of `place` in `category`. `calibration`: of backed z.
pub fn look(
    place: &Place<'_>,
    category: Option<Category>,
    scan: &Scan,
    book: &Book,
    calibration: &Calibration,
) -> Look {
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
    let empty =
        Look { neighbour: Neighbour { category: Some(category.clone()), ..Neighbour::default() }, ..Look::default() };
    if let Some(other) = scan.get(&category, own.mass) {
        // Before its start a spectrum turns on: nothing can be said there.
        if window.start < other.range.start || other.range.end < window.end {
            return empty;
        }
        let offset = other.range.start;
        let background: f64 = other.curve.background[window.start - offset..window.end - offset].iter().sum();
        let z = other.curve.z[peak - offset];
        let backed = other.backed_z[peak - offset].min(sideband_z(&other.counts, peak - offset, place.sigma_bins));
        // At one place a spectrum deviates as often as anywhere, divided by the number of places.
        let places = (other.counts.len() as f64 / BINS_PER_PLACE).max(1.0);
        let measured = calibration.p_value(backed, other.curve.conditions(peak - offset)).p.max(1e-300) / places;
        let ln_p = (ln_p_of_z(backed) + WIDTH_TRIALS.ln()).max(measured.ln()).min(0.0);
        return finish(place, category, NeighbourMethod::Network, z, ln_p, observed, background);
    }
    let Some((background, uncertainty)) = extrapolate(own, &place.window, &counts) else { return empty };
    let p = p_value_smeared(observed, background, uncertainty);
    let z = z_of_p(p.clamp(1e-300, 1.0 - 1e-9));
    finish(place, category, NeighbourMethod::Poisson, z, p.max(1e-300).ln(), observed, background)
}

/// The same place in a control category: opposite to same charge, electrons to muons. Shown beside a bump, not used
/// for its verdict. Only spectra that the network saw.
pub fn controls(place: &Place<'_>, scan: &Scan) -> Vec<Control> {
    let own = place.own;
    let edges = own.scanned_edges();
    let (low, high) = (edges[place.window.start], edges[place.window.end]);
    let peak_gev = 0.5 * (edges[place.peak] + edges[place.peak + 1]);
    let mut found = Vec::new();
    let mut same_sign = own.category.clone();
    if same_sign.charge == Charge::Opposite {
        same_sign.charge = Charge::Same;
        found.push((same_sign, own.mass));
    }
    if let Some(other) = other_flavour(&own.category, own.mass) {
        found.push(other);
    }
    found
        .into_iter()
        .filter_map(|(category, mass)| {
            let other = scan.get(&category, mass)?;
            let bin = other.bin_of(peak_gev)?;
            let edges = other.scanned_edges();
            let inside = |i: &usize| edges[*i] < high && edges[*i + 1] > low;
            let sum = |column: &[f64]| (0..column.len()).filter(inside).map(|i| column[i]).sum::<f64>();
            Some(Control {
                z: other.curve.z[bin],
                observed: sum(&other.counts),
                background: sum(&other.curve.background),
                category,
                mass,
            })
        })
        .collect()
}

/// Category and mass with electrons and muons exchanged; None if there are neither.
fn other_flavour(category: &Category, mass: MassLabel) -> Option<(Category, MassLabel)> {
    let mut counts = category.objects.as_array();
    let (e, mu) = (Kind::E.index(), Kind::Mu.index());
    if counts[e] == counts[mu] {
        return None;
    }
    counts.swap(e, mu);
    let mut other = category.clone();
    other.objects = ObjectCounts::from_array(counts)?;
    let start = mass.is_transverse().then_some(MassLabel::MET);
    let swapped = mass.objects().try_fold(start, |label, (kind, number)| {
        let kind = match kind {
            Kind::E => Kind::Mu,
            Kind::Mu => Kind::E,
            other => other,
        };
        let object = MassLabel::object(kind, number)?;
        Some(Some(label.map_or(object, |label| label.with(object))))
    })??;
    Some((other, swapped))
}

fn finish(
    place: &Place<'_>,
    category: Category,
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

/// Relative uncertainty of a background that is normalised on one side alone.
const ONE_SIDED: f64 = 0.3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_exchange_electrons_and_muons() {
        let (category, mass) =
            other_flavour(&"incl/2mu.os/1j".parse().expect("category"), "mT(mu1,mu2,j1,met)".parse().expect("label"))
                .expect("muons become electrons");
        assert_eq!((category.to_string(), mass.to_string()), ("incl/2e.os/1j".into(), "mT(e1,e2,j1,met)".into()));
        assert!(other_flavour(&"incl/1Z/1j".parse().expect("category"), "m(Z1,j1)".parse().expect("label")).is_none());
    }
}

//! One spectrum, three answers: the network, the likelihood ratio against a known background, a side-band fit.
//!
//! In: a [`Prepared`] spectrum and the network's curve for it. Out: a [`Compared`]. All z are local, signed, per bin and
//! the largest over signal widths of 1 to 4 bins; only `p_spectrum` says how rare one is.

use serde::Serialize;

use super::ValidationError;
use super::list::Entry;
use super::prepare::Prepared;
use super::toys::Toys;
use super::verdict::{Expectation, Outcome};
use bumphound::binning::trim::rises;
use bumphound::scan::ZCurve;
use bumphound::scan::calibration::{Calibrations, SpectrumKind};
use bumphound::significance::{SIGNAL_WIDTHS, Templates, sideband_z, z_by_width_into};

/// The largest z of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Peak {
    /// Bin, from 0.
    pub bin: usize,
    /// Centre of the bin, GeV.
    pub gev: f64,
    /// Local z.
    pub z: f64,
}

/// What the published background says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KnownBackground {
    /// Signal width in bins and the largest z for it.
    pub by_width: Vec<(f64, Peak)>,
    /// The largest z over the widths.
    pub zmax: Peak,
    /// z per bin, the largest over the widths.
    pub z: Vec<f64>,
}

/// One spectrum with everything that is said about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Name.
    pub name: String,
    /// File.
    pub file: String,
    /// What the mass is.
    pub mass: String,
    /// Why it is cut and joined as it is.
    pub note: String,
    /// What was done to contents that are not counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<String>,
    /// How many bins of the file make one.
    pub rebin: usize,
    /// Whether it was trimmed.
    pub trimmed: bool,
    /// Sigma of a narrow resonance in bins, smallest and largest over the spectrum.
    pub signal_bins: Option<[f64; 2]>,
    /// Counts, edges, published background.
    #[serde(flatten)]
    pub spectrum: Prepared,
    /// z per bin, by the network.
    pub network_z: Vec<f64>,
    /// Background per bin, by the network.
    pub network_background: Vec<f64>,
    /// The network's largest z.
    pub network: Peak,
    /// Chance that background alone is as significant anywhere in a spectrum like this.
    pub p_spectrum: f64,
    /// The chance is below this number: it lies beyond the simulated spectra.
    pub p_spectrum_is_bound: bool,
    /// Where the spectrum has its maximum, GeV, if it rises to it first: p_spectrum is measured on spectra that fall.
    pub rises_to_gev: Option<f64>,
    /// Against the published background.
    pub known: Option<KnownBackground>,
    /// Spectra thrown from the published background.
    pub toys: Option<Toys>,
    /// The network's z in the bin in which [`Compared::known`] has its largest.
    pub network_z_there: Option<f64>,
    /// z per bin, by a side-band fit (cubic in ln of the background around each bin).
    pub sideband_z: Vec<f64>,
    /// The side-band fit's largest z.
    pub sideband: Peak,
    /// What should come out.
    pub expected: Option<Expectation>,
    /// Whether it did.
    pub verdict: Outcome,
}

/// The likelihood ratio of `counts` against a known `background`, for each of `widths` (in bins) and the largest of them.
/// Lengths must agree: n + 1 `edges`, n counts, n backgrounds.
pub fn known_background(edges: &[f64], counts: &[f64], background: &[f64], widths: &[f64]) -> Option<KnownBackground> {
    if edges.len() != counts.len() + 1 || counts.len() != background.len() {
        return None;
    }
    let mut by_width = vec![0.0; widths.len() * counts.len()];
    z_by_width_into(counts, background, &Templates::new(edges, widths), &mut by_width);
    let rows = || by_width.chunks(counts.len().max(1));
    let mut mixed = vec![f64::NEG_INFINITY; counts.len()];
    for row in rows() {
        mixed.iter_mut().zip(row).for_each(|(largest, z)| *largest = largest.max(*z));
    }
    Some(KnownBackground {
        by_width: widths.iter().zip(rows()).filter_map(|(&width, row)| Some((width, peak(edges, row)?))).collect(),
        zmax: peak(edges, &mixed)?,
        z: mixed,
    })
}

/// The first of the largest finite z.
fn peak(edges: &[f64], z: &[f64]) -> Option<Peak> {
    peak_in(edges, z, &(f64::NEG_INFINITY..=f64::INFINITY))
}

/// The largest z in a range of masses.
fn peak_in(edges: &[f64], z: &[f64], range: &std::ops::RangeInclusive<f64>) -> Option<Peak> {
    let mut best: Option<Peak> = None;
    for (bin, (&z, edge)) in z.iter().zip(edges.windows(2)).enumerate() {
        let gev = 0.5 * edge.iter().sum::<f64>();
        if z.is_finite() && range.contains(&gev) && best.is_none_or(|best| z > best.z) {
            best = Some(Peak { bin, gev, z });
        }
    }
    best
}

pub(super) fn compare(
    entry: &Entry,
    spectrum: Prepared,
    curve: ZCurve,
    calibrations: &Calibrations,
) -> Result<Compared, ValidationError> {
    let (edges, counts) = (&spectrum.edges, &spectrum.counts);
    let not_finite =
        || ValidationError::NotFinite { path: entry.file.clone(), largest: counts.iter().copied().fold(0.0, f64::max) };
    let good = curve.z.len() == counts.len() && curve.background.len() == counts.len() && curve.is_finite();
    let network = peak(edges, &curve.z).filter(|_| good).ok_or_else(not_finite)?;
    let p = curve.p_spectrum(calibrations, SpectrumKind::InvariantMass);
    let known =
        spectrum.published.as_ref().and_then(|background| known_background(edges, counts, background, &SIGNAL_WIDTHS));
    let network_z_there = known.as_ref().and_then(|known| curve.z.get(known.zmax.bin).copied());
    let sideband_z: Vec<f64> = (0..counts.len())
        .map(|bin| SIGNAL_WIDTHS.iter().map(|&width| sideband_z(counts, bin, width)).fold(f64::NEG_INFINITY, f64::max))
        .collect();
    let sideband = peak(edges, &sideband_z).ok_or_else(not_finite)?;
    let verdict = match &entry.expect {
        None => Outcome::NoExpectation,
        Some(expectation) => {
            let judged = match expectation {
                Expectation::Excess(excess) if !excess.largest => {
                    let near = excess.near(bin_width_at(edges, excess.near_gev));
                    peak_in(edges, &curve.z, &near).unwrap_or(network)
                }
                _ => network,
            };
            let at = if let Expectation::Excess(excess) = expectation { excess.near_gev } else { network.gev };
            expectation.verdict(&judged, p.p, bin_width_at(edges, at))
        }
    };
    let signal_bins = entry.sigma.map(|sigma| {
        edges
            .windows(2)
            .map(|edge| sigma.at(0.5 * edge.iter().sum::<f64>()) / (edge[1] - edge[0]))
            .fold([f64::INFINITY, 0.0], |[least, most], bins| [bins.min(least), bins.max(most)])
    });
    Ok(Compared {
        name: entry.name.clone(),
        file: entry.file.display().to_string(),
        mass: entry.mass.clone(),
        note: entry.note.clone(),
        contents: None,
        rebin: entry.rebin,
        trimmed: entry.trim,
        signal_bins,
        network_z: curve.z,
        network_background: curve.background,
        network,
        p_spectrum: p.p,
        p_spectrum_is_bound: p.extrapolated,
        rises_to_gev: rises(counts).and_then(|bin| edges.get(bin).copied()),
        known,
        toys: None,
        network_z_there,
        sideband_z,
        sideband,
        expected: entry.expect.clone(),
        verdict,
        spectrum,
    })
}

/// Width of the bin that holds a mass (of the nearest one where none does), GeV.
fn bin_width_at(edges: &[f64], gev: f64) -> f64 {
    let bin = edges.partition_point(|&edge| edge <= gev).saturating_sub(1).min(edges.len().saturating_sub(2));
    edges.get(bin..bin + 2).map_or(0.0, |edge| edge[1] - edge[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_of_a_bin_is_known_everywhere() {
        let edges = [1.0, 2.0, 4.0];
        assert_eq!([0.5, 1.5, 3.0, 9.0].map(|gev| bin_width_at(&edges, gev)), [1.0, 1.0, 2.0, 2.0]);
        assert_eq!(bin_width_at(&[], 1.0), 0.0);
    }

    #[test]
    fn nan_is_never_the_largest() {
        let edges = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(peak(&edges, &[f64::NAN, -1.0, f64::INFINITY]), Some(Peak { bin: 1, gev: 1.5, z: -1.0 }));
        assert_eq!(peak(&edges, &[f64::NAN; 3]), None);
    }
}

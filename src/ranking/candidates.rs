//! Local maxima of z: where a spectrum stands above its predicted background.
//!
//! In: counts, z and background of the scanned bins. Out: at most `max_per_spectrum` candidates with a window. Rules of
//! physics.md section 10: z of at least `z_min`, two candidates separated by a bin below half of the lower one, at least
//! `min_window_events` events in the window. The width is the one that fits best: the largest likelihood ratio of the
//! counts near the peak against the predicted background.

use std::ops::Range;

use super::RankingOptions;
use crate::scan::ZCurve;
use crate::significance::{Templates, z_at};

/// Widths that are tried for the width of an excess, in bins.
pub const WIDTHS: [f64; 8] = [0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0];
/// The centre of an excess is looked for within so many bins of the largest z.
const CENTRE_REACH: usize = 2;
/// Signals are expected up to this width, in bins.
const WIDEST_SIGNAL: f64 = 4.0;
/// A wider one must have this much more z where fewer than so many events lie within so many bins of the peak.
const WIDE_HANDICAP: f64 = 0.5;
const FEW_EVENTS: f64 = 50.0;
const FEW_REACH: usize = 4;
/// The window reaches this many signal widths to each side: near the best S/sqrt(B) of a Gaussian, 1.4.
const WINDOW_REACH: f64 = 1.5;

/// One local maximum. Bins count from the first scanned bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Bin of its centre.
    pub peak: usize,
    /// Bins of the window.
    pub window: Range<usize>,
    /// Width of the excess as a Gaussian sigma, in bins.
    pub sigma_bins: f64,
    /// Largest z of the network near it.
    pub z: f64,
    /// Events in the window.
    pub observed: f64,
    /// Background in the window.
    pub expected: f64,
}

impl Candidate {
    /// Mass of the excess, GeV: mean of the bin centres of the window weighted with the excess in them, where that is
    /// positive. Less at the mercy of one bin than the bin with the largest z.
    pub fn centre_gev(&self, edges: &[f64], counts: &[f64], background: &[f64]) -> f64 {
        let centre = |bin: usize| 0.5 * (edges[bin] + edges[bin + 1]);
        let (mut sum, mut weights) = (0.0, 0.0);
        for bin in self.window.clone() {
            let excess = (counts[bin] - background[bin]).max(0.0);
            sum += excess * centre(bin);
            weights += excess;
        }
        if weights > 0.0 { sum / weights } else { centre(self.peak) }
    }
}

/// Candidates of one spectrum, the largest z first. `templates`: of so many equal bins with [`WIDTHS`].
pub fn candidates(counts: &[f64], curve: &ZCurve, templates: &Templates, options: &RankingOptions) -> Vec<Candidate> {
    let bins = counts.len().min(curve.z.len()).min(curve.background.len()).min(templates.n_bins());
    let z = &curve.z[..bins];
    let mut order: Vec<usize> = (0..bins).filter(|&bin| z[bin] >= options.z_min).collect();
    order.sort_by(|&a, &b| z[b].total_cmp(&z[a]).then(a.cmp(&b)));
    let mut found: Vec<Candidate> = Vec::new();
    let mut taken: Vec<usize> = Vec::new();
    for peak in order {
        if found.len() >= options.max_per_spectrum {
            break;
        }
        let separated = taken.iter().all(|&other| {
            let between = peak.min(other)..peak.max(other);
            z[between].iter().any(|&value| value < 0.5 * z[peak])
        });
        if !separated {
            continue;
        }
        taken.push(peak);
        let (centre, sigma_bins) = best_width(&counts[..bins], &curve.background[..bins], templates, peak);
        let half = ((WINDOW_REACH * sigma_bins).round() as usize).max(1);
        let window = centre.saturating_sub(half)..(centre + half + 1).min(bins);
        let observed: f64 = counts[window.clone()].iter().sum();
        let expected: f64 = curve.background[window.clone()].iter().sum();
        if observed >= options.min_window_events {
            found.push(Candidate { peak: centre, window, sigma_bins, z: z[peak], observed, expected });
        }
    }
    found
}

/// Bin and width with the largest likelihood ratio within [`CENTRE_REACH`] bins of the peak. With several widths in one
/// target the network's z is flat around a bump; the counts know better where it is.
fn best_width(counts: &[f64], background: &[f64], templates: &Templates, peak: usize) -> (usize, f64) {
    if counts.len() != templates.n_bins() {
        return (peak, WIDTHS[1]);
    }
    let mut best = (f64::NEG_INFINITY, (peak, WIDTHS[1]));
    // A wide one must fit clearly better: with few events the best width is a matter of chance.
    let near = peak.saturating_sub(FEW_REACH)..(peak + FEW_REACH + 1).min(counts.len());
    let few = counts[near].iter().sum::<f64>() < FEW_EVENTS;
    let handicap = |width: f64| if few && width > WIDEST_SIGNAL { WIDE_HANDICAP } else { 0.0 };
    // From the peak outwards: what is equally good nearer wins.
    let reach = CENTRE_REACH as isize;
    let mut bins: Vec<usize> = (-reach..=reach).filter_map(|step| peak.checked_add_signed(step)).collect();
    bins.sort_by_key(|bin| bin.abs_diff(peak));
    for bin in bins.into_iter().filter(|bin| *bin < counts.len()) {
        for (number, &width) in WIDTHS.iter().enumerate() {
            let z = z_at(counts, background, templates, bin, number) - handicap(width);
            if z > best.0 {
                best = (z, (bin, width));
            }
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::significance::templates::gaussian_integral;

    fn found(counts: &[f64], curve: &ZCurve) -> Vec<Candidate> {
        let templates = Templates::uniform(counts.len(), &WIDTHS);
        candidates(counts, curve, &templates, &RankingOptions::default())
    }

    fn curve(z: &[f64]) -> (Vec<f64>, ZCurve) {
        let counts = vec![10.0; z.len()];
        (counts.clone(), ZCurve { z: z.to_vec(), background: counts, ..ZCurve::default() })
    }

    #[test]
    fn peaks_without_a_valley_between_them_are_one_candidate() {
        let (counts, curve) = curve(&[0.0, 1.0, 4.0, 3.0, 3.9, 1.0, 0.0, 0.0, 2.5, 0.0]);
        assert_eq!(found(&counts, &curve).iter().map(|c| c.peak).collect::<Vec<_>>(), [2, 8]);
    }

    #[test]
    fn windows_with_fewer_than_three_events_are_no_candidates() {
        let (_, curve) = curve(&[0.0, 0.0, 4.0, 0.0, 0.0]);
        assert!(found(&[0.0, 0.0, 1.0, 1.0, 0.0], &curve).is_empty());
    }

    #[test]
    fn the_width_of_a_gaussian_excess_is_recovered() {
        for width in [1.0, 2.0, 4.0, 8.0] {
            let background = vec![200.0; 61];
            let counts: Vec<f64> = (0..61)
                .map(|i| {
                    let low = (f64::from(i) - 30.5) / width;
                    200.0 + 600.0 * gaussian_integral(low, low + 1.0 / width)
                })
                .collect();
            let mut z = vec![0.0; 61];
            z[30] = 6.0;
            let found = found(&counts, &ZCurve { z, background, ..ZCurve::default() });
            assert_eq!(found[0].sigma_bins, width);
        }
    }
}

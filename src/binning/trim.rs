//! The part of a spectrum that the network sees (physics.md section 5).
//!
//! In: entries per bin, the first usable bin, limits. Out: a range of bins, or why there is none. A spectrum starts at
//! its maximum (of sums of five bins, so that fluctuations do not decide) and ends after its last filled bin. A maximum
//! that stands alone, a strong narrow signal, must not become the start.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A spectrum of fewer bins says nothing: no method of scanning is asked about it.
pub const LEAST_BINS: usize = 8;
/// With more entries in a bin a background is not known to a part in a million, as its chance would have to be.
pub const MOST_ENTRIES: f64 = 1e12;

/// Limits of the scan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrimOptions {
    /// The last bin with at least this many entries ends the spectrum.
    pub tail_min: f64,
    /// Fewest bins.
    pub min_bins: usize,
    /// Fewest entries.
    pub min_entries: f64,
}

impl Default for TrimOptions {
    fn default() -> Self {
        TrimOptions { tail_min: 1.0, min_bins: 30, min_entries: 100.0 }
    }
}

/// Why a spectrum is not scanned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum SkipReason {
    /// No bin holds `tail_min` entries.
    Empty,
    /// Too short.
    FewerBins {
        /// The limit.
        min_bins: usize,
    },
    /// Too few entries.
    FewerEntries {
        /// The limit.
        min_entries: f64,
    },
    /// Nothing but peaks that stand alone.
    OnlyIsolatedPeaks,
    /// A bin holds more than [`MOST_ENTRIES`].
    TooManyEntries,
    /// A sum of weights that is no count: below -1, or not a number.
    NotCounts,
}

/// An error for contents that cannot be scanned, whatever part of them is.
pub fn scannable(entries: &[f64]) -> Result<(), SkipReason> {
    if entries.iter().any(|n| *n <= -1.0 || n.is_nan()) {
        return Err(SkipReason::NotCounts);
    }
    if entries.iter().any(|n| *n > MOST_ENTRIES) { Err(SkipReason::TooManyEntries) } else { Ok(()) }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::Empty => f.write_str("empty"),
            SkipReason::FewerBins { min_bins } => write!(f, "fewer than {min_bins} bins"),
            SkipReason::FewerEntries { min_entries } => write!(f, "fewer than {min_entries} entries"),
            SkipReason::OnlyIsolatedPeaks => f.write_str("only isolated peaks"),
            SkipReason::TooManyEntries => write!(f, "more than {MOST_ENTRIES:e} entries in a bin"),
            SkipReason::NotCounts => f.write_str("a bin with a negative sum of weights"),
        }
    }
}

/// Bins that a spectrum may take to its maximum.
const RISE: usize = 3;
/// Half width of the sums and of what a refused start takes with it, in bins.
const HALF_SUM: usize = 2;
const REFUSED: usize = 5;
/// A peak is compared with the sums this far away on both sides.
const SIDE: (usize, usize) = (5, 15);
/// How many times the lower side a peak must be to stand alone.
const ISOLATED_FACTOR: f64 = 3.0;

/// The bins of `entries` (in-range bins only, flow bins left out) that are scanned.
pub fn trim(entries: &[f64], first_usable: usize, options: &TrimOptions) -> Result<Range<usize>, SkipReason> {
    let usable = entries.get(first_usable..).ok_or(SkipReason::Empty)?;
    scannable(usable)?;
    let min_bins = options.min_bins.max(LEAST_BINS);
    let end = usable.iter().rposition(|&n| n >= options.tail_min).ok_or(SkipReason::Empty)? + 1;
    // From here on bins are counted from the first usable one.
    let part = &usable[..end];
    let sums: Vec<f64> =
        (0..end).map(|i| part[i.saturating_sub(HALF_SUM)..(i + HALF_SUM + 1).min(end)].iter().sum()).collect();
    let mut allowed = vec![true; end];
    let mut first_reason = None;
    while let Some(start) = largest(&sums, &allowed) {
        let from = start.saturating_sub(REFUSED);
        if is_isolated_peak(&sums, start) {
            allowed[from..(start + REFUSED + 1).min(end)].fill(false);
            continue;
        }
        let reason = if end - start < min_bins {
            SkipReason::FewerBins { min_bins }
        } else if part[start..].iter().sum::<f64>() < options.min_entries {
            SkipReason::FewerEntries { min_entries: options.min_entries }
        } else {
            return Ok(first_usable + start..first_usable + end);
        };
        first_reason.get_or_insert(reason);
        allowed[from..].fill(false);
    }
    Err(first_reason.unwrap_or(SkipReason::OnlyIsolatedPeaks))
}

/// The bins of a spectrum of the user's that are scanned: all of them or, trimmed, those that [`trim`] leaves.
pub fn scanned(entries: &[f64], trimmed: bool, options: &TrimOptions) -> Result<Range<usize>, SkipReason> {
    if trimmed {
        return trim(entries, 0, options);
    }
    scannable(entries)?;
    match entries.len() {
        bins if bins < LEAST_BINS => Err(SkipReason::FewerBins { min_bins: LEAST_BINS }),
        _ if entries.iter().all(|n| *n == 0.0) => Err(SkipReason::Empty),
        bins => Ok(0..bins),
    }
}

/// The bin of the maximum of a spectrum that first rises to it: what is known of background alone, p_spectrum, holds for
/// spectra that fall from about where they begin.
pub fn rises(entries: &[f64]) -> Option<usize> {
    let sums: Vec<f64> = entries.windows(2 * HALF_SUM + 1).map(|part| part.iter().sum()).collect();
    let (first, top) = (*sums.first()?, largest(&sums, &vec![true; sums.len()])?);
    let most = sums[top];
    (top >= RISE && most - first > 5.0 * (most + first).sqrt()).then_some(top + HALF_SUM)
}

/// First of the largest sums among the allowed bins.
fn largest(sums: &[f64], allowed: &[bool]) -> Option<usize> {
    let mut best = None;
    for (i, &sum) in sums.iter().enumerate().filter(|&(i, _)| allowed[i]) {
        if best.is_none_or(|(_, most)| sum > most) {
            best = Some((i, sum));
        }
    }
    best.map(|(i, _)| i)
}

fn is_isolated_peak(sums: &[f64], i: usize) -> bool {
    let mean = |range: Range<usize>| {
        let side = &sums[range];
        if side.is_empty() { 0.0 } else { side.iter().sum::<f64>() / side.len() as f64 }
    };
    let n = sums.len();
    let below = mean(i.saturating_sub(SIDE.1)..(i + 1).saturating_sub(SIDE.0));
    let above = mean((i + SIDE.0).min(n)..(i + SIDE.1 + 1).min(n));
    below >= above && below > 0.0 && sums[i] > ISOLATED_FACTOR * below
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_falling_spectrum_starts_at_its_maximum_and_ends_at_its_last_entry() {
        let mut entries: Vec<f64> = (0..60).map(|i| (1000.0 * (-0.1 * f64::from(i)).exp()).floor()).collect();
        entries[0] = 10.0;
        entries.extend([0.0, 1.0, 0.0]);
        let range = trim(&entries, 0, &TrimOptions::default()).unwrap();
        assert_eq!(range, 3..62);
    }

    #[test]
    fn a_rise_is_seen_where_it_is_no_chance() {
        let hump = |top: f64| -> Vec<f64> {
            (0..60).map(|i| top * (-0.5 * ((f64::from(i) - 20.0) / 12.0).powi(2)).exp()).map(f64::floor).collect()
        };
        assert_eq!(rises(&hump(1000.0)), Some(20));
        assert_eq!(rises(&hump(3.0)), None);
        let falling: Vec<f64> = (0..60).map(|i| 1000.0 * (-0.1 * f64::from(i)).exp()).collect();
        assert_eq!((rises(&falling), rises(&[5.0; 4]), rises(&[])), (None, None, None));
        let range = trim(&hump(1000.0), 0, &TrimOptions::default()).unwrap();
        assert_eq!(rises(&hump(1000.0)[range]), None);
    }

    #[test]
    fn a_narrow_signal_does_not_become_the_start() {
        let mut entries: Vec<f64> = (0..80).map(|i| 50.0 * (-0.05 * f64::from(i)).exp()).collect();
        entries[40] += 400.0;
        let range = trim(&entries, 0, &TrimOptions::default()).unwrap();
        assert!(range.start < 5, "{range:?}");
    }

    #[test]
    fn reasons_have_the_words_of_the_report() {
        let options = TrimOptions::default();
        let reason = |entries: &[f64], first| trim(entries, first, &options).unwrap_err().to_string();
        assert_eq!(reason(&[], 0), "empty");
        assert_eq!(reason(&[0.0; 50], 0), "empty");
        assert_eq!(reason(&[5.0; 50], 51), "empty");
        assert_eq!(reason(&[50.0; 20], 0), "fewer than 30 bins");
        assert_eq!(reason(&[1.0; 50], 0), "fewer than 100 entries");
        assert_eq!(reason(&[2e12; 50], 0), "more than 1e12 entries in a bin");
        assert_eq!(reason(&[1e35; 50], 0), "more than 1e12 entries in a bin");
        for bad in [-1.0, f64::NAN, f64::NEG_INFINITY] {
            let mut entries = [50.0; 50];
            entries[40] = bad;
            assert_eq!(reason(&entries, 0), "a bin with a negative sum of weights");
        }
        let few = TrimOptions { min_bins: 1, min_entries: 0.0, ..options };
        // A flat spectrum starts at its third bin, where sums of five are whole.
        assert!(trim(&[50.0; 9], 0, &few).is_err() && trim(&[50.0; 10], 0, &few).is_ok());
    }

    proptest! {
        #[test]
        fn whatever_is_kept_passes_the_limits(
            entries in prop::collection::vec(prop_oneof![3 => 0.0..3.0_f64, 1 => 0.0..5000.0_f64], 0..150),
            first in 0_usize..20,
        ) {
            let entries: Vec<f64> = entries.into_iter().map(f64::floor).collect();
            let options = TrimOptions::default();
            if let Ok(range) = trim(&entries, first, &options) {
                prop_assert!(range.start >= first && range.len() >= options.min_bins);
                prop_assert!(entries[range.clone()].iter().sum::<f64>() >= options.min_entries);
                prop_assert!(entries[range.end - 1] >= 1.0 && entries[range.end..].iter().all(|&n| n < 1.0));
            }
        }
    }
}

//! The part of a spectrum that the network sees: from its maximum to its last event.
//!
//! In: entries per bin (flow bins excluded) and the first usable bin. Out: the range of bins to scan, or the reason why
//! the spectrum is skipped. Rules: physics.md section 5 ("Start", "End"); a strong narrow signal must not become the
//! start, so an isolated peak is refused and the next highest place is tried.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Limits of the scanned part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrimOptions {
    /// The spectrum ends after the last bin with at least so many entries.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SkipReason {
    /// No bin reaches `tail_min`.
    Empty,
    /// Fewer than `min_bins` bins from the start to the end.
    FewBins(usize),
    /// Fewer than `min_entries` entries from the start to the end.
    FewEntries(u64),
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SkipReason::Empty => write!(f, "empty"),
            SkipReason::FewBins(least) => write!(f, "fewer than {least} bins"),
            SkipReason::FewEntries(least) => write!(f, "fewer than {least} entries"),
        }
    }
}

/// Bins on each side that count towards the height of a place, and that a refused place takes with it.
const REACH: usize = 5;
/// Half of the five-bin sum that is called S.
const HALF_SUM: usize = 2;
/// Bins up to this distance make the level around a peak.
const LEVEL_REACH: usize = 15;

/// The bins to scan.
pub fn trim(entries: &[f64], first_usable: usize, options: &TrimOptions) -> Result<Range<usize>, SkipReason> {
    let end = entries.iter().rposition(|&n| n >= options.tail_min && n > 0.0).map_or(0, |last| last + 1);
    if end <= first_usable {
        return Err(SkipReason::Empty);
    }
    let sums = five_bin_sums(entries, first_usable, end);
    let mut allowed = vec![true; end - first_usable];
    let mut first_reason = None;
    loop {
        // The first of the largest, so that ties are decided.
        let mut best: Option<(usize, f64)> = None;
        for (offset, (&sum, _)) in sums.iter().zip(&allowed).enumerate().filter(|(_, (_, ok))| **ok) {
            if best.is_none_or(|(_, height)| sum > height) {
                best = Some((offset, sum));
            }
        }
        let Some((start, height)) = best else {
            return Err(first_reason.unwrap_or(SkipReason::Empty));
        };
        let (below, above) = levels(&sums, start);
        if below >= above && below > 0.0 && height > 3.0 * below {
            let last = (start + REACH + 1).min(allowed.len());
            allowed[start.saturating_sub(REACH)..last].fill(false);
            continue;
        }
        let range = first_usable + start..end;
        let reason = if range.len() < options.min_bins {
            SkipReason::FewBins(options.min_bins)
        } else if entries[range.clone()].iter().sum::<f64>() < options.min_entries {
            SkipReason::FewEntries(options.min_entries.ceil() as u64)
        } else {
            return Ok(range);
        };
        first_reason.get_or_insert(reason);
        allowed[start.saturating_sub(REACH)..].fill(false);
    }
}

/// S(i) for the bins from `first` to `end`, cut at both.
fn five_bin_sums(entries: &[f64], first: usize, end: usize) -> Vec<f64> {
    (first..end)
        .map(|bin| {
            let low = bin.saturating_sub(HALF_SUM).max(first);
            entries[low..(bin + HALF_SUM + 1).min(end)].iter().sum()
        })
        .collect()
}

/// Mean of S over 5..15 bins below and above; 0 where there are none.
fn levels(sums: &[f64], place: usize) -> (f64, f64) {
    let mean = |values: &[f64]| if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 };
    let below = match place.checked_sub(REACH) {
        Some(high) => mean(&sums[place.saturating_sub(LEVEL_REACH)..=high]),
        None => 0.0,
    };
    let above = if place + REACH < sums.len() {
        mean(&sums[place + REACH..(place + LEVEL_REACH + 1).min(sums.len())])
    } else {
        0.0
    };
    (below, above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn trimming_equals_the_golden_ranges() {
        let text = std::fs::read_to_string("tests/golden/trim.json").expect("golden file");
        let golden: Value = serde_json::from_str(&text).expect("JSON");
        let cases = golden["cases"].as_array().expect("cases");
        assert!(cases.len() > 80);
        let (mut wrong, mut veto) = (Vec::new(), 0);
        for case in cases {
            let bins = case["bins"].as_u64().expect("bins") as usize;
            let mut entries = vec![0.0; bins];
            for (bin, n) in case["filled"].as_object().expect("filled") {
                entries[bin.parse::<usize>().expect("bin")] = n.as_f64().expect("entries");
            }
            // Bin 220 of m(mu1,mu2) is the first above the hole of the Z veto, 106.18 GeV + its resolution.
            let in_veto = case["mass"] == "m(mu1,mu2)" && case["objects"] == "2mu.os";
            veto += usize::from(in_veto);
            let first_usable = if in_veto { 220 } else { 0 };
            let found = match trim(&entries, first_usable, &TrimOptions::default()) {
                Ok(range) => format!("{}..{}", range.start, range.end),
                Err(reason) => reason.to_string(),
            };
            let expected = match &case["result"] {
                Value::String(reason) => reason.clone(),
                range => format!("{}..{}", range["start_bin"], range["end_bin"]),
            };
            if found != expected {
                wrong.push(format!("{case}: {found} instead of {expected}"));
            }
        }
        assert!(veto > 0);
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn hostile_input_does_not_panic() {
        assert_eq!(trim(&[], 0, &TrimOptions::default()), Err(SkipReason::Empty));
        assert_eq!(trim(&[1.0; 4], 9, &TrimOptions::default()), Err(SkipReason::Empty));
        assert!(trim(&[f64::NAN; 50], 0, &TrimOptions::default()).is_err());
    }
}

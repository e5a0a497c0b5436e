//! The part of a published spectrum that is looked at.
//!
//! In: a table of counts and an [`Entry`]. Out: a [`Prepared`] spectrum: bins inside the range, neighbours joined; and the
//! bins of it that are scanned: all, or, where asked for, trimmed as spectra of a campaign are. Edges in GeV; counts and backgrounds are summed.

use std::ops::Range;

use serde::Serialize;
use thiserror::Error;

use super::list::Entry;
use bumphound::binning::trim::{LEAST_BINS, SkipReason, TrimOptions, scanned};
use bumphound::histograms::counts_csv::CountsTable;

/// A spectrum as it is scanned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prepared {
    /// n + 1 edges, GeV.
    pub edges: Vec<f64>,
    /// Counts.
    pub counts: Vec<f64>,
    /// Published background, if the file has one.
    pub published: Option<Vec<f64>>,
    /// Bins of the file.
    pub bins_in_file: usize,
    /// Comment lines of the file: where it comes from.
    pub comments: Vec<String>,
}

/// Why nothing is left.
#[derive(Debug, Error, PartialEq)]
pub enum PrepareError {
    /// Too few bins.
    #[error(
        "only {bins} of {in_file} bins remain, at least {LEAST_BINS} are needed\nhint: the file spans {from} to {to} GeV; check range_gev and rebin"
    )]
    TooFewBins {
        /// What is left.
        bins: usize,
        /// Bins of the file.
        in_file: usize,
        /// First edge of the file.
        from: f64,
        /// Last edge of the file.
        to: f64,
    },
    /// Trimming leaves nothing.
    #[error("nothing remains after trimming: {reason}\nhint: leave `trim` out to scan all bins")]
    Trimmed {
        /// Why.
        reason: SkipReason,
    },
    /// Contents that cannot be scanned.
    #[error("it cannot be scanned: {reason}\nhint: range_gev leaves bins out")]
    Unusable {
        /// Why.
        reason: SkipReason,
    },
    /// No event at all.
    #[error("all {bins} bins are empty")]
    Empty {
        /// Bins.
        bins: usize,
    },
}

/// Crops and joins; gives what is left and which bins of it are scanned.
pub fn prepare(table: &CountsTable, entry: &Entry) -> Result<(Prepared, Range<usize>), PrepareError> {
    let in_file = table.observed.len();
    let span = |table: &CountsTable| {
        (table.edges.first().copied().unwrap_or_default(), table.edges.last().copied().unwrap_or_default())
    };
    let too_few = |bins| {
        let (from, to) = span(table);
        Err(PrepareError::TooFewBins { bins, in_file, from, to })
    };
    let [from, to] = entry.range_gev.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
    let first = table.edges.partition_point(|&edge| edge < from);
    let after = table.edges.partition_point(|&edge| edge <= to).saturating_sub(1);
    let rebin = entry.rebin.max(1);
    let groups = after.saturating_sub(first) / rebin;
    let last = first + groups * rebin;
    let edges: Vec<f64> = table.edges.iter().take(last + 1).skip(first).step_by(rebin).copied().collect();
    let joined = |values: &[f64]| -> Vec<f64> {
        values.get(first..last).unwrap_or_default().chunks(rebin).map(|group| group.iter().sum()).collect()
    };
    let part = Prepared {
        edges,
        counts: joined(&table.observed),
        published: table.expected.as_deref().map(joined),
        bins_in_file: in_file,
        comments: table.comments.clone(),
    };
    if groups < LEAST_BINS {
        return too_few(groups);
    }
    if part.counts.iter().all(|&n| n == 0.0) {
        return Err(PrepareError::Empty { bins: groups });
    }
    let range = scanned(&part.counts, entry.trim, &LIMITS).map_err(|reason| match entry.trim {
        true => PrepareError::Trimmed { reason },
        false => PrepareError::Unusable { reason },
    })?;
    Ok((part, range))
}

/// Published spectra may be shorter than what a campaign scans.
pub const LIMITS: TrimOptions = TrimOptions { min_bins: LEAST_BINS, min_entries: 1.0, tail_min: 1.0 };

impl Prepared {
    /// Only some of the bins.
    pub fn part(&self, range: Range<usize>) -> Prepared {
        let keep = |values: &[f64]| values.get(range.clone()).unwrap_or_default().to_vec();
        Prepared {
            edges: self.edges.get(range.start..range.end + 1).unwrap_or_default().to_vec(),
            counts: keep(&self.counts),
            published: self.published.as_deref().map(keep),
            bins_in_file: self.bins_in_file,
            comments: self.comments.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(bins: usize) -> CountsTable {
        CountsTable {
            edges: (0..=bins).map(|i| 100.0 + 10.0 * i as f64).collect(),
            observed: (0..bins).map(|i| (bins - i) as f64).collect(),
            expected: Some(vec![1.0; bins]),
            variances: None,
            comments: Vec::new(),
        }
    }

    fn entry(range_gev: Option<[f64; 2]>, rebin: usize, trim: bool) -> Entry {
        Entry { range_gev, rebin, trim, ..Entry::of_file("x.csv".as_ref()) }
    }

    #[test]
    fn bins_inside_the_range_are_joined_from_its_start() {
        let part = prepare(&table(30), &entry(Some([115.0, 290.0]), 2, false)).expect("bins").0;
        assert_eq!((part.edges[0], part.edges[8], part.counts.len()), (120.0, 280.0, 8));
        assert_eq!(part.counts[0], 28.0 + 27.0);
        assert_eq!(part.published, Some(vec![2.0; 8]));
    }

    #[test]
    fn edges_of_the_range_belong_to_it() {
        let part = prepare(&table(30), &entry(Some([110.0, 250.0]), 1, false)).expect("bins").0;
        assert_eq!((part.edges.first(), part.edges.last()), (Some(&110.0), Some(&250.0)));
    }

    #[test]
    fn nothing_left_is_an_error_with_the_span_of_the_file() {
        let error = prepare(&table(30), &entry(Some([500.0, 600.0]), 1, false)).expect_err("nothing there");
        assert!(error.to_string().contains("the file spans 100 to 400 GeV"), "{error}");
        let empty = CountsTable { observed: vec![0.0; 30], ..table(30) };
        assert_eq!(prepare(&empty, &entry(None, 1, true)), Err(PrepareError::Empty { bins: 30 }));
    }

    proptest! {
        #[test]
        fn what_is_left_fits_together(
            bins in 1_usize..60, from in 0.0..800.0_f64, width in 1.0..800.0_f64, rebin in 1_usize..9, trim: bool,
        ) {
            let table = table(bins);
            if let Ok((cropped, range)) = prepare(&table, &entry(Some([from, from + width]), rebin, trim)) {
                let part = cropped.part(range);
                prop_assert!(part.counts.len() >= LEAST_BINS);
                prop_assert_eq!(part.edges.len(), part.counts.len() + 1);
                prop_assert_eq!(part.published.map(|b| b.len()), Some(part.counts.len()));
                prop_assert!(part.edges[0] >= from && part.edges[part.counts.len()] <= from + width);
            }
        }
    }
}

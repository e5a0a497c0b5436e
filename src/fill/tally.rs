//! Counts of the spectra of one cell, in as little memory as they need.
//!
//! In: rows of bin numbers, one number per mass, one row per event. Out: contents per mass and bin. Rows are first written
//! down one after the other; when there are enough of them they are counted mass by mass, into filled bins only, or, once
//! a third of all bins is filled, into all bins. Memory follows the number of filled bins, not the number of events.

use crate::histograms::Content;
use crate::histograms::weights::WeightSums;

/// One event of weight w.
pub(crate) fn event_of(w: f64) -> Content {
    if w == 1.0 { Content::unit(1) } else { Content::of(w) }
}

/// Bin numbers that are written down before they are counted, at least.
const LOG_BINS: usize = 1024;

/// All bins are kept once one in so many is filled: this takes hardly more memory and is counted faster.
const DENSE_FROM: usize = 3;

/// Numbers of events, 32 bits each as long as that is enough.
#[derive(Debug)]
enum Entries {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

impl Entries {
    fn zeros(n: usize, wide: bool) -> Entries {
        if wide { Entries::Wide(vec![0; n]) } else { Entries::Narrow(vec![0; n]) }
    }

    fn len(&self) -> usize {
        match self {
            Entries::Narrow(list) => list.len(),
            Entries::Wide(list) => list.len(),
        }
    }

    fn get(&self, place: usize) -> u64 {
        match self {
            Entries::Narrow(list) => list.get(place).map_or(0, |&n| n.into()),
            Entries::Wide(list) => list.get(place).copied().unwrap_or(0),
        }
    }

    /// The caller has made sure that the sum fits, see [`Tally::widen_if_needed`].
    fn add(&mut self, place: usize, n: u64) {
        match self {
            Entries::Narrow(list) => list[place] += n as u32,
            Entries::Wide(list) => list[place] += n,
        }
    }

    /// Numbers that fit, see [`Tally::widen_if_needed`].
    fn of(numbers: &[u64], wide: bool) -> Entries {
        match wide {
            false => Entries::Narrow(numbers.iter().map(|&n| n as u32).collect()),
            true => Entries::Wide(numbers.to_vec()),
        }
    }

    fn is_wide(&self) -> bool {
        matches!(self, Entries::Wide(_))
    }
}

/// Memory for counting, one per thread: cells keep what they need and no more.
#[derive(Debug, Default)]
pub(crate) struct CountScratch {
    ends: Vec<u32>,
    bins: Vec<u16>,
    entries: Vec<u64>,
    weights: Vec<WeightSums>,
    /// Bins of one mass and the rows they stand in.
    logged: Vec<(u16, u32)>,
}

/// Contents of all masses of a cell.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Rows of bin numbers that are not counted yet, one per event.
    log: Vec<u16>,
    /// Their weights; empty: all 1.
    log_weights: Vec<f64>,
    log_rows: usize,
    /// Rows at which the log is counted.
    log_limit: usize,
    counted: CountedBins,
    /// Counted events; `weights` beside them, empty: all 1.
    entries: Entries,
    weights: Vec<WeightSums>,
    /// Entries of all events: no bin can hold more.
    most: u64,
}

/// Which bin an entry of the counted columns belongs to.
#[derive(Debug)]
enum CountedBins {
    /// Filled bins of each mass in rising order; `ends`: where each mass ends.
    Filled { ends: Vec<u32>, bins: Vec<u16> },
    /// All bins of all masses.
    All,
}

impl Tally {
    pub(crate) fn new(columns: usize) -> Self {
        Tally {
            log: vec![],
            log_weights: vec![],
            log_rows: 0,
            log_limit: (LOG_BINS / columns.max(1)).clamp(2, 1024),
            counted: CountedBins::Filled { ends: vec![], bins: vec![] },
            entries: Entries::zeros(0, false),
            weights: vec![],
            most: 0,
        }
    }

    /// Adds an event: the bin of every mass. `w`: its weight. `starts`: where each mass would start if
    /// all bins of all masses stood one after the other, one more at the end.
    pub(crate) fn add(
        &mut self,
        bins: impl Iterator<Item = u16>,
        w: f64,
        starts: &[usize],
        scratch: &mut CountScratch,
    ) {
        self.log.extend(bins);
        if w != 1.0 || !self.log_weights.is_empty() {
            self.log_weights.resize(self.log_rows, 1.0);
            self.log_weights.push(w);
        }
        self.log_rows += 1;
        self.most = self.most.saturating_add(1);
        if self.log_rows >= self.log_limit {
            self.count_log(starts, scratch);
        }
    }

    /// Counts the rows written down so far.
    fn count_log(&mut self, starts: &[usize], scratch: &mut CountScratch) {
        if !self.log_weights.is_empty() && self.weights.is_empty() {
            self.weights = (0..self.entries.len()).map(|place| WeightSums::unit(self.entries.get(place))).collect();
        }
        self.widen_if_needed();
        match &self.counted {
            CountedBins::All => self.count_into_all(starts),
            CountedBins::Filled { .. } => self.count_into_filled(starts, scratch),
        }
        self.log.clear();
        self.log_weights.clear();
        self.log_rows = 0;
    }

    fn widen_if_needed(&mut self) {
        if self.most > u64::from(u32::MAX)
            && let Entries::Narrow(list) = &self.entries
        {
            self.entries = Entries::Wide(list.iter().map(|&n| n.into()).collect());
        }
    }

    fn is_weighted(&self) -> bool {
        !self.weights.is_empty() || !self.log_weights.is_empty()
    }

    fn count_into_all(&mut self, starts: &[usize]) {
        let columns = starts.len().saturating_sub(1);
        for (column, &start) in starts.iter().enumerate().take(columns) {
            let bins = self.log.iter().skip(column).step_by(columns);
            if self.log_weights.is_empty() && self.weights.is_empty() {
                match &mut self.entries {
                    Entries::Narrow(list) => bins.for_each(|&bin| list[start + bin as usize] += 1),
                    Entries::Wide(list) => bins.for_each(|&bin| list[start + bin as usize] += 1),
                }
            } else {
                for (row, &bin) in bins.enumerate() {
                    let place = start + bin as usize;
                    let content = event_of(self.log_weights.get(row).copied().unwrap_or(1.0));
                    self.entries.add(place, content.entries);
                    if let Some(weights) = self.weights.get_mut(place) {
                        weights.add(content.weights);
                    }
                }
            }
        }
    }

    fn count_into_filled(&mut self, starts: &[usize], scratch: &mut CountScratch) {
        let columns = starts.len().saturating_sub(1);
        let weighted = self.is_weighted();
        let CountedBins::Filled { ends: old_ends, bins: old_bins } = &self.counted else { return };
        let CountScratch { ends, bins, entries, weights, logged } = scratch;
        ends.clear();
        bins.clear();
        entries.clear();
        weights.clear();
        let mut old = 0;
        for column in 0..columns {
            logged.clear();
            logged.extend(self.log.iter().skip(column).step_by(columns).copied().zip(0..));
            logged.sort_unstable();
            let old_end = old_ends.get(column).map_or(0, |&end| end as usize);
            let mut new = logged.iter().peekable();
            loop {
                let before = old_bins.get(old).filter(|_| old < old_end);
                let Some(&bin) = before.into_iter().chain(new.peek().map(|(bin, _)| bin)).min() else { break };
                let (mut n, mut sums) = (0, WeightSums::default());
                if before == Some(&bin) {
                    n += self.entries.get(old);
                    if let Some(counted) = self.weights.get(old) {
                        sums.add(*counted);
                    }
                    old += 1;
                }
                while let Some(&(_, row)) = new.next_if(|(other, _)| *other == bin) {
                    let w = self.log_weights.get(row as usize).copied().unwrap_or(1.0);
                    n += 1;
                    if weighted {
                        sums.add(event_of(w).weights);
                    }
                }
                bins.push(bin);
                entries.push(n);
                if weighted {
                    weights.push(sums);
                }
            }
            // 2^32 filled bins of one cell would take 24 GB.
            ends.push(u32::try_from(bins.len()).unwrap_or(u32::MAX));
        }
        // The more there is to go through, the more rows are collected before it is done again.
        self.log_limit = (entries.len() / 4 / columns.max(1)).max(self.log_limit);
        // No more than is needed, and what it replaces is freed before: of thousands of cells few get another event soon.
        self.log = Vec::new();
        let wide = self.entries.is_wide();
        self.entries = Entries::zeros(0, wide);
        self.entries = Entries::of(entries, wide);
        self.weights.clear();
        self.weights.reserve_exact(weights.len());
        self.weights.extend_from_slice(weights);
        if let CountedBins::Filled { ends: old_ends, bins: old_bins } = &mut self.counted {
            old_ends.clone_from(ends);
            old_bins.clear();
            old_bins.reserve_exact(bins.len());
            old_bins.extend_from_slice(bins);
        }
        self.keep_all_bins_if_worth_it(starts);
    }

    fn keep_all_bins_if_worth_it(&mut self, starts: &[usize]) {
        let all = starts.last().copied().unwrap_or(0);
        let CountedBins::Filled { ends, bins } = &self.counted else { return };
        if bins.len() < all / DENSE_FROM {
            return;
        }
        let mut entries = Entries::zeros(all, self.entries.is_wide());
        let mut weights = vec![WeightSums::default(); if self.weights.is_empty() { 0 } else { all }];
        let mut from = 0;
        for (&start, &end) in starts.iter().zip(ends) {
            for (i, &bin) in bins.iter().enumerate().take(end as usize).skip(from) {
                let place = start + bin as usize;
                entries.add(place, self.entries.get(i));
                if let (Some(to), Some(sums)) = (weights.get_mut(place), self.weights.get(i)) {
                    *to = *sums;
                }
            }
            from = end as usize;
        }
        (self.entries, self.weights, self.counted) = (entries, weights, CountedBins::All);
        self.log_limit = (LOG_BINS / starts.len().max(1)).clamp(16, 256);
    }

    /// Calls `each` with bin number and content for one mass; bins may come several times and in any order.
    pub(crate) fn visit(&self, column: usize, starts: &[usize], mut each: impl FnMut(usize, Content)) {
        let content = |place: usize| {
            let entries = self.entries.get(place);
            let weights = self.weights.get(place).copied().unwrap_or_else(|| WeightSums::unit(entries));
            Content { entries, weights }
        };
        match &self.counted {
            CountedBins::All => {
                if let (Some(&from), Some(&to)) = (starts.get(column), starts.get(column + 1)) {
                    (from..to).map(|place| (place - from, content(place))).filter(|(_, c)| c.entries > 0).for_each(
                        |(bin, content)| {
                            each(bin, content);
                        },
                    );
                }
            }
            CountedBins::Filled { ends, bins } => {
                let from = column.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |&end| end as usize);
                let to = ends.get(column).map_or(from, |&end| end as usize);
                for (place, &bin) in bins.iter().enumerate().take(to).skip(from) {
                    each(bin as usize, content(place));
                }
            }
        }
        let columns = starts.len().saturating_sub(1);
        if columns > 0 {
            for (row, &bin) in self.log.iter().skip(column).step_by(columns).enumerate() {
                each(bin as usize, event_of(self.log_weights.get(row).copied().unwrap_or(1.0)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two masses of 5 and 40 bins.
    const STARTS: [usize; 3] = [0, 5, 45];

    fn contents(tally: &Tally) -> Vec<Vec<Content>> {
        (0..2)
            .map(|column| {
                let mut sums = vec![Content::default(); STARTS[column + 1] - STARTS[column]];
                tally.visit(column, &STARTS, |bin, content| sums[bin].add(content));
                sums
            })
            .collect()
    }

    proptest! {
        #[test]
        fn any_number_of_rows_counts_as_one_by_one(
            rows in prop::collection::vec((0_u16..5, 0_u16..40, prop_oneof![4 => Just(1.0), 1 => 0.0..4.0_f64]), 0..300),
            spread in 1_u16..40,
            limit in 1_usize..50,
        ) {
            let mut tally = Tally::new(2);
            tally.log_limit = limit;
            let mut scratch = CountScratch::default();
            let mut want = vec![vec![Content::default(); 5], vec![Content::default(); 40]];
            for &(a, b, w) in &rows {
                // Narrow or wide, so that both ways to count are gone through.
                let b = b % spread;
                tally.add([a, b].into_iter(), w, &STARTS, &mut scratch);
                want[0][a as usize].add(event_of(w));
                want[1][b as usize].add(event_of(w));
            }
            prop_assert_eq!(contents(&tally), want);
        }
    }

    #[test]
    fn more_events_than_32_bits_hold_are_counted() {
        let starts = [0, 5];
        let mut tally = Tally::new(1);
        tally.log_limit = 2;
        let add = |tally: &mut Tally| tally.add(std::iter::once(3), 1.0, &starts, &mut CountScratch::default());
        (0..2).for_each(|_| add(&mut tally));
        // As if there had been so many before.
        tally.entries.add(if tally.entries.len() == 1 { 0 } else { 3 }, u64::from(u32::MAX) - 2);
        tally.most = u64::from(u32::MAX);
        (0..3).for_each(|_| add(&mut tally));
        let mut total = 0;
        tally.visit(0, &starts, |_, content| total += content.entries);
        assert_eq!(total, u64::from(u32::MAX) + 3);
    }

    #[test]
    fn few_filled_bins_take_little_memory_and_many_are_kept_whole() {
        let starts = [0, 10_000];
        let mut scratch = CountScratch::default();
        let mut narrow = Tally::new(1);
        let mut wide = Tally::new(1);
        for i in 0..100_000_u32 {
            narrow.add(std::iter::once((i % 10) as u16), 1.0, &starts, &mut scratch);
            wide.add(std::iter::once((i % 9_000) as u16), 1.0, &starts, &mut scratch);
        }
        assert!(matches!(narrow.counted, CountedBins::Filled { .. }) && narrow.entries.len() == 10);
        assert!(matches!(wide.counted, CountedBins::All));
        let mut total = 0;
        narrow.visit(0, &starts, |_, content| total += content.entries);
        assert_eq!(total, 100_000);
    }
}

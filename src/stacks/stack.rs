//! Counts of one mass by jet multiplicity and bin.
//!
//! In: a book. Out: one [`Stack`] per mass of a group (region, objects, charge), over the bins from the first filled one to
//! a few behind the last; those that cannot be searched are counted by reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::categories::{Category, JetCount};
use crate::histograms::{Book, Spectrum};
use crate::particles::MassLabel;

/// A stack needs so many events in all.
pub const LEAST_EVENTS: f64 = 10.0;
/// And so many bins.
pub const LEAST_BINS: usize = 10;
/// Empty bins behind the last filled one that belong to it: that nothing is there tells how steeply the background falls.
const EMPTY_BINS: usize = 9;

/// One mass in all jet multiplicities of a group.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The group: a category of any number of jets.
    pub group: Category,
    /// Mass.
    pub mass: MassLabel,
    /// Edges of its bins, GeV.
    pub edges: Vec<f64>,
    /// Its first bin in the whole spectrum, from 0.
    pub first_bin: usize,
    /// Multiplicities with at least one event, rising; `Xj` alone where a campaign books nothing else.
    pub rows: Vec<JetCount>,
    /// Events per bin, row after row; sums of weights below 0 count as 0.
    pub counts: Vec<f64>,
}

impl Stack {
    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    /// Events of a row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.counts[row * self.bins()..(row + 1) * self.bins()]
    }

    /// Events of all rows together, per bin.
    pub fn sum(&self) -> Vec<f64> {
        sum_of_rows(&self.counts, self.bins())
    }

    /// All events.
    pub fn events(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Category of a row.
    pub fn category(&self, row: usize) -> Category {
        self.group.with_jets(self.rows[row])
    }
}

/// Sum over rows, per bin.
pub fn sum_of_rows(values: &[f64], bins: usize) -> Vec<f64> {
    let mut sum = vec![0.0; bins];
    for row in values.chunks_exact(bins) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sum
}

/// All stacks of a book.
#[derive(Debug, Clone, Default)]
pub struct Stacks {
    /// Those that can be searched, in text order of group and mass.
    pub list: Vec<Stack>,
    /// Those that cannot, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Bins with a negative sum of weights, taken as empty.
    pub negative_bins: u64,
}

/// Bins of one multiplicity: first usable bin, sums of weights, edges.
type Row = (usize, Vec<f64>, Arc<[f64]>);

/// The stacks of a book.
pub fn stacks(book: &Book) -> Stacks {
    let mut groups: FxHashMap<(Category, MassLabel), BTreeMap<JetCount, Row>> = FxHashMap::default();
    for spectrum in book.spectra() {
        let key = (spectrum.category().with_jets(JetCount::Any), *spectrum.mass());
        groups.entry(key).or_default().insert(spectrum.category().jets, row_of(&spectrum));
    }
    let mut in_order: Vec<_> = groups.into_iter().collect();
    in_order.sort_by_cached_key(|((group, mass), _)| (group.to_string(), mass.to_string()));
    let mut found = Stacks::default();
    for ((group, mass), mut rows) in in_order {
        // The sum of the others is no spectrum of its own.
        if rows.len() > 1 {
            rows.remove(&JetCount::Any);
        }
        for (_, counts, _) in rows.values_mut() {
            for count in counts.iter_mut().filter(|count| count.is_nan() || **count < 0.0) {
                found.negative_bins += 1;
                *count = 0.0;
            }
        }
        match stack_of(group, mass, rows) {
            Ok(stack) => found.list.push(stack),
            Err(reason) => *found.left_out.entry(reason).or_default() += 1,
        }
    }
    found
}

fn row_of(spectrum: &Spectrum) -> Row {
    (spectrum.first_usable(), spectrum.sum_w(), spectrum.edges().clone())
}

fn stack_of(group: Category, mass: MassLabel, mut rows: BTreeMap<JetCount, Row>) -> Result<Stack, String> {
    let too_few = || format!("fewer than {LEAST_EVENTS} events in all multiplicities");
    let usable = rows.values().map(|(usable, ..)| *usable).max().ok_or_else(too_few)?;
    let edges = rows.values().next().map(|(.., edges)| edges.clone()).ok_or_else(too_few)?;
    let bins = rows.values().map(|(_, counts, _)| counts.len()).min().unwrap_or(0).min(edges.len().saturating_sub(1));
    let is_filled = |bin: &usize| rows.values().any(|(_, counts, _)| counts[*bin] > 0.0);
    let first = (usable..bins).find(is_filled).ok_or_else(too_few)?;
    let last = (first..bins).rev().find(is_filled).ok_or_else(too_few)?;
    let end = (last + 1 + EMPTY_BINS).min(bins);
    rows.retain(|_, (_, counts, _)| counts[first..end].iter().any(|count| *count > 0.0));
    let stack = Stack {
        group,
        mass,
        edges: edges[first..=end].to_vec(),
        first_bin: first,
        counts: rows.values().flat_map(|(_, counts, _)| counts[first..end].to_vec()).collect(),
        rows: rows.into_keys().collect(),
    };
    if stack.events() < LEAST_EVENTS {
        return Err(too_few());
    }
    if stack.bins() < LEAST_BINS {
        return Err(format!("fewer than {LEAST_BINS} bins"));
    }
    Ok(stack)
}

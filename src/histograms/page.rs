//! One category of a book: its events and its spectra, bins kept only where they are filled.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::book::{BookError, Content};
use super::weights::WeightSums;
use crate::categories::Category;
use crate::particles::MassLabel;

/// A category with its spectra. Contents of all spectra stand in common columns, one after the other.
#[derive(Debug, Clone)]
pub struct Page {
    category: Category,
    total: Content,
    spectra: Vec<Record>,
    bins: Vec<u16>,
    entries: Vec<u64>,
    /// As long as `entries`, or empty: all weights are 1.
    weights: Vec<WeightSums>,
    by_mass: OnceLock<FxHashMap<MassLabel, u32>>,
}

/// The bins of a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bins {
    /// Number of its edges among the edge sets of the book.
    pub edges: u32,
    /// First bin that may be scanned, from 0: behind a hole that a selection dug into this mass (physics.md section 5.5).
    pub first_usable: u16,
}

impl Bins {
    /// All bins of an edge set may be scanned.
    pub fn all_of(edges: u32) -> Bins {
        Bins { edges, first_usable: 0 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    mass: MassLabel,
    edges: u32,
    first_usable: u16,
    /// End of its part of the columns; it starts where the one before ends.
    end: usize,
}

impl PartialEq for Page {
    fn eq(&self, other: &Self) -> bool {
        let parts = |page: &Page| (page.total, page.spectra.len(), page.bins.len());
        parts(self) == parts(other)
            && self.category == other.category
            && self.spectra == other.spectra
            && self.bins == other.bins
            && self.entries == other.entries
            && self.weights == other.weights
    }
}

impl Page {
    /// A category with its events, no spectrum yet.
    pub fn new(category: Category, total: Content) -> Self {
        Page {
            category,
            total,
            spectra: Vec::new(),
            bins: Vec::new(),
            entries: Vec::new(),
            weights: Vec::new(),
            by_mass: OnceLock::new(),
        }
    }

    /// Adds a spectrum: its mass, its bins, its filled bins (0 is underflow) in rising order. Spectra are added in the order
    /// of the text of their mass.
    pub fn push(&mut self, mass: MassLabel, bins: Bins, filled: impl IntoIterator<Item = (u16, Content)>) {
        for (bin, content) in filled {
            let unit = content.weights == WeightSums::unit(content.entries);
            if !unit {
                self.spell_out_weights();
            }
            if !unit || !self.weights.is_empty() {
                self.weights.push(content.weights);
            }
            self.bins.push(bin);
            self.entries.push(content.entries);
        }
        self.spectra.push(Record { mass, edges: bins.edges, first_usable: bins.first_usable, end: self.bins.len() });
    }

    /// The same contents under another category.
    pub fn with_category(self, category: Category) -> Self {
        Page { category, ..self }
    }

    /// Category.
    pub fn category(&self) -> &Category {
        &self.category
    }

    /// Events of the category.
    pub fn total(&self) -> Content {
        self.total
    }

    /// Number of spectra.
    pub fn len(&self) -> usize {
        self.spectra.len()
    }

    /// True if there is no spectrum.
    pub fn is_empty(&self) -> bool {
        self.spectra.is_empty()
    }

    pub(super) fn mass(&self, place: usize) -> &MassLabel {
        &self.spectra[place].mass
    }

    pub(super) fn bins(&self, place: usize) -> Bins {
        let Record { edges, first_usable, .. } = self.spectra[place];
        Bins { edges, first_usable }
    }

    pub(super) fn find(&self, mass: MassLabel) -> Option<usize> {
        let by_mass = self.by_mass.get_or_init(|| (0..).zip(&self.spectra).map(|(i, one)| (one.mass, i)).collect());
        by_mass.get(&mass).map(|&place| place as usize)
    }

    /// Filled bins of one spectrum.
    pub(super) fn filled(&self, place: usize) -> impl Iterator<Item = (usize, Content)> + '_ {
        let from = place.checked_sub(1).map_or(0, |before| self.spectra[before].end);
        (from..self.spectra[place].end).map(|i| {
            let entries = self.entries[i];
            let weights = self.weights.get(i).copied().unwrap_or_else(|| WeightSums::unit(entries));
            (self.bins[i] as usize, Content { entries, weights })
        })
    }

    pub(super) fn is_weighted(&self) -> bool {
        !self.weights.is_empty() || self.total.weights != WeightSums::unit(self.total.entries)
    }

    pub(super) fn has_unit_weights(&self) -> bool {
        self.total.weights == WeightSums::unit(self.total.entries)
            && self.weights.iter().zip(&self.entries).all(|(weights, &n)| *weights == WeightSums::unit(n))
    }

    pub(super) fn is_full(&self) -> bool {
        self.total.weights.is_full() || self.weights.iter().any(WeightSums::is_full)
    }

    pub(super) fn drop_weights(&mut self) {
        self.weights = Vec::new();
    }

    pub(super) fn spell_out_weights(&mut self) {
        if self.weights.is_empty() {
            self.weights = self.entries.iter().map(|&n| WeightSums::unit(n)).collect();
        }
    }

    pub(super) fn renumber_edges(&mut self, mut new_number: impl FnMut(u32) -> u32) {
        self.spectra.iter_mut().for_each(|one| one.edges = new_number(one.edges));
    }

    /// True if edge numbers and bins exist.
    pub(super) fn fits_edges(&self, edges: &[Arc<[f64]>]) -> bool {
        let mut from = 0;
        self.spectra.iter().all(|one| {
            let bins = &self.bins[from..one.end];
            from = one.end;
            edges.get(one.edges as usize).is_some_and(|set| {
                set.len() >= 2
                    && bins.is_sorted()
                    && bins.last().is_none_or(|&bin| bin as usize <= set.len())
                    && usize::from(one.first_usable) < set.len()
            })
        })
    }

    /// The sum of this page and others of the same category.
    pub(super) fn merge(self, mut others: Vec<Page>) -> Result<Page, BookError> {
        if others.is_empty() {
            return Ok(self);
        }
        let mut merged = Page::new(self.category.clone(), Content::default());
        others.push(self);
        let pages = others;
        let text_order = text_order(pages.iter().flat_map(|page| page.spectra.iter().map(|one| one.mass)));
        let mut order = Vec::new();
        for (number, page) in pages.iter().enumerate() {
            merged.total.add(page.total);
            let spectra = page.spectra.iter().enumerate();
            order.extend(spectra.map(|(place, one)| (text_order.get(&one.mass).copied(), number, place, one.mass)));
        }
        order.sort_unstable();
        let mut filled: Vec<(u16, Content)> = Vec::new();
        for same in order.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(_, number, place, mass)) = same.first() else { continue };
            let bins = pages[number].bins(place);
            if same.iter().any(|&(_, number, place, _)| pages[number].bins(place) != bins) {
                return Err(BookError::edges_differ(&merged.category, mass));
            }
            filled.clear();
            for &(_, number, place, _) in same {
                filled.extend(pages[number].filled(place).map(|(bin, content)| (bin as u16, content)));
            }
            filled.sort_by_key(|&(bin, _)| bin);
            filled.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1.add(next.1);
                }
                same
            });
            merged.push(mass, bins, filled.iter().copied());
        }
        Ok(merged)
    }
}

/// Text of a label, by which spectra are sorted.
pub(super) fn label_text(mass: MassLabel) -> String {
    let mut text = String::new();
    mass.write_to(&mut text);
    text
}

/// Place of every label among all of them in text order.
pub(crate) fn text_order(labels: impl Iterator<Item = MassLabel>) -> FxHashMap<MassLabel, u32> {
    let labels: FxHashSet<MassLabel> = labels.collect();
    let mut labels: Vec<MassLabel> = labels.into_iter().collect();
    labels.sort_by_cached_key(|&label| label_text(label));
    labels.into_iter().zip(0..).collect()
}

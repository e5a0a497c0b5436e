//! Where a worker collects masses, without hashing per mass.
//!
//! In: events as (regions passed, category, signature) with their bin numbers. Out: [`Cell`]s. All events of a cell have
//! the same masses, so one row of bin numbers per event is enough: rows are first written down one after the other, and
//! counted column by column when there are enough of them; columns of rare events are never more than their rows.
//! Regions and jet schemes are summed from cells at the end, so that an event is filled once, however many categories it
//! enters.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::campaign::Binning;
use crate::categories::CategoryKey;
use crate::histograms::Content;
use crate::histograms::edges::{BinFinder, EdgeTable, EdgesError};
use crate::histograms::weights::WeightSums;
use crate::masses::{MassRecipe, MassScratch, MassSelection, Signature};

/// The masses of a signature with their bins.
#[derive(Debug)]
pub(super) struct BinnedRecipe {
    /// Which masses, and how.
    pub masses: MassRecipe,
    /// Number of the edges of each mass.
    pub edges: Vec<u32>,
    finders: Vec<Arc<BinFinder>>,
    /// Where each mass starts in a counted cell; one more at the end.
    starts: Vec<usize>,
}

/// All recipes of a campaign; shared by the workers, made when first asked for.
#[derive(Debug)]
pub(super) struct RecipeBook<'a> {
    binning: &'a Binning,
    selection: MassSelection,
    shared: Mutex<(EdgeTable, FxHashMap<Signature, Arc<BinnedRecipe>>)>,
}

impl<'a> RecipeBook<'a> {
    pub(super) fn new(binning: &'a Binning, selection: MassSelection) -> Self {
        RecipeBook { binning, selection, shared: Mutex::default() }
    }

    /// Mass options of the campaign.
    pub(super) fn selection(&self) -> &MassSelection {
        &self.selection
    }

    /// The masses of a signature.
    pub(super) fn recipe(&self, signature: Signature) -> Result<Arc<BinnedRecipe>, EdgesError> {
        // A worker that panicked elsewhere leaves the table whole: it is changed by single inserts only.
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (edges, recipes) = &mut *shared;
        if let Some(recipe) = recipes.get(&signature) {
            return Ok(recipe.clone());
        }
        let masses = MassRecipe::new(signature, &self.selection);
        let mut recipe = BinnedRecipe { edges: vec![], finders: vec![], starts: vec![0], masses };
        let mut end = 0;
        for &label in recipe.masses.labels() {
            let (number, finder) = edges.finder(self.binning, label)?;
            end += finder.bins() + 2;
            recipe.edges.push(number);
            recipe.finders.push(finder);
            recipe.starts.push(end);
        }
        let recipe = Arc::new(recipe);
        recipes.insert(signature, recipe.clone());
        Ok(recipe)
    }

    /// All sets of edges by number.
    pub(super) fn edge_sets(&self) -> Vec<Arc<[f64]>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).0.edge_sets()
    }
}

/// What events of one cell have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CellKey {
    /// One bit per region that was passed.
    pub regions: u64,
    /// Category with region number 0.
    pub category: CategoryKey,
    /// Labelled objects.
    pub signature: Signature,
}

/// What a row of bin numbers counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// One event of weight w.
    Weights,
    /// w events of weight 1: pseudo-data.
    Copies,
}

impl Counting {
    pub(super) fn content(self, w: f64) -> Content {
        match self {
            Counting::Weights if w == 1.0 => Content::unit(1),
            Counting::Weights => Content::of(w),
            Counting::Copies => Content::unit(w as u64),
        }
    }
}

/// Bin numbers written down before they are counted.
const LOG_BINS: usize = 32 * 1024;

/// Events of one kind.
#[derive(Debug)]
pub(super) struct Cell {
    pub key: CellKey,
    pub recipe: Arc<BinnedRecipe>,
    /// All events.
    pub total: Content,
    counting: Counting,
    /// Rows of bin numbers that are not counted yet, one per event.
    log: Vec<u16>,
    /// Their weights; empty: all 1.
    log_weights: Vec<f64>,
    log_rows: usize,
    /// Counted contents, all masses one after the other; empty until there is something to count.
    entries: Vec<u64>,
    /// The same for weights; empty: all 1.
    weights: Vec<WeightSums>,
}

impl Cell {
    pub(super) fn new(key: CellKey, recipe: Arc<BinnedRecipe>, counting: Counting) -> Self {
        Cell {
            key,
            recipe,
            total: Content::default(),
            counting,
            log: vec![],
            log_weights: vec![],
            log_rows: 0,
            entries: vec![],
            weights: vec![],
        }
    }

    /// Adds an event: its labelled four-momenta must be those of the cell's signature. `w`: weight, or number of copies.
    pub(super) fn add(
        &mut self,
        objects: &crate::masses::LabelledObjects,
        met: (f64, f64),
        w: f64,
        scratch: &mut MassScratch,
    ) {
        self.total.add(self.counting.content(w));
        let columns = self.recipe.finders.len();
        if columns == 0 {
            return;
        }
        self.recipe.masses.compute(&objects.p4, met.0, met.1, scratch);
        self.log.extend(self.recipe.finders.iter().zip(&scratch.masses).map(|(finder, &mass)| finder.find(mass)));
        if w != 1.0 || !self.log_weights.is_empty() {
            self.log_weights.resize(self.log_rows, 1.0);
            self.log_weights.push(w);
        }
        self.log_rows += 1;
        if self.log_rows >= (LOG_BINS / columns).clamp(64, 1024) {
            self.count_log();
        }
    }

    /// Counts the rows written down so far.
    fn count_log(&mut self) {
        let size = self.recipe.starts.last().copied().unwrap_or(0);
        let columns = self.recipe.finders.len();
        if self.entries.is_empty() {
            self.entries = vec![0; size];
        }
        if !self.log_weights.is_empty() && self.weights.is_empty() && self.counting == Counting::Weights {
            self.weights = self.entries.iter().map(|&n| WeightSums::unit(n)).collect();
        }
        for (column, &start) in self.recipe.starts.iter().enumerate().take(columns) {
            let bins = self.log.iter().skip(column).step_by(columns);
            if self.log_weights.is_empty() && self.weights.is_empty() {
                for &bin in bins {
                    self.entries[start + bin as usize] += 1;
                }
            } else {
                for (row, &bin) in bins.enumerate() {
                    let place = start + bin as usize;
                    let content = self.counting.content(self.log_weights.get(row).copied().unwrap_or(1.0));
                    self.entries[place] += content.entries;
                    if let Some(weights) = self.weights.get_mut(place) {
                        weights.add(content.weights);
                    }
                }
            }
        }
        self.log.clear();
        self.log_weights.clear();
        self.log_rows = 0;
    }

    /// Calls `each` with bin number and content for one mass; bins may come several times and in any order.
    pub(super) fn visit(&self, column: usize, mut each: impl FnMut(usize, Content)) {
        let columns = self.recipe.finders.len();
        if let (Some(&from), Some(&to)) = (self.recipe.starts.get(column), self.recipe.starts.get(column + 1))
            && let Some(entries) = self.entries.get(from..to)
        {
            for (bin, &entries) in entries.iter().enumerate().filter(|(_, n)| **n > 0) {
                let weights = self.weights.get(from + bin).copied().unwrap_or_else(|| WeightSums::unit(entries));
                each(bin, Content { entries, weights });
            }
        }
        if columns > 0 {
            for (row, &bin) in self.log.iter().skip(column).step_by(columns).enumerate() {
                each(bin as usize, self.counting.content(self.log_weights.get(row).copied().unwrap_or(1.0)));
            }
        }
    }
}

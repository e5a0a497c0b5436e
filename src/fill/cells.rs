//! Where a worker collects masses, without hashing per mass.
//!
//! In: events as (regions passed, category, signature) with their bin numbers. Out: [`Cell`]s. All events of a cell have
//! the same masses, so one row of bin numbers per event is enough: `tally.rs` counts them.
//! Regions and jet schemes are summed from cells at the end, so that an event is filled once, however many categories it
//! enters.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::FillError;
use super::event_path::EventPath;
use super::tally::{CountScratch, Tally, event_of};
use crate::binning::Binning;
use crate::binning::edges::{BinFinder, EdgeTable};
use crate::categories::CategoryKey;
use crate::histograms::Content;
use crate::masses::{MassRecipe, MassSelection, Signature};

/// The masses of a signature with their bins.
#[derive(Debug)]
pub(crate) struct BinnedRecipe {
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
pub(crate) struct RecipeBook<'a> {
    binning: &'a Binning,
    selection: MassSelection,
    shared: Mutex<Shared>,
}

/// What has been made so far.
#[derive(Debug, Default)]
struct Shared {
    edges: EdgeTable,
    recipes: FxHashMap<Signature, Arc<BinnedRecipe>>,
    /// Masses of all of them.
    masses: usize,
}

/// Masses of all recipes together: with their bins some gigabytes.
const MOST_MASSES: usize = 5_000_000;

impl<'a> RecipeBook<'a> {
    pub(crate) fn new(binning: &'a Binning, selection: MassSelection) -> Self {
        RecipeBook { binning, selection, shared: Mutex::default() }
    }

    /// Mass options of the campaign.
    pub(crate) fn selection(&self) -> &MassSelection {
        &self.selection
    }

    /// The masses of a signature.
    pub(crate) fn recipe(&self, signature: Signature) -> Result<Arc<BinnedRecipe>, FillError> {
        // A worker that panicked elsewhere leaves the table whole: it is changed by single inserts only.
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Shared { edges, recipes, masses: all } = &mut *shared;
        if let Some(recipe) = recipes.get(&signature) {
            return Ok(recipe.clone());
        }
        let masses = MassRecipe::new(signature, &self.selection);
        *all += masses.labels().len();
        if *all > MOST_MASSES {
            return Err(FillError::TooManyMasses { objects: signature.len(), limit: MOST_MASSES });
        }
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
    pub(crate) fn edge_sets(&self) -> Vec<Arc<[f64]>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).edges.edge_sets()
    }
}

/// What events of one cell have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CellKey {
    /// One bit per region that was passed.
    pub regions: u64,
    /// Category with region number 0.
    pub category: CategoryKey,
    /// Labelled objects.
    pub signature: Signature,
    /// Counts will be drawn around its sums of weights; false: they stay as they are.
    pub drawn: bool,
}

/// Events of one kind.
#[derive(Debug)]
pub(crate) struct Cell {
    pub key: CellKey,
    pub recipe: Arc<BinnedRecipe>,
    /// All events.
    pub total: Content,
    tally: Tally,
}

impl Cell {
    pub(crate) fn new(key: CellKey, recipe: Arc<BinnedRecipe>) -> Self {
        let tally = Tally::new(recipe.finders.len());
        Cell { key, recipe, total: Content::default(), tally }
    }

    /// Adds the event of `path`, whose labelled objects must be those of the cell's signature. `w`: its
    /// weight.
    pub(crate) fn add(&mut self, path: &mut EventPath, w: f64, counting: &mut CountScratch) {
        self.total.add(event_of(w));
        let recipe = &*self.recipe;
        if recipe.finders.is_empty() {
            return;
        }
        let masses = path.masses(&recipe.masses);
        let bins = recipe.finders.iter().zip(masses).map(|(finder, &mass)| finder.find(mass));
        self.tally.add(bins, w, &recipe.starts, counting);
    }

    /// Calls `each` with bin number and content for one mass; bins may come several times and in any order.
    pub(crate) fn visit(&self, column: usize, each: impl FnMut(usize, Content)) {
        self.tally.visit(column, &self.recipe.starts, each);
    }
}

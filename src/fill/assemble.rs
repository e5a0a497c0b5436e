//! All workers' cells to one book.
//!
//! In: cells (regions passed, category, signature). Out: a book in which every region and jet scheme has its spectra:
//! a spectrum is the sum of the cells that belong to it. Sums are exact, so that the order of cells does not matter.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::cells::{Cell, RecipeBook};
use super::first_usable::first_usable_bin;
use crate::campaign::Campaign;
use crate::categories::{Category, CategoryKey};
use crate::histograms::{Bins, Book, BookError, Content, Page, text_order};
use crate::masses::Signature;
use crate::particles::MassLabel;

/// Makes the book; runs in the current thread pool.
pub(crate) fn assemble(campaign: &Campaign, recipes: &RecipeBook, cells: Vec<Cell>) -> Result<Book, BookError> {
    let edges = recipes.edge_sets();
    let regions: Vec<String> = campaign.regions.iter().map(|region| region.name.clone()).collect();
    let order = TextOrder::new(&cells);

    let mut members: Vec<(CategoryKey, usize)> = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        for region in (0..regions.len()).filter(|region| cell.key.regions >> region & 1 != 0) {
            let category = cell.key.category.with_region(region as u16);
            if campaign.jet_schemes.exclusive {
                members.push((category, number));
            }
            if campaign.jet_schemes.inclusive {
                members.push((category.any_jets(), number));
            }
        }
    }
    members.sort_unstable();
    let groups: Vec<&[(CategoryKey, usize)]> = members.chunk_by(|a, b| a.0 == b.0).collect();
    let pages = groups
        .par_iter()
        .filter_map(|group| {
            let category = group.first()?.0.category(&regions)?;
            let cells: Vec<&Cell> = group.iter().filter_map(|&(_, number)| cells.get(number)).collect();
            Some(page(campaign, category, &cells, &order, &edges))
        })
        .collect();
    Book::new(String::new(), edges, pages)
}

/// Place of every label in text order, per signature.
struct TextOrder {
    places: FxHashMap<Signature, Vec<u32>>,
}

impl TextOrder {
    fn new(cells: &[Cell]) -> Self {
        let place = text_order(cells.iter().flat_map(|cell| cell.recipe.masses.labels()).copied());
        let mut places = FxHashMap::default();
        for cell in cells {
            places.entry(cell.key.signature).or_insert_with(|| {
                cell.recipe.masses.labels().iter().map(|label| place.get(label).copied().unwrap_or(0)).collect()
            });
        }
        TextOrder { places }
    }

    fn of(&self, cell: &Cell) -> &[u32] {
        self.places.get(&cell.key.signature).map_or(&[], Vec::as_slice)
    }
}

fn page(campaign: &Campaign, category: Category, cells: &[&Cell], order: &TextOrder, edges: &[Arc<[f64]>]) -> Page {
    let first_usable = |mass: MassLabel, set: &[f64]| {
        let bin = first_usable_bin(&category, mass, set, &campaign.binning, &campaign.composites);
        bin.min(set.len().saturating_sub(1)) as u16
    };
    let mut total = Content::default();
    cells.iter().for_each(|cell| total.add(cell.total));
    let mut page = Page::new(category.clone(), total);
    let mut columns: Vec<(u32, u32, u32)> = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        columns.extend(order.of(cell).iter().enumerate().map(|(column, &place)| (place, number as u32, column as u32)));
    }
    columns.sort_unstable();
    let mut sums: Vec<Content> = Vec::new();
    for same in columns.chunk_by(|a, b| a.0 == b.0) {
        let Some(&(_, number, column)) = same.first() else { continue };
        let Some(recipe) = cells.get(number as usize).map(|cell| &cell.recipe) else { continue };
        let (Some(&mass), Some(&edge_number)) =
            (recipe.masses.labels().get(column as usize), recipe.edges.get(column as usize))
        else {
            continue;
        };
        let set = edges.get(edge_number as usize).map_or(&[][..], |set| set);
        sums.resize((set.len() + 1).max(sums.len()), Content::default());
        let (mut low, mut high) = (usize::MAX, 0);
        for &(_, number, column) in same {
            if let Some(cell) = cells.get(number as usize) {
                cell.visit(column as usize, |bin, content| {
                    if let Some(sum) = sums.get_mut(bin) {
                        sum.add(content);
                        low = low.min(bin);
                        high = high.max(bin);
                    }
                });
            }
        }
        let touched = sums.get_mut(low..=high).unwrap_or(&mut []);
        let filled = touched.iter().enumerate().filter(|(_, content)| content.entries > 0);
        let bins = Bins { edges: edge_number, first_usable: first_usable(mass, set) };
        page.push(mass, bins, filled.map(|(i, &content)| ((low + i) as u16, content)));
        touched.fill(Content::default());
    }
    page
}

//! The book: every spectrum of a campaign.
//!
//! In: [`Page`]s, one per category. Out: spectra by category and mass in sorted text order; two books merge into one.
//! Bins are kept only where they are filled. Entries are integers and weights sum exactly (see [`super::weights`]), so
//! that merging is associative down to the last bit. Flow bins are kept: bin 0 lies below the first edge, bin `n + 1`
//! from the last edge on. Masses and edges in GeV.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use thiserror::Error;

use super::page::{Bins, Page, label_text};
use super::weights::WeightSums;
use crate::categories::Category;
use crate::particles::MassLabel;

/// Contents of one bin, or of a category: events and weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Content {
    /// Raw events.
    pub entries: u64,
    /// Their weights.
    pub weights: WeightSums,
}

impl Content {
    /// `n` events of weight 1.
    pub fn unit(n: u64) -> Self {
        Content { entries: n, weights: WeightSums::unit(n) }
    }

    /// One event of weight `w`.
    pub fn of(w: f64) -> Self {
        Content { entries: 1, weights: WeightSums::of(w) }
    }

    /// Adds another content.
    pub fn add(&mut self, other: Content) {
        self.entries = self.entries.saturating_add(other.entries);
        self.weights.add(other.weights);
    }

    /// Sum of weights.
    pub fn sum_w(&self) -> f64 {
        self.weights.sum_w()
    }

    /// Sum of squared weights.
    pub fn sum_w2(&self) -> f64 {
        self.weights.sum_w2()
    }
}

/// All spectra of a campaign, sorted by the text of their category, then of their mass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    provenance: String,
    edges: Vec<Arc<[f64]>>,
    pages: Vec<Page>,
    by_category: FxHashMap<Category, usize>,
}

impl Book {
    /// From pages in any order. Edge numbers of the pages refer to `edges`; pages of one category are summed.
    pub fn new(provenance: String, edges: Vec<Arc<[f64]>>, pages: Vec<Page>) -> Result<Book, BookError> {
        let mut keyed: Vec<(String, Page)> =
            pages.into_iter().map(|page| (page.category().to_string(), page)).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        let mut pages: Vec<Page> = Vec::new();
        let mut rest = keyed.into_iter().peekable();
        while let Some((text, page)) = rest.next() {
            let same = std::iter::from_fn(|| rest.next_if(|(other, _)| *other == text)).map(|(_, page)| page).collect();
            pages.push(page.merge(same)?);
        }
        let by_category = pages.iter().enumerate().map(|(i, page)| (page.category().clone(), i)).collect();
        let mut book = Book { provenance, edges, pages, by_category };
        if !book.check_edge_numbers() {
            return Err(BookError::EdgeNumber);
        }
        if let Some(page) = book.pages.iter().find(|page| page.is_full()) {
            return Err(BookError::Full { category: page.category().to_string() });
        }
        book.drop_unit_weights();
        book.number_edges_by_first_use();
        Ok(book)
    }

    /// Where the book comes from: free text written by whoever filled it.
    pub fn provenance(&self) -> &str {
        &self.provenance
    }

    /// The same book with another provenance.
    pub fn with_provenance(self, provenance: String) -> Book {
        Book { provenance, ..self }
    }

    /// Number of spectra.
    pub fn len(&self) -> usize {
        self.pages.iter().map(Page::len).sum()
    }

    /// True if there is no spectrum.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if some event had a weight other than 1.
    pub fn is_weighted(&self) -> bool {
        self.pages.iter().any(Page::is_weighted)
    }

    /// Categories with their events, sorted by text; also those in which no mass can be built.
    pub fn categories(&self) -> impl Iterator<Item = (&Category, Content)> {
        self.pages.iter().map(|page| (page.category(), page.total()))
    }

    /// All spectra, sorted by category text, then mass text.
    pub fn spectra(&self) -> impl Iterator<Item = Spectrum<'_>> {
        self.pages.iter().flat_map(move |page| (0..page.len()).map(move |place| Spectrum { book: self, page, place }))
    }

    /// Spectra of one category, sorted by mass text.
    pub fn spectra_of(&self, category: &Category) -> impl Iterator<Item = Spectrum<'_>> {
        let page = self.page(category);
        page.into_iter().flat_map(move |page| (0..page.len()).map(move |place| Spectrum { book: self, page, place }))
    }

    /// One spectrum; None where no event filled it.
    pub fn get(&self, category: &Category, mass: MassLabel) -> Option<Spectrum<'_>> {
        let page = self.page(category)?;
        Some(Spectrum { book: self, page, place: page.find(mass)? })
    }

    /// The sum of two books. Spectra of one name must have the same edges.
    pub fn merge(&self, other: &Book) -> Result<Book, BookError> {
        let mut edges = self.edges.clone();
        let numbers: Vec<u32> = other.edges.iter().map(|set| edge_number(&mut edges, set)).collect();
        let mut pages = self.pages.clone();
        for page in &other.pages {
            let mut page = page.clone();
            page.renumber_edges(|old| numbers.get(old as usize).copied().unwrap_or(u32::MAX));
            pages.push(page);
        }
        let provenance = if self.provenance == other.provenance || other.provenance.is_empty() {
            self.provenance.clone()
        } else if self.provenance.is_empty() {
            other.provenance.clone()
        } else {
            format!("{}\n{}", self.provenance, other.provenance)
        };
        Book::new(provenance, edges, pages)
    }

    pub(super) fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Edge sets by number.
    pub(crate) fn edge_sets(&self) -> &[Arc<[f64]>] {
        &self.edges
    }

    fn page(&self, category: &Category) -> Option<&Page> {
        self.pages.get(*self.by_category.get(category)?)
    }

    fn check_edge_numbers(&self) -> bool {
        self.pages.iter().all(|page| page.fits_edges(&self.edges))
    }

    /// Weights are stored only where some event had a weight other than 1, so that equal contents are equal bytes.
    fn drop_unit_weights(&mut self) {
        if self.pages.iter().all(Page::has_unit_weights) {
            self.pages.iter_mut().for_each(Page::drop_weights);
        } else {
            self.pages.iter_mut().for_each(Page::spell_out_weights);
        }
    }

    /// Edge sets in the order in which the sorted spectra use them; unused ones go.
    fn number_edges_by_first_use(&mut self) {
        let mut sets: Vec<Arc<[f64]>> = Vec::new();
        let mut new_numbers = vec![u32::MAX; self.edges.len()];
        for page in &mut self.pages {
            page.renumber_edges(|old| {
                let Some(new) = new_numbers.get_mut(old as usize) else { return old };
                if *new == u32::MAX
                    && let Some(set) = self.edges.get(old as usize)
                {
                    *new = edge_number(&mut sets, set);
                }
                *new
            });
        }
        self.edges = sets;
    }
}

/// Number of a set of edges in a list; it is added where the list does not have it.
fn edge_number(sets: &mut Vec<Arc<[f64]>>, wanted: &Arc<[f64]>) -> u32 {
    let place = sets.iter().position(|set| Arc::ptr_eq(set, wanted) || set == wanted);
    place.unwrap_or_else(|| {
        sets.push(wanted.clone());
        sets.len() - 1
    }) as u32
}

/// One mass in one category: a view into a [`Book`].
#[derive(Debug, Clone, Copy)]
pub struct Spectrum<'a> {
    book: &'a Book,
    page: &'a Page,
    place: usize,
}

impl<'a> Spectrum<'a> {
    /// Category.
    pub fn category(&self) -> &'a Category {
        self.page.category()
    }

    /// Mass label.
    pub fn mass(&self) -> &'a MassLabel {
        self.page.mass(self.place)
    }

    /// `n + 1` edges in GeV, shared by all masses of the same composition.
    pub fn edges(&self) -> &'a Arc<[f64]> {
        &self.book.edges[self.layout().edges as usize]
    }

    /// Number of the edges among the edge sets of the book, and the first usable bin.
    pub(crate) fn layout(&self) -> Bins {
        self.page.bins(self.place)
    }

    /// First bin that may be scanned, from 0: behind a hole that a selection dug (physics.md section 5.5).
    pub fn first_usable(&self) -> usize {
        usize::from(self.layout().first_usable)
    }

    /// Number of bins, flow bins not counted.
    pub fn bins(&self) -> usize {
        self.edges().len() - 1
    }

    /// Filled bins with their number: 0 is underflow, 1 the first bin, `bins() + 1` overflow.
    pub fn filled(&self) -> impl Iterator<Item = (usize, Content)> + 'a {
        self.page.filled(self.place)
    }

    /// Events per bin, flow bins left out.
    pub fn entries(&self) -> Vec<u64> {
        self.dense(|content| content.entries)
    }

    /// Sum of weights per bin, flow bins left out.
    pub fn sum_w(&self) -> Vec<f64> {
        self.dense(|content| content.sum_w())
    }

    /// Sum of squared weights per bin, flow bins left out.
    pub fn sum_w2(&self) -> Vec<f64> {
        self.dense(|content| content.sum_w2())
    }

    /// Below the first edge.
    pub fn underflow(&self) -> Content {
        self.content(0)
    }

    /// From the last edge on.
    pub fn overflow(&self) -> Content {
        self.content(self.bins() + 1)
    }

    /// Everything together, flow bins too.
    pub fn total(&self) -> Content {
        let mut total = Content::default();
        self.filled().for_each(|(_, content)| total.add(content));
        total
    }

    fn content(&self, bin: usize) -> Content {
        self.filled().find(|&(number, _)| number == bin).map(|(_, content)| content).unwrap_or_default()
    }

    fn dense<T: Copy + Default>(&self, value: impl Fn(&Content) -> T) -> Vec<T> {
        let mut dense = vec![T::default(); self.bins()];
        for (bin, content) in self.filled() {
            if let Some(cell) = bin.checked_sub(1).and_then(|i| dense.get_mut(i)) {
                *cell = value(&content);
            }
        }
        dense
    }
}

/// Pages that do not make a book.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BookError {
    /// Two spectra of one name with different edges.
    #[error(
        "{category} {mass} has different bin edges (or another first usable bin) in the two books\nhint: merge only books of campaigns with the same `binning`"
    )]
    EdgesDiffer {
        /// Category.
        category: String,
        /// Mass label.
        mass: String,
    },
    /// Weights that are too large to be summed.
    #[error(
        "{category}: the sum of squared weights is beyond 1.5e20, which is more than fits\nhint: one simulated event stands for millions: a lower luminosity, or more events"
    )]
    Full {
        /// Category.
        category: String,
    },
    /// A page refers to edges or bins that are not there.
    #[error("a spectrum refers to bin edges or to bins that the book does not have")]
    EdgeNumber,
}

impl BookError {
    pub(super) fn edges_differ(category: &Category, mass: MassLabel) -> Self {
        BookError::EdgesDiffer { category: category.to_string(), mass: label_text(mass) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    type Filling = (u8, u8, u16, f64);

    /// Books of a few categories and masses, filled at random; half of them with weights.
    pub fn any_book() -> impl Strategy<Value = Book> {
        let filling = (0_u8..4, 0_u8..4, 0_u16..12, prop_oneof![Just(1.0), 0.1..3.0_f64]);
        (prop::collection::vec(filling, 0..40), any::<bool>())
            .prop_map(|(fillings, weighted)| book(&fillings, weighted))
    }

    fn book(fillings: &[Filling], weighted: bool) -> Book {
        let categories = ["incl/2mu.os/1j", "incl/1Z/Xj", "incl/none/6j+", "met200/1mu/0j"];
        let masses = ["m(mu1,mu2)", "mT(mu1,met)", "m(mu1,j1,j2)", "m(HM1)"];
        let edges: Vec<Arc<[f64]>> =
            vec![(0..11).map(f64::from).collect(), (0..11).map(|i| 3.0 * f64::from(i)).collect()];
        let pages = fillings
            .iter()
            .map(|&(category, mass, bin, w)| {
                let content = if weighted { Content::of(w) } else { Content::unit(1) };
                let mut page = Page::new(categories[category as usize].parse().unwrap(), content);
                let mass: MassLabel = masses[mass as usize].parse().unwrap();
                page.push(
                    mass,
                    Bins { edges: u32::from(mass.is_transverse()), first_usable: u16::from(mass.is_transverse()) },
                    [(bin.min(11), content)],
                );
                page
            })
            .collect();
        Book::new("test".into(), edges, pages).unwrap()
    }

    proptest! {
        #[test]
        fn merge_is_associative(a in any_book(), b in any_book(), c in any_book()) {
            let left = a.merge(&b).unwrap().merge(&c).unwrap();
            let right = a.merge(&b.merge(&c).unwrap()).unwrap();
            prop_assert_eq!(&left, &right);
            prop_assert_eq!(left, c.merge(&a).unwrap().merge(&b).unwrap());
        }

        #[test]
        fn spectra_come_in_text_order_and_are_found(book in any_book()) {
            let names: Vec<(String, String)> =
                book.spectra().map(|s| (s.category().to_string(), s.mass().to_string())).collect();
            prop_assert!(names.is_sorted());
            prop_assert_eq!(names.len(), book.len());
            for spectrum in book.spectra() {
                let found = book.get(spectrum.category(), *spectrum.mass()).unwrap();
                prop_assert_eq!(found.entries(), spectrum.entries());
                let dense: u64 = spectrum.entries().iter().sum();
                let flow = spectrum.underflow().entries + spectrum.overflow().entries;
                prop_assert_eq!(dense + flow, spectrum.total().entries);
            }
        }
    }

    #[test]
    fn unit_weights_are_not_stored() {
        let unit = book(&[(0, 0, 3, 1.0), (0, 0, 3, 1.0)], true);
        assert!(!unit.is_weighted());
        assert_eq!(unit, book(&[(0, 0, 3, 1.0), (0, 0, 3, 1.0)], false));
        let weighted = unit.merge(&book(&[(1, 1, 3, 0.5)], true)).unwrap();
        assert!(weighted.is_weighted());
        let spectrum = weighted.get(&"incl/2mu.os/1j".parse().unwrap(), "m(mu1,mu2)".parse().unwrap()).unwrap();
        assert_eq!(spectrum.sum_w()[2], 2.0);
    }

    #[test]
    fn different_edges_do_not_merge() {
        let make = |top: f64| {
            let mut page = Page::new("incl/1mu/1j".parse().unwrap(), Content::unit(1));
            page.push("m(mu1,j1)".parse().unwrap(), Bins::all_of(0), [(1, Content::unit(1))]);
            Book::new(String::new(), vec![Arc::from([0.0, top])], vec![page]).unwrap()
        };
        let error = make(1.0).merge(&make(2.0)).unwrap_err();
        assert!(error.to_string().starts_with("incl/1mu/1j m(mu1,j1) has different bin edges"));
    }
}

//! Weighted simulation as if it were data.
//!
//! In: a book of weighted sums. Out: a book of counts: a Poisson number per bin around its sum of weights, seeded by the
//! name of the spectrum; `Xj` is the sum of the exclusive draws where both are booked, else drawn itself. Also: which
//! spectra have fewer raw events behind them than their sum of weights says.

use rayon::prelude::*;

use crate::campaign::Campaign;
use crate::categories::{Category, JetCount};
use crate::histograms::{Book, BookError, Content, Page, Spectrum};
use crate::seeds::rng_for_purpose;
use crate::toys;

/// Spectra that are named in the warning about raw events.
const NAMED: usize = 3;

/// Draws counts for all spectra; runs in the current thread pool.
pub(crate) fn poisson(book: &Book, campaign: &Campaign) -> Result<Book, BookError> {
    let sum_exclusive = campaign.jet_schemes.exclusive;
    let categories: Vec<(&Category, Content)> =
        book.categories().filter(|(category, _)| !(sum_exclusive && category.jets == JetCount::Any)).collect();
    let drawn: Vec<Page> = categories
        .par_iter()
        .map(|&(category, total)| {
            let name = category.to_string();
            let mut page = Page::new(category.clone(), draw(&name, [total], campaign.seed)[0]);
            for spectrum in book.spectra_of(category) {
                let bins: Vec<(usize, Content)> = spectrum.filled().collect();
                let name = format!("{name} {}", spectrum.mass());
                let counts = draw(&name, bins.iter().map(|&(_, content)| content), campaign.seed);
                let filled: Vec<(u16, Content)> = bins
                    .iter()
                    .zip(counts)
                    .filter(|(_, content)| content.entries > 0)
                    .map(|(&(bin, _), content)| (bin as u16, content))
                    .collect();
                if !filled.is_empty() {
                    page.push(*spectrum.mass(), spectrum.layout(), filled);
                }
            }
            page
        })
        .filter(|page| page.total().entries > 0 || !page.is_empty())
        .collect();
    let inclusive = if sum_exclusive && campaign.jet_schemes.inclusive {
        drawn.iter().map(|page| page.clone().with_category(page.category().with_jets(JetCount::Any))).collect()
    } else {
        Vec::new()
    };
    let pages = drawn.into_iter().chain(inclusive).collect();
    Book::new(book.provenance().into(), book.edge_sets().to_vec(), pages)
}

/// Counts around the sums of weights, in order; sums of 0 or below give 0.
fn draw(name: &str, contents: impl IntoIterator<Item = Content>, campaign_seed: u64) -> Vec<Content> {
    let mut rng = rng_for_purpose(campaign_seed, "poisson", name);
    contents.into_iter().map(|content| Content::unit(toys::count(content.sum_w(), &mut rng) as u64)).collect()
}

/// A sentence about spectra with fewer raw events than `min_fraction` of their sum of weights.
pub(crate) fn few_raw_events(book: &Book, min_fraction: f64) -> Option<String> {
    if !book.is_weighted() {
        return None;
    }
    let mut thin: Vec<(f64, Spectrum)> = Vec::new();
    for spectrum in book.spectra() {
        let total = spectrum.total();
        let fraction = total.entries as f64 / total.sum_w();
        if total.sum_w() > 0.0 && fraction < min_fraction {
            thin.push((fraction, spectrum));
        }
    }
    if thin.is_empty() {
        return None;
    }
    // Stable: of equal fractions the first in the book comes first.
    thin.sort_by(|a, b| a.0.total_cmp(&b.0));
    let name = |(_, spectrum): &(f64, Spectrum)| {
        let (category, mass, total) = (spectrum.category(), spectrum.mass(), spectrum.total());
        format!("{category} {mass} ({} events for {:.0})", total.entries, total.sum_w())
    };
    let worst: Vec<String> = thin.iter().take(NAMED).map(name).collect();
    Some(format!(
        "{} of {} spectra have fewer simulated events than their sum of weights: their bins fluctuate more than counts would; worst: {}",
        thin.len(),
        book.len(),
        worst.join("; ")
    ))
}

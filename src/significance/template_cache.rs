//! Templates of equal bins, each length made once.
//!
//! In: widths in bins, once; then numbers of bins. Out: [`Templates`] of so many equal bins, shared by all who ask, in any
//! thread: spectra have few lengths, and templates cost more than the significance of one spectrum.

use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::Templates;

/// Templates by number of bins, all with the same widths.
#[derive(Debug, Default)]
pub struct TemplateCache {
    widths: Vec<f64>,
    by_bins: RwLock<FxHashMap<usize, Arc<Templates>>>,
}

impl TemplateCache {
    /// Nothing is made yet; `widths` in bins.
    pub fn new(widths: &[f64]) -> TemplateCache {
        TemplateCache { widths: widths.to_vec(), by_bins: RwLock::default() }
    }

    /// The templates of `bins` equal bins.
    pub fn of(&self, bins: usize) -> Arc<Templates> {
        // Templates are whole before they are kept, so a thread that panicked leaves none that is not.
        if let Some(made) = self.by_bins.read().unwrap_or_else(PoisonError::into_inner).get(&bins) {
            return Arc::clone(made);
        }
        // Made outside the lock: threads that need other lengths do not wait.
        let made = Arc::new(Templates::uniform(bins, &self.widths));
        let mut by_bins = self.by_bins.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(by_bins.entry(bins).or_insert(made))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_of_a_length_are_those_of_equal_bins_and_made_once() {
        let cache = TemplateCache::new(&[1.0, 3.0]);
        let made = cache.of(40);
        let expected = Templates::uniform(40, &[1.0, 3.0]);
        assert_eq!((made.n_bins(), made.widths()), (40, [1.0, 3.0].as_slice()));
        assert_eq!(made.get(20, 1).values, expected.get(20, 1).values);
        assert!(Arc::ptr_eq(&made, &cache.of(40)));
        assert_eq!(cache.of(30).n_bins(), 30);
    }

    #[test]
    fn threads_share_what_one_of_them_made() {
        let cache = TemplateCache::new(&[2.0]);
        let asked: Vec<Arc<Templates>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| cache.of(50))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        assert_eq!(asked.len(), 4);
        assert!(asked.iter().all(|one| Arc::ptr_eq(one, &asked[0])));
    }
}

//! How far a long piece of work has come, for whoever shows it: stages say how much there is and how much is done.
//!
//! In: calls from any thread. Out: nothing; the command line draws bars from it, tests and libraries are [`Silent`].

/// Hears what goes on; all methods may be called from any thread.
pub trait Progress: Sync {
    /// A stage begins that will go through so many items, `events` or `spectra`.
    fn begin(&self, _stage: &str, _items: u64, _unit: &'static str) {}
    /// So many items more are done.
    fn advance(&self, _items: u64) {}
    /// So many files are done with, of all.
    fn files(&self, _done: u64, _all: u64) {}
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

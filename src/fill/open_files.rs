//! The few input files that are open at a time.
//!
//! In: which file, and how to open it. Out: its source, opened again where it has been closed. Thousands of files cost
//! neither thousands of file handles nor the memory of their branch tables. Threads that work on the same file share
//! its source; a source lives until the last of them is done with it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ntuples::Reader;

/// Files kept open for the next unit, those in use not counted.
pub(crate) const KEPT_OPEN: usize = 100;

/// Sample and file number.
type FileKey = (usize, usize);

/// The files used last, the latest at the end.
#[derive(Default)]
pub(crate) struct OpenFiles {
    kept: Mutex<VecDeque<(FileKey, Arc<dyn Reader>)>>,
}

impl OpenFiles {
    /// The source of a file; `open` is called if it is not open.
    pub(crate) fn get(
        &self,
        key: FileKey,
        open: impl FnOnce() -> Result<Arc<dyn Reader>, String>,
    ) -> Result<Arc<dyn Reader>, String> {
        {
            let mut kept = self.lock();
            if let Some(place) = kept.iter().position(|(other, _)| *other == key)
                && let Some((_, source)) = kept.remove(place)
            {
                kept.push_back((key, source.clone()));
                return Ok(source);
            }
        }
        // Not under the lock: others can go on meanwhile, at worst a file is opened twice.
        let source = open()?;
        self.keep(key, source.clone());
        Ok(source)
    }

    /// Keeps a file open; the one not used for longest is closed if there are too many.
    pub(crate) fn keep(&self, key: FileKey, source: Arc<dyn Reader>) {
        let mut kept = self.lock();
        kept.retain(|(other, _)| *other != key);
        if kept.len() >= KEPT_OPEN {
            kept.pop_front();
        }
        kept.push_back((key, source));
    }

    /// Closes a file that is not wanted again; who is still at it may end.
    pub(crate) fn close_one(&self, key: FileKey) {
        self.lock().retain(|(other, _)| *other != key);
    }

    /// Closes all that is not in use.
    pub(crate) fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(FileKey, Arc<dyn Reader>)>> {
        // The list is whole after every step.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::ntuples::{EventBatch, NtupleError, Scratch};

    #[derive(Debug)]
    struct Empty;

    impl Reader for Empty {
        fn entries(&self) -> u64 {
            0
        }
        fn bytes(&self) -> u64 {
            0
        }
        fn read_into(&self, _: Range<u64>, _: &mut Scratch, _: &mut EventBatch) -> Result<(), NtupleError> {
            Ok(())
        }
    }

    #[test]
    fn only_a_few_files_stay_open_and_those_used_last_do() {
        let files = OpenFiles::default();
        let opened = AtomicUsize::new(0);
        let get = |file: usize| {
            let open = || {
                opened.fetch_add(1, Ordering::Relaxed);
                Ok(Arc::new(Empty) as Arc<dyn Reader>)
            };
            assert!(files.get((0, file), open).is_ok());
            opened.load(Ordering::Relaxed)
        };
        assert_eq!((get(0), get(0)), (1, 1));
        for file in 1..KEPT_OPEN {
            get(file);
        }
        assert_eq!(get(0), KEPT_OPEN, "it is still open");
        assert_eq!(get(KEPT_OPEN), KEPT_OPEN + 1, "file 1 goes");
        assert_eq!(get(0), KEPT_OPEN + 1);
        assert_eq!(get(1), KEPT_OPEN + 2);
        assert_eq!(files.lock().len(), KEPT_OPEN);
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_asked_for_again() {
        let files = OpenFiles::default();
        assert_eq!(files.get((0, 0), || Err("gone".into())).err(), Some("gone".to_string()));
        assert!(files.get((0, 0), || Ok(Arc::new(Empty))).is_ok());
    }
}

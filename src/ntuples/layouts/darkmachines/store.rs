//! Bytes of a file, or in memory: positional reads that threads can share.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Where a text comes from. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) enum Store {
    Disk { file: Arc<File>, length: u64 },
    Memory(Arc<[u8]>),
}

impl Store {
    pub(super) fn length(&self) -> u64 {
        match self {
            Store::Disk { length, .. } => *length,
            Store::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Fills the buffer; an error if the text ends before.
    pub(super) fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        match self {
            Store::Disk { file, .. } => file.read_exact_at(buffer, at),
            Store::Memory(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let found = bytes.get(at..at.saturating_add(buffer.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
                buffer.copy_from_slice(found);
                Ok(())
            }
        }
    }

    /// Reads from the start.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor { store: self.clone(), at: 0 }
    }
}

/// A place in a [`Store`].
#[derive(Debug)]
pub(super) struct Cursor {
    store: Store,
    at: u64,
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.store.length().saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        if let Some(buffer) = buffer.get_mut(..count) {
            self.store.read_at(buffer, self.at)?;
        }
        self.at += count as u64;
        Ok(count)
    }
}

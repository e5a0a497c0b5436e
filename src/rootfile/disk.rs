//! Positional reads from one file that all threads share.
//!
//! In: a path, or the bytes themselves. Out: byte ranges of the file. Ranges are checked against the length of the file first, so that a
//! corrupt size cannot ask for memory. No mmap: a file truncated while it is mapped kills the process.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::error::{Damage, RootError};

/// An open file of known length.
#[derive(Debug)]
pub(crate) struct Disk {
    source: Source,
    length: u64,
    path: PathBuf,
}

#[derive(Debug)]
enum Source {
    File(File),
    Memory(Vec<u8>),
}

impl Disk {
    pub(crate) fn open(path: &Path) -> Result<Disk, RootError> {
        let io = |reason| RootError::Io { path: path.to_path_buf(), reason };
        let file = File::open(path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        if meta.is_dir() {
            return Err(io(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        Ok(Disk { source: Source::File(file), length: meta.len(), path: path.to_path_buf() })
    }

    /// A file that is in memory already; `path` names it in messages.
    pub(crate) fn in_memory(path: &Path, bytes: Vec<u8>) -> Disk {
        Disk { length: bytes.len() as u64, source: Source::Memory(bytes), path: path.to_path_buf() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Reads `count` bytes at `at` into the front of `buffer`, which grows if it must. `place` names what is read.
    pub(crate) fn read<'a>(
        &self,
        at: u64,
        count: usize,
        place: impl Fn() -> String,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], RootError> {
        let end = at.checked_add(count as u64).filter(|end| *end <= self.length);
        let Some(end) = end else {
            let expected = format!("the file has {} bytes", self.length);
            let found = at.saturating_add(count as u64);
            return Err(self.damaged(place(), at..found, Damage::implausible("its end", found, expected)));
        };
        if buffer.len() < count {
            buffer.resize(count, 0);
        }
        let slice = buffer.get_mut(..count).unwrap_or_default();
        let done = match &self.source {
            Source::File(file) => file.read_exact_at(slice, at),
            Source::Memory(bytes) => match bytes.get(at as usize..end as usize) {
                Some(bytes) => {
                    slice.copy_from_slice(bytes);
                    Ok(())
                }
                None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            },
        };
        done.map_err(|reason| match reason.kind() {
            io::ErrorKind::UnexpectedEof => {
                RootError::Truncated { path: self.path.clone(), expected: end, found: self.length }
            }
            _ => RootError::Io { path: self.path.clone(), reason },
        })?;
        Ok(slice)
    }

    /// [`RootError::Damaged`] for this file.
    pub(crate) fn damaged(&self, place: impl Into<String>, bytes: Range<u64>, damage: Damage) -> RootError {
        RootError::Damaged {
            path: self.path.as_path().into(),
            place: place.into().into(),
            bytes,
            damage,
            entries: None,
        }
    }
}

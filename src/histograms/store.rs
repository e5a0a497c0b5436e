//! A book on disk: one flat file.
//!
//! In: a [`Book`] and a path, or a file. Out: the file, or the book. Layout, all numbers little-endian:
//!
//! | part | content |
//! |---|---|
//! | header | `BUMPBOOK`, version (u32), flags (u32; bit 0: weights are stored) |
//! | provenance | length (u32), UTF-8 |
//! | edges | number of sets (u32); each: number of edges (u32), edges in GeV (f64) |
//! | pages | number (u32); each: category text (u32, UTF-8), events (u64), weights (2 x i128), spectra (u32), filled bins (u64); per spectrum: mass (u128), edge set (u32), first usable bin (u32), filled bins (u32); then bin numbers (u16), entries (u64), weights (2 x i128 each, where stored) |
//! | end | SHA-256 of all that stands before |
//!
//! Files are written complete or not at all ([`crate::part_file`]). Nothing in a file is believed before it is checked, and no
//! memory is taken for more than the file holds.

use std::fs;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::book::{Book, Content};
use super::page::{Bins, Page, label_text};
use super::weights::WeightSums;
use crate::binning::edges::MAX_BINS;
use crate::part_file::{FileError, write_atomically};
use crate::particles::MassLabel;

const MAGIC: &[u8; 8] = b"BUMPBOOK";
const VERSION: u32 = 2;
const WEIGHTED: u32 = 1;
const CHECKSUM: usize = 32;

impl Book {
    /// The bytes of the file; equal books give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let weighted = self.is_weighted();
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        put_u32(&mut out, VERSION as usize);
        put_u32(&mut out, if weighted { WEIGHTED as usize } else { 0 });
        put_text(&mut out, self.provenance());
        put_u32(&mut out, self.edge_sets().len());
        for set in self.edge_sets() {
            put_u32(&mut out, set.len());
            set.iter().for_each(|edge| out.extend_from_slice(&edge.to_le_bytes()));
        }
        put_u32(&mut out, self.pages().len());
        for page in self.pages() {
            put_page(&mut out, page, weighted);
        }
        let checksum = Sha256::digest(&out);
        out.extend_from_slice(&checksum);
        out
    }

    /// Reads the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Book, FormatError> {
        let (body, checksum) = bytes.split_at_checked(bytes.len().wrapping_sub(CHECKSUM)).ok_or(FormatError::NoBook)?;
        let mut input = Input { rest: body, at: 0 };
        if input.take(MAGIC.len())? != MAGIC {
            return Err(FormatError::NoBook);
        }
        let version = input.u32()?;
        if version != VERSION {
            return Err(FormatError::Version { found: version });
        }
        if Sha256::digest(body).as_slice() != checksum {
            return Err(FormatError::Checksum);
        }
        let weighted = input.u32()? & WEIGHTED != 0;
        let provenance = input.text()?.to_string();
        let edges = read_all(&mut input, 4, |input| read_edges(input))?;
        let pages = read_all(&mut input, 4, |input| read_page(input, weighted))?;
        if !input.rest.is_empty() {
            return Err(input.wrong("bytes after the last page"));
        }
        let texts: Vec<String> = pages.iter().map(|page| page.category().to_string()).collect();
        if !texts.is_sorted_by(|a, b| a < b) {
            return Err(input.wrong("categories out of order"));
        }
        Book::new(provenance, edges, pages).map_err(|error| input.wrong(&error.to_string()))
    }

    /// Writes the file, complete or not at all.
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        Ok(write_atomically(path, |out| out.write_all(&self.to_bytes()))?)
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Book, StoreError> {
        let bytes = fs::read(path).map_err(|source| StoreError::Read { path: path.into(), source })?;
        Book::from_bytes(&bytes).map_err(|source| StoreError::Format { path: path.into(), source })
    }
}

fn put_u32(out: &mut Vec<u8>, n: usize) {
    // Counts of categories, spectra and bins stay far below 2^32; a longer list would fail the check on reading.
    out.extend_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_u32(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_weights(out: &mut Vec<u8>, weights: WeightSums) {
    let (w, w2) = weights.to_parts();
    out.extend_from_slice(&w.to_le_bytes());
    out.extend_from_slice(&w2.to_le_bytes());
}

fn put_page(out: &mut Vec<u8>, page: &Page, weighted: bool) {
    put_text(out, &page.category().to_string());
    out.extend_from_slice(&page.total().entries.to_le_bytes());
    put_weights(out, page.total().weights);
    put_u32(out, page.len());
    let filled = || (0..page.len()).flat_map(|place| page.filled(place));
    out.extend_from_slice(&(filled().count() as u64).to_le_bytes());
    for place in 0..page.len() {
        out.extend_from_slice(&page.mass(place).to_bits().to_le_bytes());
        let bins = page.bins(place);
        put_u32(out, bins.edges as usize);
        put_u32(out, usize::from(bins.first_usable));
        put_u32(out, page.filled(place).count());
    }
    filled().for_each(|(bin, _)| out.extend_from_slice(&(bin as u16).to_le_bytes()));
    filled().for_each(|(_, content)| out.extend_from_slice(&content.entries.to_le_bytes()));
    if weighted {
        filled().for_each(|(_, content)| put_weights(out, content.weights));
    }
}

/// The part of the file that is not read yet.
struct Input<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], FormatError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(FormatError::TooShort {
            at: self.at,
            wanted: n,
            left: self.rest.len(),
        })?;
        self.rest = rest;
        self.at += n;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        fixed(self.take(N)?).ok_or(FormatError::NoBook)
    }

    fn u32(&mut self) -> Result<u32, FormatError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, FormatError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<&'a str, FormatError> {
        let length = self.u32()? as usize;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.wrong("text that is not UTF-8"))
    }

    fn weights(&mut self) -> Result<WeightSums, FormatError> {
        Ok(WeightSums::from_parts(i128::from_le_bytes(self.array()?), i128::from_le_bytes(self.array()?)))
    }

    /// `n` values of `size` bytes.
    fn many(&mut self, n: usize, size: usize) -> Result<std::slice::ChunksExact<'a, u8>, FormatError> {
        let bytes = n.checked_mul(size).ok_or_else(|| self.wrong("a count that no file can hold"))?;
        Ok(self.take(bytes)?.chunks_exact(size))
    }

    fn wrong(&self, what: &str) -> FormatError {
        FormatError::Wrong { at: self.at, what: what.into() }
    }
}

/// A count, then so many items of at least `least` bytes each.
fn read_all<'a, T>(
    input: &mut Input<'a>,
    least: usize,
    read: impl Fn(&mut Input<'a>) -> Result<T, FormatError>,
) -> Result<Vec<T>, FormatError> {
    let n = input.u32()? as usize;
    if n > input.rest.len() / least {
        return Err(input.wrong("a count larger than the file"));
    }
    (0..n).map(|_| read(input)).collect()
}

fn read_edges(input: &mut Input) -> Result<Arc<[f64]>, FormatError> {
    let n = input.u32()? as usize;
    let edges: Arc<[f64]> = input.many(n, 8)?.map(|chunk| fixed(chunk).map_or(f64::NAN, f64::from_le_bytes)).collect();
    let rising = edges.is_sorted_by(|a, b| a < b) && edges.iter().all(|edge| edge.is_finite());
    if !(2..=MAX_BINS + 1).contains(&n) || !rising {
        return Err(input.wrong("bin edges that do not rise"));
    }
    Ok(edges)
}

/// Bytes of known number.
fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn read_page(input: &mut Input, weighted: bool) -> Result<Page, FormatError> {
    let category = input.text()?.parse().map_err(|_| input.wrong("a text that is no category"))?;
    let total = Content { entries: input.u64()?, weights: input.weights()? };
    let spectra = input.u32()? as usize;
    let filled = usize::try_from(input.u64()?).map_err(|_| input.wrong("a count larger than the file"))?;
    let records = input.many(spectra, 28)?;
    let mut bins = input.many(filled, 2)?;
    let mut entries = input.many(filled, 8)?;
    let mut weights = if weighted { Some(input.many(filled, 32)?) } else { None };
    let mut page = Page::new(category, total);
    let mut last_mass = String::new();
    let mut contents = Vec::new();
    for record in records {
        let mut record = Input { rest: record, at: input.at };
        let mass =
            MassLabel::from_bits(u128::from_le_bytes(record.array()?)).ok_or_else(|| input.wrong("no mass label"))?;
        let (edges, first_usable, n) = (record.u32()?, record.u32()?, record.u32()? as usize);
        let first_usable = u16::try_from(first_usable).map_err(|_| input.wrong("a first bin that is none"))?;
        let text = label_text(mass);
        if text <= last_mass {
            return Err(input.wrong("masses out of order"));
        }
        last_mass = text;
        contents.clear();
        for _ in 0..n {
            let short = || input.wrong("fewer bins than the spectra need");
            let bin = u16::from_le_bytes(bins.next().and_then(fixed).ok_or_else(short)?);
            let entries = u64::from_le_bytes(entries.next().and_then(fixed).ok_or_else(short)?);
            let weights = match &mut weights {
                Some(column) => Input { rest: column.next().ok_or_else(short)?, at: input.at }.weights()?,
                None => WeightSums::unit(entries),
            };
            contents.push((bin, Content { entries, weights }));
        }
        if !contents.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(input.wrong("bins out of order"));
        }
        page.push(mass, Bins { edges, first_usable }, contents.iter().copied());
    }
    if bins.len() > 0 {
        return Err(input.wrong("more bins than the spectra need"));
    }
    Ok(page)
}

/// Bytes that are not a book.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// Another kind of file.
    #[error("this is not a book\nhint: a book is written by `bumphound fill`")]
    NoBook,
    /// Written by another version.
    #[error("the book has layout version {found}, this program reads version {VERSION}\nhint: fill it again")]
    Version {
        /// Version in the file.
        found: u32,
    },
    /// Damaged.
    #[error("the checksum does not match: the file is damaged or cut short\nhint: copy or fill it again")]
    Checksum,
    /// The end comes too early.
    #[error("the file ends at byte {at}: {wanted} bytes expected, {left} left")]
    TooShort {
        /// Place.
        at: usize,
        /// Bytes wanted.
        wanted: usize,
        /// Bytes left.
        left: usize,
    },
    /// Contents that make no sense.
    #[error("at byte {at}: {what}")]
    Wrong {
        /// Place.
        at: usize,
        /// What is wrong.
        what: String,
    },
}

/// A book that cannot be written or read.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Writing.
    #[error("the book: {0}")]
    Write(#[from] FileError),
    /// Reading.
    #[error("book {} cannot be read: {source}", path.display())]
    Read {
        /// File.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Contents.
    #[error("book {}: {source}", path.display())]
    Format {
        /// File.
        path: PathBuf,
        /// Why.
        source: FormatError,
    },
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::any_book;
    use super::*;
    use proptest::prelude::*;

    /// Gives damaged bytes a checksum that fits, so that the checks behind it are reached.
    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let body = bytes.len().saturating_sub(CHECKSUM);
        bytes.truncate(body);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    proptest! {
        #[test]
        fn books_come_back_from_disk(book in any_book()) {
            let bytes = book.to_bytes();
            prop_assert_eq!(Book::from_bytes(&bytes), Ok(book));
        }

        #[test]
        fn damaged_books_are_refused_or_read_without_panic(
            book in any_book(),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let good = book.to_bytes();
            let mut bad = good.clone();
            let place = at.index(bad.len());
            bad[place] ^= byte | 1;
            prop_assert!(Book::from_bytes(&bad).is_err(), "the checksum sees every flipped byte");
            let _ = Book::from_bytes(&sealed(bad));
            let short = good[..cut.index(good.len())].to_vec();
            prop_assert!(Book::from_bytes(&short).is_err());
            let _ = Book::from_bytes(&sealed(short));
        }
    }

    #[test]
    fn a_file_is_complete_or_absent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.bin");
        let book = Book::new("v1".into(), vec![], vec![]).unwrap();
        book.write(&path).unwrap();
        assert_eq!(Book::read(&path).unwrap(), book);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(Book::read(&folder.path().join("none")).unwrap_err().to_string().contains("none"));
        fs::write(&path, b"CSV,1").unwrap();
        assert!(Book::read(&path).unwrap_err().to_string().contains("not a book"));
    }
}

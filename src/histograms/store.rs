//! A book on disk: one flat file.
//!
//! In: a [`Book`] and a path, or a file. Out: the file, or the book. Layout, all numbers little-endian:
//!
//! | part | content |
//! |---|---|
//! | header | `BUMPBOOK`, version (u32), flags (u32; bit 0: weights are stored) |
//! | provenance | length (u32), UTF-8 |
//! | kinds | number (u32); names of the kinds of objects that the program knew, in label order (u32, UTF-8) |
//! | masses | number (u32); each mass label of the book once, in text order (u32, UTF-8) |
//! | edges | number of sets (u32); each: number of edges (u32), edges in GeV (f64) |
//! | pages | number (u32); each: category text (u32, UTF-8), events (u64), weights (2 x i128), spectra (u32), filled bins (u64); per spectrum: place of its mass (u32), edge set (u32), first usable bin (u32), filled bins (u32); then bin numbers (u16), entries (u64), weights (2 x i128 each, where stored) |
//! | end | SHA-256 of all that stands before |
//!
//! Files are written complete or not at all ([`crate::part_file`]). Nothing in a file is believed before it is checked, and no
//! memory is taken for more than the file holds.

use std::fs;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::book::{Book, Content};
use super::page::{Bins, Page, label_text, text_order};
use super::weights::WeightSums;
use crate::binning::edges::MAX_BINS;
use crate::file_kind::{FileKind, describe};
use crate::part_file::{FileError, write_atomically};
use crate::particles::{Kind, MassLabel};

const MAGIC: &[u8; 8] = b"BUMPBOOK";
const VERSION: u32 = 3;
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
        put_u32(&mut out, Kind::COUNT);
        Kind::ALL.iter().for_each(|kind| put_text(&mut out, kind.name()));
        let places = text_order(self.spectra().map(|spectrum| *spectrum.mass()));
        put_masses(&mut out, &places);
        put_u32(&mut out, self.edge_sets().len());
        for set in self.edge_sets() {
            put_u32(&mut out, set.len());
            set.iter().for_each(|edge| out.extend_from_slice(&edge.to_le_bytes()));
        }
        put_u32(&mut out, self.pages().len());
        for page in self.pages() {
            put_page(&mut out, page, &places, weighted);
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
        check_kinds(&read_all(&mut input, 4, Input::text)?)?;
        let masses = read_masses(&mut input)?;
        let edges = read_all(&mut input, 4, |input| read_edges(input))?;
        let pages = read_all(&mut input, 4, |input| read_page(input, &masses, weighted))?;
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
        Book::from_bytes(&bytes).map_err(|source| match source {
            FormatError::NoBook => StoreError::Kind(describe(path, FileKind::of(&bytes), "a book (`bumphound fill`)")),
            source => StoreError::Format { path: path.into(), source },
        })
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

/// Labels as text: they mean the same whatever kinds a program knows. `places`: of every label in text order.
fn put_masses(out: &mut Vec<u8>, places: &FxHashMap<MassLabel, u32>) {
    put_u32(out, places.len());
    let mut labels: Vec<(u32, MassLabel)> = places.iter().map(|(&label, &place)| (place, label)).collect();
    labels.sort_unstable();
    labels.into_iter().for_each(|(_, label)| put_text(out, &label_text(label)));
}

fn put_page(out: &mut Vec<u8>, page: &Page, places: &FxHashMap<MassLabel, u32>, weighted: bool) {
    put_text(out, &page.category().to_string());
    out.extend_from_slice(&page.total().entries.to_le_bytes());
    put_weights(out, page.total().weights);
    put_u32(out, page.len());
    let filled = || (0..page.len()).flat_map(|place| page.filled(place));
    out.extend_from_slice(&(filled().count() as u64).to_le_bytes());
    for place in 0..page.len() {
        // Every label of the book has a place.
        put_u32(out, places.get(page.mass(place)).map_or(usize::MAX, |&place| place as usize));
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

/// A book may know fewer kinds than this program; other ones, or another order, make other labels and categories.
fn check_kinds(names: &[&str]) -> Result<(), FormatError> {
    let places: Option<Vec<usize>> =
        names.iter().map(|name| Kind::ALL.iter().position(|kind| kind.name() == *name)).collect();
    if places.is_none_or(|places| !places.is_sorted_by(|a, b| a < b)) {
        return Err(FormatError::Kinds { found: names.join(" ") });
    }
    Ok(())
}

fn read_masses(input: &mut Input) -> Result<Vec<MassLabel>, FormatError> {
    let texts = read_all(input, 4, |input| input.text())?;
    if !texts.is_sorted_by(|a, b| a < b) {
        return Err(input.wrong("masses out of order"));
    }
    let label = |text: &str| text.parse().ok().filter(|&label| label_text(label) == text);
    texts.iter().map(|text| label(text).ok_or_else(|| input.wrong("no mass label"))).collect()
}

fn read_page(input: &mut Input, masses: &[MassLabel], weighted: bool) -> Result<Page, FormatError> {
    let category = input.text()?.parse().map_err(|_| input.wrong("a text that is no category"))?;
    let total = Content { entries: input.u64()?, weights: input.weights()? };
    let spectra = input.u32()? as usize;
    let filled = usize::try_from(input.u64()?).map_err(|_| input.wrong("a count larger than the file"))?;
    let records = input.many(spectra, 16)?;
    let mut bins = input.many(filled, 2)?;
    let mut entries = input.many(filled, 8)?;
    let mut weights = if weighted { Some(input.many(filled, 32)?) } else { None };
    let mut page = Page::new(category, total);
    let mut last = None;
    let mut contents = Vec::new();
    for record in records {
        let mut record = Input { rest: record, at: input.at };
        let place = record.u32()?;
        let &mass = masses.get(place as usize).ok_or_else(|| input.wrong("a mass that is not in the list"))?;
        let (edges, first_usable, n) = (record.u32()?, record.u32()?, record.u32()? as usize);
        let first_usable = u16::try_from(first_usable).map_err(|_| input.wrong("a first bin that is none"))?;
        if last.replace(place).is_some_and(|last| place <= last) {
            return Err(input.wrong("masses out of order"));
        }
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
    #[error(
        "the book has layout version {found}, this program reads version {VERSION}\nhint: run `bumphound fill` again"
    )]
    Version {
        /// Version in the file.
        found: u32,
    },
    /// Filled by a program with other kinds of objects.
    #[error(
        "the book knows the kinds of objects {found}, this program {}\nhint: run `bumphound fill` again",
        Kind::names(&Kind::ALL, " ")
    )]
    Kinds {
        /// Names in the file.
        found: String,
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
    /// Another kind of file.
    #[error("{0}")]
    Kind(String),
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

    /// A book of one spectrum, with the kinds of the program that wrote it replaced.
    fn written_with(replace: impl Fn(&mut Vec<u8>)) -> Result<Book, FormatError> {
        let mut page = Page::new("incl/2mu.os/1j".parse().unwrap(), Content::unit(1));
        page.push("m(mu1,mu2)".parse().unwrap(), Bins::all_of(0), [(1, Content::unit(1))]);
        let mut bytes = Book::new("v".into(), vec![Arc::from([0.0, 1.0])], vec![page]).unwrap().to_bytes();
        replace(&mut bytes);
        Book::from_bytes(&sealed(bytes))
    }

    /// Replaces the list of kinds.
    fn put_kinds(bytes: &mut Vec<u8>, names: &[&str]) {
        let list = |names: &[&str]| {
            let mut out = Vec::new();
            put_u32(&mut out, names.len());
            names.iter().for_each(|name| put_text(&mut out, name));
            out
        };
        let old = list(&Kind::ALL.map(Kind::name));
        let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
        bytes.splice(at..at + old.len(), list(names));
    }

    #[test]
    fn books_are_read_by_programs_that_know_more_kinds_but_not_by_those_that_know_others() {
        let with = |names: &[&str]| written_with(|bytes| put_kinds(bytes, names));
        assert_eq!(with(&["mu", "j"]), with(&Kind::ALL.map(Kind::name)));
        let (category, mass) = ("incl/2mu.os/1j".parse().unwrap(), "m(mu1,mu2)".parse().unwrap());
        assert!(with(&["mu", "j"]).unwrap().get(&category, mass).is_some());
        for other in [&["e", "mu", "tau"][..], &["mu", "e"], &["mu", "mu"]] {
            let error = with(other).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the book knows the kinds of objects {},", other.join(" "))), "{error}");
            assert!(error.ends_with("hint: run `bumphound fill` again"), "{error}");
        }
    }

    #[test]
    fn books_of_older_versions_say_what_to_do() {
        for version in [1_u8, 2] {
            let error = written_with(|bytes| bytes[MAGIC.len()] = version).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("the book has layout version {version}, this program reads")),
                "{error}"
            );
            assert!(error.ends_with("hint: run `bumphound fill` again"), "{error}");
        }
    }

    #[test]
    fn labels_in_a_book_are_checked() {
        let with = |from: &str, to: &str| {
            written_with(|bytes| {
                let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
                bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
            })
        };
        assert!(with("m(mu1,mu2)", "m(mu1,mu3)").is_ok());
        for wrong in ["m(mu2,mu1)", "m(mu1,xy2)", "m(mu1,mu1)"] {
            assert!(with("m(mu1,mu2)", wrong).unwrap_err().to_string().contains("no mass label"), "{wrong}");
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
        assert!(Book::read(&path).unwrap_err().to_string().contains("is text; expected is a book"));
    }
}

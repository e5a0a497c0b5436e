//! One input file, whatever its layout.
//!
//! In: a path and a [`Layout`]. Out: [`Source`]: how many events, how to cut them into work units, and any range of
//! them as an [`EventBatch`]. A source can be shared between threads; each brings its own [`Scratch`].

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::darkmachines::CsvReader;
use super::delphes::DelphesReader;
use super::describe::RawField;
use super::error::NtupleError;
use super::layouts::{BranchMap, Layout, Part};
use super::mapped::MappedReader;
use super::nanoaod;
use super::{EventBatch, Quantity, Scratch};
use crate::rootfile::RootFile;
use crate::rootfile::table::Table;

/// Events per work unit: some tens of megabytes, and enough units for all threads.
pub const EVENTS_PER_UNIT: u64 = 20_000;

/// An open input file.
#[derive(Debug, Clone)]
pub struct Source {
    path: PathBuf,
    bytes: u64,
    reader: Reader,
}

#[derive(Debug, Clone)]
enum Reader {
    Delphes(Box<DelphesReader>),
    Mapped(Box<MappedReader>),
    Csv(CsvReader),
}

impl Source {
    /// Opens a file and finds everything that the layout needs in it.
    pub fn open(path: impl AsRef<Path>, layout: &Layout) -> Result<Source, NtupleError> {
        let path = path.as_ref();
        if let Layout::DarkMachinesCsv(columns) = layout {
            let reader = CsvReader::open(path, columns)?;
            return Ok(Source { path: path.to_path_buf(), bytes: reader.bytes(), reader: Reader::Csv(reader) });
        }
        let file = RootFile::open(path)?;
        let mapped = |table: Table, map: &BranchMap, notes: Vec<String>| -> Result<Reader, NtupleError> {
            Ok(Reader::Mapped(Box::new(MappedReader::open(path.to_path_buf(), table, map, notes)?)))
        };
        let reader = match layout {
            Layout::Delphes(names) => Reader::Delphes(Box::new(DelphesReader::open(&file, names)?)),
            Layout::NanoAod(names) => {
                let table = Table::open(&file, &names.tree)?;
                let (map, notes) = nanoaod::map(names, &table)?;
                mapped(table, &map, notes)?
            }
            Layout::Branches(map) => mapped(Table::open(&file, &map.tree)?, map, Vec::new())?,
            Layout::DarkMachinesCsv(_) => return Err(NtupleError::NoObjects { path: path.to_path_buf() }),
        };
        Ok(Source { path: path.to_path_buf(), bytes: file.bytes(), reader })
    }

    /// What a person should know about choices that the file made: which MET, which b-tag, no weights.
    pub fn notes(&self) -> &[String] {
        match &self.reader {
            Reader::Delphes(_) => &[],
            Reader::Mapped(reader) => reader.notes(),
            Reader::Csv(reader) => reader.notes(),
        }
    }

    /// The branches (or the column) that a quantity is read from, for messages.
    pub fn branches_of(&self, part: Part, quantity: Quantity) -> String {
        match &self.reader {
            Reader::Delphes(reader) => reader.branch_of(part, quantity),
            Reader::Mapped(reader) => reader.branches_of(part, quantity),
            Reader::Csv(_) => format!("{} {quantity:?}", part.name()).to_lowercase(),
        }
    }

    /// The path that it was opened with.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Length of the file in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes of the file that are read for all events.
    pub fn bytes_read(&self) -> u64 {
        match &self.reader {
            Reader::Delphes(reader) => reader.packed_bytes(),
            Reader::Mapped(reader) => reader.packed_bytes(),
            Reader::Csv(reader) => reader.bytes(),
        }
    }

    /// Number of events.
    pub fn entries(&self) -> u64 {
        match &self.reader {
            Reader::Delphes(reader) => reader.entries(),
            Reader::Mapped(reader) => reader.entries(),
            Reader::Csv(reader) => reader.entries(),
        }
    }

    /// The fields of one event of a text, as they stand there; nothing for trees ([`super::describe::raw_entry`]).
    pub fn raw_fields(&self, entry: u64, scratch: &mut Scratch) -> Result<Vec<RawField>, NtupleError> {
        match &self.reader {
            Reader::Delphes(_) | Reader::Mapped(_) => Ok(Vec::new()),
            Reader::Csv(reader) => reader.raw_fields(entry, scratch),
        }
    }

    /// Events of a range, in file order.
    pub fn read(&self, range: Range<u64>, scratch: &mut Scratch) -> Result<EventBatch, NtupleError> {
        let mut batch = EventBatch::default();
        self.read_into(range, scratch, &mut batch)?;
        Ok(batch)
    }

    /// The same into a batch whose memory is used again.
    pub fn read_into(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        batch: &mut EventBatch,
    ) -> Result<(), NtupleError> {
        match &self.reader {
            Reader::Delphes(reader) => reader.read_into(range, scratch, batch),
            Reader::Mapped(reader) => reader.read_into(range, scratch, batch),
            Reader::Csv(reader) => reader.read_into(range, scratch, batch),
        }
    }

    /// Entry ranges of about `target_events` (0 counts as 1), in order, that cover the file. They depend on the file
    /// alone, never on the number of threads, and lie on basket boundaries where these are near.
    pub fn units(&self, target_events: u64) -> Vec<Range<u64>> {
        let starts = match &self.reader {
            Reader::Delphes(reader) => reader.basket_starts(),
            Reader::Mapped(reader) => reader.basket_starts(),
            Reader::Csv(reader) => reader.block_starts(),
        };
        units(self.entries(), target_events, &starts)
    }

    /// Event weights of a range, in file order, and nothing else.
    pub fn read_weights(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        weights: &mut Vec<f64>,
    ) -> Result<(), NtupleError> {
        match &self.reader {
            Reader::Delphes(reader) => reader.read_weights(range, scratch, weights),
            Reader::Mapped(reader) => reader.read_weights(range, scratch, weights),
            Reader::Csv(reader) => reader.read_weights(range, scratch, weights),
        }
    }

    /// Sum of the event weights, added in file order.
    pub fn sum_of_weights(&self, scratch: &mut Scratch) -> Result<f64, NtupleError> {
        let has_weights = match &self.reader {
            Reader::Delphes(reader) => reader.has_weights(),
            Reader::Mapped(reader) => reader.has_weights(),
            Reader::Csv(reader) => reader.has_weights(),
        };
        if !has_weights {
            return Ok(self.entries() as f64);
        }
        let (mut sum, mut weights) = (0.0, Vec::new());
        for range in units(self.entries(), 10 * EVENTS_PER_UNIT, &[]) {
            self.read_weights(range, scratch, &mut weights)?;
            sum = weights.iter().fold(sum, |sum, weight| sum + weight);
        }
        Ok(sum)
    }
}

fn units(entries: u64, target: u64, starts: &[u64]) -> Vec<Range<u64>> {
    let target = target.max(1);
    // At most a million pieces: a file that claims more entries than it can hold must not cost memory here.
    let pieces = (entries.saturating_add(target / 2) / target).clamp(1, 1_000_000);
    let mut cuts = vec![0];
    for piece in 1..pieces {
        let ideal = (u128::from(entries) * u128::from(piece) / u128::from(pieces)) as u64;
        let after = starts.partition_point(|start| *start < ideal);
        let near = [after.checked_sub(1).and_then(|i| starts.get(i)), starts.get(after)];
        let nearest = near.into_iter().flatten().min_by_key(|start| start.abs_diff(ideal));
        let cut = nearest.copied().filter(|start| start.abs_diff(ideal) <= target / 2).unwrap_or(ideal);
        if cuts.last().is_some_and(|last| *last < cut) && cut < entries {
            cuts.push(cut);
        }
    }
    let ends = cuts.iter().skip(1).copied().chain([entries]);
    cuts.iter().copied().zip(ends).map(|(start, end)| start..end).filter(|range| !range.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_cover_the_file_once_and_end_at_baskets_where_these_are_near() {
        assert_eq!(units(10_000, 20_000, &[0, 5_000]), vec![0..10_000]);
        assert_eq!(units(40_000, 20_000, &[0, 19_000, 33_000]), vec![0..19_000, 19_000..40_000]);
        assert_eq!(units(40_000, 20_000, &[0]), vec![0..20_000, 20_000..40_000]);
        assert_eq!(units(0, 20_000, &[]), vec![]);
        assert_eq!(units(3, 0, &[0]).len(), 3);
    }
}

#[cfg(test)]
mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn units_are_a_partition(entries in 0u64..5_000_000, target in 1u64..60_000, baskets in prop::collection::vec(0u64..5_000_000, 0..50)) {
            let mut starts = baskets;
            starts.sort_unstable();
            let units = units(entries, target.max(100), &starts);
            let mut next = 0;
            for unit in &units {
                prop_assert_eq!(unit.start, next);
                prop_assert!(unit.end > unit.start);
                next = unit.end;
            }
            prop_assert_eq!(next, entries);
        }
    }
}

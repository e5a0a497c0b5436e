//! An open input file, whatever its layout, or anything that gives events like one.
//!
//! In: an entry range. Out: its events as an [`EventBatch`]; how many events there are, and how to cut them into work
//! units. A reader can be shared between threads; each brings its own [`Scratch`].

use std::fmt::Debug;
use std::ops::Range;

use super::describe::RawField;
use super::error::NtupleError;
use super::{EventBatch, Part, Quantity, Scratch};

/// Events per work unit: some tens of megabytes, and enough units for all threads.
pub const EVENTS_PER_UNIT: u64 = 20_000;

/// A file of events, or anything that gives events like one. All methods may be called from any thread.
pub trait Reader: Debug + Send + Sync {
    /// Number of events.
    fn entries(&self) -> u64;

    /// Size on disk.
    fn bytes(&self) -> u64;

    /// Replaces a batch by the events of a range, in file order; its memory is used again.
    fn read_into(&self, range: Range<u64>, scratch: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError>;

    /// The generator weights of a range, in file order. As written here all columns are read for them.
    fn read_weights(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        weights: &mut Vec<f64>,
    ) -> Result<(), NtupleError> {
        *weights = self.read(range, scratch)?.weight;
        Ok(())
    }

    /// Sum of the weights of all events that were generated for this file, where the file knows it: a skim holds fewer.
    fn generated(&self) -> Option<f64> {
        None
    }

    /// True if its events have numbers by which each is known: [`read_event_numbers`](Reader::read_event_numbers).
    fn numbers_events(&self) -> bool {
        false
    }

    /// A number per event of a range that is the same wherever the event is stored (from run, luminosity block, event), in
    /// file order; nothing where the file has none.
    fn read_event_numbers(
        &self,
        _range: Range<u64>,
        _scratch: &mut Scratch,
        numbers: &mut Vec<u64>,
    ) -> Result<(), NtupleError> {
        numbers.clear();
        Ok(())
    }

    /// The events of a range, in file order.
    fn read(&self, range: Range<u64>, scratch: &mut Scratch) -> Result<EventBatch, NtupleError> {
        let mut batch = EventBatch::default();
        self.read_into(range, scratch, &mut batch)?;
        Ok(batch)
    }

    /// Entries where the file is best cut, such as the first ones of baskets.
    fn starts(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Entry ranges of about `target_events` (0 counts as 1), in order, that cover the file. They depend on the file
    /// alone, never on the number of threads, and lie on [`starts`](Reader::starts) where these are near.
    fn units(&self, target_events: u64) -> Vec<Range<u64>> {
        units(self.entries(), target_events, &self.starts())
    }

    /// What a person should know about choices that the file made: which MET, which b-tag, no weights.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The branches (or the column) that a quantity is read from, for messages.
    fn branches_of(&self, _part: Part, _quantity: Quantity) -> String {
        String::new()
    }

    /// The fields of one event of a text, as they stand there; nothing for trees ([`super::describe::raw_entry`]).
    fn raw_fields(&self, _entry: u64, _scratch: &mut Scratch) -> Result<Vec<RawField>, NtupleError> {
        Ok(Vec::new())
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

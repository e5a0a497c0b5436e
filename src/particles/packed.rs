//! A set of numbered objects of up to 16 kinds, in 16 bytes.
//!
//! In: kinds as their place in a list, numbers from 1. Out: a [`Packed`] set that is compared and hashed as a number.
//!
//! An event labels at most 16 objects and numbers those of a kind 1, 2, ..: whoever has a `g3` has `g1` and `g2` too. So
//! the highest numbers of all kinds in a mass add up to 16 at most, and a mass is 16 places, of which each kind has as many
//! as its highest number, in the order of kinds. A sum above 16 is refused: no event can have such a mass.
//!
//! | bits | content |
//! |---|---|
//! | 0 to 15 | one per place: this object is in the set |
//! | 16 to 95 | per kind 5 bits: the place behind its last one, 0 to 16 |
//! | 96 | MET |

use super::kind::{MAX_KINDS, MAX_LABELLED};

/// See the head of the file. Equal sets are equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(super) struct Packed(u128);

const PLACES: u128 = (1 << MAX_LABELLED) - 1;
const FIRST_END: u32 = MAX_LABELLED as u32;
const END_BITS: u32 = 5;
const MET: u128 = 1 << (FIRST_END + END_BITS * MAX_KINDS as u32);
/// 1 in the end of every kind.
const ALL_ENDS: u128 = {
    let (mut ones, mut kind) = (0, 0);
    while kind < MAX_KINDS {
        ones |= 1 << (FIRST_END + END_BITS * kind as u32);
        kind += 1;
    }
    ones
};

impl Packed {
    pub(super) const EMPTY: Packed = Packed(0);

    /// Place behind the last one of a kind.
    const fn end(self, kind: usize) -> u32 {
        (self.0 >> (FIRST_END + END_BITS * kind as u32)) as u32 & ((1 << END_BITS) - 1)
    }

    /// First place of a kind.
    const fn start(self, kind: usize) -> u32 {
        if kind == 0 { 0 } else { self.end(kind - 1) }
    }

    /// The set with one more object; None where no event labels as many objects as that takes.
    pub(super) const fn with(self, kind: usize, number: u8) -> Option<Packed> {
        if kind >= MAX_KINDS || number == 0 || number as usize > MAX_LABELLED {
            return None;
        }
        let place = self.start(kind) + number as u32 - 1;
        let end = self.end(kind);
        if place < end {
            return Some(Packed(self.0 | 1 << place));
        }
        // The kind gets more places; those of later kinds, and all ends from its own on, move up.
        let more = place + 1 - end;
        if self.end(MAX_KINDS - 1) + more > MAX_LABELLED as u32 {
            return None;
        }
        let before = self.0 & ((1 << end) - 1);
        let behind = (self.0 & PLACES) >> end << (end + more);
        let moved_ends = (ALL_ENDS << (END_BITS * kind as u32) & ALL_ENDS) * more as u128;
        Some(Packed(((self.0 & !PLACES) + moved_ends) | before | behind | (1 << place)))
    }

    pub(super) const fn with_met(self) -> Packed {
        Packed(self.0 | MET)
    }

    pub(super) const fn has_met(self) -> bool {
        self.0 & MET != 0
    }

    pub(super) const fn has(self, kind: usize, number: u8) -> bool {
        let place = self.start(kind) + (number as u32).wrapping_sub(1);
        place < self.end(kind) && self.0 >> place & 1 != 0
    }

    /// Objects, MET not counted.
    pub(super) const fn len(self) -> usize {
        (self.0 & PLACES).count_ones() as usize
    }

    /// Kinds and numbers in order.
    pub(super) fn objects(self) -> impl Iterator<Item = (usize, u8)> {
        let mut left = (self.0 & PLACES) as u32;
        let mut kind = 0;
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let place = left.trailing_zeros();
            left &= left - 1;
            // Every place lies before the end of some kind.
            while self.end(kind) <= place {
                kind += 1;
            }
            Some((kind, (place - self.start(kind) + 1) as u8))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn packed(objects: impl IntoIterator<Item = (usize, u8)>) -> Option<Packed> {
        objects.into_iter().try_fold(Packed::EMPTY, |set, (kind, number)| set.with(kind, number))
    }

    #[test]
    fn sixteen_kinds_fit_with_met() {
        let all: Vec<(usize, u8)> = (0..16).map(|kind| (kind, 1)).collect();
        let set = packed(all.iter().copied().rev()).unwrap().with_met();
        assert_eq!(set.objects().collect::<Vec<_>>(), all);
        assert!(set.has_met() && set.has(15, 1) && !set.has(15, 2) && !set.has(0, 2) && !set.has(0, 0));
        let last = packed((1..=16).map(|number| (15, number))).unwrap();
        assert_eq!((last.len(), last.has_met()), (16, false));
        assert_eq!(last.objects().last(), Some((15, 16)));
    }

    #[test]
    fn what_takes_seventeen_labelled_objects_is_refused() {
        assert_eq!(packed([(0, 16), (1, 1)]), None);
        assert_eq!(packed([(2, 9), (7, 8)]), None);
        assert!(packed([(2, 8), (7, 8)]).is_some());
        assert_eq!(packed([(16, 1)]), None);
        assert_eq!(packed([(0, 0)]), None);
        assert_eq!(packed([(0, 17)]), None);
    }

    proptest! {
        #[test]
        fn equal_sets_are_equal_numbers_in_whatever_order_they_grow(
            objects in prop::collection::btree_set((0_usize..16, 1_u8..17), 0..6),
            order in any::<u64>(),
        ) {
            let highest = |kind| objects.iter().filter(|one| one.0 == kind).map(|one| one.1).max().unwrap_or(0);
            let places: u32 = (0..16).map(|kind| u32::from(highest(kind))).sum();
            let set = packed(objects.iter().copied());
            prop_assert_eq!(set.is_some(), places <= 16);
            let mut shuffled: Vec<_> = objects.iter().copied().collect();
            shuffled.sort_by_key(|&(kind, number)| (kind as u64 * 31 + u64::from(number)).wrapping_mul(order | 1));
            prop_assert_eq!(packed(shuffled), set);
            if let Some(set) = set {
                prop_assert_eq!(set.objects().collect::<BTreeSet<_>>(), objects.clone());
                prop_assert!(set.objects().is_sorted());
                prop_assert_eq!(set.len(), objects.len());
                prop_assert!((0..16).all(|kind| (1..=16).all(|n| set.has(kind, n) == objects.contains(&(kind, n)))));
            }
        }
    }
}

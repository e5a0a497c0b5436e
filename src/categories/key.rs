//! A category in 8 bytes, for the event loop.
//!
//! In: a region number and the counts of an event. Out: a number that is compared and hashed in one instruction; names
//! of regions are needed only to turn it into a [`Category`] and back.

use super::{COUNTED_KINDS, Category, Charge, JetCount, ObjectCounts};
use crate::particles::Kind;

/// Packed category: light jets (3 bits), charge (2), object counts (3 each), region number (16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CategoryKey(u64);

const CHARGE_SHIFT: u32 = 3;
const COUNTS_SHIFT: u32 = 5;
const COUNT_BITS: u32 = 3;
const REGION_SHIFT: u32 = COUNTS_SHIFT + COUNT_BITS * COUNTED_KINDS.len() as u32;
const _: () = assert!(REGION_SHIFT + u16::BITS <= u64::BITS, "14 kinds beside light jets fit");
const ANY_JETS: u64 = 7;

/// Place of each count.
fn counts() -> impl Iterator<Item = (u32, Kind)> {
    (COUNTS_SHIFT..).step_by(COUNT_BITS as usize).zip(COUNTED_KINDS)
}

impl CategoryKey {
    /// Packs a category of region number `region` (its place in the campaign's list).
    pub fn new(region: u16, objects: ObjectCounts, charge: Charge, jets: JetCount) -> Self {
        let jets = match jets {
            JetCount::Exactly(n) => u64::from(n.min(5)),
            JetCount::SixOrMore => 6,
            JetCount::Any => ANY_JETS,
        };
        let mut bits = jets | (charge as u64) << CHARGE_SHIFT | u64::from(region) << REGION_SHIFT;
        for (shift, kind) in counts() {
            bits |= u64::from(objects.get(kind)) << shift;
        }
        CategoryKey(bits)
    }

    /// Region number.
    pub fn region(self) -> u16 {
        (self.0 >> REGION_SHIFT) as u16
    }

    /// The same category in another region.
    pub fn with_region(self, region: u16) -> Self {
        CategoryKey(self.0 & ((1 << REGION_SHIFT) - 1) | u64::from(region) << REGION_SHIFT)
    }

    /// The same category in all jet counts together, `Xj`.
    pub fn any_jets(self) -> Self {
        CategoryKey(self.0 | ANY_JETS)
    }

    /// Light jets.
    pub fn jets(self) -> JetCount {
        match self.0 & ANY_JETS {
            ANY_JETS => JetCount::Any,
            n => JetCount::exclusive(n as usize),
        }
    }

    /// Charge of two leptons.
    pub fn charge(self) -> Charge {
        match self.0 >> CHARGE_SHIFT & 3 {
            1 => Charge::Opposite,
            2 => Charge::Same,
            _ => Charge::NotSplit,
        }
    }

    /// Counts of objects.
    pub fn objects(self) -> ObjectCounts {
        let mut shifts = counts();
        ObjectCounts::new(|_| shifts.next().map_or(0, |(shift, _)| (self.0 >> shift & 7) as usize))
    }

    /// With names; None where the region number is not in the list.
    pub fn category(self, regions: &[String]) -> Option<Category> {
        let region = regions.get(self.region() as usize)?.clone();
        Some(Category { region, objects: self.objects(), charge: self.charge(), jets: self.jets() })
    }

    /// The key of a named category; None where its region is not in the list.
    pub fn of(category: &Category, regions: &[String]) -> Option<Self> {
        let region = regions.iter().position(|name| *name == category.region)?;
        Some(CategoryKey::new(u16::try_from(region).ok()?, category.objects, category.charge, category.jets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn category_key_round_trips(
            region in 0_u16..3,
            counts in prop::collection::vec(0_usize..7, Kind::COUNT),
            opposite in any::<bool>(),
            jets in 0_usize..9,
        ) {
            let regions = ["incl".to_string(), "met200".to_string(), "lead_pt100".to_string()];
            let objects = ObjectCounts::new(|kind| counts[kind.index()]);
            let charge = match objects.leptons() {
                2 if opposite => Charge::Opposite,
                2 => Charge::Same,
                _ => Charge::NotSplit,
            };
            let jets = if jets == 8 { JetCount::Any } else { JetCount::exclusive(jets) };
            let key = CategoryKey::new(region, objects, charge, jets);
            let category = key.category(&regions).unwrap();
            prop_assert_eq!(CategoryKey::of(&category, &regions), Some(key));
            prop_assert_eq!(category.to_string().parse::<Category>(), Ok(category));
            prop_assert_eq!(key.with_region(2).region(), 2);
            prop_assert_eq!(key.any_jets().jets(), JetCount::Any);
            prop_assert_eq!(key.any_jets().objects(), objects);
        }
    }
}

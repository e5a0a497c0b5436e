//! The anchor: the one RNTuple object that has a key in the ROOT file.
//!
//! In: the unpacked object, big-endian as all objects of a ROOT file. Out: [`Anchor`], where header and footer are.
//! The fields: version (epoch, major, minor, patch: two bytes each), header (position, packed and unpacked size),
//! footer (the same), largest size of a record; behind them the XXH3 checksum of the fields.

use super::envelope::Link;
use super::wire::{Locator, sum_fits};
use crate::rootfile::bytes::Bytes;
use crate::rootfile::error::Damage;

/// Flag of a byte count in front of an object.
const BYTE_COUNT: u32 = 0x4000_0000;
/// Bytes of the fields in format 1.0; later ones may append more.
const FIELDS: usize = 64;

/// Where header and footer of an RNTuple are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) header: Link,
    pub(crate) footer: Link,
    /// Larger blocks are cut into several records; 0: none is.
    pub(crate) max_record: u64,
}

/// Why there is no anchor.
#[derive(Debug, PartialEq)]
pub(crate) enum NoAnchor {
    /// The format is another one; its version.
    Version(String),
    Damaged(Damage),
}

impl From<Damage> for NoAnchor {
    fn from(damage: Damage) -> NoAnchor {
        NoAnchor::Damaged(damage)
    }
}

impl Anchor {
    pub(crate) fn parse(object: &[u8]) -> Result<Anchor, NoAnchor> {
        let mut bytes = Bytes::new(object);
        let count = bytes.u32()?;
        let size = ((count & !BYTE_COUNT) as usize).checked_sub(2).filter(|size| *size >= FIELDS);
        let size = size.filter(|_| count & BYTE_COUNT != 0);
        let size = size.ok_or_else(|| Damage::implausible("byte count of the anchor", count, "66 bytes at least"))?;
        let _class_version = bytes.u16()?;
        let fields = bytes.take(size)?;
        let sum = bytes.u64()?;
        let mut bytes = Bytes::new(fields);
        let version = [bytes.u16()?, bytes.u16()?, bytes.u16()?, bytes.u16()?];
        let [epoch, major, minor, patch] = version;
        if epoch != 1 {
            return Err(NoAnchor::Version(format!("{epoch}.{major}.{minor}.{patch}")));
        }
        if !sum_fits(fields, sum) {
            let reason = "its checksum differs".to_string();
            return Err(Damage::Undecodable { what: "anchor".into(), reason }.into());
        }
        let mut link = || -> Result<Link, Damage> {
            let (seek, packed, size) = (bytes.u64()?, bytes.u64()?, bytes.u64()?);
            Ok(Link { locator: Locator { seek, bytes: packed }, size })
        };
        let (header, footer) = (link()?, link()?);
        Ok(Anchor { header, footer, max_record: bytes.u64()? })
    }
}

#[cfg(test)]
mod tests {
    use twox_hash::XxHash3_64;

    use super::*;

    fn anchor(epoch: u16) -> Vec<u8> {
        let mut fields = Vec::new();
        [epoch, 0, 0, 1].iter().for_each(|part| fields.extend(part.to_be_bytes()));
        (1..=7u64).for_each(|number| fields.extend(number.to_be_bytes()));
        let sum = XxHash3_64::oneshot(&fields).to_be_bytes();
        [&(BYTE_COUNT | 66).to_be_bytes()[..], &2u16.to_be_bytes(), &fields, &sum].concat()
    }

    #[test]
    fn a_good_anchor_says_where_header_and_footer_are() {
        let found = Anchor::parse(&anchor(1)).expect("a good anchor");
        assert_eq!(found.header, Link { locator: Locator { seek: 1, bytes: 2 }, size: 3 });
        assert_eq!(found.footer, Link { locator: Locator { seek: 4, bytes: 5 }, size: 6 });
        assert_eq!(found.max_record, 7);
    }

    #[test]
    fn other_epochs_flipped_bits_and_cut_anchors_are_refused() {
        assert_eq!(Anchor::parse(&anchor(0)), Err(NoAnchor::Version("0.0.0.1".into())));
        assert_eq!(Anchor::parse(&anchor(2)), Err(NoAnchor::Version("2.0.0.1".into())));
        let good = anchor(1);
        for at in (0..good.len()).filter(|at| ![4, 5].contains(at)) {
            let mut bad = good.clone();
            bad[at] ^= 4;
            assert!(Anchor::parse(&bad).is_err(), "byte {at}");
            assert!(Anchor::parse(&good[..at]).is_err(), "{at} bytes");
        }
    }
}

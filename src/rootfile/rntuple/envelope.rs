//! Envelopes: packed, checksummed blocks of metadata; and blocks that are cut into several records.
//!
//! In: a link (position, packed and unpacked size) from the anchor or the footer. Out: the inside of the envelope and
//! its checksum. An envelope is a type (2 bytes) and its length (6 bytes), the inside, and the XXH3 of all of that.

use std::sync::Arc;

use super::wire::{Locator, Wire, sum_fits};
use crate::rootfile::compression::Codecs;
use crate::rootfile::disk::Disk;
use crate::rootfile::error::{Damage, RootError};

/// Most bytes that an envelope may unpack to: a page takes about 20 bytes in a page list, so millions of pages.
const MAX_ENVELOPE: u64 = 64 << 20;

/// Where an envelope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) locator: Locator,
    /// Unpacked size in bytes.
    pub(crate) size: u64,
}

/// The types of envelopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Header = 1,
    Footer = 2,
    PageList = 3,
}

/// An unpacked envelope whose checksum is right.
#[derive(Debug)]
pub(crate) struct Envelope {
    bytes: Vec<u8>,
    /// XXH3 of the envelope.
    pub(crate) checksum: u64,
}

impl Envelope {
    /// What stands between length and checksum.
    pub(crate) fn inside(&self) -> Wire<'_> {
        let end = self.bytes.len().saturating_sub(8);
        Wire::new(self.bytes.get(8..end).unwrap_or_default())
    }
}

/// Reads blocks of an RNTuple.
#[derive(Debug, Clone)]
pub(crate) struct Blocks {
    pub(crate) disk: Arc<Disk>,
    /// Blocks with more bytes are cut into several records; 0: none is.
    pub(crate) max_record: u64,
}

impl Blocks {
    /// Reads `count` bytes into `buffer`. `place` names them, for messages.
    pub(crate) fn read<'a>(
        &self,
        seek: u64,
        count: u64,
        place: impl Fn() -> String,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], RootError> {
        let refused = |damage| self.disk.damaged(place(), seek..seek.saturating_add(count), damage);
        let size = usize::try_from(count).ok().filter(|_| count <= self.disk.length()).ok_or_else(|| {
            refused(Damage::implausible("size", count, format!("the file has {} bytes", self.disk.length())))
        })?;
        if self.max_record == 0 || count <= self.max_record {
            return self.disk.read(seek, size, place, buffer);
        }
        // The first record ends with the positions of the others, 8 bytes each.
        let records = records(count, self.max_record);
        let positions = records.saturating_sub(1).saturating_mul(8);
        let Some(first) = self.max_record.checked_sub(positions).filter(|first| *first > 0) else {
            let expected = format!("records of {} bytes cannot list that many", self.max_record);
            return Err(refused(Damage::implausible("number of records", records, expected)));
        };
        let mut record = Vec::new();
        let bytes = self.disk.read(seek, self.max_record as usize, &place, &mut record)?;
        let (data, positions) = bytes.split_at_checked(first as usize).unwrap_or((bytes, &[]));
        let positions: Vec<u64> =
            positions.as_chunks().0.iter().map(|position| u64::from_le_bytes(*position)).collect();
        buffer.clear();
        buffer.extend_from_slice(data);
        for position in positions {
            let left = size.saturating_sub(buffer.len()).min(self.max_record as usize);
            buffer.extend_from_slice(self.disk.read(position, left, &place, &mut record)?);
        }
        buffer.get(..size).ok_or_else(|| refused(Damage::TooMuch("its records do not add up to its size")))
    }

    /// Reads, unpacks and checks an envelope.
    pub(crate) fn envelope(&self, link: Link, kind: Kind, place: &str) -> Result<Envelope, RootError> {
        let Locator { seek, bytes } = link.locator;
        let mut packed = Vec::new();
        let packed = self.read(seek, bytes, || place.to_string(), &mut packed)?;
        unpack(packed, link.size, kind)
            .map_err(|damage| self.disk.damaged(place, seek..seek.saturating_add(bytes), damage))
    }
}

/// Records that a block of `count` bytes takes. Positions of all but the first must fit as well.
fn records(count: u64, max_record: u64) -> u64 {
    let records = count.div_ceil(max_record);
    let spare = records.saturating_mul(max_record) - count;
    records + u64::from(records.saturating_sub(1).saturating_mul(8) > spare)
}

fn unpack(packed: &[u8], size: u64, kind: Kind) -> Result<Envelope, Damage> {
    let expected = format!("between 16 and {MAX_ENVELOPE} bytes are believed");
    let bad = Damage::implausible("unpacked size of an envelope", size, expected);
    let size = usize::try_from(size).ok().filter(|_| (16..=MAX_ENVELOPE).contains(&size)).ok_or(bad)?;
    let mut bytes = Vec::new();
    if packed.len() == size {
        bytes.extend_from_slice(packed);
    } else {
        Codecs::default().unpack(packed, size, &mut bytes)?;
        bytes.truncate(size);
    }
    let (inside, sum) = bytes.split_last_chunk::<8>().unwrap_or((&[], &[0; 8]));
    let checksum = u64::from_le_bytes(*sum);
    if !sum_fits(inside, checksum) {
        return Err(Damage::Undecodable { what: "envelope".into(), reason: "its checksum differs".into() });
    }
    let head = Wire::new(inside).u64()?;
    if head & 0xffff != kind as u64 {
        return Err(Damage::implausible("type of an envelope", head & 0xffff, format!("expected {}", kind as u64)));
    }
    if head >> 16 != size as u64 {
        return Err(Damage::implausible("length of an envelope", head >> 16, format!("it has {size} bytes")));
    }
    Ok(Envelope { bytes, checksum })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use twox_hash::XxHash3_64;

    use super::*;

    fn envelope(kind: u64, inside: &[u8]) -> Vec<u8> {
        let length = inside.len() as u64 + 16;
        let mut bytes = (kind | (length << 16)).to_le_bytes().to_vec();
        bytes.extend(inside);
        bytes.extend(XxHash3_64::oneshot(&bytes).to_le_bytes());
        bytes
    }

    #[test]
    fn envelopes_are_checked_by_type_length_and_checksum() {
        let good = envelope(2, b"footer");
        let found = unpack(&good, good.len() as u64, Kind::Footer).expect("a good envelope");
        assert_eq!(found.inside().take(6), Ok(&b"footer"[..]));
        assert!(unpack(&good, good.len() as u64, Kind::Header).is_err());
        for size in [0, 15, 21, 23, 1 << 40, u64::MAX] {
            assert!(unpack(&good, size, Kind::Footer).is_err(), "{size}");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 32;
            assert!(unpack(&bad, bad.len() as u64, Kind::Footer).is_err(), "byte {at}");
        }
    }

    #[test]
    fn blocks_larger_than_a_record_are_put_together() {
        // 100 bytes in records of 40: 24 bytes and two positions, 40 bytes, 36 bytes.
        let data: Vec<u8> = (0..100).collect();
        assert_eq!(records(100, 40), 3);
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        let parts = [&data[64..], &data[24..64], &data[..24], &36u64.to_le_bytes()[..], &0u64.to_le_bytes()[..]];
        file.write_all(&parts.concat()).expect("space is there");
        let disk = Arc::new(Disk::open(file.path()).expect("it is there"));
        let read = |max_record, count| {
            let blocks = Blocks { disk: disk.clone(), max_record };
            blocks.read(76, count, || "block".into(), &mut Vec::new()).map(<[u8]>::to_vec)
        };
        assert_eq!(read(40, 100).expect("it is whole"), data);
        assert_eq!(read(0, 24).expect("it is one record"), &data[..24]);
        for (max_record, count) in [(1, 100), (8, 100), (16, 100), (40, 1 << 50), (40, u64::MAX)] {
            assert!(read(max_record, count).is_err(), "{max_record} {count}");
        }
    }
}

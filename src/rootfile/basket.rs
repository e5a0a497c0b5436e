//! Baskets: the records that hold the values of one branch for some entries.
//!
//! In: a place in the file (or in the tree object). Out: [`Payload`], values as big-endian bytes and where each entry
//! starts in them. The key of a basket ends in 19 bytes of its own: ..., entries, end of the values, a flag; the
//! payload is the values, then (jagged branches) a count and the start of every entry, counted from the key.

use super::branch::{Basket, Place};
use super::bytes::Bytes;
use super::column::Column;
use super::compression::{Codecs, MAX_UNPACKED};
use super::disk::Disk;
use super::error::{Damage, RootError};
use super::key::stored;
use super::rntuple::PageCache;

/// Memory and decompressors that reading reuses. One per thread.
#[derive(Default)]
pub struct Scratch {
    pub(crate) record: Vec<u8>,
    pub(crate) unpacked: Vec<u8>,
    pub(crate) codecs: Codecs,
    /// Starts of entries that are stored as lengths.
    pub(crate) starts: Vec<u32>,
    /// Counts per entry, for branches that store no offsets.
    pub(crate) counts: Column,
    /// Pages of RNTuples.
    pub(crate) pages: PageCache,
}

/// What a basket holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Payload<'a> {
    /// All values, big-endian.
    pub(crate) values: &'a [u8],
    /// Where entries start.
    pub(crate) starts: Starts<'a>,
}

/// Where the entries of a basket start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Starts<'a> {
    /// Not stored: entries of fixed size, or counts in another branch.
    Unknown,
    /// Big-endian, counted from the start of the key: subtract its length.
    Stored { raw: &'a [[u8; 4]], key_bytes: u32 },
    /// From a basket inside the tree object.
    Known(&'a [u32]),
}

impl Starts<'_> {
    /// Start of entry `index` in the values. Wrong offsets come out as huge numbers, which the reader refuses.
    pub(crate) fn get(&self, index: usize) -> Option<usize> {
        match self {
            Starts::Unknown => None,
            Starts::Stored { raw, key_bytes } => {
                raw.get(index).map(|start| u32::from_be_bytes(*start).wrapping_sub(*key_bytes) as usize)
            }
            Starts::Known(starts) => starts.get(index).map(|start| *start as usize),
        }
    }
}

/// Reads and unpacks a basket. `name` says which one, for messages.
pub(crate) fn load<'a>(
    disk: &Disk,
    basket: &'a Basket,
    name: impl Fn() -> String,
    scratch: &'a mut Scratch,
) -> Result<Payload<'a>, RootError> {
    let Scratch { record, unpacked, codecs, starts, .. } = scratch;
    let entries = basket.end.saturating_sub(basket.first);
    match &basket.place {
        Place::Tree(embedded) => {
            if !embedded.offsets.is_empty() && (embedded.offsets.len() as u64) < entries {
                let expected = format!("there are {entries} entries");
                let damage = Damage::implausible("number of entry offsets", embedded.offsets.len(), expected);
                return Err(disk.damaged(name(), 0..0, damage));
            }
            let starts = match embedded.offsets.as_slice() {
                [] => Starts::Unknown,
                offsets => Starts::Known(offsets),
            };
            Ok(Payload { values: &embedded.data, starts })
        }
        Place::Disk { seek, bytes } => {
            let record = disk.read(*seek, *bytes, &name, record)?;
            parse(record, entries, unpacked, codecs, starts)
                .map_err(|damage| disk.damaged(name(), *seek..seek.saturating_add(*bytes as u64), damage))
        }
    }
}

fn parse<'a>(
    record: &'a [u8],
    entries: u64,
    unpacked: &'a mut Vec<u8>,
    codecs: &mut Codecs,
    sums: &'a mut Vec<u32>,
) -> Result<Payload<'a>, Damage> {
    let record_bytes = be32(record, 0)? as usize;
    if record_bytes != record.len() {
        let expected = format!("the tree says {}", record.len());
        return Err(Damage::implausible("size of the record", record_bytes, expected));
    }
    let object_bytes = be32(record, 6)? as usize;
    let key_bytes = usize::from(be16(record, 14)?);
    // A key has at least 29 bytes, 19 more in a basket.
    if key_bytes < 48 || key_bytes > record.len() {
        return Err(Damage::implausible("size of the key", key_bytes, format!("the record has {}", record.len())));
    }
    let held = be32(record, key_bytes - 9)?;
    if u64::from(held) != entries {
        return Err(Damage::implausible("number of entries", held, format!("the tree says {entries}")));
    }
    let border = be32(record, key_bytes - 5)?.wrapping_sub(key_bytes as u32) as usize;
    if border > object_bytes || object_bytes > MAX_UNPACKED {
        let expected = format!("the basket has {object_bytes} bytes, at most {MAX_UNPACKED} are believed");
        return Err(Damage::implausible("end of the values", border, expected));
    }
    let payload = record.get(key_bytes..).unwrap_or_default();
    let object = match stored(payload, object_bytes) {
        Some(object) => object,
        None => codecs.unpack(payload, object_bytes, unpacked)?,
    };
    let (values, behind) = object.split_at_checked(border).unwrap_or((object, &[]));
    let starts = match behind.get(4..) {
        None => Starts::Unknown,
        Some(starts) => {
            let (starts, _) = starts.as_chunks::<4>();
            let entries = entries as usize;
            let raw = starts.get(..entries).ok_or_else(|| {
                Damage::implausible("number of entry offsets", starts.len(), format!("there are {entries} entries"))
            })?;
            match stored_as_lengths(record.get(..key_bytes).unwrap_or_default())? {
                false => Starts::Stored { raw, key_bytes: key_bytes as u32 },
                true => {
                    sums.clear();
                    let mut sum = 0u32;
                    sums.extend(raw.iter().map(|length| {
                        sum = sum.saturating_add(u32::from_be_bytes(*length));
                        sum
                    }));
                    Starts::Known(sums)
                }
            }
        }
    };
    Ok(Payload { values, starts })
}

/// ROOT 6.14 and later can leave out offsets that a count tells (TIOFeatures). The baskets say so in a byte more, and
/// those that need offsets nevertheless hold the lengths of entries in their place: 0, first, second, ...
fn stored_as_lengths(key: &[u8]) -> Result<bool, Damage> {
    const GENERATED: u8 = 1;
    let mut bytes = Bytes::new(key);
    bytes.take(4)?;
    let wide = bytes.u16()? > 1000;
    bytes.take(if wide { 12 + 16 } else { 12 + 8 })?;
    for _ in 0..3 {
        let length = match bytes.u8()? {
            255 => bytes.count("length of a string")?,
            short => usize::from(short),
        };
        bytes.take(length)?;
    }
    bytes.take(6)?; // version, buffer size
    match bytes.i32()? < 0 {
        true => Ok(bytes.u8()? & GENERATED != 0),
        false => Ok(false),
    }
}

fn be32(bytes: &[u8], at: usize) -> Result<u32, Damage> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    found.map(|b| u32::from_be_bytes(*b)).ok_or(Damage::Short { at, wanted: 4, left: bytes.len().saturating_sub(at) })
}

fn be16(bytes: &[u8], at: usize) -> Result<u16, Damage> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>());
    found.map(|b| u16::from_be_bytes(*b)).ok_or(Damage::Short { at, wanted: 2, left: bytes.len().saturating_sub(at) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A basket with three entries: none, one and two bytes.
    fn record() -> Vec<u8> {
        let key_bytes = 60u16;
        let mut object = vec![11, 21, 22];
        object.extend(4u32.to_be_bytes());
        for start in [60u32, 60, 61, 63] {
            object.extend(start.to_be_bytes());
        }
        let mut record = vec![0; 60];
        record[0..4].copy_from_slice(&(60 + object.len() as u32).to_be_bytes());
        record[6..10].copy_from_slice(&(object.len() as u32).to_be_bytes());
        record[14..16].copy_from_slice(&key_bytes.to_be_bytes());
        record[51..55].copy_from_slice(&3u32.to_be_bytes());
        record[55..59].copy_from_slice(&63u32.to_be_bytes());
        record.extend(object);
        record
    }

    #[test]
    fn values_and_starts_of_a_stored_basket() {
        let record = record();
        let (mut unpacked, mut sums) = (Vec::new(), Vec::new());
        let payload =
            parse(&record, 3, &mut unpacked, &mut Codecs::default(), &mut sums).expect("a well-formed basket");
        assert_eq!(payload.values, [11, 21, 22]);
        let starts: Vec<_> = (0..4).map(|i| payload.starts.get(i)).collect();
        assert_eq!(starts, [Some(0), Some(0), Some(1), None]);
    }

    #[test]
    fn bytes_behind_a_basket_that_is_not_compressed_mean_nothing() {
        let mut record = [record(), b"slack".to_vec()].concat();
        let length = (record.len() as u32).to_be_bytes();
        record[0..4].copy_from_slice(&length);
        let (mut unpacked, mut sums) = (Vec::new(), Vec::new());
        let payload = parse(&record, 3, &mut unpacked, &mut Codecs::default(), &mut sums).expect("a good basket");
        assert_eq!((payload.values, payload.starts.get(2)), (&[11, 21, 22][..], Some(1)));
    }

    #[test]
    fn a_basket_that_disagrees_with_its_tree_is_refused() {
        let good = record();
        let (mut unpacked, mut sums) = (Vec::new(), Vec::new());
        assert!(parse(&good, 4, &mut unpacked, &mut Codecs::default(), &mut sums).is_err());
        for (at, value) in [(0, 0xff), (6, 0xff), (14, 0xff), (15, 0), (55, 0xff)] {
            let mut bad = good.clone();
            bad[at] = value;
            assert!(parse(&bad, 3, &mut unpacked, &mut Codecs::default(), &mut sums).is_err(), "byte {at}");
        }
    }

    #[test]
    fn lengths_in_place_of_offsets_are_added_up() {
        let mut key = vec![0; 26];
        key.extend([0, 0, 0]); // class, name, title
        key.extend([0, 3, 0, 0, 0x7d, 0]);
        key.extend((-1000i32).to_be_bytes());
        key.push(1);
        assert_eq!(stored_as_lengths(&key), Ok(true));
        assert_eq!(stored_as_lengths(&[0; 60]), Ok(false));
        assert!(stored_as_lengths(&key[..30]).is_err());
    }
}

//! A key: the record header in front of every object and basket in the file.
//!
//! In: bytes at a position. Out: [`Key`], and the unpacked bytes of the object behind it. Keys of files beyond 2 GB
//! have 1000 added to their version and 64-bit positions.

use super::bytes::Bytes;
use super::compression::{Codecs, MAX_UNPACKED};
use super::disk::Disk;
use super::error::{Damage, RootError};

/// Most bytes of a key itself.
const MAX_KEY: u64 = 1 << 16;

/// A record header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Bytes of the record in the file, this header included.
    pub(crate) record_bytes: usize,
    /// Bytes of the object once unpacked.
    pub(crate) object_bytes: usize,
    /// Bytes of this header.
    pub(crate) key_bytes: usize,
    /// Higher is newer.
    pub(crate) cycle: i16,
    /// Position of the record in the file.
    pub(crate) seek: u64,
    /// Class of the object.
    pub(crate) class: String,
    /// Name of the object.
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn parse(bytes: &mut Bytes) -> Result<Key, Damage> {
        let record_bytes = bytes.count("size of a record")?;
        let version = bytes.u16()?;
        let object_bytes = bytes.count("size of an object")?;
        let _date = bytes.u32()?;
        let key_bytes = usize::from(bytes.u16()?);
        let cycle = bytes.i16()?;
        let seek = if version > 1000 {
            let seek = bytes.u64()?;
            let _parent = bytes.u64()?;
            seek
        } else {
            let seek = u64::from(bytes.u32()?);
            let _parent = bytes.u32()?;
            seek
        };
        let (class, name, _title) = (bytes.string()?, bytes.string()?, bytes.string()?);
        // Not compared with what was read: ROOT before 5.34 lists folders under a name four letters longer than that in
        // the record, whose key the size is.
        if key_bytes > record_bytes {
            return Err(Damage::implausible("size of a key", key_bytes, format!("its record has {record_bytes}")));
        }
        Ok(Key { record_bytes, object_bytes, key_bytes, cycle, seek, class, name })
    }

    /// Reads the key that stands at `seek`.
    pub(crate) fn read(disk: &Disk, seek: u64, place: &str) -> Result<Key, RootError> {
        let most = disk.length().saturating_sub(seek).clamp(1, MAX_KEY);
        let mut buffer = Vec::new();
        let mut wanted = most.min(512);
        loop {
            let start = disk.read(seek, wanted as usize, || format!("key of {place}"), &mut buffer)?;
            match Key::parse(&mut Bytes::new(start)) {
                Ok(key) => return Ok(key),
                // Long names: once more with more bytes, if the file has them.
                Err(Damage::Short { .. }) if wanted < most => wanted = most,
                Err(damage) => return Err(disk.damaged(format!("key of {place}"), seek..seek + wanted, damage)),
            }
        }
    }

    /// The unpacked bytes of the object behind this key.
    pub(crate) fn object(&self, disk: &Disk, place: &str) -> Result<Vec<u8>, RootError> {
        let at = self.seek..self.seek.saturating_add(self.record_bytes as u64);
        let mut record = Vec::new();
        let record = disk.read(self.seek, self.record_bytes, || place.to_string(), &mut record)?;
        let payload = record.get(self.key_bytes..).unwrap_or_default();
        if let Some(object) = stored(payload, self.object_bytes) {
            return Ok(object.to_vec());
        }
        let mut object = Vec::new();
        Codecs::default()
            .unpack(payload, self.object_bytes.min(MAX_UNPACKED + 1), &mut object)
            .map_err(|damage| disk.damaged(place, at, damage))?;
        Ok(object)
    }
}

/// The object itself where it is not compressed: ROOT compresses what becomes shorter, and writers may leave bytes behind it.
pub(crate) fn stored(payload: &[u8], object_bytes: usize) -> Option<&[u8]> {
    payload.get(..object_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn key_bytes(record: i32, object: i32, key: u16) -> Vec<u8> {
        let mut bytes = record.to_be_bytes().to_vec();
        bytes.extend(4u16.to_be_bytes());
        bytes.extend(object.to_be_bytes());
        bytes.extend(0u32.to_be_bytes());
        bytes.extend(key.to_be_bytes());
        bytes.extend(3i16.to_be_bytes());
        bytes.extend(1000u32.to_be_bytes());
        bytes.extend(100u32.to_be_bytes());
        for text in ["TTree", "Delphes", "Analysis tree"] {
            bytes.push(text.len() as u8);
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    #[test]
    fn a_key_reads_back() {
        let key = Key::parse(&mut Bytes::new(&key_bytes(500, 900, 54))).expect("a well-formed key");
        assert_eq!((key.class.as_str(), key.name.as_str(), key.cycle, key.seek), ("TTree", "Delphes", 3, 1000));
    }

    #[test]
    fn negative_sizes_and_keys_longer_than_their_record_are_refused() {
        assert!(Key::parse(&mut Bytes::new(&key_bytes(-500, 900, 54))).is_err());
        assert!(Key::parse(&mut Bytes::new(&key_bytes(500, -900, 54))).is_err());
        assert!(Key::parse(&mut Bytes::new(&key_bytes(50, 900, 54))).is_err());
    }
}

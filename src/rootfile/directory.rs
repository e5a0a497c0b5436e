//! Directories: lists of keys.
//!
//! In: the position of a directory record. Out: its keys, in file order. Directories are visited at most once and to
//! a limited depth, so that a file whose directories contain themselves is read to its end.

use std::collections::HashSet;

use super::bytes::Bytes;
use super::disk::Disk;
use super::error::{Damage, RootError};
use super::header::Header;
use super::key::Key;

/// Directories inside directories.
const MAX_DEPTH: usize = 32;
/// Bytes of all names above an object together.
const MAX_PATH: usize = 1024;

/// Where a list of keys is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyList {
    /// Position of its key; 0: there is none.
    pub(crate) seek: u64,
    /// Bytes of the record, as the directory says.
    bytes: u64,
}

/// The list of keys of the root directory; at 0: the file was never closed.
pub(crate) fn root_key_list(disk: &Disk, header: &Header) -> Result<KeyList, RootError> {
    key_list_position(disk, header.begin.saturating_add(header.name_bytes), "root directory")
}

/// The list of keys of the directory whose own key is `key`.
pub(crate) fn sub_key_list(disk: &Disk, key: &Key) -> Result<KeyList, RootError> {
    let at = key.seek.saturating_add(key.key_bytes as u64);
    key_list_position(disk, at, &format!("directory `{}`", key.name))
}

fn key_list_position(disk: &Disk, at: u64, place: &str) -> Result<KeyList, RootError> {
    let mut buffer = Vec::new();
    let wanted = disk.length().saturating_sub(at).clamp(1, 64) as usize;
    let record = disk.read(at, wanted, || place.to_string(), &mut buffer)?;
    let parse = |record| -> Result<KeyList, Damage> {
        let mut bytes = Bytes::new(record);
        let version = bytes.u16()?;
        bytes.take(8)?; // two dates
        let list_bytes = u64::from(bytes.u32()?);
        bytes.take(if version > 1000 { 4 + 16 } else { 4 + 8 })?; // bytes of the name; this directory, its parent
        let seek = if version > 1000 { bytes.u64()? } else { u64::from(bytes.u32()?) };
        Ok(KeyList { seek, bytes: list_bytes })
    };
    parse(record).map_err(|damage| disk.damaged(place, at..at + wanted as u64, damage))
}

/// The keys of a list. Its own key and the directory both say how long it is; uproot 3 has only the latter right.
pub(crate) fn read_keys(disk: &Disk, list: KeyList, place: &str) -> Result<Vec<Key>, RootError> {
    let place = format!("key list of {place}");
    let seek = list.seek;
    let own = Key::read(disk, seek, &place)?;
    let inside = list.bytes.min(disk.length().saturating_sub(seek));
    let length = own.record_bytes.max(usize::try_from(inside).unwrap_or(0));
    let at = seek..seek.saturating_add(length as u64);
    let mut record = Vec::new();
    let record = disk.read(seek, length, || place.clone(), &mut record)?;
    let parse = |record| -> Result<Vec<Key>, Damage> {
        let mut bytes = Bytes::new(record);
        bytes.jump(own.key_bytes)?;
        let count = bytes.count("number of keys")?;
        // The shortest key has 29 bytes; no memory is taken for keys that cannot be there.
        if count > bytes.left() / 29 {
            return Err(Damage::implausible("number of keys", count, format!("{} bytes hold them", bytes.left())));
        }
        (0..count).map(|_| Key::parse(&mut bytes)).collect()
    };
    parse(record).map_err(|damage| disk.damaged(place, at, damage))
}

/// True for classes that hold keys.
pub(crate) fn is_directory(class: &str) -> bool {
    matches!(class, "TDirectory" | "TDirectoryFile")
}

/// Calls `visit` with the path of the directory and each key below `seek`, directories included.
pub(crate) fn walk(disk: &Disk, list: KeyList, visit: &mut impl FnMut(&str, &Key)) -> Result<(), RootError> {
    let mut seen = HashSet::from([list.seek]);
    let mut waiting = vec![(list, String::new(), 0)];
    while let Some((list, folder, depth)) = waiting.pop() {
        let place = if folder.is_empty() { "root directory" } else { folder.as_str() };
        for key in read_keys(disk, list, place)? {
            visit(&folder, &key);
            if is_directory(&key.class) && depth < MAX_DEPTH && folder.len() + key.name.len() < MAX_PATH {
                let below = sub_key_list(disk, &key)?;
                if below.seek != 0 && seen.insert(below.seek) {
                    waiting.push((below, format!("{folder}{}/", key.name), depth + 1));
                }
            }
        }
    }
    Ok(())
}

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

/// Position of the list of keys of the root directory; 0: the file was never closed.
pub(crate) fn root_key_list(disk: &Disk, header: &Header) -> Result<u64, RootError> {
    key_list_position(disk, header.begin.saturating_add(header.name_bytes), "root directory")
}

/// Position of the list of keys of the directory whose own key is `key`.
pub(crate) fn sub_key_list(disk: &Disk, key: &Key) -> Result<u64, RootError> {
    let at = key.seek.saturating_add(key.key_bytes as u64);
    key_list_position(disk, at, &format!("directory `{}`", key.name))
}

fn key_list_position(disk: &Disk, at: u64, place: &str) -> Result<u64, RootError> {
    let mut buffer = Vec::new();
    let wanted = disk.length().saturating_sub(at).clamp(1, 64) as usize;
    let record = disk.read(at, wanted, || place.to_string(), &mut buffer)?;
    let parse = |record| -> Result<u64, Damage> {
        let mut bytes = Bytes::new(record);
        let version = bytes.u16()?;
        bytes.take(16)?; // two dates, bytes of the keys, bytes of the name
        if version > 1000 {
            bytes.take(16)?; // this directory, its parent
            bytes.u64()
        } else {
            bytes.take(8)?;
            bytes.u32().map(u64::from)
        }
    };
    parse(record).map_err(|damage| disk.damaged(place, at..at + wanted as u64, damage))
}

/// The keys of a list at `seek`.
pub(crate) fn read_keys(disk: &Disk, seek: u64, place: &str) -> Result<Vec<Key>, RootError> {
    let place = format!("key list of {place}");
    let own = Key::read(disk, seek, &place)?;
    let at = seek..seek.saturating_add(own.record_bytes as u64);
    let mut record = Vec::new();
    let record = disk.read(seek, own.record_bytes, || place.clone(), &mut record)?;
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
pub(crate) fn walk(disk: &Disk, seek: u64, visit: &mut impl FnMut(&str, &Key)) -> Result<(), RootError> {
    let mut seen = HashSet::from([seek]);
    let mut waiting = vec![(seek, String::new(), 0)];
    while let Some((seek, folder, depth)) = waiting.pop() {
        let place = if folder.is_empty() { "root directory" } else { folder.as_str() };
        for key in read_keys(disk, seek, place)? {
            visit(&folder, &key);
            if is_directory(&key.class) && depth < MAX_DEPTH {
                let below = sub_key_list(disk, &key)?;
                if below != 0 && seen.insert(below) {
                    waiting.push((below, format!("{folder}{}/", key.name), depth + 1));
                }
            }
        }
    }
    Ok(())
}

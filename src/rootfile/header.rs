//! The first bytes of a ROOT file: where the root directory and the class descriptions are.
//!
//! In: a file. Out: [`Header`], its positions checked against the length of the file. Files beyond 2 GB have
//! 1 000 000 added to their version and 64-bit positions.

use super::bytes::Bytes;
use super::disk::Disk;
use super::error::{Damage, RootError};
use crate::file_kind::{FileKind, START};

/// Positions from the file header, bytes from the start of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// ROOT version that wrote the file, such as 64000 for 6.40.00.
    pub(crate) version: u32,
    /// First record: the key of the file itself.
    pub(crate) begin: u64,
    /// Length of that record's key and name.
    pub(crate) name_bytes: u64,
    /// Key of the list of class descriptions; 0: none.
    pub(crate) seek_info: u64,
    /// Bytes of that record.
    pub(crate) info_bytes: u64,
}

impl Header {
    pub(crate) fn read(disk: &Disk) -> Result<Header, RootError> {
        if disk.length() == 0 {
            return Err(RootError::Empty { path: disk.path().to_path_buf() });
        }
        let mut buffer = Vec::new();
        let wanted = disk.length().min(START as u64) as usize;
        let start = disk.read(0, wanted, || "file header".into(), &mut buffer)?;
        if !start.starts_with(b"root") {
            return Err(RootError::NotRoot { path: disk.path().to_path_buf(), kind: FileKind::of(start) });
        }
        let (header, end) =
            parse(start).map_err(|damage| disk.damaged("file header", 0..start.len() as u64, damage))?;
        if end > disk.length() {
            return Err(RootError::Truncated { path: disk.path().to_path_buf(), expected: end, found: disk.length() });
        }
        Ok(header)
    }
}

/// The header and the end of the file that it states.
fn parse(start: &[u8]) -> Result<(Header, u64), Damage> {
    let mut bytes = Bytes::new(start);
    bytes.take(4)?;
    let version = bytes.u32()?;
    let wide = version >= 1_000_000;
    let begin = u64::from(bytes.u32()?);
    let seek = |bytes: &mut Bytes| if wide { bytes.u64() } else { bytes.u32().map(u64::from) };
    let end = seek(&mut bytes)?;
    let _seek_free = seek(&mut bytes)?;
    let _free_bytes = bytes.u32()?;
    let _free_count = bytes.u32()?;
    let name_bytes = u64::from(bytes.u32()?);
    let _units = bytes.u8()?;
    let _compression = bytes.u32()?;
    let seek_info = seek(&mut bytes)?;
    let info_bytes = u64::from(bytes.u32()?);
    if begin < bytes.at() as u64 || begin > end {
        return Err(Damage::implausible("start of the first record", begin, "it must lie behind the header"));
    }
    Ok((Header { version: version % 1_000_000, begin, name_bytes, seek_info, info_bytes }, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_file_headers_are_told_apart_by_the_version() {
        let mut small = b"root".to_vec();
        for number in [64000u32, 100, 5000, 4900, 50, 1, 60] {
            small.extend(number.to_be_bytes());
        }
        small.extend([4]);
        for number in [101u32, 4000, 300] {
            small.extend(number.to_be_bytes());
        }
        let (header, end) = parse(&small).expect("a well-formed header");
        assert_eq!((header.version, header.begin, header.seek_info, end), (64000, 100, 4000, 5000));

        let mut large = b"root".to_vec();
        large.extend(1_064_000u32.to_be_bytes());
        large.extend(100u32.to_be_bytes());
        large.extend(5_000_000_000u64.to_be_bytes());
        large.extend(4_000_000_000u64.to_be_bytes());
        for number in [50u32, 1, 60] {
            large.extend(number.to_be_bytes());
        }
        large.extend([8]);
        large.extend(101u32.to_be_bytes());
        large.extend(4_900_000_000u64.to_be_bytes());
        large.extend(300u32.to_be_bytes());
        let (header, end) = parse(&large).expect("a well-formed header");
        assert_eq!((header.version, header.seek_info, end), (64000, 4_900_000_000, 5_000_000_000));
    }

    #[test]
    fn a_header_cut_anywhere_is_an_error() {
        for length in 4..40 {
            assert!(parse(&vec![b'r'; length]).is_err());
        }
    }
}

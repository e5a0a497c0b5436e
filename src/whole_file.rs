//! Files that are read into memory as a whole.
//!
//! In: a path and the most bytes that are believed. Out: the contents. A device that never ends, or a file given by mistake,
//! is an error and not gigabytes of memory. Pipes (`<(zcat x.csv.gz)`) are read like files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::digits;

/// Most bytes of what people write: campaigns, tables, plans, cards.
pub const WRITTEN: u64 = 64 << 20;
/// Most bytes of spectra and weights.
pub const DATA: u64 = 512 << 20;

/// Everything that the file holds.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    rest(File::open(path)?, Vec::new(), most)
}

/// The rest of a file behind the bytes that were read of it.
pub fn rest(file: impl Read, mut bytes: Vec<u8>, most: u64) -> io::Result<Vec<u8>> {
    let left = most.saturating_add(1).saturating_sub(bytes.len() as u64);
    file.take(left).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let what = format!("it is larger than {}, the most that such a file may have", digits::bytes(most));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_refused_above() -> io::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), "12345")?;
        assert_eq!(read(file.path(), 5)?, b"12345");
        assert_eq!(rest(File::open(file.path())?, b"0".to_vec(), 6)?, b"012345");
        let error = read(file.path(), 4).expect_err("it is longer");
        assert!(error.to_string().contains("larger than 4 B"), "{error}");
        assert!(cfg!(not(unix)) || read(Path::new("/dev/zero"), 1000).is_err());
        Ok(())
    }
}

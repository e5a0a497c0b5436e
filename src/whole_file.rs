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
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let what = format!("it is larger than {}, the most that such a file may have", digits::bytes(most));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// The same as text; not UTF-8 is an error.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("it is not text (UTF-8): {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_refused_above() -> io::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), "12345")?;
        assert_eq!(read_text(file.path(), 5)?, "12345");
        let error = read(file.path(), 4).expect_err("it is longer");
        assert!(error.to_string().contains("larger than 4 B"), "{error}");
        assert!(cfg!(not(unix)) || read(Path::new("/dev/zero"), 1000).is_err());
        Ok(())
    }
}

//! Files that are either complete or not there.
//!
//! In: a path and something that writes. Out: the file, written as `NAME.part` next to it and renamed when complete,
//! so that a run that dies never leaves half a report. Create a [`PartFile`] early to learn early that a folder
//! cannot be written to.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::ReportError;

/// A file on its way: bytes go to `NAME.part`; [`PartFile::commit`] gives it its name; dropped before, it vanishes.
#[derive(Debug)]
pub struct PartFile {
    path: PathBuf,
    part: PathBuf,
    file: Option<BufWriter<File>>,
}

impl PartFile {
    /// Creates `path.part`; an older one is overwritten, an older `path` stays until `commit`.
    pub fn create(path: &Path) -> Result<PartFile, ReportError> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|source| ReportError::file("create", &part, source))?;
        Ok(PartFile { path: path.to_path_buf(), part, file: Some(BufWriter::new(file)) })
    }

    /// Flushes, closes and renames to the final name.
    pub fn commit(mut self) -> Result<(), ReportError> {
        let Some(writer) = self.file.take() else { return Ok(()) };
        let file = writer.into_inner().map_err(|e| ReportError::file("write", &self.part, e.into_error()));
        let renamed = file.and_then(|file| {
            drop(file);
            fs::rename(&self.part, &self.path).map_err(|source| ReportError::file("rename to", &self.path, source))
        });
        if renamed.is_err() {
            let _ = fs::remove_file(&self.part);
        }
        renamed
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::Error::other("file is closed")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.flush())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Nothing better can be done about a failure here: the file has no final name.
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Writes `path` through `fill`, all or nothing.
pub fn write_atomically<F>(path: &Path, fill: F) -> Result<(), ReportError>
where
    F: FnOnce(&mut PartFile) -> Result<(), ReportError>,
{
    let mut file = PartFile::create(path)?;
    fill(&mut file)?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn complete_files_get_their_name_and_broken_ones_vanish() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("bumps.csv");
        write_atomically(&path, |out| out.write_all(b"old").map_err(ReportError::Output))?;
        let failed = write_atomically(&path, |out| {
            out.write_all(b"half").map_err(ReportError::Output)?;
            Err(ReportError::Output(io::Error::other("disk on fire")))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path)?, "old");
        assert_eq!(names(dir.path()), ["bumps.csv"]);
        Ok(())
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = PartFile::create(Path::new("/nonexistent/out/index.html")).expect_err("the folder does not exist");
        assert!(error.to_string().contains("/nonexistent/out/index.html.part"), "{error}");
    }
}

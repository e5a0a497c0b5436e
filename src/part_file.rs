//! Files that are either complete or not there.
//!
//! In: a path and something that writes. Out: the file, written as `NAME.part` next to it, synced to disk and renamed when
//! complete, so that a run that dies never leaves half a file. Create a [`PartFile`] early to learn early that a folder
//! cannot be written to.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file system said no.
    #[error("cannot {verb} `{}`: {source}\nhint: check that the folder exists, can be written to and has space left", path.display())]
    System {
        /// What was tried: `create`, `write`, `sync`, `rename to`.
        verb: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What should go into the file could not be made.
    #[error("cannot write `{}`: {source}", path.display())]
    Contents {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: ContentsError,
    },
}

/// Why contents could not be made.
pub type ContentsError = Box<dyn Error + Send + Sync>;

impl FileError {
    fn system(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
        let path = path.to_path_buf();
        move |source| FileError::System { verb, path, source }
    }
}

/// A file on its way: bytes go to `NAME.part`; [`PartFile::commit`] gives it its name; dropped before, it vanishes.
#[derive(Debug)]
pub struct PartFile {
    path: PathBuf,
    part: PathBuf,
    file: Option<BufWriter<File>>,
}

impl PartFile {
    /// Creates `path.part`; an older one is overwritten, an older `path` stays until `commit`.
    pub fn create(path: &Path) -> Result<PartFile, FileError> {
        let part = part_of(path);
        let file = File::create(&part).map_err(FileError::system("create", &part))?;
        Ok(PartFile { path: path.to_path_buf(), part, file: Some(BufWriter::new(file)) })
    }

    /// Flushes, syncs, closes and renames to the final name.
    pub fn commit(mut self) -> Result<(), FileError> {
        let Some(writer) = self.file.take() else { return Ok(()) };
        let file = writer.into_inner().map_err(|e| FileError::system("write", &self.part)(e.into_error()));
        let renamed = file.and_then(|file| {
            file.sync_all().map_err(FileError::system("sync", &self.part))?;
            drop(file);
            rename(&self.part, &self.path)
        });
        if renamed.is_err() {
            let _ = fs::remove_file(&self.part);
        }
        renamed
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

/// Gives a complete file its name, on disk and not only in memory.
fn rename(part: &Path, path: &Path) -> Result<(), FileError> {
    fs::rename(part, path).map_err(FileError::system("rename to", path))?;
    // The name itself lives in the folder. Some file systems cannot sync a folder; the file is whole all the same.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
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
pub fn write_atomically<E>(path: &Path, fill: impl FnOnce(&mut PartFile) -> Result<(), E>) -> Result<(), FileError>
where
    E: Into<ContentsError>,
{
    let mut file = PartFile::create(path)?;
    fill(&mut file).map_err(|source| FileError::Contents { path: path.to_path_buf(), source: source.into() })?;
    file.commit()
}

/// The same for a library that writes to a path of its own: `fill` gets the name to write to.
pub fn write_path_atomically<E>(path: &Path, fill: impl FnOnce(&Path) -> Result<(), E>) -> Result<(), FileError>
where
    E: Into<ContentsError>,
{
    let part = part_of(path);
    let written = fill(&part)
        .map_err(|source| FileError::Contents { path: path.to_path_buf(), source: source.into() })
        .and_then(|()| {
            let file = File::open(&part).map_err(FileError::system("write", &part))?;
            file.sync_all().map_err(FileError::system("sync", &part))?;
            rename(&part, path)
        });
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
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
        write_atomically(&path, |out| out.write_all(b"old"))?;
        let failed = write_atomically(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("disk on fire"))
        });
        let text = failed.expect_err("it broke").to_string();
        assert!(text.contains("bumps.csv") && text.contains("disk on fire"), "{text}");
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

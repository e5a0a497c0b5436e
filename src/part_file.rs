//! Files that are either complete or not there.
//!
//! In: a path and something that writes. Out: the file, written as `NAME.part` next to it, synced to disk and renamed when
//! complete, so that a run that dies never leaves half a file; two programs never write into one. Create a [`PartFile`] early to learn early that a
//! folder cannot be written to. Links are followed, devices and pipes are written into, `-` is stdout.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;

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
    /// What a command writes would replace what it reads.
    #[error("`{}` is read by this command and would be replaced: nothing is written\nhint: give --out another name", path.display())]
    OwnInput {
        /// Which file.
        path: PathBuf,
    },
    /// A link whose ends are not to be found.
    #[error("`{}` is a link that leads nowhere\nhint: name the file itself", path.display())]
    Link {
        /// Which file.
        path: PathBuf,
    },
}

/// Why contents could not be made.
pub type ContentsError = Box<dyn Error + Send + Sync>;

impl FileError {
    pub(crate) fn system(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
        let path = path.to_path_buf();
        move |source| FileError::System { verb, path, source }
    }
}

/// A file on its way: bytes go to `NAME.part`; [`PartFile::commit`] gives it its name; dropped before, it vanishes.
#[derive(Debug)]
pub struct PartFile {
    path: PathBuf,
    /// None: the bytes go where they belong at once (a device, a pipe, stdout).
    part: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl PartFile {
    /// Creates the part file; an older `path` stays until `commit`.
    pub fn create(path: &Path) -> Result<PartFile, FileError> {
        let path = behind_links(if path == Path::new("-") { Path::new("/dev/stdout") } else { path })?;
        let (part, file) = match is_special(&path) {
            true => (None, File::options().write(true).open(&path)),
            false => (Some(part_of(&path)), claim(&part_of(&path))),
        };
        let file = file.map_err(FileError::system("create", part.as_ref().unwrap_or(&path)))?;
        Ok(PartFile { path, part, file: Some(BufWriter::new(file)) })
    }

    /// All of it is on disk, under the name of the part file.
    fn complete(&mut self) -> Result<(), FileError> {
        let (Some(writer), Some(part)) = (&mut self.file, &self.part) else { return Ok(()) };
        writer.flush().map_err(FileError::system("write", part))?;
        writer.get_ref().sync_all().map_err(FileError::system("sync", part))
    }

    /// Flushes, syncs, closes and renames to the final name.
    pub fn commit(mut self) -> Result<(), FileError> {
        let Some(writer) = self.file.take() else { return Ok(()) };
        let name = self.part.as_ref().unwrap_or(&self.path);
        let file = writer.into_inner().map_err(|e| FileError::system("write", name)(e.into_error()));
        let Some(part) = &self.part else { return file.map(drop) };
        let renamed = file.and_then(|file| {
            file.sync_all().map_err(FileError::system("sync", part))?;
            // While it is open nobody else takes the part file over.
            rename(part, &self.path)
        });
        if renamed.is_err() {
            let _ = fs::remove_file(part);
        }
        renamed
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

/// An empty part file that nobody else writes into: what a process left that died is taken over, somebody's link goes.
fn claim(part: &Path) -> io::Result<File> {
    loop {
        if part.symlink_metadata().is_ok_and(|there| !there.is_file()) {
            fs::remove_file(part)?;
        }
        let file = File::options().read(true).write(true).create(true).truncate(false).open(part)?;
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another program is writing it"));
        }
        // Between the two steps another program may have given its file the final name.
        let (locked, named) = (Handle::from_file(file.try_clone()?)?, Handle::from_path(part));
        if named.is_ok_and(|named| named == locked) {
            file.set_len(0)?;
            return Ok(file);
        }
    }
}

/// Is it there, and neither a regular file nor a folder?
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// The file that a path means in the end, there or not: a link to it must survive.
fn behind_links(path: &Path) -> Result<PathBuf, FileError> {
    let mut end = path.to_path_buf();
    for _ in 0..32 {
        let Ok(next) = fs::read_link(&end) else { return Ok(end) };
        // `/dev/stdout` and its like lead to names that only the kernel knows.
        if is_special(&end) {
            return Ok(end);
        }
        end = end.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(FileError::Link { path: path.into() })
}

/// An error if writing `out` would replace one of the files that a command reads, whatever they are called.
pub fn refuse_own_input<'a>(out: &Path, inputs: impl IntoIterator<Item = &'a Path>) -> Result<(), FileError> {
    let is_file = |path: &Path| path.metadata().is_ok_and(|there| there.is_file());
    if !is_file(out) {
        return Ok(());
    }
    let mut same = inputs.into_iter().filter(|input| same_file::is_same_file(out, input).unwrap_or(false));
    same.next().map_or(Ok(()), |_| Err(FileError::OwnInput { path: out.into() }))
}

/// Gives a complete file, or a folder of complete files, its name, on disk and not only in memory.
pub fn rename(part: &Path, path: &Path) -> Result<(), FileError> {
    fs::rename(part, path).map_err(FileError::system("rename to", path))?;
    sync_folder(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    Ok(())
}

/// Names live in their folder. Some file systems cannot sync a folder; its files are whole all the same.
pub fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
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
        if let (Some(_), Some(part)) = (self.file.take(), &self.part) {
            // Nothing better can be done about a failure here: the file has no final name.
            let _ = fs::remove_file(part);
        }
    }
}

/// Writes `path` through `fill`, all or nothing.
pub fn write_atomically<E>(path: &Path, fill: impl FnOnce(&mut PartFile) -> Result<(), E>) -> Result<(), FileError>
where
    E: Into<ContentsError>,
{
    filled(path, fill)?.commit()
}

/// The contents of `path` on their way: they get their name by [`PartFile::commit`] or [`commit_all`].
pub fn filled<E>(path: &Path, fill: impl FnOnce(&mut PartFile) -> Result<(), E>) -> Result<PartFile, FileError>
where
    E: Into<ContentsError>,
{
    let mut file = PartFile::create(path)?;
    fill(&mut file).map_err(|source| FileError::Contents { path: path.to_path_buf(), source: source.into() })?;
    Ok(file)
}

/// Gives several files their names once all of them are complete: a disk that is full leaves the old ones.
pub fn commit_all(mut files: Vec<PartFile>) -> Result<(), FileError> {
    files.iter_mut().try_for_each(PartFile::complete)?;
    files.into_iter().try_for_each(PartFile::commit)
}

/// The same for a library that writes to a path of its own: `fill` gets the name to write to.
pub fn write_path_atomically<E>(path: &Path, fill: impl FnOnce(&Path) -> Result<(), E>) -> Result<(), FileError>
where
    E: Into<ContentsError>,
{
    let path = &behind_links(path)?;
    let part = part_of(path);
    if is_special(path) {
        let source = "it is no regular file, and cannot be read back as this format needs".into();
        return Err(FileError::Contents { path: path.into(), source });
    }
    let _claimed = claim(&part).map_err(FileError::system("create", &part))?;
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
    fn files_that_belong_together_come_together() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let paths = ["a.csv", "b.csv"].map(|name| dir.path().join(name));
        let write = |text: &'static str, second: bool| -> Result<(), FileError> {
            let first = filled(&paths[0], |out| out.write_all(text.as_bytes()))?;
            let broken = || Err(io::Error::other("disk full"));
            let other = filled(&paths[1], |out| if second { out.write_all(text.as_bytes()) } else { broken() })?;
            commit_all(vec![first, other])
        };
        write("old", true)?;
        assert!(write("new", false).is_err());
        assert!(paths.iter().all(|path| fs::read_to_string(path).is_ok_and(|text| text == "old")));
        assert_eq!(names(dir.path()), ["a.csv", "b.csv"]);
        Ok(())
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = PartFile::create(Path::new("/nonexistent/out/index.html")).expect_err("the folder does not exist");
        assert!(error.to_string().contains("/nonexistent/out/index.html.part"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_survive_and_devices_are_written_into() -> Result<(), Box<dyn std::error::Error>> {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir()?;
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("results"))?;
        symlink("results/today.csv", at("latest.csv"))?;
        for text in ["first", "second"] {
            write_atomically(&at("latest.csv"), |out| out.write_all(text.as_bytes()))?;
            assert_eq!(fs::read_to_string(at("results/today.csv"))?, text);
            assert!(at("latest.csv").is_symlink());
        }
        symlink("b", at("a"))?;
        symlink("a", at("b"))?;
        assert!(matches!(PartFile::create(&at("a")), Err(FileError::Link { .. })));
        symlink("/dev/null", at("null"))?;
        write_atomically(&at("null"), |out| out.write_all(b"gone"))?;
        assert!(at("null").is_symlink() && !Path::new("/dev/null").metadata()?.is_file());
        // Somebody's link with the name of a part file is not written through.
        fs::write(at("precious"), "keep")?;
        symlink("precious", part_of(&at("z.csv")))?;
        write_atomically(&at("z.csv"), |out| out.write_all(b"z"))?;
        assert_eq!(fs::read_to_string(at("z.csv"))?, "z");
        // What a process left that died is taken over; what another one writes is not.
        fs::write(part_of(&at("z.csv")), "half of something long")?;
        let mut first = PartFile::create(&at("z.csv"))?;
        assert!(PartFile::create(&at("z.csv")).is_err_and(|error| error.to_string().contains("another program")));
        first.write_all(b"whole")?;
        first.commit()?;
        assert_eq!((fs::read_to_string(at("z.csv"))?, part_of(&at("z.csv")).exists()), ("whole".into(), false));
        assert_eq!(fs::read_to_string(at("precious"))?, "keep");
        Ok(())
    }

    #[test]
    fn an_output_that_is_an_input_is_refused_under_any_name() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let (input, link) = (dir.path().join("input.json"), dir.path().join("link.json"));
        fs::write(&input, "{}")?;
        fs::hard_link(&input, &link)?;
        assert!(matches!(refuse_own_input(&link, [&*input]), Err(FileError::OwnInput { .. })));
        assert!(refuse_own_input(&dir.path().join("other.json"), [&*input]).is_ok());
        Ok(())
    }
}

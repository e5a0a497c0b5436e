//! The files of a run directory: their names, what makes them, how a new result takes the place of an old one.
//!
//! In: a folder. Out: paths; a [`NewResult`] whose files lie in `OUT/.part-PID/` until all of them are complete. Then the
//! folder is renamed to `OUT/.new`, and from that moment on the result is the new one: its files are moved up, and if that is
//! interrupted, [`settle`] goes on before anything is read. Only files that `run.json` lists are ever replaced or removed.
//! The one place where these names are spelled.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::part_file::{FileError, refuse_own_input, rename, sync_folder, write_atomically};

/// A file of a run directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunFile {
    /// The campaign with every default spelled out.
    Campaign,
    /// All spectra.
    Book,
    /// With `pseudo_data: poisson`, the sums of weights that the counts of the book were drawn around.
    WeightedBook,
    /// What was read, skipped and cut away.
    FillRecord,
    /// z and background of every scanned bin.
    Curves,
    /// Every ranked bump, one line each.
    Bumps,
    /// Everything that the page shows.
    Report,
    /// The page.
    Page,
    /// Wall time, threads, host and date of the last command.
    RunRecord,
}

/// What makes a file. A stage makes those of all later stages wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// `fill`, `merge`, `run`.
    Fill,
    /// `scan DIR`, on its own or after `fill`.
    Scan,
    /// `rank DIR`, `run`.
    Rank,
}

impl RunFile {
    /// All of them: name, stage.
    const TABLE: [(RunFile, &'static str, Stage); 9] = [
        (RunFile::Campaign, "campaign.resolved.yaml", Stage::Fill),
        (RunFile::Book, "book.bumphound", Stage::Fill),
        (RunFile::WeightedBook, "weighted.bumphound", Stage::Fill),
        (RunFile::FillRecord, "fill.json", Stage::Fill),
        (RunFile::Curves, "curves.csv", Stage::Scan),
        (RunFile::Bumps, "bumps.csv", Stage::Rank),
        (RunFile::Report, "report.json", Stage::Rank),
        (RunFile::Page, "index.html", Stage::Rank),
        (RunFile::RunRecord, "run.json", Stage::Rank),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let row = RunFile::TABLE.iter().find(|(file, _, _)| *file == self);
        row.map_or("", |(_, name, _)| name)
    }

    /// The paths of all of them in a run directory.
    pub fn all(dir: &Path) -> Vec<PathBuf> {
        RunFile::TABLE.iter().map(|(_, name, _)| dir.join(name)).collect()
    }

    /// Its path in a run directory.
    pub fn path(self, dir: &Path) -> PathBuf {
        dir.join(self.name())
    }
}

/// A complete new result that waits to be moved up.
const NEW: &str = ".new";
/// Folder of files on their way, followed by the number of the process.
const PART: &str = ".part-";

/// Why a run directory cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum RunFilesError {
    /// Another program writes there.
    #[error("another bumphound is writing into {}\nhint: wait until it is done, or give --out another name", dir.display())]
    Busy {
        /// Folder.
        dir: PathBuf,
    },
    /// A file of somebody else.
    #[error(
        "{} is there and was not made by bumphound: nothing is written\nhint: give --out another name, or replace such files with --force",
        path.display()
    )]
    Foreign {
        /// Its path.
        path: PathBuf,
    },
    /// The file system said no.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What `run.json` says of the files.
#[derive(serde::Deserialize)]
struct Record {
    #[serde(default)]
    files: Vec<String>,
}

/// Names of the files that were made here; none where no `run.json` can be read.
fn made_here(dir: &Path) -> BTreeSet<&'static str> {
    let text = fs::read(RunFile::RunRecord.path(dir)).unwrap_or_default();
    let record = serde_json::from_slice(&text).unwrap_or(Record { files: Vec::new() });
    let known = |name: &String| RunFile::TABLE.iter().map(|(_, known, _)| *known).find(|known| known == name);
    record.files.iter().filter_map(known).collect()
}

/// A result on its way into a run directory, which it alone may write to; dropped before [`NewResult::finish`] it vanishes,
/// and the old one stays.
#[derive(Debug)]
pub struct NewResult {
    dir: PathBuf,
    part: PathBuf,
    /// Files of earlier stages, which stay.
    kept: BTreeSet<&'static str>,
    /// An older result lies there.
    replaces: bool,
    /// Lets go of the folder when it is closed.
    _lock: Option<File>,
}

impl NewResult {
    /// Begins one in a folder that is there. `inputs`: files that the command reads; `force`: files of somebody else may be
    /// replaced.
    pub fn begin<'a>(
        dir: &Path,
        stage: Stage,
        inputs: impl IntoIterator<Item = &'a Path> + Clone,
        force: bool,
    ) -> Result<NewResult, RunFilesError> {
        let lock = lock(dir)?;
        move_up(dir)?;
        let made = made_here(dir);
        for (_, name, _) in RunFile::TABLE.iter().filter(|(_, _, at)| *at >= stage) {
            let path = dir.join(name);
            if !force && path.symlink_metadata().is_ok_and(|there| !there.is_file() || !made.contains(name)) {
                return Err(RunFilesError::Foreign { path });
            }
            refuse_own_input(&path, inputs.clone())?;
        }
        for left in fs::read_dir(dir).into_iter().flatten().flatten() {
            // Of a process that died: a living one would hold the lock.
            if left.file_name().to_string_lossy().starts_with(PART) {
                let _ = fs::remove_dir_all(left.path());
            }
        }
        let part = dir.join(format!("{PART}{}", std::process::id()));
        fs::create_dir(&part).map_err(FileError::system("create", &part))?;
        let of_earlier_stages =
            |(_, name, at): &(RunFile, &'static str, Stage)| (*at < stage && made.contains(name)).then_some(*name);
        let kept = RunFile::TABLE.iter().filter_map(of_earlier_stages).collect();
        Ok(NewResult { dir: dir.into(), part, kept, replaces: !made.is_empty(), _lock: lock })
    }

    /// Where its files are written.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Where they will lie.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// True if an older result lies there, which it will replace.
    pub fn replaces(&self) -> bool {
        self.replaces
    }

    /// All files of the run directory, as `run.json` lists them: those that stay, those that are new, and itself.
    pub fn files(&self) -> Vec<&'static str> {
        let mut files = self.kept.clone();
        files.extend(RunFile::TABLE.iter().map(|(_, name, _)| *name).filter(|name| self.part.join(name).exists()));
        files.insert(RunFile::RunRecord.name());
        files.into_iter().collect()
    }

    /// Puts the new files in the place of the old ones; `run.json` must be among them.
    pub fn finish(self) -> Result<(), FileError> {
        sync_folder(&self.part);
        rename(&self.part, &self.dir.join(NEW))?;
        move_up(&self.dir)
    }
}

impl Drop for NewResult {
    fn drop(&mut self) {
        // After `finish` it is not there; before, nothing better can be done about a failure: its name says what it is.
        let _ = fs::remove_dir_all(&self.part);
    }
}

/// Nobody else may write here while this is open. None where the file system has no locks.
pub fn lock(dir: &Path) -> Result<Option<File>, RunFilesError> {
    let folder = File::open(dir).map_err(FileError::system("open", dir))?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Err(RunFilesError::Busy { dir: dir.into() }),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Goes on where a program died while it moved a complete result up. Every command that reads a run directory does this first.
pub fn settle(dir: &Path) -> Result<(), RunFilesError> {
    if dir.join(NEW).is_dir() {
        let _lock = lock(dir)?;
        move_up(dir)?;
    }
    Ok(())
}

/// Moves `.new` up, if it is there: first what the new result does not have goes, `run.json` comes last, so that it can be
/// interrupted at any step and done again.
fn move_up(dir: &Path) -> Result<(), FileError> {
    let new = dir.join(NEW);
    if !new.is_dir() {
        return Ok(());
    }
    let (old, now) = (made_here(dir), made_here(&new));
    for name in old.difference(&now) {
        remove(&dir.join(name))?;
    }
    for (_, name, _) in RunFile::TABLE.iter() {
        let from = new.join(name);
        if from.exists() {
            rename(&from, &dir.join(name))?;
        }
    }
    fs::remove_dir(&new).map_err(FileError::system("remove", &new))?;
    sync_folder(dir);
    Ok(())
}

fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::system("remove", path)(error)),
        _ => Ok(()),
    }
}

/// One more file of a finished result; nobody else may write to the folder meanwhile.
#[derive(Debug)]
pub struct OneMore {
    dir: PathBuf,
    file: RunFile,
    _lock: Option<File>,
}

impl OneMore {
    /// An error if such a file is there and was not made here.
    pub fn begin(dir: &Path, file: RunFile) -> Result<OneMore, RunFilesError> {
        let one = OneMore { dir: dir.into(), file, _lock: lock(dir)? };
        let path = one.path();
        match path.symlink_metadata().is_ok_and(|there| !there.is_file() || !made_here(dir).contains(file.name())) {
            true => Err(RunFilesError::Foreign { path }),
            false => Ok(one),
        }
    }

    /// Where it is to be written.
    pub fn path(&self) -> PathBuf {
        self.file.path(&self.dir)
    }

    /// Notes in `run.json` that it was made here.
    pub fn finish(self) -> Result<(), FileError> {
        let record = RunFile::RunRecord.path(&self.dir);
        let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(&fs::read(&record).unwrap_or_default()) else {
            return Ok(());
        };
        let mut made = made_here(&self.dir);
        made.insert(self.file.name());
        if let Some(object) = json.as_object_mut() {
            object.insert("files".into(), made.into_iter().collect());
        }
        write_atomically(&record, |out| {
            serde_json::to_writer_pretty(&mut *out, &json)?;
            Ok::<_, crate::part_file::ContentsError>(io::Write::write_all(out, b"\n")?)
        })
    }
}

/// An error if a folder holds one of these files of somebody else: a result of ours always comes with `marker`.
pub fn refuse_foreign(dir: &Path, files: &[&str], marker: &str, force: bool) -> Result<(), RunFilesError> {
    if force || dir.join(marker).is_file() {
        return Ok(());
    }
    let foreign = files.iter().map(|name| dir.join(name)).find(|path| path.symlink_metadata().is_ok());
    foreign.map_or(Ok(()), |path| Err(RunFilesError::Foreign { path }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_INPUTS: [&Path; 0] = [];

    /// A result with these files, as far as `finish`.
    fn result(dir: &Path, stage: Stage, files: &[RunFile], text: &str) -> Result<NewResult, RunFilesError> {
        let new = NewResult::begin(dir, stage, NO_INPUTS, false)?;
        for file in files {
            fs::write(file.path(new.part()), text).expect("written");
        }
        let record = serde_json::json!({ "files": new.files(), "made": text });
        fs::write(RunFile::RunRecord.path(new.part()), record.to_string()).expect("written");
        Ok(new)
    }

    fn made(dir: &Path, stage: Stage, files: &[RunFile], text: &str) {
        result(dir, stage, files, text).expect("begun").finish().expect("finished");
    }

    fn there(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("a folder").flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    const FILLED: [RunFile; 4] = [RunFile::Campaign, RunFile::Book, RunFile::WeightedBook, RunFile::FillRecord];
    const RANKED: [RunFile; 3] = [RunFile::Bumps, RunFile::Report, RunFile::Page];

    #[test]
    fn a_stage_replaces_its_own_files_and_removes_those_of_later_stages() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let dir = dir.path();
        fs::write(dir.join("notes.txt"), "the user's").expect("written");
        made(dir, Stage::Fill, &FILLED, "old");
        made(dir, Stage::Rank, &RANKED, "old");
        let all = ["book.bumphound", "bumps.csv", "campaign.resolved.yaml", "fill.json", "index.html", "notes.txt"];
        assert_eq!(there(dir), [&all[..], &["report.json", "run.json", "weighted.bumphound"]].concat());
        // The new campaign has no weighted book; until it is finished, all is as it was.
        let new = result(dir, Stage::Fill, &FILLED[..2], "new").expect("begun");
        assert_eq!(fs::read_to_string(dir.join("book.bumphound")).expect("there"), "old");
        assert!(dir.join("index.html").exists());
        new.finish().expect("finished");
        assert_eq!(there(dir), ["book.bumphound", "campaign.resolved.yaml", "notes.txt", "run.json"]);
        assert_eq!(fs::read_to_string(dir.join("book.bumphound")).expect("there"), "new");
    }

    #[test]
    fn a_result_that_is_not_finished_leaves_the_old_one() {
        let dir = tempfile::tempdir().expect("temporary folder");
        made(dir.path(), Stage::Fill, &FILLED, "old");
        let before = there(dir.path());
        drop(result(dir.path(), Stage::Fill, &FILLED, "new").expect("begun"));
        assert_eq!(there(dir.path()), before);
        fs::create_dir(dir.path().join(".part-1")).expect("made");
        drop(result(dir.path(), Stage::Fill, &FILLED, "new").expect("begun"));
        assert_eq!(there(dir.path()), before, "what a killed process left goes");
    }

    #[test]
    fn a_move_that_was_interrupted_goes_on_wherever_it_stopped() {
        for moved in 0..=4 {
            let dir = tempfile::tempdir().expect("temporary folder");
            let dir = dir.path();
            made(dir, Stage::Fill, &FILLED, "old");
            made(dir, Stage::Rank, &RANKED, "old");
            let new = result(dir, Stage::Fill, &FILLED, "new").expect("begun");
            fs::rename(new.part(), dir.join(NEW)).expect("renamed");
            drop(new);
            if moved > 0 {
                RANKED.iter().for_each(|file| fs::remove_file(file.path(dir)).expect("removed"));
            }
            for file in FILLED.iter().take(moved) {
                fs::rename(file.path(&dir.join(NEW)), file.path(dir)).expect("renamed");
            }
            settle(dir).expect("settled");
            assert_eq!(there(dir).len(), 5, "{:?}", there(dir));
            assert!(FILLED.iter().all(|file| fs::read_to_string(file.path(dir)).is_ok_and(|text| text == "new")));
            settle(dir).expect("nothing to do");
        }
    }

    #[test]
    fn somebody_elses_files_inputs_and_busy_folders_are_refused() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let dir = dir.path();
        fs::write(dir.join("index.html"), "home page").expect("written");
        let begin = |inputs: &[&Path], force| NewResult::begin(dir, Stage::Fill, inputs.iter().copied(), force);
        assert!(matches!(begin(&[], false), Err(RunFilesError::Foreign { .. })));
        assert!(begin(&[], true).is_ok());
        fs::remove_file(dir.join("index.html")).expect("removed");
        made(dir, Stage::Fill, &FILLED, "old");
        let campaign = dir.join("campaign.resolved.yaml");
        assert!(matches!(begin(&[&campaign], false), Err(RunFilesError::File(FileError::OwnInput { .. }))));
        let first = begin(&[], false).expect("free");
        assert!(matches!(begin(&[], false), Err(RunFilesError::Busy { .. })));
        drop(first);
        assert!(begin(&[], false).is_ok());
    }

    #[test]
    fn a_file_that_is_added_belongs_to_the_run() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let dir = dir.path();
        made(dir, Stage::Fill, &FILLED, "old");
        let add = || {
            let one = OneMore::begin(dir, RunFile::Curves)?;
            fs::write(one.path(), "z").expect("written");
            one.finish().map_err(RunFilesError::from)
        };
        add().expect("added");
        add().expect("replaced");
        made(dir, Stage::Fill, &FILLED, "new");
        assert!(!dir.join("curves.csv").exists(), "it belonged to the old book");
        fs::write(dir.join("curves.csv"), "a user's").expect("written");
        assert!(matches!(add(), Err(RunFilesError::Foreign { .. })));
    }
}

//! The files of a run directory: their names, what makes them, what a new run does with old ones.
//!
//! In: a folder. Out: paths. The one place where these names are spelled.

use std::io;
use std::path::{Path, PathBuf};

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

    /// Its path in a run directory.
    pub fn path(self, dir: &Path) -> PathBuf {
        dir.join(self.name())
    }
}

impl Stage {
    /// Removes what this stage and all later ones made before, so that no old result stands beside a new one. The campaign
    /// is kept: it is replaced, and a run that fails still says what it was.
    pub fn clear(self, dir: &Path) -> io::Result<()> {
        let files = RunFile::TABLE.iter().filter(|(file, _, stage)| *stage >= self && *file != RunFile::Campaign);
        for (_, name, _) in files {
            match std::fs::remove_file(dir.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_removes_its_own_files_and_those_of_later_stages() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let left = |stage: Stage| {
            for (_, name, _) in RunFile::TABLE {
                std::fs::write(dir.path().join(name), "old").expect("written");
            }
            std::fs::write(dir.path().join("notes.txt"), "the user's").expect("written");
            stage.clear(dir.path()).expect("cleared");
            let there = RunFile::TABLE.iter().map(|(_, name, _)| *name).chain(["notes.txt"]);
            there.filter(|name| dir.path().join(name).exists()).collect::<Vec<_>>()
        };
        assert_eq!(left(Stage::Fill), ["campaign.resolved.yaml", "notes.txt"]);
        assert_eq!(
            left(Stage::Rank),
            ["campaign.resolved.yaml", "book.bumphound", "weighted.bumphound", "fill.json", "curves.csv", "notes.txt"]
        );
        assert!(left(Stage::Scan).contains(&"book.bumphound") && !left(Stage::Scan).contains(&"curves.csv"));
    }
}

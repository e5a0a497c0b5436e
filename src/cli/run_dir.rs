//! The run directory: which files a run writes, begun before the first event is read.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::campaign::Campaign;
use crate::part_file::write_atomically;
use crate::run_files::{NewResult, RunFile, Stage};

use super::terminal::Failure;

/// A run directory with a new result on its way: an older one stays until [`RunDir::finish`].
#[derive(Debug)]
pub struct RunDir {
    new: NewResult,
}

/// What must survive.
#[derive(Debug, Clone, Copy, Default)]
pub struct Guard<'a> {
    /// A file that the command reads, beside those of the campaign.
    pub input: Option<&'a Path>,
    /// Replace files that bumphound did not make.
    pub force: bool,
}

impl RunDir {
    /// Makes the folder; says early if it cannot be written to, or holds what must not be replaced.
    pub fn create(path: &Path, campaign: &Campaign, guard: Guard) -> Result<RunDir, Failure> {
        std::fs::create_dir_all(path).map_err(|e| Failure::io(path, e))?;
        RunDir::begin(path, Stage::Fill, campaign, guard)
    }

    /// The same in a folder that holds a book, from a later stage on.
    pub fn begin(path: &Path, stage: Stage, campaign: &Campaign, guard: Guard) -> Result<RunDir, Failure> {
        let inputs: Vec<&Path> = campaign.files_read().chain(guard.input).collect();
        let new = NewResult::begin(path, stage, inputs.iter().copied(), guard.force)?;
        let text = campaign.resolved_yaml.as_bytes();
        write_atomically(&RunFile::Campaign.path(new.part()), |out| out.write_all(text))?;
        Ok(RunDir { new })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.new.dir()
    }

    /// Where files are written until [`RunDir::finish`].
    pub fn part(&self) -> &Path {
        self.new.part()
    }

    /// True if an older result lies there, which the new one will replace.
    pub fn replaces(&self) -> bool {
        self.new.replaces()
    }

    /// Writes run.json, the only file with wall time, threads, host and date, and puts the new result in the place of an
    /// older one.
    pub fn finish(self, command: &str, threads: usize, seconds: f64, events: u64) -> Result<(), Failure> {
        let date =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let text = serde_json::to_string_pretty(&json!({
            "command": command,
            "version": crate::provenance::VERSION,
            "commit": crate::provenance::COMMIT,
            "threads": threads,
            "host": host.trim(),
            "finished_unix": date,
            "wall_seconds": seconds,
            "events_read": events,
            "events_per_second": if seconds > 0.0 { events as f64 / seconds } else { 0.0 },
            "files": self.new.files(),
        }))?;
        write_atomically(&RunFile::RunRecord.path(self.part()), |out| writeln!(out, "{text}"))?;
        Ok(self.new.finish()?)
    }
}

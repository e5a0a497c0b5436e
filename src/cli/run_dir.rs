//! The run directory: which files a run writes, made before the first event is read.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::campaign::Campaign;
use crate::part_file::write_atomically;
use crate::run_files::{RunFile, Stage};

use super::terminal::Failure;

/// A run directory.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes the folder, says early if it cannot be written to, removes what an older run made, and writes
    /// campaign.resolved.yaml.
    pub fn create(path: &Path, campaign: &Campaign) -> Result<RunDir, Failure> {
        std::fs::create_dir_all(path).map_err(|e| Failure::io(path, e))?;
        RunDir::begin(path, Stage::Fill, campaign)
    }

    /// The same in a folder that holds a book, from a later stage on.
    pub fn begin(path: &Path, stage: Stage, campaign: &Campaign) -> Result<RunDir, Failure> {
        stage.clear(path).map_err(|e| Failure::io(path, e))?;
        let text = campaign.resolved_yaml.as_bytes();
        write_atomically(&RunFile::Campaign.path(path), |out| out.write_all(text))?;
        Ok(RunDir { path: path.to_path_buf() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// run.json: the only file with wall time, threads, host and date.
    pub fn write_run_json(&self, command: &str, threads: usize, seconds: f64, events: u64) -> Result<(), Failure> {
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
        }))?;
        write_atomically(&RunFile::RunRecord.path(&self.path), |out| writeln!(out, "{text}"))?;
        Ok(())
    }
}

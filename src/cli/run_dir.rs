//! The run directory: which files a run writes, made before the first event is read.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::campaign::Campaign;
use crate::part_file::{PartFile, write_atomically};

use super::terminal::Failure;

/// Name of the book in a run directory.
pub const BOOK: &str = "book.bumphound";

/// A run directory.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes the folder, says early if it cannot be written to, and writes campaign.resolved.yaml.
    pub fn create(path: &Path, campaign: &Campaign) -> Result<RunDir, Failure> {
        std::fs::create_dir_all(path).map_err(|e| Failure::io(path, e))?;
        let dir = RunDir { path: path.to_path_buf() };
        // Results of an older run are not left beside the new ones.
        for name in [BOOK, "bumps.csv", "report.json", "index.html", "run.json"] {
            let old = dir.file(name);
            if old.exists() {
                std::fs::remove_file(&old).map_err(|e| Failure::io(&old, e))?;
            }
        }
        let mut resolved = PartFile::create(&dir.file("campaign.resolved.yaml"))?;
        resolved.write_all(campaign.resolved_yaml.as_bytes()).map_err(|e| Failure::io(path, e))?;
        resolved.commit()?;
        Ok(dir)
    }

    /// Path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// run.json: the only file with wall time, threads, host and date.
    pub fn write_run_json(&self, command: &str, threads: usize, seconds: f64, events: u64) -> Result<(), Failure> {
        let date =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let text = serde_json::to_string_pretty(&json!({
            "command": command,
            "version": env!("CARGO_PKG_VERSION"),
            "commit": env!("BUMPHOUND_COMMIT"),
            "threads": threads,
            "host": host.trim(),
            "finished_unix": date,
            "wall_seconds": seconds,
            "events_read": events,
            "events_per_second": if seconds > 0.0 { events as f64 / seconds } else { 0.0 },
        }))?;
        write_atomically(&self.file("run.json"), |out| writeln!(out, "{text}"))?;
        Ok(())
    }
}

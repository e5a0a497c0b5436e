//! Stamps the commit into the program: 12 digits, `+` behind them where its sources differ from that commit.
//!
//! In: git, or the note that `cargo package` leaves in a published crate. Out: `BUMPHOUND_COMMIT`; without either `unknown`.

use std::path::Path;
use std::process::Command;

/// What becomes part of the programs; other changes of the working tree do not count.
const SOURCES: [&str; 7] = ["src", "torch/src", "Cargo.toml", "Cargo.lock", "build.rs", "models", "resolution"];
/// Written by `cargo package`.
const PACKAGED: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let commit = from_git().or_else(from_package).unwrap_or_else(|| "unknown".to_string());
    println!("cargo:rustc-env=BUMPHOUND_COMMIT={commit}");
}

/// The commit of the checkout that this file is part of: a packed crate may lie inside of another repository.
fn from_git() -> Option<String> {
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes = git(&[&["status", "--porcelain", "--"][..], &SOURCES].concat())?;
    for name in ["HEAD", "logs/HEAD"] {
        watch(&git(&["rev-parse", "--git-path", name])?);
    }
    if changes.is_empty() {
        SOURCES.into_iter().for_each(watch);
        return Some(commit);
    }
    // Only a commit takes the mark away again: watching the sources of both crates would build all of this one each time
    // that the other changes.
    Some(format!("{commit}+"))
}

/// The commit that a published crate was made from.
fn from_package() -> Option<String> {
    let note = std::fs::read_to_string(PACKAGED).ok()?;
    let (_, hash) = note.split_once("\"sha1\": \"")?;
    let dirty = if note.contains("\"dirty\": true") { "+" } else { "" };
    Some(format!("{}{dirty}", hash.get(..12)?))
}

/// What git says, if all went well.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// Runs this again when the file or a file in the folder changes; a path that is not there would run it every time.
fn watch(path: &str) {
    if Path::new(path).exists() {
        println!("cargo:rerun-if-changed={path}");
    }
}

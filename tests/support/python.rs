//! Python with uproot, which is not ours: what it reads is what others will read.

#![allow(dead_code, reason = "every test file uses some of these")]

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// `BUMPHOUND_PYTHON`, or `python3`, if it has uproot and awkward; says aloud if not.
pub fn python_with_uproot() -> Option<OsString> {
    let python = std::env::var_os("BUMPHOUND_PYTHON").unwrap_or_else(|| "python3".into());
    let works = Command::new(&python).args(["-c", "import uproot, awkward"]).output();
    let found = works.is_ok_and(|output| output.status.success()).then_some(python);
    if found.is_none() {
        println!("SKIPPED: no Python with uproot and awkward (set BUMPHOUND_PYTHON)");
    }
    found
}

/// What a script prints about a file, its first argument.
pub fn printed(python: OsString, script: &str, file: &Path) -> String {
    let output = Command::new(python).args(["-c", script]).arg(file).output().expect("Python started before");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

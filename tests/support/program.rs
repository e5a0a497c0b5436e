//! Runs the program as a user would.

#![allow(dead_code, reason = "every test file uses some of these")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program of the crate under test; both take the same commands.
fn program() -> &'static str {
    let either = option_env!("CARGO_BIN_EXE_bumphound-torch").or(option_env!("CARGO_BIN_EXE_bumphound"));
    either.expect("cargo builds it for tests")
}

/// The project's folder.
pub fn project() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    if own.ends_with("torch") { own.parent().expect("it lies in the project") } else { own }
}

/// Runs `bumphound` with arguments in the project's folder.
pub fn bumphound(arguments: &[&str]) -> Output {
    Command::new(program())
        .args(arguments)
        .current_dir(project())
        .output()
        .expect("the program was built for this test")
}

/// Exit code and stderr of a run, thousands without gaps.
pub fn code_and_notes(arguments: &[&str]) -> (i32, String) {
    let output = bumphound(arguments);
    let notes = plain(&output.stderr);
    assert!(!notes.contains("panicked"), "{notes}");
    (output.status.code().unwrap_or(-1), notes)
}

/// stdout of a run that must succeed.
pub fn stdout_of(arguments: &[&str]) -> String {
    let output = bumphound(arguments);
    assert!(output.status.success(), "bumphound {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// stderr of a run that must succeed, thousands without gaps.
pub fn notes_of(arguments: &[&str]) -> String {
    let (code, notes) = code_and_notes(arguments);
    assert_eq!(code, 0, "bumphound {arguments:?}: {notes}");
    notes
}

/// stderr of a run that must fail with exit code 2.
pub fn error_of(arguments: &[&str]) -> String {
    let (code, error) = code_and_notes(arguments);
    assert_eq!(code, 2, "bumphound {arguments:?} should have failed: {error}");
    error
}

/// Output as text; the narrow spaces in `134 084` are taken out.
pub fn plain(output: &[u8]) -> String {
    String::from_utf8_lossy(output).replace('\u{202f}', "")
}

/// A file in a folder as text for an argument.
pub fn path_in(folder: &Path, name: &str) -> (PathBuf, String) {
    let path = folder.join(name);
    let text = path.to_string_lossy().into_owned();
    (path, text)
}

/// A campaign in a folder, as an argument; its relative paths start at the project's folder.
pub fn campaign_in(folder: &Path, text: &str) -> String {
    let (path, argument) = path_in(folder, "campaign.yaml");
    std::fs::write(path, format!("base: {:?}\n{text}", project())).expect("the folder is writable");
    argument
}

/// Content of every file of a run directory but run.json, which alone holds wall time, host and date.
pub fn results_in(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(dir).expect("the run directory exists").map(|entry| entry.expect("readable").path());
    let name = |path: &PathBuf| path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    files
        .filter(|path| name(path) != "run.json")
        .map(|path| (name(&path), std::fs::read(&path).expect("a file")))
        .collect()
}

/// Same names and same bytes; says which file differs.
pub fn assert_same_results(one: &Path, other: &Path) {
    let (one, other) = (results_in(one), results_in(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{name} differs");
    }
}

/// Rows of a CSV text, the header left out.
pub fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_string).collect()).collect()
}

//! Runs the program as a user would.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs `bumphound` with arguments in the project's folder.
pub fn bumphound(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bumphound"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program was built for this test")
}

/// stdout of a run that must succeed.
pub fn stdout_of(arguments: &[&str]) -> String {
    let output = bumphound(arguments);
    assert!(output.status.success(), "bumphound {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// stderr of a run that must fail with exit code 2.
pub fn error_of(arguments: &[&str]) -> String {
    let output = bumphound(arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "bumphound {arguments:?} should have failed: {error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

/// A file in a folder as text for an argument.
pub fn path_in(folder: &Path, name: &str) -> (PathBuf, String) {
    let path = folder.join(name);
    let text = path.to_string_lossy().into_owned();
    (path, text)
}

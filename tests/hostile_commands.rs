//! What once harmed the program, each through the command that it harmed. `make test-hostile` looks for more.
//!
//! In: `tests/golden/hostile/`, and inputs made here from good ones. Out: every command ends by itself with exit code 0, 1
//! or 2, in seconds, and prints nothing that a terminal obeys.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

mod support {
    pub mod program;
}
use support::program::{bumphound, path_in, project};

/// The good ones take milliseconds.
const TOO_LONG: Duration = Duration::from_secs(20);

/// Folder below `tests/golden/hostile`, and the commands that read its files.
const COMMANDS: [(&str, &[&[&str]]); 4] = [
    ("campaign", &[&["check", "{}", "--sample-events", "200"], &["fill", "{}", "--out", "{out}/run"]]),
    ("events", &[&["inspect", "{}", "--all"], &["inspect", "{}", "--json"], &["inspect", "{}", "--emit-map"]]),
    ("counts", &[&["significance", "{}"]]),
    ("run", &[&["report", "{}"], &["export", "{}", "--spectra"]]),
];

/// Runs a command; gives what it said.
fn harmless(arguments: &[&str]) -> String {
    let start = Instant::now();
    let output = bumphound(arguments);
    assert!(start.elapsed() < TOO_LONG, "bumphound {arguments:?}: {:?}", start.elapsed());
    let said = [output.stderr.as_slice(), &output.stdout].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(matches!(output.status.code(), Some(0..=2)), "bumphound {arguments:?}: {:?}\n{said}", output.status);
    assert!(!said.contains("panicked"), "bumphound {arguments:?}: {said}");
    let obeyed = said.chars().find(|c| (c.is_control() && !"\n\t".contains(*c)) || "\u{202e}\u{2066}".contains(*c));
    assert_eq!(obeyed, None, "bumphound {arguments:?}: {said:?}");
    said
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

#[test]
fn kept_inputs_do_no_harm() {
    let mut runs = 0;
    for (folder, commands) in COMMANDS {
        for file in files_in(&project().join("tests/golden/hostile").join(folder)) {
            for command in commands {
                let out = tempfile::tempdir().expect("temporary folder");
                let [file, out] = [&file, &out.path().to_path_buf()].map(|path| path.to_string_lossy().into_owned());
                let filled: Vec<String> =
                    command.iter().map(|part| part.replace("{}", &file).replace("{out}", &out)).collect();
                harmless(&filled.iter().map(String::as_str).collect::<Vec<_>>());
                runs += 1;
            }
        }
    }
    assert!(runs >= 5, "{runs}");
}

#[test]
fn thousands_of_mistakes_in_one_line_are_counted_and_the_first_are_shown() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let (path, campaign) = path_in(dir.path(), "c.yaml");
    let sample = r#"{"sample": "a", "files": "a.root", "layout": {"delphes": {"tree": "Delphes", "without": []}}}"#;
    std::fs::write(&path, format!(r#"{{"inputs": [{}]}}"#, vec![sample; 3000].join(", "))).expect("written");
    let said = harmless(&["check", &campaign]);
    assert!(said.contains("mistakes in") && said.contains("the first 50 are shown"), "{said}");
    assert!(said.len() < 40_000, "{} bytes", said.len());

    let zeros = vec!["0"; 200_000].join(",");
    std::fs::write(&path, format!(r#"{{"inputs": ["a.root"], "masses": {{"only": [{zeros}]}}}}"#)).expect("written");
    let said = harmless(&["check", &campaign]);
    assert!(said.contains("masses.only[0]` must be text"), "{said}");
}

#[test]
fn names_reach_a_terminal_without_what_it_obeys() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let (path, file) = path_in(dir.path(), "counts.csv");
    std::fs::write(&path, "lo\u{202e}w,high\u{202e},count\n1,2,3\n").expect("written");
    let said = harmless(&["significance", &file]);
    assert!(said.contains(r"lo\u202ew"), "{said}");

    let (path, file) = path_in(dir.path(), "events.csv");
    let events =
        std::fs::read_to_string(project().join("data-samples/formats/zjets.csv")).expect("the sample is there");
    std::fs::write(&path, events.replace('\n', "\r")).expect("written");
    harmless(&["inspect", &file]);
}

#[test]
fn what_never_ends_is_not_read_to_its_end() {
    if cfg!(unix) {
        for command in [["check", "/dev/zero"].as_slice(), &["significance", "/dev/zero"], &["inspect", "/dev/zero"]] {
            let said = harmless(command);
            assert!(said.contains("/dev/zero"), "{said}");
        }
    }
}

#[test]
fn thousands_of_threads_are_refused_before_they_are_started() {
    for threads in ["2000", "99999999999", "18446744073709551615", "-1"] {
        let threads = format!("--threads={threads}");
        let said = harmless(&["fill", "selections/minimal.yaml", "--out", "/nonexistent/x", &threads]);
        assert!(said.contains("--threads"), "{said}");
    }
}

/// Runs a command with stdout going elsewhere.
fn into(arguments: &[&str], stdout: Stdio) -> Output {
    let program = env!("CARGO_BIN_EXE_bumphound");
    let mut child = Command::new(program);
    let child = child.args(arguments).current_dir(project()).stdout(stdout).stderr(Stdio::piped());
    child.spawn().and_then(std::process::Child::wait_with_output).expect("the program was built for this test")
}

#[test]
fn a_full_disk_behind_stdout_is_an_error_and_a_closed_pipe_is_not() {
    let sample = "data-samples/tiny/diphoton.root";
    let commands: [&[&str]; 5] = [
        &["schema"],
        &["check", "selections/minimal.yaml"],
        &["inspect", sample, "--json"],
        &["inspect", sample, "--emit-map"],
        &["significance", "data-samples/spectra/atlas_Hyy_13TeV_36fb.csv"],
    ];
    for arguments in commands {
        if Path::new("/dev/full").exists() {
            let full = std::fs::File::options().write(true).open("/dev/full").expect("it can be written to");
            let output = into(arguments, full.into());
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "bumphound {arguments:?}: {said}");
            assert!(said.contains("error: cannot write to stdout"), "{said}");
        }
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = into(arguments, writer.into());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

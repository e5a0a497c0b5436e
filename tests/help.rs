//! What the program says about itself, pinned: a change of any help text or of the campaign's schema is seen in review.

use std::collections::BTreeSet;
use std::process::Command;

mod support {
    pub mod golden;
}
use support::golden::{assert_golden, golden, updating};

/// stdout of `bumphound`, 100 columns wide whatever the terminal.
fn said(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_bumphound"))
        .args(arguments)
        .env("COLUMNS", "100")
        .output()
        .expect("cargo builds it for tests");
    assert!(output.status.success(), "bumphound {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Names in the list of commands of `bumphound --help`.
fn commands() -> Vec<String> {
    let help = said(&["--help"]);
    let list = help.split_once("\nCommands:\n").expect("a list of commands").1;
    let list = list.split_once("\n\n").expect("its end").0;
    let first = |line: &str| line.strip_prefix("  ")?.split_whitespace().next().map(str::to_string);
    let names = list.lines().filter(|line| !line.starts_with("   ")).filter_map(first);
    names.filter(|name| name != "help").collect()
}

#[test]
fn help_of_every_command_is_as_it_was() {
    let commands = commands();
    assert!(commands.len() >= 15 && commands.contains(&"fill".to_string()), "{commands:?}");
    assert_golden("help/bumphound.txt", &said(&["--help"]));
    for command in &commands {
        assert_golden(&format!("help/{command}.txt"), &said(&[command, "--help"]));
    }
    let expected: BTreeSet<String> =
        commands.iter().map(String::as_str).chain(["bumphound"]).map(|name| format!("{name}.txt")).collect();
    for file in std::fs::read_dir(golden("help")).expect("the folder") {
        let file = file.expect("readable");
        let name = file.file_name().to_string_lossy().into_owned();
        if updating() && !expected.contains(&name) {
            std::fs::remove_file(file.path()).expect("removable");
        } else {
            assert!(expected.contains(&name), "tests/golden/help/{name} is of no command");
        }
    }
}

#[test]
fn help_ends_in_examples() {
    for command in commands() {
        let help = said(&[&command, "--help"]);
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{command} shows none"));
        let runs = examples.lines().filter(|line| line.starts_with("  bumphound ")).count();
        assert!(runs >= 1, "{command}: {examples}");
    }
}

#[test]
fn the_schema_of_a_campaign_is_as_it_was() {
    assert_golden("frozen/campaign.schema.json", &said(&["schema"]));
}

#[test]
fn the_version_names_the_commit_and_whether_its_sources_were_changed() {
    let said = said(&["--version"]);
    let inside = said.trim().strip_prefix(concat!("bumphound ", env!("CARGO_PKG_VERSION"), " (")).expect("a version");
    let commit = inside.strip_suffix(')').expect("a commit");
    let digits = commit.strip_suffix('+').unwrap_or(commit);
    assert!(commit == "unknown" || digits.len() == 12 && digits.chars().all(|c| c.is_ascii_hexdigit()), "{said}");
}

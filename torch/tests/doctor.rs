//! `bumphound doctor`: what this installation can do.

#[path = "../../tests/support"]
mod support {
    pub mod program;
}
use support::program::stdout_of;

#[test]
fn everything_that_matters_is_a_line() {
    let text = stdout_of(&["doctor"]);
    let line =
        |name: &str| text.lines().find(|line| line.starts_with(name)).map(|line| line[name.len()..].trim_start());
    assert!(line("bumphound").is_some_and(|rest| rest.starts_with(bumphound::provenance::VERSION)), "{text}");
    assert!(line("cpu").is_some_and(|rest| rest.contains("threads")), "{text}");
    assert!(line("codecs").is_some_and(|rest| rest.contains("ZSTD") && rest.contains("LZMA")), "{text}");
    assert!(line("inputs").is_some_and(|rest| rest.contains("delphes") && rest.contains("darkmachines_csv")), "{text}");
    assert!(line("libtorch").is_some_and(|rest| rest.contains("loaded from")), "{text}");
    assert!(line("gpu").is_some(), "{text}");
    assert!(line("network").is_some_and(|rest| rest.contains("sha256") && !rest.contains("unusable")), "{text}");
}

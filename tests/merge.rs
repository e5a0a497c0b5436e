//! `bumphound merge`: books that were filled apart are the book of one fill, in any order; what cannot be added is refused.

use std::path::{Path, PathBuf};

mod support {
    pub mod program;
}
use support::program::{assert_same_results, campaign_in, error_of, notes_of, path_in};

const FILES: &str = "data-samples/leptonstream";

/// Fills a campaign given by its inputs (and more keys) into a folder of its own.
fn fill(folder: &Path, name: &str, text: &str) -> (PathBuf, String) {
    let own = folder.join(name);
    std::fs::create_dir(&own).expect("a folder");
    let campaign = campaign_in(&own, text);
    let (path, out) = path_in(&own, "run");
    notes_of(&["fill", &campaign, "--out", &out]);
    (path, out)
}

fn sample(name: &str, files: &[u32], more: &str) -> String {
    let files: Vec<String> = files.iter().map(|n| format!("{FILES}/A_{name}_0{n}.root")).collect();
    format!("  - {{sample: {name}, files: [{}], {more}}}\n", files.join(", "))
}

/// Both orders give the bytes of one fill.
fn is_one_fill(head: &str, first: &str, second: &str, both: &str) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = |inputs: &str| format!("{head}inputs:\n{inputs}");
    let (_, a) = fill(folder.path(), "a", &campaign(first));
    let (_, b) = fill(folder.path(), "b", &campaign(second));
    let (whole, _) = fill(folder.path(), "whole", &campaign(both));
    for (name, parts) in [("ab", [&a, &b]), ("ba", [&b, &a])] {
        let (path, out) = path_in(folder.path(), name);
        let notes = notes_of(&["merge", parts[0], parts[1], "--out", &out]);
        assert!(notes.contains("bumphound rank"), "{notes}");
        assert_same_results(&whole, &path);
    }
}

#[test]
fn books_of_parts_are_the_book_of_the_whole() {
    let data = |files: &[u32]| sample("ttbar", files, "data: true");
    is_one_fill("", &data(&[0]), &data(&[1]), &data(&[0, 1]));
}

#[test]
fn samples_may_be_filled_apart() {
    let (ttbar, wjets) = (sample("ttbar", &[0], "role: pseudo"), sample("wjets", &[0], "mc: {cross_section_pb: 20.0}"));
    let head = "lumi_ifb: 0.1\nregions: {incl: ~, met50: MET > 50}\n";
    is_one_fill(head, &wjets, &ttbar, &format!("{ttbar}{wjets}"));
}

#[test]
fn pseudo_data_is_drawn_around_the_joined_weights() {
    let (ttbar, wjets) =
        (sample("ttbar", &[0], "mc: {cross_section_pb: 30.0}"), sample("wjets", &[0], "mc: {cross_section_pb: 900.0}"));
    is_one_fill("lumi_ifb: 0.1\npseudo_data: poisson\n", &ttbar, &wjets, &format!("{ttbar}{wjets}"));
}

#[test]
fn what_cannot_be_added_is_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = |head: &str, inputs: &str| format!("{head}inputs:\n{inputs}");
    let one = campaign("", &sample("ttbar", &[0], "data: true"));
    let (_, a) = fill(folder.path(), "a", &one);
    let (_, same) = fill(folder.path(), "same", &one);
    let (_, cut) =
        fill(folder.path(), "cut", &campaign("preselection: MET > 50\n", &sample("ttbar", &[1], "data: true")));
    let (_, some) = fill(folder.path(), "some", &campaign("", &sample("ttbar", &[1], "data: true, events: 10")));
    let (_, scaled) = fill(folder.path(), "scaled", &campaign("", &sample("wjets", &[0], "data: true")));
    let (_, out) = path_in(folder.path(), "out");
    let refused = |parts: &[&str]| {
        let arguments: Vec<&str> = ["merge"].iter().chain(parts).chain(&["--out", out.as_str()]).copied().collect();
        error_of(&arguments)
    };
    let twice = refused(&[&a, &same]);
    assert!(twice.contains("A_ttbar_00.root` was read for two of the books") && twice.contains("hint:"), "{twice}");
    let other = refused(&[&a, &cut]);
    assert!(other.contains("filled by different campaigns") && other.contains("hint:"), "{other}");
    assert!(refused(&[&a, &some]).contains("cut to 10 events"));
    assert!(refused(&[&a, "out/nowhere"]).contains("out/nowhere"));
    let onto_itself = error_of(&["merge", &a, &scaled, "--out", &a]);
    assert!(onto_itself.contains("one of the books to be joined"), "{onto_itself}");
}

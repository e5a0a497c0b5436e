//! A run directory holds an old result that is whole, or a new one, and nobody else's files are touched.

use std::path::Path;

mod support {
    pub mod program;
}
use support::program::{campaign_in, code_and_notes, error_of, notes_of, path_in, results_in};

const GOOD: &str = "inputs: [{files: data-samples/tiny/diboson.root, data: true}]\nmasses: {only: ['m(mu1,mu2)']}\n";

#[test]
fn the_old_result_stays_until_the_new_one_is_complete() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (dir, out) = path_in(folder.path(), "out");
    notes_of(&["fill", &campaign_in(folder.path(), GOOD), "--out", &out]);
    let before = results_in(&dir);
    // Its name is right, its contents are not: that shows only when it is opened.
    let (damaged, name) = path_in(folder.path(), "damaged.root");
    std::fs::write(&damaged, "root, but no more").expect("written");
    let bad = format!("inputs: [{{files: {name:?}, data: true, layout: delphes}}]\n");
    error_of(&["fill", &campaign_in(folder.path(), &bad), "--out", &out]);
    assert!(results_in(&dir) == before, "all of it, and nothing beside it");
    let other = GOOD.replace("mu1,mu2", "e1,e2");
    notes_of(&["fill", &campaign_in(folder.path(), &other), "--out", &out]);
    assert!(results_in(&dir) != before);
}

#[test]
fn files_of_others_are_kept_unless_forced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (dir, out) = path_in(folder.path(), "site");
    std::fs::create_dir(&dir).expect("made");
    for name in ["index.html", "notes.txt"] {
        std::fs::write(dir.join(name), "mine").expect("written");
    }
    let campaign = campaign_in(folder.path(), GOOD);
    let error = error_of(&["fill", &campaign, "--out", &out]);
    assert!(
        error.contains("site/index.html is there and was not made by bumphound") && error.contains("--force"),
        "{error}"
    );
    assert_eq!(results_in(&dir).len(), 2);
    notes_of(&["fill", &campaign, "--out", &out, "--force"]);
    assert_eq!(std::fs::read(dir.join("notes.txt")).expect("kept"), b"mine");
}

#[test]
fn nothing_that_is_read_is_replaced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (dir, out) = path_in(folder.path(), "out");
    let read = |path: &Path| std::fs::read(path).expect("there");
    notes_of(&["fill", &campaign_in(folder.path(), GOOD), "--out", &out]);
    let book = dir.join("book.bumphound");
    let before = read(&book);
    let skim = |out: &Path| {
        error_of(&["skim", &dir.display().to_string(), "--cut", "MET > 20", "--out", &out.display().to_string()])
    };
    assert!(skim(&book).contains("is read by this command and would be replaced"));
    #[cfg(unix)]
    {
        let link = folder.path().join("link.root");
        std::os::unix::fs::symlink(&book, &link).expect("linked");
        assert!(skim(&link).contains("would be replaced"));
    }
    let resolved = dir.join("campaign.resolved.yaml").display().to_string();
    assert!(error_of(&["fill", &resolved, "--out", &out]).contains("would be replaced"));
    assert!(read(&book) == before);
}

#[test]
fn the_second_program_in_one_folder_stops() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (dir, out) = path_in(folder.path(), "out");
    std::fs::create_dir(&dir).expect("made");
    let lock = std::fs::File::open(&dir).expect("a folder");
    lock.lock().expect("free");
    let campaign = campaign_in(folder.path(), GOOD);
    assert!(error_of(&["fill", &campaign, "--out", &out]).contains("another bumphound is writing into"));
    drop(lock);
    assert_eq!(code_and_notes(&["fill", &campaign, "--out", &out]).0, 0);
}

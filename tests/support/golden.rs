//! Text that stays as it is until somebody means to change it: `tests/golden/NAME`, written anew with UPDATE_GOLDEN=1.

use std::path::{Path, PathBuf};

/// Where a golden file lies; tests of both crates share them.
pub fn golden(name: &str) -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = if own.ends_with("torch") { own.parent().expect("it lies in the project") } else { own };
    project.join("tests/golden").join(name)
}

/// Are golden files to be written anew?
pub fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// The same text as in the file, or a sentence with the first line that differs.
pub fn assert_golden(name: &str, now: &str) {
    let path = golden(name);
    if updating() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(&path, now).expect("writable");
        return;
    }
    let before = std::fs::read_to_string(&path).unwrap_or_else(|error| unreachable!("{}: {error}", path.display()));
    let differs = before.lines().zip(now.lines()).position(|(before, now)| before != now);
    let line = differs.unwrap_or_else(|| before.lines().count().min(now.lines().count()));
    let at = |text: &str| text.lines().nth(line).unwrap_or("(no more lines)").to_string();
    assert!(
        before == now,
        "tests/golden/{name} line {}:\n  before: {}\n  now:    {}\nif that is meant: UPDATE_GOLDEN=1 cargo test, see tests/golden/README.md",
        line + 1,
        at(&before),
        at(now)
    );
}

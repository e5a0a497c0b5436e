//! File names and globs of a campaign to existing files.
//!
//! In: text as the campaign spells it, relative to a base folder. Out: [`Found`] files in the order of their names, so
//! that the order never depends on the file system. Errors say which part of a path is missing and what is there.

use std::path::{Component, Path, PathBuf};

use crate::nearest::nearest;

/// One existing file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// As the campaign would spell it, relative to the base unless the campaign gave an absolute path.
    pub(super) written: String,
    /// To open it from the current folder.
    pub(super) path: PathBuf,
    /// The file itself, whatever way leads to it: equal for links to the same file.
    pub(super) identity: PathBuf,
}

/// Why nothing was found.
#[derive(Debug, PartialEq)]
pub(super) struct NotFound {
    pub(super) message: String,
    pub(super) nearest: Vec<String>,
    pub(super) hint: Option<String>,
}

/// The files that a name or glob stands for, at least one, sorted by name.
pub(super) fn expand(base: &Path, written: &str) -> Result<Vec<Found>, NotFound> {
    if written.contains("://") {
        return Err(not_found(
            format!("`{written}` is not on this machine"),
            "copy it, or mount it: only local files are read",
        ));
    }
    let is_glob = written.contains(['*', '?', '[']);
    if !is_glob || base.join(written).is_file() {
        return file(base, written).map(|found| vec![found]);
    }
    let bad_glob =
        |what: String| not_found(format!("`{written}` is not a glob: {what}"), "globs know *, ?, [abc] and **");
    let full = match (Path::new(written).is_absolute(), base.to_str()) {
        (true, _) => written.to_string(),
        (false, Some("")) => written.to_string(),
        (false, Some(base)) => format!("{}/{written}", glob::Pattern::escape(base)),
        (false, None) => return Err(not_text(base)),
    };
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let paths = glob::glob_with(&full, options).map_err(|error| bad_glob(error.msg.to_string()))?;
    let named_like_files = Path::new(written).extension().is_some();
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| not_found(format!("`{written}`: {error}"), "is the folder readable?"))?;
        // What is no file (a link to storage that is not mounted, a pipe) is listed too: the user means to read it, and
        // opening it says why it cannot be. Folders among files are usual, unless they are called like files.
        if !path.is_dir() || named_like_files {
            let name = path.strip_prefix(base).unwrap_or(&path).to_str().ok_or_else(|| not_text(&path))?.to_string();
            let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
            found.push(Found { written: name, path, identity });
        }
    }
    found.sort_by(|a, b| a.written.cmp(&b.written));
    if found.is_empty() {
        return Err(no_match(base, written));
    }
    Ok(found)
}

/// One file, no glob.
pub(super) fn file(base: &Path, written: &str) -> Result<Found, NotFound> {
    if written.trim().is_empty() {
        return Err(not_found("the file name is empty".to_string(), "for example `../data-samples/A_*.root`"));
    }
    let path = base.join(written);
    if path.is_file() {
        return existing(written.to_string(), path);
    }
    if path.is_dir() {
        let folder = written.trim_end_matches('/');
        return Err(not_found(format!("`{written}` is a folder"), &format!("all its files: `{folder}/*.root`")));
    }
    Err(missing(base, written))
}

/// A file by its name alone, whether or not it is on this machine.
pub(super) fn as_written(base: &Path, written: &str) -> Found {
    let path = base.join(written);
    Found { written: written.to_string(), identity: path.clone(), path }
}

fn existing(written: String, path: PathBuf) -> Result<Found, NotFound> {
    match path.canonicalize() {
        Ok(identity) => Ok(Found { written, path, identity }),
        Err(error) => Err(NotFound { message: format!("`{written}`: {error}"), nearest: Vec::new(), hint: None }),
    }
}

/// Finds the first part of a path that does not exist, and names that are there.
fn missing(base: &Path, written: &str) -> NotFound {
    let mut so_far = PathBuf::new();
    let parts: Vec<Component<'_>> = Path::new(written).components().collect();
    for (i, part) in parts.iter().enumerate() {
        let next = so_far.join(part);
        if base.join(&next).exists() {
            so_far = next;
            continue;
        }
        let name = part.as_os_str().to_string_lossy();
        let entries = folder_entries(&base.join(&so_far));
        let nearest = nearest(&name, entries.iter().map(String::as_str));
        let nearest = nearest.iter().map(|name| so_far.join(name).to_string_lossy().into_owned()).collect();
        if written.starts_with('~') || written.contains('$') {
            let hint = "`~` and `$NAME` are not replaced: write the folder, or give it with `--set base=$HOME/data`";
            return not_found(format!("file `{written}` does not exist"), hint);
        }
        let message = match i + 1 == parts.len() {
            true => format!("file `{written}` does not exist"),
            false => format!("file `{written}` does not exist: there is no folder `{}`", next.display()),
        };
        return NotFound { message, nearest, hint: Some(start_hint(base)) };
    }
    // Everything exists, but it is neither file nor folder.
    not_found(format!("`{written}` is not a regular file"), "pipes and devices cannot be read")
}

fn no_match(base: &Path, written: &str) -> NotFound {
    let plain: PathBuf = Path::new(written)
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']))
        .collect();
    if !base.join(&plain).exists() {
        let error = missing(base, &plain.to_string_lossy());
        return NotFound {
            message: format!("no file matches `{written}`: there is no folder `{}`", plain.display()),
            ..error
        };
    }
    let folder = base.join(&plain);
    let entries = folder_entries(&folder);
    let last = Path::new(written).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let near = nearest(&last, entries.iter().map(String::as_str));
    let hint = match (near.is_empty(), entries.len()) {
        (_, 0) => format!("`{}` is empty", folder.display()),
        (false, _) => start_hint(base),
        (true, n) => {
            let some = entries.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("`{}` holds {some}{}", folder.display(), if n > 4 { " ..." } else { "" })
        }
    };
    NotFound { message: format!("no file matches `{written}`"), nearest: near, hint: Some(hint) }
}

fn start_hint(base: &Path) -> String {
    let shown = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    format!("relative paths start at the campaign's folder, `{}`", shown.display())
}

/// Names in a folder, sorted; none if it cannot be read.
pub(super) fn folder_entries(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn not_text(path: &Path) -> NotFound {
    not_found(format!("`{}` is not UTF-8", path.display()), "rename it: names must survive in YAML and reports")
}

fn not_found(message: String, hint: &str) -> NotFound {
    NotFound { message, nearest: Vec::new(), hint: Some(hint.to_string()) }
}

/// A name for a sample whose campaign gives none: `A_ttbar` for `data/A_ttbar_*.root`.
pub(super) fn sample_name(written: &str) -> String {
    let file = Path::new(written).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let before_glob = stem.split(['*', '?', '[']).next().unwrap_or_default();
    let name = before_glob.trim_matches(|c: char| !c.is_alphanumeric());
    if name.is_empty() { "input".to_string() } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for name in [
            "data/A_ttbar_01.root",
            "data/A_ttbar_00.root",
            "data/A_zjets_00.root",
            "data/.hidden.root",
            "odd[1]/x.root",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("writable");
            std::fs::write(path, "").expect("writable");
        }
        std::fs::create_dir(folder.path().join("selections")).expect("writable");
        folder
    }

    #[test]
    fn globs_give_sorted_names_relative_to_the_base() {
        let folder = folder();
        let base = folder.path().join("selections");
        let names =
            |pattern| expand(&base, pattern).map(|found| found.into_iter().map(|f| f.written).collect::<Vec<_>>());
        assert_eq!(
            names("../data/A_ttbar_*.root"),
            Ok(vec!["../data/A_ttbar_00.root".into(), "../data/A_ttbar_01.root".into()])
        );
        assert_eq!(names("../data/*").map(|n| n.len()), Ok(3));
        assert_eq!(names("../odd[1]/x.root").map(|n| n.len()), Ok(1));
        let odd = folder.path().join("odd[1]");
        assert_eq!(expand(&odd, "*.root").map(|f| f[0].written.clone()), Ok("x.root".to_string()));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_glob_finds_and_cannot_be_read_is_not_left_out() {
        let folder = folder();
        let data = folder.path().join("data");
        std::os::unix::fs::symlink("/nowhere/c.root", data.join("A_c.root")).expect("writable");
        std::fs::create_dir(data.join("A_d.root")).expect("writable");
        std::fs::create_dir(data.join("logs")).expect("writable");
        let names = |pattern| expand(folder.path(), pattern).map(|found| found.len());
        assert_eq!((names("data/*.root"), names("data/*")), (Ok(5), Ok(4)));
    }

    #[test]
    fn what_is_missing_is_named_with_its_neighbours() {
        let folder = folder();
        let error = expand(folder.path(), "data/A_tbar_00.root").expect_err("missing");
        assert_eq!(error.message, "file `data/A_tbar_00.root` does not exist");
        assert_eq!(error.nearest[0], "data/A_ttbar_00.root");
        let error = expand(folder.path(), "dta/A_ttbar_00.root").expect_err("missing");
        assert_eq!(error.message, "file `dta/A_ttbar_00.root` does not exist: there is no folder `dta`");
        assert_eq!(error.nearest, ["data"]);
        let error = expand(folder.path(), "data/B_*.root").expect_err("no match");
        assert_eq!(error.message, "no file matches `data/B_*.root`");
        assert_eq!(expand(folder.path(), "dat/*.root").expect_err("no folder").nearest, ["data"]);
        assert!(expand(folder.path(), "data").expect_err("a folder").message.contains("is a folder"));
        assert!(expand(folder.path(), "root://eos/x.root").is_err());
        assert!(expand(folder.path(), "data/[").is_err());
        assert!(expand(folder.path(), "").is_err());
    }

    #[test]
    fn samples_without_a_name_get_one_from_their_file() {
        assert_eq!(sample_name("../data/A_ttbar_*.root"), "A_ttbar");
        assert_eq!(sample_name("zprime.m500.root"), "zprime");
        assert_eq!(sample_name("*.root"), "input");
        assert_eq!(sample_name(""), "input");
    }
}

//! What can go wrong between a file and an [`EventBatch`](super::EventBatch).

use std::ops::Range;
use std::path::PathBuf;

use super::layouts::{Detect, LAYOUTS};
use crate::rootfile::RootError;

/// Events that cannot be read, or written.
#[derive(Debug, thiserror::Error)]
pub enum NtupleError {
    /// The file, the tree or a branch.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A branch of another kind than the layout says.
    #[error("branch `{branch}` in {} holds `{found}`, expected {wanted}", path.display())]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The branch.
        branch: String,
        /// Its type.
        found: String,
        /// What the layout needs.
        wanted: &'static str,
    },
    /// Two branches of one collection, or a branch and the counter of its collection, count different objects in an event.
    #[error(
        "branch `{branch}` has {found} objects in entry {entry} of {}, but `{reference}` has {expected}",
        path.display()
    )]
    CountsDisagree {
        /// The file.
        path: PathBuf,
        /// The branch that differs.
        branch: String,
        /// The branch that it is compared with.
        reference: String,
        /// First entry where they differ.
        entry: u64,
        /// Objects in `branch`.
        found: i64,
        /// Objects in `reference`; what a damaged counter says may be negative.
        expected: i64,
    },
    /// An array of fixed length with fewer slots than its counter counts.
    #[error("branch `{branch}` of {} has {slots} slots, but `{counter}` is {count} in entry {entry}", path.display())]
    TooFewSlots {
        /// The file.
        path: PathBuf,
        /// The array.
        branch: String,
        /// Its length.
        slots: i64,
        /// What counts its valid slots.
        counter: String,
        /// First entry where they do not fit.
        entry: u64,
        /// What it counts there.
        count: i64,
    },
    /// A branch map that lacks something.
    #[error("the layout of {} has no `{key}` for `{part}`", path.display())]
    IncompleteMap {
        /// The file.
        path: PathBuf,
        /// The kind of object.
        part: &'static str,
        /// What is missing.
        key: &'static str,
    },
    /// A layout that leaves nothing to read.
    #[error("the layout names no objects in {}", path.display())]
    NoObjects {
        /// The file.
        path: PathBuf,
    },
    /// A text file as a whole.
    #[error("{} cannot be read: {reason}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A line of a text file; the first of those that are wrong.
    #[error(
        "{}:{line}:{column}: expected {expected}, found {found}{}", path.display(),
        if *wrong_lines > 1 { format!(" ({wrong_lines} malformed lines in this part)") } else { String::new() }
    )]
    WrongLine {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// From 1, in bytes.
        column: u64,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
        /// Wrong lines in the part of the file that was read.
        wrong_lines: u64,
    },
    /// A file of no known layout.
    #[error("no tree of {} looks like a known layout; its trees are: {}", path.display(), trees.join(", "))]
    UnknownLayout {
        /// The file.
        path: PathBuf,
        /// All its trees.
        trees: Vec<String>,
    },
    /// Rows that the batch does not have.
    #[error("cannot write event {row} of a batch of {events}")]
    NoSuchRow {
        /// The row asked for.
        row: usize,
        /// Rows there.
        events: usize,
    },
    /// The output could not be written.
    #[error("cannot write {}: {reason}", path.display())]
    Write {
        /// The output.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl NtupleError {
    /// True where another layout may be the answer: its branches or its tree are not in the file.
    pub fn may_be_layout(&self) -> bool {
        use RootError::{BranchNotFound, NotATree, ObjectNotFound};
        match self {
            NtupleError::Root(error) => {
                matches!(error, BranchNotFound { .. } | NotATree { .. } | ObjectNotFound { .. })
            }
            NtupleError::WrongType { .. } | NtupleError::NoObjects { .. } | NtupleError::Text { .. } => true,
            _ => false,
        }
    }

    /// The entries that are lost by damage that costs no others.
    pub fn lost_entries(&self) -> Option<Range<u64>> {
        match self {
            NtupleError::Root(RootError::Damaged { entries, .. }) => entries.as_deref().cloned(),
            NtupleError::Root(RootError::EntryRange { wanted, entries, .. }) => Some(*entries..wanted.end),
            _ => None,
        }
    }

    /// True where the system lets the program open no more files.
    pub fn too_many_open_files(&self) -> bool {
        matches!(self, NtupleError::Root(error) if error.too_many_open_files())
    }

    /// What the user can try, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            NtupleError::Root(RootError::BranchNotFound { branch, nearest, .. }) => {
                LAYOUTS.iter().find_map(|kind| (kind.missing_branch)(branch, nearest))
            }
            NtupleError::Root(RootError::NotRoot { kind, .. }) if kind.hint().is_none() => {
                let text = LAYOUTS.iter().filter(|kind| matches!(kind.detect, Detect::Start(_)));
                let text: Vec<String> = text.map(|kind| format!("`layout: {}`", kind.name)).collect();
                Some(format!("check the path: inputs are ROOT files, or text with {}", text.join(" or ")))
            }
            NtupleError::Root(RootError::ObjectNotFound { nearest, .. }) => {
                nearest.first().map(|first| format!("name the tree in the layout: `tree: {first}`"))
            }
            NtupleError::Root(RootError::NotATree { .. }) => {
                Some("`bumphound inspect FILE` says what it is, and how the file is read".into())
            }
            NtupleError::TooFewSlots { counter, .. } => {
                Some(format!("`{counter}` counts something else, or the array was too short for this event"))
            }
            NtupleError::Root(error) => error.hint(),
            NtupleError::CountsDisagree { .. } => {
                Some("the file is damaged: compare it with its source, for instance by checksum".into())
            }
            NtupleError::WrongType { .. } => {
                Some("the layout expects another kind of branch: `bumphound inspect FILE` lists them with their types".into())
            }
            NtupleError::UnknownLayout { .. } => {
                Some("write a branch map: `bumphound inspect FILE --emit-map` lists the branches in a frame for it".into())
            }
            NtupleError::WrongLine { .. } => Some(
                "a line is `event; process; weight; MET; METphi; obj, E, pt, eta, phi; ...`; other orders of the first \
                 columns: `layout: {darkmachines_csv: {columns: [...]}}`"
                    .into(),
            ),
            _ => None,
        }
    }
}

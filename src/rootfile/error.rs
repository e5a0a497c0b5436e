//! What can go wrong with a ROOT file, and what to try.
//!
//! [`Damage`] is about bytes in a buffer; [`RootError`] adds the file, the object in it and the byte range.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::file_kind::FileKind;

/// Bytes that do not mean what the format says they should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A read beyond the end of a buffer, or of the object that the bytes belong to.
    #[error("{wanted} bytes expected at offset {at}, only {left} left")]
    Short {
        /// Offset in the buffer.
        at: usize,
        /// Bytes asked for.
        wanted: usize,
        /// Bytes there.
        left: usize,
    },
    /// A number that cannot be right.
    #[error("{what} is {found}, {expected}")]
    Implausible {
        /// Name of the quantity.
        what: &'static str,
        /// Its value.
        found: i64,
        /// What it should be.
        expected: String,
    },
    /// A compressed block that cannot be unpacked.
    #[error("{algorithm} block cannot be decompressed: {reason}")]
    Compression {
        /// ZLIB, LZ4, ZSTD, LZMA or what stands there instead.
        algorithm: String,
        /// The codec's words.
        reason: String,
    },
    /// An object that this reader has no rule for.
    #[error("cannot decode {what}: {reason}")]
    Undecodable {
        /// Class or class member.
        what: String,
        /// Why.
        reason: String,
    },
    /// Objects nested or repeated beyond any honest file.
    #[error("{0}")]
    TooMuch(&'static str),
}

impl Damage {
    /// Shorthand for [`Damage::Implausible`].
    pub(crate) fn implausible(what: &'static str, found: impl TryInto<i64>, expected: impl Into<String>) -> Damage {
        Damage::Implausible { what, found: found.try_into().unwrap_or(i64::MAX), expected: expected.into() }
    }
}

/// A ROOT file that cannot be read, or something that is not in it.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The operating system refused.
    #[error("cannot read {}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: io::Error,
    },
    /// A file without a single byte.
    #[error("{} is empty (0 bytes)", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The first four bytes are not `root`.
    #[error("{} is not a ROOT file: it is {}", path.display(), kind.name())]
    NotRoot {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: FileKind,
    },
    /// The header says that the file is longer than it is.
    #[error("{} is cut short: its header says {expected} bytes, it has {found}", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// End of the file according to its header.
        expected: u64,
        /// Length of the file.
        found: u64,
    },
    /// No list of keys: the program that wrote the file never closed it.
    #[error("{} has no list of keys: the program that wrote it did not close it", path.display())]
    Unclosed {
        /// The file.
        path: PathBuf,
    },
    /// No such object.
    #[error("`{name}` not found in {}{}", path.display(), nearest_line(nearest))]
    ObjectNotFound {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// Objects of similar name, or the trees that are there.
        nearest: Vec<String>,
    },
    /// The object is there, but it is no TTree.
    #[error("`{name}` in {} is a {class}, not a TTree", path.display())]
    NotATree {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// Its class.
        class: String,
    },
    /// A list of files under the name of a tree.
    #[error("`{name}` in {} is a TChain: it has no events of its own, only a list of files: {}", path.display(), files.join(", "))]
    Chain {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// Its files with the tree in each, at most ten.
        files: Vec<String>,
    },
    /// The object is there, but it is no RNTuple.
    #[error("`{name}` in {} is a {class}, not an RNTuple", path.display())]
    NotAnRNTuple {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// Its class.
        class: String,
    },
    /// An RNTuple of a format that is not the public one.
    #[error("RNTuple `{name}` in {} has format {version}; only 1.x can be read", path.display())]
    RNTupleVersion {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// Version of its format.
        version: String,
    },
    /// No such branch.
    #[error("branch `{branch}` not found in tree `{tree}` ({}){}", path.display(), nearest_line(nearest))]
    BranchNotFound {
        /// The file.
        path: PathBuf,
        /// The tree.
        tree: String,
        /// What was asked for.
        branch: String,
        /// Branches of similar name.
        nearest: Vec<String>,
    },
    /// A branch that is not here, but that a friend of the tree may have.
    #[error(
        "branch `{branch}` is not in tree `{tree}` ({}); it may be in a friend tree, {friend}, whose branches are not \
         read{}",
        path.display(),
        nearest_line(nearest)
    )]
    BranchOfFriend {
        /// The file.
        path: PathBuf,
        /// The tree.
        tree: String,
        /// What was asked for.
        branch: String,
        /// The friend tree and its file, in words.
        friend: String,
        /// Branches of similar name.
        nearest: Vec<String>,
    },
    /// A name that several branches have.
    #[error("`{branch}` is the name of several branches of tree `{tree}` ({}): {}", path.display(), quoted(paths))]
    AmbiguousBranch {
        /// The file.
        path: PathBuf,
        /// The tree.
        tree: String,
        /// What was asked for.
        branch: String,
        /// What they are called with the branches above them.
        paths: Vec<String>,
    },
    /// One number of several that is not there.
    #[error("branch `{branch}` of tree `{tree}` ({}) holds `{holds}`: there is no element {index} in it", path.display())]
    NoSuchElement {
        /// The file.
        path: PathBuf,
        /// The tree.
        tree: String,
        /// The branch.
        branch: String,
        /// Its type.
        holds: String,
        /// The number asked for, from 0.
        index: usize,
    },
    /// A branch that does not hold plain numbers.
    #[error("branch `{branch}` of tree `{tree}` ({}) holds {holds}, which cannot be read as a column of numbers", path.display())]
    UnsupportedBranch {
        /// The file.
        path: PathBuf,
        /// The tree.
        tree: String,
        /// The branch.
        branch: String,
        /// Its type.
        holds: String,
    },
    /// Entries that the branch does not have.
    #[error("entries {}..{} of branch `{branch}` ({}) requested, but it has {entries}", wanted.start, wanted.end, path.display())]
    EntryRange {
        /// The file.
        path: PathBuf,
        /// The branch.
        branch: String,
        /// Entries asked for.
        wanted: Range<u64>,
        /// Entries there.
        entries: u64,
    },
    /// Damaged bytes.
    #[error("{place} in {} (bytes {}..{}) is damaged: {damage}", path.display(), bytes.start, bytes.end)]
    Damaged {
        /// The file.
        path: Box<Path>,
        /// What stands there, such as ``basket 3 of branch `Jet.PT` ``.
        place: Box<str>,
        /// Where in the file.
        bytes: Range<u64>,
        /// What is wrong with it.
        damage: Damage,
        /// The entries that are lost by it, where that is known.
        entries: Option<Box<Range<u64>>>,
    },
}

/// What Unix says of too many open files: of one process, of the machine.
const TOO_MANY_OPEN: i32 = 24;
const TOO_MANY_OPEN_IN_ALL: i32 = 23;

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn nearest_line(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("\n  nearest: {}", quoted(nearest)) }
}

impl RootError {
    /// The same, of damage that costs these entries and no others.
    pub(crate) fn in_entries(self, lost: Range<u64>) -> RootError {
        match self {
            RootError::Damaged { path, place, bytes, damage, .. } => {
                RootError::Damaged { path, place, bytes, damage, entries: Some(Box::new(lost)) }
            }
            other => other,
        }
    }

    /// The same, with what it costs told in other numbers.
    pub(crate) fn in_entries_from(self, convert: impl FnOnce(Range<u64>) -> Range<u64>) -> RootError {
        match self {
            RootError::Damaged { path, place, bytes, damage, entries } => RootError::Damaged {
                path,
                place,
                bytes,
                damage,
                entries: entries.map(|entries| Box::new(convert(*entries))),
            },
            other => other,
        }
    }

    /// True where the system lets the program open no more files.
    pub(crate) fn too_many_open_files(&self) -> bool {
        let code = match self {
            RootError::Io { reason, .. } => reason.raw_os_error(),
            _ => None,
        };
        matches!(code, Some(TOO_MANY_OPEN | TOO_MANY_OPEN_IN_ALL))
    }

    /// What the user can try, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            RootError::Empty { .. } | RootError::Truncated { .. } => {
                Some("copy the file again; if it was cut at the source, write it again".into())
            }
            RootError::NotRoot { kind, .. } => Some(kind.hint().unwrap_or("check the path").into()),
            RootError::Unclosed { .. } => {
                Some("let ROOT recover it (open it once with TFile in UPDATE mode) or write it again".into())
            }
            RootError::Io { .. } if self.too_many_open_files() => {
                Some("let the program open more files: `ulimit -n 4096` in the shell before it is started".into())
            }
            RootError::Io { reason, .. } => match reason.kind() {
                io::ErrorKind::PermissionDenied => Some("ask who owns the file, or `chmod +r` it".into()),
                io::ErrorKind::IsADirectory => Some("give one of the files in it, or a glob".into()),
                _ => None,
            },
            RootError::Chain { files, .. } => {
                let file = files.first().and_then(|file| file.split(' ').next()).unwrap_or("FILE.root");
                Some(format!("name its files under `inputs`, such as `files: {file}`, and their tree in the layout"))
            }
            RootError::BranchOfFriend { .. } => Some(
                "write both trees into one, for instance with `RDataFrame(tree).Snapshot(...)` where the friend is at hand"
                    .into(),
            ),
            RootError::AmbiguousBranch { paths, .. } => match paths.as_slice() {
                [first, others @ ..] if others.contains(first) => {
                    Some("they cannot be told apart: write the tree again without the other, or name another branch".into())
                }
                paths => paths.first().map(|first| format!("name the one that is meant with its path: `{first}`")),
            },
            RootError::NoSuchElement { .. } => Some("elements count from 0".into()),
            RootError::UnsupportedBranch { holds, .. } if holds.matches('<').count() > 1 || holds.contains("string") => Some(
                "one number, or one list of numbers, per event is read: write what is wanted of it to a branch of its own"
                    .into(),
            ),
            RootError::RNTupleVersion { .. } => Some("write it again with ROOT 6.34 or later".into()),
            RootError::Damaged { .. } => Some("compare the file with its source, for instance by checksum".into()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_branch_reads_as_the_style_guide_shows() {
        let error = RootError::BranchNotFound {
            path: "ttbar.root".into(),
            tree: "Delphes".into(),
            branch: "Jet.BTags".into(),
            nearest: vec!["Jet.BTag".into()],
        };
        assert_eq!(
            error.to_string(),
            "branch `Jet.BTags` not found in tree `Delphes` (ttbar.root)\n  nearest: `Jet.BTag`"
        );
    }
}

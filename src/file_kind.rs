//! What a file is by its first bytes, whatever its name says, and what to do with it.
//!
//! In: a path, or the start of a file. Out: a [`FileKind`] with a name for people and a next step. Every message that
//! refuses a file because it is of another kind than was asked for goes through [`describe`].

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::whole_file;

/// Bytes that decide: the magic of a tar archive stands at 257.
pub const START: usize = 4096;

/// A kind of file that physicists have lying about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Nothing in it.
    Empty,
    /// ROOT.
    Root,
    /// A book of this program.
    Book,
    /// ZIP; also npz and office documents.
    Zip,
    /// gzip.
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// Zstandard.
    Zstd,
    /// LZ4 frames.
    Lz4,
    /// tar.
    Tar,
    /// HDF5.
    Hdf5,
    /// Parquet.
    Parquet,
    /// Arrow and Feather.
    Arrow,
    /// One numpy array.
    Npy,
    /// Python's pickle.
    Pickle,
    /// Weights of a network.
    Safetensors,
    /// Les Houches events.
    Lhe,
    /// HepMC events.
    HepMc,
    /// LHC Olympics text.
    Lhco,
    /// Spectrum of a model.
    Slha,
    /// YODA histograms.
    Yoda,
    /// A web page.
    Html,
    /// Other XML.
    Xml,
    /// PDF.
    Pdf,
    /// A picture.
    Picture,
    /// A program.
    Program,
    /// What git-lfs leaves in place of a file.
    LfsPointer,
    /// Text in two bytes a letter.
    Utf16,
    /// JSON.
    Json,
    /// Rows with separators.
    Rows,
    /// Any other text.
    Text,
    /// Anything else.
    Binary,
}

use FileKind::*;

impl FileKind {
    /// From the first [`START`] bytes of a file.
    pub fn of(start: &[u8]) -> FileKind {
        const MAGIC: &[(&[u8], FileKind)] = &[
            (b"root", Root),
            (b"BUMPBOOK", Book),
            (b"PK\x03\x04", Zip),
            (b"PK\x05\x06", Zip),
            (b"\x1f\x8b", Gzip),
            (b"BZh", Bzip2),
            (b"\xfd7zXZ\0", Xz),
            (b"\x28\xb5\x2f\xfd", Zstd),
            (b"\x04\x22\x4d\x18", Lz4),
            (b"\x89HDF\r\n\x1a\n", Hdf5),
            (b"PAR1", Parquet),
            (b"ARROW1", Arrow),
            (b"FEA1", Arrow),
            (b"\x93NUMPY", Npy),
            (b"%PDF-", Pdf),
            (b"%!PS", Pdf),
            (b"\x89PNG", Picture),
            (b"\xff\xd8\xff", Picture),
            (b"\x7fELF", Program),
            (b"MZ\x90", Program),
            (b"version https://git-lfs", LfsPointer),
            (b"\xff\xfe", Utf16),
            (b"\xfe\xff", Utf16),
        ];
        if start.is_empty() {
            return Empty;
        }
        if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
            return *kind;
        }
        if start.get(257..262) == Some(b"ustar") {
            return Tar;
        }
        if matches!(start, [0x80, 2..=5, ..]) {
            return Pickle;
        }
        // A length in eight bytes, then the JSON that names the tensors.
        if start.get(8) == Some(&b'{') && start.get(4..8) == Some(&[0; 4]) {
            return Safetensors;
        }
        match valid_text(start) {
            Some(text) => of_text(text.trim_start_matches('\u{feff}').trim_start()),
            None => Binary,
        }
    }

    /// Of a file, by its start. Folders are an error.
    pub fn of_file(path: &Path) -> io::Result<FileKind> {
        let mut start = Vec::with_capacity(START);
        File::open(path)?.take(START as u64).read_to_end(&mut start)?;
        Ok(FileKind::of(&start))
    }

    /// With its article: `a ROOT file`.
    pub fn name(self) -> &'static str {
        match self {
            Empty => "empty (0 bytes)",
            Root => "a ROOT file",
            Book => "a book of spectra of bumphound",
            Zip => "a ZIP archive",
            Gzip => "compressed by gzip",
            Bzip2 => "compressed by bzip2",
            Xz => "compressed by xz",
            Zstd => "compressed by zstd",
            Lz4 => "compressed by lz4",
            Tar => "a tar archive",
            Hdf5 => "an HDF5 file",
            Parquet => "a Parquet file",
            Arrow => "an Arrow (Feather) file",
            Npy => "a numpy array",
            Pickle => "a Python pickle",
            Safetensors => "the weights of a network (safetensors)",
            Lhe => "a file of generated events (LHE, Les Houches)",
            HepMc => "a file of generated events (HepMC)",
            Lhco => "an LHC Olympics text (LHCO)",
            Slha => "a model's parameters (SLHA)",
            Yoda => "a file of YODA histograms",
            Html => "a web page (HTML)",
            Xml => "an XML file",
            Pdf => "a document (PDF or PostScript)",
            Picture => "a picture",
            Program => "a program",
            LfsPointer => "a pointer of git-lfs instead of the file itself",
            Utf16 => "text in UTF-16",
            Json => "JSON",
            Rows => "a table as text (CSV)",
            Text => "text",
            Binary => "neither text nor of a kind that is known",
        }
    }

    /// What to do with such a file, where there is something to do.
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Empty => "copy or write it again",
            Root => {
                "ntuples are named in a campaign (`bumphound inspect FILE --emit-map` writes one to start from); a histogram goes \
                 into JSON by `json.dumps(uproot.open(FILE)[NAME].to_hist(), default=uhi.io.json.default)`"
            }
            Book => "give the folder that it lies in: `bumphound scan DIR`, `export DIR`, `rank DIR`",
            Zip => {
                "unzip it first; histograms that `uhi` or `hist` packed are read as JSON: json.dump(..., default=uhi.io.json.default)"
            }
            Gzip => "gunzip it first",
            Bzip2 => "bunzip2 it first",
            Xz => "unxz it first",
            Zstd => "unzstd it first",
            Lz4 => "unlz4 it first",
            Tar => "unpack it first: tar xf FILE",
            Hdf5 => "convert its events to ROOT: h5py reads them, uproot writes them (file.mktree, tree.extend)",
            Parquet => "convert it to ROOT: awkward.from_parquet reads it, uproot writes it (file.mktree, tree.extend)",
            Arrow => "convert it to ROOT: awkward.from_feather reads it, uproot writes it (file.mktree, tree.extend)",
            Npy | Pickle => {
                "convert it: events to ROOT with uproot (file.mktree, tree.extend), spectra to CSV (low_edge,high_edge,observed)"
            }
            Safetensors => "weights of a network are given with `--model` or `scan.model`",
            Lhe | HepMc => {
                "these are particles of the generator: run a shower and a detector simulation (Delphes) and give its ROOT file"
            }
            Lhco => "convert it to ROOT (a branch per quantity, uproot.mktree); Delphes writes ROOT directly",
            Slha => {
                "it describes a model, not events: generate events from it, simulate the detector (Delphes) and give its ROOT file"
            }
            Yoda => "write its histogram as CSV (low_edge,high_edge,observed); `yodaconvert` makes ROOT or text of it",
            Html => "the download returned a web page, often an error or a login, instead of the file: fetch it again",
            Xml | Pdf | Picture | Program => "check the path",
            LfsPointer => "fetch the file itself: `git lfs pull`",
            Utf16 => "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 FILE > NEW`",
            Json | Rows | Text | Binary => return None,
        })
    }
}

/// `FILE is a ROOT file; expected is a campaign (YAML)`, and on a line of its own what to do.
pub fn describe(path: &Path, kind: FileKind, wanted: &str) -> String {
    let hint = kind.hint().map_or(String::new(), |hint| format!("\nhint: {hint}"));
    format!("{} is {}; expected is {wanted}{hint}", path.display(), kind.name())
}

/// An error where a folder is expected and a file lies there.
pub fn folder(path: &Path, wanted: &str) -> Result<(), NoFolder> {
    match path.is_file() {
        true => Err(NoFolder(describe(path, FileKind::of_file(path).unwrap_or(Binary), wanted))),
        false => Ok(()),
    }
}

/// A file where a folder is expected; the message of [`describe`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoFolder(String);

/// Text has no control bytes; letters of another encoding than UTF-8 are no fault here.
fn valid_text(start: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    let odd = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t' | 0xc);
    (!start.iter().any(odd)).then(|| String::from_utf8_lossy(start))
}

/// A text that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Another kind of file; the message of [`describe`].
    #[error("{0}")]
    Kind(String),
}

/// The whole of a text file of at most so many bytes; `wanted` with its article, as in [`describe`].
pub fn read_text(path: &Path, wanted: &str, most: u64) -> Result<String, TextError> {
    let failed = |source| TextError::Read { path: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.by_ref().take(START as u64).read_to_end(&mut bytes).map_err(failed)?;
    let kind = FileKind::of(&bytes);
    if kind == Binary || kind != Empty && kind.hint().is_some() {
        return Err(TextError::Kind(describe(path, kind, wanted)));
    }
    let bytes = whole_file::rest(file, bytes, most).map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn of_text(text: &str) -> FileKind {
    let start: String = text.chars().take(200).collect::<String>().to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    if text.is_empty() {
        return Empty;
    }
    if start.contains("<leshouchesevents") {
        return Lhe;
    }
    if begins(&["hepmc::", "asciiv3"]) {
        return HepMc;
    }
    if begins(&["begin yoda", "# begin yoda"]) {
        return Yoda;
    }
    if begins(&["<!doctype html", "<html", "<head", "<body"]) || start.starts_with('<') && start.contains("<html") {
        return Html;
    }
    if start.starts_with('<') {
        return Xml;
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or("");
    let fields: Vec<&str> = first.split_whitespace().collect();
    if fields.starts_with(&["typ", "eta", "phi"]) || text.lines().take(40).any(is_lhco_header) {
        return Lhco;
    }
    if first.to_ascii_lowercase().starts_with("block ") {
        return Slha;
    }
    if start.starts_with(['{', '[']) {
        return Json;
    }
    let separators = |line: &str| [',', ';', '\t'].map(|c| line.matches(c).count());
    let of_first = separators(first);
    let second = lines.next().map(separators);
    if of_first.iter().enumerate().any(|(i, n)| *n > 1 && second.is_none_or(|second| second[i] == *n)) {
        return Rows;
    }
    Text
}

/// `#  typ      eta    phi      pt   jmas  ntrk  btag   had/em  dum1  dum2`.
fn is_lhco_header(line: &str) -> bool {
    let words: Vec<&str> = line.trim_start_matches('#').split_whitespace().collect();
    words.starts_with(&["typ", "eta", "phi", "pt"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_first_bytes() {
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar\0");
        let cases: &[(&[u8], FileKind)] = &[
            (b"", Empty),
            (b"  \n", Empty),
            (b"root\0\0\xf7\x70", Root),
            (b"PK\x03\x04\x14\0", Zip),
            (b"\x1f\x8b\x08", Gzip),
            (b"BZh91AY", Bzip2),
            (b"\x89HDF\r\n\x1a\n\0", Hdf5),
            (b"PAR1\x15", Parquet),
            (b"\x93NUMPY\x01", Npy),
            (b"\x80\x04\x95\0", Pickle),
            (&tar, Tar),
            (b"\x10\x02\0\0\0\0\0\0{\"a\":", Safetensors),
            (b"<LesHouchesEvents version=\"3.0\">\n<init>", Lhe),
            (b"<?xml version=\"1.0\"?>\n<!-- x -->\n<LesHouchesEvents>", Lhe),
            (b"\nHepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\n", HepMc),
            (b"#  typ      eta    phi      pt   jmas  ntrk  btag   had/em  dum1  dum2\n0  1 0\n", Lhco),
            (b"# SUSY spectrum\nBlock SPINFO\n  1 SPheno\n", Slha),
            (b"BEGIN YODA_HISTO1D_V2 /x\n", Yoda),
            (b"<!DOCTYPE html>\n<html>", Html),
            (b"\r\n<html lang=en>", Html),
            (b"<note/>", Xml),
            (b"%PDF-1.5", Pdf),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", LfsPointer),
            (b"\xff\xfel\0o\0w\0", Utf16),
            (b"{\"a\": 1}", Json),
            (b"\xef\xbb\xbf[1, 2]", Json),
            (b"# c\nlow,high,n\n1,2,3\n", Rows),
            (b"low\thigh\tn\n1\t2\t3\n", Rows),
            (b"name: mine\ninputs:\n- {files: a, b}\n", Text),
            ("größe".as_bytes(), Text),
            (b"\x00\x01\x02", Binary),
            (b"gr\xf6\xdfe", Text),
        ];
        for (start, kind) in cases {
            assert_eq!(FileKind::of(start), *kind, "{:?}", String::from_utf8_lossy(start));
        }
        // A letter that the end cuts in two is still text.
        assert_eq!(FileKind::of(&"abc ü".as_bytes()[..5]), Text);
    }

    #[test]
    fn a_message_names_file_kind_and_next_step() {
        let text = describe("a/b.root".as_ref(), LfsPointer, "a ROOT file");
        assert_eq!(
            text,
            "a/b.root is a pointer of git-lfs instead of the file itself; expected is a ROOT file\nhint: fetch the file itself: `git lfs pull`"
        );
    }
}

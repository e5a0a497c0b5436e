//! The list of spectra: which files, which part of each, and what should come out.
//!
//! In: YAML. Out: a [`List`], checked. Paths of files start at the folder of the list.
//!
//! ```
//! use bumphound_torch::published::List;
//! let text = "
//! spectra:
//! - file: hgamgam.csv
//!   sigma: 1.7
//!   expect: {near_gev: 125, z: 6.9, within: 1.5}
//! - {file: ee.csv, trim: true, expect: quiet}
//! ";
//! let list = List::parse(text, "lists/mine.yaml".as_ref())?;
//! assert_eq!(list.spectra[1].file.to_str(), Some("lists/ee.csv"));
//! # Ok::<(), bumphound_torch::published::ListError>(())
//! ```

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::verdict::Expectation;
use bumphound::file_kind::{TextError, read_text};
use bumphound::whole_file;

/// Most bins that can be joined into one.
pub const MOST_REBIN: usize = 1000;

/// Spectra to look at.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// One sentence for the page.
    #[serde(default)]
    pub about: String,
    /// The spectra.
    pub spectra: Vec<Entry>,
    /// The file that the list was read from.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// One spectrum.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// CSV file (`histograms/counts_csv.rs`).
    pub file: PathBuf,
    /// How it is called in tables; the file's name if left out.
    #[serde(default)]
    pub name: String,
    /// What the mass is, for the axis of the plot.
    #[serde(default = "mass_of_nothing_known")]
    pub mass: String,
    /// Only bins inside this range, GeV.
    #[serde(default)]
    pub range_gev: Option<[f64; 2]>,
    /// So many neighbouring bins are joined, from the first of the range on; what is left over at the end is dropped.
    #[serde(default = "one")]
    pub rebin: usize,
    /// From the maximum to the last entry only, as a campaign does it (`histograms/trim.rs`).
    #[serde(default)]
    pub trim: bool,
    /// Contents without variances that are not whole numbers are taken for counts.
    #[serde(default)]
    pub weighted: bool,
    /// Width (sigma) of a narrow resonance, GeV or, with `%`, in percent of the mass; shown in bins.
    #[serde(default)]
    pub sigma: Option<Sigma>,
    /// Why it is cut and joined like this; shown on the page.
    #[serde(default)]
    pub note: String,
    /// What should come out.
    #[serde(default)]
    pub expect: Option<Expectation>,
}

/// Width of a narrow resonance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sigma {
    /// The same everywhere, GeV.
    Gev(f64),
    /// A part of the mass.
    Relative(f64),
}

fn one() -> usize {
    1
}

fn mass_of_nothing_known() -> String {
    "m".to_string()
}

/// Why a list cannot be used.
#[derive(Debug, Error)]
pub enum ListError {
    /// It cannot be read, or is no text.
    #[error(transparent)]
    File(#[from] TextError),
    /// Not the YAML of a list; the message names line and column.
    #[error("{}: {source}\nhint: keys of a spectrum: file, name, mass, range_gev, rebin, trim, weighted, sigma, note, expect", path.display())]
    Yaml {
        /// List.
        path: PathBuf,
        /// YAML's message.
        source: Box<serde_saphyr::Error>,
    },
    /// A value is out of range.
    #[error("{}: spectrum {number} (`{name}`): {what}", path.display())]
    Value {
        /// List.
        path: PathBuf,
        /// Which spectrum, from 1.
        number: usize,
        /// Its name.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// It is empty.
    #[error("{}: no spectra", path.display())]
    Empty {
        /// List.
        path: PathBuf,
    },
}

impl List {
    /// Reads and checks a list.
    pub fn read(path: &Path) -> Result<List, ListError> {
        List::parse(&read_text(path, "a list of spectra (YAML)", whole_file::WRITTEN)?, path)
    }

    /// The same from text; `path` names the list, and paths in it start at its folder.
    pub fn parse(text: &str, path: &Path) -> Result<List, ListError> {
        let mut list: List = serde_saphyr::from_str(text)
            .map_err(|source| ListError::Yaml { path: path.into(), source: Box::new(source) })?;
        list.path = Some(path.to_path_buf());
        let folder = path.parent().unwrap_or(Path::new(""));
        for entry in &mut list.spectra {
            entry.file = folder.join(&entry.file);
        }
        list.checked(path)
    }

    /// Names what has no name and refuses values that cannot be meant.
    pub fn checked(mut self, path: &Path) -> Result<List, ListError> {
        if self.spectra.is_empty() {
            return Err(ListError::Empty { path: path.into() });
        }
        for (i, entry) in self.spectra.iter_mut().enumerate() {
            if entry.name.is_empty() {
                entry.name = entry.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            }
            entry.check().map_err(|what| ListError::Value {
                path: path.into(),
                number: i + 1,
                name: entry.name.clone(),
                what,
            })?;
        }
        Ok(self)
    }
}

impl Entry {
    /// A file by itself.
    pub fn of_file(file: &Path) -> Entry {
        Entry {
            file: file.to_path_buf(),
            name: String::new(),
            mass: mass_of_nothing_known(),
            range_gev: None,
            rebin: 1,
            trim: false,
            weighted: false,
            sigma: None,
            note: String::new(),
            expect: None,
        }
    }

    fn check(&self) -> Result<(), String> {
        if let Some([from, to]) = self.range_gev
            && !(from.is_finite() && to.is_finite() && from < to)
        {
            return Err(format!("range_gev [{from}, {to}] is not a range\nhint: lower end first, in GeV"));
        }
        if !(1..=MOST_REBIN).contains(&self.rebin) {
            return Err(format!("rebin {} is not between 1 and {MOST_REBIN}", self.rebin));
        }
        match &self.expect {
            Some(Expectation::Excess(excess)) => excess.check(),
            Some(Expectation::Quiet) | None => Ok(()),
        }
    }
}

impl Sigma {
    /// Width at a mass, GeV.
    pub fn at(&self, gev: f64) -> f64 {
        match self {
            Sigma::Gev(sigma) => *sigma,
            Sigma::Relative(part) => part * gev,
        }
    }
}

impl<'de> Deserialize<'de> for Sigma {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Sigma, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Number(f64),
            Text(String),
        }
        let good = |value: f64| value.is_finite() && value > 0.0;
        let wrong = |text: String| {
            serde::de::Error::custom(format!(
                "sigma `{text}` is neither a number of GeV such as 1.7 nor a part such as 3%"
            ))
        };
        match Raw::deserialize(deserializer)? {
            Raw::Number(gev) if good(gev) => Ok(Sigma::Gev(gev)),
            Raw::Number(gev) => Err(wrong(gev.to_string())),
            Raw::Text(text) => match text.strip_suffix('%').and_then(|part| part.trim().parse::<f64>().ok()) {
                Some(part) if good(part) => Ok(Sigma::Relative(part / 100.0)),
                _ => Err(wrong(text)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::verdict::Excess;

    fn parse(text: &str) -> Result<List, String> {
        List::parse(text, "folder/list.yaml".as_ref()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_list_says_what_is_expected_in_the_words_of_its_users() {
        let list = parse(
            "spectra:\n- {file: a.csv, sigma: 3%, expect: quiet}\n- {file: /b.csv, name: B, rebin: 2, expect: {near_gev: 125}}\n",
        )
        .expect("a list");
        assert_eq!(list.spectra[0].expect, Some(Expectation::Quiet));
        assert_eq!((list.spectra[0].name.as_str(), list.spectra[0].sigma), ("a", Some(Sigma::Relative(0.03))));
        let excess = Excess { near_gev: 125.0, within_gev: None, z: None, largest: true, within: 1.5 };
        assert_eq!(list.spectra[1].expect, Some(Expectation::Excess(excess)));
        assert_eq!(list.spectra[1].file, Path::new("/b.csv"));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, message) in [
            ("spectra: []\n", "no spectra"),
            ("spectra:\n- {file: a.csv, rebim: 2}\n", "rebim"),
            ("spectra:\n- {file: a.csv, rebin: 0}\n", "spectrum 1 (`a`): rebin 0"),
            ("spectra:\n- {file: a.csv, range_gev: [2, 1]}\n", "range_gev [2, 1]"),
            ("spectra:\n- {file: a.csv, sigma: wide}\n", "sigma `wide`"),
            ("spectra:\n- {file: a.csv, expect: loud}\n", "loud"),
            ("spectra:\n- {file: a.csv, expect: {near: 125}}\n", "near"),
            ("spectra:\n- {file: a.csv, expect: {near_gev: -1}}\n", "near_gev -1"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains("folder/list.yaml") && error.contains(message), "{text}: {error}");
        }
    }
}

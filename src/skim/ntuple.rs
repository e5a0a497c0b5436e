//! Chosen events to a small ROOT ntuple, for a physicist to look at.
//!
//! In: [`EventBatch`]es and rows of them. Out: a ROOT file with one tree, `events`: GeV, radians, one `std::vector` per
//! column of each kind of object, and where each event came from (`file`: position in the caller's list of files,
//! `entry`: entry in that file). uproot and ROOT read it. Written through oxyroot, uncompressed.
//!
//! | branches | type |
//! |---|---|
//! | `file`, `entry` | int32, int64 |
//! | `weight` | double, as it stands in the batch |
//! | `met`, `met_phi` | float; NaN where the input has none |
//! | `electron_pt`, `_eta`, `_phi`, `_charge`; the same for `muon` | vector of float |
//! | `photon_pt`, `_eta`, `_phi` | vector of float |
//! | `jet_pt`, `_eta`, `_phi`, `_mass`, `_btag` (0 or 1) | vector of float |
//!
//! (Charges and tags are floats because oxyroot calls integers in vectors `int32_t`, which uproot does not know.)

use std::ops::Range;
use std::path::Path;

use oxyroot::{Marshaler, RootFile, WriterTree};

use crate::ntuples::NtupleError;
use crate::ntuples::{EventBatch, ObjectColumns};
use crate::part_file::{FileError, write_path_atomically};

/// Name of the tree in the output.
pub const SKIM_TREE: &str = "events";

/// Largest file that a skim can become: oxyroot writes less than 2 GB only.
pub const MAX_SKIM_BYTES: u64 = 1_900_000_000;

/// Events to be written. They are kept in memory until [`Skim::write`].
#[derive(Debug, Clone, Default)]
pub struct Skim {
    file: Vec<i32>,
    entry: Vec<i64>,
    weight: Vec<f64>,
    met: Vec<f32>,
    met_phi: Vec<f32>,
    electrons: Kept,
    muons: Kept,
    photons: Kept,
    jets: Kept,
    numbers: u64,
}

/// Objects of one kind: per event a vector in every column.
#[derive(Debug, Clone, Default)]
struct Kept {
    pt: Vec<Vec<f32>>,
    eta: Vec<Vec<f32>>,
    phi: Vec<Vec<f32>>,
    mass: Vec<Vec<f32>>,
    charge: Vec<Vec<f32>>,
    btag: Vec<Vec<f32>>,
}

impl Kept {
    /// Returns how many numbers it kept.
    fn push(&mut self, columns: &ObjectColumns, row: usize) -> u64 {
        let at = |i: usize| columns.offsets.get(i).map_or(0, |offset| *offset as usize);
        let objects = at(row)..at(row + 1);
        self.pt.push(part(&columns.pt, &objects, |x| *x));
        self.eta.push(part(&columns.eta, &objects, |x| *x));
        self.phi.push(part(&columns.phi, &objects, |x| *x));
        self.mass.push(part(&columns.mass, &objects, |x| *x));
        self.charge.push(part(&columns.charge, &objects, |x| f32::from(*x)));
        self.btag.push(part(&columns.btag, &objects, |x| f32::from(u8::from(*x))));
        self.columns().into_iter().filter_map(|column| column.last()).map(|event| event.len() as u64).sum()
    }

    fn append(&mut self, other: Kept) {
        self.pt.extend(other.pt);
        self.eta.extend(other.eta);
        self.phi.extend(other.phi);
        self.mass.extend(other.mass);
        self.charge.extend(other.charge);
        self.btag.extend(other.btag);
    }

    fn columns(&self) -> [&Vec<Vec<f32>>; 6] {
        [&self.pt, &self.eta, &self.phi, &self.mass, &self.charge, &self.btag]
    }
}

/// The numbers of one event; none if the kind of object does not have the column.
fn part<T, U>(column: &[T], objects: &Range<usize>, convert: impl Fn(&T) -> U) -> Vec<U> {
    column.get(objects.clone()).unwrap_or_default().iter().map(convert).collect()
}

impl Skim {
    /// Keeps event `row` of a batch that was read from file number `file`.
    pub fn push(&mut self, file: u32, batch: &EventBatch, row: usize) -> Result<(), NtupleError> {
        let Some(weight) = batch.weight.get(row) else {
            return Err(NtupleError::NoSuchRow { row, events: batch.len() });
        };
        self.file.push(i32::try_from(file).unwrap_or(i32::MAX));
        self.entry.push(i64::try_from(batch.first_entry.saturating_add(row as u64)).unwrap_or(i64::MAX));
        self.weight.push(*weight);
        self.met.push(batch.met.get(row).copied().unwrap_or(f32::NAN));
        self.met_phi.push(batch.met_phi.get(row).copied().unwrap_or(f32::NAN));
        self.numbers += self.electrons.push(&batch.electrons, row)
            + self.muons.push(&batch.muons, row)
            + self.photons.push(&batch.photons, row)
            + self.jets.push(&batch.jets, row);
        Ok(())
    }

    /// Adds the events of another one behind its own.
    pub fn append(&mut self, other: Skim) {
        self.file.extend(other.file);
        self.entry.extend(other.entry);
        self.weight.extend(other.weight);
        self.met.extend(other.met);
        self.met_phi.extend(other.met_phi);
        self.electrons.append(other.electrons);
        self.muons.append(other.muons);
        self.photons.append(other.photons);
        self.jets.append(other.jets);
        self.numbers += other.numbers;
    }

    /// Sum of the weights, added in order.
    pub fn sum_w(&self) -> f64 {
        self.weight.iter().fold(0.0, |sum, w| sum + w)
    }

    /// About the size of the file, bytes.
    pub fn bytes(&self) -> u64 {
        // Per event: fixed columns, and 14 bytes of header and offset for each of its 16 vectors.
        self.numbers * 4 + self.len() as u64 * (28 + 16 * 14)
    }

    /// Events kept so far.
    pub fn len(&self) -> usize {
        self.entry.len()
    }

    /// True if no event is kept.
    pub fn is_empty(&self) -> bool {
        self.entry.is_empty()
    }

    /// Writes the file, complete or not at all. Returns the number of events.
    pub fn write(self, path: impl AsRef<Path>) -> Result<usize, NtupleError> {
        let path = path.as_ref();
        let failed = |reason: String| NtupleError::Write { path: path.to_path_buf(), reason };
        let bytes = self.bytes();
        if bytes > MAX_SKIM_BYTES {
            let reason = format!("{} events need {bytes} bytes, at most {MAX_SKIM_BYTES} can be written", self.len());
            return Err(failed(format!("{reason}; choose fewer")));
        }
        // The writer wants a name that is text.
        if path.to_str().is_none() {
            return Err(failed("its name is not UTF-8".into()));
        }
        let events = self.len();
        write_path_atomically(path, |part| self.write_tree(part)).map_err(|error| match error {
            FileError::System { source, .. } => failed(source.to_string()),
            FileError::Contents { source, .. } => failed(source.to_string()),
            FileError::OwnInput { .. } | FileError::Link { .. } => failed("it leads elsewhere".into()),
        })?;
        Ok(events)
    }

    fn write_tree(self, path: &Path) -> Result<(), String> {
        let mut file = RootFile::create(path).map_err(|error| error.to_string())?;
        let mut tree = WriterTree::new(SKIM_TREE);
        branch(&mut tree, "file", self.file);
        branch(&mut tree, "entry", self.entry);
        branch(&mut tree, "weight", self.weight);
        branch(&mut tree, "met", self.met);
        branch(&mut tree, "met_phi", self.met_phi);
        for (name, leptons) in [("electron", self.electrons), ("muon", self.muons)] {
            branch(&mut tree, &format!("{name}_pt"), leptons.pt);
            branch(&mut tree, &format!("{name}_eta"), leptons.eta);
            branch(&mut tree, &format!("{name}_phi"), leptons.phi);
            branch(&mut tree, &format!("{name}_charge"), leptons.charge);
        }
        branch(&mut tree, "photon_pt", self.photons.pt);
        branch(&mut tree, "photon_eta", self.photons.eta);
        branch(&mut tree, "photon_phi", self.photons.phi);
        branch(&mut tree, "jet_pt", self.jets.pt);
        branch(&mut tree, "jet_eta", self.jets.eta);
        branch(&mut tree, "jet_phi", self.jets.phi);
        branch(&mut tree, "jet_mass", self.jets.mass);
        branch(&mut tree, "jet_btag", self.jets.btag);
        tree.write(&mut file).map_err(|error| error.to_string())?;
        file.close().map_err(|error| error.to_string())
    }
}

fn branch<T: Marshaler + 'static>(tree: &mut WriterTree, name: &str, column: Vec<T>) {
    tree.new_branch(name, column.into_iter());
}

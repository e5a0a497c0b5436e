//! Delphes trees: the 18 branches that an [`EventBatch`] needs, and no other.
//!
//! In: a tree whose collections are split `TClonesArray`s, an entry range. Out: pT, masses and MET in GeV, angles in
//! radians, as Delphes writes them. `MissingET` and `Event` have one object per event; an event without one gets MET 0
//! and weight 1, a tree without `Event.Weight` weight 1 throughout. Numbers that are not finite are passed on: the
//! object step counts and drops them.

use std::ops::Range;
use std::path::PathBuf;

use super::error::NtupleError;
use super::{EventBatch, ObjectColumns, Scratch};
use crate::campaign::DelphesLayout;
use crate::rootfile::{Branch, Column, RootFile, Tree, Values};

/// A Delphes tree with its needed branches found.
#[derive(Debug, Clone)]
pub(crate) struct DelphesReader {
    path: PathBuf,
    tree: Tree,
    electron: Collection,
    muon: Collection,
    photon: Collection,
    jet: Collection,
    met: Branch,
    met_phi: Branch,
    weight: Option<Branch>,
    btag_bit: u8,
}

/// The branches of one collection; those that a kind of object does not have are None.
#[derive(Debug, Clone)]
struct Collection {
    pt: Branch,
    eta: Branch,
    phi: Branch,
    mass: Option<Branch>,
    charge: Option<Branch>,
    btag: Option<Branch>,
}

impl DelphesReader {
    pub(crate) fn open(file: &RootFile, layout: &DelphesLayout) -> Result<DelphesReader, NtupleError> {
        let tree = file.tree(&layout.tree)?;
        let find = |collection: &str, leaf: &str| tree.branch(&format!("{collection}.{leaf}")).cloned();
        let collection = |name: &str, charged: bool, jet: bool| -> Result<Collection, NtupleError> {
            Ok(Collection {
                pt: find(name, "PT")?,
                eta: find(name, "Eta")?,
                phi: find(name, "Phi")?,
                mass: jet.then(|| find(name, "Mass")).transpose()?,
                charge: charged.then(|| find(name, "Charge")).transpose()?,
                btag: jet.then(|| find(name, "BTag")).transpose()?,
            })
        };
        let weight = format!("{}.Weight", layout.event);
        Ok(DelphesReader {
            path: file.path().to_path_buf(),
            electron: collection(&layout.electron, true, false)?,
            muon: collection(&layout.muon, true, false)?,
            photon: collection(&layout.photon, false, false)?,
            jet: collection(&layout.jet, false, true)?,
            met: find(&layout.met, "MET")?,
            met_phi: find(&layout.met, "Phi")?,
            weight: tree.has_branch(&weight).then(|| tree.branch(&weight).cloned()).transpose()?,
            btag_bit: layout.btag_bit,
            tree,
        })
    }

    pub(crate) fn entries(&self) -> u64 {
        self.tree.entries()
    }

    /// First entries of the baskets of the largest branch: good places to cut the file into pieces.
    pub(crate) fn basket_starts(&self) -> Vec<u64> {
        let largest = self.branches().max_by_key(|branch| branch.packed_bytes);
        largest.map(|branch| branch.basket_starts().collect()).unwrap_or_default()
    }

    /// Bytes in the file of the branches that are read.
    pub(crate) fn packed_bytes(&self) -> u64 {
        self.branches().map(|branch| branch.packed_bytes).sum()
    }

    fn branches(&self) -> impl Iterator<Item = &Branch> {
        let collections = [&self.electron, &self.muon, &self.photon, &self.jet].into_iter().flat_map(|c| {
            [Some(&c.pt), Some(&c.eta), Some(&c.phi), c.mass.as_ref(), c.charge.as_ref(), c.btag.as_ref()]
        });
        collections.flatten().chain([&self.met, &self.met_phi]).chain(self.weight.as_ref())
    }

    pub(crate) fn read_into(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        batch: &mut EventBatch,
    ) -> Result<(), NtupleError> {
        batch.first_entry = range.start;
        batch.may_overlap = false;
        for (branch, out) in [(&self.met, &mut batch.met), (&self.met_phi, &mut batch.met_phi)] {
            self.read(branch, &range, scratch)?;
            first_per_entry(&scratch.column, 0.0, |value| value as f32, out);
        }
        self.read_collection(&self.electron, &range, scratch, &mut batch.electrons)?;
        self.read_collection(&self.muon, &range, scratch, &mut batch.muons)?;
        self.read_collection(&self.photon, &range, scratch, &mut batch.photons)?;
        self.read_collection(&self.jet, &range, scratch, &mut batch.jets)?;
        // Last: only now it is known that the file really holds so many events.
        self.read_weights(range, scratch, &mut batch.weight)
    }

    /// True if the tree has weights; otherwise they are all 1.
    pub(crate) fn has_weights(&self) -> bool {
        self.weight.is_some()
    }

    /// Weight per event.
    pub(crate) fn read_weights(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        weights: &mut Vec<f64>,
    ) -> Result<(), NtupleError> {
        match &self.weight {
            Some(branch) => {
                self.read(branch, &range, scratch)?;
                first_per_entry(&scratch.column, 1.0, |value| value, weights);
            }
            None => {
                weights.clear();
                weights.resize((range.end - range.start) as usize, 1.0);
            }
        }
        Ok(())
    }

    fn read(&self, branch: &Branch, range: &Range<u64>, scratch: &mut Scratch) -> Result<(), NtupleError> {
        Ok(self.tree.read(branch, range.clone(), &mut scratch.root, &mut scratch.column)?)
    }

    fn read_collection(
        &self,
        collection: &Collection,
        range: &Range<u64>,
        scratch: &mut Scratch,
        out: &mut ObjectColumns,
    ) -> Result<(), NtupleError> {
        self.read(&collection.pt, range, scratch)?;
        if scratch.column.offsets.is_empty() {
            return Err(self.wrong_type(&collection.pt, "a list of numbers per event"));
        }
        std::mem::swap(&mut scratch.column.offsets, &mut out.offsets);
        scratch.column.values.drain_f32(&mut out.pt);
        let floats = [
            (Some(&collection.eta), &mut out.eta),
            (Some(&collection.phi), &mut out.phi),
            (collection.mass.as_ref(), &mut out.mass),
        ];
        for (branch, column) in floats {
            if let Some(branch) = branch {
                self.read_beside(branch, &collection.pt, range, &out.offsets, scratch)?;
                scratch.column.values.drain_f32(column);
            }
        }
        if let Some(branch) = &collection.charge {
            self.read_beside(branch, &collection.pt, range, &out.offsets, scratch)?;
            signs(&scratch.column.values, &mut out.charge);
        }
        if let Some(branch) = &collection.btag {
            self.read_beside(branch, &collection.pt, range, &out.offsets, scratch)?;
            out.btag.clear();
            let bit = u32::from(self.btag_bit).min(63);
            let known = scratch.column.values.for_each_int(|tags| out.btag.push((tags >> bit) & 1 == 1));
            known.ok_or_else(|| self.wrong_type(branch, "an integer of tag bits per jet"))?;
        }
        Ok(())
    }

    /// Reads a branch of a collection, which must count the same objects as the pT branch.
    fn read_beside(
        &self,
        branch: &Branch,
        reference: &Branch,
        range: &Range<u64>,
        offsets: &[u32],
        scratch: &mut Scratch,
    ) -> Result<(), NtupleError> {
        self.read(branch, range, scratch)?;
        let found = &scratch.column.offsets;
        if found == offsets && scratch.column.width == 1 {
            return Ok(());
        }
        let counts = |offsets: &[u32], entry: usize| -> u64 {
            let pair = offsets.get(entry).zip(offsets.get(entry + 1));
            pair.map_or(0, |(start, end)| u64::from(end.saturating_sub(*start)))
        };
        let entries = offsets.len().saturating_sub(1);
        match (0..entries).find(|entry| counts(found, *entry) != counts(offsets, *entry)) {
            Some(entry) if !found.is_empty() => Err(NtupleError::CountsDisagree {
                path: self.path.clone(),
                branch: branch.name.clone(),
                reference: reference.name.clone(),
                entry: range.start + entry as u64,
                found: counts(found, entry),
                expected: counts(offsets, entry),
            }),
            _ => Err(self.wrong_type(branch, "one number per object")),
        }
    }

    fn wrong_type(&self, branch: &Branch, wanted: &'static str) -> NtupleError {
        NtupleError::WrongType {
            path: self.path.clone(),
            branch: branch.name.clone(),
            found: branch.type_name.clone(),
            wanted,
        }
    }
}

/// The first number of every entry, `missing` where there is none.
fn first_per_entry<T>(column: &Column, missing: f64, convert: impl Fn(f64) -> T, out: &mut Vec<T>) {
    out.clear();
    let width = column.width.max(1);
    match column.offsets.as_slice() {
        [] => out.extend((0..column.entries()).map(|i| convert(column.values.get(i * width).unwrap_or(missing)))),
        offsets => out.extend(offsets.windows(2).map(|pair| match pair {
            [start, end] if start < end => convert(column.values.get(*start as usize * width).unwrap_or(missing)),
            _ => convert(missing),
        })),
    }
}

/// -1, 0 or 1.
fn signs(values: &Values, out: &mut Vec<i8>) {
    out.clear();
    if values.for_each_int(|charge| out.push(charge.signum() as i8)).is_none() {
        let numbers = (0..values.len()).filter_map(|i| values.get(i));
        out.extend(numbers.map(|charge| if charge > 0.0 { 1 } else { -i8::from(charge < 0.0) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_met_has_none_and_one_without_weight_counts_once() {
        let column = Column { values: Values::F32(vec![30.0, 50.0, 60.0]), offsets: vec![0, 1, 1, 3], width: 1 };
        let mut out = Vec::new();
        first_per_entry(&column, 0.0, |value| value as f32, &mut out);
        assert_eq!(out, [30.0, 0.0, 50.0]);
        let fixed = Column { values: Values::F64(vec![0.5, 2.0]), offsets: vec![], width: 1 };
        let mut weights = Vec::new();
        first_per_entry(&fixed, 1.0, |value| value, &mut weights);
        assert_eq!(weights, [0.5, 2.0]);
    }

    #[test]
    fn charges_become_signs_whatever_their_type() {
        let mut out = Vec::new();
        signs(&Values::I32(vec![-1, 2, 0]), &mut out);
        assert_eq!(out, [-1, 1, 0]);
        signs(&Values::F32(vec![-1.0, 1.0, f32::NAN]), &mut out);
        assert_eq!(out, [-1, 1, 0]);
    }
}

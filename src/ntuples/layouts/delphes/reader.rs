//! Delphes trees: the 18 branches that an [`EventBatch`] needs, and no other.
//!
//! In: a tree whose collections are split `TClonesArray`s, an entry range. Out: pT, masses and MET in GeV, angles in
//! radians, as Delphes writes them. `MissingET` and `Event` have one object per event; an event without one gets MET 0
//! and weight 1, a tree without `Event.Weight` weight 1 throughout. The counters of the collections (`Jet_size`) are read
//! beside them where the file has them: objects that they count differently are an error. Numbers that are not finite are passed on: the
//! object step counts and drops them.

use std::ops::Range;
use std::path::PathBuf;

use super::DelphesLayout;
use crate::ntuples::columns::{Named, first_per_entry, signs};
use crate::ntuples::layouts::Names;
use crate::ntuples::{EventBatch, NtupleError, ObjectColumns, Part, Quantity, Reader, Scratch};
use crate::rootfile::table::is_counter;
use crate::rootfile::{Branch, RootFile, Tree};

/// A Delphes tree with its needed branches found.
#[derive(Debug, Clone)]
pub(super) struct DelphesReader {
    path: PathBuf,
    bytes: u64,
    tree: Tree,
    /// Electrons, muons, photons, jets; None: the campaign says that the files have none.
    collections: [Option<Collection>; 4],
    /// Size and direction.
    met: Option<[Branch; 2]>,
    met_counter: Option<Branch>,
    weight: Option<Branch>,
    weight_counter: Option<Branch>,
    btag_bit: u8,
    may_overlap: bool,
}

/// The branches of one collection; those that a kind of object does not have are None.
#[derive(Debug, Clone)]
struct Collection {
    /// `Jet_size`.
    counter: Option<Branch>,
    pt: Branch,
    eta: Branch,
    phi: Branch,
    mass: Option<Branch>,
    charge: Option<Branch>,
    btag: Option<Branch>,
}

impl DelphesReader {
    pub(super) fn open(file: &RootFile, layout: &DelphesLayout) -> Result<DelphesReader, NtupleError> {
        let tree = file.tree(&layout.tree)?;
        let find = |collection: &str, leaf: &str| tree.branch(&format!("{collection}.{leaf}")).cloned();
        // `Jet_size`, in its absence the counter that ROOT keeps in `Jet` itself.
        let counter = |collection: &str, branch: &Branch| -> Option<Branch> {
            let size = tree.branch(&format!("{collection}_size")).ok().or_else(|| tree.counter_of(branch));
            size.filter(|counter| is_counter(counter.element, counter.is_jagged())).cloned()
        };
        let collection = |part: Part, name: &str| -> Result<Option<Collection>, NtupleError> {
            let (charged, jet) = (matches!(part, Part::Electron | Part::Muon), part == Part::Jet);
            if layout.without.contains(&part) {
                return Ok(None);
            }
            let pt = find(name, "PT")?;
            Ok(Some(Collection {
                counter: counter(name, &pt),
                pt,
                eta: find(name, "Eta")?,
                phi: find(name, "Phi")?,
                mass: jet.then(|| find(name, "Mass")).transpose()?,
                charge: charged.then(|| find(name, "Charge")).transpose()?,
                btag: jet.then(|| find(name, "BTag")).transpose()?,
            }))
        };
        let weight = format!("{}.Weight", layout.event);
        let collections = [
            collection(Part::Electron, &layout.electron)?,
            collection(Part::Muon, &layout.muon)?,
            collection(Part::Photon, &layout.photon)?,
            collection(Part::Jet, &layout.jet)?,
        ];
        if collections.iter().all(Option::is_none) {
            return Err(NtupleError::NoObjects { path: file.path().to_path_buf() });
        }
        let met = match layout.without.contains(&Part::Met) {
            true => None,
            false => Some([find(&layout.met, "MET")?, find(&layout.met, "Phi")?]),
        };
        let weight = tree.has_branch(&weight).then(|| tree.branch(&weight).cloned()).transpose()?;
        let reader = DelphesReader {
            path: file.path().to_path_buf(),
            bytes: file.bytes(),
            collections,
            met_counter: met.as_ref().and_then(|[met, _]| counter(&layout.met, met)),
            met,
            weight_counter: weight.as_ref().and_then(|weight| counter(&layout.event, weight)),
            weight,
            btag_bit: layout.btag_bit,
            may_overlap: layout.may_overlap(),
            tree,
        };
        Ok(DelphesReader { tree: reader.tree.counters_only(reader.branches()), ..reader })
    }

    fn branches(&self) -> impl Iterator<Item = &Branch> {
        let collections = self.collections.iter().flatten().flat_map(|c| {
            let columns = [&c.counter, &c.mass, &c.charge, &c.btag].map(Option::as_ref);
            [&c.pt, &c.eta, &c.phi].into_iter().chain(columns.into_iter().flatten())
        });
        let counters = [&self.met_counter, &self.weight, &self.weight_counter].into_iter().flatten();
        collections.chain(self.met.iter().flatten()).chain(counters)
    }

    fn read_branch(&self, branch: &Branch, range: &Range<u64>, scratch: &mut Scratch) -> Result<(), NtupleError> {
        Ok(self.tree.read(branch, range.clone(), &mut scratch.root, &mut scratch.column)?)
    }

    fn read_collection(
        &self,
        collection: &Collection,
        range: &Range<u64>,
        scratch: &mut Scratch,
        out: &mut ObjectColumns,
    ) -> Result<(), NtupleError> {
        self.read_branch(&collection.pt, range, scratch)?;
        if scratch.column.offsets.is_empty() {
            return Err(self.wrong_type(&collection.pt, "a list of numbers per event"));
        }
        std::mem::swap(&mut scratch.column.offsets, &mut out.offsets);
        scratch.column.values.drain_f32(&mut out.pt);
        self.check_counts(&collection.pt, collection.counter.as_ref(), range, Some(&out.offsets), scratch)?;
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

    /// Offsets (given, or of the column just read) must be those that the file's own counter tells.
    fn check_counts(
        &self,
        branch: &Branch,
        counter: Option<&Branch>,
        range: &Range<u64>,
        offsets: Option<&[u32]>,
        scratch: &mut Scratch,
    ) -> Result<(), NtupleError> {
        let Some(counter) = counter else { return Ok(()) };
        self.tree.read(counter, range.clone(), &mut scratch.root, &mut scratch.counts)?;
        let offsets = offsets.unwrap_or(&scratch.column.offsets);
        match offsets.is_empty() {
            true => Ok(()),
            false => self.named(branch).counted_by(offsets, &counter.name, &scratch.counts.values, range.start),
        }
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
        self.read_branch(branch, range, scratch)?;
        if scratch.column.width != 1 {
            return Err(self.wrong_type(branch, "one number per object"));
        }
        self.named(branch).counts_as(&scratch.column.offsets, &reference.name, offsets, range.start)
    }

    fn named<'a>(&'a self, branch: &'a Branch) -> Named<'a> {
        Named { path: &self.path, branch: &branch.name, type_name: &branch.type_name }
    }

    fn wrong_type(&self, branch: &Branch, wanted: &'static str) -> NtupleError {
        self.named(branch).wrong_type(wanted)
    }
}

impl Reader for DelphesReader {
    fn entries(&self) -> u64 {
        self.tree.entries()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    /// First entries of the baskets of the largest branch: good places to cut the file into pieces.
    fn starts(&self) -> Vec<u64> {
        let largest = self.branches().max_by_key(|branch| branch.packed_bytes);
        largest.map(|branch| branch.basket_starts().collect()).unwrap_or_default()
    }

    fn branches_of(&self, part: Part, quantity: Quantity) -> String {
        let [electron, muon, photon, jet] = self.collections.each_ref().map(Option::as_ref);
        let collection = match part {
            Part::Electron => electron,
            Part::Muon => muon,
            Part::Photon => photon,
            Part::Jet => jet,
            Part::Met => None,
        };
        let [met, met_phi] = self.met.as_ref().map(|met| met.each_ref()).map_or([None; 2], |met| met.map(Some));
        let branch = match quantity {
            Quantity::Weight => self.weight.as_ref(),
            Quantity::Phi if part == Part::Met => met_phi,
            _ if part == Part::Met => met,
            Quantity::Pt => collection.map(|collection| &collection.pt),
            Quantity::Eta => collection.map(|collection| &collection.eta),
            Quantity::Phi => collection.map(|collection| &collection.phi),
            Quantity::Mass => collection.and_then(|collection| collection.mass.as_ref()),
            Quantity::Charge => collection.and_then(|collection| collection.charge.as_ref()),
            Quantity::BTag => collection.and_then(|collection| collection.btag.as_ref()),
        };
        branch.map(|branch| branch.name.clone()).unwrap_or_default()
    }

    fn read_into(&self, range: Range<u64>, scratch: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError> {
        batch.first_entry = range.start;
        batch.may_overlap = self.may_overlap;
        batch.set_unconditional();
        for (branch, out) in self.met.iter().flatten().zip([&mut batch.met, &mut batch.met_phi]) {
            self.read_branch(branch, &range, scratch)?;
            self.check_counts(branch, self.met_counter.as_ref(), &range, None, scratch)?;
            first_per_entry(&scratch.column, 0.0, |value| value as f32, out);
        }
        let mut kinds = [&mut batch.electrons, &mut batch.muons, &mut batch.photons, &mut batch.jets];
        for (collection, out) in self.collections.iter().zip(&mut kinds) {
            if let Some(collection) = collection {
                self.read_collection(collection, &range, scratch, out)?;
            }
        }
        // What the files do not have comes when it is known that they really hold so many events.
        let events = (range.end - range.start) as usize;
        for (_, out) in self.collections.iter().zip(kinds).filter(|(collection, _)| collection.is_none()) {
            out.clear();
            out.offsets.resize(events + 1, 0);
        }
        if self.met.is_none() {
            batch.met.clear();
            batch.met_phi.clear();
        }
        self.read_weights(range, scratch, &mut batch.weight)
    }

    fn read_weights(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        weights: &mut Vec<f64>,
    ) -> Result<(), NtupleError> {
        match &self.weight {
            Some(branch) => {
                self.read_branch(branch, &range, scratch)?;
                self.check_counts(branch, self.weight_counter.as_ref(), &range, None, scratch)?;
                first_per_entry(&scratch.column, 1.0, |value| value, weights);
            }
            None => {
                weights.clear();
                weights.resize((range.end - range.start) as usize, 1.0);
            }
        }
        Ok(())
    }
}

//! Any tree by a map of its branches: vectors, counted arrays, plain numbers.
//!
//! In: a [`BranchMap`] and a file. Out: the columns of an [`EventBatch`], GeV and radians. A kind of object that the map
//! does not name is empty, so is MET; a weight is 1.

use std::ops::Range;
use std::path::PathBuf;

use super::BranchMap;
use super::guess::counter_of;
use super::limits::Limits;
use super::object::{ObjectMemory, ObjectReader, scale};
use crate::ntuples::columns::{Named, first_per_entry};
use crate::ntuples::layouts::{Condition, EventCondition, LayoutKind};
use crate::ntuples::{EventBatch, NtupleError, ObjectColumns, Part, Quantity, Reader, Scratch};
use crate::rootfile::RootFile;
use crate::rootfile::table::{Leaf, Table, Width};

/// Number of kinds of objects.
const N_PARTS: usize = 4;
const PARTS: [Part; N_PARTS] = [Part::Electron, Part::Muon, Part::Photon, Part::Jet];

/// A table with all branches of a map found.
#[derive(Debug)]
pub(crate) struct MappedReader {
    path: PathBuf,
    bytes: u64,
    may_overlap: bool,
    table: Table,
    /// Per kind, in the order of `PARTS`.
    objects: [Vec<ObjectReader>; N_PARTS],
    met: Option<Met>,
    weight: Vec<Leaf>,
    /// What events must fulfil; of each the alternatives.
    conditions: Vec<Vec<(Leaf, Limits)>>,
    event_id: Vec<Leaf>,
    /// Sum of the weights of all events that were generated, where the file knows it.
    pub(crate) generated: Option<f64>,
    notes: Vec<String>,
}

#[derive(Debug, Clone)]
struct Met {
    /// Size and direction, or x and y.
    leaves: [Leaf; 2],
    cartesian: bool,
    factor: f64,
    /// Makes its direction radians.
    angle: f64,
}

/// Memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct MappedMemory {
    object: ObjectMemory,
    parts: Vec<ObjectColumns>,
    pair: [Vec<f64>; 2],
    answers: Vec<bool>,
    any: Vec<bool>,
}

impl MappedReader {
    /// `kind`: the layout that the map belongs to; `notes`: what a person should know about choices made for this file.
    pub(crate) fn open(
        file: &RootFile,
        table: Table,
        map: &BranchMap,
        kind: &LayoutKind,
        mut notes: Vec<String>,
    ) -> Result<MappedReader, NtupleError> {
        let path = file.path().to_path_buf();
        let mut objects: [Vec<ObjectReader>; N_PARTS] = Default::default();
        for (part, readers) in PARTS.into_iter().zip(&mut objects) {
            for object in map.objects(part) {
                readers.push(ObjectReader::open(&table, &path, map, part, object)?);
            }
        }
        if objects.iter().all(Vec::is_empty) {
            return Err(NtupleError::NoObjects { path });
        }
        let met = match &map.met {
            None => None,
            Some(met) => {
                let cartesian = met.px.is_some();
                let (first, second) = if cartesian { (&met.px, &met.py) } else { (&met.pt, &met.phi) };
                let (Some(first), Some(second)) = (first, second) else {
                    return Err(NtupleError::IncompleteMap { path, part: "met", key: "pt or phi" });
                };
                let leaves = [table.leaf(first)?, table.leaf(second)?];
                Some(Met {
                    leaves,
                    cartesian,
                    factor: met.units.unwrap_or(map.units).factor(),
                    angle: map.angles.factor(),
                })
            }
        };
        let weight: Vec<Leaf> = map.weight.as_slice().iter().map(|name| table.leaf(name)).collect::<Result<_, _>>()?;
        let of_met = met.iter().flat_map(|met| &met.leaves).map(|leaf| ("met", leaf));
        notes.extend(
            of_met.chain(weight.iter().map(|leaf| ("weight", leaf))).filter_map(|(key, leaf)| first_of(key, leaf)),
        );
        for (part, readers) in PARTS.into_iter().zip(&objects) {
            let slots = readers.iter().filter_map(ObjectReader::uncounted_slots);
            notes.extend(slots.map(|(branch, slots)| uncounted(part, branch, slots, &table)));
        }
        let mut condition = |condition: &EventCondition| -> Result<Vec<(Leaf, Limits)>, NtupleError> {
            let there: Vec<&Condition> = condition.any().iter().filter(|one| table.has(one.branch())).collect();
            // A trigger that a file does not know has not fired, as long as it knows another.
            let asked = if there.is_empty() { condition.any().iter().collect() } else { there };
            let absent = condition.any().iter().filter(|one| !asked.contains(one));
            notes.extend(absent.map(|one| format!("{} is not in the file and counts as not fulfilled", one.branch())));
            asked.into_iter().map(|one| Ok((table.leaf(one.branch())?, Limits::of(one)))).collect()
        };
        let conditions = map.require_event.as_slice().iter().map(&mut condition).collect::<Result<_, _>>()?;
        let event_id = map.event_id.as_slice().iter().map(|name| table.leaf(name)).collect::<Result<_, _>>()?;
        let (bytes, may_overlap) = (file.bytes(), kind.may_overlap);
        let reader = MappedReader {
            path,
            bytes,
            may_overlap,
            table,
            objects,
            met,
            weight,
            conditions,
            event_id,
            generated: None,
            notes,
        };
        Ok(MappedReader { table: reader.table.for_reading(reader.leaves()), ..reader })
    }

    fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        let objects = self.objects.iter().flatten().flat_map(ObjectReader::leaves);
        let conditions = self.conditions.iter().flatten().map(|(leaf, _)| leaf);
        objects
            .chain(self.met.iter().flat_map(|met| &met.leaves))
            .chain(&self.weight)
            .chain(conditions)
            .chain(&self.event_id)
    }

    fn read_all(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        memory: &mut MappedMemory,
        batch: &mut EventBatch,
    ) -> Result<(), NtupleError> {
        // Kinds with branches first: they show that the file really holds so many events.
        let mut order: Vec<(Part, &Vec<ObjectReader>)> = PARTS.into_iter().zip(&self.objects).collect();
        order.sort_by_key(|(_, readers)| readers.is_empty());
        for (part, readers) in order {
            let out = match part {
                Part::Electron => &mut batch.electrons,
                Part::Muon => &mut batch.muons,
                Part::Photon => &mut batch.photons,
                Part::Jet => &mut batch.jets,
                Part::Met => continue,
            };
            self.read_kind(readers, &range, scratch, memory, out)?;
        }
        self.read_met(&range, scratch, memory, batch)?;
        self.read_conditions(&range, scratch, memory, batch)?;
        self.read_weights(range, scratch, &mut batch.weight)
    }

    fn read_kind(
        &self,
        readers: &[ObjectReader],
        range: &Range<u64>,
        scratch: &mut Scratch,
        memory: &mut MappedMemory,
        out: &mut ObjectColumns,
    ) -> Result<(), NtupleError> {
        let source = (&self.table, self.path.as_path());
        match readers {
            [] => {
                out.clear();
                out.offsets.resize((range.end - range.start) as usize + 1, 0);
                Ok(())
            }
            [reader] => reader.read(source, range, scratch, &mut memory.object, out),
            several => {
                memory.parts.resize_with(memory.parts.len().max(several.len()), ObjectColumns::default);
                for (reader, part) in several.iter().zip(&mut memory.parts) {
                    reader.read(source, range, scratch, &mut memory.object, part)?;
                }
                let parts = memory.parts.get(..several.len()).unwrap_or_default();
                merge(parts, (range.end - range.start) as usize, out);
                Ok(())
            }
        }
    }

    fn read_met(
        &self,
        range: &Range<u64>,
        scratch: &mut Scratch,
        memory: &mut MappedMemory,
        batch: &mut EventBatch,
    ) -> Result<(), NtupleError> {
        let Some(met) = &self.met else {
            batch.met.clear();
            batch.met_phi.clear();
            return Ok(());
        };
        let outs = [&mut batch.met, &mut batch.met_phi];
        for ((leaf, out), number) in met.leaves.iter().zip(outs).zip(&mut memory.pair) {
            self.table.read(leaf, range.clone(), &mut scratch.root, &mut scratch.column)?;
            match met.cartesian {
                true => first_per_entry(&scratch.column, f64::NAN, |value| value, number),
                false => first_per_entry(&scratch.column, f64::NAN, |value| value as f32, out),
            }
        }
        if met.cartesian {
            let [x, y] = &memory.pair;
            batch.met.clear();
            batch.met.extend(x.iter().zip(y).map(|(x, y)| ((x * x + y * y).sqrt() * met.factor) as f32));
            batch.met_phi.clear();
            batch.met_phi.extend(x.iter().zip(y).map(|(x, y)| y.atan2(*x) as f32));
        } else {
            scale(&mut batch.met, met.factor);
            scale(&mut batch.met_phi, met.angle);
        }
        Ok(())
    }

    fn read_conditions(
        &self,
        range: &Range<u64>,
        scratch: &mut Scratch,
        memory: &mut MappedMemory,
        batch: &mut EventBatch,
    ) -> Result<(), NtupleError> {
        batch.set_unconditional();
        let MappedMemory { pair: [numbers, _], answers, any, .. } = memory;
        for alternatives in &self.conditions {
            any.clear();
            for (leaf, limits) in alternatives {
                self.table.read(leaf, range.clone(), &mut scratch.root, &mut scratch.column)?;
                let wrong_type = |wanted| {
                    let named = Named { path: &self.path, branch: leaf.name(), type_name: leaf.type_name() };
                    named.wrong_type(wanted)
                };
                if leaf.is_jagged() || scratch.column.width != 1 {
                    return Err(wrong_type("one number per event"));
                }
                let known = limits.test(&scratch.column.values, numbers, answers);
                known.ok_or_else(|| wrong_type("an integer of bits per event"))?;
                match any.is_empty() {
                    true => std::mem::swap(any, answers),
                    false => any.iter_mut().zip(answers.iter()).for_each(|(any, answer)| *any |= *answer),
                }
            }
            batch.fulfilled.resize(any.len(), 0);
            for (fulfilled, _) in batch.fulfilled.iter_mut().zip(any.iter()).filter(|(_, passes)| **passes) {
                *fulfilled += u16::from(*fulfilled == batch.conditions);
            }
            batch.conditions = batch.conditions.saturating_add(1);
        }
        Ok(())
    }
}

impl Reader for MappedReader {
    fn entries(&self) -> u64 {
        self.table.entries()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// First entries of the baskets of the largest branch.
    fn starts(&self) -> Vec<u64> {
        self.leaves().max_by_key(|leaf| leaf.packed_bytes()).map(Leaf::starts).unwrap_or_default()
    }

    fn branches_of(&self, part: Part, quantity: Quantity) -> String {
        let readers = PARTS.iter().position(|other| *other == part).and_then(|i| self.objects.get(i));
        let name = |reader: &ObjectReader| match quantity {
            Quantity::Pt => reader.momentum_names(0),
            Quantity::Eta => reader.momentum_names(1),
            Quantity::Phi => reader.momentum_names(2),
            Quantity::Mass => reader.mass_name(),
            Quantity::Charge => reader.charge_name(),
            Quantity::BTag => reader.btag_name(),
            Quantity::Weight => String::new(),
        };
        match (part, quantity) {
            (_, Quantity::Weight) => self.weight.iter().map(Leaf::name).collect::<Vec<_>>().join(", "),
            (Part::Met, _) => {
                self.met.iter().flat_map(|met| &met.leaves).map(Leaf::name).collect::<Vec<_>>().join(", ")
            }
            _ => readers.into_iter().flatten().map(name).collect::<Vec<_>>().join(", "),
        }
    }

    fn read_into(&self, range: Range<u64>, scratch: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError> {
        batch.first_entry = range.start;
        batch.may_overlap = self.may_overlap;
        let mut memory = std::mem::take(&mut scratch.mapped);
        let done = self.read_all(range, scratch, &mut memory, batch);
        scratch.mapped = memory;
        done
    }

    fn generated(&self) -> Option<f64> {
        self.generated
    }

    fn numbers_events(&self) -> bool {
        !self.event_id.is_empty()
    }

    fn read_event_numbers(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        numbers: &mut Vec<u64>,
    ) -> Result<(), NtupleError> {
        numbers.clear();
        for leaf in &self.event_id {
            self.table.read(leaf, range.clone(), &mut scratch.root, &mut scratch.column)?;
            let values = &scratch.column.values;
            numbers.resize(values.len(), 0);
            let mut number = numbers.iter_mut();
            values.each_whole(|value| {
                if let Some(number) = number.next() {
                    let both = u128::from(*number) << 64 | u128::from(value);
                    *number = twox_hash::XxHash3_64::oneshot(&both.to_le_bytes());
                }
            });
        }
        Ok(())
    }

    fn read_weights(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        weights: &mut Vec<f64>,
    ) -> Result<(), NtupleError> {
        let Some((first, others)) = self.weight.split_first() else {
            weights.clear();
            weights.resize((range.end - range.start) as usize, 1.0);
            return Ok(());
        };
        self.table.read(first, range.clone(), &mut scratch.root, &mut scratch.column)?;
        // An event without a weight is one whose weight is no number, which is counted.
        first_per_entry(&scratch.column, f64::NAN, |value| value, weights);
        for leaf in others {
            self.table.read(leaf, range.clone(), &mut scratch.root, &mut scratch.column)?;
            first_per_entry(&scratch.column, f64::NAN, |value| value, &mut scratch.mapped.pair[0]);
            weights.iter_mut().zip(&scratch.mapped.pair[0]).for_each(|(weight, factor)| *weight *= factor);
        }
        Ok(())
    }
}

/// What to say of several numbers per event where one is meant.
fn first_of(key: &str, leaf: &Leaf) -> Option<String> {
    let (name, numbers) = (
        leaf.name(),
        match leaf.width() {
            Width::Entry(1) => return None,
            Width::Entry(width) => format!("{width} numbers"),
            Width::Object(_) => "a list".to_string(),
        },
    );
    let key = if key == "met" { "`met`" } else { "`weight`" };
    Some(format!("branch {name} holds {numbers} per event: its first is taken for {key}; another is `{name}[1]`"))
}

/// What to say of an array of fixed length whose valid slots nothing counts.
fn uncounted(part: Part, branch: &str, slots: usize, table: &Table) -> String {
    let collection = branch.rsplit_once(['_', '.']).map_or(branch, |(collection, _)| collection);
    let counter = counter_of(collection, &table.leaves());
    let known = counter.map_or("a counter".to_string(), |counter| format!("`count: {counter}`"));
    format!(
        "branch {branch} has {slots} slots in every event, and all with a pT above 0 count as {}s: if only the first are \
         valid, say how many with {known} beside the momentum",
        part.name()
    )
}

/// Objects of several collections in one, event by event, in the order of the collections.
fn merge(parts: &[ObjectColumns], events: usize, out: &mut ObjectColumns) {
    out.clear();
    out.offsets.push(0);
    for event in 0..events {
        for part in parts {
            let ends = part.offsets.get(event).zip(part.offsets.get(event + 1));
            let Some(objects) = ends.map(|(start, end)| *start as usize..*end as usize) else { continue };
            append(&part.pt, &objects, &mut out.pt);
            append(&part.eta, &objects, &mut out.eta);
            append(&part.phi, &objects, &mut out.phi);
            append(&part.mass, &objects, &mut out.mass);
            append(&part.charge, &objects, &mut out.charge);
            append(&part.btag, &objects, &mut out.btag);
        }
        out.offsets.push(out.pt.len() as u32);
    }
}

fn append<T: Copy>(from: &[T], objects: &Range<usize>, to: &mut Vec<T>) {
    to.extend_from_slice(from.get(objects.clone()).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_are_joined_event_by_event() {
        let part = |offsets: &[u32], pt: &[f32], charge: i8| ObjectColumns {
            offsets: offsets.to_vec(),
            pt: pt.to_vec(),
            eta: pt.to_vec(),
            phi: pt.to_vec(),
            charge: vec![charge; pt.len()],
            ..ObjectColumns::default()
        };
        let mut out = ObjectColumns::default();
        merge(&[part(&[0, 1, 1], &[10.0], -1), part(&[0, 1, 3], &[20.0, 30.0, 40.0], 1)], 2, &mut out);
        assert_eq!(out.offsets, [0, 2, 4]);
        assert_eq!(out.pt, [10.0, 20.0, 30.0, 40.0]);
        assert_eq!(out.charge, [-1, 1, 1, 1]);
        assert!(out.mass.is_empty());
    }
}

//! One collection (or one object per event) of a branch map.
//!
//! In: an [`ObjectMap`] and a table. Out: [`ObjectColumns`] in GeV: pT, eta, phi from either spelling of the momentum,
//! jet masses from a branch or from the energy, charges, b-tags; objects that fail a requirement are left out.

use std::ops::Range;
use std::path::Path;

use super::limits::Limits;
use super::{BranchMap, ChargeMap, ObjectMap};
use crate::ntuples::columns::{Named, numbers, signs};
use crate::ntuples::layouts::Condition;
use crate::ntuples::{NtupleError, ObjectColumns, Part, Scratch};
use crate::particles::pseudorapidity;
use crate::rootfile::table::{Leaf, Table, Width, is_counter};

/// Branches of one collection, found.
#[derive(Debug, Clone)]
pub(super) struct ObjectReader {
    part: Part,
    momentum: Momentum,
    /// Counts the objects of a collection, with which the momenta must agree, or the valid slots of an array.
    counter: Option<Leaf>,
    mass: Mass,
    charge: ChargeFrom,
    btag: Option<(Leaf, Limits)>,
    require: Vec<(Leaf, Limits)>,
    factor: f64,
    /// Makes phi radians.
    angle: f64,
}

#[derive(Debug, Clone)]
enum Momentum {
    /// pT, eta, phi.
    Polar([Leaf; 3]),
    /// px, py, pz.
    Cartesian([Leaf; 3]),
}

#[derive(Debug, Clone)]
enum Mass {
    Zero,
    Branch(Leaf),
    Energy(Leaf),
}

#[derive(Debug, Clone)]
enum ChargeFrom {
    Unknown,
    Branch(Leaf),
    PdgId(Leaf),
    Fixed(i8),
}

/// Memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct ObjectMemory {
    /// Three components of the momenta, then one more column.
    numbers: [Vec<f64>; 4],
    answers: Vec<bool>,
    keep: Vec<bool>,
}

impl ObjectReader {
    pub(super) fn open(
        table: &Table,
        path: &Path,
        map: &BranchMap,
        part: Part,
        object: &ObjectMap,
    ) -> Result<Self, NtupleError> {
        let find = |name: &Option<String>, key: &'static str| match name {
            Some(name) => Ok(table.leaf(name)?),
            None => Err(NtupleError::IncompleteMap { path: path.to_path_buf(), part: part.name(), key }),
        };
        let test = |condition: &Condition| -> Result<(Leaf, Limits), NtupleError> {
            Ok((table.leaf(condition.branch())?, Limits::of(condition)))
        };
        let momentum = match object.px {
            Some(_) => Momentum::Cartesian([find(&object.px, "px")?, find(&object.py, "py")?, find(&object.pz, "pz")?]),
            None => Momentum::Polar([find(&object.pt, "pt")?, find(&object.eta, "eta")?, find(&object.phi, "phi")?]),
        };
        let jet = part == Part::Jet;
        let mass = match (&object.mass, &object.energy) {
            (Some(mass), _) if jet => Mass::Branch(table.leaf(mass)?),
            (None, Some(energy)) if jet => Mass::Energy(table.leaf(energy)?),
            _ => Mass::Zero,
        };
        let charge = match (&object.charge, &object.pdgid) {
            (Some(ChargeMap::Branch(branch)), _) => ChargeFrom::Branch(table.leaf(branch)?),
            (Some(ChargeMap::Fixed(charge)), _) => ChargeFrom::Fixed(charge.signum()),
            (None, Some(pdgid)) => ChargeFrom::PdgId(table.leaf(pdgid)?),
            (None, None) => ChargeFrom::Unknown,
        };
        let (Momentum::Polar([first, ..]) | Momentum::Cartesian([first, ..])) = &momentum;
        let counter = match &object.count {
            Some(count) => {
                let leaf = table.leaf(count)?;
                if !is_counter(leaf.element(), leaf.width() != Width::Entry(1)) {
                    return Err(named(path, &leaf).wrong_type("an integer per event, the number of objects"));
                }
                Some(leaf)
            }
            None => table.counter_of(first),
        };
        Ok(ObjectReader {
            part,
            counter,
            momentum,
            mass,
            charge,
            btag: object.btag.as_ref().filter(|_| jet).map(test).transpose()?,
            require: object.require.as_slice().iter().map(test).collect::<Result<_, _>>()?,
            factor: object.units.unwrap_or(map.units).factor(),
            angle: map.angles.factor(),
        })
    }

    pub(super) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        let (Momentum::Polar(momentum) | Momentum::Cartesian(momentum)) = &self.momentum;
        let mass = match &self.mass {
            Mass::Branch(leaf) | Mass::Energy(leaf) => Some(leaf),
            Mass::Zero => None,
        };
        let charge = match &self.charge {
            ChargeFrom::Branch(leaf) | ChargeFrom::PdgId(leaf) => Some(leaf),
            ChargeFrom::Unknown | ChargeFrom::Fixed(_) => None,
        };
        let tests = self.btag.iter().chain(&self.require).map(|(leaf, _)| leaf);
        momentum.iter().chain(&self.counter).chain(mass).chain(charge).chain(tests)
    }

    /// An array of fixed length whose valid slots nothing counts: its branch and its length.
    pub(super) fn uncounted_slots(&self) -> Option<(&str, usize)> {
        let (Momentum::Polar([first, ..]) | Momentum::Cartesian([first, ..])) = &self.momentum;
        match (first.width(), &self.counter) {
            (Width::Entry(slots @ 2..), None) => Some((first.name(), slots)),
            _ => None,
        }
    }

    /// Branches that pT, eta or phi (0, 1, 2) come from.
    pub(super) fn momentum_names(&self, component: usize) -> String {
        match &self.momentum {
            Momentum::Polar(leaves) => leaves.get(component).map(|leaf| leaf.name().to_string()).unwrap_or_default(),
            Momentum::Cartesian(leaves) => leaves.each_ref().map(Leaf::name).join(", "),
        }
    }

    /// Branches that the mass comes from.
    pub(super) fn mass_name(&self) -> String {
        match &self.mass {
            Mass::Branch(leaf) | Mass::Energy(leaf) => leaf.name().to_string(),
            Mass::Zero => String::new(),
        }
    }

    /// The branch that the charge comes from.
    pub(super) fn charge_name(&self) -> String {
        match &self.charge {
            ChargeFrom::Branch(leaf) | ChargeFrom::PdgId(leaf) => leaf.name().to_string(),
            ChargeFrom::Unknown | ChargeFrom::Fixed(_) => String::new(),
        }
    }

    /// The branch that decides about b-tags.
    pub(super) fn btag_name(&self) -> String {
        self.btag.as_ref().map(|(leaf, _)| leaf.name().to_string()).unwrap_or_default()
    }

    /// Objects of a range of entries.
    pub(super) fn read(
        &self,
        source: (&Table, &Path),
        range: &Range<u64>,
        scratch: &mut Scratch,
        memory: &mut ObjectMemory,
        out: &mut ObjectColumns,
    ) -> Result<(), NtupleError> {
        let single = self.read_momentum(source, range, scratch, memory, out)?;
        let objects = out.pt.len();
        out.mass.clear();
        match &self.mass {
            Mass::Zero if self.part == Part::Jet => out.mass.resize(objects, 0.0),
            Mass::Zero => {}
            Mass::Branch(leaf) => {
                self.beside(source, leaf, range, scratch, out)?;
                scratch.column.values.drain_f32(&mut out.mass);
                scale(&mut out.mass, self.factor);
            }
            Mass::Energy(leaf) => {
                self.beside(source, leaf, range, scratch, out)?;
                let [a, b, c, energy] = &mut memory.numbers;
                numbers(&scratch.column.values, energy);
                let polar = matches!(self.momentum, Momentum::Polar(_));
                let momenta = a.iter().zip(b.iter()).zip(c.iter());
                out.mass.extend(energy.iter().zip(momenta).map(|(energy, ((a, b), c))| {
                    let p2 = if polar { (a * b.cosh()).powi(2) } else { a * a + b * b + c * c };
                    mass_from_energy(*energy, p2, self.factor)
                }));
            }
        }
        out.charge.clear();
        match &self.charge {
            ChargeFrom::Branch(leaf) | ChargeFrom::PdgId(leaf) => {
                self.beside(source, leaf, range, scratch, out)?;
                signs(&scratch.column.values, &mut out.charge);
                if matches!(self.charge, ChargeFrom::PdgId(_)) {
                    out.charge.iter_mut().for_each(|sign| *sign = -*sign);
                }
            }
            ChargeFrom::Fixed(charge) => out.charge.resize(objects, *charge),
            ChargeFrom::Unknown if matches!(self.part, Part::Electron | Part::Muon) => out.charge.resize(objects, 0),
            ChargeFrom::Unknown => {}
        }
        out.btag.clear();
        if let Some((leaf, limits)) = &self.btag {
            self.beside(source, leaf, range, scratch, out)?;
            let known = limits.test(&scratch.column.values, &mut memory.numbers[3], &mut out.btag);
            known.ok_or_else(|| named(source.1, leaf).wrong_type("an integer of tag bits per jet"))?;
        } else if self.part == Part::Jet {
            out.btag.resize(objects, false);
        }
        memory.keep.clear();
        match &self.counter {
            Some(counter) if single => self.valid_slots(source, counter, range, scratch, out, &mut memory.keep)?,
            // A slot that holds nothing; what is not a number stays, to be counted.
            None if single => memory.keep.extend(out.pt.iter().map(|pt| pt.is_nan() || *pt > 0.0)),
            _ => {}
        }
        for (leaf, limits) in &self.require {
            self.beside(source, leaf, range, scratch, out)?;
            let known = limits.test(&scratch.column.values, &mut memory.numbers[3], &mut memory.answers);
            known.ok_or_else(|| named(source.1, leaf).wrong_type("an integer of bits per object"))?;
            match memory.keep.is_empty() {
                true => std::mem::swap(&mut memory.keep, &mut memory.answers),
                false => memory.keep.iter_mut().zip(&memory.answers).for_each(|(keep, answer)| *keep &= *answer),
            }
        }
        if memory.keep.iter().any(|keep| !keep) {
            retain(out, &memory.keep);
        }
        Ok(())
    }

    /// Fills offsets, pT, eta, phi; true if every entry has the same number of objects (a plain number in the file).
    fn read_momentum(
        &self,
        source: (&Table, &Path),
        range: &Range<u64>,
        scratch: &mut Scratch,
        memory: &mut ObjectMemory,
        out: &mut ObjectColumns,
    ) -> Result<bool, NtupleError> {
        let (Momentum::Polar(leaves) | Momentum::Cartesian(leaves)) = &self.momentum;
        let [first, second, third] = leaves;
        let (table, path) = source;
        table.read(first, range.clone(), &mut scratch.root, &mut scratch.column)?;
        let single = scratch.column.offsets.is_empty();
        if single {
            let width = scratch.column.width;
            let all = (range.end - range.start).checked_mul(width as u64).and_then(|all| u32::try_from(all).ok());
            let all = all.filter(|all| *all as usize == scratch.column.values.len() && width > 0);
            let all =
                all.ok_or_else(|| named(path, first).wrong_type("numbers, fewer than 4e9 in a part of the file"))?;
            out.offsets.clear();
            out.offsets.extend((0..=all).step_by(width));
        } else if scratch.column.width == 1 {
            std::mem::swap(&mut scratch.column.offsets, &mut out.offsets);
        } else {
            return Err(named(path, first).wrong_type("one number per object"));
        }
        if let Some(counter) = self.counter.as_ref().filter(|_| !single) {
            table.read(counter, range.clone(), &mut scratch.root, &mut scratch.counts)?;
            let counts = &scratch.counts.values;
            named(path, first).counted_by(&out.offsets, counter.name(), counts, range.start)?;
        }
        let precise = matches!(self.momentum, Momentum::Cartesian(_)) || matches!(self.mass, Mass::Energy(_));
        let outs = [&mut out.pt, &mut out.eta, &mut out.phi];
        let all = [first, second, third].into_iter().zip(outs).zip(&mut memory.numbers);
        for (i, ((leaf, column), component)) in all.enumerate() {
            if i > 0 {
                self.beside_of(source, leaf, range, scratch, &out.offsets)?;
            }
            component.clear();
            if precise {
                numbers(&scratch.column.values, component);
            }
            if matches!(self.momentum, Momentum::Polar(_)) {
                scratch.column.values.drain_f32(column);
            }
        }
        if matches!(self.momentum, Momentum::Cartesian(_)) {
            let [px, py, pz, _] = &memory.numbers;
            for column in [&mut out.pt, &mut out.eta, &mut out.phi] {
                column.clear();
            }
            for ((px, py), pz) in px.iter().zip(py).zip(pz) {
                let pt = (px * px + py * py).sqrt();
                out.pt.push((pt * self.factor) as f32);
                out.eta.push(pseudorapidity(pt, *pz) as f32);
                out.phi.push(py.atan2(*px) as f32);
            }
        } else {
            scale(&mut out.pt, self.factor);
            scale(&mut out.phi, self.angle);
        }
        Ok(single)
    }

    /// Which slots of arrays of fixed length hold an object: in every event the first so many.
    fn valid_slots(
        &self,
        (table, path): (&Table, &Path),
        counter: &Leaf,
        range: &Range<u64>,
        scratch: &mut Scratch,
        out: &ObjectColumns,
        keep: &mut Vec<bool>,
    ) -> Result<(), NtupleError> {
        let (Momentum::Polar([first, ..]) | Momentum::Cartesian([first, ..])) = &self.momentum;
        table.read(counter, range.clone(), &mut scratch.root, &mut scratch.counts)?;
        let (mut ends, mut entry, mut wrong) = (out.offsets.windows(2), range.start, None);
        scratch.counts.values.for_each_int(|count| {
            let slots = ends.next().map_or(0, |pair| i64::from(pair.last().copied().unwrap_or(0)) - i64::from(pair[0]));
            if !(0..=slots).contains(&count) && wrong.is_none() {
                wrong = Some((entry, slots, count));
            }
            keep.extend((0..slots).map(|slot| slot < count));
            entry += 1;
        });
        match wrong {
            None => Ok(()),
            Some((entry, slots, count)) => Err(NtupleError::TooFewSlots {
                path: path.to_path_buf(),
                branch: first.name().to_string(),
                slots,
                counter: counter.name().to_string(),
                entry,
                count,
            }),
        }
    }

    fn beside(
        &self,
        source: (&Table, &Path),
        leaf: &Leaf,
        range: &Range<u64>,
        scratch: &mut Scratch,
        out: &ObjectColumns,
    ) -> Result<(), NtupleError> {
        self.beside_of(source, leaf, range, scratch, &out.offsets)
    }

    /// Reads a branch, which must count the same objects.
    fn beside_of(
        &self,
        (table, path): (&Table, &Path),
        leaf: &Leaf,
        range: &Range<u64>,
        scratch: &mut Scratch,
        offsets: &[u32],
    ) -> Result<(), NtupleError> {
        let (Momentum::Polar([first, ..]) | Momentum::Cartesian([first, ..])) = &self.momentum;
        table.read(leaf, range.clone(), &mut scratch.root, &mut scratch.column)?;
        let column = &scratch.column;
        if column.offsets.is_empty() {
            let expected = offsets.last().map_or(0, |last| *last as usize);
            return match !first.is_jagged() && column.values.len() == expected {
                true => Ok(()),
                false => Err(named(path, leaf).wrong_type("one number per object")),
            };
        }
        if column.width != 1 || !first.is_jagged() {
            return Err(named(path, leaf).wrong_type("one number per object"));
        }
        named(path, leaf).counts_as(&column.offsets, first.name(), offsets, range.start)
    }
}

fn named<'a>(path: &'a Path, leaf: &'a Leaf) -> Named<'a> {
    Named { path, branch: leaf.name(), type_name: leaf.type_name() }
}

pub(super) fn scale(values: &mut [f32], factor: f64) {
    if factor != 1.0 {
        values.iter_mut().for_each(|value| *value = (f64::from(*value) * factor) as f32);
    }
}

/// GeV; 0 where the energy is below the momentum, not a number where it is none.
pub(in super::super) fn mass_from_energy(energy: f64, momentum_squared: f64, factor: f64) -> f32 {
    let m2 = energy * energy - momentum_squared;
    if m2 <= 0.0 { 0.0 } else { (m2.sqrt() * factor) as f32 }
}

/// Takes out the objects that are not to be kept.
fn retain(columns: &mut ObjectColumns, keep: &[bool]) {
    let ObjectColumns { offsets, pt, eta, phi, mass, charge, btag } = columns;
    let mut kept = 0u32;
    let mut from = 0usize;
    for offset in offsets.iter_mut() {
        let to = *offset as usize;
        kept += keep.get(from..to).unwrap_or_default().iter().filter(|keep| **keep).count() as u32;
        *offset = kept;
        from = to;
    }
    [pt, eta, phi, mass].into_iter().for_each(|column| retain_column(column, keep));
    retain_column(charge, keep);
    retain_column(btag, keep);
}

fn retain_column<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    column.retain(|_| keep.next().copied().unwrap_or(false));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_that_are_left_out_leave_no_trace() {
        let mut columns = ObjectColumns {
            offsets: vec![0, 2, 2, 3],
            pt: vec![1.0, 2.0, 3.0],
            eta: vec![0.1, 0.2, 0.3],
            phi: vec![0.0; 3],
            charge: vec![1, -1, 1],
            ..ObjectColumns::default()
        };
        retain(&mut columns, &[false, true, true]);
        assert_eq!((columns.offsets, columns.pt, columns.charge), (vec![0, 1, 1, 2], vec![2.0, 3.0], vec![-1, 1]));
    }

    #[test]
    fn masses_come_from_energies_and_are_never_imaginary() {
        assert_eq!(mass_from_energy(5_000.0, 9e6, 1e-3), 4.0);
        assert_eq!(mass_from_energy(3.0, 9.5, 1.0), 0.0);
        assert!(mass_from_energy(f64::NAN, 1.0, 1.0).is_nan());
    }
}

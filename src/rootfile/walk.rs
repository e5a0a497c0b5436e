//! Walking through objects inside baskets: plain numbers of classes that were not split, such as `TLorentzVector`.
//!
//! In: the payload of a basket, a [`Walk`] and which of its leaves is wanted. Out: the numbers of that leaf, appended to
//! a column. Every object begins with its length and version, which are checked; so is the end of every entry.

use std::ops::Range;

use super::basket::{Payload, Starts};
use super::bytes::Bytes;
use super::column::{Column, Values};
use super::element::ElementType;
use super::error::Damage;
use super::packed::Stored;
use super::plan::{Step, Walk};

const BYTE_COUNT: u32 = 0x4000_0000;
const MEMBER_WISE: u16 = 1 << 14;
const REFERENCED: u32 = 1 << 4;

/// Walks through the objects of some entries and appends the numbers of leaf `keep`.
pub(crate) fn append_walked(
    payload: &Payload,
    held: usize,
    entries: Range<usize>,
    walk: &Walk,
    keep: usize,
    counts: Option<&Values>,
    column: &mut Column,
) -> Result<(), Damage> {
    let border = payload.values.len();
    let jagged = !column.offsets.is_empty();
    let known = payload.starts != Starts::Unknown;
    let start_of = |entry: usize| if entry < held { payload.starts.get(entry).unwrap_or(usize::MAX) } else { border };
    let mut unwanted = Column { values: Values::empty(column.values.element()), offsets: Vec::new(), width: 1 };
    let mut walker = Walker { bytes: Bytes::new(payload.values), counters: vec![0; walk.counters], keep };
    for entry in if known { entries.start } else { 0 }..entries.end {
        if known {
            let (start, end) = (start_of(entry), start_of(entry + 1));
            if start > end || end > border {
                let expected = format!("the next starts at {end} and the values end at {border}");
                return Err(Damage::implausible("start of an entry", start, expected));
            }
            walker.bytes.set_limit(end);
            walker.bytes.jump(start)?;
        }
        let wanted = entry >= entries.start;
        let out = if wanted { &mut *column } else { &mut unwanted };
        let before = out.values.len();
        let mut objects = 1;
        match (walk.collection, counts) {
            (None, _) => walker.steps(&walk.steps, &mut out.values)?,
            (Some(_), Some(counts)) => {
                let count = counts.get(entry).unwrap_or(0.0);
                objects = walker.many(&walk.steps, count as usize, &mut out.values)?;
            }
            (Some(header), None) if header >= 10 => {
                objects = walker.vector(&walk.steps, header, &mut out.values)?;
            }
            (Some(_), None) if known => {
                objects = 0;
                while walker.bytes.left() > 0 {
                    let at = walker.bytes.at();
                    walker.steps(&walk.steps, &mut out.values)?;
                    objects += 1;
                    if walker.bytes.at() == at {
                        return Err(Damage::TooMuch("objects without a single byte"));
                    }
                }
            }
            (Some(_), None) => {
                let reason = "it stores neither entry offsets nor counts".to_string();
                return Err(Damage::Undecodable { what: "the objects of an entry".into(), reason });
            }
        }
        if known && walker.bytes.left() > 0 {
            let what = format!("object of {} bytes", walker.bytes.at().saturating_sub(start_of(entry)));
            return Err(Damage::Undecodable { what, reason: format!("{} more in its entry", walker.bytes.left()) });
        }
        if wanted && jagged {
            let appended = out.values.len() - before;
            let added = if walk.collection.is_some() { objects } else { appended / column.width.max(1) };
            let total = column.offsets.last().copied().unwrap_or(0);
            let total = u32::try_from(added).ok().and_then(|added| total.checked_add(added));
            column.offsets.push(total.ok_or(Damage::TooMuch("too many objects in one range of entries"))?);
        } else {
            unwanted.values = Values::empty(column.values.element());
        }
    }
    Ok(())
}

struct Walker<'a> {
    bytes: Bytes<'a>,
    counters: Vec<i64>,
    keep: usize,
}

impl Walker<'_> {
    fn many(&mut self, steps: &[Step], count: usize, out: &mut Values) -> Result<usize, Damage> {
        // An object has a version at least.
        if count > self.bytes.left() / 2 {
            let expected = format!("{} bytes hold them", self.bytes.left());
            return Err(Damage::implausible("number of objects in an entry", count, expected));
        }
        for _ in 0..count {
            self.steps(steps, out)?;
        }
        Ok(count)
    }

    fn steps(&mut self, steps: &[Step], out: &mut Values) -> Result<(), Damage> {
        steps.iter().try_for_each(|step| self.step(step, out))
    }

    /// Length (where one is stored) and version.
    fn start(&mut self) -> Result<(Option<usize>, i16), Damage> {
        let word = self.bytes.peek_u32()?;
        if word & BYTE_COUNT == 0 {
            return Ok((None, self.bytes.i16()?));
        }
        self.bytes.u32()?;
        let count = (word & !BYTE_COUNT) as usize;
        let end = self.bytes.at().saturating_add(count);
        if end > self.bytes.limit() {
            return Err(Damage::Short { at: self.bytes.at(), wanted: count, left: self.bytes.left() });
        }
        Ok((Some(end), self.bytes.i16()?))
    }

    /// A `vector` of objects: length, version, more if the header is longer, count, objects. If its version says so,
    /// the members stand side by side: those of all objects, then the next ones. Returns the number of objects.
    fn vector(&mut self, steps: &[Step], header: usize, out: &mut Values) -> Result<usize, Damage> {
        let (end, version) = self.start()?;
        if version as u16 & MEMBER_WISE == 0 {
            self.bytes.take(header.saturating_sub(10))?;
            let count = self.bytes.count("number of objects in an entry")?;
            return self.many(steps, count, out);
        }
        let [Step::Class { name, version, checksum, inside, complete: true }] = steps else {
            let reason = "members that are not understood stand side by side (member-wise streaming)".into();
            return Err(Damage::Undecodable { what: "collection of objects".into(), reason });
        };
        let found = self.bytes.i16()?;
        self.described(name, *version, *checksum, found)?;
        let count = self.bytes.count("number of objects in an entry")?;
        if count > self.bytes.left() {
            let expected = format!("{} bytes hold them", self.bytes.left());
            return Err(Damage::implausible("number of objects in an entry", count, expected));
        }
        match (count, end) {
            // Nothing, or headers of members that nobody has: that depends on the version of ROOT.
            (0, Some(end)) => self.bytes.jump(end)?,
            _ => inside.iter().try_for_each(|step| self.column(step, count, out))?,
        }
        Ok(count)
    }

    /// A member of all objects of a collection, where members stand side by side.
    fn column(&mut self, step: &Step, count: usize, out: &mut Values) -> Result<(), Damage> {
        match step {
            Step::Base(base) => match base.as_ref() {
                Step::Class { inside, complete: true, .. } => {
                    inside.iter().try_for_each(|step| self.column(step, count, out))
                }
                _ => Err(no_length()),
            },
            Step::Counted { .. } => {
                let reason = "arrays of differing length stand side by side (member-wise streaming)".into();
                Err(Damage::Undecodable { what: "collection of objects".into(), reason })
            }
            Step::Vector { stored, element, keep } => {
                self.start()?;
                (0..count).try_for_each(|_| self.counted_numbers(*stored, *element, *keep, out))
            }
            Step::Sized { shared: true } => self.step(step, out),
            _ => (0..count).try_for_each(|_| self.step(step, out)),
        }
    }

    /// A count and so many numbers.
    fn counted_numbers(
        &mut self,
        stored: Stored,
        element: ElementType,
        keep: Option<usize>,
        out: &mut Values,
    ) -> Result<(), Damage> {
        let count = self.bytes.count("length of a vector")?;
        let raw = self.bytes.take_array(count, stored.size(element.size()))?;
        self.kept(keep, stored, raw, out);
        Ok(())
    }

    fn step(&mut self, step: &Step, out: &mut Values) -> Result<(), Damage> {
        match step {
            Step::Class { name, version, checksum, inside, complete, .. } => {
                let (end, found) = self.start()?;
                self.described(name, *version, *checksum, found)?;
                self.class(end, inside, *complete, out)
            }
            Step::TObject => {
                self.start()?;
                self.bytes.u32()?;
                if self.bytes.u32()? & REFERENCED != 0 {
                    self.bytes.u16()?;
                }
                Ok(())
            }
            Step::Numbers { stored, element, count, keep, counter } => {
                let raw = self.bytes.take_array(*count, stored.size(element.size()))?;
                if let Some(slot) = counter.and_then(|counter| self.counters.get_mut(counter)) {
                    let mut value = Values::empty(*element);
                    value.extend_big_endian(raw);
                    value.for_each_int(|count| *slot = count);
                }
                self.kept(*keep, *stored, raw, out);
                Ok(())
            }
            Step::Counted { stored, element, counter, keep } => {
                let present = self.bytes.u8()? != 0;
                let count = self.counters.get(*counter).copied().unwrap_or(0);
                let count = usize::try_from(if present { count } else { 0 })
                    .map_err(|_| Damage::implausible("length of a member array", count, "it cannot be negative"))?;
                let raw = self.bytes.take_array(count, stored.size(element.size()))?;
                self.kept(*keep, *stored, raw, out);
                Ok(())
            }
            Step::Vector { stored, element, keep } => {
                self.start()?;
                self.counted_numbers(*stored, *element, *keep, out)
            }
            Step::Base(base) => self.step(base, out),
            Step::Text => self.bytes.string().map(|_| ()),
            Step::Sized { .. } => match self.start()? {
                (Some(end), _) => self.bytes.jump(end),
                (None, _) => Err(no_length()),
            },
            Step::Pointer => {
                let word = self.bytes.u32()?;
                match word & BYTE_COUNT != 0 && word != u32::MAX {
                    true => self.bytes.take((word & !BYTE_COUNT) as usize).map(|_| ()),
                    false if word >> 31 == 0 => Ok(()),
                    false => Err(no_length()),
                }
            }
            Step::Repeat { count, inside } => {
                if *count > self.bytes.left() {
                    return Err(Damage::Short { at: self.bytes.at(), wanted: *count, left: self.bytes.left() });
                }
                (0..*count).try_for_each(|_| self.steps(inside, out))
            }
        }
    }

    /// That an object is of the version that the steps were made for. Classes without one have a checksum instead.
    fn described(&mut self, name: &str, version: Option<i32>, checksum: Option<u32>, found: i16) -> Result<(), Damage> {
        let fits = match found <= 0 {
            true => {
                let found = self.bytes.u32()?;
                checksum.is_none_or(|checksum| checksum == found)
            }
            false => version.is_none_or(|version| version == i32::from(found)),
        };
        if fits {
            return Ok(());
        }
        let reason = format!("the file describes version {}, this is {found}", version.unwrap_or(0));
        Err(Damage::Undecodable { what: format!("object of class {name}"), reason })
    }

    fn class(&mut self, end: Option<usize>, inside: &[Step], complete: bool, out: &mut Values) -> Result<(), Damage> {
        let outer = self.bytes.limit();
        if let Some(end) = end {
            self.bytes.set_limit(end);
        }
        let done = self.steps(inside, out);
        self.bytes.set_limit(outer);
        done?;
        match end {
            Some(end) if complete && self.bytes.at() != end => {
                let expected = format!("its length says {end}");
                Err(Damage::implausible("end of an object", self.bytes.at(), expected))
            }
            Some(end) => self.bytes.jump(end),
            None if complete => Ok(()),
            None => Err(no_length()),
        }
    }

    fn kept(&self, keep: Option<usize>, stored: Stored, raw: &[u8], out: &mut Values) {
        if keep == Some(self.keep) {
            stored.append(out, raw);
        }
    }
}

fn no_length() -> Damage {
    Damage::Undecodable { what: "member of an object".into(), reason: "it has no length to step over it by".into() }
}

#[cfg(test)]
mod tests {
    use super::super::streamer::for_tests;
    use super::*;

    fn object(version: i16, body: &[u8]) -> Vec<u8> {
        let mut bytes = (BYTE_COUNT | (body.len() as u32 + 2)).to_be_bytes().to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn read(bytes: &[u8], starts: &[u32], leaf: &str) -> Result<Column, Damage> {
        let streamers = for_tests("P", 3, &[("fN", 6, 0, "int"), ("fX", 45, 0, "float"), ("fE", 8, 0, "double")]);
        let (walk, leaves) = Walk::through(&streamers, "P", None, None).expect("the class is described");
        let keep = leaves.iter().position(|found| found.path == leaf).expect("the leaf is there");
        let mut column = Column::default();
        column.reset(leaves[keep].element, 1, leaves[keep].counted);
        let payload = Payload { values: bytes, starts: Starts::Known(starts) };
        append_walked(&payload, starts.len(), 0..starts.len(), &walk, keep, None, &mut column).map(|()| column)
    }

    #[test]
    fn members_of_unsplit_objects_become_columns() {
        let one = object(
            3,
            &[&2i32.to_be_bytes()[..], &[1], &1f32.to_be_bytes(), &2f32.to_be_bytes(), &9f64.to_be_bytes()].concat(),
        );
        let two = object(3, &[&0i32.to_be_bytes()[..], &[0], &8f64.to_be_bytes()].concat());
        let bytes = [one.clone(), two].concat();
        let starts = [0, one.len() as u32];
        let arrays = read(&bytes, &starts, "fX").expect("well formed");
        assert_eq!((arrays.values, arrays.offsets), (Values::F32(vec![1.0, 2.0]), vec![0, 2, 2]));
        let energies = read(&bytes, &starts, "fE").expect("well formed");
        assert_eq!((energies.values, energies.offsets), (Values::F64(vec![9.0, 8.0]), vec![]));
    }

    #[test]
    fn objects_of_another_version_or_length_are_refused() {
        let body = [&0i32.to_be_bytes()[..], &[0], &8f64.to_be_bytes()].concat();
        assert!(read(&object(4, &body), &[0], "fE").is_err());
        assert!(read(&object(3, &body[..10]), &[0], "fE").is_err());
        assert!(read(&[object(3, &body), vec![0]].concat(), &[0], "fE").is_err());
        let endless = [&i32::MAX.to_be_bytes()[..], &[1], &8f64.to_be_bytes()].concat();
        assert!(read(&object(3, &endless), &[0], "fX").is_err());
    }
}

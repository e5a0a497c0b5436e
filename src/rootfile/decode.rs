//! Decoding of any object, as the class descriptions in its file say.
//!
//! In: [`Streamers`], the unpacked bytes behind a key, its class. Out: [`Objects`]. Objects begin with a byte count
//! and a version. Whatever has no rule here is stepped over by that count, and an object that breaks off keeps the
//! members it has, with the reason. Depth and number of values are limited, each object is decoded once: no bytes
//! make this run long or deep.

use std::collections::HashMap;
use std::sync::Arc;

use super::basic::Basic;
use super::builtin::array_class;
use super::bytes::Bytes;
use super::error::Damage;
use super::object::{ObjectId, Objects, Record, RootObject, Value};
use super::packed::Stored;
use super::streamer::{Member, Streamers};

/// Objects inside objects. A split branch costs about five levels.
const MAX_DEPTH: usize = 150;
/// Values in one object tree. A tree with 10 000 branches has half a million.
const MAX_VALUES: usize = 8_000_000;

const BYTE_COUNT: u32 = 0x4000_0000;
const NEW_CLASS: u32 = 0xffff_ffff;
const CLASS_MASK: u32 = 0x8000_0000;
/// References count from here.
const MAP_OFFSET: usize = 2;

/// Decodes the object of class `class` in `bytes`; `key_bytes` is the length of its key, from which references count.
pub(crate) fn decode(streamers: &Streamers, bytes: &[u8], key_bytes: usize, class: &str) -> Objects {
    let mut decoder = Decoder {
        streamers,
        bytes: Bytes::new(bytes),
        key_bytes,
        classes: HashMap::new(),
        known: HashMap::new(),
        objects: Vec::new(),
        values: 0,
        depth: 0,
    };
    let end = bytes.len();
    // A failure is kept in the object itself.
    let _ = decoder.object(class.into(), Some(end));
    Objects { all: decoder.objects }
}

pub(crate) struct Decoder<'a> {
    streamers: &'a Streamers,
    pub(crate) bytes: Bytes<'a>,
    key_bytes: usize,
    /// Class names by the position where they were first written.
    classes: HashMap<usize, Arc<str>>,
    /// Objects by the position where they were written.
    known: HashMap<usize, ObjectId>,
    objects: Vec<RootObject>,
    values: usize,
    depth: usize,
}

/// What stands in front of every object: its version, and its end if there is a byte count.
pub(crate) struct Start {
    version: i16,
    pub(crate) end: Option<usize>,
}

impl Decoder<'_> {
    fn count_value(&mut self) -> Result<(), Damage> {
        self.values += 1;
        match self.values > MAX_VALUES {
            true => Err(Damage::TooMuch("it holds more values than a valid object can")),
            false => Ok(()),
        }
    }

    pub(crate) fn start(&mut self) -> Result<Start, Damage> {
        let first = self.bytes.at();
        let end = match self.bytes.peek_u32() {
            Ok(word) if word & BYTE_COUNT != 0 => {
                self.bytes.u32()?;
                Some(self.checked_end(first + 4, word & !BYTE_COUNT)?)
            }
            _ => None,
        };
        Ok(Start { version: self.bytes.i16()?, end })
    }

    fn checked_end(&self, from: usize, count: u32) -> Result<usize, Damage> {
        let end = from.saturating_add(count as usize);
        match end <= self.bytes.limit() {
            true => Ok(end),
            false => Err(Damage::Short { at: from, wanted: count as usize, left: self.bytes.left() }),
        }
    }

    /// Steps over something that has a byte count.
    fn skip(&mut self, what: &str) -> Result<(), Damage> {
        match self.start()?.end {
            Some(end) => self.bytes.jump(end),
            None => Err(Damage::Undecodable { what: what.into(), reason: "it has no byte count to skip it by".into() }),
        }
    }

    /// An object of known class at this position; `end` if a byte count in front of it says where it ends.
    fn object(&mut self, class: Arc<str>, end: Option<usize>) -> Result<ObjectId, Damage> {
        self.count_value()?;
        let id = ObjectId(u32::try_from(self.objects.len()).map_err(|_| Damage::TooMuch("too many objects"))?);
        let pending = Damage::TooMuch("an object contains itself");
        self.objects.push(RootObject::Skipped { class: class.clone(), reason: pending });
        self.fill(id, class, end)?;
        Ok(id)
    }

    /// Decodes into the place that is kept for the object.
    fn fill(&mut self, id: ObjectId, class: Arc<str>, end: Option<usize>) -> Result<(), Damage> {
        let outer = self.bytes.limit();
        if let Some(end) = end {
            self.bytes.set_limit(end.min(outer));
        }
        self.depth += 1;
        let decoded = match self.depth > MAX_DEPTH {
            true => Err(Damage::TooMuch("objects are nested too deeply")),
            false => self.content(&class),
        };
        self.depth -= 1;
        self.bytes.set_limit(outer);
        let object = match (decoded, end) {
            (Ok(object), None) => object,
            (Ok(object), Some(end)) => {
                self.bytes.jump(end)?;
                object
            }
            (Err(reason), Some(end)) => {
                self.bytes.jump(end)?;
                RootObject::Skipped { class, reason }
            }
            (Err(reason), None) => return Err(reason),
        };
        if let Some(place) = self.objects.get_mut(id.0 as usize) {
            *place = object;
        }
        Ok(())
    }

    fn content(&mut self, class: &Arc<str>) -> Result<RootObject, Damage> {
        match class.as_ref() {
            "TList" | "THashList" => self.list(true),
            "TObjArray" => self.list(false),
            "TBasket" => self.basket(),
            _ => {
                let mut record = Record { class: class.clone(), members: Vec::new(), stopped: None };
                self.members(class, &mut record)?;
                Ok(RootObject::Record(record))
            }
        }
    }

    /// A pointer: null, a reference to an object seen before, or the object itself behind its class.
    pub(crate) fn pointer(&mut self) -> Result<Option<ObjectId>, Damage> {
        self.count_value()?;
        let first = self.bytes.at();
        let word = self.bytes.u32()?;
        let (end, tag_at, tag) = if word & BYTE_COUNT != 0 && word != NEW_CLASS {
            let end = self.checked_end(first + 4, word & !BYTE_COUNT)?;
            (Some(end), first + 4, self.bytes.u32()?)
        } else {
            (None, first, word)
        };
        if tag & CLASS_MASK == 0 {
            let found = match tag {
                0 => None,
                1 => Some(ObjectId(0)),
                _ => self.known.get(&(tag as usize)).copied(),
            };
            if let Some(end) = end {
                self.bytes.jump(end)?;
            }
            return Ok(found);
        }
        let class = if tag == NEW_CLASS {
            let class: Arc<str> = self.bytes.zero_terminated()?.into();
            self.classes.insert(self.reference(tag_at), class.clone());
            class
        } else {
            match (self.classes.get(&((tag & !CLASS_MASK) as usize)), end) {
                (Some(class), _) => class.clone(),
                (None, Some(end)) => {
                    self.bytes.jump(end)?;
                    return Ok(None);
                }
                (None, None) => {
                    let reason = format!("its class was never written (tag {tag:#x})");
                    return Err(Damage::Undecodable { what: "object".into(), reason });
                }
            }
        };
        let next = ObjectId(u32::try_from(self.objects.len()).map_err(|_| Damage::TooMuch("too many objects"))?);
        self.known.insert(self.reference(first), next);
        self.object(class, end).map(Some)
    }

    fn reference(&self, at: usize) -> usize {
        at + self.key_bytes + MAP_OFFSET
    }

    /// Members of `class`, bases first, appended to `record`.
    fn members(&mut self, class: &str, record: &mut Record) -> Result<(), Damage> {
        match class {
            "TObject" => return self.tobject(),
            "TString" => {
                let text = self.bytes.string()?;
                record.members.push(("fString".into(), Value::Text(text)));
                return Ok(());
            }
            _ => {}
        }
        if let Some(kind) = array_class(class) {
            let count = self.bytes.count("length of an array")?;
            let values = kind.read_array(&mut self.bytes, count)?;
            record.members.push(("fArray".into(), values));
            return Ok(());
        }
        let start = self.start()?;
        let outer = self.bytes.limit();
        if let Some(end) = start.end {
            self.bytes.set_limit(end);
        }
        self.depth += 1;
        let decoded = match self.depth > MAX_DEPTH {
            true => Err(Damage::TooMuch("objects are nested too deeply")),
            false => self.described_members(class, &start, record),
        };
        self.depth -= 1;
        self.bytes.set_limit(outer);
        match (decoded, start.end) {
            (decoded, Some(end)) => {
                if let (Err(damage), None) = (decoded, &record.stopped) {
                    record.stopped = Some(damage);
                }
                self.bytes.jump(end)
            }
            (decoded, None) => decoded,
        }
    }

    fn described_members(&mut self, class: &str, start: &Start, record: &mut Record) -> Result<(), Damage> {
        if class == "TNamed" {
            self.tobject()?;
            for name in ["fName", "fTitle"] {
                self.count_value()?;
                record.members.push((name.into(), Value::Text(self.bytes.string()?)));
            }
            return Ok(());
        }
        // A class without a version has a checksum; one whose version is 0 has none.
        let no_version = start.version <= 0 && !self.streamers.has_version_0(class);
        let checksum = if no_version { Some(self.bytes.u32()?) } else { None };
        let Some(info) = self.streamers.find(class, start.version.into(), checksum) else {
            // Unknown bases and members (fonts, colours) are of no interest: their byte count leads over them.
            let reason = format!("the file does not describe version {} of it", start.version);
            return Err(Damage::Undecodable { what: class.into(), reason });
        };
        // ROOT before 4.01 writes the positions of baskets otherwise than it describes them.
        let old_branch = class == "TBranch" && start.version < 10;
        for member in &info.members {
            self.count_value()?;
            if member.is_base {
                self.members(&member.name, record)?;
            } else {
                let value = match old_branch && matches!(member.kind, 41..=59) {
                    true => self.old_positions(record)?,
                    false => self.member(member, record)?,
                };
                record.members.push((member.name.clone(), value));
            }
        }
        Ok(())
    }

    /// One of the three arrays of `TBranch` before version 10: a flag that tells the width of its numbers, 2 for 8 bytes.
    fn old_positions(&mut self, record: &Record) -> Result<Value, Damage> {
        let wide = self.bytes.u8()? == 2;
        let count = record.int("fMaxBaskets").and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        if wide { Basic::I64 } else { Basic::I32 }.read_array(&mut self.bytes, count)
    }

    fn member(&mut self, member: &Member, record: &Record) -> Result<Value, Damage> {
        let kind = member.kind;
        let unknown = |reason: &str| Damage::Undecodable {
            what: format!("{}::{} ({}, type {kind})", record.class, member.name, member.type_name),
            reason: reason.into(),
        };
        match kind {
            7 => {
                let length = self.bytes.count("length of a string")?;
                Ok(Value::Bytes(self.bytes.take(length)?.to_vec()))
            }
            1..=19 => {
                let basic =
                    Basic::from_number(kind).filter(|_| matches!(member.stored, Stored::Plain | Stored::Single));
                basic.ok_or_else(|| unknown("packed floating point"))?.read(&mut self.bytes)
            }
            21..=39 => {
                let basic =
                    Basic::from_number(kind - 20).filter(|_| matches!(member.stored, Stored::Plain | Stored::Single));
                basic.ok_or_else(|| unknown("packed floating point"))?.read_array(&mut self.bytes, member.length)
            }
            41..=59 => {
                let basic =
                    Basic::from_number(kind - 40).filter(|_| matches!(member.stored, Stored::Plain | Stored::Single));
                let basic = basic.ok_or_else(|| unknown("packed floating point"))?;
                let counter = member.counter.as_deref().and_then(|name| record.int(name));
                let count = counter.and_then(|count| usize::try_from(count).ok());
                let count = count.ok_or_else(|| unknown("its length is not known"))?;
                let present = self.bytes.u8()? != 0;
                basic.read_array(&mut self.bytes, if present { count } else { 0 })
            }
            61 | 62 | 63 | 66 | 67 | 68 => self.contained(member),
            64 | 69 => self.pointer().map(Value::Object),
            81 | 82 => {
                let elements = (0..member.length).map(|_| match self.contained(member)? {
                    Value::Object(id) => Ok(id),
                    _ => Ok(None),
                });
                elements.collect::<Result<_, Damage>>().map(Value::Objects)
            }
            84 | 89 => (0..member.length).map(|_| self.pointer()).collect::<Result<_, _>>().map(Value::Objects),
            65 => self.bytes.string().map(Value::Text),
            71 | 300..=600 => self.skip(&member.type_name).map(|()| Value::Skipped),
            _ => Err(unknown("no rule for this type")),
        }
    }

    /// An object that stands in its owner without a class name.
    fn contained(&mut self, member: &Member) -> Result<Value, Damage> {
        let end = match self.bytes.peek_u32() {
            Ok(word) if word & BYTE_COUNT != 0 && array_class(&member.type_name).is_none() => {
                Some(self.checked_end(self.bytes.at() + 4, word & !BYTE_COUNT)?)
            }
            _ => None,
        };
        self.object(member.type_name.clone(), end).map(|id| Value::Object(Some(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::streamer::for_tests;
    use super::*;

    fn with_count(version: i16, body: &[u8]) -> Vec<u8> {
        let mut bytes = (BYTE_COUNT | (body.len() as u32 + 2)).to_be_bytes().to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn members_are_read_as_described_and_later_additions_are_skipped() {
        let streamers = for_tests("P", 3, &[("fN", 3, 0, "int"), ("fX", 45, 0, "float"), ("fTag", 65, 0, "TString")]);
        let mut body = 2i32.to_be_bytes().to_vec();
        body.push(1);
        body.extend(1.5f32.to_be_bytes());
        body.extend((-2.0f32).to_be_bytes());
        body.extend([2, b'j', b'1']);
        body.extend([9; 11]);
        let objects = decode(&streamers, &with_count(3, &body), 0, "P");
        let record = objects.root_record().expect("a record");
        assert_eq!(record.stopped, None);
        assert_eq!(record.floats("fX"), [1.5, -2.0]);
        assert_eq!(record.text("fTag"), Some("j1"));
    }

    #[test]
    fn a_version_that_the_file_does_not_describe_keeps_the_reason() {
        let streamers = for_tests("P", 3, &[("fN", 3, 0, "int")]);
        let objects = decode(&streamers, &with_count(4, &[0; 4]), 0, "P");
        let record = objects.root_record().expect("a record");
        let error = record.need_int("fN").expect_err("not decoded");
        assert!(error.to_string().contains("version 4"), "{error}");
    }

    #[test]
    fn a_class_that_contains_itself_without_end_stops() {
        let streamers = for_tests("P", 3, &[("fA", 62, 0, "P"), ("fB", 62, 0, "P")]);
        let endless: Vec<u8> = [0u8, 3].repeat(1000);
        let objects = decode(&streamers, &endless, 0, "P");
        assert!(matches!(objects.root(), Some(RootObject::Skipped { .. })));
    }
}

//! Decoded objects: what any ROOT object becomes.
//!
//! In: (made by the decoder). Out: [`Objects`], an arena, because objects point at each other; a [`Record`] has named
//! values, members of base classes first. A TH1 is a record with `fNcells`, `fXaxis`, `fArray`, ...

use std::sync::Arc;

use super::error::Damage;

/// Position of an object in [`Objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub(crate) u32);

/// The value of one class member.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Signed integers and booleans.
    Int(i64),
    /// Unsigned integers.
    UInt(u64),
    /// Floating point.
    Float(f64),
    /// Strings.
    Text(String),
    /// Arrays of one-byte numbers.
    Bytes(Vec<u8>),
    /// Arrays of larger integers (64-bit unsigned ones wrap).
    Ints(Vec<i64>),
    /// Arrays of floating point.
    Floats(Vec<f64>),
    /// A contained object or a pointer to one; None: a null pointer.
    Object(Option<ObjectId>),
    /// Arrays of objects.
    Objects(Vec<Option<ObjectId>>),
    /// Present in the file, but not understood.
    Skipped,
}

/// An object with named members.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Class name.
    pub class: Arc<str>,
    /// Members in the order of the file, those of base classes first.
    pub members: Vec<(Arc<str>, Value)>,
    /// Why decoding stopped before the end, if it did: later members are missing.
    pub stopped: Option<Damage>,
}

/// A basket that was still in memory when its tree was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedBasket {
    /// Entries in it.
    pub(crate) entries: usize,
    /// Start of each entry in `data`; empty for branches of fixed size.
    pub(crate) offsets: Vec<u32>,
    /// Values, big-endian.
    pub(crate) data: Vec<u8>,
}

/// One decoded object.
#[derive(Debug, Clone, PartialEq)]
pub enum RootObject {
    /// Named members.
    Record(Record),
    /// TList, TObjArray and the like.
    List(Vec<Option<ObjectId>>),
    /// A basket inside its branch.
    Basket(EmbeddedBasket),
    /// Stepped over by its byte count.
    Skipped {
        /// Class name.
        class: Arc<str>,
        /// Why.
        reason: Damage,
    },
}

/// All objects behind one key. The first is the object itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Objects {
    pub(crate) all: Vec<RootObject>,
}

impl Objects {
    /// The object that the key stands for.
    pub fn root(&self) -> Option<&RootObject> {
        self.all.first()
    }

    /// The record that the key stands for.
    pub fn root_record(&self) -> Option<&Record> {
        match self.root() {
            Some(RootObject::Record(record)) => Some(record),
            _ => None,
        }
    }

    /// An object by its position.
    pub fn get(&self, id: ObjectId) -> Option<&RootObject> {
        self.all.get(id.0 as usize)
    }

    /// A record by its position.
    pub fn record(&self, id: ObjectId) -> Option<&Record> {
        match self.get(id) {
            Some(RootObject::Record(record)) => Some(record),
            _ => None,
        }
    }

    /// The elements of a list that is a member of `record`; empty if it is none.
    pub fn list<'a>(&'a self, record: &'a Record, member: &str) -> &'a [Option<ObjectId>] {
        match record.get(member) {
            Some(Value::Objects(ids)) => ids,
            Some(Value::Object(Some(id))) => match self.get(*id) {
                Some(RootObject::List(ids)) => ids,
                _ => &[],
            },
            _ => &[],
        }
    }
}

impl Record {
    /// A member by name; of members with the same name in base and derived class the derived one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().rev().find(|(member, _)| member.as_ref() == name).map(|(_, value)| value)
    }

    /// An integer member.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Int(value) => Some(*value),
            Value::UInt(value) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// A number member.
    pub fn float(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Value::Float(value) => Some(*value),
            Value::Int(value) => Some(*value as f64),
            Value::UInt(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// A member that counts something: a whole number that is not negative. Older ROOT kept counts as `double`.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Value::Float(count) => (*count >= 0.0 && *count < 2f64.powi(53)).then_some(*count as u64),
            _ => self.int(name).and_then(|count| u64::try_from(count).ok()),
        }
    }

    /// A string member.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An array of integers; empty if it is none.
    pub fn ints(&self, name: &str) -> &[i64] {
        match self.get(name) {
            Some(Value::Ints(values)) => values,
            _ => &[],
        }
    }

    /// An array of floating point numbers; empty if it is none.
    pub fn floats(&self, name: &str) -> &[f64] {
        match self.get(name) {
            Some(Value::Floats(values)) => values,
            _ => &[],
        }
    }

    /// A contained or pointed-at object.
    pub fn object(&self, name: &str) -> Option<ObjectId> {
        match self.get(name)? {
            Value::Object(id) => *id,
            _ => None,
        }
    }

    /// An integer member that must be there.
    pub(crate) fn need_int(&self, name: &'static str) -> Result<i64, Damage> {
        self.int(name).ok_or_else(|| self.missing(name))
    }

    /// A member that counts something and must be there.
    pub(crate) fn need_count(&self, name: &'static str, what: &'static str) -> Result<u64, Damage> {
        let found = self.float(name).ok_or_else(|| self.missing(name))?;
        self.count(name).ok_or_else(|| Damage::implausible(what, found as i64, "it cannot be negative"))
    }

    /// A string member that must be there.
    pub(crate) fn need_text(&self, name: &'static str) -> Result<&str, Damage> {
        self.text(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> Damage {
        let reason = match &self.stopped {
            Some(damage) => format!("decoding stopped before it: {damage}"),
            None => "the class description in the file does not name it".to_string(),
        };
        Damage::Undecodable { what: format!("{}::{name}", self.class), reason }
    }
}

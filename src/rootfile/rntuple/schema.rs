//! The schema: fields, columns and alias columns, from the header and from what the footer adds.
//!
//! In: the inside of an envelope. Out: [`Schema`], as the file has it; what it means to a user is decided in `field`.

use super::encoding::Encoding;
use super::wire::Wire;
use crate::rootfile::error::Damage;

/// Most fields and most columns of an RNTuple: ten times what the largest event formats have.
const MAX_RECORDS: usize = 1 << 17;

/// What a field is in the tree of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldRole {
    /// Numbers, text, or a wrapper around one other field.
    Leaf,
    /// A vector, set, map, ...
    Collection,
    /// A class, pair, tuple.
    Record,
    Variant,
    /// Objects in ROOT's own serialisation.
    Streamed,
    Unknown,
}

/// A field as the file describes it.
#[derive(Debug, Clone)]
pub(crate) struct FieldRecord {
    /// Itself for fields at the top, otherwise a smaller number.
    pub(crate) parent: usize,
    pub(crate) role: FieldRole,
    /// Copies per entry, for arrays of fixed size.
    pub(crate) repetitions: Option<u64>,
    pub(crate) name: String,
    pub(crate) type_name: String,
}

/// A column as the file describes it.
#[derive(Debug, Clone)]
pub(crate) struct ColumnRecord {
    pub(crate) encoding: Encoding,
    pub(crate) field: usize,
    /// Fields can be stored in several ways; each cluster uses one.
    pub(crate) representation: u16,
    /// Elements before this one were never written and are zero.
    pub(crate) zeros_before: u64,
}

/// All fields and columns.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) fields: Vec<FieldRecord>,
    pub(crate) columns: Vec<ColumnRecord>,
    /// Column, and the projected field that shows it.
    pub(crate) aliases: Vec<(usize, usize)>,
}

impl Schema {
    /// Appends a schema description: four lists, the last of which (types for ROOT's streamer) is left unread.
    pub(crate) fn extend(&mut self, wire: &mut Wire) -> Result<(), Damage> {
        let (count, mut list) = wire.list(40)?;
        for _ in 0..count {
            let field = field(&mut list.record()?, self.fields.len())?;
            self.fields.push(field);
            check(self.fields.len())?;
        }
        let (count, mut list) = wire.list(20)?;
        for _ in 0..count {
            self.columns.push(column(&mut list.record()?)?);
            check(self.columns.len())?;
        }
        let (count, mut list) = wire.list(16)?;
        for _ in 0..count {
            let mut record = list.record()?;
            self.aliases.push((record.u32()? as usize, record.u32()? as usize));
            check(self.aliases.len())?;
        }
        Ok(())
    }
}

fn check(count: usize) -> Result<(), Damage> {
    match count > MAX_RECORDS {
        true => Err(Damage::TooMuch("more fields or columns than any data set has")),
        false => Ok(()),
    }
}

fn field(record: &mut Wire, id: usize) -> Result<FieldRecord, Damage> {
    let (_field_version, _type_version) = (record.u32()?, record.u32()?);
    let parent = record.u32()? as usize;
    if parent > id {
        return Err(Damage::implausible("parent of a field", parent, format!("the field itself is number {id}")));
    }
    let role = match record.u16()? {
        0 => FieldRole::Leaf,
        1 => FieldRole::Collection,
        2 => FieldRole::Record,
        3 => FieldRole::Variant,
        4 => FieldRole::Streamed,
        _ => FieldRole::Unknown,
    };
    let flags = record.u16()?;
    let (name, type_name) = (record.string()?, record.string()?);
    let (_alias, _description) = (record.string()?, record.string()?);
    let repetitions = if flags & 1 != 0 { Some(record.u64()?) } else { None };
    Ok(FieldRecord { parent, role, repetitions, name, type_name })
}

fn column(record: &mut Wire) -> Result<ColumnRecord, Damage> {
    let (kind, bits) = (record.u16()?, record.u16()?);
    let field = record.u32()? as usize;
    let (flags, representation) = (record.u16()?, record.u16()?);
    // Negative: deferred, but in clusters that use another representation.
    let zeros_before = if flags & 1 != 0 { u64::try_from(record.i64()?).unwrap_or(0) } else { 0 };
    let range = if flags & 2 != 0 { Some((record.f64()?, record.f64()?)) } else { None };
    Ok(ColumnRecord { encoding: Encoding::new(kind, bits, range)?, field, representation, zeros_before })
}

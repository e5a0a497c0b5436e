//! Fields that a user can read: one for every column of numbers, and one for every collection of objects.
//!
//! In: the schema. Out: [`RField`]s. Names are those of the members down from the top, joined by dots: `MET`,
//! `Muon.pt`, `vertex.position.x`. What the format adds in between is left out: `_0` for the elements of a vector or
//! array, `:_0` for a base class. A collection of objects, such as `Muon`, is itself a field: how many there are.

use std::collections::HashMap;
use std::sync::Arc;

use super::clusters::ColumnPages;
use super::page::Pages;
use super::schema::{ColumnRecord, FieldRecord, FieldRole};
use crate::rootfile::branch::BranchShape;
use crate::rootfile::compression::setting_name;
use crate::rootfile::element::ElementType;
use crate::rootfile::error::Damage;

/// Fields inside fields.
const MAX_DEPTH: usize = 64;
/// Bytes of a name with all names above it.
const MAX_NAME: usize = 4096;
/// Numbers per entry or object.
const MAX_WIDTH: u64 = 1 << 24;

/// One readable column of an RNTuple.
#[derive(Debug, Clone)]
pub struct RField {
    /// Names of the fields above it and its own, such as `Muon.pt`.
    pub name: String,
    /// Type of the numbers; None: the field holds something else.
    pub element: Option<ElementType>,
    /// Layout of an entry, as a branch of the same numbers would have it.
    pub shape: BranchShape,
    /// Readable type, such as `float[][5]`, or the C++ class.
    pub type_name: String,
    /// Entries in the field.
    pub entries: u64,
    /// Algorithm and level in the first cluster, such as `ZSTD(5)`.
    pub compression: String,
    /// Bytes in the file, all pages of its numbers together (offsets that several fields share are not counted).
    pub packed_bytes: u64,
    /// Bytes once unpacked.
    pub unpacked_bytes: u64,
    pub(crate) holds: Holds,
    /// First entries of all clusters.
    starts: Arc<[u64]>,
}

/// Which columns a field is read from: for each, all representations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Numbers, `width` per entry or object; objects per entry are in the offsets.
    Numbers { values: Arc<[usize]>, offsets: Option<Arc<[usize]>>, width: usize },
    /// Objects per entry.
    Counts { offsets: Arc<[usize]> },
    /// Why it cannot be read.
    Nothing(&'static str),
}

impl RField {
    /// True if the number of objects differs from entry to entry.
    pub fn is_jagged(&self) -> bool {
        matches!(self.shape, BranchShape::Jagged { .. })
    }

    /// First entries of all clusters: ranges that end there unpack no page twice.
    pub fn basket_starts(&self) -> impl Iterator<Item = u64> + '_ {
        self.starts.iter().copied()
    }
}

/// A field on the way down from the top.
#[derive(Clone)]
struct Node {
    name: String,
    depth: usize,
    /// Offsets of the collection that it is in.
    offsets: Option<Arc<[usize]>>,
    /// Copies per entry, or per object of the collection.
    width: u64,
    /// Its subfields are elements of it, not members.
    transparent: bool,
    blocked: Option<&'static str>,
}

static TOP: Node = Node { name: String::new(), depth: 0, offsets: None, width: 1, transparent: false, blocked: None };

/// All readable fields, in the order of the file.
pub(crate) fn readable(
    fields: &[FieldRecord],
    aliases: &[(usize, usize)],
    pages: &Pages,
) -> Result<Vec<RField>, Damage> {
    let columns = columns_of(fields.len(), aliases, &pages.records);
    let mut items: Vec<Option<usize>> = vec![None; fields.len()];
    for (id, field) in fields.iter().enumerate().filter(|(id, field)| field.parent != *id) {
        if let Some(item) = items.get_mut(field.parent) {
            item.get_or_insert(id);
        }
    }
    let starts: Arc<[u64]> = pages.clusters.clusters.iter().map(|cluster| cluster.first).collect();
    let mut nodes: Vec<Node> = Vec::with_capacity(fields.len());
    let mut found = Vec::new();
    for (id, field) in fields.iter().enumerate() {
        let above = if field.parent == id { &TOP } else { nodes.get(field.parent).unwrap_or(&TOP) };
        let own: &[Vec<usize>] = columns.get(id).map_or(&[], Vec::as_slice);
        let first_item = items.get(id).copied().flatten();
        let node = below(above, field, own)?;
        let collects = first_item.and_then(|item| fields.get(item)).is_some_and(|item| item.role == FieldRole::Record);
        if let Some(holds) = held(field, &node, above, own, first_item.is_none(), collects) {
            found.push(describe(field, &node, holds, pages, starts.clone()));
        }
        nodes.push(node);
    }
    Ok(found)
}

/// For every field its columns, and for every column of a field its representations.
fn columns_of(fields: usize, aliases: &[(usize, usize)], records: &[ColumnRecord]) -> Vec<Vec<Vec<usize>>> {
    let mut columns: Vec<Vec<Vec<usize>>> = vec![Vec::new(); fields];
    let mut next: HashMap<(usize, u16), usize> = HashMap::new();
    let own = records.iter().enumerate().map(|(column, record)| (column, record.field));
    for (column, field) in own.chain(aliases.iter().copied()) {
        let (Some(record), Some(of_field)) = (records.get(column), columns.get_mut(field)) else { continue };
        // The n-th column of each representation is the n-th column of the field.
        let place = next.entry((field, record.representation)).or_default();
        match of_field.get_mut(*place) {
            Some(representations) => representations.push(column),
            None => of_field.push(vec![column]),
        }
        *place += 1;
    }
    columns
}

fn below(above: &Node, field: &FieldRecord, own: &[Vec<usize>]) -> Result<Node, Damage> {
    let hidden = above.transparent || field.name.starts_with(':');
    let name = match (above.name.as_str(), field.name.as_str()) {
        ("", name) => name.to_string(),
        (above, _) if hidden => above.to_string(),
        (above, name) => format!("{above}.{name}"),
    };
    if above.depth >= MAX_DEPTH || name.len() > MAX_NAME {
        return Err(Damage::TooMuch("fields are nested deeper, or named longer, than any data set has them"));
    }
    let mut node = Node { name, depth: above.depth + 1, transparent: false, ..above.clone() };
    if let Some(copies) = field.repetitions {
        node.transparent = true;
        node.width =
            node.width.checked_mul(copies).filter(|width| (1..=MAX_WIDTH).contains(width)).ok_or_else(|| {
                Damage::implausible(
                    "size of an array",
                    copies,
                    format!("between 1 and {MAX_WIDTH} numbers are believed"),
                )
            })?;
    }
    match field.role {
        FieldRole::Collection => {
            node.transparent = true;
            if above.offsets.is_some() {
                node.blocked.get_or_insert("it is a collection of collections");
            } else if node.width > 1 {
                node.blocked.get_or_insert("it is an array of collections");
            }
            node.width = 1;
            match own.first() {
                Some(offsets) => node.offsets = Some(offsets.as_slice().into()),
                None => node.blocked = Some("the file has no column of its offsets"),
            }
        }
        FieldRole::Variant => node.blocked = Some("variants are not supported"),
        FieldRole::Streamed => node.blocked = Some("objects in ROOT's own serialisation are not supported"),
        FieldRole::Unknown => node.blocked = Some("its role is not known to this reader"),
        // Wrappers: enums, atomics.
        FieldRole::Leaf => node.transparent = true,
        FieldRole::Record => {
            // Elements of a collection are records whose members count.
            node.transparent = false;
        }
    }
    Ok(node)
}

/// What a field shows to a user; None if only its subfields do.
fn held(
    field: &FieldRecord,
    node: &Node,
    above: &Node,
    own: &[Vec<usize>],
    no_items: bool,
    collects: bool,
) -> Option<Holds> {
    match field.role {
        FieldRole::Collection if no_items => Some(Holds::Nothing("the file does not say what it collects")),
        FieldRole::Collection if collects && node.blocked.is_none() => {
            node.offsets.clone().map(|offsets| Holds::Counts { offsets })
        }
        FieldRole::Collection | FieldRole::Record => None,
        FieldRole::Variant | FieldRole::Streamed | FieldRole::Unknown => {
            Some(Holds::Nothing(node.blocked.unwrap_or("not supported")))
        }
        FieldRole::Leaf => {
            let values = match own {
                [] if no_items => return Some(Holds::Nothing("the file has no column for it")),
                [] => return None,
                [values] => values.as_slice().into(),
                _ => return Some(Holds::Nothing("it is text")),
            };
            if let Some(reason) = node.blocked {
                return Some(Holds::Nothing(reason));
            }
            if is_cardinality(&field.type_name) {
                let plain = above.offsets.is_none() && node.width == 1;
                return Some(match plain {
                    true => Holds::Counts { offsets: values },
                    false => Holds::Nothing("it counts collections inside collections"),
                });
            }
            Some(Holds::Numbers { values, offsets: node.offsets.clone(), width: node.width as usize })
        }
    }
}

fn is_cardinality(type_name: &str) -> bool {
    type_name.starts_with("ROOT::RNTupleCardinality<")
}

fn describe(field: &FieldRecord, node: &Node, holds: Holds, pages: &Pages, starts: Arc<[u64]>) -> RField {
    let (element, holds) = element(field, holds, pages);
    let width = if let Holds::Numbers { width, .. } = &holds { *width } else { 1 };
    let columns: &[usize] = match &holds {
        Holds::Numbers { values, .. } => values,
        Holds::Counts { offsets } => offsets,
        Holds::Nothing(_) => &[],
    };
    let pages_of = |column: &usize| pages.clusters.columns.get(*column).map(|found| (*column, found));
    let (mut packed_bytes, mut unpacked_bytes) = (0u64, 0u64);
    for (column, found) in columns.iter().filter_map(pages_of) {
        let (bytes, elements) = ColumnPages::totals(found);
        let bits = pages.records.get(column).map_or(0, |record| record.encoding.bits());
        packed_bytes = packed_bytes.saturating_add(bytes);
        unpacked_bytes = unpacked_bytes.saturating_add(elements.saturating_mul(bits.into()) / 8);
    }
    let setting = columns.iter().filter_map(pages_of).find_map(|(_, found)| found.setting());
    let stride = width.saturating_mul(element.map_or(0, ElementType::size));
    let jagged = matches!(holds, Holds::Numbers { offsets: Some(_), .. });
    let array = if width > 1 { format!("[{width}]") } else { String::new() };
    let type_name = match element {
        Some(element) => format!("{}{}{array}", element.name(), if jagged { "[]" } else { "" }),
        None if field.type_name.is_empty() => "objects without a class".to_string(),
        None => field.type_name.clone(),
    };
    RField {
        name: node.name.clone(),
        element,
        shape: match jagged {
            true => BranchShape::Jagged { width, header: 0 },
            false => BranchShape::Fixed { width, stride, offset: 0 },
        },
        type_name,
        entries: pages.clusters.entries(),
        compression: setting_name(setting.unwrap_or(0).into()),
        packed_bytes,
        unpacked_bytes,
        holds,
        starts,
    }
}

/// The type of the numbers: what the C++ type says, or else what the column gives.
fn element(field: &FieldRecord, holds: Holds, pages: &Pages) -> (Option<ElementType>, Holds) {
    match &holds {
        Holds::Nothing(_) => (None, holds),
        Holds::Counts { .. } if is_cardinality(&field.type_name) && field.type_name.contains("64") => {
            (Some(ElementType::U64), holds)
        }
        Holds::Counts { .. } => (Some(ElementType::U32), holds),
        Holds::Numbers { values, .. } => {
            let encodings =
                || values.iter().filter_map(|column| pages.records.get(*column)).map(|record| record.encoding);
            let wanted =
                cpp_element(&field.type_name).or_else(|| encodings().next().and_then(|encoding| encoding.element()));
            match wanted.filter(|wanted| encodings().all(|encoding| encoding.fits(*wanted))) {
                Some(element) if !encodings().any(|encoding| encoding.is_index()) => (Some(element), holds),
                _ => (None, Holds::Nothing("its encoding is not known to this reader")),
            }
        }
    }
}

fn cpp_element(type_name: &str) -> Option<ElementType> {
    Some(match type_name.trim_start_matches("std::") {
        "float" => ElementType::F32,
        "double" => ElementType::F64,
        "bool" => ElementType::Bool,
        "char" | "int8_t" => ElementType::I8,
        "byte" | "uint8_t" => ElementType::U8,
        "int16_t" => ElementType::I16,
        "uint16_t" => ElementType::U16,
        "int32_t" => ElementType::I32,
        "uint32_t" => ElementType::U32,
        "int64_t" => ElementType::I64,
        "uint64_t" => ElementType::U64,
        _ => return None,
    })
}

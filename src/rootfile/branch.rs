//! Branches: what a column of a tree is called, what it holds, and where its baskets are.
//!
//! In: decoded TBranch records. Out: [`Branch`]es. A branch with several leaves becomes one branch per leaf, named
//! `branch.leaf`; array dimensions are cut from names (`Jet.FracPt[5]` is `Jet.FracPt`).

use super::basic::Basic;
use super::compression::setting_name;
use super::error::Damage;
use super::object::{EmbeddedBasket, Object, ObjectId, Objects, Record};

/// Type of the numbers in a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum ElementType {
    F32,
    F64,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    Bool,
}

impl ElementType {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            ElementType::I8 | ElementType::U8 | ElementType::Bool => 1,
            ElementType::I16 | ElementType::U16 => 2,
            ElementType::F32 | ElementType::I32 | ElementType::U32 => 4,
            ElementType::F64 | ElementType::I64 | ElementType::U64 => 8,
        }
    }

    /// C++ name, such as `uint32_t`.
    pub fn name(self) -> &'static str {
        match self {
            ElementType::F32 => "float",
            ElementType::F64 => "double",
            ElementType::I8 => "int8_t",
            ElementType::U8 => "uint8_t",
            ElementType::I16 => "int16_t",
            ElementType::U16 => "uint16_t",
            ElementType::I32 => "int32_t",
            ElementType::U32 => "uint32_t",
            ElementType::I64 => "int64_t",
            ElementType::U64 => "uint64_t",
            ElementType::Bool => "bool",
        }
    }

    fn from_basic(basic: Basic) -> Option<ElementType> {
        Some(match basic {
            Basic::I8 => ElementType::I8,
            Basic::I16 => ElementType::I16,
            Basic::I32 => ElementType::I32,
            Basic::I64 => ElementType::I64,
            Basic::U8 => ElementType::U8,
            Basic::U16 => ElementType::U16,
            Basic::U32 => ElementType::U32,
            Basic::U64 => ElementType::U64,
            Basic::F32 => ElementType::F32,
            Basic::F64 => ElementType::F64,
            Basic::Bool => ElementType::Bool,
            Basic::Bits => return None, // two or six bytes, depending on the object
        })
    }
}

/// How the numbers of an entry are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The same count in every entry.
    Fixed {
        /// Numbers per entry.
        width: usize,
        /// Bytes per entry, all leaves of the branch together.
        stride: usize,
        /// First byte of this leaf in an entry.
        offset: usize,
    },
    /// A count that differs from entry to entry.
    Jagged {
        /// Numbers per object.
        width: usize,
        /// Bytes in front of each entry's numbers (10 for `std::vector`).
        header: usize,
    },
}

/// One column of a tree.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Name without array dimensions, such as `Jet.PT`.
    pub name: String,
    /// Names of all branches above it and its own, such as `Jet/Jet.PT`.
    pub path: String,
    /// Type of the numbers; None: the branch holds something else.
    pub element: Option<ElementType>,
    /// Layout of an entry.
    pub shape: Shape,
    /// Readable type, such as `float[][5]`, or the C++ class.
    pub type_name: String,
    /// Entries in the branch.
    pub entries: u64,
    /// Algorithm and level, such as `ZLIB(1)`.
    pub compression: String,
    /// Bytes in the file, all baskets together.
    pub packed_bytes: u64,
    /// Bytes once unpacked.
    pub unpacked_bytes: u64,
    /// In order of entries.
    pub(crate) baskets: Vec<Basket>,
    /// The leaf that holds the number of objects per entry.
    pub(crate) counter_leaf: Option<ObjectId>,
    /// The leaf that this branch stands for.
    pub(crate) leaf: Option<ObjectId>,
    /// Values stand in another file.
    pub(crate) other_file: Option<String>,
}

/// Where a basket is, and the entries in it.
#[derive(Debug, Clone)]
pub(crate) struct Basket {
    pub(crate) first: u64,
    pub(crate) end: u64,
    pub(crate) place: Place,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// Position and size of the record in the file.
    Disk { seek: u64, bytes: usize },
    /// Inside the tree object.
    Tree(EmbeddedBasket),
}

impl Branch {
    /// True if the number of objects differs from entry to entry.
    pub fn is_jagged(&self) -> bool {
        matches!(self.shape, Shape::Jagged { .. })
    }

    /// First entries of all baskets.
    pub fn basket_starts(&self) -> impl Iterator<Item = u64> + '_ {
        self.baskets.iter().map(|basket| basket.first)
    }
}

/// The branches that a TBranch record stands for: one per leaf.
pub(crate) fn from_record(objects: &Objects, record: &Record, parents: &str) -> Result<Vec<Branch>, Damage> {
    let full_name = record.need_text("fName")?;
    let name = without_dimensions(full_name);
    let path = format!("{parents}{name}");
    let leaves: Vec<(ObjectId, &Record)> = objects
        .list(record, "fLeaves")
        .iter()
        .flatten()
        .filter_map(|id| objects.record(*id).map(|leaf| (*id, leaf)))
        .collect();
    let entries = u64::try_from(record.need_int("fEntries")?)
        .map_err(|_| Damage::implausible("number of entries", record.int("fEntries").unwrap_or(-1), "not negative"))?;
    let whole = Branch {
        name: name.to_string(),
        path,
        element: None,
        shape: Shape::Fixed { width: 0, stride: 0, offset: 0 },
        type_name: record.text("fClassName").unwrap_or(&record.class).to_string(),
        entries,
        compression: setting_name(record.int("fCompress").unwrap_or(0)),
        packed_bytes: record.int("fZipBytes").and_then(|n| n.try_into().ok()).unwrap_or(0),
        unpacked_bytes: record.int("fTotBytes").and_then(|n| n.try_into().ok()).unwrap_or(0),
        baskets: baskets(objects, record, entries)?,
        counter_leaf: None,
        leaf: None,
        other_file: record.text("fFileName").filter(|name| !name.is_empty()).map(str::to_string),
    };
    match leaves.as_slice() {
        [(id, leaf)] => {
            let mut branch = whole;
            branch.leaf = Some(*id);
            describe(&mut branch, record, leaf);
            Ok(vec![branch])
        }
        [] => Ok(vec![whole]),
        several => Ok(leaf_list(&whole, several)),
    }
}

/// Type and shape of a branch with one leaf.
fn describe(branch: &mut Branch, record: &Record, leaf: &Record) {
    let length = leaf.int("fLen").and_then(|length| usize::try_from(length).ok()).unwrap_or(1).max(1);
    branch.counter_leaf = leaf.object("fLeafCount");
    let counted = branch.counter_leaf.is_some();
    let (element, header) = match record.class.as_ref() {
        "TBranch" => (leaf_element(leaf), counted.then_some(0)),
        "TBranchElement" => element_type(record, counted),
        _ => (None, None),
    };
    let Some(element) = element else { return };
    branch.element = Some(element);
    let dimension = if length > 1 { format!("[{length}]") } else { String::new() };
    match header {
        Some(header) => {
            branch.shape = Shape::Jagged { width: length, header };
            branch.type_name = format!("{}[]{dimension}", element.name());
        }
        None => {
            branch.shape = Shape::Fixed { width: length, stride: length.saturating_mul(element.size()), offset: 0 };
            branch.type_name = format!("{}{dimension}", element.name());
        }
    }
}

/// Type of a TBranchElement, and the bytes in front of each entry if it is jagged.
fn element_type(record: &Record, counted: bool) -> (Option<ElementType>, Option<usize>) {
    let basic = |number: i64| {
        // Double32_t and Float16_t with a range in the comment are packed.
        let packed = matches!(number, 9 | 19) && record.text("fTitle").is_some_and(|title| title.contains('['));
        let basic = i32::try_from(number).ok().and_then(Basic::from_number).filter(|_| !packed);
        basic.and_then(ElementType::from_basic)
    };
    let header = counted.then_some(0);
    match (record.int("fType"), record.int("fStreamerType")) {
        (Some(3 | 4), _) => (Some(ElementType::I32), None), // number of objects of a split collection
        (_, Some(number @ 1..=19)) => (basic(number), header),
        (_, Some(number @ 21..=39)) => (basic(number - 20), header),
        // A C array inside an object: one byte in front says whether it is there.
        (Some(0), Some(number @ 41..=59)) => (basic(number - 40), Some(1)),
        (Some(0), Some(-1)) => {
            let class = record.text("fClassName").unwrap_or_default().trim_start_matches("std::");
            let inner = class.strip_prefix("vector<").and_then(|rest| rest.strip_suffix('>'));
            match inner.and_then(|inner| cpp_element(inner.trim())) {
                Some(element) => (Some(element), Some(10)),
                None => (None, None),
            }
        }
        _ => (None, None),
    }
}

fn cpp_element(name: &str) -> Option<ElementType> {
    Some(match name {
        "float" => ElementType::F32,
        "double" => ElementType::F64,
        "char" | "signed char" | "int8_t" => ElementType::I8,
        "unsigned char" | "uint8_t" => ElementType::U8,
        "short" | "int16_t" => ElementType::I16,
        "unsigned short" | "uint16_t" => ElementType::U16,
        "int" | "int32_t" => ElementType::I32,
        "unsigned int" | "uint32_t" => ElementType::U32,
        "long" | "Long64_t" | "long long" | "int64_t" => ElementType::I64,
        "unsigned long" | "ULong64_t" | "unsigned long long" | "uint64_t" => ElementType::U64,
        "bool" => ElementType::Bool,
        _ => return None,
    })
}

fn leaf_element(leaf: &Record) -> Option<ElementType> {
    let unsigned = leaf.int("fIsUnsigned").unwrap_or(0) != 0;
    Some(match (leaf.class.as_ref(), unsigned) {
        ("TLeafF", _) => ElementType::F32,
        ("TLeafD", _) => ElementType::F64,
        ("TLeafB", false) => ElementType::I8,
        ("TLeafB", true) => ElementType::U8,
        ("TLeafS", false) => ElementType::I16,
        ("TLeafS", true) => ElementType::U16,
        ("TLeafI", false) => ElementType::I32,
        ("TLeafI", true) => ElementType::U32,
        ("TLeafL" | "TLeafG", false) => ElementType::I64,
        ("TLeafL" | "TLeafG", true) => ElementType::U64,
        ("TLeafO", _) => ElementType::Bool,
        _ => return None,
    })
}

/// One branch per leaf of `x/D:y/I:z/B`; only fixed numbers can be told apart.
fn leaf_list(whole: &Branch, leaves: &[(ObjectId, &Record)]) -> Vec<Branch> {
    let mut fields = Vec::new();
    let mut stride = 0usize;
    for (id, leaf) in leaves {
        let width = leaf.int("fLen").and_then(|length| usize::try_from(length).ok());
        let element = leaf_element(leaf).filter(|_| leaf.object("fLeafCount").is_none());
        let (Some(width), Some(element)) = (width, element) else {
            let mut unreadable = whole.clone();
            unreadable.type_name = "leaves of differing length".into();
            return vec![unreadable];
        };
        fields.push((*id, leaf.text("fName").unwrap_or_default(), width, element, stride));
        stride = stride.saturating_add(width.saturating_mul(element.size()));
    }
    let branch = |(id, name, width, element, offset): (ObjectId, &str, usize, ElementType, usize)| Branch {
        name: format!("{}.{}", whole.name, without_dimensions(name)),
        path: format!("{}.{}", whole.path, without_dimensions(name)),
        element: Some(element),
        shape: Shape::Fixed { width, stride, offset },
        type_name: if width > 1 { format!("{}[{width}]", element.name()) } else { element.name().into() },
        leaf: Some(id),
        ..whole.clone()
    };
    fields.into_iter().map(branch).collect()
}

/// Baskets on disk, then those inside the tree object.
fn baskets(objects: &Objects, record: &Record, entries: u64) -> Result<Vec<Basket>, Damage> {
    let (seeks, sizes, firsts) = (record.ints("fBasketSeek"), record.ints("fBasketBytes"), record.ints("fBasketEntry"));
    let written = record.need_int("fWriteBasket")?;
    let written = usize::try_from(written).ok().filter(|n| *n <= seeks.len() && *n <= sizes.len());
    let written = written.ok_or_else(|| {
        let expected = format!("there are {} positions", seeks.len().min(sizes.len()));
        Damage::implausible("number of baskets", record.int("fWriteBasket").unwrap_or(-1), expected)
    })?;
    let in_tree = objects.list(record, "fBaskets");
    let mut baskets: Vec<Basket> = Vec::new();
    let mut next = 0u64;
    for index in 0..written.max(in_tree.len()) {
        let first = firsts.get(index).filter(|_| index <= written).and_then(|first| u64::try_from(*first).ok());
        let first = first.filter(|first| *first >= next).unwrap_or(next);
        let seek = seeks.get(index).filter(|_| index < written).and_then(|seek| u64::try_from(*seek).ok()).unwrap_or(0);
        if seek > 0 {
            let bytes = sizes.get(index).and_then(|bytes| usize::try_from(*bytes).ok()).unwrap_or(0);
            let end = firsts.get(index + 1).and_then(|end| u64::try_from(*end).ok()).filter(|end| *end >= first);
            let end = end.unwrap_or(entries).max(first);
            baskets.push(Basket { first, end, place: Place::Disk { seek, bytes } });
            next = end;
        } else if let Some(Object::Basket(basket)) =
            in_tree.get(index).copied().flatten().and_then(|id| objects.get(id))
        {
            let end = first.saturating_add(basket.entries as u64);
            baskets.push(Basket { first, end, place: Place::Tree(basket.clone()) });
            next = end;
        }
    }
    Ok(baskets)
}

fn without_dimensions(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_cut_from_names() {
        assert_eq!(without_dimensions("Jet.FracPt[5]"), "Jet.FracPt");
        assert_eq!(without_dimensions("Jet.PT"), "Jet.PT");
    }

    #[test]
    fn vectors_are_known_by_their_element() {
        assert_eq!(cpp_element("unsigned int"), Some(ElementType::U32));
        assert_eq!(cpp_element("vector<float>"), None);
    }
}

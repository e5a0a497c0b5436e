//! Types of numbers: the eleven that a column can hold, and the names that ROOT has for them.
//!
//! In: a leaf, a C++ type name or a basic type. Out: [`ElementType`].

use super::basic::Basic;
use super::object::Record;
use super::packed::Stored;

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

    /// None for types of varying width.
    pub(crate) fn from_basic(basic: Basic) -> Option<ElementType> {
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

/// By the C++ name inside `vector<...>`.
pub(crate) fn cpp_element(name: &str) -> Option<ElementType> {
    Some(match name {
        "float" | "Float_t" => ElementType::F32,
        "double" | "Double_t" => ElementType::F64,
        "char" | "Char_t" | "signed char" | "int8_t" => ElementType::I8,
        "unsigned char" | "UChar_t" | "uint8_t" => ElementType::U8,
        "short" | "Short_t" | "int16_t" => ElementType::I16,
        "unsigned short" | "UShort_t" | "uint16_t" => ElementType::U16,
        "int" | "Int_t" | "int32_t" => ElementType::I32,
        "unsigned int" | "unsigned" | "UInt_t" | "uint32_t" => ElementType::U32,
        "long" | "Long_t" | "Long64_t" | "long long" | "int64_t" => ElementType::I64,
        "unsigned long" | "ULong_t" | "ULong64_t" | "unsigned long long" | "uint64_t" | "size_t" => ElementType::U64,
        "bool" | "Bool_t" => ElementType::Bool,
        _ => return None,
    })
}

/// Containers that stand in a file as `std::vector` does: a length and version, a count, the elements in order.
const SEQUENCES: [&str; 9] = [
    "vector<",
    "ROOT::VecOps::RVec<",
    "ROOT::RVec<",
    "list<",
    "forward_list<",
    "deque<",
    "set<",
    "multiset<",
    "unordered_set<",
];

/// The numbers in a `vector<...>` or the like, and how they are packed; None: another class, or one of something else.
pub(crate) fn sequence_element(class: &str) -> Option<(Stored, ElementType)> {
    match sequence_of(class)? {
        "Double32_t" => Some((Stored::Single, ElementType::F64)),
        "Float16_t" => Some((Stored::from_title("", true), ElementType::F32)),
        inner => cpp_element(inner).map(|element| (Stored::Plain, element)),
    }
}

/// What stands in `vector<...>` or the like, without an allocator.
pub(crate) fn sequence_of(class: &str) -> Option<&str> {
    let class = class.trim_start_matches("std::");
    let inner = SEQUENCES.iter().find_map(|name| class.strip_prefix(name))?;
    Some(without_allocator(inner)?.trim_start_matches("std::"))
}

/// The class of the elements of a `map<...>`: `pair<...>`.
pub(crate) fn pair_in(class: &str) -> Option<String> {
    let class = class.trim_start_matches("std::");
    let inner = ["map<", "multimap<", "unordered_map<"].iter().find_map(|name| class.strip_prefix(name))?;
    let inner = without_allocator(inner)?;
    Some(format!("pair<{inner}{}>", if inner.ends_with('>') { " " } else { "" }))
}

fn without_allocator(inner: &str) -> Option<&str> {
    let inner = inner.trim_end().strip_suffix('>')?;
    let own = [",allocator<", ",std::allocator<", ",less<", ",Detail::"];
    let end = own.iter().filter_map(|start| inner.find(start)).min().unwrap_or(inner.len());
    Some(inner.get(..end)?.trim())
}

/// Of a leaf of plain numbers.
pub(crate) fn leaf_element(leaf: &Record) -> Option<ElementType> {
    let unsigned = leaf.int("fIsUnsigned").unwrap_or(0) != 0;
    Some(match (leaf.class.as_ref(), unsigned) {
        ("TLeafF" | "TLeafF16", _) => ElementType::F32,
        ("TLeafD" | "TLeafD32", _) => ElementType::F64,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_known_by_their_element() {
        assert_eq!(cpp_element("unsigned int"), Some(ElementType::U32));
        assert_eq!(cpp_element("vector<float>"), None);
        let element = |class| sequence_element(class).map(|(_, element)| element);
        assert_eq!(element("std::vector<unsigned char,allocator<unsigned char> >"), Some(ElementType::U8));
        assert_eq!(element("ROOT::VecOps::RVec<bool>"), Some(ElementType::Bool));
        assert_eq!(element("unordered_set<int>"), Some(ElementType::I32));
        assert_eq!(sequence_element("vector<Double32_t>"), Some((Stored::Single, ElementType::F64)));
        assert_eq!((element("vector<vector<double> >"), element("map<int,int>")), (None, None));
        assert_eq!(element("ROOT::VecOps::RVec<ROOT::VecOps::RVec<float> >"), None);
        assert_eq!(sequence_of("vector<ROOT::VecOps::RVec<float> >"), Some("ROOT::VecOps::RVec<float>"));
        assert_eq!(pair_in("map<int,vector<float> >").as_deref(), Some("pair<int,vector<float> >"));
    }
}

//! Branches: what a column of a tree is called, what it holds, and where its baskets are.
//!
//! In: decoded TBranch records. Out: [`Branch`]es. A branch with several leaves becomes one branch per leaf, named
//! `branch.leaf`, a branch of objects one per member that is a plain number (`muon.fP.fX`); array dimensions are cut
//! from names (`Jet.FracPt[5]` is `Jet.FracPt`). Lists of lists, maps, sets and references stay without numbers.

use std::ops::Range;
use std::sync::Arc;

use super::basic::Basic;
use super::compression::setting_name;
use super::element::{ElementType, leaf_element, pair_in, sequence_element, sequence_of};
use super::error::Damage;
use super::object::{EmbeddedBasket, ObjectId, Objects, Record, RootObject};
use super::packed::Stored;
use super::plan::{Walk, WalkLeaf};
use super::streamer::Streamers;

/// How the numbers of an entry are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchShape {
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
    pub shape: BranchShape,
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
    pub(crate) baskets: Arc<[Basket]>,
    /// The leaf that holds the number of objects per entry.
    pub(crate) counter_leaf: Option<ObjectId>,
    /// The leaf that this branch stands for.
    pub(crate) leaf: Option<ObjectId>,
    /// How the numbers are packed.
    pub(crate) stored: Stored,
    /// Holds one string per entry, behind so many bytes.
    pub(crate) text_header: Option<usize>,
    /// A member of objects that were not split, and the way to it.
    pub(crate) walk: Option<(Arc<Walk>, usize)>,
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

impl Basket {
    /// Its bytes in the file; none if it is inside the tree object.
    pub(crate) fn bytes(&self) -> Range<u64> {
        match self.place {
            Place::Disk { seek, bytes } => seek..seek.saturating_add(bytes as u64),
            Place::Tree(_) => 0..0,
        }
    }
}

impl Branch {
    /// True if the number of objects differs from entry to entry.
    pub fn is_jagged(&self) -> bool {
        matches!(self.shape, BranchShape::Jagged { .. })
    }

    /// True if every entry is a string: [`Tree::read_text`](super::Tree::read_text) reads them.
    pub fn is_text(&self) -> bool {
        self.text_header.is_some()
    }

    /// Where the records of its baskets are in the file; those inside the tree object are left out.
    pub fn basket_records(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.baskets.iter().map(Basket::bytes).filter(|bytes| !bytes.is_empty())
    }

    /// First entries of all baskets.
    pub fn basket_starts(&self) -> impl Iterator<Item = u64> + '_ {
        self.baskets.iter().map(|basket| basket.first)
    }
}

/// The branches that a TBranch record stands for: one per leaf. `split`: its values are in branches below it.
pub(crate) fn from_record(
    objects: &Objects,
    streamers: &Streamers,
    record: &Record,
    parents: &str,
    split: bool,
) -> Result<Vec<Branch>, Damage> {
    let name = name_of(record)?;
    let path = format!("{parents}{name}");
    let leaves: Vec<(ObjectId, &Record)> = objects
        .list(record, "fLeaves")
        .iter()
        .flatten()
        .filter_map(|id| objects.record(*id).map(|leaf| (*id, leaf)))
        .collect();
    let entries = record.need_count("fEntries", "number of entries")?;
    let whole = Branch {
        name: name.to_string(),
        path,
        element: None,
        shape: BranchShape::Fixed { width: 0, stride: 0, offset: 0 },
        type_name: record.text("fClassName").unwrap_or(&record.class).to_string(),
        entries,
        compression: setting_name(record.int("fCompress").unwrap_or(0)),
        packed_bytes: record.count("fZipBytes").unwrap_or(0),
        unpacked_bytes: record.count("fTotBytes").unwrap_or(0),
        baskets: baskets(objects, record, entries)?.into(),
        counter_leaf: None,
        leaf: None,
        stored: Stored::Plain,
        text_header: None,
        walk: None,
        other_file: record.text("fFileName").filter(|name| !name.is_empty()).map(str::to_string),
    };
    match leaves.as_slice() {
        _ if split => Ok(vec![whole]),
        [(id, leaf)] => {
            let branch = Branch { leaf: Some(*id), counter_leaf: leaf.object("fLeafCount"), ..whole };
            Ok(match record.class.as_ref() {
                "TBranch" => vec![simple(branch, leaf)],
                "TBranchElement" => element_branches(branch, record, leaf, streamers),
                _ => vec![branch],
            })
        }
        [] => Ok(vec![whole]),
        several => Ok(leaf_list(&whole, several)),
    }
}

/// A branch of the basic types.
fn simple(mut branch: Branch, leaf: &Record) -> Branch {
    if leaf.class.as_ref() == "TLeafC" {
        return Branch { text_header: Some(0), type_name: "char*".into(), ..branch };
    }
    match leaf_element(leaf) {
        Some(element) => {
            branch.stored = leaf_stored(leaf);
            let header = branch.counter_leaf.is_some().then_some(0);
            numbers(branch, element, header, leaf_length(leaf))
        }
        None => Branch { type_name: leaf.class.to_string(), ..branch },
    }
}

fn leaf_length(leaf: &Record) -> usize {
    leaf.int("fLen").and_then(|length| usize::try_from(length).ok()).unwrap_or(1).max(1)
}

fn leaf_stored(leaf: &Record) -> Stored {
    match leaf.class.as_ref() {
        "TLeafF16" => Stored::from_title(leaf.text("fTitle").unwrap_or_default(), true),
        "TLeafD32" => Stored::from_title(leaf.text("fTitle").unwrap_or_default(), false),
        _ => Stored::Plain,
    }
}

/// Numbers, `length` per entry or (behind a header, counted) per object.
fn numbers(mut branch: Branch, element: ElementType, header: Option<usize>, length: usize) -> Branch {
    branch.element = Some(element);
    let dimension = if length > 1 { format!("[{length}]") } else { String::new() };
    match header {
        Some(header) => {
            branch.shape = BranchShape::Jagged { width: length, header };
            branch.type_name = format!("{}[]{dimension}", element.name());
        }
        None => {
            let stride = length.saturating_mul(branch.stored.size(element.size()));
            branch.shape = BranchShape::Fixed { width: length, stride, offset: 0 };
            branch.type_name = format!("{}{dimension}", element.name());
        }
    }
    branch
}

/// A member of a split class, or a whole object: one branch, or one per member that is a plain number.
fn element_branches(mut branch: Branch, record: &Record, leaf: &Record, streamers: &Streamers) -> Vec<Branch> {
    let (kind, streamer_type) = (record.int("fType").unwrap_or(-1), record.int("fStreamerType").unwrap_or(-1));
    let class = record.text("fClassName").unwrap_or_default();
    let version = record.int("fClassVersion").and_then(|version| i32::try_from(version).ok());
    let member = record.int("fID").and_then(|id| usize::try_from(id).ok()).and_then(|id| {
        let info = streamers.describe(class, version)?;
        info.members.get(id)
    });
    let counted = branch.counter_leaf.is_some();
    let length = leaf_length(leaf);
    if matches!(kind, 3 | 4) {
        return vec![numbers(branch, ElementType::I32, None, length)]; // objects of a split collection
    }
    let number = match streamer_type {
        1..=19 => Some((streamer_type, counted.then_some(0))),
        21..=39 => Some((streamer_type - 20, counted.then_some(0))),
        // A C array inside an object: one byte in front says whether it is there.
        41..=59 if kind == 0 => Some((streamer_type - 40, Some(1))),
        _ => None,
    };
    if let Some(member) = member {
        branch.type_name = if member.is_base { member.name.to_string() } else { member.type_name.to_string() };
        branch.stored = member.stored;
    }
    if let Some((number, header)) = number {
        return vec![match basic_element(number) {
            Some(element) => numbers(branch, element, header, length),
            None => Branch { type_name: "TObject::fBits".into(), ..branch }, // two bytes or six
        }];
    }
    let type_name = branch.type_name.trim_start_matches("std::").to_string();
    match (kind, streamer_type) {
        (0 | -1, _) if type_name == "TString" => vec![Branch { text_header: Some(0), ..branch }],
        (0 | -1, -1) if type_name == "string" => vec![Branch { text_header: Some(0), ..branch }],
        (0, _) if type_name == "string" => vec![Branch { text_header: Some(6), ..branch }],
        (0, -1 | 71 | 300..=600) if sequence_of(&type_name).is_some() || pair_in(&type_name).is_some() => {
            if let Some((stored, element)) = sequence_element(&type_name) {
                return vec![numbers(Branch { stored, ..branch }, element, Some(10), 1)];
            }
            let pair = pair_in(&type_name);
            let class = pair.as_deref().or(sequence_of(&type_name)).unwrap_or_default();
            walked(branch, Walk::through(streamers, class, None, Some(10)), 1)
        }
        // A whole object: its members follow each other at once, only parts begin with a length and a version.
        (0, -1) => {
            let way = Walk::through(streamers, &type_name, version, None);
            walked(branch, way.map(|(walk, leaves)| (Walk::bare(&walk), leaves)), 1)
        }
        // A class with a streamer of its own, or a member that was not split.
        (-1, -1) => walked(branch, Walk::through(streamers, &type_name, version, None), 1),
        (0, 0 | 61 | 62 | 66 | 67) => walked(branch, Walk::through(streamers, &type_name, None, None), 1),
        (0, 81 | 82) => walked(branch, Walk::through(streamers, &type_name, None, None), length),
        (31 | 41, 61 | 62 | 66 | 67) => walked(branch, Walk::through(streamers, &type_name, None, Some(0)), 1),
        (31 | 41, 81 | 82) => walked(branch, Walk::through(streamers, &type_name, None, Some(0)), length),
        _ => vec![branch],
    }
}

/// The type of the numbers of a basic type; None: `fBits` and the like.
fn basic_element(number: i64) -> Option<ElementType> {
    match number {
        9 => Some(ElementType::F64),
        19 => Some(ElementType::F32),
        _ => i32::try_from(number).ok().and_then(Basic::from_number).and_then(ElementType::from_basic),
    }
}

/// One branch per plain number in objects that were not split; `length` objects per object of the branch.
fn walked(branch: Branch, way: Option<(Arc<Walk>, Vec<WalkLeaf>)>, length: usize) -> Vec<Branch> {
    let Some((walk, leaves)) = way else { return vec![branch] };
    let leaves: Vec<WalkLeaf> = leaves.into_iter().filter(|leaf| length == 1 || !leaf.counted).collect();
    if leaves.is_empty() || (length > 1 && leaves.iter().any(|leaf| leaf.counted)) {
        return vec![branch];
    }
    let walk = if length > 1 { Walk::repeated(&walk, length) } else { walk };
    let jagged = walk.is_collection();
    let member = |(keep, leaf): (usize, WalkLeaf)| {
        let header = (jagged || leaf.counted).then_some(0);
        let found = numbers(branch.clone(), leaf.element, header, leaf.width.saturating_mul(length));
        Branch {
            name: joined(&branch.name, &leaf.path),
            path: joined(&branch.path, &leaf.path),
            leaf: None,
            walk: Some((walk.clone(), keep)),
            ..found
        }
    };
    leaves.into_iter().enumerate().map(member).collect()
}

/// `branch.member`; names of branches may end in a dot already.
fn joined(branch: &str, member: &str) -> String {
    format!("{}.{member}", branch.trim_end_matches('.'))
}

/// One branch per leaf of `x/D:y/I:z/B`; only fixed numbers can be told apart.
fn leaf_list(whole: &Branch, leaves: &[(ObjectId, &Record)]) -> Vec<Branch> {
    let mut found: Vec<Branch> = Vec::new();
    let mut next = 0usize;
    for (id, leaf) in leaves {
        let element = leaf_element(leaf).filter(|_| leaf.object("fLeafCount").is_none());
        let Some(element) = element else {
            return vec![Branch { type_name: "leaves of differing length".into(), ..whole.clone() }];
        };
        let (stored, width) = (leaf_stored(leaf), leaf_length(leaf));
        let name = without_dimensions(leaf.text("fName").unwrap_or_default());
        let branch = numbers(Branch { stored, ..whole.clone() }, element, None, width);
        found.push(Branch {
            name: joined(&whole.name, name),
            path: joined(&whole.path, name),
            shape: BranchShape::Fixed { width, stride: 0, offset: next },
            leaf: Some(*id),
            ..branch
        });
        next = next.saturating_add(width.saturating_mul(stored.size(element.size())));
    }
    for branch in &mut found {
        if let BranchShape::Fixed { stride, .. } = &mut branch.shape {
            *stride = next;
        }
    }
    found
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
    for index in 0..=written {
        let first = firsts.get(index).and_then(|first| u64::try_from(*first).ok());
        let first = first.filter(|first| *first >= next).unwrap_or(next);
        let seek = seeks.get(index).filter(|_| index < written).and_then(|seek| u64::try_from(*seek).ok()).unwrap_or(0);
        let inside = match in_tree.get(index).copied().flatten().and_then(|id| objects.get(id)) {
            Some(RootObject::Basket(basket)) => Some(basket),
            _ => None,
        };
        // A basket whose data are in the tree is read there: ROOT before 3.10 left any position beside it.
        if let Some(basket) = inside.filter(|basket| seek == 0 || !basket.data.is_empty()) {
            let end = first.saturating_add(basket.entries as u64);
            baskets.push(Basket { first, end, place: Place::Tree(basket.clone()) });
            next = end;
        } else if seek > 0 {
            let bytes = sizes.get(index).and_then(|bytes| usize::try_from(*bytes).ok()).unwrap_or(0);
            let end = firsts.get(index + 1).and_then(|end| u64::try_from(*end).ok()).filter(|end| *end >= first);
            let end = end.unwrap_or(entries).max(first);
            baskets.push(Basket { first, end, place: Place::Disk { seek, bytes } });
            next = end;
        }
    }
    Ok(baskets)
}

/// Name of a branch, without array dimensions.
pub(crate) fn name_of(record: &Record) -> Result<&str, Damage> {
    record.need_text("fName").map(without_dimensions)
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
}

//! What layouts read from: a TTree or an RNTuple. Names in, columns out.
//!
//! In: an open file and a name. Out: `Table` and its `Leaf`s, the same whatever stores them. In an RNTuple `Muon_pt`
//! also means field `pt` of the collection `Muon` (`Muon.pt`), as writers of NanoAOD in RNTuples have it.

use std::ops::Range;
use std::path::Path;

use super::{Branch, BranchShape, Column, ElementType, RField, RNTuple, RootError, Scratch, Tree};

/// Which of the two a class of objects is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Tree,
    RNTuple,
}

/// The class of RNTuples before their format was fixed; they are known and cannot be read.
pub(super) const PRE_RELEASE: &str = "ROOT::Experimental::RNTuple";

impl Stored {
    /// None: neither.
    pub(crate) fn of(class: &str) -> Option<Stored> {
        match class {
            "TTree" | "TNtuple" | "TNtupleD" => Some(Stored::Tree),
            "ROOT::RNTuple" | PRE_RELEASE => Some(Stored::RNTuple),
            _ => None,
        }
    }
}

/// Rows of named columns; [`RootFile::table`](super::RootFile) opens one.
#[derive(Debug, Clone)]
pub(crate) enum Table {
    Tree(Box<Tree>),
    RNTuple(Box<RNTuple>),
}

/// A column that was found.
#[derive(Debug, Clone)]
pub(crate) enum Leaf {
    Branch(Box<Branch>),
    Field(Box<RField>),
    /// One number of several per entry, `weights[3]`.
    Element(Box<Element>),
}

/// One number of a column that has several per entry.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: String,
    of: Leaf,
    index: usize,
}

/// True for what can count objects: one integer per entry.
pub(crate) fn is_counter(leaf_element: Option<ElementType>, jagged: bool) -> bool {
    !jagged && !matches!(leaf_element, None | Some(ElementType::F32 | ElementType::F64 | ElementType::Bool))
}

impl Table {
    pub(crate) fn entries(&self) -> u64 {
        match self {
            Table::Tree(tree) => tree.entries(),
            Table::RNTuple(rntuple) => rntuple.entries(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        let has = |name: &str| match self {
            Table::Tree(tree) => tree.has_branch(name),
            Table::RNTuple(rntuple) => rntuple.has_branch(name) || rntuple.has_branch(&dotted(name)),
        };
        has(name) || element(name).is_some_and(|(name, _)| has(name))
    }

    /// A column by its name, or `name[3]` for one number of several. The error names the nearest ones.
    pub(crate) fn leaf(&self, name: &str) -> Result<Leaf, RootError> {
        let Some((whole, index)) = element(name) else { return self.whole(name) };
        let of = self.whole(whole)?;
        let there = match of.width() {
            Width::Entry(width) => index < width,
            Width::Object(width) => width == 1,
        };
        match there {
            true => Ok(Leaf::Element(Box::new(Element { name: name.to_string(), of, index }))),
            false => Err(RootError::NoSuchElement {
                path: self.path().to_path_buf(),
                tree: self.name().to_string(),
                branch: whole.to_string(),
                holds: of.type_name().to_string(),
                index,
            }),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Table::Tree(tree) => tree.path(),
            Table::RNTuple(rntuple) => rntuple.path(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Table::Tree(tree) => tree.name(),
            Table::RNTuple(rntuple) => rntuple.name(),
        }
    }

    fn whole(&self, name: &str) -> Result<Leaf, RootError> {
        match self {
            Table::Tree(tree) => Ok(Leaf::Branch(Box::new(tree.branch(name)?.clone()))),
            Table::RNTuple(rntuple) => {
                let dotted = dotted(name);
                let known = if rntuple.has_branch(&dotted) && !rntuple.has_branch(name) { &dotted } else { name };
                Ok(Leaf::Field(Box::new(rntuple.branch(known)?.clone())))
            }
        }
    }

    /// The column that counts the objects of another, where the file keeps one beside the offsets. In an RNTuple the
    /// offsets are the counter.
    pub(crate) fn counter_of(&self, leaf: &Leaf) -> Option<Leaf> {
        match (self, leaf) {
            (Table::Tree(tree), Leaf::Branch(branch)) => {
                let counter =
                    tree.counter_of(branch).filter(|counter| is_counter(counter.element, counter.is_jagged()));
                counter.map(|counter| Leaf::Branch(Box::new(counter.clone())))
            }
            _ => None,
        }
    }

    /// The same without what is not needed to read these leaves.
    pub(crate) fn for_reading<'a>(&self, leaves: impl Iterator<Item = &'a Leaf>) -> Table {
        let branches = leaves.filter_map(|leaf| match leaf.whole() {
            Leaf::Branch(branch) => Some(&**branch),
            _ => None,
        });
        match self {
            Table::Tree(tree) => Table::Tree(Box::new(tree.counters_only(branches))),
            rntuple => rntuple.clone(),
        }
    }

    /// All that have values of their own.
    pub(crate) fn all_leaves(&self) -> Vec<Leaf> {
        let branch = |branch: &Branch| Leaf::Branch(Box::new(branch.clone()));
        let field = |field: &RField| Leaf::Field(Box::new(field.clone()));
        match self {
            Table::Tree(tree) => tree.branches().iter().map(branch).collect(),
            Table::RNTuple(rntuple) => rntuple.branches().iter().map(field).collect(),
        }
    }

    /// Those that hold numbers.
    pub(crate) fn leaves(&self) -> Vec<Leaf> {
        self.all_leaves().into_iter().filter(|leaf| leaf.element().is_some()).collect()
    }

    pub(crate) fn read(
        &self,
        leaf: &Leaf,
        range: Range<u64>,
        scratch: &mut Scratch,
        column: &mut Column,
    ) -> Result<(), RootError> {
        match (self, leaf) {
            (Table::Tree(tree), Leaf::Branch(branch)) => tree.read(branch, range, scratch, column),
            (Table::RNTuple(rntuple), Leaf::Field(field)) => rntuple.read(field, range, scratch, column),
            (_, Leaf::Element(element)) => {
                self.read(&element.of, range, scratch, column)?;
                column.pick(element.index);
                Ok(())
            }
            // A leaf of another table: by its name.
            _ => self.read(&self.leaf(leaf.name())?, range, scratch, column),
        }
    }
}

/// `Muon.pt` for `Muon_pt`.
fn dotted(name: &str) -> String {
    name.replacen('_', ".", 1)
}

/// `weights` and 3 of `weights[3]`.
fn element(name: &str) -> Option<(&str, usize)> {
    let (name, index) = name.strip_suffix(']')?.rsplit_once('[')?;
    Some((name, index.parse().ok()?))
}

/// How many numbers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// In every entry.
    Entry(usize),
    /// For every object of a list.
    Object(usize),
}

impl Leaf {
    /// The column that is in the file.
    fn whole(&self) -> &Leaf {
        match self {
            Leaf::Element(element) => element.of.whole(),
            whole => whole,
        }
    }

    pub(crate) fn width(&self) -> Width {
        let shape = match self {
            Leaf::Branch(branch) => branch.shape,
            Leaf::Field(field) => field.shape,
            Leaf::Element(_) => return Width::Entry(1),
        };
        match shape {
            BranchShape::Fixed { width, .. } => Width::Entry(width),
            BranchShape::Jagged { width, .. } => Width::Object(width),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Leaf::Branch(branch) => &branch.name,
            Leaf::Field(field) => &field.name,
            Leaf::Element(element) => &element.name,
        }
    }

    pub(crate) fn type_name(&self) -> &str {
        match self {
            Leaf::Branch(branch) => &branch.type_name,
            Leaf::Field(field) => &field.type_name,
            Leaf::Element(element) => element.of.element().map_or("nothing", ElementType::name),
        }
    }

    pub(crate) fn element(&self) -> Option<ElementType> {
        match self {
            Leaf::Branch(branch) => branch.element,
            Leaf::Field(field) => field.element,
            Leaf::Element(element) => element.of.element(),
        }
    }

    pub(crate) fn is_jagged(&self) -> bool {
        matches!(self.width(), Width::Object(_))
    }

    pub(crate) fn packed_bytes(&self) -> u64 {
        match self.whole() {
            Leaf::Branch(branch) => branch.packed_bytes,
            Leaf::Field(field) => field.packed_bytes,
            Leaf::Element(_) => 0,
        }
    }

    pub(crate) fn unpacked_bytes(&self) -> u64 {
        match self.whole() {
            Leaf::Branch(branch) => branch.unpacked_bytes,
            Leaf::Field(field) => field.unpacked_bytes,
            Leaf::Element(_) => 0,
        }
    }

    pub(crate) fn compression(&self) -> &str {
        match self.whole() {
            Leaf::Branch(branch) => &branch.compression,
            Leaf::Field(field) => &field.compression,
            Leaf::Element(_) => "",
        }
    }

    /// First entries of its baskets or clusters.
    pub(crate) fn starts(&self) -> Vec<u64> {
        match self.whole() {
            Leaf::Branch(branch) => branch.basket_starts().collect(),
            Leaf::Field(field) => field.basket_starts().collect(),
            Leaf::Element(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_named_in_brackets() {
        assert_eq!(element("weights[3]"), Some(("weights", 3)));
        assert_eq!((element("weights"), element("weights[n]"), element("w]")), (None, None, None));
    }
}

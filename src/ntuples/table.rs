//! What layouts read from: a tree today, an RNTuple tomorrow. Branch names in, columns out.
//!
//! In: an open file and a name. Out: [`Table`] and its [`Leaf`]s, the same whatever stores them.

use std::ops::Range;

use crate::rootfile::{Branch, Column, ElementType, RootError, RootFile, Scratch, Tree};

/// Rows of named columns.
#[derive(Debug, Clone)]
pub(crate) enum Table {
    Tree(Tree),
}

/// A column that was found.
#[derive(Debug, Clone)]
pub(crate) enum Leaf {
    Branch(Box<Branch>),
}

impl Table {
    pub(crate) fn open(file: &RootFile, name: &str) -> Result<Table, RootError> {
        Ok(Table::Tree(file.tree(name)?))
    }

    pub(crate) fn entries(&self) -> u64 {
        match self {
            Table::Tree(tree) => tree.entries(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Table::Tree(tree) => tree.has_branch(name),
        }
    }

    /// The error names the nearest ones.
    pub(crate) fn leaf(&self, name: &str) -> Result<Leaf, RootError> {
        match self {
            Table::Tree(tree) => Ok(Leaf::Branch(Box::new(tree.branch(name)?.clone()))),
        }
    }

    /// The same without what is needed only to find leaves.
    pub(crate) fn for_reading(self) -> Table {
        match self {
            Table::Tree(tree) => Table::Tree(tree.counters_only()),
        }
    }

    /// All that hold numbers.
    pub(crate) fn leaves(&self) -> Vec<Leaf> {
        match self {
            Table::Tree(tree) => {
                let readable = tree.branches().iter().filter(|branch| branch.element.is_some());
                readable.map(|branch| Leaf::Branch(Box::new(branch.clone()))).collect()
            }
        }
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
        }
    }
}

impl Leaf {
    pub(crate) fn name(&self) -> &str {
        match self {
            Leaf::Branch(branch) => &branch.name,
        }
    }

    pub(crate) fn type_name(&self) -> &str {
        match self {
            Leaf::Branch(branch) => &branch.type_name,
        }
    }

    pub(crate) fn element(&self) -> Option<ElementType> {
        match self {
            Leaf::Branch(branch) => branch.element,
        }
    }

    pub(crate) fn is_jagged(&self) -> bool {
        match self {
            Leaf::Branch(branch) => branch.is_jagged(),
        }
    }

    pub(crate) fn packed_bytes(&self) -> u64 {
        match self {
            Leaf::Branch(branch) => branch.packed_bytes,
        }
    }

    /// First entries of its baskets.
    pub(crate) fn starts(&self) -> Vec<u64> {
        match self {
            Leaf::Branch(branch) => branch.basket_starts().collect(),
        }
    }
}

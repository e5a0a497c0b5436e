//! Trees: entries and branches, and reading of any range of entries into columns.
//!
//! In: a decoded TTree. Out: [`Tree`], which reads ranges of [`Branch`]es. A tree is shared between threads; each
//! brings its own [`Scratch`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::append::{append_counted, append_fixed, append_jagged};
use super::basket::{self, Payload, Scratch, Starts};
use super::branch::{self, Basket, Branch, BranchShape};
use super::column::{Column, Values};
use super::disk::Disk;
use super::error::{Damage, RootError};
use super::object::{ObjectId, Objects, Record};
use super::streamer::Streamers;
use super::text::append_text;
use super::walk::append_walked;
use crate::nearest::nearest;

/// Branches inside branches.
const MAX_DEPTH: usize = 64;

/// A tree of a ROOT file.
#[derive(Debug, Clone)]
pub struct Tree {
    name: String,
    title: String,
    entries: u64,
    branches: Vec<Branch>,
    by_name: HashMap<String, usize>,
    /// Names that several branches have.
    ambiguous: HashMap<String, Vec<usize>>,
    by_leaf: HashMap<ObjectId, usize>,
    friends: Arc<[Friend]>,
    disk: Arc<Disk>,
}

/// A tree whose entries belong to the same events.
#[derive(Debug, Clone)]
struct Friend {
    /// What it is called in names of branches, `friend.branch`.
    alias: String,
    tree: String,
    /// Empty: the same.
    file: String,
}

impl Friend {
    fn in_words(&self) -> String {
        match self.file.as_str() {
            "" => format!("tree `{}` of the same file", self.tree),
            file => format!("tree `{}` of {file}", self.tree),
        }
    }
}

impl Tree {
    pub(crate) fn from_objects(
        objects: &Objects,
        streamers: &Streamers,
        name: &str,
        disk: Arc<Disk>,
    ) -> Result<Tree, Damage> {
        let record = objects.root_record().ok_or_else(|| match objects.root() {
            Some(super::object::RootObject::Skipped { reason, .. }) => reason.clone(),
            _ => Damage::Undecodable { what: "it".into(), reason: "it is no object with members".into() },
        })?;
        let entries = record.need_count("fEntries", "number of entries")?;
        let mut branches = Vec::new();
        let mut collector = Collector { objects, streamers, seen: HashSet::new(), branches: &mut branches };
        collector.collect(record, "", 0)?;
        let most = branches.iter().map(|branch: &Branch| branch.entries).max();
        if let Some(most) = most.filter(|most| *most < entries) {
            let reason = format!("it claims {entries} entries, and none of its branches has more than {most}");
            return Err(Damage::Undecodable { what: "it".into(), reason });
        }
        let mut tree = Tree {
            name: name.to_string(),
            title: record.text("fTitle").unwrap_or_default().to_string(),
            entries,
            branches,
            by_name: HashMap::new(),
            ambiguous: HashMap::new(),
            by_leaf: HashMap::new(),
            friends: friends(objects, record).into(),
            disk,
        };
        tree.index();
        Ok(tree)
    }

    /// Names that one branch has lead to it, others to an error. Branches that share a name are called by their paths.
    fn index(&mut self) {
        let mut named: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, branch) in self.branches.iter().enumerate() {
            named.entry(branch.name.clone()).or_default().push(index);
            by_path.entry(branch.path.clone()).or_default().push(index);
            if let Some(leaf) = branch.leaf {
                self.by_leaf.insert(leaf, index);
            }
        }
        for branch in &mut self.branches {
            if named.get(&branch.name).is_some_and(|same| same.len() > 1) {
                branch.name = branch.path.clone();
            }
        }
        // A path means the branch that has it, whatever others are called; of several the first, as in ROOT: nothing else
        // could name it.
        named.extend(by_path.into_iter().map(|(path, indices)| (path, indices[..1].to_vec())));
        for (name, indices) in named {
            match indices.as_slice() {
                [one] => {
                    self.by_name.insert(name, *one);
                }
                _ => {
                    self.ambiguous.insert(name, indices);
                }
            }
        }
    }

    /// Name, with the directories above it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file, as it was opened.
    pub(crate) fn path(&self) -> &Path {
        self.disk.path()
    }

    /// Title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Number of entries (events).
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// All branches that have values of their own, those that cannot be read included.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// True if there is such a branch.
    pub fn has_branch(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.ambiguous.contains_key(name)
    }

    /// A branch by name (`Jet.PT`) or path (`Jet/Jet.PT`); the error names the nearest ones, all of that name, or the
    /// friend of the tree that may have it.
    pub fn branch(&self, name: &str) -> Result<&Branch, RootError> {
        let found = self.by_name.get(name).and_then(|index| self.branches.get(*index));
        found.ok_or_else(|| self.not_found(name))
    }

    fn not_found(&self, name: &str) -> RootError {
        let (path, tree, branch) = (self.disk.path().to_path_buf(), self.name.clone(), name.to_string());
        if let Some(same) = self.ambiguous.get(name) {
            let paths = same.iter().filter_map(|index| self.branches.get(*index)).map(|branch| branch.path.clone());
            return RootError::AmbiguousBranch { path, tree, branch, paths: paths.collect() };
        }
        let nearest = nearest(name, self.branches.iter().map(|branch| branch.name.as_str()));
        let called = |friend: &&Friend| name.strip_prefix(&friend.alias).is_some_and(|rest| rest.starts_with('.'));
        if let Some(friend) = self.friends.iter().find(called) {
            return RootError::BranchOfFriend { path, tree, branch, friend: friend.in_words(), nearest: Vec::new() };
        }
        match self.friends.iter().map(Friend::in_words).collect::<Vec<_>>().join(" or ") {
            none if none.is_empty() => RootError::BranchNotFound { path, tree, branch, nearest },
            friend => RootError::BranchOfFriend { path, tree, branch, friend, nearest },
        }
    }

    /// The same tree with the branches that count the objects of `read`, and no more: enough to read these branches, which
    /// were cloned from it before. Saves memory where many files are open.
    pub(crate) fn counters_only<'a>(&self, read: impl IntoIterator<Item = &'a Branch>) -> Tree {
        let counters: HashSet<ObjectId> = read.into_iter().filter_map(|branch| branch.counter_leaf).collect();
        let counts = |branch: &&Branch| branch.leaf.is_some_and(|leaf| counters.contains(&leaf));
        let branches: Vec<Branch> = self.branches.iter().filter(counts).cloned().collect();
        let leaves = branches.iter().enumerate();
        Tree {
            name: self.name.clone(),
            title: self.title.clone(),
            entries: self.entries,
            by_leaf: leaves.filter_map(|(index, branch)| Some((branch.leaf?, index))).collect(),
            branches,
            by_name: HashMap::new(),
            ambiguous: HashMap::new(),
            friends: self.friends.clone(),
            disk: self.disk.clone(),
        }
    }

    /// Reads entries of a branch into `column`, replacing what was in it.
    pub fn read(
        &self,
        branch: &Branch,
        range: Range<u64>,
        scratch: &mut Scratch,
        column: &mut Column,
    ) -> Result<(), RootError> {
        let element = branch.element.ok_or_else(|| self.unsupported(branch, format!("`{}`", branch.type_name)))?;
        let width = match branch.shape {
            BranchShape::Fixed { width, .. } | BranchShape::Jagged { width, .. } => width,
        };
        column.reset(element, width, branch.is_jagged());
        self.each_basket(branch, range, |index, basket, entries| {
            self.read_basket(branch, index, basket, entries, scratch, column)
        })
    }

    /// Reads entries of a branch of strings ([`Branch::is_text`]).
    pub fn read_text(
        &self,
        branch: &Branch,
        range: Range<u64>,
        scratch: &mut Scratch,
    ) -> Result<Vec<String>, RootError> {
        let Some(header) = branch.text_header else {
            return Err(self.unsupported(branch, format!("`{}`, no strings", branch.type_name)));
        };
        let mut texts = Vec::new();
        self.each_basket(branch, range, |index, basket, entries| {
            let name = || format!("basket {index} of branch `{}`", branch.name);
            let payload = basket::load(&self.disk, basket, name, scratch)?;
            let held = usize::try_from(basket.end - basket.first).unwrap_or(usize::MAX);
            append_text(&payload, held, entries, header, &mut texts)
                .map_err(|damage| self.disk.damaged(name(), basket.bytes(), damage))
        })?;
        Ok(texts)
    }

    /// Calls `each` with every basket that holds entries of a range, and which of its entries are in it.
    fn each_basket(
        &self,
        branch: &Branch,
        range: Range<u64>,
        mut each: impl FnMut(usize, &Basket, Range<usize>) -> Result<(), RootError>,
    ) -> Result<(), RootError> {
        if let Some(other) = &branch.other_file {
            return Err(self.unsupported(branch, format!("values that stand in another file, `{other}`")));
        }
        if range.start > range.end || range.end > branch.entries {
            return Err(self.out_of_range(branch, range));
        }
        let mut next = range.start;
        let first_basket = branch.baskets.partition_point(|basket| basket.end <= range.start);
        for (index, basket) in branch.baskets.iter().enumerate().skip(first_basket) {
            if next >= range.end || basket.first > next {
                break;
            }
            if basket.first == basket.end {
                continue;
            }
            let until = range.end.min(basket.end);
            let done = each(index, basket, (next - basket.first) as usize..(until - basket.first) as usize);
            done.map_err(|error| error.in_entries(basket.first..basket.end))?;
            next = until;
        }
        match next == range.end {
            true => Ok(()),
            false => Err(self.out_of_range(branch, next..range.end)),
        }
    }

    fn unsupported(&self, branch: &Branch, holds: String) -> RootError {
        RootError::UnsupportedBranch {
            path: self.disk.path().to_path_buf(),
            tree: self.name.clone(),
            branch: branch.name.clone(),
            holds,
        }
    }

    fn out_of_range(&self, branch: &Branch, wanted: Range<u64>) -> RootError {
        let held = branch.baskets.last().map_or(0, |basket| basket.end).min(branch.entries);
        RootError::EntryRange {
            path: self.disk.path().to_path_buf(),
            branch: branch.name.clone(),
            wanted,
            entries: held,
        }
    }

    /// Appends entries of one basket.
    fn read_basket(
        &self,
        branch: &Branch,
        index: usize,
        basket: &Basket,
        entries: Range<usize>,
        scratch: &mut Scratch,
        column: &mut Column,
    ) -> Result<(), RootError> {
        let name = || format!("basket {index} of branch `{}`", branch.name);
        let damaged = |damage| match damage {
            Damage::Undecodable { what, reason } => self.unsupported(branch, format!("{what}: {reason}")),
            damage => self.disk.damaged(name(), basket.bytes(), damage),
        };
        let payload = basket::load(&self.disk, basket, name, scratch)?;
        let by_counts = match &branch.walk {
            Some((walk, _)) => walk.needs_counts(),
            None => branch.is_jagged(),
        };
        if payload.starts != Starts::Unknown || !by_counts {
            return append(branch, basket, &payload, entries, None, column).map_err(damaged);
        }
        let counts = self.counts(branch, basket, scratch)?;
        let payload = basket::load(&self.disk, basket, name, scratch)?;
        let done = append(branch, basket, &payload, entries, Some(&counts.values), column);
        scratch.counts = counts;
        done.map_err(damaged)
    }

    /// The branch that counts the objects of another, as ROOT writes it beside arrays and collections.
    pub(crate) fn counter_of(&self, branch: &Branch) -> Option<&Branch> {
        let counter = branch.counter_leaf.and_then(|leaf| self.by_leaf.get(&leaf));
        counter.and_then(|index| self.branches.get(*index)).filter(|counter| !counter.is_jagged())
    }

    /// Objects per entry of a basket, from the branch that counts them.
    fn counts(&self, branch: &Branch, basket: &Basket, scratch: &mut Scratch) -> Result<Column, RootError> {
        let Some(counter) = self.counter_of(branch) else {
            let what = format!("branch `{}`", branch.name);
            let reason = "it stores no entry offsets, and the branch that counts its objects is missing".into();
            return Err(self.disk.damaged(format!("tree `{}`", self.name), 0..0, Damage::Undecodable { what, reason }));
        };
        let mut counts = std::mem::take(&mut scratch.counts);
        self.read(counter, basket.first..basket.end, scratch, &mut counts)?;
        Ok(counts)
    }
}

/// Appends entries of a basket in the way that fits the branch.
fn append(
    branch: &Branch,
    basket: &Basket,
    payload: &Payload,
    entries: Range<usize>,
    counts: Option<&Values>,
    column: &mut Column,
) -> Result<(), Damage> {
    let held = usize::try_from(basket.end - basket.first).unwrap_or(usize::MAX);
    match (&branch.walk, branch.shape, counts) {
        (Some((walk, keep)), ..) => append_walked(payload, held, entries, walk, *keep, counts, column),
        (None, BranchShape::Fixed { stride, offset, .. }, _) => {
            append_fixed(payload, held, entries, (stride, offset), branch.stored, column)
        }
        (None, BranchShape::Jagged { .. }, Some(counts)) => {
            append_counted(payload, counts, entries, branch.stored, column)
        }
        (None, BranchShape::Jagged { header, .. }, None) => {
            append_jagged(payload, held, entries, header, branch.stored, column)
        }
    }
}

/// The friends of a tree, as it names them.
fn friends(objects: &Objects, tree: &Record) -> Vec<Friend> {
    let friends = objects.list(tree, "fFriends").iter().flatten().filter_map(|id| objects.record(*id));
    let text = |record: &Record, member| record.text(member).unwrap_or_default().to_string();
    friends
        .map(|friend| Friend {
            alias: text(friend, "fName"),
            tree: text(friend, "fTreeName"),
            file: text(friend, "fTitle"),
        })
        .collect()
}

/// Goes through branches inside branches.
struct Collector<'a> {
    objects: &'a Objects,
    streamers: &'a Streamers,
    seen: HashSet<ObjectId>,
    branches: &'a mut Vec<Branch>,
}

impl Collector<'_> {
    /// Depth first, in the order of the file. Branches above others have no values, except counters of collections.
    fn collect(&mut self, record: &Record, parents: &str, depth: usize) -> Result<(), Damage> {
        for id in self.objects.list(record, "fBranches").iter().flatten() {
            let Some(record) = self.objects.record(*id) else { continue };
            if depth > MAX_DEPTH || !self.seen.insert(*id) {
                continue;
            }
            let below = self.objects.list(record, "fBranches");
            let split = !below.is_empty() && !matches!(record.int("fType"), Some(3 | 4));
            let found = branch::from_record(self.objects, self.streamers, record, parents, split)?;
            let path = format!("{parents}{}/", branch::name_of(record)?);
            if !split {
                self.branches.extend(found);
            }
            self.collect(record, &path, depth + 1)?;
        }
        Ok(())
    }
}

//! Trees: entries and branches, and reading of any range of entries into columns.
//!
//! In: a decoded TTree. Out: [`Tree`], which reads ranges of [`Branch`]es. A tree is shared between threads; each
//! brings its own [`Scratch`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::basket::{self, Payload, Scratch, Starts};
use super::branch::{self, Basket, Branch, Shape};
use super::column::{Column, Values};
use super::disk::Disk;
use super::error::{Damage, RootError, nearest_names};
use super::object::{ObjectId, Objects, Record};

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
    by_leaf: HashMap<ObjectId, usize>,
    disk: Arc<Disk>,
}

impl Tree {
    pub(crate) fn from_objects(objects: &Objects, name: &str, disk: Arc<Disk>) -> Result<Tree, Damage> {
        let record = objects.root_record().ok_or_else(|| match objects.root() {
            Some(super::object::Object::Skipped { reason, .. }) => reason.clone(),
            _ => Damage::Undecodable { what: "it".into(), reason: "it is no object with members".into() },
        })?;
        let entries = record.need_int("fEntries")?;
        let entries = u64::try_from(entries)
            .map_err(|_| Damage::implausible("number of entries", entries, "it cannot be negative"))?;
        let mut branches = Vec::new();
        collect(objects, record, "", 0, &mut HashSet::new(), &mut branches)?;
        let mut tree = Tree {
            name: name.to_string(),
            title: record.text("fTitle").unwrap_or_default().to_string(),
            entries,
            branches,
            by_name: HashMap::new(),
            by_leaf: HashMap::new(),
            disk,
        };
        for (index, branch) in tree.branches.iter().enumerate() {
            tree.by_name.entry(branch.name.clone()).or_insert(index);
            tree.by_name.entry(branch.path.clone()).or_insert(index);
            if let Some(leaf) = branch.leaf {
                tree.by_leaf.insert(leaf, index);
            }
        }
        Ok(tree)
    }

    /// Name, with the directories above it.
    pub fn name(&self) -> &str {
        &self.name
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
        self.by_name.contains_key(name)
    }

    /// A branch by name (`Jet.PT`) or path (`Jet/Jet.PT`); the error names the nearest ones.
    pub fn branch(&self, name: &str) -> Result<&Branch, RootError> {
        let found = self.by_name.get(name).and_then(|index| self.branches.get(*index));
        found.ok_or_else(|| RootError::BranchNotFound {
            path: self.disk.path().to_path_buf(),
            tree: self.name.clone(),
            branch: name.to_string(),
            nearest: nearest_names(name, self.branches.iter().map(|branch| branch.name.as_str())),
        })
    }

    /// Reads entries of a branch into `column`, replacing what was in it.
    pub fn read(
        &self,
        branch: &Branch,
        range: Range<u64>,
        scratch: &mut Scratch,
        column: &mut Column,
    ) -> Result<(), RootError> {
        let unsupported = |holds: String| RootError::UnsupportedBranch {
            path: self.disk.path().to_path_buf(),
            tree: self.name.clone(),
            branch: branch.name.clone(),
            holds,
        };
        let element = branch.element.ok_or_else(|| unsupported(format!("`{}`", branch.type_name)))?;
        if let Some(other) = &branch.other_file {
            return Err(unsupported(format!("values that stand in another file, `{other}`")));
        }
        if range.start > range.end || range.end > branch.entries {
            return Err(self.out_of_range(branch, range));
        }
        let width = match branch.shape {
            Shape::Fixed { width, .. } | Shape::Jagged { width, .. } => width,
        };
        column.reset(element, width, branch.is_jagged());
        let mut next = range.start;
        let first_basket = branch.baskets.partition_point(|basket| basket.end <= range.start);
        for (index, basket) in branch.baskets.iter().enumerate().skip(first_basket) {
            if next >= range.end {
                break;
            }
            if basket.first == basket.end {
                continue;
            }
            if basket.first > next {
                break;
            }
            let until = range.end.min(basket.end);
            let entries = (next - basket.first) as usize..(until - basket.first) as usize;
            self.read_basket(branch, index, basket, entries, scratch, column)?;
            next = until;
        }
        match next == range.end {
            true => Ok(()),
            false => Err(self.out_of_range(branch, next..range.end)),
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
        let damaged = |damage| {
            let bytes = match basket.place {
                branch::Place::Disk { seek, bytes } => seek..seek.saturating_add(bytes as u64),
                branch::Place::Tree(_) => 0..0,
            };
            self.disk.damaged(name(), bytes, damage)
        };
        let Scratch { record, unpacked, codecs, .. } = scratch;
        let payload = basket::load(&self.disk, basket, name, record, unpacked, codecs)?;
        let held = (basket.end - basket.first) as usize;
        match branch.shape {
            Shape::Fixed { stride, offset, .. } => {
                append_fixed(&payload, held, entries, stride, offset, column).map_err(damaged)
            }
            Shape::Jagged { header, .. } if payload.starts != Starts::Unknown => {
                append_jagged(&payload, held, entries, header, column).map_err(damaged)
            }
            Shape::Jagged { .. } => {
                let counts = self.counts(branch, basket, scratch)?;
                let Scratch { record, unpacked, codecs, .. } = scratch;
                let payload = basket::load(&self.disk, basket, name, record, unpacked, codecs)?;
                let done = append_counted(&payload, &counts.values, entries, column).map_err(damaged);
                scratch.counts = counts;
                done
            }
        }
    }

    /// Objects per entry of a basket, from the branch that counts them.
    fn counts(&self, branch: &Branch, basket: &Basket, scratch: &mut Scratch) -> Result<Column, RootError> {
        let counter = branch.counter_leaf.and_then(|leaf| self.by_leaf.get(&leaf));
        let counter = counter.and_then(|index| self.branches.get(*index)).filter(|counter| !counter.is_jagged());
        let Some(counter) = counter else {
            let what = format!("branch `{}`", branch.name);
            let reason = "it stores no entry offsets, and the branch that counts its objects is missing".into();
            return Err(self.disk.damaged(format!("tree `{}`", self.name), 0..0, Damage::Undecodable { what, reason }));
        };
        let mut counts = std::mem::take(&mut scratch.counts);
        self.read(counter, basket.first..basket.end, scratch, &mut counts)?;
        Ok(counts)
    }
}

/// Depth first, in the order of the file. Branches above others have no values, except counters of collections.
fn collect(
    objects: &Objects,
    record: &Record,
    parents: &str,
    depth: usize,
    seen: &mut HashSet<ObjectId>,
    branches: &mut Vec<Branch>,
) -> Result<(), Damage> {
    for id in objects.list(record, "fBranches").iter().flatten() {
        let Some(record) = objects.record(*id) else { continue };
        if depth > MAX_DEPTH || !seen.insert(*id) {
            continue;
        }
        let below = objects.list(record, "fBranches");
        let counts = matches!(record.int("fType"), Some(3 | 4));
        let found = branch::from_record(objects, record, parents)?;
        let path = found.first().map(|branch| format!("{}/", branch.path)).unwrap_or_default();
        if below.is_empty() || counts {
            branches.extend(found);
        }
        collect(objects, record, &path, depth + 1, seen, branches)?;
    }
    Ok(())
}

fn append_fixed(
    payload: &Payload,
    held: usize,
    entries: Range<usize>,
    stride: usize,
    offset: usize,
    column: &mut Column,
) -> Result<(), Damage> {
    let wanted = held.checked_mul(stride);
    if wanted != Some(payload.values.len()) {
        let expected = format!("{held} entries of {stride} bytes need another");
        return Err(Damage::implausible("number of value bytes", payload.values.len(), expected));
    }
    let bytes = payload.values.get(entries.start * stride..entries.end * stride).unwrap_or_default();
    let size = column.width.saturating_mul(column.values.element().size());
    if size == stride {
        column.values.extend_big_endian(bytes);
    } else {
        for entry in bytes.chunks_exact(stride) {
            column.values.extend_big_endian(entry.get(offset..offset + size).unwrap_or_default());
        }
    }
    Ok(())
}

/// Counts come from the offsets, which must not run backwards nor cut a number in two.
fn append_jagged(
    payload: &Payload,
    held: usize,
    entries: Range<usize>,
    header: usize,
    column: &mut Column,
) -> Result<(), Damage> {
    let object = column.width.saturating_mul(column.values.element().size()).max(1);
    let shift = object.is_power_of_two().then(|| object.trailing_zeros());
    let border = payload.values.len();
    let start_of = |entry: usize| if entry < held { payload.starts.get(entry).unwrap_or(usize::MAX) } else { border };
    let first = start_of(entries.start);
    let mut start = first;
    let mut total = column.offsets.last().copied().unwrap_or(0);
    column.offsets.reserve(entries.len());
    for entry in entries {
        let end = start_of(entry + 1);
        let bytes = match end.checked_sub(start) {
            Some(bytes) if end <= border => bytes,
            _ => {
                let expected = format!("the next starts at {end} and the values end at {border}");
                return Err(Damage::implausible("start of an entry", start, expected));
            }
        };
        let numbers = bytes.checked_sub(header).or((bytes == 0).then_some(0));
        let numbers =
            numbers.ok_or_else(|| Damage::implausible("size of an entry", bytes, format!("{header} at least")))?;
        let count = shift.map_or_else(|| numbers / object, |shift| numbers >> shift);
        if count * object != numbers {
            return Err(Damage::implausible("size of an entry", numbers, format!("its objects have {object} bytes")));
        }
        total = u32::try_from(count).ok().and_then(|count| total.checked_add(count)).ok_or_else(too_many)?;
        column.offsets.push(total);
        if header > 0 {
            column.values.extend_big_endian(payload.values.get(start + header.min(bytes)..end).unwrap_or_default());
        }
        start = end;
    }
    if header == 0 {
        column.values.extend_big_endian(payload.values.get(first..start).unwrap_or_default());
    }
    Ok(())
}

/// For baskets without offsets: `counts` are those of all entries in the basket.
fn append_counted(
    payload: &Payload,
    counts: &Values,
    entries: Range<usize>,
    column: &mut Column,
) -> Result<(), Damage> {
    let object = column.width.saturating_mul(column.values.element().size());
    let (mut before, mut inside, mut all) = (0usize, 0usize, 0usize);
    let mut total = column.offsets.last().copied().unwrap_or(0);
    let mut problem = None;
    let mut entry = 0;
    let known = counts.for_each_int(|count| {
        match usize::try_from(count).ok().filter(|count| all + count <= payload.values.len()) {
            Some(count) => {
                if entry < entries.start {
                    before += count;
                } else if entry < entries.end {
                    inside += count;
                    total = total.saturating_add(count as u32);
                    column.offsets.push(total);
                }
                all += count;
            }
            None => {
                problem = Some(Damage::implausible("number of objects in an entry", count, "too many for the basket"))
            }
        }
        entry += 1;
    });
    if let Some(problem) = problem {
        return Err(problem);
    }
    if known.is_none() || all.checked_mul(object) != Some(payload.values.len()) {
        let expected = format!("the counting branch has {all} objects of {object} bytes");
        return Err(Damage::implausible("number of value bytes", payload.values.len(), expected));
    }
    let bytes = payload.values.get(before * object..(before + inside) * object);
    column.values.extend_big_endian(bytes.unwrap_or_default());
    Ok(())
}

fn too_many() -> Damage {
    Damage::TooMuch("more than four thousand million objects in one range of entries")
}

#[cfg(test)]
mod tests {
    use super::super::branch::ElementType;
    use super::*;

    fn jagged(starts: &[u32], values: &[u8], entries: Range<usize>) -> Result<Column, Damage> {
        let mut column = Column::default();
        column.reset(ElementType::U16, 1, true);
        let payload = Payload { values, starts: Starts::Known(starts) };
        append_jagged(&payload, starts.len(), entries, 0, &mut column).map(|()| column)
    }

    #[test]
    fn jagged_entries_inside_a_basket_keep_their_offsets() {
        let values = [0, 1, 0, 2, 0, 3];
        let column = jagged(&[0, 0, 2], &values, 1..3).expect("offsets in order");
        assert_eq!((column.offsets, column.values), (vec![0, 1, 3], Values::U16(vec![1, 2, 3])));
        let as_many_values_as_entries = jagged(&[0, 0, 2], &values, 0..3).expect("offsets in order");
        assert_eq!(as_many_values_as_entries.offsets, [0, 0, 1, 3]);
    }

    #[test]
    fn offsets_out_of_order_or_inside_a_number_are_refused() {
        let values = [0, 1, 0, 2, 0, 3];
        for starts in [[0, 4, 2], [0, 1, 2], [0, 2, 8], [u32::MAX, 0, 2]] {
            assert!(jagged(&starts, &values, 0..3).is_err(), "{starts:?}");
        }
    }

    #[test]
    fn counts_of_another_branch_must_add_up() {
        let payload = Payload { values: &[0, 1, 0, 2, 0, 3], starts: Starts::Unknown };
        let mut column = Column::default();
        column.reset(ElementType::U16, 1, true);
        append_counted(&payload, &Values::I32(vec![1, 0, 2]), 1..3, &mut column).expect("they add up");
        assert_eq!((column.offsets, column.values), (vec![0, 0, 2], Values::U16(vec![2, 3])));
        for counts in [vec![1, 0, 1], vec![-1, 2, 2], vec![i32::MAX, 0, 0]] {
            let mut column = Column::default();
            column.reset(ElementType::U16, 1, true);
            assert!(append_counted(&payload, &Values::I32(counts), 0..3, &mut column).is_err());
        }
    }
}

//! RNTuples: fields, and reading of any range of entries into columns.
//!
//! In: the anchor object. Out: [`RNTuple`], which reads ranges of [`RField`]s as a [`Tree`](crate::rootfile::Tree)
//! reads those of branches. It is shared between threads; each brings its own [`Scratch`].

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::anchor::{Anchor, NoAnchor};
use super::clusters::{Cluster, Clusters};
use super::envelope::{Blocks, Kind};
use super::field::{self, Holds, RField};
use super::page::Pages;
use super::schema::Schema;
use crate::nearest::nearest;
use crate::rootfile::basket::Scratch;
use crate::rootfile::branch::BranchShape;
use crate::rootfile::column::{Column, Values};
use crate::rootfile::disk::Disk;
use crate::rootfile::element::ElementType;
use crate::rootfile::error::{Damage, RootError};

/// An RNTuple of a ROOT file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RNTuple {
    name: String,
    description: String,
    writer: String,
    fields: Arc<[RField]>,
    by_name: Arc<HashMap<String, usize>>,
    pages: Arc<Pages>,
}

impl RNTuple {
    /// From the unpacked anchor object, which stands at bytes `at` of the file.
    pub(crate) fn open(anchor: &[u8], at: Range<u64>, name: &str, disk: Arc<Disk>) -> Result<RNTuple, RootError> {
        let anchor = Anchor::parse(anchor).map_err(|problem| match problem {
            NoAnchor::Version(version) => {
                RootError::RNTupleVersion { path: disk.path().to_path_buf(), name: name.to_string(), version }
            }
            NoAnchor::Damaged(damage) => disk.damaged(format!("anchor of RNTuple `{name}`"), at, damage),
        })?;
        let blocks = Blocks { disk: disk.clone(), max_record: anchor.max_record };
        let bytes =
            |link: super::envelope::Link| link.locator.seek..link.locator.seek.saturating_add(link.locator.bytes);
        let place = format!("header of RNTuple `{name}`");
        let header = blocks.envelope(anchor.header, Kind::Header, &place)?;
        let mut schema = Schema::default();
        let mut texts = [String::new(), String::new(), String::new()];
        let mut wire = header.inside();
        let mut parse = || -> Result<(), Damage> {
            wire.feature_flags()?;
            for text in &mut texts {
                *text = wire.string()?;
            }
            schema.extend(&mut wire)
        };
        parse().map_err(|damage| disk.damaged(place, bytes(anchor.header), damage))?;
        let place = format!("footer of RNTuple `{name}`");
        let footer = blocks.envelope(anchor.footer, Kind::Footer, &place)?;
        let mut wire = footer.inside();
        let mut parse = || -> Result<(), Damage> {
            wire.feature_flags()?;
            if wire.u64()? != header.checksum {
                let reason = "it belongs to another header".into();
                return Err(Damage::Undecodable { what: "footer".into(), reason });
            }
            let mut extension = wire.record()?;
            match extension.is_empty() {
                true => Ok(()),
                false => schema.extend(&mut extension),
            }
        };
        parse().map_err(|damage| disk.damaged(place, bytes(anchor.footer), damage))?;
        let Schema { fields, columns, aliases } = schema;
        let at = bytes(anchor.footer);
        let clusters = Clusters::read(&blocks, name, &mut wire, columns.len(), header.checksum, &at)?;
        let pages = Pages { blocks, records: columns, clusters };
        let fields = field::readable(&fields, &aliases, &pages)
            .map_err(|damage| disk.damaged(format!("schema of RNTuple `{name}`"), bytes(anchor.header), damage))?;
        let by_name = Arc::new(names(&fields));
        let [_, description, writer] = texts;
        let name = name.to_string();
        Ok(RNTuple { name, description, writer, fields: fields.into(), by_name, pages: Arc::new(pages) })
    }

    /// Name, with the directories above it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Description, often empty.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The program that wrote it, such as `ROOT v6.40.00`.
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// Number of entries (events).
    pub fn entries(&self) -> u64 {
        self.pages.clusters.entries()
    }

    /// All fields that have values of their own, those that cannot be read included.
    pub fn fields(&self) -> &[RField] {
        &self.fields
    }

    /// The same as [`fields`](RNTuple::fields), by the name that a tree has for it.
    pub fn branches(&self) -> &[RField] {
        &self.fields
    }

    /// True if there is such a field.
    pub fn has_branch(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// A field by name (`Muon.pt`); where no other has that name, `Muon_pt` finds it as well, and `nMuon` or
    /// `Muon_size` the number of objects in the collection `Muon`. The error names the nearest ones.
    pub fn branch(&self, name: &str) -> Result<&RField, RootError> {
        let found = self.by_name.get(name).and_then(|index| self.fields.get(*index));
        found.ok_or_else(|| RootError::BranchNotFound {
            path: self.disk().path().to_path_buf(),
            tree: self.name.clone(),
            branch: name.to_string(),
            nearest: nearest(name, self.fields.iter().map(|field| field.name.as_str())),
        })
    }

    /// Reads entries of a field into `column`, replacing what was in it.
    pub fn read(
        &self,
        field: &RField,
        range: Range<u64>,
        scratch: &mut Scratch,
        column: &mut Column,
    ) -> Result<(), RootError> {
        let element = field.element.ok_or_else(|| self.unsupported(field))?;
        let (BranchShape::Fixed { width, .. } | BranchShape::Jagged { width, .. }) = field.shape;
        if range.start > range.end || range.end > self.entries() {
            return Err(RootError::EntryRange {
                path: self.disk().path().to_path_buf(),
                branch: field.name.clone(),
                wanted: range,
                entries: self.entries(),
            });
        }
        column.reset(element, width, field.is_jagged());
        let clusters = &self.pages.clusters.clusters;
        let first = clusters.partition_point(|cluster| cluster.first.saturating_add(cluster.entries) <= range.start);
        for (index, cluster) in clusters.iter().enumerate().skip(first) {
            if cluster.first >= range.end {
                break;
            }
            let inside = |at: u64| at.saturating_sub(cluster.first).min(cluster.entries);
            let entries = inside(range.start)..inside(range.end);
            if !entries.is_empty() {
                self.read_cluster(field, index, cluster, entries, scratch, column)?;
            }
        }
        Ok(())
    }

    /// Appends entries, counted from the start of a cluster.
    fn read_cluster(
        &self,
        field: &RField,
        index: usize,
        cluster: &Cluster,
        entries: Range<u64>,
        scratch: &mut Scratch,
        column: &mut Column,
    ) -> Result<(), RootError> {
        let name = field.name.as_str();
        let damaged = |damage| {
            let place = format!("field `{name}` of RNTuple `{}`, entry {} on", self.name, cluster.first);
            let all = cluster.first..cluster.first.saturating_add(cluster.entries);
            self.disk().damaged(place, 0..0, damage).in_entries(all)
        };
        // Entries of the file that `width` elements each belong to.
        let of_elements = |width: u64| {
            move |lost: Range<u64>| {
                let width = width.max(1);
                let (first, end) = (lost.start / width, lost.end.div_ceil(width));
                cluster.first.saturating_add(first)..cluster.first.saturating_add(end)
            }
        };
        let (entries_start, entries_end) = (entries.start, entries.end);
        match &field.holds {
            Holds::Nothing(_) => Err(self.unsupported(field)),
            Holds::Numbers { values, offsets: None, width } => {
                let width = *width as u64;
                let elements = self.pages.elements(values, index, Some(width)).map_err(damaged)?;
                let wanted = entries.start.saturating_mul(width)..entries.end.saturating_mul(width);
                let done = self.pages.append(elements, wanted, name, scratch, &mut column.values);
                done.map_err(|error| error.in_entries_from(of_elements(width)))
            }
            Holds::Counts { offsets } => {
                let mut ends = std::mem::take(&mut scratch.counts);
                let done = self
                    .ends(offsets, index, cluster, entries, name, scratch, &mut ends)
                    .map_err(|error| error.in_entries_from(of_elements(1)))
                    .and_then(|first| append_counts(first, &ends.values, &mut column.values).map_err(damaged));
                scratch.counts = ends;
                done
            }
            Holds::Numbers { values, offsets: Some(offsets), width } => {
                let mut ends = std::mem::take(&mut scratch.counts);
                let known = column.offsets.len().saturating_sub(1);
                let found = self.ends(offsets, index, cluster, entries, name, scratch, &mut ends);
                let found = found.map_err(|error| error.in_entries_from(of_elements(1)));
                let objects =
                    found.and_then(|first| append_offsets(first, &ends.values, &mut column.offsets).map_err(damaged));
                scratch.counts = ends;
                let objects = objects?;
                if objects.is_empty() {
                    return Ok(());
                }
                let width = *width as u64;
                let elements = self.pages.elements(values, index, None).map_err(damaged)?;
                let wanted = objects.start.saturating_mul(width)..objects.end.saturating_mul(width);
                // The last collection ends where the numbers do.
                if entries_end == cluster.entries && wanted.end != elements.count {
                    let expected = format!("the collections end at {}", wanted.end);
                    return Err(damaged(Damage::implausible(
                        "number of elements in a cluster",
                        elements.count,
                        expected,
                    )));
                }
                let done = self.pages.append(elements, wanted, name, scratch, &mut column.values);
                let offsets = column.offsets.get(known..).unwrap_or_default();
                done.map_err(|error| {
                    error.in_entries_from(|lost| {
                        let lost = lost.start / width.max(1)..lost.end.div_ceil(width.max(1));
                        let lost = entries_with(lost, objects.start, offsets);
                        let first = cluster.first.saturating_add(entries_start);
                        first.saturating_add(lost.start)..first.saturating_add(lost.end)
                    })
                })
            }
        }
    }

    /// Reads where the collections of `entries` end, counted from the start of the cluster, into `ends`. Returns
    /// where the first one starts.
    #[allow(clippy::too_many_arguments)] // what to read, and memory for it
    fn ends(
        &self,
        offsets: &[usize],
        index: usize,
        cluster: &Cluster,
        entries: Range<u64>,
        name: &str,
        scratch: &mut Scratch,
        ends: &mut Column,
    ) -> Result<u64, RootError> {
        ends.reset(ElementType::U64, 1, false);
        let elements = self.pages.elements(offsets, index, Some(1)).map_err(|damage| {
            self.disk().damaged(format!("offsets of field `{name}`, entry {} on", cluster.first), 0..0, damage)
        })?;
        let place = format!("offsets of {name}");
        // With the end of the entry before the first, which is where that one starts.
        self.pages.append(elements, entries.start.saturating_sub(1)..entries.end, &place, scratch, &mut ends.values)?;
        let start = match &mut ends.values {
            Values::U64(ends) if entries.start > 0 && !ends.is_empty() => ends.remove(0),
            _ => 0,
        };
        Ok(start)
    }

    /// The file, as it was opened.
    pub(crate) fn path(&self) -> &Path {
        self.disk().path()
    }

    fn disk(&self) -> &Disk {
        &self.pages.blocks.disk
    }

    fn unsupported(&self, field: &RField) -> RootError {
        let reason = if let Holds::Nothing(reason) = field.holds { format!(" ({reason})") } else { String::new() };
        RootError::UnsupportedBranch {
            path: self.disk().path().to_path_buf(),
            tree: self.name.clone(),
            branch: field.name.clone(),
            holds: format!("`{}`{reason}", field.type_name),
        }
    }
}

/// Appends the differences of ends that must not run backwards.
fn append_counts(start: u64, ends: &Values, out: &mut Values) -> Result<(), Damage> {
    let Values::U64(ends) = ends else { return Ok(()) };
    let mut start = start;
    for end in ends {
        let count = count(start, *end)?;
        match out {
            Values::U32(out) => out.push(count),
            Values::U64(out) => out.push(count.into()),
            _ => {}
        }
        start = *end;
    }
    Ok(())
}

/// Appends offsets for ends that must not run backwards; returns the objects of these entries.
fn append_offsets(first: u64, ends: &Values, offsets: &mut Vec<u32>) -> Result<Range<u64>, Damage> {
    let Values::U64(ends) = ends else { return Ok(first..first) };
    let mut total = offsets.last().copied().unwrap_or(0);
    let mut start = first;
    offsets.reserve(ends.len());
    for end in ends {
        let more = count(start, *end)?;
        total = total.checked_add(more).ok_or(Damage::TooMuch("more than 4 thousand million objects at once"))?;
        offsets.push(total);
        start = *end;
    }
    Ok(first..start)
}

/// The entries that objects belong to, counted as the offsets are; the first of these is object `first`.
fn entries_with(objects: Range<u64>, first: u64, offsets: &[u32]) -> Range<u64> {
    let base = offsets.first().copied().unwrap_or(0);
    let place = |offset: &u32| first.saturating_add(u64::from(offset.saturating_sub(base)));
    // The last entry that starts at or before the first object, the first that ends at or behind the last.
    let start = offsets.partition_point(|offset| place(offset) <= objects.start).saturating_sub(1);
    let end = offsets.partition_point(|offset| place(offset) < objects.end);
    start as u64..end.min(offsets.len().saturating_sub(1)) as u64
}

fn count(start: u64, end: u64) -> Result<u32, Damage> {
    let count = end.checked_sub(start).and_then(|count| u32::try_from(count).ok());
    count.ok_or_else(|| Damage::implausible("end of a collection", end, format!("it starts at {start}")))
}

/// Own names first; then names as NanoAOD and Delphes trees have them, where these are free.
fn names(fields: &[RField]) -> HashMap<String, usize> {
    let mut names = HashMap::new();
    for (index, field) in fields.iter().enumerate() {
        names.entry(field.name.clone()).or_insert(index);
    }
    for (index, field) in fields.iter().enumerate() {
        if field.name.contains('.') {
            names.entry(field.name.replace('.', "_")).or_insert(index);
        }
        if matches!(field.holds, Holds::Counts { .. }) {
            names.entry(format!("n{}", field.name)).or_insert(index);
            names.entry(format!("{}_size", field.name)).or_insert(index);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_become_offsets_of_the_range_and_never_run_backwards() {
        let mut offsets = vec![0, 7];
        assert_eq!(append_offsets(10, &Values::U64(vec![10, 12, 15]), &mut offsets), Ok(10..15));
        assert_eq!(offsets, [0, 7, 7, 9, 12]);
        assert!(append_offsets(10, &Values::U64(vec![9]), &mut offsets).is_err());
        assert!(append_offsets(0, &Values::U64(vec![u64::MAX]), &mut offsets).is_err());
        // Entries of 2, 0 and 3 objects, the first of which is object 10.
        assert_eq!(entries_with(11..13, 10, &[7, 9, 9, 12]), 0..3);
        assert_eq!(entries_with(12..99, 10, &[7, 9, 9, 12]), 2..3);
        assert_eq!(entries_with(0..11, 10, &[7, 9, 9, 12]), 0..1);
        let mut counts = Values::U32(Vec::new());
        assert_eq!(append_counts(10, &Values::U64(vec![10, 12, 15]), &mut counts), Ok(()));
        assert_eq!(counts, Values::U32(vec![0, 2, 3]));
    }
}

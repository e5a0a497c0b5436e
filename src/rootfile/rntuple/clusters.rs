//! Clusters: ranges of entries, and where the pages of every column are in each of them.
//!
//! In: the cluster groups of the footer, and the page lists that they point to. Out: [`Clusters`]. The clusters must
//! follow each other without a gap from entry 0, and every page must lie inside the file.

use std::ops::Range;

use super::envelope::{Blocks, Kind, Link};
use super::wire::Wire;
use crate::rootfile::error::{Damage, RootError};

/// Pages, or columns of clusters, that any file may have; larger files one per eight bytes.
const ALWAYS_ALLOWED: u64 = 1 << 20;

/// A range of entries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub(crate) first: u64,
    pub(crate) entries: u64,
}

/// Consecutive elements of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// First element, counted from the start of the cluster.
    pub(crate) first: u64,
    pub(crate) elements: u32,
    /// A checksum stands behind the page.
    pub(crate) checksum: bool,
    pub(crate) seek: u64,
    /// Packed, without checksum.
    pub(crate) bytes: u64,
}

/// The pages of a column in one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) cluster: usize,
    pub(crate) elements: u64,
    pub(crate) pages: Range<usize>,
    /// ROOT's compression setting.
    pub(crate) setting: u32,
}

/// All pages of a column. Clusters in which another representation is used have no span.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnPages {
    spans: Vec<Span>,
    pages: Vec<Page>,
}

impl ColumnPages {
    /// The pages in one cluster.
    pub(crate) fn span(&self, cluster: usize) -> Option<&Span> {
        let found = self.spans.binary_search_by_key(&cluster, |span| span.cluster).ok()?;
        self.spans.get(found)
    }

    pub(crate) fn pages_of(&self, span: &Span) -> &[Page] {
        self.pages.get(span.pages.clone()).unwrap_or_default()
    }

    /// Compression setting of the first cluster.
    pub(crate) fn setting(&self) -> Option<u32> {
        self.spans.first().map(|span| span.setting)
    }

    /// Bytes of all pages in the file, and elements in them.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let add = |(bytes, elements): (u64, u64), page: &Page| {
            (bytes.saturating_add(page.bytes), elements.saturating_add(page.elements.into()))
        };
        self.pages.iter().fold((0, 0), add)
    }
}

/// All clusters, and the pages of all columns.
#[derive(Debug, Default)]
pub(crate) struct Clusters {
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) columns: Vec<ColumnPages>,
    entries: u64,
    /// Pages, spans and clusters so far.
    stored: u64,
}

/// A page list, and the entries that it is about.
struct Group {
    first: u64,
    entries: u64,
    clusters: usize,
    link: Link,
}

impl Clusters {
    /// Reads all page lists that the footer names. `wire` stands at the list of cluster groups.
    pub(crate) fn read(
        blocks: &Blocks,
        name: &str,
        wire: &mut Wire,
        columns: usize,
        header_sum: u64,
        footer: &Range<u64>,
    ) -> Result<Clusters, RootError> {
        let damaged = |damage| blocks.disk.damaged(format!("footer of RNTuple `{name}`"), footer.clone(), damage);
        let mut groups = groups(wire).map_err(damaged)?;
        groups.sort_by_key(|group| group.first);
        let mut all = Clusters { columns: vec![ColumnPages::default(); columns], ..Clusters::default() };
        for (index, group) in groups.iter().enumerate().filter(|(_, group)| group.entries > 0) {
            if group.first != all.entries {
                let expected = format!("the clusters before it end at entry {}", all.entries);
                return Err(damaged(Damage::implausible("first entry of a cluster group", group.first, expected)));
            }
            let place = format!("page list {index} of RNTuple `{name}`");
            let envelope = blocks.envelope(group.link, Kind::PageList, &place)?;
            all.append(&mut envelope.inside(), group, header_sum, blocks.disk.length()).map_err(|damage| {
                let at = group.link.locator;
                blocks.disk.damaged(place, at.seek..at.seek.saturating_add(at.bytes), damage)
            })?;
        }
        Ok(all)
    }

    /// Entries of all clusters.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// Appends the clusters of one page list.
    fn append(&mut self, wire: &mut Wire, group: &Group, header_sum: u64, file: u64) -> Result<(), Damage> {
        if wire.u64()? != header_sum {
            let reason = "it belongs to another header".into();
            return Err(Damage::Undecodable { what: "page list".into(), reason });
        }
        let first_cluster = self.clusters.len();
        let (count, mut list) = wire.list(24)?;
        if count != group.clusters {
            return Err(Damage::implausible(
                "number of clusters",
                count,
                format!("the footer says {}", group.clusters),
            ));
        }
        for _ in 0..count {
            let mut record = list.record()?;
            let first = record.u64()?;
            let entries = record.u64()?;
            let (entries, flags) = (entries & (u64::MAX >> 8), entries >> 56);
            if flags & 1 != 0 {
                let reason = "it is sharded, which this reader does not know".into();
                return Err(Damage::Undecodable { what: "cluster".into(), reason });
            }
            if first != self.entries {
                let expected = format!("the cluster before it ends at {}", self.entries);
                return Err(Damage::implausible("first entry of a cluster", first, expected));
            }
            self.clusters.push(Cluster { first, entries });
            self.entries = first.saturating_add(entries).min(i64::MAX as u64);
            self.count(file)?;
        }
        if self.entries != group.first.saturating_add(group.entries) {
            let expected = format!("the footer says {}", group.first.saturating_add(group.entries));
            return Err(Damage::implausible("end of a cluster group", self.entries, expected));
        }
        let (listed, mut list) = wire.list(12)?;
        if listed != count {
            return Err(Damage::implausible("number of lists of pages", listed, format!("there are {count} clusters")));
        }
        for cluster in first_cluster..self.clusters.len() {
            let (columns, mut list) = list.list(20)?;
            if columns > self.columns.len() {
                let expected = format!("the schema has {}", self.columns.len());
                return Err(Damage::implausible("number of columns in a cluster", columns, expected));
            }
            for column in 0..columns {
                self.append_span(&mut list, cluster, column, file)?;
            }
        }
        Ok(())
    }

    fn append_span(&mut self, wire: &mut Wire, cluster: usize, column: usize, file: u64) -> Result<(), Damage> {
        let (count, mut list) = wire.list(0)?;
        let Some(ColumnPages { spans, pages }) = self.columns.get_mut(column) else { return Ok(()) };
        let first_page = pages.len();
        let mut elements = 0u64;
        let mut stored = 1;
        for _ in 0..count {
            let number = list.i32()?;
            let page =
                Page { first: elements, elements: number.unsigned_abs(), checksum: number < 0, seek: 0, bytes: 0 };
            let locator = list.locator()?;
            if page.elements == 0 {
                continue;
            }
            let trailer = if page.checksum { 8 } else { 0 };
            let end = locator.seek.checked_add(locator.bytes).and_then(|end| end.checked_add(trailer));
            if locator.bytes == 0 || end.is_none_or(|end| end > file) {
                let end = end.unwrap_or(u64::MAX);
                let expected = format!("it has {} bytes and the file ends at {file}", locator.bytes);
                return Err(Damage::implausible("end of a page", end, expected));
            }
            elements += u64::from(page.elements);
            pages.push(Page { seek: locator.seek, bytes: locator.bytes, ..page });
            stored += 1;
            check(self.stored + stored, file)?;
        }
        // Negative: another representation of the field is used in this cluster.
        if list.i64()? >= 0 {
            let setting = list.u32()?;
            spans.push(Span { cluster, elements, pages: first_page..pages.len(), setting });
        } else if pages.len() != first_page {
            let found = pages.len() - first_page;
            return Err(Damage::implausible("number of pages of an unused column", found, "0"));
        }
        self.stored += stored;
        check(self.stored, file)
    }

    fn count(&mut self, file: u64) -> Result<(), Damage> {
        self.stored += 1;
        check(self.stored, file)
    }
}

fn check(stored: u64, file: u64) -> Result<(), Damage> {
    match stored > ALWAYS_ALLOWED.max(file / 8) {
        true => Err(Damage::TooMuch("more pages and clusters than a file of this size can have")),
        false => Ok(()),
    }
}

fn groups(wire: &mut Wire) -> Result<Vec<Group>, Damage> {
    let (count, mut list) = wire.list(48)?;
    let mut groups = Vec::new();
    for _ in 0..count {
        let mut record = list.record()?;
        let (first, entries, clusters) = (record.u64()?, record.u64()?, record.u32()? as usize);
        let size = record.u64()?;
        groups.push(Group { first, entries, clusters, link: Link { locator: record.locator()?, size } });
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(inside: &[u8]) -> Vec<u8> {
        [&(8 + inside.len() as i64).to_le_bytes(), inside].concat()
    }

    fn list(items: u32, inside: &[u8]) -> Vec<u8> {
        [&(-12 - inside.len() as i64).to_le_bytes()[..], &items.to_le_bytes(), inside].concat()
    }

    fn page(elements: i32, bytes: i32, seek: u64) -> Vec<u8> {
        [&elements.to_le_bytes()[..], &bytes.to_le_bytes(), &seek.to_le_bytes()].concat()
    }

    /// A page list with one cluster; `columns` are the insides of its lists of pages, with how many there are.
    fn page_list(first: u64, entries: u64, columns: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let summary = record(&[first.to_le_bytes(), entries.to_le_bytes()].concat());
        let inner: Vec<u8> = columns.iter().flat_map(|(pages, inside)| list(*pages, inside)).collect();
        let outer = list(columns.len() as u32, &inner);
        [&7u64.to_le_bytes()[..], &list(1, &summary), &list(1, &outer)].concat()
    }

    fn used(pages: &[Vec<u8>], setting: u32) -> (u32, Vec<u8>) {
        let inside = [pages.concat(), 0i64.to_le_bytes().to_vec(), setting.to_le_bytes().to_vec()].concat();
        (pages.len() as u32, inside)
    }

    fn unused() -> (u32, Vec<u8>) {
        (0, i64::MIN.to_le_bytes().to_vec())
    }

    fn appended(lists: &[Vec<u8>], columns: usize) -> Result<Clusters, Damage> {
        let mut all = Clusters { columns: vec![ColumnPages::default(); columns], ..Clusters::default() };
        let link = Link { locator: super::super::wire::Locator { seek: 0, bytes: 0 }, size: 0 };
        for (index, list) in lists.iter().enumerate() {
            let group = Group { first: 10 * index as u64, entries: 10, clusters: 1, link };
            all.append(&mut Wire::new(list), &group, 7, 1000)?;
        }
        Ok(all)
    }

    #[test]
    fn clusters_choose_between_the_representations_of_a_column() {
        let first = page_list(0, 10, &[used(&[page(-6, 24, 100), page(-4, 16, 132)], 505), unused()]);
        let second = page_list(10, 10, &[unused(), used(&[page(10, 20, 500)], 0)]);
        let all = appended(&[first, second], 2).expect("good page lists");
        assert_eq!((all.entries(), all.clusters.len()), (20, 2));
        let span = all.columns[0].span(0).expect("the first column is used in the first cluster");
        let firsts: Vec<_> = all.columns[0].pages_of(span).iter().map(|page| (page.first, page.checksum)).collect();
        assert_eq!((span.elements, span.setting, firsts), (10, 505, vec![(0, true), (6, true)]));
        assert_eq!(all.columns[0].span(1), None);
        assert_eq!(all.columns[1].span(0), None);
        assert_eq!(all.columns[1].totals(), (20, 10));
    }

    #[test]
    fn pages_outside_the_file_gaps_and_unknown_columns_are_refused() {
        let good = |page| page_list(0, 10, &[used(&[page], 0)]);
        assert!(appended(&[good(page(10, 40, 960))], 1).is_ok());
        for bad in [page(10, 41, 960), page(-10, 40, 953), page(10, 40, u64::MAX - 20), page(10, 0, 500)] {
            assert!(appended(&[good(bad)], 1).is_err());
        }
        assert!(appended(&[good(page(10, 40, 500))], 0).is_err());
        assert!(appended(&[page_list(1, 9, &[])], 0).is_err());
        assert!(appended(&[page_list(0, 11, &[])], 0).is_err());
        assert!(appended(&[page_list(0, 10 | 1 << 56, &[])], 0).is_err());
    }
}

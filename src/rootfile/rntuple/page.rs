//! Pages: from the file to numbers.
//!
//! In: a column, a cluster and a range of its elements. Out: numbers appended to [`Values`]. A page is read whole,
//! its checksum compared, unpacked, and kept until another page of the same column is needed: work units end inside
//! pages, and members of one collection share the page of its offsets.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Weak};

use super::clusters::{Cluster, Clusters, Page, Span};
use super::envelope::Blocks;
use super::schema::ColumnRecord;
use super::wire::sum_fits;
use crate::rootfile::basket::Scratch;
use crate::rootfile::column::Values;
use crate::rootfile::compression::MAX_UNPACKED;
use crate::rootfile::disk::Disk;
use crate::rootfile::error::{Damage, RootError};

/// Bytes of unpacked pages that a thread keeps.
const MAX_KEPT: usize = 128 << 20;

/// Most numbers that one read gives: up to 1 GB.
const MAX_VALUES: u64 = 1 << 27;
/// Most zeros that one cluster gives for a column that was added later: nothing in the file stands for them.
const MAX_ZEROS: u64 = 1 << 25;

/// The page that was last read of each column of one file. One per thread.
#[derive(Default)]
pub(crate) struct PageCache {
    disk: Weak<Disk>,
    kept: HashMap<usize, Kept>,
    bytes: usize,
}

#[derive(Default)]
struct Kept {
    /// Position, packed and unpacked size; None: nothing, or what could not be unpacked.
    page: Option<(u64, u64, usize)>,
    bytes: Vec<u8>,
}

impl PageCache {
    /// The place for a page of `column` that unpacks to `size` bytes.
    fn place(&mut self, disk: &Arc<Disk>, column: usize, size: usize) -> &mut Kept {
        if !std::ptr::eq(self.disk.as_ptr(), Arc::as_ptr(disk)) {
            *self = PageCache { disk: Arc::downgrade(disk), ..PageCache::default() };
        }
        let held = self.kept.get(&column).map_or(0, |kept| kept.bytes.len());
        if self.bytes.saturating_sub(held).saturating_add(size) > MAX_KEPT {
            self.kept.clear();
            self.bytes = 0;
        }
        let held = self.kept.get(&column).map_or(0, |kept| kept.bytes.len());
        self.bytes = self.bytes.saturating_sub(held).saturating_add(size.max(held));
        self.kept.entry(column).or_default()
    }
}

/// Where all pages are, and how their elements are stored.
#[derive(Debug)]
pub(crate) struct Pages {
    pub(crate) blocks: Blocks,
    pub(crate) records: Vec<ColumnRecord>,
    pub(crate) clusters: Clusters,
}

/// Elements of one column in one cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elements<'a> {
    column: usize,
    record: &'a ColumnRecord,
    pages: &'a [Page],
    /// Elements before the first page, all zero: the column was added later.
    zeros: u64,
    /// All elements, zeros included.
    pub(crate) count: u64,
}

impl Pages {
    /// The elements of whichever of the `representations` is used in a cluster. `width`: how many there must be per
    /// entry; None: as many as there are.
    pub(crate) fn elements(
        &self,
        representations: &[usize],
        cluster: usize,
        width: Option<u64>,
    ) -> Result<Elements<'_>, Damage> {
        let columns = || representations.iter().filter_map(|column| Some((*column, self.records.get(*column)?)));
        let used = columns().find_map(|(column, record)| {
            let pages = self.clusters.columns.get(column)?;
            pages.span(cluster).map(|span| (column, record, span, pages.pages_of(span)))
        });
        let none = Span { cluster, elements: 0, pages: 0..0, setting: 0 };
        let late = || {
            columns()
                .find(|(_, record)| record.zeros_before > 0)
                .map(|(column, record)| (column, record, &none, &[][..]))
        };
        let (column, record, span, pages) = used
            .or_else(late)
            .ok_or(Damage::Undecodable { what: "column".into(), reason: "no pages are listed for it".into() })?;
        let Cluster { first, entries } = self.clusters.clusters.get(cluster).copied().unwrap_or_default();
        let count = width.map_or(span.elements, |width| entries.saturating_mul(width));
        let zeros = count.checked_sub(span.elements);
        // Elements that are not stored are zero, as far as the schema says so.
        let before = record.zeros_before.saturating_sub(first.saturating_mul(width.unwrap_or(1)));
        let allowed = |zeros: &u64| *zeros <= before.min(MAX_ZEROS);
        let zeros = zeros.filter(allowed).ok_or_else(|| {
            Damage::implausible("number of elements of a column", span.elements, format!("{count} are needed"))
        })?;
        Ok(Elements { column, record, pages, zeros, count })
    }

    /// Appends elements `wanted`, counted from the start of the cluster. Damage tells which elements are lost by it.
    pub(crate) fn append(
        &self,
        elements: Elements,
        wanted: Range<u64>,
        name: &str,
        scratch: &mut Scratch,
        out: &mut Values,
    ) -> Result<(), RootError> {
        let damaged = |damage| self.blocks.disk.damaged(format!("field `{name}`"), 0..0, damage);
        if wanted.end > elements.count || wanted.start > wanted.end {
            let expected = format!("elements {}..{} are requested", wanted.start, wanted.end);
            return Err(damaged(Damage::implausible("number of elements in a cluster", elements.count, expected)));
        }
        if out.len() as u64 + (wanted.end - wanted.start) > MAX_VALUES {
            return Err(damaged(Damage::TooMuch("more than 134 million numbers at once: read fewer entries")));
        }
        append_zeros(out, wanted.end.min(elements.zeros).saturating_sub(wanted.start) as usize);
        let wanted = wanted.start.max(elements.zeros) - elements.zeros..wanted.end.max(elements.zeros) - elements.zeros;
        let first = elements.pages.partition_point(|page| page.first + u64::from(page.elements) <= wanted.start);
        for (index, page) in elements.pages.iter().enumerate().skip(first) {
            if page.first >= wanted.end {
                break;
            }
            let inside = |at: u64| at.saturating_sub(page.first).min(page.elements.into()) as usize;
            let part = inside(wanted.start)..inside(wanted.end);
            let place = || format!("page {index} of field `{name}`");
            let all = page.first..page.first.saturating_add(page.elements.into());
            self.append_page(elements, page, part, place, scratch, out).map_err(|error| error.in_entries(all))?;
        }
        Ok(())
    }

    fn append_page(
        &self,
        elements: Elements,
        page: &Page,
        wanted: Range<usize>,
        place: impl Fn() -> String,
        scratch: &mut Scratch,
        out: &mut Values,
    ) -> Result<(), RootError> {
        let stored = page.bytes + if page.checksum { 8 } else { 0 };
        let damaged = |damage| self.blocks.disk.damaged(place(), page.seek..page.seek.saturating_add(stored), damage);
        let encoding = elements.record.encoding;
        let size = (u64::from(page.elements) * u64::from(encoding.bits())).div_ceil(8);
        // Bits and packed reals become larger.
        let native = u64::from(page.elements) * out.element().size() as u64;
        let size = usize::try_from(size).ok().filter(|_| size.max(native) <= MAX_UNPACKED as u64).ok_or_else(|| {
            let expected = format!("at most {MAX_UNPACKED} bytes are believed");
            damaged(Damage::implausible("number of elements of a page", page.elements, expected))
        })?;
        let Scratch { record, codecs, pages, .. } = scratch;
        let kept = pages.place(&self.blocks.disk, elements.column, size);
        let key = (page.seek, page.bytes, size);
        if kept.page != Some(key) {
            kept.page = None;
            let bytes = self.blocks.read(page.seek, stored, &place, record)?;
            let (packed, sum) = bytes.split_at_checked(page.bytes as usize).unwrap_or((bytes, &[]));
            let sum = sum.first_chunk().map(|sum| u64::from_le_bytes(*sum));
            if page.checksum && !sum.is_some_and(|sum| sum_fits(packed, sum)) {
                let reason = "its checksum differs".into();
                return Err(damaged(Damage::Undecodable { what: "page".into(), reason }));
            }
            if packed.len() == size {
                kept.bytes.clear();
                kept.bytes.extend_from_slice(packed);
            } else {
                codecs.unpack(packed, size, &mut kept.bytes).map_err(damaged)?;
            }
            kept.page = Some(key);
        }
        let unpacked = kept.bytes.get(..size).unwrap_or_default();
        encoding.append(unpacked, page.elements as usize, wanted, out).map_err(damaged)
    }
}

fn append_zeros(out: &mut Values, count: usize) {
    match out {
        Values::F32(out) => out.resize(out.len() + count, 0.0),
        Values::F64(out) => out.resize(out.len() + count, 0.0),
        Values::I8(out) => out.resize(out.len() + count, 0),
        Values::U8(out) => out.resize(out.len() + count, 0),
        Values::I16(out) => out.resize(out.len() + count, 0),
        Values::U16(out) => out.resize(out.len() + count, 0),
        Values::I32(out) => out.resize(out.len() + count, 0),
        Values::U32(out) => out.resize(out.len() + count, 0),
        Values::I64(out) => out.resize(out.len() + count, 0),
        Values::U64(out) => out.resize(out.len() + count, 0),
        Values::Bool(out) => out.resize(out.len() + count, false),
    }
}

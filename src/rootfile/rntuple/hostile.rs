//! Property tests: metadata changed behind the checksums, where the reader itself has to notice.
//!
//! Header, footer and page lists of a good, uncompressed file are changed, all checksums made right again, and
//! everything is read. Nothing may panic or run on; errors and wrong numbers are both fine. `PROPTEST_CASES=20000`
//! (with a memory limit such as `ulimit -v 3000000`) makes a long hunt of it.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use twox_hash::XxHash3_64;

use crate::rootfile::{Column, RootFile, Scratch};

use super::anchor::Anchor;
use super::envelope::Link;
use super::wire::Wire;

/// A good file, and where its envelopes are.
struct Good {
    bytes: Vec<u8>,
    header: Link,
    footer: Link,
    page_lists: Vec<Link>,
}

fn good(name: &str) -> Good {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/rntuple").join(name);
    let bytes = std::fs::read(&path).expect("the sample is there");
    // The anchor starts with its byte count and class version.
    let mark = [0x40, 0, 0, 0x42, 0, 2, 0, 1];
    let at = bytes.windows(mark.len()).position(|window| window == mark).expect("it has an anchor");
    let anchor = Anchor::parse(&bytes[at..]).expect("it is good");
    let footer = &bytes[inside(anchor.footer)];
    let mut wire = Wire::new(&footer[16..]);
    wire.record().expect("a schema extension");
    let (groups, mut list) = wire.list(48).expect("cluster groups");
    let mut page_lists = Vec::new();
    for _ in 0..groups {
        let mut record = list.record().expect("a cluster group");
        record.take(20).expect("entries and clusters");
        let size = record.u64().expect("a size");
        page_lists.push(Link { locator: record.locator().expect("a locator"), size });
    }
    Good { bytes, header: anchor.header, footer: anchor.footer, page_lists }
}

/// Bytes of the file between length and checksum of an envelope.
fn inside(link: Link) -> std::ops::Range<usize> {
    assert_eq!(link.locator.bytes, link.size, "the envelopes of this sample are stored unpacked");
    let start = link.locator.seek as usize;
    start + 8..start + link.size as usize - 8
}

/// Makes the checksum of an envelope right, and returns it.
fn seal(bytes: &mut [u8], link: Link) -> u64 {
    let range = inside(link);
    let sum = XxHash3_64::oneshot(&bytes[range.start - 8..range.end]);
    bytes[range.end..range.end + 8].copy_from_slice(&sum.to_le_bytes());
    sum
}

/// Changes bytes of one envelope and makes all checksums right.
fn changed(good: &Good, which: usize, changes: &[(Index, u8, bool)]) -> Vec<u8> {
    let mut bytes = good.bytes.clone();
    let links: Vec<Link> = [good.header, good.footer].into_iter().chain(good.page_lists.iter().copied()).collect();
    let range = inside(links[which % links.len()]);
    for (index, value, only_bit) in changes {
        let at = range.start + index.index(range.len());
        bytes[at] = if *only_bit { bytes[at] ^ (1 << (value % 8)) } else { *value };
    }
    let sum = seal(&mut bytes, good.header);
    let at = inside(good.footer).start + 8;
    bytes[at..at + 8].copy_from_slice(&sum.to_le_bytes());
    seal(&mut bytes, good.footer);
    for link in &good.page_lists {
        let at = inside(*link).start;
        bytes[at..at + 8].copy_from_slice(&sum.to_le_bytes());
        seal(&mut bytes, *link);
    }
    bytes
}

/// True if the RNTuple opened; whatever it has was read.
fn read_on(bytes: &[u8], name: &str) -> bool {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), bytes).expect("space is there");
    let Ok(ntuple) = RootFile::open(file.path()).and_then(|file| file.rntuple(name)) else { return false };
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    for field in ntuple.fields() {
        let _ = ntuple.read(field, 0..ntuple.entries(), &mut scratch, &mut column);
        let _ = ntuple.read(field, 3..ntuple.entries().max(3), &mut scratch, &mut column);
    }
    true
}

#[test]
fn a_file_whose_checksums_were_made_right_again_still_opens() {
    let good = good("root_none.root");
    assert!(good.page_lists.len() > 1);
    assert!(read_on(&changed(&good, 0, &[]), "Events"));
}

/// Found by the long hunt: zeros that stand for nothing in the file were given without limit.
#[test]
fn an_array_added_late_cannot_be_widened_into_gigabytes_of_zeros() {
    let mut good = good("root_types_none.root");
    let name = b"\x07\0\0\0latearr\x14\0\0\0std::array<double,2>\0\0\0\0\0\0\0\0";
    let at = good.bytes.windows(name.len()).position(|window| window == name).expect("it has such a field");
    let size = at + name.len();
    assert_eq!(good.bytes[size..size + 8], 2u64.to_le_bytes());
    good.bytes[size..size + 8].copy_from_slice(&(1u64 << 22).to_le_bytes());
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), changed(&good, 0, &[])).expect("space is there");
    let ntuple = RootFile::open(file.path()).and_then(|file| file.rntuple("Events")).expect("checksums are right");
    let field = ntuple.branch("latearr").expect("it is there");
    let mut column = Column::default();
    let error = ntuple.read(field, 0..ntuple.entries(), &mut Scratch::default(), &mut column).expect_err("a lie");
    assert!(error.to_string().contains("number of elements"), "{error}");
    assert_eq!(column.values.len(), 0);
}

proptest! {
    #[test]
    fn changed_metadata_do_no_harm(
        which in 0usize..6,
        changes in prop::collection::vec((any::<Index>(), any::<u8>(), any::<bool>()), 1..8),
    ) {
        read_on(&changed(&good("root_none.root"), which, &changes), "Events");
    }

    #[test]
    fn changed_metadata_of_many_types_do_no_harm(
        which in 0usize..6,
        changes in prop::collection::vec((any::<Index>(), any::<u8>(), any::<bool>()), 1..8),
    ) {
        read_on(&changed(&good("root_types_none.root"), which, &changes), "Events");
    }
}

//! Property tests: bytes changed behind the checksums, where the decoders themselves have to notice.
//!
//! The tree and the class descriptions of a good file are unpacked, changed, and read on. Nothing may panic or run
//! on; errors, skipped objects and wrong numbers are all fine. `PROPTEST_CASES=20000` (with a memory limit such as
//! `ulimit -v 3000000`) makes a long hunt of it.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;

use super::basket::Scratch;
use super::bytes::Bytes;
use super::column::Column;
use super::decode;
use super::directory;
use super::disk::Disk;
use super::header::Header;
use super::key::Key;
use super::streamer::Streamers;
use super::tree::Tree;

/// A good file, unpacked.
struct Unpacked {
    disk: Arc<Disk>,
    streamers: Streamers,
    info_key: usize,
    info: Vec<u8>,
    tree_key: usize,
    tree: Vec<u8>,
}

/// Split collections, objects that were not split, leaves with baskets in the tree.
const FILES: [&str; 4] =
    ["tiny/diphoton", "branches/objects_split0", "branches/objects_split1", "branches/leaves_in_memory"];

fn unpacked(which: usize) -> Unpacked {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data-samples/{}.root", FILES[which]));
    let disk = Disk::open(&path).expect("the sample is there");
    let header = Header::read(&disk).expect("it is good");
    let keys = directory::root_key_list(&disk, &header).and_then(|seek| directory::read_keys(&disk, seek, "test"));
    let tree_key = keys.expect("it is good").into_iter().find(|key| key.class == "TTree").expect("it has a tree");
    let info_key = Key::read(&disk, header.seek_info, "test").expect("it is good");
    Unpacked {
        streamers: Streamers::read(&disk, &header).expect("it is good"),
        info: info_key.object(&disk, "test").expect("it is good"),
        info_key: info_key.key_bytes,
        tree: tree_key.object(&disk, "test").expect("it is good"),
        tree_key: tree_key.key_bytes,
        disk: Arc::new(disk),
    }
}

fn change(bytes: &mut [u8], changes: &[(Index, u8, bool)]) {
    for (index, value, only_bit) in changes {
        let at = index.index(bytes.len());
        bytes[at] = if *only_bit { bytes[at] ^ (1 << (value % 8)) } else { *value };
    }
}

fn read_on(streamers: &Streamers, bytes: &[u8], key_bytes: usize, disk: &Arc<Disk>) {
    let objects = decode::decode(streamers, bytes, key_bytes, "TTree");
    let Ok(tree) = Tree::from_objects(&objects, streamers, "Delphes", disk.clone()) else { return };
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    for branch in tree.branches() {
        let _ = tree.read(branch, 0..branch.entries, &mut scratch, &mut column);
        let _ = tree.read_text(branch, 0..branch.entries, &mut scratch);
        let _ = tree.read(branch, 3..tree.entries().max(3), &mut scratch, &mut column);
    }
}

fn changes() -> impl Strategy<Value = Vec<(Index, u8, bool)>> {
    prop::collection::vec((any::<Index>(), any::<u8>(), any::<bool>()), 1..12)
}

proptest! {
    #[test]
    fn changed_trees_do_no_harm(which in 0..FILES.len(), changes in changes()) {
        let mut good = unpacked(which);
        change(&mut good.tree, &changes);
        read_on(&good.streamers, &good.tree, good.tree_key, &good.disk);
    }

    #[test]
    fn changed_class_descriptions_do_no_harm(which in 0..FILES.len(), changes in changes()) {
        let mut good = unpacked(which);
        change(&mut good.info, &changes);
        if let Ok(streamers) = Streamers::decode(&good.info, good.info_key) {
            read_on(&streamers, &good.tree, good.tree_key, &good.disk);
        }
    }

    #[test]
    fn any_bytes_are_a_key_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Key::parse(&mut Bytes::new(&bytes));
    }
}

//! Every kind of branch that ROOT can write, from files that ROOT 6.40 wrote (`scripts/make_root_samples.py`).
//!
//! The same numbers stand in differently written files, and packed numbers also as plain doubles: the files check each
//! other, no second reader is needed. That the plain ones are right is checked against uproot in `tests/rootfile.rs`.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::Path;

use bumphound::rootfile::{Column, RootError, RootFile, Scratch, Tree, Values};

fn open(file: &str) -> RootFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/branches").join(file);
    RootFile::open(path).expect("a good file")
}

fn column(tree: &Tree, branch: &str) -> Column {
    let mut column = Column::default();
    let read = tree.branch(branch).and_then(|b| tree.read(b, 0..tree.entries(), &mut Scratch::default(), &mut column));
    read.expect(branch);
    column
}

fn numbers(column: &Column) -> Vec<f64> {
    (0..column.values.len()).filter_map(|i| column.values.get(i)).collect()
}

/// All columns of numbers and strings by name, strings as bytes.
fn all_columns(tree: &Tree) -> BTreeMap<String, Column> {
    let mut columns = BTreeMap::new();
    let mut scratch = Scratch::default();
    for branch in tree.branches() {
        if branch.is_text() {
            let texts = tree.read_text(branch, 0..tree.entries(), &mut scratch);
            let texts = texts.expect(&branch.name);
            let bytes = texts.join("\0").into_bytes();
            columns.insert(branch.name.clone(), Column { values: Values::U8(bytes), offsets: vec![], width: 1 });
        } else if branch.element.is_some() {
            columns.insert(branch.name.clone(), column(tree, &branch.name));
        }
    }
    columns
}

#[test]
fn leaves_read_the_same_however_their_offsets_and_last_baskets_are_kept() {
    let plain = open("leaves.root").tree("tree").expect("it has the tree");
    let expected = all_columns(&plain);
    assert_eq!(expected.len(), 37, "{:?}", expected.keys());
    for file in ["generated_offsets", "in_memory", "in_memory_generated_offsets"] {
        let tree = open(&format!("leaves_{file}.root")).tree("tree").expect("it has the tree");
        let found = all_columns(&tree);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, column) in &found {
            assert_eq!(column, &expected[name], "{file} {name}");
        }
        // Any range, also across a basket boundary.
        for name in ["xb", "xd", "list.z", "m"] {
            let (branch, mut part) = (tree.branch(name).expect("it is there"), Column::default());
            tree.read(branch, 17..45, &mut Scratch::default(), &mut part).expect("a good range");
            assert_eq!(part.entries(), 28, "{name}");
        }
        let texts = tree.branch("text").and_then(|text| tree.read_text(text, 29..33, &mut Scratch::default()));
        let lengths: Vec<usize> = texts.expect("strings").iter().map(String::len).collect();
        assert_eq!(lengths, [29, 30, 31, 32]);
    }
}

#[test]
fn leaf_lists_arrays_and_counts_of_every_integer_type_read() {
    let tree = open("leaves.root").tree("tree").expect("it has the tree");
    assert_eq!(numbers(&column(&tree, "list.y"))[..3], [0.0, -1.0, -2.0]);
    let pairs = column(&tree, "list.z");
    assert_eq!((pairs.width, &numbers(&pairs)[..6]), (2, &[0.0, 0.0, 1.0, -1.0, 2.0, -2.0][..]));
    assert_eq!(column(&tree, "m").width, 6);
    for (array, counter) in [("xb", "nb"), ("xs", "ns"), ("xi", "ni"), ("xo", "nu"), ("xc", "nus"), ("xl", "nc")] {
        let (array, counter) = (column(&tree, array), column(&tree, counter));
        let counts: Vec<f64> = array.offsets.windows(2).map(|pair| f64::from(pair[1] - pair[0])).collect();
        assert_eq!(counts, numbers(&counter));
    }
    assert_eq!(
        column(&tree, "xl").values,
        Values::I64((0..60).filter(|i| i % 2 == 1).map(|i| -i * 1_000_000_000_000).collect())
    );
}

/// Packed number, its plain twin, and how far they may be apart: half a step of the range (a whole one, since ROOT
/// truncates or rounds depending on its version), or the last bit of the mantissa of the largest number.
#[test]
fn packed_numbers_are_as_near_to_the_plain_ones_as_their_bits_allow() {
    let leaves = open("leaves.root").tree("tree").expect("it has the tree");
    let close = |tree: &Tree, name: &str, step: f64, relative: f64| {
        let (packed, plain) = (numbers(&column(tree, name)), numbers(&column(tree, &format!("{name}_is"))));
        assert_eq!(packed.len(), plain.len());
        for (packed, plain) in packed.iter().zip(&plain) {
            assert!((packed - plain).abs() <= step + relative * plain.abs(), "{name}: {packed} is {plain}");
        }
        assert!(plain.len() > 30);
    };
    close(&leaves, "xh", 0.0, 2f64.powi(-12));
    close(&leaves, "h", 0.0, 2f64.powi(-12));
    close(&leaves, "hr", 10.0 / 4096.0, 1e-6);
    close(&leaves, "xd", 10.0 / 65536.0, 0.0);
    close(&leaves, "d", 0.0, 2f64.powi(-24));
    close(&leaves, "dr", 2.0 / f64::from(1 << 20), 0.0);
    for split in [0, 1, 99] {
        let objects = open(&format!("objects_split{split}.root")).tree("tree").expect("it has the tree");
        close(&objects, "ev.plain", 0.0, 2f64.powi(-24));
        close(&objects, "ev.range", 100.0 / 65536.0, 0.0);
        close(&objects, "ev.wide", 20.0 / f64::from(u32::MAX), 0.0);
        close(&objects, "ev.angle", std::f64::consts::TAU / f64::from(1 << 20), 0.0);
        close(&objects, "ev.bits", 0.0, 2f64.powi(-10));
        close(&objects, "ev.array", 10.0 / 4096.0, 0.0);
        close(&objects, "ev.half", 0.0, 2f64.powi(-12));
        close(&objects, "ev.half_range", 100.0 / 4096.0, 1e-6);
        close(&objects, "ev.half_bits", 0.0, 2f64.powi(-8));
    }
}

#[test]
fn objects_read_the_same_split_or_not() {
    let tree = |split: u32| open(&format!("objects_split{split}.root")).tree("tree").expect("it has the tree");
    let (whole, members, leaves) = (all_columns(&tree(0)), all_columns(&tree(1)), all_columns(&tree(99)));
    for name in ["ev.p4.fP.fX", "ev.counted", "ev.vb", "ev.vul", "ev.vs", "ev.last"] {
        assert!(whole.contains_key(name), "{name} is not in {:?}", whole.keys());
    }
    for name in ["ev.v4.fP.fX", "ev.vm.fCoordinates.fPt", "ev.text", "ev.p4.fE"] {
        assert!(members.contains_key(name) && leaves.contains_key(name), "{name} is not in {:?}", members.keys());
    }
    for (one, other) in [(&whole, &members), (&whole, &leaves), (&members, &leaves)] {
        let common: Vec<&String> = one.keys().filter(|name| other.contains_key(*name)).collect();
        assert!(common.len() > 35, "{common:?}");
        for name in common {
            assert_eq!(one[name], other[name], "{name}");
        }
    }
    let tree = tree(99);
    let nested =
        tree.branch("ev.nested").and_then(|b| tree.read(b, 0..1, &mut Scratch::default(), &mut Column::default()));
    let error = nested.expect_err("lists of lists are no columns");
    assert!(
        matches!(&error, RootError::UnsupportedBranch { holds, .. } if holds.contains("vector<vector<double> >")),
        "{error}"
    );
}

#[test]
fn trees_in_folders_of_any_cycle_and_other_tree_classes_open() {
    let file = open("directories.root");
    assert_eq!(file.tree("a/b/tree").expect("the newest").entries(), 15);
    assert_eq!(file.tree("/a/b/tree;1").expect("the first").entries(), 10);
    assert_eq!(numbers(&column(&file.tree("a/b/tree").expect("the newest"), "x"))[12..], [12.0, 13.0, 14.0]);
    assert_eq!(numbers(&column(&file.tree("nt").expect("a TNtuple"), "c"))[..3], [0.0, 3.0, 6.0]);
    let error = file.tree("tree").expect_err("it is in a folder");
    assert!(error.to_string().contains("`a/b/tree`"), "{error}");
    assert!(matches!(file.tree("a/b/tree;7"), Err(RootError::ObjectNotFound { .. })));
    assert!(matches!(file.tree("a/b/tree;x"), Err(RootError::ObjectNotFound { .. })));
}

#[test]
fn files_beyond_2_gb_read_with_their_long_positions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("beyond_2_gb.root");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/branches");
    let piece = |end: &str| std::fs::read(samples.join(format!("beyond_2_gb.{end}"))).expect("the sample is readable");
    // Three gigabytes of which ten kilobytes are written: the rest takes no space.
    let file = std::fs::File::create(&path).expect("the temporary folder is writable");
    let tail = piece("tail");
    let written = file.set_len(3_000_000_000 + tail.len() as u64);
    let written = written.and_then(|()| file.write_all_at(&piece("head"), 0));
    if let Err(error) = written.and_then(|()| file.write_all_at(&tail, 3_000_000_000)) {
        eprintln!("SKIPPED: no sparse files in {}: {error}", folder.path().display());
        return;
    }
    let file = RootFile::open(&path).expect("a good file");
    let tree = file.tree("folder/tree").expect("it has the tree");
    assert_eq!(tree.entries(), 250);
    let counts: Vec<f64> = column(&tree, "x").offsets.windows(2).map(|pair| f64::from(pair[1] - pair[0])).collect();
    assert_eq!(counts, numbers(&column(&tree, "n")));
    assert_eq!(numbers(&column(&tree, "x")).last(), Some(&250.5));
    assert_eq!(numbers(&column(&tree, "i"))[249], 249.0);
    assert!(tree.branch("x").is_ok_and(|x| x.basket_records().all(|record| record.start > 3_000_000_000)));
}

//! The RNTuple reader against uproot, against missing things, and against damaged bytes.
//!
//! Reference: `tests/golden/rntuple_columns.json`, written by `scripts/golden_rntuple.py` from what uproot reads.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bumphound::rootfile::{Column, RNTuple, RootError, RootFile, Scratch, Values};
use sha2::{Digest, Sha256};

/// File -> RNTuple -> entries and columns.
type Golden = BTreeMap<String, BTreeMap<String, GoldenNtuple>>;

#[derive(serde::Deserialize)]
struct GoldenNtuple {
    entries: u64,
    /// Field -> count of numbers, hash of counts and numbers.
    columns: BTreeMap<String, (usize, String)>,
}

/// The one column that uproot rounds to single precision; this is what ROOT 6.40 reads.
const QUANTIZED_DOUBLES: (&str, &str, &str) = ("root_types.root", "quantd32", "aa0d356f6c73");

fn root_of_crate() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sample(name: &str) -> PathBuf {
    root_of_crate().join("data-samples/rntuple").join(name)
}

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("BUMPHOUND_SHARED").map_or_else(|| root_of_crate().join("../shared"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

fn golden(path: &Path) -> Golden {
    let text = std::fs::read_to_string(path).expect("the reference is readable");
    serde_json::from_str(&text).expect("the reference is JSON")
}

/// Reals as doubles, others as 64-bit integers: it does not matter in which type the reference holds them.
fn big_endian(values: &Values) -> Vec<u8> {
    match values {
        Values::F32(v) => v.iter().flat_map(|x| f64::from(*x).to_be_bytes()).collect(),
        Values::F64(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        other => {
            let mut bytes = Vec::new();
            other.for_each_int(|x| bytes.extend(x.to_be_bytes())).expect("not floating point");
            bytes
        }
    }
}

fn digest(column: &Column) -> (usize, String) {
    let mut hash = Sha256::new();
    for pair in column.offsets.windows(2) {
        hash.update((pair[1] - pair[0]).to_be_bytes());
    }
    hash.update(big_endian(&column.values));
    let hex: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    (column.values.len(), hex)
}

/// Compares every column that the reference has of one file. Returns how many, and what differs.
fn compare(path: &Path, ntuples: &BTreeMap<String, GoldenNtuple>) -> Result<(usize, Vec<String>), RootError> {
    let file = RootFile::open(path)?;
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    let (mut compared, mut different) = (0, Vec::new());
    for (name, expected) in ntuples {
        let ntuple = file.rntuple(name)?;
        assert_eq!(ntuple.entries(), expected.entries, "{name}");
        for (field, expected) in &expected.columns {
            compared += 1;
            let read =
                ntuple.branch(field).and_then(|f| ntuple.read(f, 0..ntuple.entries(), &mut scratch, &mut column));
            match read {
                Err(error) => different.push(format!("{name} {field}: {error}")),
                Ok(()) if digest(&column) != *expected => {
                    different.push(format!("{name} {field}: {:?}, uproot has {expected:?}", digest(&column)));
                }
                Ok(()) => {}
            }
        }
    }
    Ok((compared, different))
}

fn reference() -> Golden {
    let mut golden = golden(&root_of_crate().join("tests/golden/rntuple_columns.json"));
    let (file, field, hash) = QUANTIZED_DOUBLES;
    let columns = golden.get_mut(file).and_then(|ntuples| ntuples.get_mut("Events"));
    columns.and_then(|ntuple| ntuple.columns.get_mut(field)).expect("it is there").1 = hash.to_string();
    golden
}

#[test]
fn columns_of_the_committed_samples_equal_uproots() {
    let golden = reference();
    let mut compared = 0;
    for (name, ntuples) in golden.iter().filter(|(name, _)| sample(name).exists()) {
        let (columns, different) = compare(&sample(name), ntuples).expect("a good file");
        assert!(different.is_empty(), "{name}: {different:#?}");
        compared += columns;
    }
    assert!(compared > 120, "{compared}");
}

#[test]
fn columns_of_the_shared_samples_equal_uproots() {
    let Some(shared) = shared() else {
        eprintln!("SKIPPED: the shared sample folder is not here (set BUMPHOUND_SHARED)");
        return;
    };
    let golden = reference();
    let muons = "Run2012BC_DoubleMuParked_Muons_1000evts_rntuple_v1-0-0-0.root";
    for (folder, name) in
        [("samples/formats", "rntuple_uproot_written_zjets.root"), ("samples/external/scikit-hep-testdata", muons)]
    {
        let (columns, different) = compare(&shared.join(folder).join(name), &golden[name]).expect("a good file");
        assert!(different.is_empty() && columns > 10, "{name}: {different:#?}");
    }
}

fn open(name: &str, ntuple: &str) -> RNTuple {
    RootFile::open(sample(name)).and_then(|file| file.rntuple(ntuple)).expect("a good file")
}

fn read(ntuple: &RNTuple, field: &str, range: Range<u64>) -> Column {
    let mut column = Column::default();
    let field = ntuple.branch(field).expect("the field is there");
    ntuple.read(field, range, &mut Scratch::default(), &mut column).expect("the range is readable");
    column
}

#[test]
fn ranges_put_together_equal_the_whole() {
    for (file, step) in [("root_types.root", 7), ("uproot_zjets.root", 33)] {
        let ntuple = open(file, "Events");
        let (mut scratch, mut part) = (Scratch::default(), Column::default());
        for field in ntuple.fields().iter().filter(|field| field.element.is_some()) {
            let whole = read(&ntuple, &field.name, 0..ntuple.entries());
            let (mut bytes, mut counts) = (Vec::new(), Vec::new());
            let mut start = 0;
            while start < ntuple.entries() {
                let end = (start + step).min(ntuple.entries());
                ntuple.read(field, start..end, &mut scratch, &mut part).expect("the range is readable");
                assert_eq!(part.entries() as u64, end - start, "{}", field.name);
                bytes.extend(big_endian(&part.values));
                counts.extend(part.offsets.windows(2).map(|pair| pair[1] - pair[0]));
                start = end;
            }
            assert_eq!(bytes, big_endian(&whole.values), "{}", field.name);
            let expected: Vec<u32> = whole.offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert_eq!(counts, expected, "{}", field.name);
        }
    }
    assert_eq!(read(&open("uproot_zjets.root", "Events"), "Jet.pt", 7..7).entries(), 0);
}

#[test]
fn envelopes_in_several_records_and_folders_are_found() {
    let ntuple = open("root_records.root", "analysis/Wide");
    assert_eq!((ntuple.entries(), ntuple.fields().len()), (30, 60));
    let expected = (0..30).map(|entry| 59_000.0 + entry as f32).collect();
    assert_eq!(read(&ntuple, "a_field_of_a_wide_ntuple_59", 0..30).values, Values::F32(expected));
}

#[test]
fn fields_have_the_names_and_types_that_layouts_look_for() {
    let ntuple = open("uproot_zjets.root", "Events");
    for (one, other) in [("Muon.pt", "Muon_pt"), ("Muon", "nMuon"), ("Jet", "Jet_size")] {
        assert_eq!(ntuple.branch(one).unwrap().name, ntuple.branch(other).unwrap().name);
    }
    let muons = read(&ntuple, "Muon.pt", 0..240);
    let counts: Vec<u32> = muons.offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(read(&ntuple, "nMuon", 0..240).values, Values::U32(counts));
    assert_eq!(ntuple.branch("MET_pt").unwrap().basket_starts().collect::<Vec<_>>(), [0, 100, 150]);

    let converted = open("root_nanoaod.root", "Events");
    assert_eq!(converted.branch("nMuon").unwrap().type_name, "uint32_t");
    assert_eq!(converted.branch("Muon_pt").unwrap().type_name, "float[]");
    assert_eq!(read(&converted, "Muon_pt", 3..90), read(&converted, "_collection2.Muon_pt", 3..90));

    let types = open("root_types.root", "Events");
    for (field, type_name) in [
        ("b", "bool"),
        ("i8", "int8_t"),
        ("u16", "uint16_t"),
        ("i64", "int64_t"),
        ("c", "int8_t"),
        ("trunc17", "float"),
        ("truncd25", "double"),
        ("d32", "double"),
        ("arr", "float[3]"),
        ("arr2", "int32_t[6]"),
        ("bits", "bool[11]"),
        ("vb", "bool[]"),
        ("va", "double[][2]"),
        ("opt", "float[]"),
        ("h.err", "float[2]"),
        ("vh.err", "float[][2]"),
        ("Part.b", "int32_t[]"),
        ("Part", "uint32_t"),
        ("q", "int16_t"),
        ("npart64", "uint64_t"),
    ] {
        assert_eq!(types.branch(field).unwrap().type_name, type_name, "{field}");
    }
    assert!(types.writer().contains("ROOT"), "{}", types.writer());
    assert_eq!(types.branch("vf").unwrap().compression, "ZSTD(5)");
    assert!(types.branch("vf").unwrap().packed_bytes > 100);
}

#[test]
fn fields_added_late_are_zero_before() {
    let ntuple = open("root_types.root", "Events");
    let Values::F32(late) = read(&ntuple, "late", 30..50).values else { panic!("it is float") };
    let expected: Vec<f32> = (30..50).map(|entry| if entry < 40 { 0.0 } else { entry as f32 }).collect();
    assert_eq!(late, expected);
    let vectors = read(&ntuple, "latevec", 38..44);
    assert_eq!(vectors.offsets, [0, 0, 0, 1, 3, 3, 4]); // entry % 3 from 40 on
    assert_eq!(read(&ntuple, "latearr", 39..41).values, Values::F64(vec![0.0, 0.0, 40.0, -40.0]));
}

#[test]
fn what_cannot_be_read_says_why() {
    let ntuple = open("root_types.root", "Events");
    for (field, reason) in [
        ("vv", "collection of collections"),
        ("Part.hits", "collection of collections"),
        ("st", "text"),
        ("var", "variants"),
    ] {
        let found = ntuple.branch(field).expect("it is listed");
        let error = ntuple.read(found, 0..1, &mut Scratch::default(), &mut Column::default()).expect_err(field);
        assert!(matches!(error, RootError::UnsupportedBranch { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    let error = ntuple.branch("trunk17").expect_err("no such field");
    assert!(error.to_string().contains("nearest: `trunc17`"), "{error}");
    let field = ntuple.branch("f").unwrap();
    let beyond = ntuple.read(field, 100..121, &mut Scratch::default(), &mut Column::default());
    assert!(matches!(beyond, Err(RootError::EntryRange { entries: 120, .. })));
    let delphes = RootFile::open(root_of_crate().join("data-samples/tiny/diphoton.root")).unwrap();
    assert!(matches!(delphes.rntuple("Delphes"), Err(RootError::NotAnRNTuple { .. })));
    let file = RootFile::open(sample("root_zlib.root")).unwrap();
    assert!(matches!(file.rntuple("Event"), Err(RootError::ObjectNotFound { .. })));
}

#[test]
fn formats_before_the_public_one_are_refused_by_their_version() {
    let mut bytes = std::fs::read(sample("root_none.root")).expect("the sample is readable");
    let mark = [0x40, 0, 0, 0x42, 0, 2, 0, 1]; // byte count and class version of the anchor, epoch 1
    let at = bytes.windows(mark.len()).position(|window| window == mark).expect("it has an anchor");
    bytes[at + 7] = 0;
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), bytes).expect("space is there");
    let error = RootFile::open(file.path()).and_then(|file| file.rntuple("Events")).expect_err("it is a pre-release");
    assert!(matches!(error, RootError::RNTupleVersion { ref version, .. } if version.starts_with("0.0")), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("6.34")));
}

#[test]
fn threads_read_one_ntuple_together() {
    let ntuple = open("root_types.root", "Events");
    let whole = read(&ntuple, "Part.pt", 0..120);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(|| read(&ntuple, "Part.pt", 0..120))).collect();
        workers.into_iter().for_each(|worker| assert_eq!(worker.join().expect("no panic"), whole));
    });
}

#[test]
fn one_scratch_serves_several_files() {
    let (one, other) = (open("root_zlib.root", "Events"), open("root_none.root", "Events"));
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    for ntuple in [&one, &other, &one] {
        for field in ["MET", "Jet_pt"] {
            let branch = ntuple.branch(field).unwrap();
            ntuple.read(branch, 30..50, &mut scratch, &mut column).expect("a good file");
            assert_eq!(column, read(&one, field, 30..50));
        }
    }
}

#[test]
fn an_empty_ntuple_has_fields_and_no_entries() {
    let ntuple = open("root_empty.root", "Events");
    assert_eq!((ntuple.entries(), ntuple.fields().len()), (0, 3));
    assert_eq!(read(&ntuple, "Jet_pt", 0..0).offsets, [0]);
}

/// Everything that can be read of a file: columns by name. Errors are left out.
fn everything(path: &Path, ntuple: &str) -> BTreeMap<String, (usize, String)> {
    let Ok(ntuple) = RootFile::open(path).and_then(|file| file.rntuple(ntuple)) else { return BTreeMap::new() };
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    let mut found = BTreeMap::new();
    for field in ntuple.fields() {
        if ntuple.read(field, 0..ntuple.entries(), &mut scratch, &mut column).is_ok() {
            found.insert(field.name.clone(), digest(&column));
        }
    }
    found
}

#[test]
fn flipped_bytes_give_errors_or_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("flipped.root");
    for (name, ntuple, step) in [
        ("root_zlib.root", "Events", 3),
        ("root_none.root", "Events", 5),
        ("root_lz4.root", "Events", 5),
        ("root_lzma.root", "Events", 7),
        ("root_types.root", "Events", 61),
        ("root_records.root", "analysis/Wide", 47),
        ("uproot_zjets.root", "Events", 37),
    ] {
        let good = std::fs::read(sample(name)).expect("the sample is readable");
        let expected = everything(&sample(name), ntuple);
        let mut refused = 0;
        for at in (0..good.len()).step_by(step) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            std::fs::write(&path, bad).expect("the temporary folder is writable");
            let found = everything(&path, ntuple);
            refused += usize::from(found.len() < expected.len());
            // uproot writes no checksums of pages: there, only a panic is wrong.
            let checked = !name.starts_with("uproot");
            for (field, numbers) in found.into_iter().filter(|_| checked) {
                assert_eq!(Some(&numbers), expected.get(&field), "{name} byte {at} {field}");
            }
        }
        assert!(
            name.starts_with("uproot") || refused * step * 2 > good.len(),
            "{name}: {refused} of {} flips noticed",
            good.len() / step
        );
    }
}

#[test]
fn cut_files_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("cut.root");
    for name in ["root_zlib.root", "uproot_zjets.root"] {
        let good = std::fs::read(sample(name)).expect("the sample is readable");
        for length in (0..good.len()).step_by(good.len() / 200) {
            std::fs::write(&path, &good[..length]).expect("the temporary folder is writable");
            assert!(everything(&path, "Events").is_empty(), "{name}: {length} bytes");
        }
    }
}

/// For files of your own: write a reference with `scripts/golden_rntuple.py FOLDER > golden.json`, then
/// `GOLDEN=golden.json FOLDER=... cargo test --release --test rntuple -- --ignored --nocapture`.
#[test]
#[ignore = "needs a reference of your own"]
fn columns_of_a_folder_equal_uproots() {
    let (Some(reference), Some(folder)) = (std::env::var_os("GOLDEN"), std::env::var_os("FOLDER")) else {
        println!("SKIPPED: set GOLDEN and FOLDER");
        return;
    };
    let mut bad = 0;
    for (name, ntuples) in &golden(Path::new(&reference)) {
        match compare(&Path::new(&folder).join(name), ntuples) {
            Ok((compared, different)) => {
                println!("{name}: {compared} columns compared, {} differ", different.len());
                different.iter().for_each(|line| println!("  {line}"));
                bad += different.len();
            }
            Err(error) => {
                println!("{name}: {error}");
                bad += 1;
            }
        }
    }
    assert_eq!(bad, 0);
}

/// `FILE=big.root cargo test --release --test rntuple reading_speed -- --ignored --nocapture`; beside it
/// `uproot.open(FILE)["Events"].arrays()`.
#[test]
#[ignore = "needs a large file of your own"]
fn reading_speed() {
    let Some(path) = std::env::var_os("FILE") else {
        println!("SKIPPED: set FILE");
        return;
    };
    let ntuple = RootFile::open(path).and_then(|file| file.rntuple("Events")).expect("a good file");
    let (mut scratch, mut column) = (Scratch::default(), Column::default());
    for unit in [20_000, ntuple.entries()] {
        let (start, mut values) = (std::time::Instant::now(), 0);
        for first in (0..ntuple.entries()).step_by(unit as usize) {
            for field in ntuple.fields().iter().filter(|field| field.element.is_some()) {
                let range = first..(first + unit).min(ntuple.entries());
                ntuple.read(field, range, &mut scratch, &mut column).expect("a good file");
                values += column.values.len();
            }
        }
        let rate = values as f64 / start.elapsed().as_secs_f64() / 1e6;
        println!("{unit} entries at once: {values} values, {rate:.0} M values/s");
    }
}

//! Reading against bare decompression, one core: events per second of the 18 columns of an event batch, beside the fastest
//! zlib (libdeflate) over the baskets of the same branches, which are in memory already.
//!
//! `cargo bench --bench baskets [-- FILES]`. Without files: two of the committed ZLIB samples. Out: one JSON line. The two
//! are timed in turn, several times, on the CPU clock of the process where /proc has one; medians are printed.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bumphound::ntuples::layouts::Layout;
use bumphound::ntuples::{EventBatch, Reader, Scratch};
use libdeflater::Decompressor;

const REPEATS: usize = 9;

/// Branches that an event batch is made of.
const BRANCHES: [&str; 19] = [
    "Electron.PT",
    "Electron.Eta",
    "Electron.Phi",
    "Electron.Charge",
    "Muon.PT",
    "Muon.Eta",
    "Muon.Phi",
    "Muon.Charge",
    "Photon.PT",
    "Photon.Eta",
    "Photon.Phi",
    "Jet.PT",
    "Jet.Eta",
    "Jet.Phi",
    "Jet.Mass",
    "Jet.BTag",
    "MissingET.MET",
    "MissingET.Phi",
    "Event.Weight",
];

/// Records of a ROOT file stand one after the other: length, ..., class, name. Calls `each` with the compressed payload
/// and the unpacked size of every basket that is wanted.
fn baskets(file: &[u8], mut each: impl FnMut(Vec<u8>, usize)) {
    let be32 = |at: usize| file.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as i32);
    let be16 = |at: usize| file.get(at..at + 2).map_or(0, |b| usize::from(u16::from_be_bytes([b[0], b[1]])));
    let text = |at: usize| -> &[u8] {
        let length = usize::from(file.get(at).copied().unwrap_or(0));
        file.get(at + 1..at + 1 + length).unwrap_or(&[])
    };
    let mut at = 100;
    while at + 18 < file.len() {
        let record = be32(at);
        if record <= 0 {
            at += record.unsigned_abs().max(4) as usize; // a gap
            continue;
        }
        let (record, unpacked, key) = (record as usize, be32(at + 6).max(0) as usize, be16(at + 14));
        let class = at + if be16(at + 4) > 1000 { 34 } else { 26 };
        let name = class + 1 + text(class).len();
        let wanted = text(class) == b"TBasket" && BRANCHES.iter().any(|branch| branch.as_bytes() == text(name));
        if let Some(payload) = file.get(at + key..at + record).filter(|_| wanted) {
            each(payload.to_vec(), unpacked);
        }
        at += record;
    }
}

/// Seconds of CPU time that this process has used; of wall time where that is not known.
fn clock(start: Instant) -> f64 {
    let ran = std::fs::read_to_string("/proc/self/schedstat");
    let nanoseconds = ran.ok().and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() {
    // `cargo test --all-targets` only builds it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut files: Vec<PathBuf> =
        std::env::args().skip(1).filter(|text| !text.starts_with("--")).map(PathBuf::from).collect();
    if files.is_empty() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/leptonstream");
        files = ["A_ttbar_00.root", "A_zjets_00.root"].map(|name| samples.join(name)).to_vec();
    }
    let layout = Layout::default();
    let sources: Vec<Box<dyn Reader>> =
        files.iter().map(|file| layout.open(file).expect("benchmark inputs are readable")).collect();
    let events: u64 = sources.iter().map(|source| source.entries()).sum();
    let mut payloads = Vec::new();
    for file in &files {
        baskets(&std::fs::read(file).expect("benchmark inputs are readable"), |payload, size| {
            payloads.push((payload, size))
        });
    }
    let (mut unpacked, mut zlib) = (Vec::new(), Decompressor::new());
    let (mut scratch, mut batch) = (Scratch::default(), EventBatch::default());
    let (mut bare, mut reading) = (Vec::new(), Vec::new());
    let (mut packed_bytes, mut unpacked_bytes) = (0, 0);
    let start = Instant::now();
    for _ in 0..REPEATS {
        let before = clock(start);
        (packed_bytes, unpacked_bytes) = (0, 0);
        for (payload, size) in &payloads {
            packed_bytes += payload.len();
            unpacked_bytes += size;
            unpacked.resize((*size).max(unpacked.len()), 0);
            if payload.len() == *size {
                unpacked[..*size].copy_from_slice(payload); // stored as it is
            } else {
                let (mut from, mut to) = (0, 0);
                while to < *size {
                    let three = |at: usize| {
                        usize::from(payload[at])
                            | usize::from(payload[at + 1]) << 8
                            | usize::from(payload[at + 2]) << 16
                    };
                    assert_eq!(&payload[from..from + 2], b"ZL", "this benchmark takes ZLIB files");
                    let (packed, plain) = (three(from + 3), three(from + 6));
                    let block = &payload[from + 9..from + 9 + packed];
                    zlib.zlib_decompress(block, &mut unpacked[to..to + plain]).expect("benchmark inputs are whole");
                    (from, to) = (from + 9 + packed, to + plain);
                }
            }
            black_box(&unpacked);
        }
        bare.push(clock(start) - before);
        let before = clock(start);
        for source in &sources {
            for unit in source.units(20_000) {
                source.read_into(unit, &mut scratch, &mut batch).expect("benchmark inputs are readable");
                black_box(&batch);
            }
        }
        reading.push(clock(start) - before);
    }
    let (bare, reading) = (median(bare), median(reading));
    println!(
        "{{\"events\": {events}, \"baskets\": {}, \"packed_bytes\": {packed_bytes}, \"unpacked_bytes\": {unpacked_bytes}, \"decompress_s\": {bare:.6}, \"read_s\": {reading:.6}}}",
        payloads.len()
    );
}

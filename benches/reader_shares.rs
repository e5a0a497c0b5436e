//! Where the time of reading goes: the 18 branches of an event batch, beside bare unpacking of the same baskets.
//!
//! CPU time of one thread (`/proc/thread-self/schedstat`), the best of three rounds, so that other work on the machine
//! does not count. On files given as arguments, else on the bulk samples where the shared folder is there, else on the
//! committed ones. `benches/reader_peers.py` prints the same for uproot.

use std::path::{Path, PathBuf};

use bumphound::campaign::{DelphesLayout, Layout};
use bumphound::ntuples::{EventBatch, Scratch, Source};
use bumphound::rootfile::RootFile;

/// The clock counts in steps of up to 10 ms: rounds long enough for that.
const ROUND_SECONDS: f64 = 0.6;
const ROUNDS: usize = 3;

const BRANCHES: [&str; 18] = [
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
];

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) * 1e-9
}

/// CPU seconds of one call.
fn least(mut work: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (start, mut calls) = (cpu_seconds(), 0.0);
        while cpu_seconds() - start < ROUND_SECONDS {
            (0..10).for_each(|_| work());
            calls += 10.0;
        }
        least = least.min((cpu_seconds() - start) / calls);
    }
    least
}

/// The payloads of all baskets: packed bytes and the size that they unpack to.
fn payloads(path: &Path) -> Vec<(Vec<u8>, usize)> {
    let file = std::fs::read(path).expect("the file is readable");
    let tree = RootFile::open(path).and_then(|file| file.tree("Delphes")).expect("a good file");
    let mut payloads = Vec::new();
    for name in BRANCHES.into_iter().chain(["Event.Weight"]) {
        let Ok(branch) = tree.branch(name) else { continue };
        for range in branch.basket_records() {
            let record = &file[range.start as usize..range.end as usize];
            let key = usize::from(u16::from_be_bytes([record[14], record[15]]));
            let size = u32::from_be_bytes([record[6], record[7], record[8], record[9]]) as usize;
            payloads.push((record[key..].to_vec(), size));
        }
    }
    payloads
}

/// Unpacks zlib, LZ4 and ZSTD blocks into one buffer; anything else is copied.
fn unpack(payloads: &[(Vec<u8>, usize)], buffer: &mut Vec<u8>) {
    let mut deflate = libdeflater::Decompressor::new();
    let mut zstd = zstd::bulk::Decompressor::new().expect("memory is there");
    for (packed, size) in payloads {
        buffer.resize(*size, 0);
        if packed.len() == *size {
            buffer.copy_from_slice(packed);
            continue;
        }
        let (mut rest, mut done) = (packed.as_slice(), 0);
        while rest.len() > 9 {
            let size_of = |at: usize| u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], 0]) as usize;
            let (block, unpacked) = (&rest[9..9 + size_of(3)], size_of(6));
            let out = &mut buffer[done..done + unpacked];
            match &rest[..2] {
                b"ZL" => drop(deflate.zlib_decompress(block, out).expect("a good file")),
                b"L4" => drop(lz4_flex::block::decompress_into(&block[8..], out).expect("a good file")),
                b"ZS" => drop(zstd.decompress_to_buffer(block, out).expect("a good file")),
                _ => {}
            }
            rest = &rest[9 + block.len()..];
            done += unpacked;
        }
    }
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).map(PathBuf::from).collect();
    let shared = std::env::var_os("BUMPHOUND_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    if files.is_empty() {
        let bulk = ["ttbar", "wjets", "zjets", "qcd"];
        files.extend(bulk.map(|name| shared.join(format!("samples/bulk/{name}/{name}_00.root"))));
        files.extend(
            ["diboson", "diphoton", "singletop", "zprime_mumu_m500"]
                .map(|name| root.join(format!("data-samples/tiny/{name}.root"))),
        );
    }
    println!("events/s of one core: read into event batches | bare unpacking of the same baskets | ratio");
    for path in files.iter().filter(|path| path.exists()) {
        let source = Source::open(path, &Layout::Delphes(DelphesLayout::default())).expect("a Delphes file");
        let (mut scratch, mut batch) = (Scratch::default(), EventBatch::default());
        let read = least(|| source.read_into(0..source.entries(), &mut scratch, &mut batch).expect("a good file"));
        let (payloads, mut buffer) = (payloads(path), Vec::new());
        let bare = least(|| unpack(&payloads, &mut buffer));
        let events = source.entries() as f64;
        let compression = RootFile::open(path).and_then(|file| file.tree("Delphes")).expect("a good file");
        let compression = &compression.branch("Jet.PT").expect("it has jets").compression;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        println!("{name} ({compression}): {:.0} | {:.0} | {:.2}", events / read, events / bare, bare / read);
    }
}

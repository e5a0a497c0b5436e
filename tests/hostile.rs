//! Hostile ROOT files, made from good ones: bytes flipped, files cut, sizes and counts that lie, records that contain
//! themselves. Each reads or is refused; nothing panics, runs on, or takes memory because a file says so.
//!
//! `HOSTILE_CASES=200000 cargo test --release --test hostile` makes a long hunt of it; `ulimit -v 3000000` in front of
//! it finds greed for memory.

use std::path::Path;
use std::time::{Duration, Instant};

use bumphound::rootfile::{RootError, RootFile};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

#[path = "support/read_everything.rs"]
mod read_everything;

use read_everything::read_everything;

/// A file slower than this is as good as endless: the good ones take about a millisecond.
const TOO_LONG: Duration = Duration::from_secs(20);

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples").join(name);
    std::fs::read(path).expect("the sample is readable")
}

fn cases(usual: usize) -> usize {
    std::env::var("HOSTILE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

/// Reads a changed file within a limit of time; what was changed is told if it takes longer.
fn survives(bytes: Vec<u8>, change: impl Fn() -> String) -> Result<usize, RootError> {
    let start = Instant::now();
    let outcome = read_everything(bytes);
    assert!(start.elapsed() < TOO_LONG, "{:?}: {}", start.elapsed(), change());
    outcome
}

const SMALL: [&str; 5] = [
    "branches/directories.root",
    "branches/leaves_in_memory.root",
    "branches/objects_split0.root",
    "branches/objects_split99.root",
    "branches/leaves_generated_offsets.root",
];

#[test]
fn good_files_read_before_they_are_changed() {
    for name in SMALL {
        let read = read_everything(sample(name));
        assert!(read.as_ref().is_ok_and(|columns| *columns >= 5), "{name}: {read:?}");
    }
}

#[test]
fn any_few_bytes_may_be_wrong() {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    for name in SMALL {
        let good = sample(name);
        for case in 0..cases(600) {
            let mut bytes = good.clone();
            let mut changes = Vec::new();
            for _ in 0..rng.random_range(1..6) {
                let at = rng.random_range(0..bytes.len());
                let value = match rng.random_range(0..4) {
                    0 => 0xff,
                    1 => 0,
                    2 => bytes[at] ^ (1 << rng.random_range(0..8)),
                    _ => rng.random(),
                };
                bytes[at] = value;
                changes.push((at, value));
            }
            let _ = survives(bytes, || format!("{name}, case {case}: {changes:?}"));
        }
    }
}

#[test]
fn any_number_may_be_a_lie() {
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    let lies: [u32; 9] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x4000_0000, 0x00ff_ffff, 0x0001_0000, 200];
    for name in SMALL {
        let good = sample(name);
        for _ in 0..cases(400) {
            let (at, lie) = (rng.random_range(0..good.len() - 4), lies[rng.random_range(0..lies.len())]);
            let mut bytes = good.clone();
            bytes[at..at + 4].copy_from_slice(&lie.to_be_bytes());
            let _ = survives(bytes, || format!("{name}: {lie:#x} at {at}"));
        }
    }
}

#[test]
fn pieces_may_be_in_the_wrong_place() {
    let mut rng = ChaCha8Rng::seed_from_u64(22);
    for name in SMALL {
        let good = sample(name);
        for _ in 0..cases(200) {
            let length = rng.random_range(1..good.len().min(2000));
            let (from, to) = (rng.random_range(0..good.len() - length), rng.random_range(0..good.len() - length));
            let mut bytes = good.clone();
            bytes.copy_within(from..from + length, to);
            let _ = survives(bytes, || format!("{name}: {length} bytes from {from} to {to}"));
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_by_its_length() {
    for name in SMALL {
        let good = sample(name);
        for length in (0..good.len()).step_by(good.len() / cases(300).min(good.len() / 2)) {
            let outcome = survives(good[..length].to_vec(), || format!("{name}: {length} bytes"));
            assert!(outcome.is_err(), "{name} cut to {length} bytes read");
        }
    }
}

#[test]
fn a_header_that_hides_a_cut_does_no_harm() {
    for name in SMALL {
        let good = sample(name);
        for length in (100..good.len()).step_by(good.len() / 100) {
            let mut bytes = good[..length].to_vec();
            bytes[12..16].copy_from_slice(&(length as u32).to_be_bytes());
            let _ = survives(bytes, || format!("{name}: {length} bytes and the header agrees"));
        }
    }
}

/// Position of the first `needle` at or behind `from`.
fn find(bytes: &[u8], needle: &[u8], from: usize) -> usize {
    let found = bytes[from..].windows(needle.len()).position(|window| window == needle);
    from + found.expect("it is in the file")
}

#[test]
fn folders_that_contain_themselves_end() {
    let good = sample("branches/directories.root");
    // Class and name stand behind the position of the record and that of the folder above, 4 bytes each. Every key of
    // folder `b` in turn leads to `a` instead.
    let (a, b): (&[u8], &[u8]) = (b"\x0aTDirectory\x01a", b"\x0aTDirectory\x01b");
    let key_of_a = find(&good, a, 0);
    let position_of_a = good[key_of_a - 8..key_of_a - 4].to_vec();
    let keys_of_b = good.windows(b.len()).enumerate().filter(|(_, window)| *window == b).map(|(at, _)| at);
    let mut changed = 0;
    for at in keys_of_b {
        let mut bytes = good.clone();
        bytes[at - 8..at - 4].copy_from_slice(&position_of_a);
        let keys = RootFile::from_bytes("loop.root", bytes).and_then(|file| file.keys());
        assert!(keys.as_ref().map_or(true, |keys| keys.len() < 20), "{keys:?}");
        changed += 1;
    }
    assert!(changed >= 2);
}

#[test]
fn a_claim_of_gigabytes_is_refused_at_once() {
    // The sizes of every record in turn: 2 GB unpacked, 2 GB packed.
    for name in SMALL {
        let good = sample(name);
        let mut records = 0;
        let mut at = 100;
        while at + 18 < good.len() {
            let size = u32::from_be_bytes([good[at], good[at + 1], good[at + 2], good[at + 3]]) as usize;
            if size < 18 || at + size > good.len() {
                break;
            }
            for field in [at, at + 6] {
                let mut bytes = good.clone();
                bytes[field..field + 4].copy_from_slice(&0x7fff_fff0u32.to_be_bytes());
                let start = Instant::now();
                let _ = read_everything(bytes);
                assert!(start.elapsed() < Duration::from_secs(5), "{name}: record at {at}");
            }
            records += 1;
            at += size;
        }
        assert!(records > 5, "{name}: {records} records");
    }
}

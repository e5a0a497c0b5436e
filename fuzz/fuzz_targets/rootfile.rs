//! Any bytes are a ROOT file or an error. See ../README.md.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/read_everything.rs"]
mod read_everything;

fuzz_target!(|data: &[u8]| {
    let _ = read_everything::read_everything(data.to_vec());
});

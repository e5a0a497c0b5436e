//! Any bytes are a ROOT file with RNTuples or an error. See ../README.md.
//!
//! The same as `rootfile`, begun from other files: in this build checksums of RNTuples are not compared, which no
//! change would survive.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/read_everything.rs"]
mod read_everything;

fuzz_target!(|data: &[u8]| {
    let _ = read_everything::read_everything(data.to_vec());
});

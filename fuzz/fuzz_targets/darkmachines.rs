//! Any bytes as a text of events, plain or gzip: an error or events, never a panic.
#![no_main]

use bumphound::ntuples::layouts::{CsvColumn, CsvLayout};
use bumphound::ntuples::read_darkmachines;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(batch) = read_darkmachines(bytes, &CsvLayout::default()) else { return };
    assert_eq!(batch.jets.offsets.len(), batch.len() + 1);
    assert_eq!(batch.jets.offsets.last().map(|last| *last as usize), Some(batch.jets.mass.len()));
    assert_eq!(batch.muons.charge.len(), batch.muons.pt.len());
    let two = CsvLayout { columns: Some(vec![CsvColumn::Met, CsvColumn::MetPhi]) };
    let _ = read_darkmachines(bytes, &two);
});

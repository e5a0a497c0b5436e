//! Any bytes are spectra of the user's (CSV or UHI) or an error, and what is read can be scanned. See ../README.md.

#![no_main]

use bumphound::binning::trim::{TrimOptions, scannable, scanned};
use bumphound::file_kind::FileKind;
use bumphound::histograms::counts_csv::CountsTable;
use bumphound::histograms::effective::counts;
use bumphound::histograms::{counts_csv, uhi};
use bumphound::significance::{Templates, z_per_bin};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = (FileKind::of(data).name(), FileKind::of(data).hint());
    let text = String::from_utf8_lossy(data);
    let of_csv = counts_csv::parse_all(&text).unwrap_or_default().into_iter().filter_map(|(_, table)| table.ok());
    let of_uhi = uhi::parse(&text, "x").unwrap_or_default().into_iter().filter_map(|(_, table)| table.ok());
    of_csv.chain(of_uhi).take(20).for_each(look_at);
});

fn look_at(table: CountsTable) {
    let bins = table.observed.len();
    assert_eq!(table.edges.len(), bins + 1);
    let _ = table.within([table.edges[0], table.edges[bins / 2]]);
    for taken in [false, true] {
        let Ok(counts) = counts(table.clone(), taken) else { continue };
        let table = counts.table;
        for trimmed in [false, true] {
            let Ok(range) = scanned(&table.observed, trimmed, &TrimOptions::default()) else { continue };
            assert!(range.end <= bins && table.observed[range].iter().all(|n| n.is_finite() && *n >= 0.0));
        }
        if let (Some(expected), 1..=200) = (&table.expected, bins)
            && scannable(&table.observed).and(scannable(expected)).is_ok()
        {
            let templates = Templates::new(&table.edges, &[1.0, 4.0]);
            if let Ok(z) = z_per_bin(&table.observed, expected, &templates) {
                assert!(z.iter().all(|z| z.is_finite()), "{z:?}");
            }
        }
    }
}

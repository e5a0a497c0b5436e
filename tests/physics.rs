//! The specification's numbers: bin edges, trimming, and events -> categories -> masses against independent code.
//!
//! Golden files are described in `tests/golden/README.md`.

use std::path::Path;

use bumphound::campaign::{Binning, Composites};
use bumphound::categories::Category;
use bumphound::histograms::edges::edges;
use bumphound::histograms::resolution::ResolutionTable;
use bumphound::histograms::trim::{TrimOptions, first_usable_bin, trim};
use bumphound::masses::MassLabel;
use serde_json::Value;

fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn default_binning() -> Binning {
    Binning { resolution: ResolutionTable::default_table(), m_min_gev: 10.0, m_min_jet_gev: 20.0, m_max_gev: 13_000.0 }
}

#[test]
fn bins_are_one_sigma_wide() {
    let golden = golden("edges.json");
    for (label, want) in golden["edges"].as_object().unwrap() {
        let want: Vec<f64> = want.as_array().unwrap().iter().map(|edge| edge.as_f64().unwrap()).collect();
        let got = edges(&default_binning(), label.parse().unwrap()).unwrap();
        assert_eq!(got.len(), want.len(), "{label}");
        for (got, want) in got.iter().zip(want) {
            assert!((got / want - 1.0).abs() < 1e-9, "{label}: {got} {want}");
        }
    }
}

#[test]
fn spectra_are_trimmed_as_specified() {
    let golden = golden("trim.json");
    let cases = golden["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let name = format!("incl/{}/{} {} {}", text("objects"), text("jets"), text("mass"), text("note"));
        let category: Category = format!("incl/{}/{}", text("objects"), text("jets")).parse().unwrap();
        let mass: MassLabel = text("mass").parse().unwrap();
        let binning = default_binning();
        let edges = edges(&binning, mass).unwrap();
        assert_eq!(edges.len() as u64 - 1, case["bins"].as_u64().unwrap(), "{name}");
        let mut entries = vec![0.0; edges.len() - 1];
        for (bin, n) in case["filled"].as_object().unwrap() {
            entries[bin.parse::<usize>().unwrap()] = n.as_f64().unwrap();
        }
        let first = first_usable_bin(&category, mass, &edges, &binning, &Composites::default());
        let got = trim(&entries, first, &TrimOptions::default());
        let same = match (&got, &case["result"]) {
            (Err(reason), Value::String(want)) => reason.to_string() == *want,
            (Ok(range), want) => {
                want["start_bin"] == range.start as u64
                    && want["end_bin"] == range.end as u64
                    && (edges[range.start] / want["from_gev"].as_f64().unwrap_or(0.0) - 1.0).abs() < 1e-9
                    && (edges[range.end] / want["to_gev"].as_f64().unwrap_or(0.0) - 1.0).abs() < 1e-9
            }
            _ => false,
        };
        if !same {
            wrong.push(format!("{name}: got {got:?}, want {}", case["result"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

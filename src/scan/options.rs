//! Options of a campaign that this room obeys: which part of a spectrum is scanned, by which network.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::binning::trim::TrimOptions;

/// Limits of the scan, physics.md section 5.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScanOptions {
    /// Last bin with at least this many entries ends the spectrum (1).
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub tail_min: f64,
    /// Fewest bins (30).
    #[schemars(range(min = 8))]
    pub min_bins: usize,
    /// Fewest entries (100).
    #[schemars(range(min = 0))]
    pub min_entries: f64,
    /// A spectrum whose raw events are fewer than this fraction of its weighted sum is warned about.
    #[schemars(range(min = 0))]
    pub min_raw_fraction: f64,
    /// safetensors file; None: the network embedded in the binary.
    pub model: Option<PathBuf>,
}

impl Default for ScanOptions {
    fn default() -> Self {
        // The limits that the toys of training are trimmed with (physics.md section 7.3).
        let TrimOptions { tail_min, min_bins, min_entries } = TrimOptions::default();
        ScanOptions { tail_min, min_bins, min_entries, min_raw_fraction: 1.0, model: None }
    }
}

impl From<&ScanOptions> for TrimOptions {
    fn from(scan: &ScanOptions) -> Self {
        TrimOptions { tail_min: scan.tail_min, min_bins: scan.min_bins, min_entries: scan.min_entries }
    }
}

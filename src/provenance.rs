//! Where a result comes from: the same for the same inputs, program and device; wall time, host and date are not here.
//!
//! In: hash and seed of a campaign, what scanned it. Out: [`Provenance`], as it stands in every file of a run.

use serde::{Deserialize, Serialize};

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Commit the program was built from.
pub const COMMIT: &str = env!("BUMPHOUND_COMMIT");

/// `0.1.0 (d1d74d4cd819)`.
pub const VERSION_AND_COMMIT: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUMPHOUND_COMMIT"), ")");

/// Where the result comes from.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Provenance {
    /// Program version.
    pub version: String,
    /// Commit it was built from.
    pub commit: String,
    /// sha256 of campaign.resolved.yaml.
    pub campaign_sha256: String,
    /// Campaign seed.
    pub seed: u64,
    /// `cpu`, `cuda:0 NVIDIA ...`; `-` where no network was run.
    pub device: String,
    /// Network name and sha256 of its weights.
    pub model: String,
}

/// Provenance of a campaign's result.
pub fn of(campaign_sha256: String, seed: u64, device: String, model: String) -> Provenance {
    Provenance { version: VERSION.to_string(), commit: COMMIT.to_string(), campaign_sha256, seed, device, model }
}

/// Provenance of a book as JSON: program, campaign, seed, input files with sizes.
pub fn of_book(campaign_sha256: &str, seed: u64, inputs: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::json!({
        "version": VERSION,
        "commit": COMMIT,
        "campaign_sha256": campaign_sha256,
        "seed": seed,
        "inputs": inputs,
    }))
}

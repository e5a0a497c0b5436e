//! Where a result comes from: the same for the same inputs, program and device; wall time, host and date are not here.

use crate::campaign::Campaign;
use crate::fill::InputSummary;
use crate::report::Provenance;

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Commit the program was built from.
pub const COMMIT: &str = env!("BUMPHOUND_COMMIT");

/// Provenance of a campaign's result.
pub fn of(campaign: &Campaign, device: String, model: String) -> Provenance {
    Provenance {
        version: VERSION.to_string(),
        commit: COMMIT.to_string(),
        campaign_sha256: campaign.sha256(),
        seed: campaign.seed,
        device,
        model,
    }
}

/// Provenance of a book as JSON: program, campaign, seed, input files with sizes.
pub fn of_book(campaign: &Campaign, inputs: &[InputSummary]) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::json!({
        "version": VERSION,
        "commit": COMMIT,
        "campaign_sha256": campaign.sha256(),
        "seed": campaign.seed,
        "inputs": inputs,
    }))
}

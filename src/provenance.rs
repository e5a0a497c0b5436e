//! Where a result comes from: the same for the same inputs, program and device; wall time, host and date are not here.

use sha2::{Digest, Sha256};

use crate::campaign::Campaign;
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

/// sha256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Options of a campaign that this room obeys: which bumps become candidates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which peaks of z become candidates, physics.md section 10.2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RankingOptions {
    /// Least local z of a candidate (2).
    #[schemars(range(min = 0))]
    pub z_min: f64,
    /// Most candidates per spectrum (3).
    #[schemars(range(min = 1))]
    pub max_per_spectrum: usize,
    /// Least events in the window (3).
    #[schemars(range(min = 0))]
    pub min_window_events: f64,
}

impl Default for RankingOptions {
    fn default() -> Self {
        RankingOptions { z_min: 2.0, max_per_spectrum: 3, min_window_events: 3.0 }
    }
}

//! Options of a campaign that this room obeys: which lines are listed, and how many toys say how common they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which lines are listed, physics.md sections 10.3 and 10.5.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RankingOptions {
    /// Least local z of a line (2).
    #[schemars(range(min = 0))]
    pub z_min: f64,
    /// Most lines per stack (3).
    #[schemars(range(min = 1))]
    pub max_per_spectrum: usize,
    /// Least events in the window (3).
    #[schemars(range(min = 0))]
    pub min_window_events: f64,
    /// Most background-only toys per stack of an invariant mass (1500); transverse masses have a fifth.
    #[schemars(range(min = 20, max = 1000000))]
    pub toys: usize,
}

impl Default for RankingOptions {
    fn default() -> Self {
        RankingOptions { z_min: 2.0, max_per_spectrum: 3, min_window_events: 3.0, toys: 1500 }
    }
}

//! Options of a campaign that this room obeys: which jet counts make categories.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which jet counts make categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JetSchemes {
    /// 0j .. 5j and 6j+.
    pub exclusive: bool,
    /// Xj: all counts together.
    pub inclusive: bool,
}

impl Default for JetSchemes {
    fn default() -> Self {
        JetSchemes { exclusive: true, inclusive: true }
    }
}

/// One way to count jets into categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JetScheme {
    /// 0j .. 5j and 6j+.
    Exclusive,
    /// Xj: all counts together.
    Inclusive,
}

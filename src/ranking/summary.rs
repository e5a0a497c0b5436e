//! What was searched, stack by stack: for the report.
//!
//! In: what [`super::rank`](mod@super::rank) found. Out: numbers of stacks, reasons for those that were left out, and the
//! chance of each stack, as they stand in report.json.

use serde::{Deserialize, Serialize};

use crate::categories::Category;
use crate::particles::MassLabel;

/// All stacks of a campaign.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct StackSummary {
    /// Stacks of invariant masses that were searched: the trials of `p_campaign`.
    pub invariant: u64,
    /// Of transverse masses.
    pub transverse: u64,
    /// Reason -> stacks that were not searched.
    pub left_out: Vec<(String, u64)>,
    /// Bins with a negative sum of weights, taken as empty.
    pub negative_bins: u64,
    /// Background-only toys in all.
    pub toys: u64,
    /// Each stack.
    pub list: Vec<SearchedStack>,
}

/// One stack.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct SearchedStack {
    /// Group, `Xj`.
    pub category: Category,
    /// Mass.
    pub mass: MassLabel,
    /// Events of all multiplicities.
    pub events: f64,
    /// Bins.
    pub bins: usize,
    /// Multiplicities with events.
    pub rows: usize,
    /// Chance of its best line of which nothing is known; 1 where there is none.
    pub p_stack: f64,
}

//! The card of a network: how it was made and how good it is.
//!
//! In: a training plan, then what `training/card.rs` measures. Out: the JSON file beside the weights.

use serde::{Deserialize, Serialize};

use super::network::Architecture;
use bumphound::binning::trim::LEAST_BINS;
use bumphound::provenance::COMMIT;
use bumphound::scan::calibration::Calibrations;
use bumphound::scan::intervals::Quantiles;
use bumphound::scan::shift::Shift;
use bumphound::significance::SIGNAL_WIDTHS;

/// Longest spectra that a network may ask for: filters and shapes take memory with the square of it.
pub const LONGEST: usize = 1000;

/// How a network was made and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Name, `DMFmw`.
    pub name: String,
    /// sha256 of the weights that the card belongs to.
    #[serde(default)]
    pub weights_sha256: String,
    /// Size of the network.
    pub architecture: Architecture,
    /// Longest spectrum that is put in at once; longer ones are cut into overlapping windows.
    pub max_bins: usize,
    /// Commit of the program that trained it.
    pub commit: String,
    /// Batches it was trained with.
    pub steps: i64,
    /// The training plan, seeds included.
    pub plan: serde_json::Value,
    /// Figures of merit, as `evaluate` writes them; null until they are measured.
    pub figures: serde_json::Value,
    /// What is added to z to make a found Zmax right on average on the reference distribution.
    #[serde(default)]
    pub z_shift: Shift,
    /// The same for the outputs of one width each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub z_shift_by_width: Vec<Shift>,
    /// Quantiles of the errors of each output for z (as in [`super::network::Znet3::forward`]), then of ln(background).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<Quantiles>,
    /// What the network does with structure that is no resonance; null until it is measured.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub hard_set: serde_json::Value,
    /// How often background alone gives such a Zmax.
    pub calibrations: Calibrations,
}

impl Card {
    /// What is known of a network before anything is measured on it.
    pub fn unmeasured(
        name: &str,
        architecture: Architecture,
        max_bins: usize,
        steps: i64,
        plan: serde_json::Value,
    ) -> Card {
        Card {
            name: name.to_string(),
            weights_sha256: String::new(),
            architecture,
            max_bins,
            commit: COMMIT.to_string(),
            steps,
            plan,
            figures: serde_json::Value::Null,
            z_shift: Shift::default(),
            z_shift_by_width: Vec::new(),
            intervals: Vec::new(),
            hard_set: serde_json::Value::Null,
            calibrations: Calibrations::default(),
        }
    }

    /// An error if the card is none that this version can use.
    pub fn check(&self) -> Result<(), String> {
        self.architecture.check()?;
        if !(LEAST_BINS..=LONGEST).contains(&self.max_bins) {
            return Err(format!("max_bins {} is not between {LEAST_BINS} and {LONGEST}", self.max_bins));
        }
        self.calibrations.check()?;
        std::iter::once(&self.z_shift).chain(&self.z_shift_by_width).try_for_each(Shift::check)
    }

    /// Widths that the target of training was the largest over, as the plan says; all if it does not.
    pub fn target_widths(&self) -> Vec<f64> {
        let widths: Option<Vec<f64>> = self.plan["recipe"]["target_widths"]
            .as_array()
            .map(|list| list.iter().filter_map(|w| w.as_f64()).collect());
        widths.filter(|list| !list.is_empty()).unwrap_or_else(|| SIGNAL_WIDTHS.to_vec())
    }

    /// What is added to z; `target` as in [`super::network::Znet3::forward`].
    pub fn shift(&self, target: usize) -> Option<&Shift> {
        match target.checked_sub(1) {
            None => Some(&self.z_shift),
            Some(width) => self.z_shift_by_width.get(width),
        }
    }
}

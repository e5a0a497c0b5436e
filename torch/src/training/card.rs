//! A network's card: everything that is measured on a network once its weights stand, in the one order in which it can be.
//!
//! In: the trained network, its plan, how many toys may be spent. Out: a complete [`Card`]. Each step is measured on the network
//! with what the steps before it have put on the card:
//!
//! | step | puts on the card | needs |
//! |---|---|---|
//! | shifts | `z_shift`, `z_shift_by_width` | the bare network |
//! | intervals | `intervals`, if the network gives errors | shifted z |
//! | rows | `figures`: the rows of physics.md section 9 | shifted z |
//! | calibrations | `calibrations`: the tables behind p_spectrum | shifted z |
//! | hard set | `hard_set`: structure that is no resonance | p_spectrum |
//!
//! All random streams derive from the plan's seed.

use thiserror::Error;

use super::calibrate::calibrate;
use super::fit::TrainingPlan;
use super::intervals;
use super::z_shift::{z_shift, z_shift_by_width};
use crate::evaluation::sets::hard_set::{HardRow, hard_rows};
use crate::evaluation::sets::rows::{Row, reference_rows};
use crate::znet::card::Card;
use crate::znet::model::ModelError;
use crate::znet::predict::Predictor;

/// How many spectra the card is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Test spectra per row; shifts and intervals take some times as many.
    pub test_spectra: usize,
    /// Background-only spectra of each kind (masses, transverse masses) for the calibration tables.
    pub calibration_toys: usize,
}

/// What has just been measured.
#[derive(Debug, Clone, Copy)]
pub enum Measured<'a> {
    /// What is added to z.
    Shifts,
    /// Quantiles of the errors.
    Intervals,
    /// The rows of physics.md section 9.
    Rows(&'a [Row]),
    /// The tables behind p_spectrum.
    Calibrations,
    /// The hard set.
    HardSet(&'a [HardRow]),
}

/// Why a card could not be made.
#[derive(Debug, Error)]
pub enum CardError {
    /// The network failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The network failed on background-only spectra.
    #[error("the tables behind p_spectrum cannot be made: {0}")]
    Calibration(String),
    /// Figures could not be written as JSON.
    #[error("the figures do not go on the card: {0}")]
    Figures(#[from] serde_json::Error),
}

/// The card of a network whose card is still [`Card::unmeasured`]; `watch` hears of each step when it is done.
pub fn measure(
    bare: Predictor,
    plan: &TrainingPlan,
    effort: Effort,
    watch: &mut dyn FnMut(Measured<'_>),
) -> Result<Card, CardError> {
    let Effort { test_spectra, calibration_toys } = effort;
    let seed = plan.seed;
    let mut card = bare.model().card.clone();

    // Each found Zmax from 2 to 10 needs its share of the spectra.
    card.z_shift = z_shift(&bare, 4 * test_spectra, seed)?;
    card.z_shift_by_width = z_shift_by_width(&bare, 2 * test_spectra, seed)?;
    let shifted = bare.with_card(card.clone());
    watch(Measured::Shifts);

    if card.architecture.spread {
        // The bins of the largest z, one per spectrum, need that many.
        card.intervals = intervals::measure(&shifted, &plan.recipe, 4 * test_spectra, seed)?;
        watch(Measured::Intervals);
    }

    let rows = reference_rows(&shifted, test_spectra, seed)?;
    card.figures = serde_json::to_value(&rows)?;
    watch(Measured::Rows(&rows));

    card.calibrations = calibrate(&shifted, &plan.recipe, calibration_toys, seed).map_err(CardError::Calibration)?;
    let calibrated = shifted.with_card(card.clone());
    watch(Measured::Calibrations);

    let hard = hard_rows(&calibrated, test_spectra, seed)?;
    card.hard_set = serde_json::to_value(&hard)?;
    watch(Measured::HardSet(&hard));
    Ok(card)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::fit::Trainer;
    use bumphound::scan::calibration::Calibrations;
    use tch::Device;

    const PLAN: &str = "
name: Tiny
seed: 7
steps: 0
batch: 2
learning_rate: 0.01
bins: [30, 36]
bins_wide: [28, 40]
zmax_weight: 0.5
background_weight: 0.3
recipe:
  functions: 1.0
  sparse: 0.0
  trimmed: 0.0
  dilepton: 0.0
  y_min: 5.0
  y_max: 20000.0
  signal_share: 0.5
  signal_z_max: 10.0
  signal_widths: [1.0]
  target_widths: [1.0]
  second_signal_share: 0.0
network: {channels: 6, layers: 1, kernels: [3, 5], head: 8, spread: true}
";

    #[test]
    fn each_step_is_measured_with_what_was_measured_before() {
        let plan: TrainingPlan = serde_saphyr::from_str(PLAN).expect("a good plan");
        let model = Trainer::new(plan.clone(), Device::Cpu).model().expect("weights");
        let bare = Predictor::new(model.clone(), Device::Cpu, 1);
        let effort = Effort { test_spectra: 10, calibration_toys: 60 };
        let mut steps = Vec::new();
        let card = measure(bare.clone(), &plan, effort, &mut |measured| {
            steps.push(match measured {
                Measured::Shifts => "shifts",
                Measured::Intervals => "intervals",
                Measured::Rows(_) => "rows",
                Measured::Calibrations => "calibrations",
                Measured::HardSet(_) => "hard set",
            });
        })
        .expect("a card");
        assert_eq!(steps, ["shifts", "intervals", "rows", "calibrations", "hard set"]);
        assert!(card.z_shift.for_bins(30).iter().any(|added| *added != 0.0) && card.calibrations.check().is_ok());
        assert_eq!(card.intervals.len(), 2, "one output for z, one for the background");

        // The figures are those of the finished network, its hard set of the finished p_spectrum.
        let finished = bare.clone().with_card(card.clone());
        let rows = reference_rows(&finished, 10, plan.seed).expect("rows");
        assert_eq!(card.figures, serde_json::to_value(&rows).expect("JSON"));
        let hard = hard_rows(&finished, 10, plan.seed).expect("rows");
        assert_eq!(card.hard_set, serde_json::to_value(&hard).expect("JSON"));
        assert_ne!(rows, reference_rows(&bare, 10, plan.seed).expect("rows"), "without its shift z is another");

        // The card of the file says all of it.
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("tiny.safetensors");
        model.with_card(card.clone()).write(&path).expect("the folder is writable");
        let opened = crate::znet::model::Model::open(&path).expect("what was written");
        assert_eq!(opened.card, card);
        assert_ne!(opened.card.calibrations, Calibrations::default());
    }
}

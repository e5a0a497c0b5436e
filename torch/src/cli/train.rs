//! `bumphound train`: a network from a training plan.

use crate::evaluation::hard_set::{HardRow, hard_rows};
use crate::evaluation::intervals;
use crate::evaluation::rows::{reference_rows, z_shift, z_shift_by_width};
use crate::training::calibrate::calibrate;
use crate::training::fit::{Trainer, TrainingPlan};
use crate::znet::device;
use crate::znet::model::{Card, Model};
use crate::znet::predict::Predictor;
use bumphound::cli::terminal::{Failure, note};
use bumphound::cli::train::TrainArgs;
use std::time::Instant;

/// Runs the command.
pub(super) fn train(args: &TrainArgs) -> Result<(), Failure> {
    let text = std::fs::read_to_string(&args.plan).map_err(|e| Failure::io(&args.plan, e))?;
    let plan: TrainingPlan =
        serde_saphyr::from_str(&text).map_err(|e| Failure::new(format!("{}: {e}", args.plan.display())))?;
    std::fs::create_dir_all(&args.out).map_err(|e| Failure::io(&args.out, e))?;
    let device = device::choose(args.device.into())?;
    tch::set_num_threads(args.threads as i32);
    let name = plan.name.to_lowercase();
    let total = plan.steps;
    let checkpoint = args.out.join("checkpoint.safetensors");
    let mut trainer = Trainer::new(plan, device);
    if checkpoint.exists() {
        trainer.resume(&checkpoint)?;
        note(&format!("resumed {} at batch {}", checkpoint.display(), trainer.step_count()));
    }
    let start = Instant::now();
    let first = trainer.step_count();
    let mut stopped = false;
    while trainer.step_count() < total && !stopped {
        let until = (trainer.step_count() / 200 + 1) * 200;
        let mut last = None;
        trainer.run(until, &mut |progress| last = Some(progress))?;
        trainer.save(&checkpoint)?;
        if trainer.step_count() <= trainer.last_steady_step() {
            // A longer plan can go on from here: copy it over checkpoint.safetensors and raise `steps`.
            trainer.save(&args.out.join("steady.safetensors"))?;
        }
        let seconds = start.elapsed().as_secs_f64();
        if let Some(p) = last {
            let rate = (p.step - first) as f64 / seconds;
            note(&format!(
                "batch {}/{total}  z {:.4}  zmax {:.4}  background {:.4}  {rate:.2} batches/s  {:.0} min left",
                p.step,
                p.z_loss,
                p.zmax_loss,
                p.background_loss,
                (total - p.step) as f64 / rate / 60.0
            ));
        }
        stopped = args.minutes.is_some_and(|minutes| seconds > 60.0 * minutes);
    }
    let (store, _network) = trainer.mean_network();
    let mut card = Card {
        name: trainer.plan().name.clone(),
        architecture: trainer.plan().network.clone(),
        max_bins: trainer.plan().bins[1],
        commit: bumphound::provenance::COMMIT.to_string(),
        steps: trainer.step_count(),
        plan: serde_json::to_value(trainer.plan()).unwrap_or_default(),
        figures: serde_json::Value::Null,
        z_shift: Default::default(),
        z_shift_by_width: Vec::new(),
        intervals: Vec::new(),
        hard_set: serde_json::Value::Null,
        calibrations: Default::default(),
    };
    let path = args.out.join(format!("{name}.safetensors"));
    Model::write(&store, &card, &path)?;
    let predictor = Predictor::new(Model::open(&path)?, device, args.threads);
    // Each found Zmax from 2 to 10 needs its share of the spectra.
    card.z_shift = z_shift(&predictor, 4 * args.test_spectra, card_seed(&trainer))?;
    card.z_shift_by_width = z_shift_by_width(&predictor, 2 * args.test_spectra, card_seed(&trainer))?;
    Model::write(&store, &card, &path)?;
    let predictor = Predictor::new(Model::open(&path)?, device, args.threads);
    if card.architecture.spread {
        // The bins of the largest z, one per spectrum, need that many.
        let spectra = 4 * args.test_spectra;
        card.intervals = intervals::measure(&predictor, &trainer.plan().recipe, spectra, card_seed(&trainer))?;
    }
    let rows = reference_rows(&predictor, args.test_spectra, card_seed(&trainer))?;
    for row in &rows {
        note(&super::evaluate::line(row));
    }
    card.figures = serde_json::to_value(&rows).unwrap_or_default();
    card.calibrations = calibrate(&predictor, &trainer.plan().recipe, args.calibration_toys, card_seed(&trainer))
        .map_err(Failure::new)?;
    Model::write(&store, &card, &path)?;
    let predictor = Predictor::new(Model::open(&path)?, device, args.threads);
    let hard = hard_rows(&predictor, args.test_spectra, card_seed(&trainer))?;
    for row in &hard {
        note(&hard_line(row));
    }
    card.hard_set = serde_json::to_value(&hard).unwrap_or_default();
    Model::write(&store, &card, &path)?;
    note(&format!("network: {}  card: {}", path.display(), path.with_extension("json").display()));
    Ok(())
}

fn hard_line(row: &HardRow) -> String {
    format!(
        "hard set, {}: mean {:+.2}  sd {:.2}  null > 5: {:.2} % (target {:.2} %)  null p_spectrum < 0.01: {:.2} %",
        row.structure,
        row.mean,
        row.sd,
        100.0 * row.above_five,
        100.0 * row.above_five_target,
        100.0 * row.below_one_per_cent,
    )
}

fn card_seed(trainer: &Trainer) -> u64 {
    trainer.plan().seed
}

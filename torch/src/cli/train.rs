//! `bumphound train`: a network from a training plan.

use crate::evaluation::sets::hard_set::HardRow;
use crate::training::card::{self, Effort, Measured};
use crate::training::fit::{Trainer, TrainingPlan};
use crate::znet::device;
use crate::znet::predict::Predictor;
use bumphound::cli::terminal::{Failure, note};
use bumphound::cli::train::TrainArgs;
use bumphound::file_kind::read_text;
use bumphound::run_files::{lock, refuse_foreign};
use bumphound::whole_file;
use std::time::Instant;

/// Where a training goes on from.
const CHECKPOINT: &str = "checkpoint.safetensors";
/// Where a longer training can go on from.
const STEADY: &str = "steady.safetensors";

/// Runs the command.
pub(super) fn train(args: &TrainArgs) -> Result<(), Failure> {
    let at = |what: String| Failure::new(format!("{}: {what}", args.plan.display()));
    let text = read_text(&args.plan, "a training plan (YAML)", whole_file::WRITTEN)?;
    let plan: TrainingPlan = serde_saphyr::from_str(&text).map_err(|e| at(e.to_string()))?;
    plan.check().map_err(at)?;
    std::fs::create_dir_all(&args.out).map_err(|e| Failure::io(&args.out, e))?;
    let device = device::choose(args.device.into())?;
    device::use_threads(args.threads);
    let name = plan.name.to_lowercase();
    let total = plan.steps;
    let (checkpoint, network) = (args.out.join(CHECKPOINT), format!("{name}.safetensors"));
    let _alone = lock(&args.out)?;
    refuse_foreign(&args.out, &[&network, &format!("{name}.json"), STEADY], CHECKPOINT, args.force)?;
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
            trainer.save(&args.out.join(STEADY))?;
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
    let path = args.out.join(network);
    let model = trainer.model()?;
    let effort = Effort { test_spectra: args.test_spectra, calibration_toys: args.calibration_toys };
    let predictor = Predictor::new(model.clone(), device, args.threads);
    let card = card::measure(predictor, trainer.plan(), effort, &mut |measured| match measured {
        Measured::Rows(rows) => rows.iter().for_each(|row| note(&super::evaluate::line(row))),
        Measured::HardSet(rows) => rows.iter().for_each(|row| note(&hard_line(row))),
        Measured::Shifts | Measured::Intervals | Measured::Calibrations => {}
    })?;
    model.with_card(card).write(&path)?;
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

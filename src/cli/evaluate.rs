//! `bumphound evaluate`: figures of merit of a network beside the family-fit reference.

use std::path::PathBuf;

use clap::Args;

use crate::training::evaluate::{Row, reference_rows};
use crate::znet::device;
use crate::znet::model::Model;
use crate::znet::predict::Predictor;

use super::terminal::{DeviceArg, Failure, data};

/// Evaluate a network on unseen spectra of the reference distribution.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound evaluate
  bumphound evaluate --model runs/dmfmw/dmfmw.safetensors --spectra 6000 --json out/evaluation.json")]
pub struct EvaluateArgs {
    /// Weights (with their card beside them); the embedded network if left out.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Test spectra per row.
    #[arg(long, default_value_t = 2000)]
    spectra: usize,
    /// Seed of the test spectra.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// auto, cpu or cuda.
    #[arg(long, default_value = "auto")]
    device: DeviceArg,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Also write the rows as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Runs the command.
pub fn evaluate(args: &EvaluateArgs) -> Result<(), Failure> {
    let model = match &args.model {
        Some(path) => Model::open(path)?,
        None => Model::embedded()?,
    };
    let device = device::choose(args.device.into())?;
    let predictor = Predictor::new(model, device, args.threads);
    let rows = reference_rows(&predictor, args.spectra, args.seed)?;
    for row in &rows {
        data(&line(row));
    }
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
        std::fs::write(path, text + "\n").map_err(|e| Failure::io(path, e))?;
    }
    Ok(())
}

/// One row as text.
pub fn line(row: &Row) -> String {
    let reference = row.reference_sd.map_or(String::new(), |sd| format!(" = {:.2} x family fit {sd}", row.sd / sd));
    format!(
        "widths {:<3} bins {:>3}: mean {:+.3} (3-10: {:+.2})  sd {:.3}{reference}  half68 {:.2}  AUC {:.3} (target {:.3})  \
         null > 3/4/5: {:.2} {:.2} {:.2} % (target {:.2} {:.2} {:.2} %)",
        row.widths,
        row.bins,
        row.mean,
        row.mean_3_to_10,
        row.sd,
        row.half68,
        row.auc,
        row.auc_target,
        100.0 * row.false_positives[0],
        100.0 * row.false_positives[1],
        100.0 * row.false_positives[2],
        100.0 * row.false_positives_target[0],
        100.0 * row.false_positives_target[1],
        100.0 * row.false_positives_target[2],
    )
}

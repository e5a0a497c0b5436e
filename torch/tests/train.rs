//! `bumphound train`: a small network, trained in a few steps and evaluated.

use std::path::{Path, PathBuf};

#[path = "../../tests/support"]
mod support {
    pub mod program;
}
use support::program::{assert_same_results, error_of, notes_of, path_in, stdout_of};

const PLAN: &str = "
name: Tiny
seed: 7
steps: 208
batch: 2
learning_rate: 0.01
bins: [30, 36]
bins_wide: [28, 40]
zmax_weight: 0.5
background_weight: 0.3
recipe:
  functions: 1.0
  sparse: 0.2
  trimmed: 0.2
  dilepton: 0.2
  y_min: 5.0
  y_max: 20000.0
  signal_share: 0.5
  signal_z_max: 10.0
  signal_widths: [1.0, 2.0]
  target_widths: [1.0, 2.0]
  second_signal_share: 0.0
network: {channels: 6, layers: 1, kernels: [3, 5], head: 8}
";

fn plan_in(folder: &Path) -> String {
    let (path, text) = path_in(folder, "plan.yaml");
    std::fs::write(path, PLAN).expect("the folder is writable");
    text
}

/// Trains with few toys into a folder; `minutes`: stop after so many.
fn train(folder: &Path, out: &str, minutes: Option<&str>) -> (PathBuf, String) {
    let (path, text) = path_in(folder, out);
    let plan = plan_in(folder);
    let mut arguments = vec!["train", &plan, "--out", &text, "--device", "cpu"];
    arguments.extend(["--calibration-toys", "300", "--test-spectra", "20"]);
    if let Some(minutes) = minutes {
        arguments.extend(["--minutes", minutes]);
    }
    let notes = notes_of(&arguments);
    (path, notes)
}

#[test]
fn a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (whole, _) = train(folder.path(), "whole", None);
    // Checkpoints are written every 200 batches; no time at all ends the training at the first one.
    let (parts, notes) = train(folder.path(), "parts", Some("0"));
    assert!(notes.contains("batch 200/208"), "{notes}");
    assert!(parts.join("checkpoint.safetensors").exists());
    assert_ne!(std::fs::read(parts.join("tiny.safetensors")).ok(), std::fs::read(whole.join("tiny.safetensors")).ok());
    let (_, notes) = train(folder.path(), "parts", None);
    assert!(notes.contains("resumed") && notes.contains("at batch 200") && notes.contains("batch 208/208"), "{notes}");
    // The card, too: figures and calibration come from the same weights.
    assert_same_results(&whole, &parts);

    let network = whole.join("tiny.safetensors");
    let network = network.to_string_lossy();
    let rows = stdout_of(&["evaluate", &network, "--spectra", "50", "--device", "cpu"]);
    assert_eq!(rows.lines().count(), 9, "{rows}");
}

#[test]
fn wrong_plans_and_checkpoints_of_other_networks_are_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (out, text) = path_in(folder.path(), "out");
    let error = error_of(&["train", "no-such-plan.yaml", "--out", &text]);
    assert!(error.contains("no-such-plan.yaml"), "{error}");
    let (path, wrong) = path_in(folder.path(), "wrong.yaml");
    std::fs::write(path, PLAN.replace("batch:", "bach:")).expect("the folder is writable");
    let error = error_of(&["train", &wrong, "--out", &text]);
    assert!(error.contains("wrong.yaml") && error.contains("bach"), "{error}");
    std::fs::create_dir_all(&out).expect("the folder is writable");
    std::fs::write(out.join("checkpoint.safetensors"), "not a checkpoint").expect("the folder is writable");
    let error = error_of(&["train", &plan_in(folder.path()), "--out", &text, "--device", "cpu"]);
    assert!(error.contains("checkpoint.safetensors"), "{error}");
}

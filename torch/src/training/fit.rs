//! The training loop: endless labelled spectra, one length per batch, checkpoints that resume exactly.
//!
//! In: a [`TrainingPlan`] (YAML in `selections/training/`). Out: a network. Example j of batch i is drawn from the
//! stream `train/i/j`, whatever the number of threads, so any example can be made again and a resumed training sees
//! what an uninterrupted one would have seen.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, nn::VarStore};
use thiserror::Error;

use super::adam::Adam;
use crate::znet::card::Card;
use crate::znet::model::{Model, ModelError};
use crate::znet::network::{Architecture, Output, Znet3};
use bumphound::part_file::{FileError, write_path_atomically};
use bumphound::seeds::rng_for;
use bumphound::shape_average::Libraries;
use bumphound::toys::spectra::{Example, Recipe, example};

/// Everything that decides a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingPlan {
    /// Name of the network, `DMFmw`, `F1w`, ...
    pub name: String,
    /// Seed of initial weights and examples.
    pub seed: u64,
    /// Batches.
    pub steps: i64,
    /// Spectra per batch.
    pub batch: usize,
    /// Learning rate; warms up, stays, and falls along a half cosine to 2 % of it in the last part of the training.
    pub learning_rate: f64,
    /// Part of the batches before the fall. Up to there a training does not depend on its length, so a longer one can go
    /// on from there.
    #[serde(default = "default_steady_part")]
    pub steady_part: f64,
    /// Shortest and longest spectra.
    pub bins: [usize; 2],
    /// Lengths outside `bins` that a tenth of the batches take.
    pub bins_wide: [usize; 2],
    /// Weight of the squared error of Zmax beside that of z per bin.
    pub zmax_weight: f64,
    /// Weight of the background's error.
    pub background_weight: f64,
    /// What the examples are made of.
    pub recipe: Recipe,
    /// Size of the network.
    pub network: Architecture,
}

fn default_steady_part() -> f64 {
    0.7
}

/// State shown to the user while training.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Batches done.
    pub step: i64,
    /// Mean squared error of z per bin, running mean.
    pub z_loss: f64,
    /// Mean squared error of Zmax, running mean.
    pub zmax_loss: f64,
    /// Background loss, running mean.
    pub background_loss: f64,
}

/// Why a training stopped.
#[derive(Debug, Error)]
pub enum TrainingError {
    /// A checkpoint could not be written.
    #[error(transparent)]
    Write(#[from] FileError),
    /// The network in training is none that can be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The plan cannot be put on the card.
    #[error("the training plan does not go on the card: {0}")]
    Plan(#[from] serde_json::Error),
    /// A checkpoint could not be read.
    #[error("checkpoint {path}: {source}")]
    Checkpoint {
        /// File.
        path: String,
        /// libtorch's message.
        source: tch::TchError,
    },
    /// A checkpoint of another network.
    #[error("checkpoint {path} does not fit this plan\nhint: use another --out folder, or the plan it was made with")]
    OtherNetwork {
        /// File.
        path: String,
    },
    /// The loss is not a number.
    #[error("the loss is not finite at step {step}\nhint: lower `learning_rate`")]
    Diverged {
        /// Batch.
        step: i64,
    },
}

/// A network in training.
#[derive(Debug)]
pub struct Trainer {
    plan: TrainingPlan,
    network: Znet3,
    adam: Adam,
    device: Device,
    libraries: Arc<Libraries>,
}

const WEIGHT_DECAY: f64 = 1e-3;
const MEAN_DECAY: f64 = 0.998;
const CLIP: f64 = 5.0;
/// Weight of the uncertainties' loss: it moves the weights of their own layers alone.
const SPREAD_WEIGHT: f64 = 0.2;
const WARM_UP: f64 = 300.0;

impl Trainer {
    /// A fresh network.
    pub fn new(plan: TrainingPlan, device: Device) -> Self {
        tch::manual_seed(plan.seed as i64);
        let store = VarStore::new(device);
        let network = Znet3::new(&store.root(), &plan.network);
        let adam = Adam::new(&store, WEIGHT_DECAY, MEAN_DECAY);
        let libraries = Arc::new(plan.network.libraries());
        Trainer { plan, network, adam, device, libraries }
    }

    /// Batches done.
    pub fn step_count(&self) -> i64 {
        self.adam.step_count()
    }

    /// The plan.
    pub fn plan(&self) -> &TrainingPlan {
        &self.plan
    }

    /// Writes a checkpoint; an interrupted write leaves the old one.
    pub fn save(&self, path: &Path) -> Result<(), TrainingError> {
        Ok(write_path_atomically(path, |part| Tensor::write_safetensors(&self.adam.state(), part))?)
    }

    /// Goes on from a checkpoint.
    pub fn resume(&mut self, path: &Path) -> Result<(), TrainingError> {
        let state = Tensor::read_safetensors(path)
            .map_err(|source| TrainingError::Checkpoint { path: path.display().to_string(), source })?;
        if self.adam.restore(state) {
            Ok(())
        } else {
            Err(TrainingError::OtherNetwork { path: path.display().to_string() })
        }
    }

    /// The network as it stands, with the mean weights and a card on which nothing is measured.
    pub fn model(&self) -> Result<Model, TrainingError> {
        let store = VarStore::new(self.device);
        let _network = Znet3::new(&store.root(), &self.plan.network);
        self.adam.copy_mean_into(&store);
        let plan = serde_json::to_value(&self.plan)?;
        let sizes = self.plan.network.clone();
        let card = Card::unmeasured(&self.plan.name, sizes, self.plan.bins[1], self.step_count(), plan);
        Ok(Model::of(&store, card)?)
    }

    /// Trains up to batch `until` (or the plan's last), calling `watch` every 20 batches.
    pub fn run(&mut self, until: i64, watch: &mut dyn FnMut(Progress)) -> Result<(), TrainingError> {
        let until = until.min(self.plan.steps);
        let first = self.adam.step_count();
        let mut running: Option<[f64; 3]> = None;
        let plan = self.plan.clone();
        let libraries = self.libraries.clone();
        std::thread::scope(|scope| {
            let (sender, receiver): (_, Receiver<Batch>) = sync_channel(4);
            scope.spawn(move || {
                for index in first..until {
                    if sender.send(batch(&plan, &libraries, index)).is_err() {
                        break;
                    }
                }
            });
            for batch in receiver {
                let losses = self.learn(&batch)?;
                let mean = running.get_or_insert(losses);
                for (mean, loss) in mean.iter_mut().zip(losses) {
                    *mean += 0.02 * (loss - *mean);
                }
                let step = self.adam.step_count();
                if step % 20 == 0 || step == until {
                    watch(Progress { step, z_loss: mean[0], zmax_loss: mean[1], background_loss: mean[2] });
                }
            }
            Ok(())
        })
    }

    /// One batch; returns the three losses.
    fn learn(&mut self, batch: &Batch) -> Result<[f64; 3], TrainingError> {
        let examples = &batch.examples;
        let counts = tensor(examples, |example| &example.counts, self.device);
        let background = tensor(examples, |example| &example.background, self.device);
        let mixed = tensor(examples, |example| &example.z, self.device).unsqueeze(1);
        let target = if self.plan.network.by_width {
            let [batch, _, bins] = [mixed.size()[0], 1, mixed.size()[2]];
            let each = tensor(examples, |example| &example.z_by_width, self.device).view([batch, -1, bins]);
            Tensor::cat(&[mixed, each], 1)
        } else {
            mixed
        };
        let shapes = (!batch.shapes.is_empty()).then(|| {
            let [size, bins] = [counts.size()[0], counts.size()[1]];
            Tensor::from_slice(&batch.shapes).view([size, -1, bins]).to_device(self.device)
        });
        let Output { z, ln_background, ln_spread } = self.network.forward(&counts, shapes.as_ref());
        let z_loss = (&z - &target).square().mean(Kind::Float);
        let zmax_loss = (z.amax(2i64, false) - target.amax(2i64, false)).square().mean(Kind::Float);
        // In units of the Poisson error where events are many, of ln(b) where they are few.
        let root = |ln_b: &Tensor| (ln_b.clamp(-14.0, 16.0).exp() + 0.05).sqrt() * 2.0;
        let background_loss =
            root(&ln_background).smooth_l1_loss(&root(&background.clamp_min(1e-6).log()), tch::Reduction::Mean, 2.0);
        let mut loss = &z_loss + &zmax_loss * self.plan.zmax_weight + &background_loss * self.plan.background_weight;
        if let Some(ln_spread) = ln_spread {
            let of_background = background.clamp_min(1e-6).log() - &ln_background.clamp(-14.0, 16.0);
            let miss = Tensor::cat(&[&target - &z, of_background.unsqueeze(1)], 1).detach();
            // Minus the logarithm of a normal density.
            loss += ((miss * (-&ln_spread).exp()).square() * 0.5 + &ln_spread).mean(Kind::Float) * SPREAD_WEIGHT;
        }
        let rate = self.learning_rate();
        let norm = self.adam.step(&loss, rate, CLIP);
        let losses = [z_loss, zmax_loss, background_loss].map(|loss| loss.double_value(&[]));
        if !norm.is_finite() || losses.iter().any(|loss| !loss.is_finite()) {
            return Err(TrainingError::Diverged { step: self.adam.step_count() });
        }
        Ok(losses)
    }

    /// Batch before which the learning rate begins to fall.
    pub fn last_steady_step(&self) -> i64 {
        (self.plan.steady_part.clamp(0.0, 1.0) * self.plan.steps as f64) as i64
    }

    fn learning_rate(&self) -> f64 {
        let step = self.adam.step_count() as f64;
        let warm = (step / WARM_UP).min(1.0);
        let fall = ((step - self.last_steady_step() as f64)
            / (self.plan.steps - self.last_steady_step()).max(1) as f64)
            .clamp(0.0, 1.0);
        let cosine = 0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * fall).cos());
        self.plan.learning_rate * (0.02 + 0.98 * warm) * cosine
    }
}

/// Examples of one length and what the shapes say about each.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The examples.
    pub examples: Vec<Example>,
    /// Features `[examples, channels, bins]`; empty if the network uses none.
    pub shapes: Vec<f32>,
}

/// Batch number `index` of a plan: all examples of one length.
pub fn batch(plan: &TrainingPlan, libraries: &Libraries, index: i64) -> Batch {
    let mut rng = rng_for(plan.seed, &format!("train/{index}"));
    let [low, high] = if rng.random_bool(0.1) { plan.bins_wide } else { plan.bins };
    let bins = rng.random_range(low..=high);
    let library = (!plan.network.shape_average.is_empty()).then(|| libraries.get(bins));
    let made: Vec<(Example, Vec<f32>)> = (0..plan.batch)
        .into_par_iter()
        .map(|j| {
            let example = example(bins, &plan.recipe, &mut rng_for(plan.seed, &format!("train/{index}/{j}")));
            let mut shapes = Vec::new();
            if let Some(library) = &library {
                library.average(&example.counts).features_into(&example.counts, &mut shapes);
            }
            (example, shapes)
        })
        .collect();
    let (examples, shapes): (Vec<Example>, Vec<Vec<f32>>) = made.into_iter().unzip();
    Batch { examples, shapes: shapes.concat() }
}

/// One column of the examples as a float32 tensor `[batch, bins]`.
pub fn tensor(examples: &[Example], column: impl Fn(&Example) -> &Vec<f64>, device: Device) -> Tensor {
    let values: Vec<f32> = examples.iter().flat_map(|example| column(example).iter().map(|&v| v as f32)).collect();
    Tensor::from_slice(&values).view([examples.len() as i64, -1]).to_device(device)
}

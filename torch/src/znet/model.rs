//! A trained network: weights (safetensors) and a card (JSON) that says how it was made and how good it is.
//!
//! The default network is part of the binary. In: two files, or nothing. Out: a [`Model`] from which networks are made
//! on any device.

use std::path::{Path, PathBuf};

use safetensors::{SafeTensors, tensor::Dtype};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tch::{Device, Tensor, nn::VarStore, no_grad};
use thiserror::Error;

use super::filters::WIDTHS;
use super::network::{Architecture, Znet3};
use bumphound::scan::calibration::Calibrations;
use bumphound::scan::intervals::Quantiles;
use bumphound::scan::shift::Shift;

/// Longest spectra that a network may ask for: filters and shapes take memory with the square of it.
const LONGEST: usize = 1000;
/// The network that is used when a campaign names none.
const DEFAULT_WEIGHTS: &[u8] = include_bytes!("../../../models/dmfmw.safetensors");
const DEFAULT_CARD: &str = include_str!("../../../models/dmfmw.json");

/// How a network was made and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Name, `DMFmw`.
    pub name: String,
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
    /// Figures of merit, as `evaluate` wrote them.
    pub figures: serde_json::Value,
    /// What is added to z to make a found Zmax right on average on the reference distribution.
    #[serde(default)]
    pub z_shift: Shift,
    /// The same for the outputs of one width each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub z_shift_by_width: Vec<Shift>,
    /// Quantiles of the errors of each output for z (as in [`Znet3::forward`]), then of ln(background).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<Quantiles>,
    /// What the network does with structure that is no resonance.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub hard_set: serde_json::Value,
    /// How often background alone gives such a Zmax.
    pub calibrations: Calibrations,
}

impl Card {
    /// Widths that the target of training was the largest over, as the plan says; all if it does not.
    pub fn target_widths(&self) -> Vec<f64> {
        let widths: Option<Vec<f64>> = self.plan["recipe"]["target_widths"]
            .as_array()
            .map(|list| list.iter().filter_map(|w| w.as_f64()).collect());
        widths.filter(|list| !list.is_empty()).unwrap_or_else(|| WIDTHS.to_vec())
    }

    /// What is added to z; `target` as in [`Znet3::forward`].
    pub fn shift(&self, target: usize) -> Option<&Shift> {
        match target.checked_sub(1) {
            None => Some(&self.z_shift),
            Some(width) => self.z_shift_by_width.get(width),
        }
    }
}

/// Why a model cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A file cannot be read or written.
    #[error(
        "model file {path}: {source}\nhint: a network is two files side by side, NAME.safetensors and its card NAME.json"
    )]
    Io {
        /// File.
        path: PathBuf,
        /// System's message.
        source: std::io::Error,
    },
    /// The card is not one.
    #[error(
        "model card {path}: {source}\nhint: weights and card must come from the same training, by this version of bumphound; \
         otherwise train again with the same plan (selections/training)"
    )]
    Card {
        /// File.
        path: PathBuf,
        /// JSON's message.
        source: serde_json::Error,
    },
    /// The card was named instead of the weights.
    #[error("{path} is a model card\nhint: name the weights beside it, {weights}")]
    CardForWeights {
        /// What was named.
        path: PathBuf,
        /// What is meant.
        weights: PathBuf,
    },
    /// The weights do not fit the card.
    #[error(
        "model weights {path}: {what}\nhint: weights and card must come from the same training, by this version of bumphound"
    )]
    Weights {
        /// File.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// A trained network with its card.
#[derive(Debug, Clone)]
pub struct Model {
    /// The card.
    pub card: Card,
    weights: Vec<(String, Vec<i64>, Vec<f32>)>,
    sha256: String,
}

impl Model {
    /// The network built into the program.
    pub fn embedded() -> Result<Model, ModelError> {
        let path = Path::new("(embedded) models/dmfmw");
        Model::from_parts(DEFAULT_WEIGHTS, DEFAULT_CARD, path)
    }

    /// Reads `NAME.safetensors` and the card `NAME.json` beside it.
    pub fn open(path: &Path) -> Result<Model, ModelError> {
        if path.extension().is_some_and(|ending| ending == "json") {
            return Err(ModelError::CardForWeights { path: path.into(), weights: path.with_extension("safetensors") });
        }
        let read = |path: &Path| std::fs::read(path).map_err(|source| ModelError::Io { path: path.into(), source });
        let card = read(&path.with_extension("json"))?;
        Model::from_parts(&read(path)?, &String::from_utf8_lossy(&card), path)
    }

    fn from_parts(bytes: &[u8], card: &str, path: &Path) -> Result<Model, ModelError> {
        let card: Card = serde_json::from_str(card)
            .map_err(|source| ModelError::Card { path: path.with_extension("json"), source })?;
        let wrong = |what: String| ModelError::Weights { path: path.into(), what };
        if !card.calibrations.are_complete() {
            return Err(wrong("the card's tables behind p_spectrum have other classes than this version".into()));
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
        let mut weights = Vec::new();
        for (name, view) in tensors.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(wrong(format!("tensor {name} is {:?}, not F32", view.dtype())));
            }
            let values =
                view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect::<Vec<_>>();
            if values.iter().any(|v| !v.is_finite()) {
                return Err(wrong(format!("tensor {name} holds values that are not finite")));
            }
            weights.push((name, view.shape().iter().map(|&n| n as i64).collect(), values));
        }
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let model = Model { card, weights, sha256 };
        model.network(Device::Cpu).map_err(wrong)?;
        Ok(model)
    }

    /// sha256 of the weights.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The network on a device. The store owns its variables.
    pub fn network(&self, device: Device) -> Result<(VarStore, Znet3), String> {
        let sizes = &self.card.architecture;
        let sane = (1..=1024).contains(&sizes.channels)
            && (0..=64).contains(&sizes.layers)
            && (1..=1024).contains(&sizes.head)
            && (1..=16).contains(&sizes.kernels.len())
            && sizes.kernels.iter().all(|k| (1..=255).contains(k) && k % 2 == 1)
            && sizes.shape_average.len() <= 16
            && sizes.shape_average.iter().all(|width| (0.1..=50.0).contains(width));
        if !sane {
            return Err(format!("the card's architecture {sizes:?} is out of range"));
        }
        if self.card.max_bins > LONGEST {
            return Err(format!("max_bins {} of the card is more than {LONGEST}", self.card.max_bins));
        }
        let store = VarStore::new(device);
        let network = Znet3::new(&store.root(), sizes);
        let mut variables = store.variables();
        no_grad(|| {
            for (name, shape, values) in &self.weights {
                let Some(mut variable) = variables.remove(name) else {
                    return Err(format!("tensor {name} is not part of the network on the card"));
                };
                if variable.size() != *shape {
                    return Err(format!("tensor {name} has shape {shape:?} instead of {:?}", variable.size()));
                }
                variable.copy_(&Tensor::from_slice(values).view(shape.as_slice()));
            }
            Ok(())
        })?;
        match variables.keys().next() {
            Some(name) => Err(format!("tensor {name} is missing")),
            None => Ok((store, network)),
        }
    }

    /// Writes weights and card; the card's name ends in `.json`.
    pub fn write(store: &VarStore, card: &Card, path: &Path) -> Result<(), ModelError> {
        let io = |path: &Path, source| ModelError::Io { path: path.into(), source };
        let mut named: Vec<(String, Tensor)> =
            store.variables().into_iter().map(|(name, t)| (name, t.detach().to_device(Device::Cpu))).collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        Tensor::write_safetensors(&named, path).map_err(|error| io(path, std::io::Error::other(error.to_string())))?;
        let card_path = path.with_extension("json");
        let text = serde_json::to_string_pretty(card)
            .map_err(|source| ModelError::Card { path: card_path.clone(), source })?;
        std::fs::write(&card_path, text + "\n").map_err(|source| io(&card_path, source))
    }
}

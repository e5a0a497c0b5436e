//! A trained network: weights (safetensors) and a card (JSON) that says how it was made and how good it is.
//!
//! The default network is part of the binary. In: two files, a network in training, or nothing. Out: a [`Model`] from which
//! networks are made on any device, and the two files.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::{SafeTensorError, SafeTensors, serialize, tensor::Dtype, tensor::TensorView};
use sha2::{Digest, Sha256};
use tch::{Device, Tensor, nn::VarStore, no_grad};
use thiserror::Error;

use super::card::Card;
use super::network::Znet3;
use bumphound::file_kind::{self, FileKind};
use bumphound::part_file::{FileError, write_atomically};
use bumphound::whole_file;

/// The network that is used when a campaign names none.
const DEFAULT_WEIGHTS: &[u8] = include_bytes!("../../../models/dmfmw.safetensors");
const DEFAULT_CARD: &str = include_str!("../../../models/dmfmw.json");

/// Why a model cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A file cannot be read.
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
    /// Another kind of file.
    #[error("{0}")]
    Kind(String),
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
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] FileError),
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
        if let Some(kind) =
            FileKind::of_file(path).ok().filter(|k| !matches!(k, FileKind::Safetensors | FileKind::Json))
        {
            return Err(ModelError::Kind(file_kind::describe(path, kind, "the weights of a network (safetensors)")));
        }
        if path.extension().is_some_and(|ending| ending == "json") {
            return Err(ModelError::CardForWeights { path: path.into(), weights: path.with_extension("safetensors") });
        }
        let read = |path: &Path| {
            whole_file::read(path, whole_file::DATA).map_err(|source| ModelError::Io { path: path.into(), source })
        };
        let card = read(&path.with_extension("json"))?;
        Model::from_parts(&read(path)?, &String::from_utf8_lossy(&card), path)
    }

    fn from_parts(bytes: &[u8], card: &str, path: &Path) -> Result<Model, ModelError> {
        let card: Card = serde_json::from_str(card)
            .map_err(|source| ModelError::Card { path: path.with_extension("json"), source })?;
        let wrong = |what: String| ModelError::Weights { path: path.into(), what };
        card.check().map_err(|what| wrong(format!("the card beside them cannot be used: {what}")))?;
        let sha256 = hex_sha256(bytes);
        match card.weights_sha256.as_str() {
            "" => {
                return Err(wrong(format!(
                    "the card beside them does not say that it belongs to them (if it does: \"weights_sha256\": \"{sha256}\")"
                )));
            }
            of_card if of_card != sha256 => {
                return Err(wrong(format!(
                    "the card beside them belongs to other weights: sha256 {sha256}, the card says {of_card}"
                )));
            }
            _ => {}
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
        let mut missing: BTreeMap<String, Vec<i64>> = card.architecture.shapes().into_iter().collect();
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
            let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
            match missing.remove(&name) {
                None => return Err(wrong(format!("tensor {name} is not part of the network on the card"))),
                Some(other) if other != shape => {
                    return Err(wrong(format!("tensor {name} has shape {shape:?} instead of {other:?}")));
                }
                Some(_) => weights.push((name, shape, values)),
            }
        }
        match missing.keys().next() {
            Some(name) => Err(wrong(format!("tensor {name} is missing"))),
            None => Ok(Model { card, weights, sha256 }),
        }
    }

    /// sha256 of the weights.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The network on a device. The store owns its variables.
    pub fn network(&self, device: Device) -> Result<(VarStore, Znet3), String> {
        self.card.architecture.check()?;
        let store = VarStore::new(device);
        let network = Znet3::new(&store.root(), &self.card.architecture);
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

    /// The weights that are in `store`, with a card.
    pub fn of(store: &VarStore, card: Card) -> Result<Model, ModelError> {
        let mut weights: Vec<(String, Vec<i64>, Vec<f32>)> =
            store.variables().into_iter().map(|(name, tensor)| (name, tensor.size(), values(&tensor))).collect();
        weights.sort_by(|a, b| a.0.cmp(&b.0));
        let wrong =
            |error: SafeTensorError| ModelError::Weights { path: card.name.clone().into(), what: error.to_string() };
        let sha256 = hex_sha256(&bytes(&weights).map_err(wrong)?);
        let card = Card { weights_sha256: sha256.clone(), ..card };
        Ok(Model { card, weights, sha256 })
    }

    /// The same network with another card.
    pub fn with_card(self, card: Card) -> Model {
        Model { card: Card { weights_sha256: self.sha256.clone(), ..card }, ..self }
    }

    /// Writes weights and card, each complete or not at all; the card's name ends in `.json`.
    pub fn write(&self, path: &Path) -> Result<(), ModelError> {
        let card = path.with_extension("json");
        let text = serde_json::to_string_pretty(&self.card)
            .map_err(|source| ModelError::Card { path: card.clone(), source })?;
        let wrong = |error: SafeTensorError| ModelError::Weights { path: path.into(), what: error.to_string() };
        let weights = bytes(&self.weights).map_err(wrong)?;
        write_atomically(path, |out| out.write_all(&weights))?;
        Ok(write_atomically(&card, |out| writeln!(out, "{text}"))?)
    }
}

/// A tensor's values in order, from any device.
fn values(tensor: &Tensor) -> Vec<f32> {
    let flat = tensor.detach().to_device(Device::Cpu).to_kind(tch::Kind::Float).contiguous();
    let mut values = vec![0f32; flat.numel()];
    let size = values.len();
    flat.copy_data(&mut values, size);
    values
}

/// As they stand in a file: safetensors, float32.
fn bytes(weights: &[(String, Vec<i64>, Vec<f32>)]) -> Result<Vec<u8>, SafeTensorError> {
    let raw: Vec<Vec<u8>> =
        weights.iter().map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views: Vec<(&str, TensorView<'_>)> = weights
        .iter()
        .zip(&raw)
        .map(|((name, shape, _), raw)| {
            let shape = shape.iter().map(|&n| n as usize).collect();
            Ok((name.as_str(), TensorView::new(Dtype::F32, shape, raw)?))
        })
        .collect::<Result<_, SafeTensorError>>()?;
    serialize(views, None)
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_written_and_opened_is_the_same_to_the_byte() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("copy.safetensors");
        let model = Model::embedded().expect("it is part of the program");
        model.write(&path).expect("the folder is writable");
        assert_eq!(std::fs::read(&path).expect("written"), DEFAULT_WEIGHTS);
        assert_eq!(std::fs::read_to_string(path.with_extension("json")).expect("written"), DEFAULT_CARD);
        // The way of a training: from the variables of a network, with no file between.
        let (store, _network) = model.network(Device::Cpu).expect("good weights");
        let copy = Model::of(&store, model.card.clone()).expect("weights");
        assert_eq!(copy.sha256(), model.sha256());
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 2, "nothing unfinished is left");
    }
}

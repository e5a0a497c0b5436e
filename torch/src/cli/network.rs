//! The network that a command asks for, on the device that it asks for.

use std::path::Path;

use bumphound::cli::terminal::{DeviceArg, Failure};

use crate::znet::device::{self, DeviceChoice};
use crate::znet::model::Model;
use crate::znet::predict::Predictor;

impl From<DeviceArg> for DeviceChoice {
    fn from(choice: DeviceArg) -> Self {
        match choice {
            DeviceArg::Auto => Self::Auto,
            DeviceArg::Cpu => Self::Cpu,
            DeviceArg::Cuda => Self::Cuda,
        }
    }
}

/// `model`: weights with their card beside them; None: the network built into the program.
pub(super) fn open(model: Option<&Path>, device: DeviceArg, threads: usize) -> Result<Predictor, Failure> {
    let model = match model {
        Some(path) => Model::open(path)?,
        None => Model::embedded()?,
    };
    Ok(Predictor::new(model, device::choose(device.into())?, threads))
}

/// Overrides of a campaign, with the network that was named on the command line.
pub(super) fn overrides(set: &[String], model: Option<&Path>) -> Result<Vec<String>, Failure> {
    let Some(model) = model else { return Ok(set.to_vec()) };
    // A campaign's paths start at its base, those of the command line here.
    let path = model.canonicalize().map_err(|e| Failure::io(model, e))?;
    let text = serde_json::to_string(&path.to_string_lossy())?;
    Ok(set.iter().cloned().chain([format!("scan.model={text}")]).collect())
}

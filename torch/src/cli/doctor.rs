//! `bumphound doctor`: what this installation can do, libtorch included.

use bumphound::cli::doctor::{Torch, lines};
use bumphound::cli::terminal::{Failure, data};

use crate::znet::device::cuda_state;
use crate::znet::model::Model;

/// Runs the command.
pub(super) fn doctor() -> Result<(), Failure> {
    let libtorch = format!("built for {}, {}", env!("BUMPHOUND_TORCH"), loaded_libtorch());
    let gpu = match cuda_state() {
        Ok(()) => format!("{} CUDA device(s)", tch::Cuda::device_count()),
        Err(reason) => format!("none: {reason}"),
    };
    let network = match Model::embedded() {
        Ok(model) => {
            let card = &model.card;
            format!(
                "{} ({} batches, up to {} bins at once, sha256 {})",
                card.name,
                card.steps,
                card.max_bins,
                &model.sha256()[..12]
            )
        }
        Err(error) => format!("unusable: {error}"),
    };
    lines(&Torch { libtorch, gpu, network }).iter().for_each(|line| data(line));
    Ok(())
}

/// Path of the libtorch in this process, as the system's loader found it.
#[cfg(target_os = "linux")]
fn loaded_libtorch() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.lines()
        .filter_map(|line| line.split_whitespace().last())
        .find(|path| path.contains("libtorch_cpu"))
        .map_or("not found in this process".to_string(), |path| format!("loaded from {path}"))
}

#[cfg(not(target_os = "linux"))]
fn loaded_libtorch() -> String {
    "loaded".to_string()
}

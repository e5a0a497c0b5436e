//! `bumphound doctor`: what this installation can do.

use clap::Args;

use super::terminal::{Failure, data};

/// Say what was found: libtorch, CPU and GPU, the network, codecs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound doctor
  bumphound doctor 2>&1 | tee doctor.txt   # to attach to a bug report")]
pub struct DoctorArgs {}

/// Runs the command.
pub fn doctor(_args: &DoctorArgs) -> Result<(), Failure> {
    data(&format!("bumphound    {} (commit {})", env!("CARGO_PKG_VERSION"), env!("BUMPHOUND_COMMIT")));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    data(&format!("cpu          {cores} threads, {}", std::env::consts::ARCH));
    torch_lines();
    data("codecs       ZLIB, LZ4, ZSTD, LZMA, stored");
    data(&format!("inputs       {}", crate::cli::LAYOUTS));
    Ok(())
}

#[cfg(feature = "torch")]
fn torch_lines() {
    use crate::znet::device::cuda_state;
    use crate::znet::model::Model;

    data(&format!("libtorch     built for {}, {}", env!("BUMPHOUND_TORCH"), loaded_libtorch()));
    match cuda_state() {
        Ok(()) => data(&format!("gpu          {} CUDA device(s)", tch::Cuda::device_count())),
        Err(reason) => data(&format!("gpu          none: {reason}")),
    }
    match Model::embedded() {
        Ok(model) => {
            let card = &model.card;
            data(&format!(
                "network      {} ({} batches, up to {} bins at once, sha256 {})",
                card.name,
                card.steps,
                card.max_bins,
                &model.sha256()[..12]
            ));
        }
        Err(error) => data(&format!("network      unusable: {error}")),
    }
}

#[cfg(not(feature = "torch"))]
fn torch_lines() {
    data(
        "libtorch     left out of this build (cargo feature `torch`): fill, export, check, skim work; scan, run do not",
    );
}

/// Path of the libtorch in this process, as the system's loader found it.
#[cfg(all(feature = "torch", target_os = "linux"))]
fn loaded_libtorch() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.lines()
        .filter_map(|line| line.split_whitespace().last())
        .find(|path| path.contains("libtorch_cpu"))
        .map_or("not found in this process".to_string(), |path| format!("loaded from {path}"))
}

#[cfg(all(feature = "torch", not(target_os = "linux")))]
fn loaded_libtorch() -> String {
    "loaded".to_string()
}

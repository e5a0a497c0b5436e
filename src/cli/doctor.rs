//! `bumphound doctor`: what this installation can do.

use clap::Args;

use super::launch;
use super::terminal::{Failure, data};
use crate::ntuples::layouts::{LAYOUTS, LayoutKind};
use crate::provenance::{COMMIT, VERSION};

/// Report what this installation has: libtorch, CPU and GPU, the network, codecs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound doctor
  bumphound doctor 2>&1 | tee doctor.txt   # to attach to a bug report")]
pub struct DoctorArgs {}

/// What is known about the part that needs libtorch.
#[derive(Debug, Clone, PartialEq)]
pub struct Torch {
    /// Version and path.
    pub libtorch: String,
    /// Devices.
    pub gpu: String,
    /// The network built into the program.
    pub network: String,
}

/// Runs the command; hands over to the part that knows libtorch where it can.
pub fn doctor(_args: &DoctorArgs) -> Result<(), Failure> {
    let missing = launch::hand_over();
    let unknown = || "not known without libtorch".to_string();
    let torch = Torch { libtorch: format!("none: {missing}"), gpu: unknown(), network: unknown() };
    lines(&torch).iter().for_each(|line| data(line));
    Ok(())
}

/// The lines of the command.
pub fn lines(torch: &Torch) -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    vec![
        format!("bumphound    {VERSION} (commit {COMMIT})"),
        format!("cpu          {cores} threads, {}", std::env::consts::ARCH),
        format!("libtorch     {}", torch.libtorch),
        format!("gpu          {}", torch.gpu),
        format!("network      {}", torch.network),
        "codecs       ZLIB, LZ4, ZSTD, LZMA, stored".to_string(),
        format!("inputs       {}", layouts()),
    ]
}

/// Layouts of input files that this build reads.
fn layouts() -> String {
    let name = |kind: &&LayoutKind| match kind.usual {
        Some(_) => kind.name.to_string(),
        None => format!("{} ({})", kind.name, kind.title),
    };
    LAYOUTS.iter().map(name).collect::<Vec<_>>().join(", ")
}

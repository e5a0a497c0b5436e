//! CPU or the first CUDA device.
//!
//! The linker drops libtorch_cuda because nothing here calls it, and asking libtorch for CUDA before the library is
//! loaded switches CUDA off for the process: so it is loaded by hand, once, first.

use std::sync::OnceLock;

use tch::{Cuda, Device};
use thiserror::Error;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// CUDA where it works, else CPU.
    #[default]
    Auto,
    /// CPU.
    Cpu,
    /// CUDA or an error.
    Cuda,
}

/// CUDA was asked for and is not there.
#[derive(Debug, Error)]
#[error(
    "no CUDA device: {reason}\nhint: `--device auto` falls back to the CPU; `bumphound doctor` says what libtorch found"
)]
pub struct NoCuda {
    reason: String,
}

/// How many threads libtorch itself may use on the CPU.
pub fn use_threads(threads: usize) {
    tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX).max(1));
}

/// The device to run on.
pub fn choose(choice: DeviceChoice) -> Result<Device, NoCuda> {
    match choice {
        DeviceChoice::Cpu => Ok(Device::Cpu),
        DeviceChoice::Auto => Ok(if cuda_state().is_ok() { Device::Cuda(0) } else { Device::Cpu }),
        DeviceChoice::Cuda => match cuda_state() {
            Ok(()) => Ok(Device::Cuda(0)),
            Err(reason) => Err(NoCuda { reason: reason.clone() }),
        },
    }
}

/// Name of a device for reports: `cpu`, `cuda:0`.
pub fn name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".to_string(),
    }
}

/// Whether CUDA works, and if not, why; found once per process.
pub fn cuda_state() -> &'static Result<(), String> {
    static STATE: OnceLock<Result<(), String>> = OnceLock::new();
    STATE.get_or_init(|| {
        load_cuda_library()?;
        if Cuda::is_available() && Cuda::device_count() > 0 {
            Ok(())
        } else {
            Err("libtorch was built with CUDA but sees no device (driver missing or no GPU)".to_string())
        }
    })
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)] // dlopen of a library that comes with the libtorch already in this process
fn load_cuda_library() -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: libtorch_cuda's constructors only register kernels with the libtorch_cpu that is already loaded.
    let library = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) };
    match library {
        Ok(library) => {
            std::mem::forget(library); // stays loaded as long as the process
            Ok(())
        }
        Err(error) => Err(format!("libtorch_cuda cannot be loaded ({error})")),
    }
}

#[cfg(not(target_os = "linux"))]
fn load_cuda_library() -> Result<(), String> {
    Err("CUDA is supported on Linux only".to_string())
}

//! Znet3: from counts to a significance and a background per bin, without a background fit (thesis sec. 5.1).
//!
//! [`filters`] (what is put in, plain Rust) -> [`network`] (libtorch) -> [`predict`] (spectra of any length, CPU or GPU)
//! ; [`model`] is the trained network with its card, [`device`] finds the GPU. This folder and `training/` are the
//! only ones that know libtorch.

pub mod calibration;
#[cfg(feature = "torch")]
pub mod device;
pub mod filters;
#[cfg(feature = "torch")]
pub mod model;
#[cfg(feature = "torch")]
pub mod network;
#[cfg(feature = "torch")]
pub mod predict;

/// What the network says about one spectrum. Same length as the counts that went in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ZCurve {
    /// Signed significance per bin.
    pub z: Vec<f64>,
    /// Expected background per bin (auxiliary output).
    pub background: Vec<f64>,
    /// Standard deviation of z, per bin: how far the target (z over the true background) lies from z. Empty if the network
    /// has no such output.
    pub z_error: Vec<f64>,
    /// Standard deviation of ln(background), per bin. Empty if the network has no such output.
    pub background_error: Vec<f64>,
}

impl ZCurve {
    /// Largest z and its bin; `None` for an empty curve.
    pub fn zmax(&self) -> Option<(usize, f64)> {
        self.z.iter().copied().enumerate().fold(None, |best, (bin, z)| match best {
            Some((_, height)) if height >= z => best,
            _ => Some((bin, z)),
        })
    }
}

/// Something that turns counts into curves: the network, or a stand-in in tests. Keeps later stages free of libtorch.
pub trait SpectrumPredictor {
    /// One curve per spectrum, in the same order and of the same length.
    fn curves(&self, spectra: &[&[f64]]) -> Result<Vec<ZCurve>, String>;
    /// How often background alone gives such a Zmax.
    fn calibrations(&self) -> &calibration::Calibrations;
}

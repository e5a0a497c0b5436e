//! Znet3: from counts to a significance and a background per bin, without a background fit (thesis sec. 5.1).
//!
//! [`filters`] (what is put in, plain Rust) -> [`network`] (libtorch) -> [`predict`] (spectra of any length, CPU or GPU)
//! ; [`model`] is the trained network with its [`card`], [`device`] finds the GPU. This folder and `training/` are the
//! only ones that know libtorch.

pub mod card;
pub mod device;
pub mod filters;
pub mod model;
pub mod network;
pub mod predict;

//! From labelled spectra ([`bumphound::toys`]) to a trained network.
//!
//! [`fit`] is the loop, [`adam`] its optimiser. Figures of merit are in [`crate::evaluation`].

pub mod adam;
pub mod calibrate;
pub mod fit;

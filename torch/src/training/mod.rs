//! From labelled spectra ([`bumphound::toys`]) to a trained network with its measured card.
//!
//! [`fit`] is the loop, [`adam`] its optimiser. [`card`] then measures the network, step by step: [`z_shift`], [`intervals`],
//! [`calibrate`], and the figures of merit of [`crate::evaluation`].

pub mod adam;
pub mod calibrate;
pub mod card;
pub mod fit;
pub mod intervals;
mod plan_check;
pub mod z_shift;

//! Plots as inline SVG, in the manner of the field; no fonts, no scripts, nothing from outside.
//!
//! In: the drawn spectra of a bump. Out: `<svg>` texts: [`panel`] draws events per bin with Poisson intervals over the
//! predicted background, z per bin below and the window shaded in both; [`overview`] draws how rare the scanned spectra
//! are against what chance gives. [`axis`] and [`canvas`] are what both stand on.

mod marks;
pub mod overview;
pub mod panel;

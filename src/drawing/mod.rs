//! The drawing room: what all pictures of all pages are made of. SVG as text for inlining; no fonts, no scripts.
//!
//! [`canvas`] (elements, escaped) -> [`axis`] (values to pixels, ticks) -> [`chart`] (curves, bands, levels).

pub mod axis;
pub mod canvas;
pub mod chart;

//! The drawing room: what all pictures of all pages are made of. SVG as text for inlining; no fonts, no scripts.
//!
//! [`canvas`] (elements, escaped) -> [`axis`] (values to pixels, ticks) -> [`frame`] (panels over one x axis), [`marks`]
//! (lines, steps, bands, points), [`legend`] -> [`spectrum`] (counts, background, z), [`chart`] (curves, bands, levels).
//! [`page`] is the head of every page with the one style sheet.

pub mod axis;
pub mod canvas;
pub mod chart;
pub mod frame;
pub mod garwood;
pub mod legend;
pub mod marks;
pub mod page;
pub mod spectrum;

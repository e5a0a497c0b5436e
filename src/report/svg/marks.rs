//! What is drawn into the axes of a spectrum: background line, data points, z bars.
//!
//! In: the bins of a [`DrawnSpectrum`] and the axes. Out: marks on a [`Canvas`], one path per kind: small pages.

use std::fmt::Write;

use super::panel::LEFT;
use crate::drawing::axis::{Axis, nice_step};
use crate::drawing::canvas::{Anchor, Canvas, px};
use crate::report::DrawnSpectrum;
use crate::significance::garwood::garwood;

/// One bin; masses in GeV, events, z.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bin {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) observed: f64,
    pub(super) background: Option<f64>,
    pub(super) z: Option<f64>,
}

/// The bins that overlap `range`, without those that make no sense.
pub(super) fn bins(spectrum: &DrawnSpectrum, range: (f64, f64)) -> Vec<Bin> {
    let finite = |values: &[f64], i: usize| values.get(i).copied().filter(|v| v.is_finite());
    spectrum
        .edges
        .windows(2)
        .zip(&spectrum.observed)
        .enumerate()
        .filter_map(|(i, (edge, &observed))| match *edge {
            [low, high] if low.is_finite() && high.is_finite() && low < high && observed.is_finite() => Some(Bin {
                low,
                high,
                observed,
                background: finite(&spectrum.background, i),
                z: finite(&spectrum.z, i),
            }),
            _ => None,
        })
        .filter(|bin| bin.high > range.0 && bin.low < range.1)
        .collect()
}

pub(super) const BACKGROUND: &str = "fill=\"none\" stroke=\"#c8442b\" stroke-width=\"1.6\"";
pub(super) const POINTS: &str = "fill=\"none\" stroke=\"currentColor\" stroke-width=\"4.4\" stroke-linecap=\"round\"";

/// A step line, broken where there is no background or where it is below the axis.
pub(super) fn draw_background(canvas: &mut Canvas, bins: &[Bin], x: &Axis, y: &Axis) {
    let mut line = String::new();
    let mut end = None;
    for bin in bins {
        let Some(background) = bin.background.filter(|&b| b >= y.low()) else {
            end = None;
            continue;
        };
        let (low, high, level) = (x.px(bin.low), x.px(bin.high), y.px(background));
        if end == Some(bin.low) {
            let _ = write!(line, "V{}H{}", px(level), px(high));
        } else {
            let _ = write!(line, "M{} {}H{}", px(low), px(level), px(high));
        }
        end = Some(bin.high);
    }
    canvas.path("background", BACKGROUND, &line);
}

pub(super) fn draw_data(canvas: &mut Canvas, bins: &[Bin], x: &Axis, y: &Axis) {
    let (mut bars, mut points) = (String::new(), String::new());
    for bin in bins.iter().filter(|bin| bin.observed > 0.0) {
        let middle = px((x.px(bin.low) + x.px(bin.high)) / 2.0);
        let (low, high) = garwood(bin.observed);
        let _ = write!(bars, "M{middle} {}V{}", px(y.px(low)), px(y.px(high)));
        if bin.observed >= y.low() {
            let _ = write!(points, "M{middle} {}h0", px(y.px(bin.observed)));
        }
    }
    canvas.path("bars", "fill=\"none\" stroke=\"currentColor\"", &bars);
    let crowded = bins.len() > 160;
    canvas.path(if crowded { "points small" } else { "points" }, POINTS, &points);
}

/// z from at least -3.5 to 5.5.
pub(super) fn z_axis(bins: &[Bin], top: f64, bottom: f64) -> Axis {
    let all = || bins.iter().filter_map(|bin| bin.z);
    let low = all().fold(-3.5, f64::min).max(-8.0);
    let high = all().fold(5.5, f64::max).min(200.0);
    let room = 0.04 * (high - low);
    Axis::linear(low - room, high + room, bottom, top)
}

pub(super) fn draw_z(canvas: &mut Canvas, bins: &[Bin], x: &Axis, z: &Axis, top: f64) {
    let zero = px(z.px(0.0));
    let mut bars = String::new();
    for bin in bins {
        if let Some(value) = bin.z.filter(|v| v.abs() > 0.02) {
            let (low, high) = (px(x.px(bin.low)), px(x.px(bin.high)));
            let _ = write!(bars, "M{low} {zero}V{}H{high}V{zero}z", px(z.px(value)));
        }
    }
    canvas.path("z", "fill=\"#3b6ea5\"", &bars);
    let (left, width) = (px(x.px(x.low())), px(x.px(x.high()) - x.px(x.low())));
    let mut labelled: Vec<f64> = Vec::new();
    let large = if z.high() > 8.0 { nice_step(z.high() / 2.5) } else { f64::INFINITY };
    for level in [0.0, 5.0, -3.0, 3.0, large, 2.0 * large] {
        if level > z.high() || level < z.low() {
            continue;
        }
        let at = z.px(level);
        if level.abs() <= 5.0 {
            let (class, dash) = if level == 0.0 { ("zero", "") } else { ("level", " stroke-dasharray=\"3 3\"") };
            let attributes = format!("fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.7\"{dash}");
            canvas.path(class, &attributes, &format!("M{left} {}h{width}", px(at)));
        }
        if labelled.iter().all(|other| (other - at).abs() > 10.5) {
            labelled.push(at);
            canvas.text(
                "",
                Anchor::End,
                (LEFT - 5.0, (at + 4.0).max(top + 9.0)),
                &format!("{level}").replace('-', "−"),
            );
        }
    }
}

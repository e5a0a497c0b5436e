//! Marks: what is drawn into a panel, and the pens that all pictures share.
//!
//! In: values and the axes. Out: paths, one per kind of mark: small pages.

use std::fmt::Write;

use super::axis::Axis;
use super::canvas::{Canvas, Pen, px};

const INK: &str = "fill=\"none\" stroke=\"currentColor\"";
const DOTS: &str = "fill=\"none\" stroke=\"currentColor\" stroke-width=\"4.4\" stroke-linecap=\"round\"";

/// Frames and ticks.
pub const AXES: Pen = Pen("axes", INK);
/// Errors.
pub const BARS: Pen = Pen("bars", INK);
/// Data.
pub const POINTS: Pen = Pen("points", DOTS);
/// Data, where there are many.
pub const SMALL_POINTS: Pen = Pen("points small", DOTS);
/// Background that is predicted.
pub const BACKGROUND: Pen = Pen("background", "fill=\"none\" stroke=\"#c8442b\" stroke-width=\"1.6\"");
/// Columns of z.
pub const Z: Pen = Pen("z", "fill=\"#3b6ea5\"");
/// The window of a bump.
pub const WINDOW: Pen = Pen("window", "fill=\"#f2c14e66\"");
/// z = 0.
pub const ZERO: Pen = Pen("zero", "fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.7\"");
/// Marked values.
pub const LEVEL: Pen =
    Pen("level", "fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.7\" stroke-dasharray=\"3 3\"");

/// More points than this are drawn small.
const CROWDED: usize = 160;

/// A line through points.
pub fn line(points: impl Iterator<Item = (f64, f64)>, x: &Axis, y: &Axis) -> String {
    let mut line = String::new();
    for (at, value) in points {
        let _ = write!(line, "{}{} {}", if line.is_empty() { 'M' } else { 'L' }, px(x.px(at)), px(y.px(value)));
    }
    line
}

/// The region between two curves: x, lower end, upper end.
pub fn band(points: &[(f64, f64, f64)], x: &Axis, y: &Axis) -> String {
    let upper = points.iter().map(|(at, _, high)| (*at, *high));
    let outline = line(upper.chain(points.iter().rev().map(|(at, low, _)| (*at, *low))), x, y);
    if outline.is_empty() { outline } else { outline + "z" }
}

/// A step line over bins (low, high, value), broken where there is no value or where it is below the axis.
pub fn steps(bins: impl Iterator<Item = (f64, f64, Option<f64>)>, x: &Axis, y: &Axis) -> String {
    let mut line = String::new();
    let mut end = None;
    for (low, high, value) in bins {
        let Some(value) = value.filter(|&value| value >= y.low()) else {
            end = None;
            continue;
        };
        let (right, level) = (px(x.px(high)), px(y.px(value)));
        let _ = if end == Some(low) {
            write!(line, "V{level}H{right}")
        } else {
            write!(line, "M{} {level}H{right}", px(x.px(low)))
        };
        end = Some(high);
    }
    line
}

/// Columns from zero over bins (low, high, value).
pub fn columns(bins: impl Iterator<Item = (f64, f64, f64)>, x: &Axis, y: &Axis) -> String {
    let zero = px(y.px(0.0));
    let column = |(low, high, value)| {
        let [left, top, right] = [x.px(low), y.px(value), x.px(high)].map(px);
        format!("M{left} {zero}V{top}H{right}V{zero}z")
    };
    bins.map(column).collect()
}

/// Error bars: pixels from the left, lower end, upper end.
pub fn bars(errors: impl Iterator<Item = (f64, f64, f64)>, y: &Axis) -> String {
    errors.map(|(at, low, high)| format!("M{} {}V{}", px(at), px(y.px(low)), px(y.px(high)))).collect()
}

/// Points with errors: pixels from the left, value, interval. A point below the axis shows its error alone.
pub fn draw_data(canvas: &mut Canvas, data: &[(f64, f64, (f64, f64))], bins: usize, y: &Axis) {
    canvas.path(BARS, &bars(data.iter().map(|&(at, _, (low, high))| (at, low, high)), y));
    let visible = data.iter().filter(|(_, value, _)| *value >= y.low());
    let points: String = visible.map(|(at, value, _)| format!("M{} {}h0", px(*at), px(y.px(*value)))).collect();
    canvas.path(if bins > CROWDED { SMALL_POINTS } else { POINTS }, &points);
}

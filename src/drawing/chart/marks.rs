//! What is drawn into a chart's axes: curves, markers, error bars, one colour and marker per style.
//!
//! In: a [`Series`] and the axes. Out: marks on a [`Canvas`], one path per kind.

use std::fmt::Write;

use super::{FIRST, Mark, Marker, Series, Style};
use crate::drawing::axis::Axis;
use crate::drawing::canvas::{Canvas, px};

pub(super) fn draw_series(canvas: &mut Canvas, series: &Series, x: &Axis, y: &Axis) {
    let points: Vec<(f64, f64, f64)> = series.points.iter().copied().filter(|point| is_drawn(point, y)).collect();
    if series.mark != Mark::Dots {
        // A curve that leaves the frame is broken there.
        let pieces = series.points.split(|point| !is_drawn(point, y));
        let line: String = pieces.map(|piece| joined(piece.iter().map(|p| (p.0, p.1)), x, y)).collect();
        canvas.path("curve", &line_style(series), &line);
    }
    let mut bars = String::new();
    for (at, value, error) in points.iter().filter(|p| p.2 > 0.0 && p.2.is_finite()) {
        let _ = write!(bars, "M{} {}V{}", px(x.px(*at)), px(y.px(value - error)), px(y.px(value + error)));
    }
    canvas.path("bars", &format!("fill=\"none\" stroke=\"{}\" stroke-width=\"1.2\"", series.style.colour), &bars);
    if matches!(series.mark, Mark::Dots | Mark::Joined) {
        let marks: String =
            points.iter().map(|(at, value, _)| marker(series.style, (x.px(*at), y.px(*value)))).collect();
        canvas.path("marks", &marker_style(series.style), &marks);
    }
}

/// Points beyond the y axis are not drawn.
pub(super) fn is_drawn(point: &(f64, f64, f64), y: &Axis) -> bool {
    point.0.is_finite() && (y.low()..=y.high()).contains(&point.1)
}

pub(super) fn joined(points: impl Iterator<Item = (f64, f64)>, x: &Axis, y: &Axis) -> String {
    let mut line = String::new();
    for (at, value) in points {
        let _ = write!(line, "{}{} {}", if line.is_empty() { 'M' } else { 'L' }, px(x.px(at)), px(y.px(value)));
    }
    line
}

pub(super) fn band_style(opacity: f64) -> String {
    format!("fill=\"{}\" fill-opacity=\"{opacity}\" stroke=\"none\"", FIRST.colour)
}

pub(super) fn line_style(series: &Series) -> String {
    let dashes = if series.mark == Mark::Dashes { " stroke-dasharray=\"6 4\"" } else { "" };
    let width = series.style.line_width;
    format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{dashes}", series.style.colour)
}

pub(super) fn marker_style(style: Style) -> String {
    format!("fill=\"{}\" stroke=\"none\"", style.colour)
}

/// Disc, cross, square, triangle, diamond.
pub(super) fn marker(style: Style, (x, y): (f64, f64)) -> String {
    let (x, y) = (px(x), px(y));
    match style.marker {
        Marker::Disc => format!("M{x} {y}m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"),
        Marker::Cross => format!("M{x} {y}m-4 -1h3v-3h2v3h3v2h-3v3h-2v-3h-3z"),
        Marker::Square => format!("M{x} {y}m-3.5 -3.5h7v7h-7z"),
        Marker::Triangle => format!("M{x} {y}m0 -4.5l4.5 8h-9z"),
        Marker::Diamond => format!("M{x} {y}m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z"),
    }
}

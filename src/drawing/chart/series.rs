//! A curve of a chart: its points, colour, marker and line.
//!
//! In: points in units of the axes. Out: marks on a [`Canvas`], one path per kind.

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Pen, px};
use super::super::marks;

/// A curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// In the legend.
    pub name: String,
    /// Colour and marker.
    pub style: Style,
    /// x, y, error of y (0: none drawn).
    pub points: Vec<(f64, f64, f64)>,
    /// Dots only, dots and line, or a line only.
    pub mark: Mark,
    /// The y axis makes room for it; points of others that lie beyond are not drawn.
    pub sets_scale: bool,
}

/// Colour and marker of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Any SVG colour.
    pub colour: &'static str,
    /// Outline of what is drawn at each point, an SVG path relative to it.
    pub marker: &'static str,
    /// Pixels.
    pub line_width: f64,
}

const DISC: &str = "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z";
const CROSS: &str = "m-4 -1h3v-3h2v3h3v2h-3v3h-2v-3h-3z";
const SQUARE: &str = "m-3.5 -3.5h7v7h-7z";
const TRIANGLE: &str = "m0 -4.5l4.5 8h-9z";
const DIAMOND: &str = "m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z";

/// What the picture is about; bands have its colour.
pub(super) const FIRST: Style = Style { colour: "#2f7fc1", marker: DISC, line_width: 2.0 };
/// `FIRST`, then styles for what it is compared with.
pub const STYLES: [Style; 5] = [
    FIRST,
    Style { colour: "currentColor", marker: CROSS, line_width: 1.4 },
    Style { colour: "#d9702a", marker: SQUARE, line_width: 1.4 },
    Style { colour: "#2f9e77", marker: TRIANGLE, line_width: 1.4 },
    Style { colour: "#a06cb0", marker: DIAMOND, line_width: 1.4 },
];

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Markers joined by a line.
    Joined,
    /// Markers.
    Dots,
    /// A line without markers.
    Line,
    /// A broken line without markers.
    Dashes,
}

impl Series {
    /// Some point lies between the ends of the y axis.
    pub(super) fn is_visible(&self, y: &Axis) -> bool {
        self.points.iter().any(|point| is_inside(point, y))
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, x: &Axis, y: &Axis) {
        // A curve that leaves the frame is broken there.
        let pieces = self.points.split(|point| !is_inside(point, y));
        let line = pieces.map(|piece| marks::line(piece.iter().map(|p| (p.0, p.1)), x, y)).collect::<String>();
        self.draw_line(canvas, &line);
        let inside = || self.points.iter().filter(|point| is_inside(point, y));
        let errors = inside().filter(|(.., error)| *error > 0.0 && error.is_finite());
        let bars = marks::bars(errors.map(|(at, value, error)| (x.px(*at), value - error, value + error)), y);
        let style = format!("fill=\"none\" stroke=\"{}\" stroke-width=\"1.2\"", self.style.colour);
        canvas.path(Pen("bars", &style), &bars);
        self.draw_markers(canvas, inside().map(|(at, value, _)| (x.px(*at), y.px(*value))));
    }

    /// A path in the style of the curve, if it has a line.
    pub(super) fn draw_line(&self, canvas: &mut Canvas, path: &str) {
        let Style { colour, line_width, .. } = self.style;
        let dashes = if self.mark == Mark::Dashes { " stroke-dasharray=\"6 4\"" } else { "" };
        let style = format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{line_width}\"{dashes}");
        if self.mark != Mark::Dots {
            canvas.path(Pen("curve", &style), path);
        }
    }

    /// Markers at these pixels, if it has markers.
    pub(super) fn draw_markers(&self, canvas: &mut Canvas, points: impl Iterator<Item = (f64, f64)>) {
        if matches!(self.mark, Mark::Dots | Mark::Joined) {
            let markers: String = points.map(|(x, y)| format!("M{} {}{}", px(x), px(y), self.style.marker)).collect();
            canvas.path(Pen("marks", &format!("fill=\"{}\" stroke=\"none\"", self.style.colour)), &markers);
        }
    }
}

/// Points beyond the y axis are not drawn.
fn is_inside(point: &(f64, f64, f64), y: &Axis) -> bool {
    point.0.is_finite() && (y.low()..=y.high()).contains(&point.1)
}

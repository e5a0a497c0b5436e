//! A chart of a few curves: the network beside its references, one colour and marker per style.
//!
//! In: series of points with errors, bands, marked levels. Out: an `<svg>` text for inlining, drawn with the report's canvas and
//! axes. Axes run over numbers (linear or logarithmic) or over named groups.

use std::fmt::Write;

mod marks;

use marks::{band_style, draw_series, is_drawn, joined, line_style, marker, marker_style};

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, px};

const LEFT: f64 = 56.0;
const RIGHT: f64 = 14.0;
const LINE: f64 = 17.0;
const BOTTOM: f64 = 44.0;
/// Added to the name of a series of which no point lies between the axes.
const BEYOND: &str = " (beyond the axis)";
/// About the width of a character.
const CHARACTER: f64 = 6.6;

/// What an axis runs over.
#[derive(Debug, Clone, PartialEq)]
pub enum Scale {
    /// Numbers.
    Linear,
    /// Positive numbers.
    Logarithmic,
    /// Named groups: point i belongs to x = i.
    Groups(Vec<String>),
}

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

/// Shape of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Marker {
    Disc,
    Cross,
    Square,
    Triangle,
    Diamond,
}

/// Colour and marker of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Any SVG colour.
    pub colour: &'static str,
    /// Drawn at each point.
    pub marker: Marker,
    /// Pixels.
    pub line_width: f64,
}

/// What the picture is about; bands have its colour.
pub const FIRST: Style = Style { colour: "#2f7fc1", marker: Marker::Disc, line_width: 2.0 };
/// [`FIRST`], then styles for what it is compared with.
pub const STYLES: [Style; 5] = [
    FIRST,
    Style { colour: "currentColor", marker: Marker::Cross, line_width: 1.4 },
    Style { colour: "#d9702a", marker: Marker::Square, line_width: 1.4 },
    Style { colour: "#2f9e77", marker: Marker::Triangle, line_width: 1.4 },
    Style { colour: "#a06cb0", marker: Marker::Diamond, line_width: 1.4 },
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

/// A shaded region between two curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// In the legend.
    pub name: String,
    /// 0 to 1.
    pub opacity: f64,
    /// x, lower end, upper end.
    pub points: Vec<(f64, f64, f64)>,
}

/// A chart in the making.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// For those who cannot see it.
    pub title: String,
    /// Under the x axis.
    pub x_label: String,
    /// Beside the y axis.
    pub y_label: String,
    /// Of x.
    pub x_scale: Scale,
    /// y logarithmic.
    pub y_log: bool,
    /// Range of x; that of the points if None.
    pub x_range: Option<(f64, f64)>,
    /// Range of y; that of the points and levels if None.
    pub y_range: Option<(f64, f64)>,
    /// Marked values of y.
    pub levels: Vec<f64>,
    /// Shaded regions.
    pub bands: Vec<Band>,
    /// Curves.
    pub series: Vec<Series>,
}

impl Chart {
    /// An empty chart.
    pub fn new(title: &str, x_label: &str, y_label: &str) -> Chart {
        Chart {
            title: title.to_string(),
            x_label: x_label.to_string(),
            y_label: y_label.to_string(),
            x_scale: Scale::Linear,
            y_log: false,
            x_range: None,
            y_range: None,
            levels: Vec::new(),
            bands: Vec::new(),
            series: Vec::new(),
        }
    }

    /// The picture, `width` x `height` pixels.
    pub fn svg(&self, size: (f64, f64)) -> String {
        let mut chart = self.clone();
        let y = chart.y_axis(1.0, 0.0);
        for series in chart.series.iter_mut().filter(|series| !series.sets_scale) {
            if !series.points.iter().any(|point| is_drawn(point, &y)) {
                series.name.push_str(BEYOND);
            }
        }
        chart.drawn(size)
    }

    fn drawn(&self, (width, height): (f64, f64)) -> String {
        let legend = self.legend(width);
        let top = 6.0 + LINE * legend.len() as f64;
        let (x, y) = (self.x_axis(width), self.y_axis(height, top));
        let mut canvas = Canvas::new(width, height, &self.title);
        for (row, entries) in legend.iter().enumerate() {
            let mut left = LEFT;
            for &entry in entries {
                self.draw_key(&mut canvas, entry, (left, 12.0 + LINE * row as f64));
                left += self.key_width(entry);
            }
        }
        for band in &self.bands {
            let upper = band.points.iter().map(|(at, _, high)| (*at, *high));
            let lower = band.points.iter().rev().map(|(at, low, _)| (*at, *low));
            let outline = joined(upper.chain(lower), &x, &y);
            if !outline.is_empty() {
                canvas.path("band", &band_style(band.opacity), &format!("{outline}z"));
            }
        }
        for level in &self.levels {
            let line = format!("M{} {}H{}", px(LEFT), px(y.px(*level)), px(width - RIGHT));
            canvas.path(
                "level",
                "fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"2 3\" opacity=\"0.6\"",
                &line,
            );
        }
        for series in &self.series {
            draw_series(&mut canvas, series, &x, &y);
        }
        self.draw_frame(&mut canvas, (&x, &y), (width, height, top));
        canvas.finish()
    }

    fn x_axis(&self, width: f64) -> Axis {
        let (from, to) = (LEFT, width - RIGHT);
        if let Scale::Groups(names) = &self.x_scale {
            return Axis::linear(-0.5, names.len() as f64 - 0.5, from, to);
        }
        let all = || {
            let points = self.series.iter().flat_map(|series| series.points.iter().map(|p| p.0));
            points.chain(self.bands.iter().flat_map(|band| band.points.iter().map(|p| p.0))).filter(|x| x.is_finite())
        };
        let (low, high) = self
            .x_range
            .unwrap_or_else(|| (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max)));
        match self.x_scale {
            Scale::Logarithmic => Axis::logarithmic(low, high, from, to),
            _ => Axis::linear(low, high, from, to),
        }
    }

    fn y_axis(&self, height: f64, top: f64) -> Axis {
        let (from, to) = (height - BOTTOM, top);
        let all = || {
            let scaling = self.series.iter().filter(|series| series.sets_scale);
            let points = scaling.flat_map(|series| &series.points).flat_map(|(_, y, error)| [y - error, y + error]);
            let bands = self.bands.iter().flat_map(|band| &band.points).flat_map(|(_, low, high)| [*low, *high]);
            points
                .chain(bands)
                .chain(self.levels.iter().copied())
                .filter(|y| y.is_finite() && (!self.y_log || *y > 0.0))
        };
        let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        if self.y_log {
            let (low, high) = self.y_range.unwrap_or((0.7 * low, 1.4 * high));
            return Axis::logarithmic(low, high, from, to);
        }
        let pad = (0.1 * (high - low)).max(0.02);
        let (low, high) = self.y_range.unwrap_or((low - pad, high + pad));
        Axis::linear(low, high, from, to)
    }

    /// Entries of the legend (bands first, then series), in rows that fit.
    fn legend(&self, width: f64) -> Vec<Vec<usize>> {
        let mut rows: Vec<Vec<usize>> = Vec::new();
        let mut used = f64::INFINITY;
        for entry in 0..self.bands.len() + self.series.len() {
            if self.key_name(entry).is_empty() {
                continue;
            }
            let need = self.key_width(entry);
            if used + need > width - LEFT - RIGHT + 14.0 {
                rows.push(Vec::new());
                used = 0.0;
            }
            used += need;
            if let Some(row) = rows.last_mut() {
                row.push(entry);
            }
        }
        rows
    }

    fn key_name(&self, entry: usize) -> &str {
        match self.bands.get(entry) {
            Some(band) => &band.name,
            None => self.series.get(entry - self.bands.len()).map_or("", |series| &series.name),
        }
    }

    fn key_width(&self, entry: usize) -> f64 {
        44.0 + CHARACTER * self.key_name(entry).chars().count() as f64
    }

    fn draw_key(&self, canvas: &mut Canvas, entry: usize, (left, middle): (f64, f64)) {
        let (from, to) = (left, left + 24.0);
        if let Some(band) = self.bands.get(entry) {
            let outline = format!("M{} {}H{}V{}H{}z", px(from), px(middle - 5.0), px(to), px(middle + 5.0), px(from));
            canvas.path("band", &band_style(band.opacity), &outline);
        } else if let Some(series) = self.series.get(entry - self.bands.len()) {
            if series.mark != Mark::Dots {
                canvas.path("curve", &line_style(series), &format!("M{} {}H{}", px(from), px(middle), px(to)));
            }
            if matches!(series.mark, Mark::Dots | Mark::Joined) {
                canvas.path("marks", &marker_style(series.style), &marker(series.style, (left + 12.0, middle)));
            }
        }
        canvas.text("", Anchor::Start, (left + 29.0, middle + 4.0), self.key_name(entry));
    }

    fn draw_frame(&self, canvas: &mut Canvas, (x, y): (&Axis, &Axis), (width, height, top): (f64, f64, f64)) {
        let (bottom, right) = (height - BOTTOM, width - RIGHT);
        let mut ticks = String::new();
        if let Scale::Groups(names) = &self.x_scale {
            for (i, name) in names.iter().enumerate() {
                canvas.text("", Anchor::Middle, (x.px(i as f64), bottom + 15.0), name);
            }
        } else {
            for tick in x.ticks(42.0) {
                let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
                let _ = write!(ticks, "M{} {}v{}", px(tick.px), px(bottom), px(-length));
                canvas.text("", Anchor::Middle, (tick.px, bottom + 15.0), &tick.label);
            }
        }
        for tick in y.ticks(22.0) {
            let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
            let _ = write!(ticks, "M{} {}h{}", px(LEFT), px(tick.px), px(length));
            canvas.text("", Anchor::End, (LEFT - 5.0, tick.px + 4.0), &tick.label);
        }
        let (w, h) = (px(right - LEFT), px(bottom - top));
        let path = format!("M{} {}h{w}v{h}h-{w}z{ticks}", px(LEFT), px(top));
        canvas.path("axes", "fill=\"none\" stroke=\"currentColor\"", &path);
        canvas.text_upwards((13.0, top), &self.y_label);
        canvas.text("", Anchor::End, (right, bottom + 33.0), &self.x_label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_numbers_can_be_drawn() {
        for points in [
            vec![],
            vec![(0.0, f64::NAN, 1.0)],
            vec![(1.0, 1.0, 0.0)],
            vec![(0.0, 1e300, 0.1), (5.0, -3.0, f64::INFINITY)],
        ] {
            for (x_scale, y_log) in
                [(Scale::Linear, false), (Scale::Logarithmic, true), (Scale::Groups(vec!["<a>".into()]), false)]
            {
                let mut chart = Chart::new("a < b", "x", "y");
                (chart.x_scale, chart.y_log) = (x_scale, y_log);
                chart.levels = vec![0.0];
                chart.bands = vec![Band { name: "band".into(), opacity: 0.2, points: points.clone() }];
                let series = |style| Series {
                    name: "a & b".into(),
                    style,
                    points: points.clone(),
                    mark: Mark::Joined,
                    sets_scale: true,
                };
                chart.series = STYLES.map(series).to_vec();
                let svg = chart.svg((500.0, 300.0));
                assert!(
                    roxmltree::Document::parse(&svg).is_ok() && !svg.contains("NaN") && !svg.contains("inf"),
                    "{svg}"
                );
            }
        }
    }
}

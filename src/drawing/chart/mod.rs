//! A chart of a few curves: the network beside its references, one colour and marker per style.
//!
//! In: series of points with errors, bands, marked levels. Out: an `<svg>` text for inlining. Axes run over numbers
//! (linear or logarithmic) or over named groups. A `series` is a curve, the `key` above the frame names them.

mod key;
mod series;

use series::FIRST;
pub use series::{Mark, STYLES, Series, Style};

use super::axis::{Axis, Tick};
use super::canvas::{Canvas, Pen};
use super::frame::{Frame, Margins, Panel};
use super::marks::{self, LEVEL};
use key::{Key, Symbol};

/// Without the key, which lies above the frame.
const MARGINS: Margins = Margins { left: 56.0, right: 14.0, top: 6.0, bottom: 44.0 };
/// Added to the name of a series of which no point lies between the axes.
const BEYOND: &str = " (beyond the axis)";

/// What an axis runs over.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Scale {
    /// Numbers.
    #[default]
    Linear,
    /// Positive numbers.
    Logarithmic,
    /// Named groups: point i belongs to x = i.
    Groups(Vec<String>),
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
#[derive(Debug, Clone, PartialEq, Default)]
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

impl Band {
    fn style(&self) -> String {
        format!("fill=\"{}\" fill-opacity=\"{}\" stroke=\"none\"", FIRST.colour, self.opacity)
    }
}

impl Chart {
    /// An empty chart.
    pub fn new(title: &str, x_label: &str, y_label: &str) -> Chart {
        let [title, x_label, y_label] = [title, x_label, y_label].map(str::to_string);
        Chart { title, x_label, y_label, ..Chart::default() }
    }

    /// The picture, `width` x `height` pixels.
    pub fn svg(&self, size: (f64, f64)) -> String {
        let y_range = self.y_axis(Panel { top: 0.0, bottom: 1.0 });
        let curves = self.series.iter().map(|series| {
            let beyond = !series.sets_scale && !series.is_visible(&y_range);
            (Symbol::Curve(series), format!("{}{}", series.name, if beyond { BEYOND } else { "" }))
        });
        let bands = self.bands.iter().map(|band| (Symbol::Band(band), band.name.clone()));
        let key = Key::new(bands.chain(curves), size.0 - MARGINS.left);
        let frame = Frame::new(size, Margins { top: MARGINS.top + key.height(), ..MARGINS }, false);
        let (x, y) = (self.x_axis(&frame), self.y_axis(frame.panel));

        let mut canvas = Canvas::new(size.0, size.1, &self.title);
        key.draw(&mut canvas, frame.left);
        for band in &self.bands {
            canvas.path(Pen("band", &band.style()), &marks::band(&band.points, &x, &y));
        }
        for level in &self.levels {
            frame.level(&mut canvas, LEVEL, &y, *level);
        }
        for series in &self.series {
            series.draw(&mut canvas, &x, &y);
        }
        frame.draw(&mut canvas, (&self.x_label, &self.x_ticks(&x)), &[(frame.panel, &self.y_label, &y.ticks(22.0))]);
        canvas.finish()
    }

    fn x_ticks(&self, x: &Axis) -> Vec<Tick> {
        let Scale::Groups(names) = &self.x_scale else { return x.ticks(42.0) };
        names.iter().enumerate().map(|(i, name)| Tick { px: x.px(i as f64), label: name.clone() }).collect()
    }

    fn x_axis(&self, frame: &Frame) -> Axis {
        let (from, to) = (frame.left, frame.right);
        if let Scale::Groups(names) = &self.x_scale {
            return Axis::linear(-0.5, names.len() as f64 - 0.5, from, to);
        }
        let curves = self.series.iter().flat_map(|series| &series.points);
        let points = curves.chain(self.bands.iter().flat_map(|band| &band.points));
        let (low, high) = self.x_range.unwrap_or_else(|| range(points.map(|point| point.0)));
        match self.x_scale {
            Scale::Logarithmic => Axis::logarithmic(low, high, from, to),
            _ => Axis::linear(low, high, from, to),
        }
    }

    fn y_axis(&self, panel: Panel) -> Axis {
        let (from, to) = (panel.bottom, panel.top);
        let scaling = self.series.iter().filter(|series| series.sets_scale);
        let points = scaling.flat_map(|series| &series.points).flat_map(|(_, y, error)| [y - error, y + error]);
        let bands = self.bands.iter().flat_map(|band| &band.points).flat_map(|(_, low, high)| [*low, *high]);
        let all = points.chain(bands).chain(self.levels.iter().copied());
        let (low, high) = range(all.filter(|y| !self.y_log || *y > 0.0));
        let pad = (0.1 * (high - low)).max(0.02);
        let padded = if self.y_log { (0.7 * low, 1.4 * high) } else { (low - pad, high + pad) };
        let (low, high) = self.y_range.unwrap_or(padded);
        let axis = if self.y_log { Axis::logarithmic } else { Axis::linear };
        axis(low, high, from, to)
    }
}

/// Smallest and largest of the finite ones; infinite, the wrong way round, without any.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
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

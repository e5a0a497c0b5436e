//! A compared spectrum as a picture: counts and backgrounds, deviations from the network's background, z.
//!
//! In: a [`Compared`]. Out: an `<svg>` text. Top: counts with Poisson intervals, the network's background, the published
//! one. Middle: deviations from the network's background in units of its square root. Bottom: z of the network (bars), z
//! against the published background (line) or, where there is none, of the side-band fit.

use std::fmt::Write;

use super::compare::Compared;
use bumphound::digits;
use bumphound::drawing::axis::Axis;
use bumphound::drawing::canvas::{Anchor, Canvas, px};
use bumphound::significance::garwood::garwood;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 8.0;
const COUNTS: f64 = 250.0;
const DEVIATIONS: f64 = 80.0;
const Z: f64 = 120.0;
const GAP: f64 = 6.0;
const BOTTOM: f64 = 36.0;
const HEIGHT: f64 = TOP + COUNTS + GAP + DEVIATIONS + GAP + Z + BOTTOM;

const NETWORK: &str = "fill=\"none\" stroke=\"#c8442b\" stroke-width=\"1.6\"";
const PUBLISHED: &str = "fill=\"none\" stroke=\"#14713f\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"";
const OTHER_Z: &str = "fill=\"none\" stroke=\"#14713f\" stroke-width=\"1.6\"";
const INK: &str = "fill=\"none\" stroke=\"currentColor\"";
const POINTS: &str = "fill=\"none\" stroke=\"currentColor\" stroke-width=\"4\" stroke-linecap=\"round\"";
const FAINT: &str = "fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.7\" stroke-dasharray=\"3 3\"";
/// Deviations beyond this are drawn at this.
const MOST_DEVIATION: f64 = 8.0;

/// The picture.
pub fn svg(compared: &Compared) -> String {
    let title = format!("{}: counts, deviations and z per bin", compared.name);
    let mut picture = Picture { canvas: Canvas::new(WIDTH, HEIGHT, &title), compared, x: mass_axis(compared) };
    let counts_bottom = TOP + COUNTS;
    let deviations = (counts_bottom + GAP, counts_bottom + GAP + DEVIATIONS);
    let z = (deviations.1 + GAP, deviations.1 + GAP + Z);
    picture.counts(counts_bottom);
    picture.deviations(deviations);
    picture.z(z);
    picture.mass_ticks(&[(TOP, counts_bottom), deviations, z]);
    picture.tips(z.1);
    picture.canvas.finish()
}

fn mass_axis(compared: &Compared) -> Axis {
    let edges = &compared.spectrum.edges;
    let (low, high) = (edges.first().copied().unwrap_or(0.0), edges.last().copied().unwrap_or(1.0));
    Axis::for_masses(low, high, LEFT, WIDTH - RIGHT)
}

struct Picture<'a> {
    canvas: Canvas,
    compared: &'a Compared,
    x: Axis,
}

impl Picture<'_> {
    fn published(&self) -> &[f64] {
        self.compared.spectrum.published.as_deref().unwrap_or_default()
    }

    /// A line of steps over the bins; values that are None break it.
    fn steps(&self, values: impl Iterator<Item = Option<f64>>, y: &Axis) -> String {
        let mut line = String::new();
        let mut drawing = false;
        for (edge, value) in self.compared.spectrum.edges.windows(2).zip(values) {
            match value {
                Some(value) if drawing => {
                    let _ = write!(line, "V{}H{}", px(y.px(value)), px(self.x.px(edge[1])));
                }
                Some(value) => {
                    let (low, high) = (px(self.x.px(edge[0])), px(self.x.px(edge[1])));
                    let _ = write!(line, "M{low} {}H{high}", px(y.px(value)));
                }
                None => {}
            }
            drawing = value.is_some();
        }
        line
    }

    fn middle(&self, bin: usize) -> f64 {
        let edges = self.compared.spectrum.edges.get(bin..bin + 2).unwrap_or(&[0.0, 0.0]);
        edges.iter().map(|&edge| self.x.px(edge)).sum::<f64>() / 2.0
    }

    fn counts(&mut self, bottom: f64) {
        let counts = &self.compared.spectrum.counts;
        let all = || counts.iter().chain(&self.compared.network_background).chain(self.published()).copied();
        let largest = all().fold(1.0, f64::max);
        let smallest = all().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
        // An event by itself has an interval down to 0.17.
        let low = if smallest > 20.0 { smallest / 1.5 } else { 0.1 };
        // Room for the legend over the falling right half.
        let y = Axis::logarithmic(low, largest * if largest > 100.0 * low { 3.0 } else { 1.3 }, bottom, TOP);
        let visible = |value: &f64| Some(*value).filter(|value| *value >= low);
        let network = self.steps(self.compared.network_background.iter().map(visible), &y);
        let published = self.steps(self.published().iter().map(visible), &y);
        let (mut bars, mut points) = (String::new(), String::new());
        for (bin, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0.0) {
            let middle = px(self.middle(bin));
            let (from, to) = garwood(n);
            let _ = write!(bars, "M{middle} {}V{}", px(y.px(from)), px(y.px(to)));
            if n >= low {
                let _ = write!(points, "M{middle} {}h0", px(y.px(n)));
            }
        }
        self.canvas.path("background", NETWORK, &network);
        self.canvas.path("published", PUBLISHED, &published);
        self.canvas.path("bars", INK, &bars);
        self.canvas.path(if counts.len() > 110 { "points small" } else { "points" }, POINTS, &points);
        self.value_ticks(&y, (TOP, bottom), 18.0);
        self.canvas.text_upwards((13.0, TOP + 2.0), "Events / bin");
        self.legend();
    }

    fn legend(&mut self) {
        let right = WIDTH - RIGHT - 10.0;
        let name = self.compared.name.clone();
        self.canvas.text("strong", Anchor::End, (right, TOP + 18.0), &name);
        let symbol = |line: f64| format!("M{} {}h20", px(right - 22.0), px(line - 4.0));
        let mut line = TOP + 34.0;
        self.canvas.text("", Anchor::End, (right - 28.0, line), "background, network");
        self.canvas.path("background", NETWORK, &symbol(line));
        if self.compared.spectrum.published.is_some() {
            line += 16.0;
            self.canvas.text("", Anchor::End, (right - 28.0, line), "background, published");
            self.canvas.path("published", PUBLISHED, &symbol(line));
        }
        line += 16.0;
        self.canvas.text("", Anchor::End, (right - 28.0, line), "z, network");
        self.canvas.rect("z", "#3b6ea5", (right - 22.0, line - 9.0), (20.0, 9.0));
        line += 16.0;
        let other = if self.compared.known.is_some() { "z, published background" } else { "z, side-band fit" };
        self.canvas.text("", Anchor::End, (right - 28.0, line), other);
        self.canvas.path("known", OTHER_Z, &symbol(line));
    }

    fn deviations(&mut self, (top, bottom): (f64, f64)) {
        let background = &self.compared.network_background;
        // Where less than one event is expected, the square root is no scale.
        let scale = |b: f64| b.max(1.0).sqrt();
        let of = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(background).map(|(value, b)| (value - b) / scale(*b)).collect()
        };
        let (data, published) = (of(&self.compared.spectrum.counts), of(self.published()));
        let most = data.iter().map(|d| d.abs()).fold(3.0, f64::max).min(MOST_DEVIATION) * 1.1;
        let y = Axis::linear(-most, most, bottom, top);
        let (mut bars, mut points) = (String::new(), String::new());
        for (bin, deviation) in data.iter().enumerate() {
            let middle = px(self.middle(bin));
            let _ = write!(points, "M{middle} {}h0", px(y.px(*deviation)));
            let _ = write!(bars, "M{middle} {}V{}", px(y.px(deviation - 1.0)), px(y.px(deviation + 1.0)));
        }
        let zero = format!("M{} {}H{}", px(LEFT), px(y.px(0.0)), px(WIDTH - RIGHT));
        self.canvas.path("background", NETWORK, &zero);
        let line = self.steps(published.iter().map(|d| Some(*d)), &y);
        self.canvas.path("published", PUBLISHED, &line);
        self.canvas.path("bars", INK, &bars);
        self.canvas.path(if data.len() > 110 { "points small" } else { "points" }, POINTS, &points);
        self.value_ticks(&y, (top, bottom), 22.0);
        self.canvas.text_upwards((13.0, top), "(n−b)/√b");
    }

    fn z(&mut self, (top, bottom): (f64, f64)) {
        let compared = self.compared;
        let other = compared.known.as_ref().map_or(compared.sideband_z.as_slice(), |known| known.z.as_slice());
        let all = || compared.network_z.iter().chain(other).copied();
        let (low, high) = (all().fold(-3.5, f64::min).max(-12.0), all().fold(5.5, f64::max).min(300.0));
        let y = Axis::linear(low - 0.3, high + 0.3, bottom, top);
        let zero = px(y.px(0.0));
        let mut bars = String::new();
        for (edge, z) in compared.spectrum.edges.windows(2).zip(&compared.network_z) {
            let (low, high) = (px(self.x.px(edge[0])), px(self.x.px(edge[1])));
            let _ = write!(bars, "M{low} {zero}V{}H{high}V{zero}z", px(y.px(*z)));
        }
        self.canvas.path("z", "fill=\"#3b6ea5\"", &bars);
        let line = self.steps(other.iter().map(|z| Some(*z)), &y);
        self.canvas.path("known", OTHER_Z, &line);
        for level in [-3.0, 0.0, 3.0, 5.0] {
            let d = format!("M{} {}H{}", px(LEFT), px(y.px(level)), px(WIDTH - RIGHT));
            self.canvas.path("level", if level == 0.0 { INK } else { FAINT }, &d);
        }
        self.value_ticks(&y, (top, bottom), 24.0);
        self.canvas.text_upwards((13.0, (top + bottom) / 2.0 - 4.0), "z");
    }

    fn value_ticks(&mut self, y: &Axis, (top, bottom): (f64, f64), spacing: f64) {
        let mut ticks = String::new();
        for tick in y.ticks(spacing) {
            let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
            let _ = write!(ticks, "M{} {}h{length}", px(LEFT), px(tick.px));
            if !tick.label.is_empty() {
                let at = (LEFT - 5.0, (tick.px + 4.0).clamp(top + 9.0, bottom));
                self.canvas.text("", Anchor::End, at, &tick.label);
            }
        }
        let (left, width, height) = (px(LEFT), px(WIDTH - RIGHT - LEFT), px(bottom - top));
        self.canvas.path("axes", INK, &format!("M{left} {}h{width}v{height}h-{width}z{ticks}", px(top)));
    }

    fn mass_ticks(&mut self, panels: &[(f64, f64)]) {
        let mut ticks = String::new();
        let last = panels.last().map_or(0.0, |panel| panel.1);
        for tick in self.x.ticks(34.0) {
            let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
            for (_, bottom) in panels {
                let _ = write!(ticks, "M{} {}v-{length}", px(tick.px), px(*bottom));
            }
            if !tick.label.is_empty() {
                self.canvas.text("", Anchor::Middle, (tick.px, last + 15.0), &tick.label);
            }
        }
        self.canvas.path("axes", INK, &ticks);
        let label = format!("{} [GeV]", self.compared.mass);
        self.canvas.text("", Anchor::End, (WIDTH - RIGHT, last + 31.0), &label);
    }

    fn tips(&mut self, bottom: f64) {
        let compared = self.compared;
        let values = |values: &[f64], bin: usize| values.get(bin).copied().unwrap_or(f64::NAN);
        for (bin, edge) in compared.spectrum.edges.windows(2).enumerate() {
            let mut tip = format!(
                "{}–{} GeV: {} observed, network: {} expected, z {}",
                digits::mass(edge[0]),
                digits::mass(edge[1]),
                digits::count(values(&compared.spectrum.counts, bin)),
                digits::count(values(&compared.network_background, bin)),
                digits::z(values(&compared.network_z, bin)),
            );
            if let Some(known) = &compared.known {
                let (b, z) = (values(self.published(), bin), values(&known.z, bin));
                let _ = write!(tip, "; published: {} expected, z {}", digits::count(b), digits::z(z));
            }
            let _ = write!(tip, "; side band: z {}", digits::z(values(&compared.sideband_z, bin)));
            let (low, high) = (self.x.px(edge[0]), self.x.px(edge[1]));
            self.canvas.hover((low, TOP), (high - low, bottom - TOP), &tip);
        }
    }
}

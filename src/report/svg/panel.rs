//! One spectrum: events per bin above, z per bin below, the window shaded in both.
//!
//! In: a [`DrawnSpectrum`] (edges in GeV, events per bin), the window in GeV. Out: an `<svg>` text. Logarithmic counts;
//! bins without events have no marker. The mass axis is logarithmic where it spans more than a factor of four: bins are
//! one resolution wide, so they look alike there.

use std::fmt::Write;

use super::marks::{BACKGROUND, Bin, POINTS, bins, draw_background, draw_data, draw_z, z_axis};
use crate::digits;
use crate::drawing::axis::Axis;
use crate::drawing::canvas::{Anchor, Canvas, px};
use crate::report::DrawnSpectrum;
use crate::significance::garwood::garwood;

/// Size and margins, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Whole width.
    pub width: f64,
    /// Whole height.
    pub height: f64,
    /// Height of the z part.
    pub z_height: f64,
    /// Tooltips on bins.
    pub tips: bool,
}

impl Frame {
    /// The bump's own spectrum.
    pub const MAIN: Frame = Frame { width: 680.0, height: 480.0, z_height: 116.0, tips: true };
    /// A neighbouring multiplicity; two of them with captions are as tall as [`Frame::MAIN`] when drawn
    /// 3/5 as wide.
    pub const NEIGHBOUR: Frame = Frame { width: 408.0, height: 182.0, z_height: 46.0, tips: false };
}

pub(super) const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 36.0;
const GAP: f64 = 6.0;
const LINE: f64 = 16.0;
/// Share of the width that the notes may take.
const NOTES: f64 = 0.42;
/// More bins than this get tooltips near the window only.
const MOST_TIPS: usize = 150;

/// What to draw.
#[derive(Debug, Clone)]
pub struct Panel<'a> {
    /// Bins.
    pub spectrum: &'a DrawnSpectrum,
    /// Shaded, GeV.
    pub window_gev: (f64, f64),
    /// Mass axis, GeV.
    pub range_gev: (f64, f64),
    /// Lines at the upper right, the first one bold.
    pub notes: Vec<String>,
    /// Explain the symbols under the notes.
    pub legend: bool,
    /// Shown in place of z where the network did not see the spectrum.
    pub no_z: String,
    /// One sentence for those who cannot see it.
    pub title: String,
    /// Size.
    pub frame: Frame,
}

/// Lowest and highest edge of a spectrum, GeV; None if it has no bin.
pub fn mass_range(spectrum: &DrawnSpectrum) -> Option<(f64, f64)> {
    let bins = bins(spectrum, (f64::NEG_INFINITY, f64::INFINITY));
    Some((bins.first()?.low, bins.last()?.high))
}

impl Panel<'_> {
    /// The picture.
    pub fn svg(&self) -> String {
        let Frame { width, height, z_height, .. } = self.frame;
        let mut canvas = Canvas::new(width, height, &self.title);
        let bins = bins(self.spectrum, self.range_gev);
        let x = Axis::for_masses(self.range_gev.0, self.range_gev.1, LEFT, width - RIGHT);
        let z_bottom = height - BOTTOM;
        let z_top = z_bottom - z_height;
        let bottom = z_top - GAP;
        let y = self.counts_axis(&bins, &x, bottom);
        let z = z_axis(&bins, z_top, z_bottom);

        self.window(&mut canvas, &x, (TOP, bottom));
        self.window(&mut canvas, &x, (z_top, z_bottom));
        draw_background(&mut canvas, &bins, &x, &y);
        draw_data(&mut canvas, &bins, &x, &y);
        if bins.iter().any(|bin| bin.z.is_some()) {
            draw_z(&mut canvas, &bins, &x, &z, z_top);
        } else {
            let middle = ((LEFT + width - RIGHT) / 2.0, (z_top + z_bottom) / 2.0 + 4.0);
            canvas.text("dim", Anchor::Middle, middle, &self.no_z);
        }
        self.axes(&mut canvas, &x, &y, bottom, (z_top, z_bottom));
        self.key(&mut canvas);
        if self.frame.tips {
            self.tips(&mut canvas, &bins, &x, z_bottom);
        }
        canvas.finish()
    }

    fn note_lines(&self) -> usize {
        self.notes.len() + if self.legend { 2 } else { 0 }
    }

    /// Counts: room for every interval and the background, and for the notes at the upper right.
    fn counts_axis(&self, bins: &[Bin], x: &Axis, bottom: f64) -> Axis {
        let largest = bins
            .iter()
            .flat_map(|b| [if b.observed > 0.0 { garwood(b.observed).1 } else { 0.0 }, b.background.unwrap_or(0.0)])
            .fold(1.0, f64::max);
        let smallest = bins
            .iter()
            .flat_map(|b| [Some(b.observed), b.background])
            .flatten()
            .filter(|&v| v > 0.0)
            .fold(f64::INFINITY, f64::min);
        // A single event's interval begins at 0.17, so 0.1 is low enough; well-filled spectra begin at their decade.
        let low =
            if smallest >= 20.0 && smallest.is_finite() { 10f64.powf((smallest / 2.0).log10().floor()) } else { 0.1 };
        let mut high = (largest * 2.0).max(low * 10.0);
        let notes_left = self.frame.width - RIGHT - NOTES * (self.frame.width - LEFT - RIGHT);
        let notes_bottom = TOP + 8.0 + LINE * self.note_lines() as f64;
        for _ in 0..8 {
            let y = Axis::logarithmic(low, high, bottom, TOP);
            let hidden = |b: &Bin| {
                let top = b.observed.max(b.background.unwrap_or(0.0));
                x.px(b.high) > notes_left && top > 0.0 && y.px(top) < notes_bottom
            };
            if !bins.iter().any(hidden) {
                break;
            }
            high *= 3.0;
        }
        Axis::logarithmic(low, high, bottom, TOP)
    }

    fn window(&self, canvas: &mut Canvas, x: &Axis, (top, bottom): (f64, f64)) {
        let (low, high) = (x.px(self.window_gev.0), x.px(self.window_gev.1));
        canvas.rect("window", "#f2c14e66", (low, top), (high - low, bottom - top));
    }

    fn axes(&self, canvas: &mut Canvas, x: &Axis, y: &Axis, bottom: f64, (z_top, z_bottom): (f64, f64)) {
        let right = self.frame.width - RIGHT;
        let mut ticks = String::new();
        for tick in x.ticks(34.0) {
            let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
            for (axis, up) in [(bottom, -1.0), (z_bottom, -1.0), (TOP, 1.0)] {
                let _ = write!(ticks, "M{} {}v{}", px(tick.px), px(axis), px(up * length));
            }
            if !tick.label.is_empty() {
                canvas.text("", Anchor::Middle, (tick.px, z_bottom + 15.0), &tick.label);
            }
        }
        for tick in y.ticks(15.0) {
            let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
            let _ = write!(ticks, "M{} {}h{}", px(LEFT), px(tick.px), px(length));
            let _ = write!(ticks, "M{} {}h{}", px(right), px(tick.px), px(-length));
            if !tick.label.is_empty() {
                canvas.text("", Anchor::End, (LEFT - 5.0, (tick.px + 4.0).clamp(TOP + 8.0, bottom + 1.0)), &tick.label);
            }
        }
        let (w, up, z) = (px(right - LEFT), px(bottom - TOP), px(z_bottom - z_top));
        let (left, top, z_top_px) = (px(LEFT), px(TOP), px(z_top));
        let frame = format!("M{left} {top}h{w}v{up}h-{w}zM{left} {z_top_px}h{w}v{z}h-{w}z{ticks}");
        canvas.path("axes", "fill=\"none\" stroke=\"currentColor\"", &frame);
        canvas.text_upwards((13.0, TOP + 2.0), "Events / bin");
        canvas.text_upwards((13.0, (z_top + z_bottom) / 2.0 - 4.0), "z");
        let label = format!("{} [GeV]", fitting(&self.spectrum.mass.to_string(), right - LEFT - 40.0));
        canvas.text("", Anchor::End, (right, z_bottom + 31.0), &label);
    }

    /// Notes and symbols at the upper right.
    fn key(&self, canvas: &mut Canvas) {
        let right = self.frame.width - RIGHT - 10.0;
        let mut line = TOP + 18.0;
        for (i, note) in self.notes.iter().enumerate() {
            let note = fitting(note, NOTES * (right - LEFT));
            canvas.text(if i == 0 { "strong" } else { "" }, Anchor::End, (right, line), &note);
            line += LINE;
        }
        if self.legend {
            let (symbol, middle) = (right - 12.0, line - 4.0);
            canvas.text("", Anchor::End, (right - 28.0, line), "data");
            let d = format!("M{} {}v-11M{} {}h0", px(symbol), px(middle + 5.5), px(symbol), px(middle));
            canvas.path("bars", "fill=\"none\" stroke=\"currentColor\"", &d);
            canvas.path("points", POINTS, &format!("M{} {}h0", px(symbol), px(middle)));
            line += LINE;
            canvas.text("", Anchor::End, (right - 28.0, line), "predicted background");
            canvas.path("background", BACKGROUND, &format!("M{} {}h20", px(right - 22.0), px(line - 4.0)));
        }
    }

    fn tips(&self, canvas: &mut Canvas, bins: &[Bin], x: &Axis, bottom: f64) {
        let span = self.window_gev.1 - self.window_gev.0;
        let near = (self.window_gev.0 - 3.0 * span, self.window_gev.1 + 3.0 * span);
        for bin in bins {
            if bins.len() > MOST_TIPS && (bin.high < near.0 || bin.low > near.1) {
                continue;
            }
            let (low, high) = (x.px(bin.low), x.px(bin.high));
            let mut tip = format!(
                "{}–{} GeV: {} observed",
                digits::mass(bin.low),
                digits::mass(bin.high),
                digits::count(bin.observed)
            );
            if let Some(background) = bin.background {
                let _ = write!(tip, ", {} predicted", digits::count(background));
            }
            if let Some(z) = bin.z {
                let _ = write!(tip, ", z {}", digits::z(z));
            }
            canvas.hover((low, TOP), (high - low, bottom - TOP), &tip);
        }
    }
}

/// A label that fits into `width` pixels, cut in the middle if it must be: both ends of a category tell most.
fn fitting(label: &str, width: f64) -> String {
    // Widest letters of common sans-serif fonts at 12 px, bold included.
    let most = (width / 8.0).max(8.0) as usize;
    let n = label.chars().count();
    if n <= most {
        return label.to_string();
    }
    let tail = most / 2;
    label.chars().take(most - tail - 1).chain(['…']).chain(label.chars().skip(n - tail)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spectrum(observed: Vec<f64>) -> DrawnSpectrum {
        let edges = (0..=observed.len()).map(|i| 100.0 * 1.03f64.powi(i as i32)).collect();
        let (background, z) = (observed.clone(), vec![0.0; observed.len()]);
        let (category, mass) = ("incl/2mu.os/1j".parse().expect("a category"), "m(mu1,mu2)".parse().expect("a label"));
        DrawnSpectrum { category, mass, edges, observed, background, z }
    }

    fn panel(spectrum: &DrawnSpectrum) -> Panel<'_> {
        Panel {
            spectrum,
            window_gev: (200.0, 220.0),
            range_gev: mass_range(spectrum).unwrap_or((1.0, 2.0)),
            notes: vec!["incl/2mu.os/1j".into(), "z = 5.0 at 210 GeV".into()],
            legend: true,
            no_z: String::new(),
            title: "a spectrum".into(),
            frame: Frame::MAIN,
        }
    }

    #[test]
    fn data_never_hide_behind_the_notes() {
        for height in [1.0, 1e3, 1e6] {
            let flat = spectrum(vec![height; 60]);
            let panel = panel(&flat);
            let x = Axis::for_masses(panel.range_gev.0, panel.range_gev.1, LEFT, Frame::MAIN.width - RIGHT);
            let y = panel.counts_axis(&bins(&flat, panel.range_gev), &x, 300.0);
            assert!(y.px(height) > TOP + LINE * 4.0, "{height} at {}", y.px(height));
        }
    }

    #[test]
    fn intervals_of_single_events_are_on_the_axis() {
        let sparse = spectrum(vec![1.0, 0.0, 2.0, 1.0, 0.0, 0.0, 1.0]);
        let panel = panel(&sparse);
        let x = Axis::for_masses(100.0, 130.0, LEFT, 600.0);
        let y = panel.counts_axis(&bins(&sparse, panel.range_gev), &x, 300.0);
        assert!(y.low() < garwood(1.0).0 && y.high() > garwood(2.0).1);
    }

    #[test]
    fn long_labels_keep_both_ends() {
        assert_eq!(fitting("m(mu1,mu2)", 300.0), "m(mu1,mu2)");
        let cut = fitting("m(e1,e2,mu1,mu2,g1,Z1,V1,T1,HM1,j1,j2,j3,j4)", 160.0);
        assert!(cut.starts_with("m(e1") && cut.ends_with("j3,j4)") && cut.chars().count() <= 20, "{cut}");
    }

    #[test]
    fn hundreds_of_bins_stay_small() {
        let photons = spectrum((0..400).map(|i| f64::from(400 - i)).collect());
        assert!(panel(&photons).svg().len() < 60_000);
    }
}

//! A spectrum: events per bin above, z per bin below, deviations between them if wanted, a window shaded.
//!
//! In: [`bins`] (edges in GeV, events, background, z). Out: an `<svg>` text. Logarithmic counts with 68 %
//! Poisson intervals; bins without events have no marker. The mass axis is logarithmic where it spans more than a factor
//! of four: bins are one resolution wide, so they look alike there.

use super::axis::{Axis, Tick, nice_step};
use super::canvas::{Anchor, Canvas, Pen, fitting};
use super::frame::{Frame, Margins, Panel};
use super::garwood::garwood;
use super::legend::{self, Symbol};
use super::marks::{self, BACKGROUND, LEVEL, WINDOW, Z, ZERO};
use crate::digits;

const MARGINS: Margins = Margins { left: 56.0, right: 12.0, top: 8.0, bottom: 36.0 };
/// Share of the width that the notes may take.
const NOTES: f64 = 0.42;
/// More bins than this get tooltips near the window only.
const MOST_TIPS: usize = 150;
/// Deviations beyond this are drawn at this.
const MOST_DEVIATION: f64 = 8.0;
/// Background that is known from elsewhere.
pub const OTHER_BACKGROUND: Pen =
    Pen("published", "fill=\"none\" stroke=\"#14713f\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"");
/// z that was found in another way.
pub const OTHER_Z: Pen = Pen("known", "fill=\"none\" stroke=\"#14713f\" stroke-width=\"1.6\"");

/// Values per bin: the network's, then those it is compared with; empty where there are none.
pub type Pair<'a> = [&'a [f64]; 2];

/// One bin; masses in GeV, events. Backgrounds and z: the network's, then those it is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Bin {
    pub number: usize,
    pub low: f64,
    pub high: f64,
    pub observed: f64,
    pub backgrounds: [Option<f64>; 2],
    pub z: [Option<f64>; 2],
}

/// The bins of a spectrum between n + 1 edges, without those that make no sense.
pub fn bins(edges: &[f64], observed: &[f64], backgrounds: Pair, z: Pair) -> Vec<Bin> {
    let finite = |values: &[f64], i: usize| values.get(i).copied().filter(|v| v.is_finite());
    let bin = |(number, edges): (usize, &[f64])| {
        let &[low, high] = edges else { return None };
        let observed = finite(observed, number)?;
        let [backgrounds, z] = [backgrounds, z].map(|pair| pair.map(|values| finite(values, number)));
        let is_sound = low.is_finite() && high.is_finite() && low < high;
        is_sound.then_some(Bin { number, low, high, observed, backgrounds, z })
    };
    edges.windows(2).enumerate().filter_map(bin).collect()
}

/// Lowest and highest edge, GeV; None without a bin.
pub fn range_gev(bins: &[Bin]) -> Option<(f64, f64)> {
    Some((bins.first()?.low, bins.last()?.high))
}

impl Bin {
    /// `480–495 GeV: 12 observed, 3.1 predicted, z 3.8`.
    pub fn text(&self) -> String {
        let (low, high) = (digits::mass(self.low), digits::mass(self.high));
        let background = self.backgrounds[0].map(|b| format!(", {} predicted", digits::count(b))).unwrap_or_default();
        let z = self.z[0].map(|z| format!(", z {}", digits::z(z))).unwrap_or_default();
        format!("{low}–{high} GeV: {} observed{background}{z}", digits::count(self.observed))
    }

    fn centre_px(&self, x: &Axis) -> f64 {
        (x.px(self.low) + x.px(self.high)) / 2.0
    }
}

/// Width and heights in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Size {
    /// Whole width.
    pub width: f64,
    /// Whole height.
    pub height: f64,
    /// Of the panel of deviations from the background; 0: there is none.
    pub deviations: f64,
    /// Of the panel of z.
    pub z: f64,
}

/// What to draw.
#[derive(Clone, Copy, Default)]
pub struct SpectrumPicture<'a> {
    /// One sentence for those who cannot see it.
    pub title: &'a str,
    /// Those beyond the mass axis are not drawn.
    pub bins: &'a [Bin],
    /// What the mass is: `m(mu1,mu2)`.
    pub mass: &'a str,
    /// Mass axis, GeV.
    pub range_gev: (f64, f64),
    /// Shaded, GeV.
    pub window_gev: Option<(f64, f64)>,
    /// Lines at the upper right, the first one bold.
    pub notes: &'a [String],
    /// Explained under the notes.
    pub symbols: &'a [(Symbol<'a>, &'a str)],
    /// Shown in place of z where there is none.
    pub no_z: &'a str,
    /// Shown while the pointer is on a bin.
    pub tip: Option<&'a dyn Fn(&Bin) -> String>,
    /// Size.
    pub size: Size,
}

impl SpectrumPicture<'_> {
    /// The picture.
    pub fn svg(&self) -> String {
        let mut canvas = Canvas::new(self.size.width, self.size.height, self.title);
        let mut frame = Frame::new((self.size.width, self.size.height), MARGINS, true);
        let z_panel = frame.split_off(self.size.z);
        let deviations = (self.size.deviations > 0.0).then(|| frame.split_off(self.size.deviations));
        let (low, high) = self.range_gev;
        let bins: Vec<Bin> = self.bins.iter().copied().filter(|bin| bin.high > low && bin.low < high).collect();
        let x = Axis::for_masses(low, high, frame.left, frame.right);
        let counts = self.counts_axis(&bins, &x, &frame);

        if let Some((low, high)) = self.window_gev {
            let (left, right) = (x.px(low), x.px(high));
            for Panel { top, bottom } in [frame.panel, z_panel] {
                canvas.rect(WINDOW, (left, top), (right - left, bottom - top));
            }
        }
        draw_counts(&mut canvas, &bins, &x, &counts);
        let deviations = deviations.map(|panel| (panel, draw_deviations(&mut canvas, &frame, panel, &bins, &x)));
        if bins.iter().any(|bin| bin.z[0].is_some()) {
            draw_z(&mut canvas, &frame, z_panel, &bins, &x);
        } else {
            let middle = ((frame.left + frame.right) / 2.0, z_panel.middle() + 4.0);
            canvas.text("dim", Anchor::Middle, middle, self.no_z);
        }

        let ticks = counts.ticks(15.0);
        let mut panels = vec![(frame.panel, "Events / bin", ticks.as_slice())];
        panels.extend(deviations.iter().map(|(panel, ticks)| (*panel, "(n−b)/√b", ticks.as_slice())));
        panels.push((z_panel, "z", &[]));
        let mass = format!("{} [GeV]", fitting(self.mass, frame.width() - 40.0));
        frame.draw(&mut canvas, (&mass, &x.ticks(34.0)), &panels);
        let notes: Vec<String> = self.notes.iter().map(|note| fitting(note, NOTES * (frame.width() - 10.0))).collect();
        legend::draw(&mut canvas, &frame, &notes, self.symbols);
        self.draw_tips(&mut canvas, &bins, &x, Panel { bottom: z_panel.bottom, ..frame.panel });
        canvas.finish()
    }

    /// Room for every interval and background, and for the notes at the upper right.
    fn counts_axis(&self, bins: &[Bin], x: &Axis, frame: &Frame) -> Axis {
        let Panel { top, bottom } = frame.panel;
        let values = |bin: &Bin| bin.backgrounds.into_iter().flatten().chain([bin.observed]);
        let positive = || bins.iter().flat_map(values).filter(|&value| value > 0.0);
        let intervals = bins.iter().filter(|bin| bin.observed > 0.0).map(|bin| garwood(bin.observed).1);
        let largest = positive().chain(intervals).fold(1.0, f64::max);
        let smallest = positive().fold(f64::INFINITY, f64::min);
        // A single event's interval begins at 0.17, so 0.1 is low enough; well-filled spectra begin at their decade.
        let is_filled = (20.0..f64::INFINITY).contains(&smallest);
        let low = if is_filled { 10f64.powf((smallest / 2.0).log10().floor()) } else { 0.1 };
        let notes_left = frame.right - NOTES * frame.width();
        let notes_bottom = legend::bottom(frame, self.notes.len() + self.symbols.len());
        let mut high = (largest * 2.0).max(low * 10.0);
        for _ in 0..8 {
            let y = Axis::logarithmic(low, high, bottom, top);
            let is_hidden = |bin: &Bin| {
                let value = values(bin).fold(0.0, f64::max);
                x.px(bin.high) > notes_left && value > 0.0 && y.px(value) < notes_bottom
            };
            if !bins.iter().any(is_hidden) {
                break;
            }
            high *= 3.0;
        }
        Axis::logarithmic(low, high, bottom, top)
    }

    fn draw_tips(&self, canvas: &mut Canvas, bins: &[Bin], x: &Axis, panel: Panel) {
        let Some(tip) = self.tip else { return };
        let near = self.window_gev.filter(|_| bins.len() > MOST_TIPS).map(|(low, high)| {
            let reach = 3.0 * (high - low);
            (low - reach, high + reach)
        });
        for bin in bins.iter().filter(|bin| near.is_none_or(|(from, to)| !(bin.high < from || bin.low > to))) {
            let (left, right) = (x.px(bin.low), x.px(bin.high));
            canvas.hover((left, panel.top), (right - left, panel.bottom - panel.top), &tip(bin));
        }
    }
}

/// A step line over the bins.
fn steps(bins: &[Bin], value: impl Fn(&Bin) -> Option<f64>, x: &Axis, y: &Axis) -> String {
    marks::steps(bins.iter().map(|bin| (bin.low, bin.high, value(bin))), x, y)
}

fn draw_counts(canvas: &mut Canvas, bins: &[Bin], x: &Axis, y: &Axis) {
    canvas.path(BACKGROUND, &steps(bins, |bin| bin.backgrounds[0], x, y));
    canvas.path(OTHER_BACKGROUND, &steps(bins, |bin| bin.backgrounds[1], x, y));
    let filled = bins.iter().filter(|bin| bin.observed > 0.0);
    let data: Vec<_> = filled.map(|bin| (bin.centre_px(x), bin.observed, garwood(bin.observed))).collect();
    marks::draw_data(canvas, &data, bins.len(), y);
}

/// Deviations of data and the other background from the background in units of its square root; gives the ticks.
fn draw_deviations(canvas: &mut Canvas, frame: &Frame, panel: Panel, bins: &[Bin], x: &Axis) -> Vec<Tick> {
    let deviation = |bin: &Bin, value: f64| {
        // Where less than one event is expected, the square root is no scale.
        let of = |background: f64| (value - background) / background.max(1.0).sqrt();
        Some(of(bin.backgrounds[0]?).clamp(-MOST_DEVIATION, MOST_DEVIATION))
    };
    let of_data = bins.iter().filter_map(|bin| Some((bin.centre_px(x), deviation(bin, bin.observed)?)));
    let data: Vec<_> = of_data.map(|(at, d)| (at, d, (d - 1.0, d + 1.0))).collect();
    let most = 1.1 * data.iter().map(|(_, d, _)| d.abs()).fold(3.0, f64::max);
    let y = Axis::linear(-most, most, panel.bottom, panel.top);
    frame.level(canvas, BACKGROUND, &y, 0.0);
    canvas.path(OTHER_BACKGROUND, &steps(bins, |bin| deviation(bin, bin.backgrounds[1]?), x, &y));
    marks::draw_data(canvas, &data, bins.len(), &y);
    y.ticks(22.0)
}

/// z from at least -3.5 to 5.5, with the levels that one looks for.
fn draw_z(canvas: &mut Canvas, frame: &Frame, panel: Panel, bins: &[Bin], x: &Axis) {
    let all = || bins.iter().flat_map(|bin| bin.z).flatten();
    let (low, high) = (all().fold(-3.5, f64::min).max(-8.0), all().fold(5.5, f64::max).min(200.0));
    let room = 0.04 * (high - low);
    let y = Axis::linear(low - room, high + room, panel.bottom, panel.top);
    let columns = bins.iter().filter_map(|bin| Some((bin.low, bin.high, bin.z[0].filter(|z| z.abs() > 0.02)?)));
    canvas.path(Z, &marks::columns(columns, x, &y));
    canvas.path(OTHER_Z, &steps(bins, |bin| bin.z[1], x, &y));
    let large = if y.high() > 8.0 { nice_step(y.high() / 2.5) } else { f64::INFINITY };
    let mut labelled: Vec<f64> = Vec::new();
    for level in [0.0, 5.0, -3.0, 3.0, large, 2.0 * large] {
        if level > y.high() || level < y.low() {
            continue;
        }
        if level.abs() <= 5.0 {
            frame.level(canvas, if level == 0.0 { ZERO } else { LEVEL }, &y, level);
        }
        let at = y.px(level);
        if labelled.iter().all(|other| (other - at).abs() > 10.5) {
            labelled.push(at);
            frame.y_label(canvas, at.max(panel.top + 5.0), &format!("{level}").replace('-', "−"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 680.0, height: 480.0, deviations: 0.0, z: 116.0 };

    /// A spectrum that is its own background.
    fn spectrum(observed: &[f64]) -> Vec<Bin> {
        let edges: Vec<f64> = (0..=observed.len()).map(|i| 100.0 * 1.03f64.powi(i as i32)).collect();
        bins(&edges, observed, [observed, &[]], [&vec![0.0; observed.len()], &[]])
    }

    fn picture(bins: &[Bin]) -> SpectrumPicture<'_> {
        let symbols = &[(Symbol::Data, "data"), (Symbol::Line(BACKGROUND), "background")];
        let (range_gev, window_gev) = (range_gev(bins).unwrap_or((1.0, 2.0)), Some((200.0, 220.0)));
        SpectrumPicture { bins, range_gev, window_gev, symbols, size: SIZE, ..SpectrumPicture::default() }
    }

    fn counts_axis(bins: &[Bin]) -> Axis {
        let frame = Frame::new((SIZE.width, SIZE.height), MARGINS, true);
        let SpectrumPicture { range_gev: (low, high), .. } = picture(bins);
        let notes = ["incl/2mu.os/1j".into(), "z = 5.0 at 210 GeV".into()];
        let picture = SpectrumPicture { notes: &notes, ..picture(bins) };
        picture.counts_axis(bins, &Axis::for_masses(low, high, frame.left, frame.right), &frame)
    }

    #[test]
    fn data_never_hide_behind_the_notes() {
        for height in [1.0, 1e3, 1e6] {
            let at = counts_axis(&spectrum(&[height; 60])).px(height);
            assert!(at > MARGINS.top + 4.0 * 16.0, "{height} at {at}");
        }
    }

    #[test]
    fn intervals_of_single_events_are_on_the_axis() {
        let y = counts_axis(&spectrum(&[1.0, 0.0, 2.0, 1.0, 0.0, 0.0, 1.0]));
        assert!(y.low() < garwood(1.0).0 && y.high() > garwood(2.0).1);
    }

    #[test]
    fn hundreds_of_bins_stay_small() {
        let photons: Vec<f64> = (0..400).map(|i| f64::from(400 - i)).collect();
        assert!(picture(&spectrum(&photons)).svg().len() < 60_000);
    }

    #[test]
    fn deviations_are_in_units_of_the_square_root_of_the_background() {
        let bins = bins(&[100.0, 110.0, 121.0], &[120.0, 100.0], [&[100.0; 2], &[]], [&[], &[]]);
        let mut frame = Frame::new((680.0, 480.0), MARGINS, true);
        let panel = frame.split_off(80.0);
        let x = Axis::for_masses(100.0, 121.0, frame.left, frame.right);
        let mut canvas = Canvas::new(680.0, 480.0, "");
        draw_deviations(&mut canvas, &frame, panel, &bins, &x);
        // +2 and 0 on an axis from -3.3 to 3.3.
        let px = |d: f64| super::super::canvas::px(panel.middle() - d / 3.3 * 40.0);
        let svg = canvas.finish();
        assert!(svg.contains(&format!(" {}h0M", px(2.0))) && svg.contains(&format!(" {}h0\"", px(0.0))), "{svg}");
    }
}

//! How rare the rarest spectra are, against what chance gives.
//!
//! In: one `p_spectrum` per scanned spectrum. Out: an `<svg>` text: the number of spectra with a probability at or below
//! p, over p from 1 (left) to rare (right), both logarithmic; chance alone gives N p, the dashed line. Spectra share
//! events, so the points scatter more than independent ones would: the plot is read by eye.

use std::fmt::Write;

use crate::drawing::axis::Axis;
use crate::drawing::canvas::{Anchor, Canvas, px};

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 40.0;
/// Rarer than this is drawn at this: toys do not reach further.
const RAREST: f64 = 1e-6;
/// Lower end of the axis of counts: a little below one spectrum.
const FLOOR: f64 = 0.7;

/// The picture for one class of masses; None without any probability.
pub fn rarity_svg(name: &str, probabilities: impl Iterator<Item = f64>) -> Option<String> {
    let mut rare: Vec<f64> =
        probabilities.filter(|p| p.is_finite() && (0.0..=1.0).contains(p)).map(|p| p.max(RAREST)).collect();
    rare.sort_by(f64::total_cmp);
    let total = rare.len() as f64;
    let rarest = *rare.first()?;
    let title = format!("Number of {name} spectra with a probability of at most p, and the number expected by chance");
    let mut canvas = Canvas::new(WIDTH, HEIGHT, &title);
    // Rare is right: the axis runs over 1/p.
    let end = (2.0 / rarest).max(4.0 * total).max(100.0);
    let x = Axis::logarithmic(1.0, end, LEFT, WIDTH - RIGHT);
    let y = Axis::logarithmic(FLOOR, (2.5 * total).max(10.0), HEIGHT - BOTTOM, TOP);

    // N p falls below one spectrum somewhere, or the axis ends first.
    let last = (total / FLOOR).clamp(1.0, end);
    let (left, top, right, bottom) = (x.px(1.0), y.px(total), x.px(last), y.px(total / last));
    let chance = format!("M{} {}L{} {}", px(left), px(top), px(right), px(bottom));
    canvas.path(
        "background",
        "fill=\"none\" stroke=\"#c8442b\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"",
        &chance,
    );

    let mut steps = format!("M{} {}", px(x.px(1.0)), px(y.px(total)));
    let mut last = (f64::NAN, f64::NAN);
    for (i, p) in rare.iter().enumerate().rev() {
        let (at, level) = (x.px(1.0 / p), y.px(i as f64));
        // Hundreds of common spectra fall on the same pixel.
        if (at - last.0).abs() < 0.3 && (level - last.1).abs() < 0.3 {
            continue;
        }
        last = (at, level);
        let _ = write!(steps, "H{}V{}", px(at), px(level));
    }
    canvas.path("steps", "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\"", &steps);
    frame(&mut canvas, &x, &y);

    let right = WIDTH - RIGHT - 10.0;
    canvas.text("strong", Anchor::End, (right, TOP + 18.0), &format!("{name}: {} spectra", rare.len()));
    canvas.text("", Anchor::End, (right - 28.0, TOP + 34.0), "observed");
    canvas.path("steps", "stroke=\"currentColor\" stroke-width=\"1.6\"", &symbol(right, TOP + 30.0));
    canvas.text("", Anchor::End, (right - 28.0, TOP + 50.0), "chance alone");
    let dashed = "stroke=\"#c8442b\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"";
    canvas.path("background", dashed, &symbol(right, TOP + 46.0));
    Some(canvas.finish())
}

fn symbol(right: f64, y: f64) -> String {
    format!("M{} {}h20", px(right - 22.0), px(y))
}

fn frame(canvas: &mut Canvas, x: &Axis, y: &Axis) {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let mut ticks = String::new();
    for tick in x.ticks(30.0) {
        let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
        let _ = write!(ticks, "M{} {}v{}", px(tick.px), px(bottom), px(-length));
        if !tick.label.is_empty() {
            canvas.text("", Anchor::Middle, (tick.px, bottom + 15.0), &inverse(&tick.label));
        }
    }
    for tick in y.ticks(15.0) {
        let length = if tick.label.is_empty() { 3.0 } else { 6.0 };
        let _ = write!(ticks, "M{} {}h{}", px(LEFT), px(tick.px), px(length));
        if !tick.label.is_empty() {
            canvas.text("", Anchor::End, (LEFT - 5.0, tick.px + 4.0), &tick.label);
        }
    }
    let (w, h) = (px(right - LEFT), px(bottom - TOP));
    let path = format!("M{} {}h{w}v{h}h-{w}z{ticks}", px(LEFT), px(TOP));
    canvas.path("axes", "fill=\"none\" stroke=\"currentColor\"", &path);
    canvas.text_upwards((13.0, TOP + 2.0), "Spectra at or below p");
    canvas.text("", Anchor::End, (right, bottom + 32.0), "p in the spectrum (rare to the right)");
}

/// The label of 1/p read as p: `100` is `0.01`, `10³` is `10⁻³`.
fn inverse(label: &str) -> String {
    match label {
        "1" => "1".to_string(),
        "10" => "0.1".to_string(),
        "100" => "0.01".to_string(),
        other => other.replacen("10", "10⁻", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_probabilities_can_be_drawn() {
        assert!(rarity_svg("mass", std::iter::empty()).is_none());
        assert!(rarity_svg("mass", [f64::NAN].into_iter()).is_none());
        for set in [vec![0.0], vec![1.0; 5], vec![0.5, 1e-3, 1e-300]] {
            let svg = rarity_svg("mass", set.into_iter()).unwrap_or_default();
            assert!(svg.ends_with("</svg>") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn thousands_of_spectra_stay_small() {
        let svg = rarity_svg("mass", (1..=20_000).map(|i| f64::from(i) / 20_000.0)).unwrap_or_default();
        assert!(svg.len() < 40_000, "{}", svg.len());
    }
}

//! How rare the rarest stacks are, against what chance gives.
//!
//! In: one `p_stack` per searched stack. Out: an `<svg>` text: the number of stacks with a probability at or below
//! p, over p from 1 (left) to rare (right), both logarithmic; chance alone gives N p, the dashed line. Stacks share
//! events, so the points scatter more than independent ones would: the plot is read by eye.

use std::fmt::Write;

use crate::drawing::axis::{Axis, Tick};
use crate::drawing::canvas::{Canvas, Pen, px};
use crate::drawing::frame::{Frame, Margins};
use crate::drawing::legend::{self, Symbol};
use crate::drawing::marks;

const SIZE: (f64, f64) = (520.0, 260.0);
const MARGINS: Margins = Margins { left: 56.0, right: 14.0, top: 10.0, bottom: 40.0 };
/// What chance alone gives.
const CHANCE: &str = "stroke=\"#c8442b\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"";
/// What was found.
const OBSERVED: &str = "stroke=\"currentColor\" stroke-width=\"1.6\"";
/// Rarer than this is drawn at this: toys do not reach further.
const RAREST: f64 = 1e-6;
/// Lower end of the axis of counts: a little below one stack.
const FLOOR: f64 = 0.7;

/// The picture for one class of masses; None without any probability.
pub fn rarity_svg(name: &str, probabilities: impl Iterator<Item = f64>) -> Option<String> {
    let mut rare: Vec<f64> =
        probabilities.filter(|p| p.is_finite() && (0.0..=1.0).contains(p)).map(|p| p.max(RAREST)).collect();
    rare.sort_by(f64::total_cmp);
    let total = rare.len() as f64;
    let rarest = *rare.first()?;
    let title = format!("Number of {name} stacks with a probability of at most p, and the number expected by chance");
    let mut canvas = Canvas::new(SIZE.0, SIZE.1, &title);
    let frame = Frame::new(SIZE, MARGINS, false);
    // Rare is right: the axis runs over 1/p.
    let end = (2.0 / rarest).max(4.0 * total).max(100.0);
    let x = Axis::logarithmic(1.0, end, frame.left, frame.right);
    let y = Axis::logarithmic(FLOOR, (2.5 * total).max(10.0), frame.panel.bottom, frame.panel.top);

    // N p falls below one stack somewhere, or the axis ends first.
    let last = (total / FLOOR).clamp(1.0, end);
    let chance = marks::line([(1.0, total), (last, total / last)].into_iter(), &x, &y);
    canvas.path(Pen("background", &format!("fill=\"none\" {CHANCE}")), &chance);
    canvas.path(Pen("steps", &format!("fill=\"none\" {OBSERVED}")), &staircase(&rare, &x, &y));
    let x_ticks: Vec<Tick> =
        x.ticks(30.0).into_iter().map(|tick| Tick { label: inverse(&tick.label), ..tick }).collect();
    frame.draw(
        &mut canvas,
        ("p in the stack (rare to the right)", &x_ticks),
        &[(frame.panel, "Stacks at or below p", &y.ticks(15.0))],
    );
    let symbols =
        [(Symbol::Line(Pen("steps", OBSERVED)), "observed"), (Symbol::Line(Pen("background", CHANCE)), "chance alone")];
    legend::draw(&mut canvas, &frame, &[format!("{name}: {} stacks", rare.len())], &symbols);
    Some(canvas.finish())
}

/// How many of the sorted probabilities are at most p, from p = 1 down.
fn staircase(sorted: &[f64], x: &Axis, y: &Axis) -> String {
    let mut steps = format!("M{} {}", px(x.px(1.0)), px(y.px(sorted.len() as f64)));
    let mut last = (f64::NAN, f64::NAN);
    for (i, p) in sorted.iter().enumerate().rev() {
        let (at, level) = (x.px(1.0 / p), y.px(i as f64));
        // Hundreds of common spectra fall on the same pixel.
        if (at - last.0).abs() < 0.3 && (level - last.1).abs() < 0.3 {
            continue;
        }
        last = (at, level);
        let _ = write!(steps, "H{}V{}", px(at), px(level));
    }
    steps
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

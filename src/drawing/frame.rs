//! The frame of a picture: panels above each other over one x axis, with their ticks and titles.
//!
//! In: the size of the picture and its margins, heights of the lower panels, ticks; all in pixels. Out: where every panel
//! lies, and its frame on a [`Canvas`].

use std::fmt::Write;

use super::axis::{Axis, Tick};
use super::canvas::{Anchor, Canvas, Pen, px};
use super::marks::AXES;

/// Between two panels.
const GAP: f64 = 6.0;

/// Room around the panels.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Margins {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// Upper and lower end of a panel.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Panel {
    pub top: f64,
    pub bottom: f64,
}

impl Panel {
    /// Half way down.
    pub fn middle(&self) -> f64 {
        (self.top + self.bottom) / 2.0
    }
}

/// A panel, its title (upwards; a single letter stands in the middle) and the ticks of its y axis.
pub type Labelled<'a> = (Panel, &'a str, &'a [Tick]);

/// Where the panels lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// End of all panels.
    pub left: f64,
    /// End of all panels.
    pub right: f64,
    /// The uppermost panel.
    pub panel: Panel,
    /// From the lowest panel down to the title of the x axis.
    title_below: f64,
    /// Ticks at the top and the right too, as the experiments draw them.
    all_sides: bool,
}

impl Frame {
    /// One panel that fills a picture of `size`.
    pub fn new((width, height): (f64, f64), margins: Margins, all_sides: bool) -> Frame {
        let panel = Panel { top: margins.top, bottom: height - margins.bottom };
        let title_below = 22.0 + margins.bottom / 4.0;
        Frame { left: margins.left, right: width - margins.right, panel, title_below, all_sides }
    }

    /// The lowest `height` pixels as a panel of their own; the uppermost panel gives them, with a gap.
    pub fn split_off(&mut self, height: f64) -> Panel {
        let bottom = self.panel.bottom;
        let top = bottom - height;
        self.panel.bottom = top - GAP;
        Panel { top, bottom }
    }

    /// Pixels from left to right.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// A line across a panel at a value.
    pub fn level(&self, canvas: &mut Canvas, pen: Pen, y: &Axis, value: f64) {
        canvas.path(pen, &format!("M{} {}h{}", px(self.left), px(y.px(value)), px(self.width())));
    }

    /// A label of the y axis.
    pub fn y_label(&self, canvas: &mut Canvas, at: f64, label: &str) {
        canvas.text("", Anchor::End, (self.left - 5.0, at + 4.0), label);
    }

    /// Frames, ticks and titles of `panels`, uppermost first.
    pub fn draw(&self, canvas: &mut Canvas, (x_title, x_ticks): (&str, &[Tick]), panels: &[Labelled]) {
        let (left, width) = (px(self.left), px(self.width()));
        let mut lines = String::new();
        for Panel { top, bottom } in panels.iter().map(|labelled| labelled.0) {
            let _ = write!(lines, "M{left} {}h{width}v{}h-{width}z", px(top), px(bottom - top));
        }
        let lowest = panels.last().map_or(self.panel, |labelled| labelled.0).bottom;
        let downwards = self.all_sides.then_some((self.panel.top, 1.0));
        let sides: Vec<(f64, f64)> = panels.iter().map(|(panel, ..)| (panel.bottom, -1.0)).chain(downwards).collect();
        for tick in x_ticks {
            for (from, sign) in &sides {
                let _ = write!(lines, "M{} {}v{}", px(tick.px), px(*from), px(sign * length(tick)));
            }
            if !tick.label.is_empty() {
                canvas.text("", Anchor::Middle, (tick.px, lowest + 15.0), &tick.label);
            }
        }
        for (panel, _, ticks) in panels {
            for tick in *ticks {
                let _ = write!(lines, "M{left} {}h{}", px(tick.px), px(length(tick)));
                if self.all_sides {
                    let _ = write!(lines, "M{} {}h{}", px(self.right), px(tick.px), px(-length(tick)));
                }
                if !tick.label.is_empty() {
                    // Where panels meet, a label stays beside its own.
                    let beside = tick.px.clamp(panel.top + 4.0, panel.bottom - 3.0);
                    self.y_label(canvas, if panels.len() > 1 { beside } else { tick.px }, &tick.label);
                }
            }
        }
        canvas.path(AXES, &lines);
        for (panel, title, _) in panels {
            let end = if title.chars().count() == 1 { panel.middle() - 4.0 } else { panel.top + 2.0 };
            canvas.text_upwards((13.0, end), title);
        }
        canvas.text("", Anchor::End, (self.right, lowest + self.title_below), x_title);
    }
}

fn length(tick: &Tick) -> f64 {
    if tick.label.is_empty() { 3.0 } else { 6.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_fill_the_picture_between_the_margins_without_touching() {
        let margins = Margins { left: 50.0, right: 10.0, top: 8.0, bottom: 36.0 };
        let mut frame = Frame::new((400.0, 300.0), margins, true);
        let lower = frame.split_off(80.0);
        assert_eq!((lower.top, lower.bottom), (184.0, 264.0));
        assert_eq!((frame.panel.top, frame.panel.bottom, frame.width()), (8.0, 178.0, 340.0));
    }
}

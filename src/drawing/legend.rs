//! Notes and the symbols they need, at the upper right of a panel.
//!
//! In: lines of text, symbols with names. Out: both on a [`Canvas`], one below the other.

use super::canvas::{Anchor, Canvas, Pen, px};
use super::frame::Frame;
use super::marks::{BARS, POINTS};

/// Height of a line, pixels.
const LINE: f64 = 16.0;

/// A symbol beside its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Symbol<'a> {
    /// A point with its error.
    Data,
    /// A line.
    Line(Pen<'a>),
    /// A filled column.
    Column(Pen<'a>),
}

/// Where `lines` of notes and symbols end, pixels from the top of the picture.
pub fn bottom(frame: &Frame, lines: usize) -> f64 {
    frame.panel.top + 8.0 + LINE * lines as f64
}

/// Draws notes, the first one bold, and symbols under them.
pub fn draw(canvas: &mut Canvas, frame: &Frame, notes: &[String], symbols: &[(Symbol, &str)]) {
    let right = frame.right - 10.0;
    let mut line = frame.panel.top + 18.0;
    for (i, note) in notes.iter().enumerate() {
        canvas.text(if i == 0 { "strong" } else { "" }, Anchor::End, (right, line), note);
        line += LINE;
    }
    for (symbol, name) in symbols {
        canvas.text("", Anchor::End, (right - 28.0, line), name);
        let middle = line - 4.0;
        match *symbol {
            Symbol::Data => {
                let (at, point) = (px(right - 12.0), px(middle));
                canvas.path(BARS, &format!("M{at} {}v-11M{at} {point}h0", px(middle + 5.5)));
                canvas.path(POINTS, &format!("M{at} {point}h0"));
            }
            Symbol::Line(pen) => canvas.path(pen, &format!("M{} {}h20", px(right - 22.0), px(middle))),
            Symbol::Column(pen) => canvas.rect(pen, (right - 22.0, line - 9.0), (20.0, 9.0)),
        }
        line += LINE;
    }
}

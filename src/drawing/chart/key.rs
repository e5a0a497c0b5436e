//! The key of a chart: bands, then curves, by name, in rows above the frame.
//!
//! In: what is drawn. Out: symbols and names on a [`Canvas`], as many in a row as fit.

use super::{Band, Series};
use crate::drawing::canvas::{Anchor, Canvas, Pen, px};

/// Height of a row, pixels.
const ROW: f64 = 17.0;
/// About the width of a character, pixels.
const CHARACTER: f64 = 6.6;

/// What a name stands for.
pub(super) enum Symbol<'a> {
    Band(&'a Band),
    Curve(&'a Series),
}

/// Symbols with names, in rows.
pub(super) struct Key<'a>(Vec<Vec<(Symbol<'a>, String)>>);

impl<'a> Key<'a> {
    /// Entries that have a name, in rows of at most `room` pixels.
    pub(super) fn new(entries: impl Iterator<Item = (Symbol<'a>, String)>, room: f64) -> Key<'a> {
        let mut rows: Vec<Vec<_>> = Vec::new();
        let mut used = f64::INFINITY;
        for entry in entries.filter(|(_, name)| !name.is_empty()) {
            if used + width(&entry.1) > room {
                rows.push(Vec::new());
                used = 0.0;
            }
            used += width(&entry.1);
            if let Some(row) = rows.last_mut() {
                row.push(entry);
            }
        }
        Key(rows)
    }

    /// Pixels.
    pub(super) fn height(&self) -> f64 {
        ROW * self.0.len() as f64
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, from: f64) {
        for (number, row) in self.0.iter().enumerate() {
            let (mut left, middle) = (from, 12.0 + ROW * number as f64);
            for (symbol, name) in row {
                symbol.draw(canvas, (left, middle));
                canvas.text("", Anchor::Start, (left + 29.0, middle + 4.0), name);
                left += width(name);
            }
        }
    }
}

/// Of a name with its symbol, pixels.
fn width(name: &str) -> f64 {
    44.0 + CHARACTER * name.chars().count() as f64
}

impl Symbol<'_> {
    fn draw(&self, canvas: &mut Canvas, (left, middle): (f64, f64)) {
        let (from, to) = (px(left), px(left + 24.0));
        match self {
            Symbol::Band(band) => {
                let (top, bottom) = (px(middle - 5.0), px(middle + 5.0));
                canvas.path(Pen("band", &band.style()), &format!("M{from} {top}H{to}V{bottom}H{from}z"));
            }
            Symbol::Curve(series) => {
                series.draw_line(canvas, &format!("M{from} {}H{to}", px(middle)));
                series.draw_markers(canvas, std::iter::once((left + 12.0, middle)));
            }
        }
    }
}

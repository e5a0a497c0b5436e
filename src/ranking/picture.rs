//! The spectra behind a line, for drawing.
//!
//! In: a stack and a line of it. Out: counts, background from a fit that does not see the window, and z, of all
//! multiplicities together and of the two that show the line best. Edges in GeV.

use serde::{Deserialize, Serialize};

use crate::categories::Category;
use crate::particles::MassLabel;
use crate::significance::{SIGNAL_WIDTHS, Templates, z_mixed_into};
use crate::stacks::stack::sum_of_rows;
use crate::stacks::{Line, Stack, lines::Searcher};

/// A stack as it is drawn; the background comes from a fit that does not see the window of the line.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// Rank of the candidate.
    pub rank: usize,
    /// All multiplicities together, then the two that show the line best.
    pub spectra: Vec<DrawnSpectrum>,
}

/// Bins of a spectrum as they are drawn.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct DrawnSpectrum {
    /// `incl/2mu.os/1j`.
    pub category: Category,
    /// `m(mu1,mu2)`.
    pub mass: MassLabel,
    /// n + 1 edges, GeV.
    pub edges: Vec<f64>,
    /// Events per bin.
    pub observed: Vec<f64>,
    /// Background per bin, from a fit that does not see the window.
    pub background: Vec<f64>,
    /// z per bin over this background, taken as known.
    pub z: Vec<f64>,
}

/// Multiplicities that are drawn by themselves.
const ROWS: usize = 2;

/// The picture of a line.
pub fn picture(rank: usize, stack: &Stack, line: &Line) -> Option<Picture> {
    let (searcher, fit) = Searcher::new(stack, &[])?;
    let fit = searcher.fit_without(&stack.counts, &fit, &line.window)?;
    let bins = stack.bins();
    let spectrum = |category: Category, observed: Vec<f64>, background: Vec<f64>| {
        let mut z = vec![0.0; bins];
        z_mixed_into(&observed, &background, &Templates::uniform(bins, &SIGNAL_WIDTHS), &mut z);
        DrawnSpectrum { category, mass: stack.mass, edges: stack.edges.clone(), observed, background, z }
    };
    let mut rows: Vec<usize> = (0..stack.rows.len()).collect();
    let excess = |row: &usize| {
        let count = line.by_row[*row];
        (count.observed - count.expected) / (count.expected + count.error.powi(2)).max(0.1).sqrt()
    };
    rows.sort_by(|a, b| excess(b).total_cmp(&excess(a)).then(a.cmp(b)));
    rows.truncate(ROWS);
    rows.sort_unstable();
    let mut spectra = vec![spectrum(stack.group.clone(), stack.sum(), sum_of_rows(&fit.background, bins))];
    if stack.rows.len() > 1 {
        spectra.extend(rows.into_iter().map(|row| {
            let background = fit.background[row * bins..(row + 1) * bins].to_vec();
            spectrum(stack.category(row), stack.row(row).to_vec(), background)
        }));
    }
    Some(Picture { rank, spectra })
}

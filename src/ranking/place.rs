//! A candidate in its spectrum: what neighbours and controls are asked about.
//!
//! In: a scanned spectrum and a candidate in it. Out: its bins, counted in the whole spectrum (labels of one mass share
//! their edges, so these are the bins of a neighbour as well), its masses in GeV, its excess in events.

use std::ops::Range;

use super::candidates::Candidate;
use crate::categories::JetCount;
use crate::scan::Scanned;

/// Where a bump is.
#[derive(Debug, Clone, Copy)]
pub struct BumpPlace<'a> {
    /// Spectrum of the bump.
    pub own: &'a Scanned,
    /// The bump in it; its bins count from the first scanned one.
    pub candidate: &'a Candidate,
}

impl BumpPlace<'_> {
    /// Bins of the window, from the first bin of the whole spectrum.
    pub fn window(&self) -> Range<usize> {
        let (start, window) = (self.own.range.start, &self.candidate.window);
        start + window.start..start + window.end
    }

    /// Bin of the centre, from the first bin of the whole spectrum.
    pub fn peak(&self) -> usize {
        self.own.range.start + self.candidate.peak
    }

    /// Edges of the centre's bin, GeV.
    pub fn peak_bin_gev(&self) -> (f64, f64) {
        let edges = self.own.scanned_edges();
        (edges[self.candidate.peak], edges[self.candidate.peak + 1])
    }

    /// Edges of the window, GeV.
    pub fn window_gev(&self) -> (f64, f64) {
        let (edges, window) = (self.own.scanned_edges(), &self.candidate.window);
        (edges[window.start], edges[window.end])
    }

    /// Events above the predicted background.
    pub fn excess(&self) -> f64 {
        self.candidate.observed - self.candidate.expected
    }

    /// The spectrum holds all jet multiplicities together.
    pub fn is_inclusive(&self) -> bool {
        self.own.category.jets == JetCount::Any
    }
}

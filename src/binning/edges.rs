//! Bin edges that follow the mass resolution, and the search for a bin.
//!
//! In: a campaign's binning (resolution table, mass range in GeV) and a mass label. Out: edges in GeV, each bin one sigma
//! wide, so that a narrow resonance always covers the same number of bins; and a [`BinFinder`] that finds the bin of a
//! mass by a lookup on the bits of the number and a short step.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use thiserror::Error;

use super::Binning;
use super::resolution::Composition;
use crate::particles::MassLabel;

/// Bins that one spectrum may have; with the flow bins they are counted in 16 bits.
pub const MAX_BINS: usize = 60_000;

/// Edges of a mass: the first is `m_min_jet_gev` where a jet takes part, else `m_min_gev`; then edge + sigma(edge) until
/// an edge reaches `m_max_gev`, which is the last.
pub fn edges(binning: &Binning, label: MassLabel) -> Result<Arc<[f64]>, EdgesError> {
    composition_edges(binning, &binning.resolution.composition(label))
        .map_err(|problem| EdgesError { mass: label.to_string(), problem })
}

fn composition_edges(binning: &Binning, composition: &Composition) -> Result<Arc<[f64]>, String> {
    let first = if composition.has_jet() { binning.m_min_jet_gev } else { binning.m_min_gev };
    if !(first > 0.0 && first < binning.m_max_gev && binning.m_max_gev.is_finite()) {
        return Err(format!("the range from {first} to {} GeV is empty or not positive", binning.m_max_gev));
    }
    let mut edges = vec![first];
    let mut edge = first;
    while edge < binning.m_max_gev {
        let next = edge + edge * binning.resolution.mass_resolution(composition, edge);
        if edges.len() > MAX_BINS || next.is_nan() || next <= edge {
            return Err(format!("more than {MAX_BINS} bins, or a resolution of zero, at {edge} GeV"));
        }
        edges.push(next);
        edge = next;
    }
    Ok(edges.into())
}

/// Edges that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no bin edges for {mass}: {problem}\nhint: check `binning` in the campaign and its resolution table")]
pub struct EdgesError {
    /// Mass label.
    pub mass: String,
    /// What is wrong.
    pub problem: String,
}

/// Finds bins of one set of edges. Bin numbers include the flow bins: 0 below the first edge, `n + 1` from the last on.
#[derive(Debug, Clone)]
pub struct BinFinder {
    edges: Arc<[f64]>,
    /// Per cell of equal width in the bits of a float: the bin of the cell's lower end.
    cells: Box<[u16]>,
    first_cell: u64,
}

/// 128 cells per factor of two: 0.5 to 0.8 % wide, about as wide as the narrowest bins.
const CELL_SHIFT: u32 = 52 - 7;

impl BinFinder {
    /// Prepares the search; `edges` rise, are positive and at most [`MAX_BINS`] + 1.
    pub fn new(edges: Arc<[f64]>) -> Self {
        let cell = |mass: f64| mass.to_bits() >> CELL_SHIFT;
        let (first_cell, last_cell) = match (edges.first(), edges.last()) {
            (Some(&first), Some(&last)) => (cell(first), cell(last)),
            _ => (0, 0),
        };
        let mut bin = 1_usize;
        let cells = (first_cell..=last_cell)
            .map(|cell| {
                let lower_end = f64::from_bits(cell << CELL_SHIFT);
                while edges.get(bin).is_some_and(|&edge| edge <= lower_end) {
                    bin += 1;
                }
                bin as u16
            })
            .collect();
        BinFinder { edges, cells, first_cell }
    }

    /// The edges, GeV.
    pub fn edges(&self) -> &Arc<[f64]> {
        &self.edges
    }

    /// Number of bins, flow bins not counted.
    pub fn bins(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Bin of a mass in GeV: 0 below, 1..=n inside (lower edge belongs to the bin), n + 1 above. Not a number: 0.
    #[inline]
    pub fn find(&self, mass: f64) -> u16 {
        let (Some(&first), Some(&last)) = (self.edges.first(), self.edges.last()) else { return 0 };
        if mass.is_nan() || mass < first {
            return 0;
        }
        if mass >= last {
            return self.edges.len() as u16;
        }
        let cell = (mass.to_bits() >> CELL_SHIFT) - self.first_cell;
        let mut bin = self.cells.get(cell as usize).copied().unwrap_or(1);
        // bin k lies between edges k - 1 and k.
        while self.edges.get(bin as usize).is_some_and(|&upper| mass >= upper) {
            bin += 1;
        }
        bin
    }
}

/// All sets of edges of a campaign, one per composition, made when first asked for.
#[derive(Debug, Clone, Default)]
pub struct EdgeTable {
    finders: Vec<Arc<BinFinder>>,
    by_composition: FxHashMap<Composition, u32>,
}

impl EdgeTable {
    /// Number of the edges of a mass and their finder; masses of one composition share them.
    pub fn finder(&mut self, binning: &Binning, label: MassLabel) -> Result<(u32, Arc<BinFinder>), EdgesError> {
        let composition = binning.resolution.composition(label);
        if let Some(&number) = self.by_composition.get(&composition)
            && let Some(finder) = self.finders.get(number as usize)
        {
            return Ok((number, finder.clone()));
        }
        let edges = composition_edges(binning, &composition)
            .map_err(|problem| EdgesError { mass: label.to_string(), problem })?;
        let finder = Arc::new(BinFinder::new(edges));
        let number = self.finders.len() as u32;
        self.by_composition.insert(composition, number);
        self.finders.push(finder.clone());
        Ok((number, finder))
    }

    /// All sets of edges by number.
    pub fn edge_sets(&self) -> Vec<Arc<[f64]>> {
        self.finders.iter().map(|finder| finder.edges().clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binning::resolution::ResolutionTable;
    use proptest::prelude::*;

    fn default_binning() -> Binning {
        Binning {
            resolution: ResolutionTable::default_table(),
            m_min_gev: 10.0,
            m_min_jet_gev: 20.0,
            m_max_gev: 13_000.0,
        }
    }

    #[test]
    fn impossible_ranges_are_refused() {
        let label = "m(mu1,mu2)".parse().unwrap();
        for (low, high) in [(0.0, 100.0), (100.0, 100.0), (f64::NAN, 100.0), (10.0, f64::INFINITY), (1e-300, 13_000.0)]
        {
            let binning = Binning { m_min_gev: low, m_max_gev: high, ..default_binning() };
            let result = edges(&binning, label);
            assert!(result.as_ref().is_err_and(|e| e.to_string().contains("m(mu1,mu2)")), "{low} {high}");
        }
    }

    proptest! {
        #[test]
        fn the_bin_found_is_the_one_that_holds_the_mass(mass in prop_oneof![0.0..200.0_f64, 0.0..15_000.0_f64]) {
            for label in ["m(mu1,mu2)", "m(Z1,Z2)", "m(j1,j2)", "mT(mu1,met)", "m(HM1)"] {
                let edges = edges(&default_binning(), label.parse().unwrap()).unwrap();
                let finder = BinFinder::new(edges.clone());
                prop_assert_eq!(finder.find(mass) as usize, edges.partition_point(|&edge| edge <= mass));
            }
        }
    }

    #[test]
    fn edges_belong_to_the_bin_above_and_odd_numbers_to_flow_bins() {
        let edges = edges(&default_binning(), "m(mu1,mu2)".parse().unwrap()).unwrap();
        let finder = BinFinder::new(edges.clone());
        for (i, &edge) in edges.iter().enumerate() {
            assert_eq!(finder.find(edge) as usize, i + 1);
            assert_eq!(finder.find(edge.next_down()) as usize, i);
        }
        assert_eq!(finder.find(f64::NAN), 0);
        assert_eq!(finder.find(-1.0), 0);
        assert_eq!(finder.find(f64::INFINITY) as usize, finder.bins() + 1);
        assert_eq!(BinFinder::new(Arc::from([])).find(5.0), 0);
    }

    #[test]
    fn masses_of_one_composition_share_their_edges() {
        let mut table = EdgeTable::default();
        let binning = default_binning();
        let mut finder = |text: &str| table.finder(&binning, text.parse().unwrap()).unwrap().1;
        assert!(Arc::ptr_eq(&finder("m(mu1,j1)"), &finder("m(mu2,b3)")));
        assert!(!Arc::ptr_eq(&finder("m(mu1,j1)"), &finder("mT(mu1,j1,met)")));
    }
}

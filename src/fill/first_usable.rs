//! Where a spectrum starts at the earliest: behind the hole that a selection dug (physics.md section 5).
//!
//! In: category, mass, edges (GeV), what was built. Out: a bin, which the book keeps for the scan.

use crate::binning::Binning;
use crate::categories::{Category, Charge};
use crate::objects::Composites;
use crate::particles::pdg::Z_CANDIDATE_MASS_GEV;
use crate::particles::{Kind, MassLabel};

/// First bin of a spectrum that a selection has not dug a hole into: 0, except for same-flavour lepton pairs that may
/// have been taken for a Z. Their mass is empty within the Z window, so they start at the first bin whose lower edge is
/// at or above the window's end plus one sigma; `.ss` pairs are never taken. `edges`: of this mass, GeV.
pub fn first_usable_bin(
    category: &Category,
    mass: MassLabel,
    edges: &[f64],
    binning: &Binning,
    composites: &Composites,
) -> usize {
    let counts = mass.counts();
    let pair = counts[Kind::E] == 2 || counts[Kind::Mu] == 2;
    if !composites.z || !pair || mass.len() != 2 || mass.is_transverse() || category.charge == Charge::Same {
        return 0;
    }
    let window_end = Z_CANDIDATE_MASS_GEV + composites.z_window_gev;
    let sigma = window_end * binning.resolution.mass_resolution(&binning.resolution.composition(mass), window_end);
    edges.partition_point(|&edge| edge < window_end + sigma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binning::edges::edges;
    use crate::binning::resolution::ResolutionTable;

    #[test]
    fn lepton_pairs_start_above_the_z_window_unless_of_the_same_charge() {
        let binning = Binning {
            resolution: ResolutionTable::default_table(),
            m_min_gev: 10.0,
            m_min_jet_gev: 20.0,
            m_max_gev: 13_000.0,
        };
        let composites = Composites::default();
        let first = |category: &str, mass: &str| {
            let mass: MassLabel = mass.parse().unwrap();
            let edges = edges(&binning, mass).unwrap();
            let bin = first_usable_bin(&category.parse().unwrap(), mass, &edges, &binning, &composites);
            (bin > 0).then(|| edges[bin])
        };
        let lower_edge = first("incl/2mu.os/1j", "m(mu1,mu2)").unwrap();
        assert!((107.4..109.0).contains(&lower_edge), "{lower_edge}");
        assert!(first("incl/3e/Xj", "m(e1,e3)").is_some());
        assert_eq!(first("incl/2mu.ss/1j", "m(mu1,mu2)"), None);
        assert_eq!(first("incl/1e1mu.os/1j", "m(e1,mu1)"), None);
        assert_eq!(first("incl/2mu.os/1j", "m(mu1,mu2,j1)"), None);
        assert_eq!(first("incl/2mu.os/1j", "mT(mu1,mu2,met)"), None);
    }
}

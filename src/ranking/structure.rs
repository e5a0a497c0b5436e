//! Structure that is not new physics: known particles and known edges at their masses (physics.md section 11).
//!
//! In: a mass label, a mass and the resolution there (one bin). Out: names. Particles are kept in the list, as
//! rediscoveries; edges make the verdict `shape?`.

use crate::particles::pdg::rounded::{
    H_GEV as H, J_PSI_GEV as J_PSI, TOP_GEV as TOP, UPSILON_GEV as UPSILON, W_GEV as W, Z_GEV as Z,
};
use crate::particles::{Kind, MassLabel};

/// Something known at a mass.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// For people: `Z 91.2`.
    pub name: String,
    /// A particle (a rediscovery) or an edge (a shape).
    pub particle: bool,
}

/// Number of objects of each kind in a label, MET apart.
struct Content {
    leptons: usize,
    same_flavour: bool,
    photons: usize,
    z: usize,
    v: usize,
    jets: usize,
    b_jets: usize,
    others: usize,
    met: bool,
}

impl Content {
    fn of(label: MassLabel) -> Content {
        let kinds: Vec<Kind> = label.objects().map(|(kind, _)| kind).collect();
        let count = |kind: Kind| kinds.iter().filter(|k| **k == kind).count();
        Content {
            leptons: count(Kind::E) + count(Kind::Mu),
            same_flavour: count(Kind::E) % 2 == 0 && count(Kind::Mu) % 2 == 0,
            photons: count(Kind::G),
            z: count(Kind::Z),
            v: count(Kind::V),
            jets: count(Kind::J) + count(Kind::B),
            b_jets: count(Kind::B),
            others: count(Kind::T) + count(Kind::Hm),
            met: label.is_transverse(),
        }
    }

    /// (leptons, photons, Z, V, jets) of a label without T and HM.
    fn signature(&self) -> Option<(usize, usize, usize, usize, usize)> {
        (self.others == 0).then_some((self.leptons, self.photons, self.z, self.v, self.jets))
    }
}

/// A particle is named within this many bins (resolutions).
const PARTICLE_BINS: f64 = 1.5;
/// What piles up before an edge is named up to this many bins below it, and smeared beyond it up to so many above.
const BELOW_EDGE_BINS: f64 = 5.0;
const ABOVE_EDGE_BINS: f64 = 2.5;

/// Known particles and edges near `mass_gev` that the objects of `label` can come from. `bin_gev`: width of a bin there.
pub fn known_structure(label: MassLabel, mass_gev: f64, bin_gev: f64) -> Vec<Known> {
    let content = Content::of(label);
    let table = if content.met { transverse_table(&content) } else { invariant_table(&content) };
    table
        .into_iter()
        .filter(|&(_, mass, particle)| {
            let (below, above) =
                if particle { (PARTICLE_BINS, PARTICLE_BINS) } else { (BELOW_EDGE_BINS, ABOVE_EDGE_BINS) };
            let distance = (mass_gev - mass) / bin_gev;
            -below <= distance && distance <= above
        })
        .map(|(name, mass, particle)| Known { name: format!("{name} {mass}"), particle })
        .collect()
}

type Entry = (&'static str, f64, bool);

fn invariant_table(content: &Content) -> Vec<Entry> {
    let Some(signature) = content.signature() else { return Vec::new() };
    match signature {
        // Two leptons; an electron that was reconstructed as a photon counts as one.
        (2, 0, 0, 0, 0) if content.same_flavour => {
            vec![("J/psi", J_PSI, true), ("Upsilon", UPSILON, true), ("Z", Z, true)]
        }
        (1, 1, 0, 0, 0) => vec![("Z (electron as photon)", Z, true)],
        (0, 2, 0, 0, 0) => vec![("H", H, true), ("Z (electrons as photons)", Z, true)],
        // Final-state radiation, Z -> 4l, H -> 4l.
        (2, 1, 0, 0, 0) | (4, 0, 0, 0, 0) => vec![("Z", Z, true), ("H", H, true)],
        (2, 0, 1, 0, 0) | (0, 1, 1, 0, 0) | (0, 0, 2, 0, 0) => vec![("Z", Z, true), ("H", H, true)],
        // A muon inside a jet: Z -> mumu with one of them in the jet; top -> b l nu: endpoint sqrt(mt^2 - mW^2) = 152.6.
        (1, 0, 0, 0, 1) => vec![("Z (lepton in a jet)", Z, true), ("edge top m(l,b)", 153.0, false)],
        (1, 0, 0, 0, 2) => vec![("edge top m(l,b)", 153.0, false), ("top (lepton in a jet)", TOP, true)],
        (0, 0, 0, 0, 2) if content.b_jets == 2 => vec![("Z", Z, true), ("H", H, true), ("W", W, true)],
        (0, 0, 0, 0, 2) => vec![("W", W, true), ("Z", Z, true)],
        (0, 0, 0, 0, 3) | (0, 0, 0, 1, 1) => vec![("top", TOP, true)],
        _ => Vec::new(),
    }
}

fn transverse_table(content: &Content) -> Vec<Entry> {
    let Some(signature) = content.signature() else { return Vec::new() };
    match signature {
        (1, 0, 0, 0, 0) => vec![("edge W mT(l,met)", W, false), ("edge top mT(l,met)", TOP, false)],
        (1, 0, 0, 0, 1 | 2) => vec![
            ("edge W mT(l,met)", W, false),
            ("edge top m(l,b)", 153.0, false),
            ("edge top mT(l,b,met)", TOP, false),
        ],
        (2, 0, 0, 0, 0) => vec![("edge W mT(l,met)", W, false), ("edge Z", Z, false), ("edge WW", 2.0 * W, false)],
        (0, 0, 0, 0, 1..=3) => vec![("edge W", W, false), ("edge Z", Z, false), ("edge top", TOP, false)],
        (0, 1, 0, 0, 0) | (1, 1, 0, 0, 0) => vec![("edge W", W, false), ("edge Z", Z, false)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(label: &str, mass: f64, bin_gev: f64) -> Vec<String> {
        let label: MassLabel = label.parse().expect("label");
        known_structure(label, mass, bin_gev).into_iter().map(|known| known.name).collect()
    }

    #[test]
    fn rediscoveries_and_edges_are_named_where_the_objects_can_make_them() {
        assert_eq!(names("m(mu1,mu2)", 90.0, 1.5), ["Z 91.2"]);
        assert_eq!(names("m(e1,mu1)", 90.0, 1.5), Vec::<String>::new());
        assert_eq!(names("m(j1,j2,b1)", 165.0, 15.0), ["top 172.5"]);
        assert_eq!(names("m(mu1,b1)", 121.0, 12.0), ["edge top m(l,b) 153"]);
        assert_eq!(names("mT(mu1,met)", 83.0, 5.0), ["edge W mT(l,met) 80.4"]);
        assert_eq!(names("m(mu1,mu2)", 500.0, 20.0), Vec::<String>::new());
    }
}

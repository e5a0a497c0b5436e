//! Structure that is not new physics: known particles and known edges at their masses (physics.md section 11).
//!
//! In: a mass label, a window and the resolution there (one bin), GeV. Out: names. Lines with
//! a name are listed by themselves and keep their p. What is known stands in `KNOWN`, one row each.

use Only::{Always, BothB, NotBothB, SameFlavour};
use What::{Edge, Particle};

use crate::particles::pdg::rounded::{
    H_GEV as H, J_PSI_GEV as J_PSI, TOP_GEV as TOP, UPSILON_GEV as UPSILON, W_GEV as W, Z_GEV as Z,
};
use crate::particles::{Kind, MassLabel};

/// Something known at a mass.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownStructure {
    /// For people: `Z 91.2`.
    pub name: String,
    /// A particle (a rediscovery) or an edge (a shape).
    pub particle: bool,
    /// Where its mass comes from.
    pub source: &'static str,
}

/// What lies at a mass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Particle,
    Edge,
}

/// Of the labels with these objects, which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    Always,
    /// Electrons come in pairs, and muons do.
    SameFlavour,
    /// Both jets have a b-tag.
    BothB,
    NotBothB,
}

/// A particle is named up to this many bins (resolutions) outside of a window.
const PARTICLE_BINS: f64 = 0.5;
/// What piles up before an edge is named up to this many bins below it, and smeared beyond it up to so many above.
const BELOW_EDGE_BINS: f64 = 5.0;
const ABOVE_EDGE_BINS: f64 = 2.5;

/// Endpoint of m(l,b) in top -> b l nu, GeV.
const TOP_LB: f64 = 153.0;

const PDG: &str = "Particle Data Group, rounded";
const ENDPOINT_LB: &str = "sqrt(m_top^2 - m_W^2) = 152.6, a little smeared";
const ENDPOINT: &str = "Particle Data Group, rounded: a transverse mass ends at the mass of what decays";
const PAIR: &str = "2 m_W: a pair of W begins there";

/// One thing known: the objects that can make it (`l`: e or mu, `j`: light jet, with a b-tag or not), which of these
/// labels, its name, its mass in GeV, what it is, where the mass comes from.
type Row = (&'static [&'static str], Only, &'static str, f64, What, &'static str);

/// All that is known; for one label in the order in which the names stand in the list.
#[rustfmt::skip]
const KNOWN: &[Row] = &[
    // An electron that was reconstructed as a photon counts as one.
    (&["2l"],                               SameFlavour, "J/psi",                    J_PSI,   Particle, PDG),
    (&["2l"],                               SameFlavour, "Upsilon",                  UPSILON, Particle, PDG),
    (&["2l"],                               SameFlavour, "Z",                        Z,       Particle, PDG),
    (&["1l 1g"],                            Always,      "Z (electron as photon)",   Z,       Particle, PDG),
    (&["2g"],                               Always,      "H",                        H,       Particle, PDG),
    (&["2g"],                               Always,      "Z (electrons as photons)", Z,       Particle, PDG),
    // Final-state radiation, Z -> 4l, H -> 4l.
    (&["2l 1g", "4l", "2l 1Z", "1g 1Z", "2Z"], Always,   "Z",                        Z,       Particle, PDG),
    (&["2l 1g", "4l", "2l 1Z", "1g 1Z", "2Z"], Always,   "H",                        H,       Particle, PDG),
    // A lepton inside a jet: Z -> mu mu with one of them in the jet; a b jet may lack its tag.
    (&["1l 1j"],                            Always,      "Z (lepton in a jet)",      Z,       Particle, PDG),
    (&["1l 1j", "1l 2j"],                   Always,      "edge top m(l,b)",          TOP_LB,  Edge,     ENDPOINT_LB),
    (&["1l 2j"],                            Always,      "top (lepton in a jet)",    TOP,     Particle, PDG),
    (&["2j"],                               BothB,       "Z",                        Z,       Particle, PDG),
    (&["2j"],                               BothB,       "H",                        H,       Particle, PDG),
    (&["2j"],                               BothB,       "W",                        W,       Particle, PDG),
    (&["2j"],                               NotBothB,    "W",                        W,       Particle, PDG),
    (&["2j"],                               NotBothB,    "Z",                        Z,       Particle, PDG),
    (&["2j"],                               NotBothB,    "edge top m(j,b)",          TOP_LB,  Edge,     ENDPOINT_LB),
    (&["3j", "1V 1j"],                      Always,      "top",                      TOP,     Particle, PDG),
    // Transverse masses.
    (&["1l met", "1l 1j met", "1l 2j met", "2l met"], Always, "edge W mT(l,met)",    W,       Edge,     ENDPOINT),
    (&["1l met"],                           Always,      "edge top mT(l,met)",       TOP,     Edge,     ENDPOINT),
    (&["1l 1j met", "1l 2j met"],           Always,      "edge top m(l,b)",          TOP_LB,  Edge,     ENDPOINT_LB),
    (&["1l 1j met", "1l 2j met"],           Always,      "edge top mT(l,b,met)",     TOP,     Edge,     ENDPOINT),
    (&["2l met"],                           Always,      "edge Z",                   Z,       Edge,     ENDPOINT),
    (&["2l met"],                           Always,      "edge WW",                  2.0 * W, Edge,     PAIR),
    (&["1j met", "2j met", "3j met"],       Always,      "edge W",                   W,       Edge,     ENDPOINT),
    (&["1j met", "2j met", "3j met"],       Always,      "edge Z",                   Z,       Edge,     ENDPOINT),
    (&["1j met", "2j met", "3j met"],       Always,      "edge top",                 TOP,     Edge,     ENDPOINT),
    (&["1g met", "1l 1g met"],              Always,      "edge W",                   W,       Edge,     ENDPOINT),
    (&["1g met", "1l 1g met"],              Always,      "edge Z",                   Z,       Edge,     ENDPOINT),
];

/// Known particles in a window, within half a bin, and edges in reach of it, that the objects of `label` can come from.
/// `bin_gev`: width of a bin there.
pub fn known_in(label: MassLabel, (low, high): (f64, f64), bin_gev: f64) -> Vec<KnownStructure> {
    let objects = objects_of(label);
    KNOWN
        .iter()
        .filter(|(made_of, only, ..)| made_of.contains(&objects.as_str()) && only.holds(label))
        .filter(|(_, _, _, gev, what, _)| what.is_near((low - gev) / bin_gev, (high - gev) / bin_gev))
        .map(|(_, _, name, gev, what, source)| KnownStructure {
            name: format!("{name} {gev}"),
            particle: *what == Particle,
            source,
        })
        .collect()
}

impl What {
    /// `low`, `high`: ends of a window above it, in bins.
    fn is_near(self, low: f64, high: f64) -> bool {
        let (below, above) = match self {
            Particle => (PARTICLE_BINS, PARTICLE_BINS),
            Edge => (BELOW_EDGE_BINS, ABOVE_EDGE_BINS),
        };
        -below <= high && low <= above
    }
}

impl Only {
    fn holds(self, label: MassLabel) -> bool {
        let counts = label.counts();
        let count = |kind: Kind| counts[kind];
        match self {
            Always => true,
            SameFlavour => count(Kind::E) % 2 == 0 && count(Kind::Mu) % 2 == 0,
            BothB => count(Kind::B) == 2,
            NotBothB => count(Kind::B) != 2,
        }
    }
}

/// Objects of a label as [`KNOWN`] spells them, in label order: `2l 1g`, `1l 2j met`.
fn objects_of(label: MassLabel) -> String {
    let counts = label.counts();
    let mut numbers: Vec<(&str, u8)> = Vec::new();
    for kind in Kind::ALL {
        let name = spelt(kind);
        if numbers.last().is_none_or(|(last, _)| *last != name) {
            numbers.push((name, 0));
        }
        if let Some((_, number)) = numbers.last_mut() {
            *number += counts[kind];
        }
    }
    let there = numbers.iter().filter(|(_, number)| *number > 0);
    let mut words: Vec<String> = there.map(|(name, number)| format!("{number}{name}")).collect();
    words.extend(label.is_transverse().then(|| "met".to_string()));
    words.join(" ")
}

/// A kind as [`KNOWN`] spells it. No kind may be left out, or a mass with such an object is named like one without it.
/// Kinds of one name stand together in label order.
const fn spelt(kind: Kind) -> &'static str {
    match kind {
        Kind::E | Kind::Mu => "l",
        Kind::J | Kind::B => "j",
        Kind::G | Kind::Z | Kind::V | Kind::T | Kind::Hm => kind.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(label: &str, mass: f64, bin_gev: f64) -> Vec<String> {
        let label: MassLabel = label.parse().expect("label");
        known_in(label, (mass - bin_gev, mass + bin_gev), bin_gev).into_iter().map(|known| known.name).collect()
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

    /// The tables of physics.md sections 11.1 and 11.2: every row, with all of its names, in their order.
    #[test]
    fn every_label_has_the_names_that_the_specification_gives_it() {
        let lepton_jet = "Z (lepton in a jet) 91.2; edge top m(l,b) 153";
        let transverse_top = "edge W mT(l,met) 80.4; edge top m(l,b) 153; edge top mT(l,b,met) 172.5";
        let jets = "edge W 80.4; edge Z 91.2; edge top 172.5";
        for (label, expected) in [
            ("m(e1,e2)", "J/psi 3.1; Upsilon 9.5; Z 91.2"),
            ("m(e1,mu1)", ""),
            ("m(mu1,g1)", "Z (electron as photon) 91.2"),
            ("m(g1,g2)", "H 125.2; Z (electrons as photons) 91.2"),
            ("m(e1,mu1,g1)", "Z 91.2; H 125.2"),
            ("m(e1,mu1,mu2,mu3)", "Z 91.2; H 125.2"),
            ("m(mu1,mu2,Z1)", "Z 91.2; H 125.2"),
            ("m(g1,Z1)", "Z 91.2; H 125.2"),
            ("m(Z1,Z2)", "Z 91.2; H 125.2"),
            ("m(mu1,j1)", lepton_jet),
            ("m(e1,b1)", lepton_jet),
            ("m(e1,j1,b1)", "edge top m(l,b) 153; top (lepton in a jet) 172.5"),
            ("m(b1,b2)", "Z 91.2; H 125.2; W 80.4"),
            ("m(j1,b1)", "W 80.4; Z 91.2; edge top m(j,b) 153"),
            ("m(j1,j2)", "W 80.4; Z 91.2; edge top m(j,b) 153"),
            ("m(j1,j2,j3)", "top 172.5"),
            ("m(V1,b1)", "top 172.5"),
            ("m(T1,j1)", ""),
            ("m(mu1,mu2,HM1)", ""),
            ("m(e1,e2,e3)", ""),
            ("m(V1,g1)", ""),
            ("mT(mu1,met)", "edge W mT(l,met) 80.4; edge top mT(l,met) 172.5"),
            ("mT(mu1,j1,met)", transverse_top),
            ("mT(e1,b1,b2,met)", transverse_top),
            ("mT(e1,mu1,met)", "edge W mT(l,met) 80.4; edge Z 91.2; edge WW 160.8"),
            ("mT(j1,met)", jets),
            ("mT(j1,j2,b1,met)", jets),
            ("mT(g1,met)", "edge W 80.4; edge Z 91.2"),
            ("mT(e1,g1,met)", "edge W 80.4; edge Z 91.2"),
            ("mT(Z1,met)", ""),
            ("mT(T1,j1,met)", ""),
        ] {
            // Bins so wide that everything is near.
            assert_eq!(names(label, 100.0, 1000.0).join("; "), expected, "{label}");
        }
    }

    #[test]
    fn edges_are_named_from_five_bins_below_to_two_and_a_half_above() {
        let label: MassLabel = "mT(j1,met)".parse().expect("label");
        let at = |bins: f64| {
            let mass = 172.5 + bins * 4.0;
            known_in(label, (mass, mass), 4.0).into_iter().map(|known| known.name).collect::<Vec<_>>()
        };
        assert_eq!((at(-5.1), at(2.6)), (vec![], vec![]));
        assert_eq!((at(-4.9), at(2.4)), (vec!["edge top 172.5".to_string()], vec!["edge top 172.5".to_string()]));
    }
}

//! What the cross-checks make of a bump (physics.md section 10.9).
//!
//! In: a candidate, the z that other estimates bear out, known structure there, what the neighbours say. Out: a
//! [`Reason`], the first that applies, with the numbers that decided; each belongs to one [`Verdict`]. Its sentence is
//! made in [`super::wording`].

use super::bump::Verdict;
use super::candidates::Candidate;
use super::neighbours::NeighbourEvidence;
use super::structure::KnownStructure;
use crate::categories::Category;

/// Neighbours together must be less likely than this to confirm.
pub const CONFIRM_P: f64 = 0.005;
/// A neighbour that expects at least this z could have seen the bump.
const COULD_SEE_Z: f64 = 1.0;
/// The counts must have this part of the network's z over the network's own background.
const LEAST_BACKING: f64 = 0.5;
/// Bumps nearer to the start than this are suspected to be the turn-on.
pub const START_BINS: usize = 3;
/// Wider bumps (sigma in bins, each one resolution) are suspected to be a shape.
pub const WIDEST_SIGMA_BINS: f64 = 4.0;

/// Why a bump has its verdict.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Fewer simulated events stand in the window than their weights say.
    FewRawEvents {
        /// Simulated events.
        raw: u64,
        /// Sum of their weights.
        sum_w: f64,
    },
    /// A known edge lies there.
    KnownEdge {
        /// `edge WW 160.8`.
        name: String,
    },
    /// The turn-on of the spectrum is near.
    NearStart {
        /// Bin of the centre; 1 is the first that was scanned.
        bin: usize,
    },
    /// Wider than a resonance.
    Wide {
        /// Width of the excess as a Gaussian sigma, in bins.
        sigma_bins: f64,
    },
    /// Other estimates do not bear it out.
    NotBacked {
        /// The smallest of all estimates of z.
        backed_z: f64,
    },
    /// Both sides are empty.
    NoNeighbour,
    /// The neighbours see it.
    Seen(Vec<NeighbourZ>),
    /// A neighbour could have seen it, and they do not.
    NotSeen(Vec<NeighbourZ>),
    /// No neighbour could have seen it.
    LittleExpected(Vec<NeighbourZ>),
}

/// z at the bump's mass in a neighbouring multiplicity.
#[derive(Debug, Clone, PartialEq)]
pub struct NeighbourZ {
    /// The neighbour.
    pub category: Category,
    /// z there.
    pub z: f64,
}

/// What is known of a candidate when its verdict is due.
#[derive(Debug, Clone, Copy)]
pub struct Checks<'a> {
    /// The candidate.
    pub candidate: &'a Candidate,
    /// The smallest of three estimates of its z.
    pub backed_z: f64,
    /// Particles and edges at its mass.
    pub known: &'a [KnownStructure],
    /// The neighbours that are not empty.
    pub neighbours: &'a [&'a NeighbourEvidence],
    /// ln of the chance of all of them together.
    pub ln_p_neighbours: f64,
}

impl Reason {
    /// The first reason that applies.
    pub fn of(checks: &Checks) -> Reason {
        let Checks { candidate, backed_z, known, neighbours, ln_p_neighbours } = *checks;
        if let Some(edge) = known.iter().find(|known| !known.particle) {
            return Reason::KnownEdge { name: edge.name.clone() };
        }
        if candidate.peak < START_BINS {
            return Reason::NearStart { bin: candidate.peak + 1 };
        }
        if candidate.sigma_bins > WIDEST_SIGMA_BINS {
            return Reason::Wide { sigma_bins: candidate.sigma_bins };
        }
        if backed_z < LEAST_BACKING * candidate.z {
            return Reason::NotBacked { backed_z };
        }
        if neighbours.is_empty() {
            return Reason::NoNeighbour;
        }
        let z = neighbours.iter().filter_map(|side| {
            let (category, z) = (side.neighbour.category.clone()?, side.neighbour.z?);
            Some(NeighbourZ { category, z })
        });
        let z = z.collect();
        if ln_p_neighbours < CONFIRM_P.ln() {
            Reason::Seen(z)
        } else if neighbours.iter().any(|side| side.expected_z >= COULD_SEE_Z) {
            Reason::NotSeen(z)
        } else {
            Reason::LittleExpected(z)
        }
    }

    /// The verdict that it belongs to.
    pub fn verdict(&self) -> Verdict {
        match self {
            Reason::KnownEdge { .. } | Reason::NearStart { .. } | Reason::Wide { .. } | Reason::NotBacked { .. } => {
                Verdict::Shape
            }
            Reason::FewRawEvents { .. } | Reason::NoNeighbour | Reason::LittleExpected(_) => Verdict::NoStatistics,
            Reason::Seen(_) => Verdict::Confirmed,
            Reason::NotSeen(_) => Verdict::Isolated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::bump::Neighbour;

    fn side(z: f64, ln_p: f64, expected_z: f64) -> NeighbourEvidence {
        let category = Some("incl/2mu.os/2j".parse().expect("a category"));
        NeighbourEvidence {
            neighbour: Neighbour { category, z: Some(z), ..Neighbour::default() },
            ln_p: Some(ln_p),
            expected_z,
        }
    }

    /// A narrow candidate of z 4 in the middle of its spectrum, changed as a test wants it.
    fn candidate(change: impl FnOnce(&mut Candidate)) -> Candidate {
        let mut candidate =
            Candidate { peak: 20, window: 18..23, sigma_bins: 1.5, z: 4.0, observed: 60.0, expected: 30.0 };
        change(&mut candidate);
        candidate
    }

    fn reason(candidate: &Candidate, backed_z: f64, known: &[KnownStructure], sides: &[NeighbourEvidence]) -> Reason {
        let neighbours: Vec<&NeighbourEvidence> = sides.iter().collect();
        let ln_p_neighbours = sides.iter().filter_map(|side| side.ln_p).sum();
        Reason::of(&Checks { candidate, backed_z, known, neighbours: &neighbours, ln_p_neighbours })
    }

    #[test]
    fn edges_turn_ons_wide_and_unbacked_bumps_are_shapes_whatever_the_neighbours_say() {
        let seen = [side(5.0, -15.0, 4.0)];
        let known = |particle| [KnownStructure { name: "edge WW 160.8".into(), particle, source: "" }];
        let good = candidate(|_| ());
        let edge = Reason::KnownEdge { name: "edge WW 160.8".into() };
        assert_eq!(reason(&good, 4.0, &known(false), &seen), edge);
        assert_eq!(reason(&candidate(|c| c.peak = 2), 4.0, &[], &seen), Reason::NearStart { bin: 3 });
        assert_eq!(reason(&candidate(|c| c.sigma_bins = 6.0), 4.0, &[], &seen), Reason::Wide { sigma_bins: 6.0 });
        assert_eq!(reason(&good, 1.9, &[], &seen), Reason::NotBacked { backed_z: 1.9 });
        // A particle there changes the order, not the verdict; the limits themselves are not beyond the limits.
        let at_the_limits = candidate(|c| (c.peak, c.sigma_bins) = (3, 4.0));
        assert_eq!(reason(&at_the_limits, 2.0, &known(true), &seen).verdict(), Verdict::Confirmed);
        for shape in [edge, Reason::NearStart { bin: 3 }, Reason::Wide { sigma_bins: 6.0 }] {
            assert_eq!(shape.verdict(), Verdict::Shape);
        }
    }

    #[test]
    fn neighbours_confirm_below_half_a_percent_and_isolate_only_if_they_could_have_seen_it() {
        let of = |ln_p: f64, expected_z: f64| reason(&candidate(|_| ()), 4.0, &[], &[side(1.0, ln_p, expected_z)]);
        assert_eq!(of(0.0049_f64.ln(), 0.0).verdict(), Verdict::Confirmed);
        assert_eq!(of(0.0051_f64.ln(), 1.0).verdict(), Verdict::Isolated);
        assert_eq!(of(0.0051_f64.ln(), 0.99).verdict(), Verdict::NoStatistics);
        assert_eq!(reason(&candidate(|_| ()), 4.0, &[], &[]), Reason::NoNeighbour);
    }
}

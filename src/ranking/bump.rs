//! One line of the bump list, as written to bumps.csv and report.json. Masses in GeV.

use serde::{Deserialize, Serialize};

use crate::categories::Category;
use crate::particles::MassLabel;

/// A place in one spectrum where the data stand above the predicted background.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Bump {
    /// 1 is the most interesting.
    pub rank: usize,
    /// Category, `incl/2mu.os/1j`.
    pub category: Category,
    /// Mass, `m(mu1,mu2)`; in files `transverse` follows it, for those who do not read labels.
    #[serde(flatten, with = "with_transverse")]
    pub mass: MassLabel,
    /// Mean mass of the excess in the window, GeV.
    pub peak_gev: f64,
    /// Window, GeV.
    pub low_gev: f64,
    /// Window, GeV.
    pub high_gev: f64,
    /// Length of the window in bins (each bin one sigma of resolution); not the width of the excess.
    pub width_bins: usize,
    /// Events in the window.
    pub observed: f64,
    /// Predicted background in the window (auxiliary output of the network).
    pub expected: f64,
    /// Local z at the peak: a score (largest over four widths), not a standard normal.
    pub z_local: f64,
    /// Where the z over the true background lies with 68 % probability; None if the network gives no uncertainties.
    #[serde(default)]
    pub z_local_interval: Option<[f64; 2]>,
    /// Where the background in the window lies with 68 % probability, if all of its bins are off together; None as above.
    #[serde(default)]
    pub expected_interval: Option<[f64; 2]>,
    /// Chance that background alone is as significant anywhere in a spectrum like this one.
    pub p_spectrum: f64,
    /// True: `p_spectrum` is extrapolated, it lies beyond the toys of its table (or there is no table, and it is 1).
    pub p_spectrum_is_bound: bool,
    /// Chance of evidence as good as `z_combined` in any of the scanned spectra of the campaign, counted as independent.
    pub p_campaign: f64,
    /// Jet multiplicity n - 1.
    pub neighbour_minus: Neighbour,
    /// Jet multiplicity n + 1.
    pub neighbour_plus: Neighbour,
    /// The same place in control categories, where these were scanned; not used for the verdict.
    #[serde(default)]
    pub controls: Vec<Control>,
    /// Combination of the spectrum and its neighbours, in standard deviations.
    pub z_combined: f64,
    /// Verdict of the cross-checks.
    pub verdict: Verdict,
    /// Known particles and known structure at this mass: `Z 91.2`, `top edge m(l,b) 153`.
    pub known: Vec<String>,
    /// One sentence for people: why this verdict.
    pub reason: String,
}

impl Bump {
    /// Transverse masses have Jacobian edges, no Gaussian peaks: never called a mass peak.
    pub fn is_transverse(&self) -> bool {
        self.mass.is_transverse()
    }
}

/// A mass label as the two keys `mass` and `transverse`; the label decides when read back.
mod with_transverse {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::particles::MassLabel;

    #[derive(Serialize)]
    struct Written {
        mass: MassLabel,
        transverse: bool,
    }

    #[derive(Deserialize)]
    struct Read {
        mass: MassLabel,
    }

    pub fn serialize<S: Serializer>(mass: &MassLabel, serializer: S) -> Result<S::Ok, S::Error> {
        Written { mass: *mass, transverse: mass.is_transverse() }.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MassLabel, D::Error> {
        Read::deserialize(deserializer).map(|read| read.mass)
    }
}

/// What the same mass looks like in a neighbouring jet multiplicity.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Default)]
pub struct Neighbour {
    /// Category; None where there is no such multiplicity (`0j`, `6j+`) or the label does not exist there.
    pub category: Option<Category>,
    /// How z was found; None: empty side.
    pub method: Option<NeighbourMethod>,
    /// z at the same mass.
    pub z: Option<f64>,
    /// Events in the window.
    pub observed: Option<f64>,
    /// Background in the window.
    pub background: Option<f64>,
    /// Excess expected there if the excess followed the background's jet spectrum.
    pub expected_excess: Option<f64>,
}

/// The same place in a control category (same charge, other flavour).
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Control {
    /// Category.
    pub category: Category,
    /// Mass there.
    pub mass: MassLabel,
    /// z of the network at the same mass.
    pub z: f64,
    /// Events in the window.
    pub observed: f64,
    /// Background in the window.
    pub background: f64,
}

/// How the z of a neighbour was found.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum NeighbourMethod {
    /// The network, on a spectrum that passes the limits for scanning.
    Network,
    /// Exact Poisson of the window against a background extrapolated from the group's shape.
    Poisson,
}

/// Verdict of the cross-checks.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Seen by the neighbours, no known structure.
    #[serde(rename = "confirmed")]
    Confirmed,
    /// The neighbours could have seen it and did not.
    #[serde(rename = "isolated")]
    Isolated,
    /// Turn-on, edge or too wide: structure rather than a resonance.
    #[serde(rename = "shape?")]
    Shape,
    /// Neither neighbour has the events to tell.
    #[serde(rename = "no statistics")]
    NoStatistics,
}

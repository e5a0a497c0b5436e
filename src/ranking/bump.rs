//! One line of the list, as written to bumps.csv and report.json. Masses in GeV.

use serde::{Deserialize, Serialize};

use crate::categories::Category;
use crate::particles::MassLabel;

/// A window of one stack that holds more events than its background.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Bump {
    /// Rank of its candidate, 1 is the first; lines of one candidate share it, its head comes first.
    pub rank: usize,
    /// Group of objects with the jets that are counted together where that is one multiplicity, `Xj` otherwise.
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
    /// Length of the window in bins (each bin one standard deviation of the resolution).
    pub width_bins: usize,
    /// Multiplicities that are counted together: `Xj`, `2j to 6j+`.
    pub jets: String,
    /// Events in the window.
    pub observed: f64,
    /// Background in the window, from the bins outside of it.
    pub expected: f64,
    /// Error of the background: of the fit, and of the smooth model.
    pub expected_error: f64,
    /// Chance of as many events in this window, the background uncertain.
    pub p_local: f64,
    /// Chance that background alone shows a line as significant anywhere in this stack.
    pub p_stack: f64,
    /// Background-only toys behind `p_stack`.
    pub p_stack_toys: u64,
    /// True: fewer toys than needed were as significant, `p_stack` is extrapolated.
    pub p_stack_is_extrapolated: bool,
    /// Chance of such a line anywhere in the campaign: `1 - (1 - p_stack)^n`, n the stacks of this kind of mass.
    pub p_campaign: f64,
    /// Local z: root of the likelihood ratio of all counted multiplicities together, the background profiled.
    pub z_combined: f64,
    /// Largest z of the network in the window of the spectrum of `category`, where it was scanned.
    pub z_network: Option<f64>,
    /// The window in each multiplicity.
    pub rows: Vec<RowSeen>,
    /// The same window in control categories; they do not enter any p.
    pub controls: Vec<Control>,
    /// What the line is called.
    pub verdict: Verdict,
    /// Known particles and known structure at this mass: `Z 91.2`, `edge top m(l,b) 153`.
    pub known: Vec<String>,
    /// Sentences for people: where it is seen, what speaks against it.
    pub reason: String,
}

impl Bump {
    /// Transverse masses have Jacobian edges, no Gaussian peaks: never called a mass peak.
    pub fn is_transverse(&self) -> bool {
        self.mass.is_transverse()
    }

    /// Events of all multiplicities in the window.
    pub fn observed_in_all(&self) -> f64 {
        if self.rows.is_empty() { self.observed } else { self.rows.iter().map(|row| row.observed).sum() }
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

/// The window of a line in one multiplicity.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct RowSeen {
    /// Category.
    pub category: Category,
    /// Events.
    pub observed: f64,
    /// Background.
    pub expected: f64,
    /// Its error.
    pub expected_error: f64,
    /// Chance of as many events, half of the chance of just as many left out (mid-p), the background uncertain.
    pub p: f64,
    /// Largest z of the network in the window, where the spectrum was scanned.
    pub z_network: Option<f64>,
}

/// The window of a line in a control category (same charge, other flavour), fitted in the same way.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Control {
    /// Category, all multiplicities.
    pub category: Category,
    /// Mass there.
    pub mass: MassLabel,
    /// Events in the window.
    pub observed: f64,
    /// Background in the window.
    pub expected: f64,
    /// Its error.
    pub expected_error: f64,
    /// Chance of as many events (mid-p).
    pub p: f64,
}

/// What a line is called.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Rarer than chance allows in the campaign, in an invariant mass, nothing known there.
    #[serde(rename = "excess")]
    Excess,
    /// As rare, in a transverse mass: these have edges that no smooth background describes.
    #[serde(rename = "shape?")]
    Shape,
    /// Chance gives as much somewhere in the campaign.
    #[serde(rename = "chance")]
    Chance,
    /// At a known particle or a known edge.
    #[serde(rename = "known")]
    Known,
    /// Too few simulated events stand behind it to tell.
    #[serde(rename = "cannot tell")]
    CannotTell,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 5] =
        [Verdict::Excess, Verdict::Shape, Verdict::Chance, Verdict::Known, Verdict::CannotTell];

    /// As it is spelt in every output.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Excess => "excess",
            Verdict::Shape => "shape?",
            Verdict::Chance => "chance",
            Verdict::Known => "known",
            Verdict::CannotTell => "cannot tell",
        }
    }
}

//! A category by name, and its text form `region/objects/jets`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::counts::{COUNTED_KINDS, ObjectCounts};
use crate::particles::Kind;

/// Where an event belongs: a region, counts of objects, a charge where two charged leptons are left, and light jets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Category {
    /// Kinematic region of the campaign, `incl`.
    pub region: String,
    /// Counts of e, mu, g, Z, V, T, HM after Z building.
    pub objects: ObjectCounts,
    /// Set exactly where two charged leptons are left.
    pub charge: Charge,
    /// Light jets, b or not.
    pub jets: JetCount,
}

impl Category {
    /// The same objects with one light jet more (`+1`) or less (`-1`); None where there is no such multiplicity: below
    /// `0j`, above `6j+`, beside `Xj`.
    pub fn neighbour(&self, step: i32) -> Option<Category> {
        let jets = self.jets.neighbour(step)?;
        Some(Category { jets, ..self.clone() })
    }

    /// The same category in another jet count.
    pub fn with_jets(&self, jets: JetCount) -> Category {
        Category { jets, ..self.clone() }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}/{}", self.region, self.objects, self.charge.suffix(), self.jets)
    }
}

impl FromStr for Category {
    type Err = CategoryError;

    fn from_str(text: &str) -> Result<Self, CategoryError> {
        let mut parts = text.split('/');
        let (Some(region), Some(objects), Some(jets), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(CategoryError::Form { text: text.into() });
        };
        if region.is_empty() || !region.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(CategoryError::Region { region: region.into() });
        }
        let (counts, charge) = match (objects.strip_suffix(".os"), objects.strip_suffix(".ss")) {
            (Some(counts), _) => (counts, Charge::Opposite),
            (_, Some(counts)) => (counts, Charge::Same),
            _ => (objects, Charge::NotSplit),
        };
        let counts: ObjectCounts = counts.parse()?;
        if (counts.leptons() == 2) != (charge != Charge::NotSplit) {
            return Err(CategoryError::Charge { objects: objects.into() });
        }
        Ok(Category { region: region.into(), objects: counts, charge, jets: jets.parse()? })
    }
}

impl Serialize for Category {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Category {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Charges of exactly two charged leptons left after Z building.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Charge {
    /// Another number of charged leptons: not split.
    #[default]
    NotSplit,
    /// Opposite charges, `.os`.
    Opposite,
    /// Same charges, `.ss`.
    Same,
}

impl Charge {
    /// `.os`, `.ss` or nothing.
    pub const fn suffix(self) -> &'static str {
        match self {
            Charge::NotSplit => "",
            Charge::Opposite => ".os",
            Charge::Same => ".ss",
        }
    }
}

/// Number of light jets, b-tagged or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JetCount {
    /// 0 to 5.
    Exactly(u8),
    /// `6j+`.
    SixOrMore,
    /// `Xj`: all counts together.
    Any,
}

impl JetCount {
    /// The exclusive count of an event with `n` light jets.
    pub fn exclusive(n: usize) -> JetCount {
        match n {
            0..=5 => JetCount::Exactly(n as u8),
            _ => JetCount::SixOrMore,
        }
    }

    /// One more or one less; see [`Category::neighbour`].
    pub fn neighbour(self, step: i32) -> Option<JetCount> {
        let here = match self {
            JetCount::Exactly(n) => i32::from(n),
            JetCount::SixOrMore => 6,
            JetCount::Any => return None,
        };
        match here.checked_add(step)? {
            n @ 0..=6 => Some(JetCount::exclusive(n as usize)),
            _ => None,
        }
    }
}

impl fmt::Display for JetCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JetCount::Exactly(n) => write!(f, "{n}j"),
            JetCount::SixOrMore => f.write_str("6j+"),
            JetCount::Any => f.write_str("Xj"),
        }
    }
}

impl FromStr for JetCount {
    type Err = CategoryError;

    fn from_str(text: &str) -> Result<Self, CategoryError> {
        match text.as_bytes() {
            b"Xj" => Ok(JetCount::Any),
            b"6j+" => Ok(JetCount::SixOrMore),
            [n @ b'0'..=b'5', b'j'] => Ok(JetCount::Exactly(n - b'0')),
            _ => Err(CategoryError::Jets { jets: text.into() }),
        }
    }
}

/// A text that is not a category.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CategoryError {
    /// Not three parts.
    #[error("`{text}` is not a category\nhint: region/objects/jets, such as incl/2mu.os/3j")]
    Form {
        /// What was given.
        text: String,
    },
    /// Region name.
    #[error("`{region}` is not a region name\nhint: letters, digits and _")]
    Region {
        /// What was given.
        region: String,
    },
    /// Objects.
    #[error(
        "`{objects}` is not the object part of a category\nhint: counts of {} in this order, such as 2mu1g.os, 4+mu, none",
        Kind::names(&COUNTED_KINDS, " ")
    )]
    Objects {
        /// What was given.
        objects: String,
    },
    /// Charge suffix.
    #[error(
        "`{objects}`: .os or .ss is needed with exactly two charged leptons, and not otherwise\nhint: 2mu.os, 1e1mu.ss, but 1mu and 3e"
    )]
    Charge {
        /// What was given.
        objects: String,
    },
    /// Jets.
    #[error("`{jets}` is not a jet count\nhint: 0j to 5j, 6j+ or Xj")]
    Jets {
        /// What was given.
        jets: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_end_at_0j_and_6j_plus() {
        let at = |text: &str| text.parse::<Category>().unwrap();
        assert_eq!(at("incl/1mu/0j").neighbour(-1), None);
        assert_eq!(at("incl/1mu/0j").neighbour(1), Some(at("incl/1mu/1j")));
        assert_eq!(at("incl/1mu/5j").neighbour(1), Some(at("incl/1mu/6j+")));
        assert_eq!(at("incl/1mu/6j+").neighbour(-1), Some(at("incl/1mu/5j")));
        assert_eq!(at("incl/1mu/6j+").neighbour(1), None);
        assert_eq!(at("incl/1mu/Xj").neighbour(1), None);
        assert_eq!(at("incl/1mu/3j").neighbour(i32::MAX), None);
    }

    #[test]
    fn charge_stands_where_two_leptons_are_left() {
        for good in ["incl/2mu.os/3j", "incl/1e1mu1g.ss/Xj", "met200/1Z1V/6j+", "incl/none/2j", "a/4+mu/0j"] {
            assert_eq!(good.parse::<Category>().map(|c| c.to_string()), Ok(good.to_string()));
        }
        for bad in [
            "incl/2mu/3j",
            "incl/1mu.os/3j",
            "incl/3e.ss/0j",
            "incl/2mu.os/7j",
            "incl/2mu.os",
            "/1mu/0j",
            "a b/1mu/0j",
            "incl/1mu/0j/x",
        ] {
            assert!(bad.parse::<Category>().is_err(), "{bad}");
        }
    }
}

//! How many objects of each kind an event holds, as categories count them.
//!
//! In: numbers of e, mu, g, Z, V, T, HM after Z building. Out: counts from 0 to 4, where 4 means "4 or more", and their
//! text: `2mu1g`, `4+mu`, `none` (physics.md section 3).

use std::fmt;
use std::str::FromStr;

use super::CategoryError;
use crate::particles::{Kind, PerKind};

/// Kinds that make a category, in text order: all but light jets, which make its last part.
pub const COUNTED_KINDS: [Kind; Kind::BUT_LIGHT_JETS.len()] = Kind::BUT_LIGHT_JETS;

/// "4 or more".
pub const MANY: u8 = 4;

/// Counts of e, mu, g, Z, V, T, HM; each 0 to 4, 4 meaning "4 or more". Those of light jets stay 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ObjectCounts(PerKind<u8>);

impl ObjectCounts {
    /// From the true number of each kind; everything from 4 on is "4 or more".
    #[inline]
    pub fn new(mut number: impl FnMut(Kind) -> usize) -> Self {
        let mut counts = PerKind::default();
        for kind in COUNTED_KINDS {
            counts[kind] = number(kind).min(MANY as usize) as u8;
        }
        ObjectCounts(counts)
    }

    /// Count of a kind (4: 4 or more); light jets are not counted here: 0.
    pub fn get(&self, kind: Kind) -> u8 {
        self.0[kind]
    }

    /// Charged leptons: e + mu.
    pub fn leptons(&self) -> u8 {
        self.0[Kind::E] + self.0[Kind::Mu]
    }

    /// The same counts with two kinds exchanged.
    pub fn exchanged(self, a: Kind, b: Kind) -> Self {
        let name = |kind| {
            if kind == a {
                b
            } else if kind == b {
                a
            } else {
                kind
            }
        };
        ObjectCounts::new(|kind| usize::from(self.get(name(kind))))
    }
}

impl fmt::Display for ObjectCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == ObjectCounts::default() {
            return f.write_str("none");
        }
        for kind in COUNTED_KINDS {
            match self.0[kind] {
                0 => {}
                MANY => write!(f, "4+{kind}")?,
                n => write!(f, "{n}{kind}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for ObjectCounts {
    type Err = CategoryError;

    fn from_str(text: &str) -> Result<Self, CategoryError> {
        if text == "none" {
            return Ok(ObjectCounts::default());
        }
        let wrong = || CategoryError::Objects { objects: text.into() };
        let mut counts = PerKind::default();
        let mut next_kind = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let n = rest.bytes().next().filter(u8::is_ascii_digit).map(|b| b - b'0').ok_or_else(wrong)?;
            rest = rest.get(1..).ok_or_else(wrong)?;
            let plus = rest.strip_prefix('+');
            if n == 0 || n > MANY || (n == MANY) != plus.is_some() {
                return Err(wrong());
            }
            rest = plus.unwrap_or(rest);
            let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let index = COUNTED_KINDS.iter().position(|kind| kind.name() == name).ok_or_else(wrong)?;
            if index < next_kind {
                return Err(wrong());
            }
            counts[COUNTED_KINDS[index]] = n;
            next_kind = index + 1;
            rest = after;
        }
        if next_kind == 0 {
            return Err(wrong());
        }
        Ok(ObjectCounts(counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(numbers: &[(Kind, usize)]) -> ObjectCounts {
        ObjectCounts::new(|kind| numbers.iter().find(|one| one.0 == kind).map_or(0, |one| one.1))
    }

    #[test]
    fn four_means_four_or_more() {
        assert_eq!(counts(&[(Kind::Mu, 7)]).to_string(), "4+mu");
        assert_eq!(counts(&[(Kind::E, 2), (Kind::G, 1), (Kind::Hm, 4)]).to_string(), "2e1g4+HM");
        assert_eq!("2e1g4+HM".parse(), Ok(counts(&[(Kind::E, 2), (Kind::G, 1), (Kind::Hm, 9)])));
    }

    #[test]
    fn light_jets_are_no_part_of_the_counts() {
        assert_eq!(counts(&[(Kind::J, 3), (Kind::B, 1)]).to_string(), "none");
        assert_eq!(counts(&[(Kind::E, 2), (Kind::Z, 1)]).exchanged(Kind::E, Kind::Mu).to_string(), "2mu1Z");
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "4mu", "3+mu", "0mu", "1mu1e", "1mu1mu", "mu", "2", "5e", "1j", "1\u{e9}"] {
            assert!(text.parse::<ObjectCounts>().is_err(), "{text}");
        }
    }
}

//! How many objects of each kind an event holds, as categories count them.
//!
//! In: numbers of e, mu, g, Z, V, T, HM after Z building. Out: counts from 0 to 4, where 4 means "4 or more", and their
//! text: `2mu1g`, `4+mu`, `none` (physics.md section 3).

use std::fmt;
use std::str::FromStr;

use super::CategoryError;
use crate::particles::Kind;

/// Kinds that make a category, in text order.
pub const COUNTED_KINDS: [Kind; 7] = [Kind::E, Kind::Mu, Kind::G, Kind::Z, Kind::V, Kind::T, Kind::Hm];

/// "4 or more".
pub const MANY: u8 = 4;

/// Counts of e, mu, g, Z, V, T, HM; each 0 to 4, 4 meaning "4 or more".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ObjectCounts([u8; 7]);

impl ObjectCounts {
    /// From true numbers in the order e mu g Z V T HM; everything from 4 on is "4 or more".
    pub fn new(numbers: [usize; 7]) -> Self {
        ObjectCounts(numbers.map(|n| n.min(MANY as usize) as u8))
    }

    /// Count of a kind (4: 4 or more); light jets are not counted here: 0.
    pub fn get(&self, kind: Kind) -> u8 {
        self.0.get(kind.index()).copied().unwrap_or(0)
    }

    /// The counts in the order e mu g Z V T HM.
    pub fn as_array(&self) -> [u8; 7] {
        self.0
    }

    /// Charged leptons: e + mu.
    pub fn leptons(&self) -> u8 {
        self.0[0] + self.0[1]
    }

    /// From counts that are 0 to 4 already; None where one is larger.
    pub fn from_array(counts: [u8; 7]) -> Option<Self> {
        counts.iter().all(|&n| n <= MANY).then_some(ObjectCounts(counts))
    }
}

impl fmt::Display for ObjectCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.iter().all(|&n| n == 0) {
            return f.write_str("none");
        }
        for (kind, &n) in COUNTED_KINDS.iter().zip(&self.0) {
            match n {
                0 => {}
                MANY => write!(f, "4+{kind}")?,
                _ => write!(f, "{n}{kind}")?,
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
        let mut counts = [0_u8; 7];
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
            counts[index] = n;
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

    #[test]
    fn four_means_four_or_more() {
        assert_eq!(ObjectCounts::new([0, 7, 0, 0, 0, 0, 0]).to_string(), "4+mu");
        assert_eq!(ObjectCounts::new([2, 0, 1, 0, 0, 0, 4]).to_string(), "2e1g4+HM");
        assert_eq!("2e1g4+HM".parse::<ObjectCounts>(), Ok(ObjectCounts::new([2, 0, 1, 0, 0, 0, 9])));
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "4mu", "3+mu", "0mu", "1mu1e", "1mu1mu", "mu", "2", "5e", "1j", "1\u{e9}"] {
            assert!(text.parse::<ObjectCounts>().is_err(), "{text}");
        }
    }
}

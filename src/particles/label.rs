//! Mass labels: `m(mu1,j1,j2)`, `mT(mu1,met)`; text forms round-trip.
//!
//! In: kinds with numbers and whether MET takes part. Out: a [`MassLabel`], 16 bytes, that is compared and hashed as a
//! number and becomes text only at the end. Objects stand in the order e mu g Z V T HM j b, then by number
//! (physics.md section 4).
//!
//! ```
//! use bumphound::particles::label::{Kind, MassLabel};
//! let mass: MassLabel = "m(mu1,j1,j2)".parse().unwrap();
//! assert_eq!(mass.objects().collect::<Vec<_>>(), [(Kind::Mu, 1), (Kind::J, 1), (Kind::J, 2)]);
//! assert_eq!(mass.to_string(), "m(mu1,j1,j2)");
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Kinds of labelled objects in label order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Electron.
    E,
    /// Muon.
    Mu,
    /// Photon.
    G,
    /// Leptonic Z candidate.
    Z,
    /// Hadronic V candidate.
    V,
    /// Top candidate.
    T,
    /// High-mass jet.
    Hm,
    /// Light jet, not b-tagged.
    J,
    /// Light jet, b-tagged.
    B,
}

impl Kind {
    /// All kinds in label order.
    pub const ALL: [Kind; 9] = [Kind::E, Kind::Mu, Kind::G, Kind::Z, Kind::V, Kind::T, Kind::Hm, Kind::J, Kind::B];

    /// Position in [`Kind::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Name in labels and categories: e mu g Z V T HM j b.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::E => "e",
            Kind::Mu => "mu",
            Kind::G => "g",
            Kind::Z => "Z",
            Kind::V => "V",
            Kind::T => "T",
            Kind::Hm => "HM",
            Kind::J => "j",
            Kind::B => "b",
        }
    }

    /// Largest number that a label can carry: 16 objects are labelled at most, of light jets the four leading ones.
    pub const fn max_number(self) -> u8 {
        match self {
            Kind::J | Kind::B => 4,
            _ => 16,
        }
    }

    /// True for jets of any mass: j b V T HM.
    pub const fn is_jet(self) -> bool {
        matches!(self, Kind::V | Kind::T | Kind::Hm | Kind::J | Kind::B)
    }

    /// First bit of this kind in a packed label.
    const fn first_bit(self) -> u32 {
        match self {
            Kind::B => 116,
            other => other.index() as u32 * 16,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        Kind::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| LabelError::Object { object: text.into() })
    }
}

/// Bit of MET in a packed label.
const MET_BIT: u32 = 120;

/// Which objects a mass is made of, packed: one bit per labelled object, one for MET.
///
/// The order of `MassLabel` is that of the bits; sorted text order is that of [`ToString`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MassLabel(u128);

impl MassLabel {
    /// The label of one object; None where the number is 0 or above [`Kind::max_number`].
    pub const fn object(kind: Kind, number: u8) -> Option<MassLabel> {
        if number == 0 || number > kind.max_number() {
            return None;
        }
        Some(MassLabel(1 << (kind.first_bit() + number as u32 - 1)))
    }

    /// MET alone: not a mass by itself, added with [`MassLabel::with`] to make a transverse mass.
    pub const MET: MassLabel = MassLabel(1 << MET_BIT);

    /// Both labels together.
    pub const fn with(self, other: MassLabel) -> MassLabel {
        MassLabel(self.0 | other.0)
    }

    /// The packed form, as stored in books.
    pub const fn to_bits(self) -> u128 {
        self.0
    }

    /// From the packed form; None where bits are set that mean nothing or no object is in it.
    pub const fn from_bits(bits: u128) -> Option<MassLabel> {
        if bits >> (MET_BIT + 1) != 0 || bits & !MassLabel::MET.0 == 0 {
            return None;
        }
        Some(MassLabel(bits))
    }

    /// True for a transverse mass (MET takes part).
    pub const fn is_transverse(self) -> bool {
        self.0 & MassLabel::MET.0 != 0
    }

    /// Number of objects, MET not counted.
    pub const fn len(self) -> usize {
        (self.0 & !MassLabel::MET.0).count_ones() as usize
    }

    /// True if no object is in it.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Objects in label order, MET left out.
    pub fn objects(self) -> impl Iterator<Item = (Kind, u8)> {
        let mut bits = self.0 & !MassLabel::MET.0;
        std::iter::from_fn(move || {
            if bits == 0 {
                return None;
            }
            let bit = bits.trailing_zeros();
            bits &= bits - 1;
            let kind = if bit >= Kind::B.first_bit() { Kind::B } else { Kind::ALL[(bit / 16) as usize] };
            Some((kind, (bit - kind.first_bit() + 1) as u8))
        })
    }

    /// Objects per kind, indexed by [`Kind::index`].
    pub fn counts(self) -> [u8; 9] {
        let mut counts = [0; 9];
        for (kind, _) in self.objects() {
            counts[kind.index()] += 1;
        }
        counts
    }

    /// True if all objects of `other` (and MET, if `other` has it) are in this label.
    pub const fn contains(self, other: MassLabel) -> bool {
        self.0 & other.0 == other.0
    }
}

impl MassLabel {
    /// Appends the text form; labels are sorted by it, so it is made often and without the formatter.
    pub fn write_to(self, text: &mut String) {
        text.push_str(if self.is_transverse() { "mT(" } else { "m(" });
        for (i, (kind, number)) in self.objects().enumerate() {
            if i > 0 {
                text.push(',');
            }
            text.push_str(kind.name());
            if number >= 10 {
                text.push('1');
            }
            text.push(char::from(b'0' + number % 10));
        }
        text.push_str(if self.is_transverse() { ",met)" } else { ")" });
    }
}

impl fmt::Display for MassLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write_to(&mut text);
        f.pad(&text)
    }
}

impl FromStr for MassLabel {
    type Err = LabelError;

    /// Objects may stand in any order and with spaces; [`ToString`] gives the canonical form.
    fn from_str(text: &str) -> Result<Self, LabelError> {
        let form = || LabelError::Form { text: text.into() };
        let trimmed = text.trim();
        let (transverse, inner) = match (trimmed.strip_prefix("mT("), trimmed.strip_prefix("m(")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(form()),
        };
        let inner = inner.strip_suffix(')').ok_or_else(form)?;
        let mut bits = 0_u128;
        for word in inner.split(',').map(str::trim) {
            let one = if word == "met" { MassLabel::MET } else { parse_object(word)? };
            if bits & one.0 != 0 {
                return Err(LabelError::Twice { object: word.into(), text: text.into() });
            }
            bits |= one.0;
        }
        let label = MassLabel::from_bits(bits).ok_or_else(form)?;
        if label.is_transverse() != transverse {
            return Err(LabelError::Met { text: text.into() });
        }
        Ok(label)
    }
}

fn parse_object(word: &str) -> Result<MassLabel, LabelError> {
    let wrong = || LabelError::Object { object: word.into() };
    let digits = word.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?;
    let (name, number) = word.split_at(digits);
    let kind: Kind = name.parse().map_err(|_| wrong())?;
    if number.starts_with('0') {
        return Err(wrong());
    }
    let number: u8 = number.parse().map_err(|_| wrong())?;
    MassLabel::object(kind, number).ok_or_else(wrong)
}

impl Serialize for MassLabel {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MassLabel {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is not a mass label.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LabelError {
    /// Neither `m(...)` nor `mT(...)`.
    #[error("`{text}` is not a mass label\nhint: write m(mu1,j1,j2) or mT(mu1,met)")]
    Form {
        /// What was given.
        text: String,
    },
    /// An unknown object or a number out of range.
    #[error(
        "`{object}` is not a labelled object\nhint: one of e mu g Z V T HM with a number 1 to 16, or j b with 1 to 4 (four leading light jets), or met"
    )]
    Object {
        /// What was given.
        object: String,
    },
    /// The same object twice.
    #[error("`{object}` appears twice in `{text}`")]
    Twice {
        /// The object.
        object: String,
        /// The whole label.
        text: String,
    },
    /// `mT` without met or `m` with met.
    #[error("`{text}`: transverse masses, and only they, hold met\nhint: m(mu1,j1) or mT(mu1,j1,met)")]
    Met {
        /// What was given.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_label() -> impl Strategy<Value = MassLabel> {
        any::<u128>().prop_filter_map("needs an object", |bits| MassLabel::from_bits(bits >> 7))
    }

    proptest! {
        #[test]
        fn mass_label_round_trips(label in any_label()) {
            prop_assert_eq!(label.to_string().parse::<MassLabel>(), Ok(label));
            prop_assert_eq!(MassLabel::from_bits(label.to_bits()), Some(label));
            prop_assert_eq!(label.objects().count(), label.len());
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}") {
            let _ = text.parse::<MassLabel>();
        }
    }

    #[test]
    fn objects_stand_in_label_order() {
        let label: MassLabel = "mT( met, b2 ,j1,HM1,e3)".parse().unwrap();
        assert_eq!(label.to_string(), "mT(e3,HM1,j1,b2,met)");
        assert_eq!(label.len(), 4);
        assert!(label.is_transverse());
    }

    #[test]
    fn wrong_labels_are_refused() {
        for text in [
            "",
            "m()",
            "m(mu1",
            "mT(mu1)",
            "m(mu1,met)",
            "m(mu0)",
            "m(j5)",
            "m(mu1,mu1)",
            "mT(met)",
            "m(mu01)",
            "m(q1)",
        ] {
            assert!(text.parse::<MassLabel>().is_err(), "{text}");
        }
    }
}

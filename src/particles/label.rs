//! Mass labels: `m(mu1,j1,j2)`, `mT(mu1,met)`; text forms round-trip.
//!
//! In: kinds with numbers and whether MET takes part, or text. Out: a [`MassLabel`], 16 bytes, that is compared and hashed
//! as a number and becomes text only at the end. Objects stand in the order e mu g Z V T HM j b, then by number
//! (physics.md section 4).
//!
//! ```
//! use bumphound::particles::{Kind, MassLabel};
//! let mass: MassLabel = "m(mu1,j1,j2)".parse().unwrap();
//! assert_eq!(mass.objects().collect::<Vec<_>>(), [(Kind::Mu, 1), (Kind::J, 1), (Kind::J, 2)]);
//! assert_eq!(mass.to_string(), "m(mu1,j1,j2)");
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::kind::{Kind, MAX_LABELLED, PerKind};
use super::packed::Packed;

/// Which objects a mass is made of, and whether MET takes part.
///
/// The order of `MassLabel` means nothing; sorted text order is that of [`ToString`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MassLabel(Packed);

impl MassLabel {
    /// No object yet: the start of a label that grows.
    pub const EMPTY: MassLabel = MassLabel(Packed::EMPTY);

    /// The label of one object; None where the number is 0 or above [`Kind::max_number`].
    pub const fn object(kind: Kind, number: u8) -> Option<MassLabel> {
        MassLabel::EMPTY.with_object(kind, number)
    }

    /// The label with one more object; None where no event has such a mass: the number is 0 or above
    /// [`Kind::max_number`], or more than [`MAX_LABELLED`] objects would have to be labelled.
    #[inline]
    pub const fn with_object(self, kind: Kind, number: u8) -> Option<MassLabel> {
        if number > kind.max_number() {
            return None;
        }
        match self.0.with(kind.index(), number) {
            Some(packed) => Some(MassLabel(packed)),
            None => None,
        }
    }

    /// The transverse mass of the same objects with MET.
    #[inline]
    pub const fn with_met(self) -> MassLabel {
        MassLabel(self.0.with_met())
    }

    /// True for a transverse mass (MET takes part).
    #[inline]
    pub const fn is_transverse(self) -> bool {
        self.0.has_met()
    }

    /// Number of objects, MET not counted.
    #[inline]
    pub const fn len(self) -> usize {
        self.0.len()
    }

    /// True if no object is in it.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Objects in label order, MET left out.
    pub fn objects(self) -> impl Iterator<Item = (Kind, u8)> {
        self.0.objects().map(|(kind, number)| (Kind::ALL[kind], number))
    }

    /// Objects per kind.
    pub fn counts(self) -> PerKind<u8> {
        let mut counts = PerKind::default();
        self.objects().for_each(|(kind, _)| counts[kind] += 1);
        counts
    }

    /// True if all objects of `other` (and MET, if `other` has it) are in this label.
    pub fn contains(self, other: MassLabel) -> bool {
        (self.is_transverse() || !other.is_transverse())
            && other.objects().all(|(kind, number)| self.0.has(kind.index(), number))
    }

    /// True for masses that are built (physics.md section 4): of two or more objects, of a single one only where
    /// [`Kind::has_own_mass`], and of one or more with MET.
    pub fn is_built(self) -> bool {
        match self.len() {
            0 => false,
            1 => self.is_transverse() || self.objects().all(|(kind, _)| kind.has_own_mass()),
            _ => true,
        }
    }

    /// The label, or why it is never built.
    pub fn built(self) -> Result<MassLabel, LabelError> {
        if self.is_built() { Ok(self) } else { Err(LabelError::NotBuilt { text: self.to_string() }) }
    }

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

    /// Objects may stand in any order and with spaces; [`ToString`] gives the canonical form. A label may be read and yet
    /// not be built: [`MassLabel::is_built`].
    fn from_str(text: &str) -> Result<Self, LabelError> {
        let form = || LabelError::Form { text: text.into() };
        let trimmed = text.trim();
        let (transverse, inner) = match (trimmed.strip_prefix("mT("), trimmed.strip_prefix("m(")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(form()),
        };
        let inner = inner.strip_suffix(')').ok_or_else(form)?.trim();
        let mut label = MassLabel::EMPTY;
        for word in inner.split(',').map(str::trim).filter(|_| !inner.is_empty()) {
            let longer = if word == "met" { label.with_met() } else { label.with_word(word, text)? };
            if longer == label {
                return Err(LabelError::Twice { object: word.into(), text: text.into() });
            }
            label = longer;
        }
        match (transverse, label.is_transverse()) {
            (true, false) => Err(LabelError::NoMet { text: text.into() }),
            (false, true) => Err(LabelError::Met { text: text.into() }),
            _ if label.is_empty() => Err(LabelError::Empty { text: text.into() }),
            _ => Ok(label),
        }
    }
}

impl MassLabel {
    /// The label with the object that a word of `text` names.
    fn with_word(self, word: &str, text: &str) -> Result<MassLabel, LabelError> {
        let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
        let (name, number) = word.split_at(digits);
        let kind: Kind = name.parse().map_err(|_| LabelError::Object { object: word.into(), text: text.into() })?;
        let number = match number.parse() {
            Ok(value) if (1..=kind.max_number()).contains(&value) && !number.starts_with('0') => value,
            _ => return Err(LabelError::Number { object: word.into(), text: text.into(), kind }),
        };
        self.with_object(kind, number).ok_or_else(|| LabelError::TooMany { text: text.into() })
    }
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

/// A text that is not a mass label, or one of a mass that is not built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LabelError {
    /// Neither `m(...)` nor `mT(...)`.
    #[error("`{text}` is not a mass: write `m(mu1,mu2)` or `mT(mu1,met)`")]
    Form {
        /// What was given.
        text: String,
    },
    /// Not the name of a kind.
    #[error("`{object}` is no kind of object: kinds are {}", Kind::names(&Kind::ALL, ", "))]
    Kind {
        /// What was given.
        object: String,
    },
    /// An object of no known kind.
    #[error("`{object}` in `{text}` is no object: kinds are {}", Kind::names(&Kind::ALL, ", "))]
    Object {
        /// The object.
        object: String,
        /// The whole label.
        text: String,
    },
    /// No number, or one that no label carries.
    #[error("`{object}` in `{text}` must be numbered, {kind}1 to {kind}{}", kind.max_number())]
    Number {
        /// The object.
        object: String,
        /// The whole label.
        text: String,
        /// Its kind.
        kind: Kind,
    },
    /// The same object twice.
    #[error("`{object}` appears twice in `{text}`")]
    Twice {
        /// The object.
        object: String,
        /// The whole label.
        text: String,
    },
    /// An event would need more labelled objects.
    #[error("no event has `{text}`: at most {MAX_LABELLED} objects carry labels, numbered from 1 in every kind")]
    TooMany {
        /// What was given.
        text: String,
    },
    /// No object.
    #[error("`{text}` holds no object")]
    Empty {
        /// What was given.
        text: String,
    },
    /// `mT` without met.
    #[error("`{text}` is a transverse mass: its last entry must be `met`")]
    NoMet {
        /// What was given.
        text: String,
    },
    /// `m` with met.
    #[error("`{text}` holds `met`: transverse masses are called mT(...)")]
    Met {
        /// What was given.
        text: String,
    },
    /// A label, but not of a mass that is built.
    #[error("`{text}` is the mass of a single object; of these only {} .. are built", own_masses())]
    NotBuilt {
        /// The label.
        text: String,
    },
}

/// `m(HM1), m(HM2)`: the masses of single objects that are built.
fn own_masses() -> String {
    let own = Kind::ALL.into_iter().filter(|kind| kind.has_own_mass());
    own.map(|kind| format!("m({kind}1), m({kind}2)")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_label() -> impl Strategy<Value = MassLabel> {
        let object = (0..Kind::COUNT, 1_u8..17).prop_map(|(kind, number)| (Kind::ALL[kind], number));
        (prop::collection::vec(object, 1..9), any::<bool>()).prop_filter_map("no event has it", |(objects, met)| {
            let label = objects
                .into_iter()
                .filter_map(|(kind, number)| Some((kind, (number <= kind.max_number()).then_some(number)?)))
                .try_fold(MassLabel::EMPTY, |label, (kind, number)| label.with_object(kind, number))?;
            (!label.is_empty()).then_some(if met { label.with_met() } else { label })
        })
    }

    proptest! {
        #[test]
        fn mass_label_round_trips(label in any_label()) {
            prop_assert_eq!(label.to_string().parse::<MassLabel>(), Ok(label));
            prop_assert_eq!(label.objects().count(), label.len());
            prop_assert_eq!(label.counts().iter().map(|(_, &n)| usize::from(n)).sum::<usize>(), label.len());
            prop_assert!(label.contains(label) && label.with_met().contains(label));
            prop_assert_eq!(label.contains(label.with_met()), label.is_transverse());
            prop_assert!(label.objects().all(|(kind, n)| label.contains(MassLabel::object(kind, n).unwrap())));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}") {
            let _ = text.parse::<MassLabel>();
        }
    }

    #[test]
    fn labels_take_sixteen_bytes() {
        assert_eq!(size_of::<MassLabel>(), 16);
    }

    #[test]
    fn objects_stand_in_label_order() {
        let label: MassLabel = "mT( met, b2 ,j1,HM1,e3)".parse().unwrap();
        assert_eq!(label.to_string(), "mT(e3,HM1,j1,b2,met)");
        assert_eq!(label.len(), 4);
        assert!(label.is_transverse());
        assert_eq!("m( j1, mu2 ,mu1)".parse::<MassLabel>().unwrap().to_string(), "m(mu1,mu2,j1)");
    }

    #[test]
    fn wrong_labels_are_refused_with_what_is_wrong() {
        for (text, says) in [
            ("", "is not a mass: write `m(mu1,mu2)`"),
            ("M(mu1,mu2)", "is not a mass"),
            ("m(mu1", "is not a mass"),
            ("m()", "holds no object"),
            ("mT(met)", "holds no object"),
            ("mT(mu1)", "its last entry must be `met`"),
            ("m(mu1,met)", "transverse masses are called mT(...)"),
            ("mT(mu1,met,met)", "`met` appears twice"),
            ("m(mu1,mu1)", "`mu1` appears twice in `m(mu1,mu1)`"),
            ("m(mu0,mu1)", "must be numbered, mu1 to mu16"),
            ("m(mu,mu)", "must be numbered"),
            ("m(mu1,mu01)", "must be numbered"),
            ("m(e1,e300)", "must be numbered"),
            ("m(j5,j1)", "`j5` in `m(j5,j1)` must be numbered, j1 to j4"),
            ("m(q1,mu1)", "`q1` in `m(q1,mu1)` is no object: kinds are e, mu, g, Z, V, T, HM, j, b"),
            ("m(mu1,\u{e9}1)", "is no object"),
            ("m(mu1,,mu2)", "is no object"),
            ("m(e16,mu1)", "at most 16 objects carry labels"),
        ] {
            let error = text.parse::<MassLabel>().expect_err(text).to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn of_single_objects_only_high_mass_jets_have_a_mass_that_is_built() {
        let label = |text: &str| text.parse::<MassLabel>().expect(text);
        for built in ["m(HM1)", "mT(T1,met)", "m(e1,j1)"] {
            assert_eq!(label(built).built(), Ok(label(built)));
        }
        for not in ["m(T1)", "m(mu1)", "m(j4)"] {
            let error = label(not).built().expect_err(not).to_string();
            assert!(error.ends_with("of a single object; of these only m(HM1), m(HM2) .. are built"), "{error}");
        }
        assert!(!MassLabel::EMPTY.is_built());
    }
}

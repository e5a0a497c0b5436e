//! The kinds of objects that events are made of: one row each, read by everything that lists kinds.
//!
//! In: the table below. Out: [`Kind`], what its row says, and [`PerKind`], one value per kind. Label order is the order of
//! the rows: e mu g Z V T HM j b (physics.md section 4). There is room for [`MAX_KINDS`]. For a new row the compiler
//! asks where such objects are kept in an event (`objects/cut_inputs.rs`) and how known masses spell them
//! (`ranking/structure.rs`); it is silent about the other places, which CONTRIBUTING.md lists.

use std::fmt;
use std::ops::{Index, IndexMut};
use std::str::FromStr;

use serde::Deserialize;

use super::LabelError;

/// Most kinds that mass labels, category keys and signatures have room for.
pub const MAX_KINDS: usize = 16;

/// Most objects of an event that carry labels.
pub const MAX_LABELLED: usize = 16;

/// Whether a kind is a jet, and of which sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Leptons, photons and what is built of them.
    Other,
    /// Jets called by their mass: counted in categories like leptons.
    Heavy,
    /// Light jets: counted together; only the four leading ones carry labels, whatever their tag.
    Light,
}

/// An object of a resolution table (`objects:` in `resolution/*.yaml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measured {
    /// `muon`.
    Muon,
    /// `electron`.
    Electron,
    /// `photon`.
    Photon,
    /// `jet`.
    Jet,
}

/// Where a kind's resolution comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// That of a measured object.
    Of(Measured),
    /// That of so many constituents: the table's `composites:` has a row of the kind's name that says which and how many.
    Composite,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
struct Row {
    name: &'static str,
    plural: &'static str,
    class: Class,
    max_number: u8,
    resolution: Resolution,
    /// The mass of one such object alone has a falling spectrum and is built.
    own_mass: bool,
}

/// `name` in labels, categories and cuts; `plural` for people; `max_number`: largest number in a label.
const fn row(name: &'static str, plural: &'static str, class: Class, max_number: u8, resolution: Resolution) -> Row {
    Row { name, plural, class, max_number, resolution, own_mass: false }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident: $row:expr,)*) => {
        /// Kinds of labelled objects in label order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// All kinds in label order.
            pub const ALL: [Kind; Kind::COUNT] = [$(Kind::$variant),*];
            /// How many kinds there are.
            pub const COUNT: usize = [$(Kind::$variant),*].len();
        }

        const ROWS: [Row; Kind::COUNT] = [$($row),*];
    };
}

use Class::{Heavy, Light, Other};
use Resolution::{Composite, Of};

kinds! {
    /// Electron.
    E: row("e", "electrons", Other, 16, Of(Measured::Electron)),
    /// Muon.
    Mu: row("mu", "muons", Other, 16, Of(Measured::Muon)),
    /// Photon.
    G: row("g", "photons", Other, 16, Of(Measured::Photon)),
    /// Leptonic Z candidate.
    Z: row("Z", "Z candidates", Other, 16, Composite),
    /// Hadronic V candidate.
    V: row("V", "V jets", Heavy, 16, Composite),
    /// Top candidate.
    T: row("T", "T jets", Heavy, 16, Composite),
    /// High-mass jet.
    Hm: Row { own_mass: true, ..row("HM", "high-mass jets", Heavy, 16, Composite) },
    /// Light jet, not b-tagged.
    J: row("j", "light jets", Light, 4, Of(Measured::Jet)),
    /// Light jet, b-tagged.
    B: row("b", "b-tagged light jets", Light, 4, Of(Measured::Jet)),
}

const _: () = assert!(Kind::COUNT <= MAX_KINDS, "mass labels have room for 16 kinds");

impl Kind {
    /// All kinds but light jets, in label order.
    pub const BUT_LIGHT_JETS: [Kind; count_but_light_jets()] = but_light_jets();

    /// Position in [`Kind::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    const fn row(self) -> Row {
        ROWS[self as usize]
    }

    /// Name in labels, categories and cuts: e mu g Z V T HM j b.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// For people: `high-mass jets`.
    pub const fn plural(self) -> &'static str {
        self.row().plural
    }

    /// Largest number that a label can carry: 16 objects are labelled at most, of light jets the four leading ones.
    pub const fn max_number(self) -> u8 {
        self.row().max_number
    }

    /// True for jets of any mass: j b V T HM.
    pub const fn is_jet(self) -> bool {
        !matches!(self.row().class, Class::Other)
    }

    /// True for j and b.
    pub const fn is_light_jet(self) -> bool {
        matches!(self.row().class, Class::Light)
    }

    /// True where the mass of a single object is built, not only those of several: HM. The masses of the others have no
    /// falling spectrum (physics.md section 4.2).
    pub const fn has_own_mass(self) -> bool {
        self.row().own_mass
    }

    /// Where the resolution comes from.
    pub const fn resolution(self) -> Resolution {
        self.row().resolution
    }

    /// Names of some kinds, for messages: `e, mu, g`.
    pub fn names(kinds: &[Kind], separator: &str) -> String {
        kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(separator)
    }
}

const fn count_but_light_jets() -> usize {
    let (mut count, mut i) = (0, 0);
    while i < Kind::COUNT {
        count += !Kind::ALL[i].is_light_jet() as usize;
        i += 1;
    }
    count
}

const fn but_light_jets<const N: usize>() -> [Kind; N] {
    let mut kinds = [Kind::ALL[0]; N];
    let (mut next, mut i) = (0, 0);
    while i < Kind::COUNT {
        if !Kind::ALL[i].is_light_jet() {
            kinds[next] = Kind::ALL[i];
            next += 1;
        }
        i += 1;
    }
    kinds
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let found = Kind::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| LabelError::Kind { object: text.into() })
    }
}

/// One value per kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PerKind<T>([T; Kind::COUNT]);

impl<T> PerKind<T> {
    /// From a function of the kind.
    pub fn from_fn(mut value: impl FnMut(Kind) -> T) -> Self {
        PerKind(Kind::ALL.map(&mut value))
    }

    /// Kinds and values in label order.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &T)> {
        Kind::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<Kind> for PerKind<T> {
    type Output = T;

    #[inline]
    fn index(&self, kind: Kind) -> &T {
        &self.0[kind.index()]
    }
}

impl<T> IndexMut<Kind> for PerKind<T> {
    #[inline]
    fn index_mut(&mut self, kind: Kind) -> &mut T {
        &mut self.0[kind.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kinds_tell_them_apart_in_every_text() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            // Labels end names at the first digit, categories start them at a letter; `met` is not a kind.
            assert!(kind.name().chars().all(|c| c.is_ascii_alphabetic()) && kind.name() != "met", "{kind}");
            assert!((1..=MAX_LABELLED as u8).contains(&kind.max_number()), "{kind}");
            assert_eq!(Kind::ALL[kind.index()], kind);
        }
        assert_eq!(Kind::names(&Kind::ALL, " "), "e mu g Z V T HM j b");
        assert_eq!(Kind::names(&Kind::BUT_LIGHT_JETS, " "), "e mu g Z V T HM");
        assert!("tau".parse::<Kind>().is_err());
    }
}

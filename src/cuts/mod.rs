//! Cut expressions such as `MET > 200 and lead_pt(Z) > 100`, compiled once, evaluated per event.
//!
//! In: text from a campaign. Out: a [`Cut`], a small tree that asks an event ([`CutInputs`]) for energies in GeV and
//! counts. Grammar and meaning: `docs/reference/campaign.md`. The text form round-trips.
//! - `tokens.rs`, `parse.rs`: text to tree, errors with byte offsets.
//! - `text.rs`: tree to text.
//! - `possible.rs`: finds cuts that no event, or every event, can pass.
//!
//! ```
//! use bumphound::cuts::Cut;
//! let cut = Cut::parse("n(jet, pt > 50, abs(eta) < 2.5)>=4 and MET / HT > 0.2")?;
//! assert_eq!(cut.to_string(), "n(jet, pt > 50, abs(eta) < 2.5) >= 4 and MET / HT > 0.2");
//! assert!(Cut::parse("MET > 200 and MET < 100")?.never_true().is_some());
//! # Ok::<(), bumphound::cuts::CutError>(())
//! ```

use std::fmt;
use std::ops::Range;

mod channels;
mod parse;
mod possible;
mod text;
mod tokens;

pub use channels::channel_cut;

use crate::nearest::nearest;
use crate::particles::Kind;

/// What a cut may ask of an event. Energies in GeV.
pub trait CutInputs {
    /// Missing transverse momentum.
    fn met(&self) -> f64;
    /// Scalar sum of the selected jets' pT (all jets, before the split by mass).
    fn ht(&self) -> f64;
    /// Number of selected objects of a kind with pT > pt_min and |eta| < eta_max (minus and plus infinity where the cut
    /// asks for neither). `e`, `mu` count the leptons left after Z building for categories; `lepton` (e + mu) and
    /// `jet` count what was selected before composites.
    fn count(&self, what: Counted, pt_min: f64, eta_max: f64) -> usize;
    /// Largest pT of a kind (0 if there is none); `None`: over e, mu, g, Z, V, T, HM and jets.
    fn lead_pt(&self, what: Option<Counted>) -> f64;
}

/// What `n(...)` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// One labelled kind after composites: e mu g Z V T HM j b.
    Kind(Kind),
    /// All selected jets, whatever their mass or tag.
    Jet,
    /// All selected electrons and muons, before Z building.
    Lepton,
}

impl Counted {
    /// Every name that `n(...)` and `lead_pt(...)` know, with its meaning.
    pub const NAMES: [(&'static str, Counted); Kind::COUNT + 2] = {
        let mut names = [("jet", Counted::Jet); Kind::COUNT + 2];
        let mut i = 0;
        while i < Kind::COUNT {
            names[i] = (Kind::ALL[i].name(), Counted::Kind(Kind::ALL[i]));
            i += 1;
        }
        names[Kind::COUNT + 1] = ("lepton", Counted::Lepton);
        names
    };

    /// The name used in cuts.
    pub fn name(self) -> &'static str {
        Counted::NAMES.iter().find(|(_, what)| *what == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing of an event that a cut looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CutQuantity {
    /// `MET`, GeV.
    Met,
    /// `HT`, GeV.
    Ht,
    /// `lead_pt` (any object) or `lead_pt(Z)`, GeV.
    LeadPt(Option<Counted>),
    /// `n(jet, pt > 50, abs(eta) < 2.5)`.
    Count {
        /// Kind of object.
        what: Counted,
        /// GeV, exclusive; minus infinity if the cut names none.
        pt_min: f64,
        /// Exclusive; infinity if the cut names none.
        eta_max: f64,
    },
}

impl CutQuantity {
    /// The kind of object that it looks at; None for `MET`, `HT` and `lead_pt` of any object.
    pub fn object(self) -> Option<Counted> {
        match self {
            CutQuantity::Met | CutQuantity::Ht => None,
            CutQuantity::LeadPt(what) => what,
            CutQuantity::Count { what, .. } => Some(what),
        }
    }

    fn of(self, event: &impl CutInputs) -> f64 {
        match self {
            CutQuantity::Met => event.met(),
            CutQuantity::Ht => event.ht(),
            CutQuantity::LeadPt(what) => event.lead_pt(what),
            CutQuantity::Count { what, pt_min, eta_max } => event.count(what, pt_min, eta_max) as f64,
        }
    }
}

/// A compiled cut. Equal cuts have the same tree, wherever they were written.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    test: Test,
}

/// A yes-or-no part of a cut.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// `a and b and c`.
    All(Vec<Test>),
    /// `a or b or c`.
    Any(Vec<Test>),
    /// `not a`.
    Not(Box<Test>),
    /// `a > b`.
    Compare(Comparison),
}

/// `left > right` and its kin.
#[derive(Debug, Clone)]
struct Comparison {
    left: Amount,
    is: Relation,
    right: Amount,
    /// Bytes in the text that it was compiled from.
    at: Range<usize>,
}

impl PartialEq for Comparison {
    fn eq(&self, other: &Self) -> bool {
        self.left == other.left && self.is == other.is && self.right == other.right
    }
}

/// How two amounts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    NotEqual,
}

impl Relation {
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Relation::Above => left > right,
            Relation::AtLeast => left >= right,
            Relation::Below => left < right,
            Relation::AtMost => left <= right,
            Relation::Equal => left == right,
            Relation::NotEqual => left != right,
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Relation::Above => ">",
            Relation::AtLeast => ">=",
            Relation::Below => "<",
            Relation::AtMost => "<=",
            Relation::Equal => "==",
            Relation::NotEqual => "!=",
        }
    }
}

/// A number, or something of the event, or arithmetic of those.
#[derive(Debug, Clone, PartialEq)]
enum Amount {
    Number(f64),
    Quantity(CutQuantity),
    Minus(Box<Amount>),
    Arithmetic(Box<Amount>, Operator, Box<Amount>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

impl Operator {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Operator::Plus => left + right,
            Operator::Minus => left - right,
            Operator::Times => left * right,
            Operator::Over => left / right,
        }
    }

    fn symbol(self) -> char {
        match self {
            Operator::Plus => '+',
            Operator::Minus => '-',
            Operator::Times => '*',
            Operator::Over => '/',
        }
    }
}

/// What is wrong with the text of a cut, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct CutError {
    /// First byte in the text.
    pub offset: usize,
    /// Bytes; 0 at the end of the text.
    pub len: usize,
    /// What happened.
    pub message: String,
    /// Names that exist and look like what was written.
    pub nearest: Vec<String>,
    /// What to try.
    pub hint: Option<String>,
}

/// A mistake at some bytes of the text.
fn error(at: Range<usize>, message: impl Into<String>) -> CutError {
    CutError { offset: at.start, len: at.len(), message: message.into(), nearest: Vec::new(), hint: None }
}

impl CutError {
    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn near(mut self, written: &str, names: &[&str]) -> Self {
        self.nearest = nearest(written, names.iter().copied());
        self
    }
}

impl Cut {
    /// Compiles a cut.
    pub fn parse(text: &str) -> Result<Cut, CutError> {
        parse::cut(text)
    }

    /// The cut that an event passes if it passes all of these; None of no cut at all.
    pub fn all(cuts: impl IntoIterator<Item = Cut>) -> Option<Cut> {
        let mut tests = Vec::new();
        for cut in cuts {
            match cut.test {
                Test::All(parts) => tests.extend(parts),
                other => tests.push(other),
            }
        }
        match tests.len() {
            0 => None,
            1 => tests.pop().map(|test| Cut { test }),
            _ => Some(Cut { test: Test::All(tests) }),
        }
    }

    /// Does this event pass? A division 0/0 makes its comparison false (true for `!=`).
    pub fn eval(&self, event: &impl CutInputs) -> bool {
        passes(&self.test, event)
    }

    /// Everything the cut looks at, each once, in order of appearance: where turn-ons can come from.
    pub fn quantities(&self) -> Vec<CutQuantity> {
        let mut found = Vec::new();
        for_each_comparison(&self.test, &mut |comparison| {
            collect_quantities(&comparison.left, &mut found);
            collect_quantities(&comparison.right, &mut found);
        });
        found
    }

    /// Why no event can pass, if so: `MET > 200` and `MET < 100` exclude each other.
    pub fn never_true(&self) -> Option<String> {
        possible::never_true(&self.test)
    }

    /// Parts that are always or never true, or the whole of it: one error each, offsets in the text given to
    /// [`Cut::parse`]. Empty for a sensible cut.
    pub fn impossible(&self) -> Vec<CutError> {
        possible::mistakes(&self.test)
    }
}

fn passes(test: &Test, event: &impl CutInputs) -> bool {
    match test {
        Test::All(tests) => tests.iter().all(|test| passes(test, event)),
        Test::Any(tests) => tests.iter().any(|test| passes(test, event)),
        Test::Not(test) => !passes(test, event),
        Test::Compare(comparison) => {
            comparison.is.holds(value(&comparison.left, event), value(&comparison.right, event))
        }
    }
}

fn value(amount: &Amount, event: &impl CutInputs) -> f64 {
    match amount {
        Amount::Number(number) => *number,
        Amount::Quantity(quantity) => quantity.of(event),
        Amount::Minus(amount) => -value(amount, event),
        Amount::Arithmetic(left, operator, right) => operator.apply(value(left, event), value(right, event)),
    }
}

fn for_each_comparison<'t>(test: &'t Test, found: &mut impl FnMut(&'t Comparison)) {
    match test {
        Test::All(tests) | Test::Any(tests) => {
            for test in tests {
                for_each_comparison(test, found);
            }
        }
        Test::Not(test) => for_each_comparison(test, found),
        Test::Compare(comparison) => found(comparison),
    }
}

fn collect_quantities(amount: &Amount, found: &mut Vec<CutQuantity>) {
    match amount {
        Amount::Number(_) => {}
        Amount::Quantity(quantity) => {
            if !found.contains(quantity) {
                found.push(*quantity);
            }
        }
        Amount::Minus(amount) => collect_quantities(amount, found),
        Amount::Arithmetic(left, _, right) => {
            collect_quantities(left, found);
            collect_quantities(right, found);
        }
    }
}

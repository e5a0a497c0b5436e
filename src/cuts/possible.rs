//! Cuts that no event, or every event, can pass.
//!
//! A cut is written out as alternatives of comparisons ("or" of "and"); in each alternative the comparisons of one
//! quantity leave a range of values, and an empty range is a contradiction. A cut is always true if its opposite is
//! never true. Energies and counts are never negative; counts are whole numbers. What cannot be decided this way
//! (more than [`MAX_ALTERNATIVES`] alternatives, relations between different quantities) is taken as possible.

use super::{Amount, Comparison, CutError, CutQuantity, Operator, Relation, Test, for_each_comparison};

const MAX_ALTERNATIVES: usize = 256;
const MAX_COMPARISONS: usize = 64;

/// One comparison, turned round where a `not` stands before it.
#[derive(Clone, Copy)]
struct Claim<'t> {
    comparison: &'t Comparison,
    is: Relation,
}

/// Values that are left, ends included unless open.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    low: f64,
    low_open: bool,
    high: f64,
    high_open: bool,
}

/// One error per comparison that is always or never true; if there is none, one about the whole cut.
pub(super) fn mistakes(test: &Test) -> Vec<CutError> {
    let mut found = Vec::new();
    let (mut start, mut end) = (usize::MAX, 0);
    for_each_comparison(test, &mut |comparison| {
        (start, end) = (start.min(comparison.at.start), end.max(comparison.at.end));
        let single = Claim { comparison, is: comparison.is };
        let opposite = Claim { comparison, is: opposite(comparison.is) };
        let verdict = match (contradiction(&[single]), contradiction(&[opposite])) {
            (Some(_), _) => "can never be true",
            (None, Some(_)) => "is always true",
            (None, None) => return,
        };
        found.push(CutError {
            offset: comparison.at.start,
            len: comparison.at.len(),
            message: format!("`{comparison}` {verdict}"),
            nearest: Vec::new(),
            hint: why(comparison),
        });
    });
    if found.is_empty() {
        let error = |message, hint: &str| CutError {
            offset: start,
            len: end.saturating_sub(start),
            message,
            nearest: Vec::new(),
            hint: Some(hint.to_string()),
        };
        if let Some(reason) = never_true(test) {
            found.push(error(format!("no event can pass: {reason}"), "did you mean `or`?"));
        } else if alternatives(test, true).is_some_and(|all| all.iter().all(|one| contradiction(one).is_some())) {
            found.push(error("every event passes".to_string(), "leave the cut out, or join its parts with `and`"));
        }
    }
    found
}

/// Why no event can pass, or None if one can (or if that is too much to decide).
pub(super) fn never_true(test: &Test) -> Option<String> {
    let all = alternatives(test, false)?;
    let mut first = None;
    for one in &all {
        let reason = contradiction(one)?;
        first.get_or_insert(reason);
    }
    first
}

fn why(comparison: &Comparison) -> Option<String> {
    let name = match (&comparison.left, &comparison.right) {
        (Amount::Quantity(quantity), _) | (_, Amount::Quantity(quantity)) => quantity,
        _ => return None,
    };
    Some(match name {
        CutQuantity::Count { .. } => format!("`{name}` is a whole number, 0 or more"),
        _ => format!("`{name}` is never negative (GeV)"),
    })
}

fn opposite(is: Relation) -> Relation {
    match is {
        Relation::Above => Relation::AtMost,
        Relation::AtLeast => Relation::Below,
        Relation::Below => Relation::AtLeast,
        Relation::AtMost => Relation::Above,
        Relation::Equal => Relation::NotEqual,
        Relation::NotEqual => Relation::Equal,
    }
}

/// The same relation read from right to left.
fn mirrored(is: Relation) -> Relation {
    match is {
        Relation::Above => Relation::Below,
        Relation::AtLeast => Relation::AtMost,
        Relation::Below => Relation::Above,
        Relation::AtMost => Relation::AtLeast,
        same => same,
    }
}

/// The cut (or its opposite) as "or" of "and"; None if that becomes too long.
fn alternatives(test: &Test, turned: bool) -> Option<Vec<Vec<Claim<'_>>>> {
    match test {
        Test::Compare(comparison) => {
            let is = if turned { opposite(comparison.is) } else { comparison.is };
            Some(vec![vec![Claim { comparison, is }]])
        }
        Test::Not(test) => alternatives(test, !turned),
        Test::All(tests) | Test::Any(tests) => {
            let is_and = matches!(test, Test::All(_)) != turned;
            let mut all: Vec<Vec<Claim<'_>>> = if is_and { vec![Vec::new()] } else { Vec::new() };
            for test in tests {
                let more = alternatives(test, turned)?;
                if is_and {
                    let pairs =
                        all.iter().flat_map(|one| more.iter().map(move |other| [&one[..], &other[..]].concat()));
                    all = pairs.take(MAX_ALTERNATIVES + 1).collect();
                } else {
                    all.extend(more);
                }
                if all.len() > MAX_ALTERNATIVES || all.iter().any(|one| one.len() > MAX_COMPARISONS) {
                    return None;
                }
            }
            Some(all)
        }
    }
}

/// Names the comparisons that exclude each other, if any do.
fn contradiction(claims: &[Claim<'_>]) -> Option<String> {
    let mut seen: Vec<Left> = Vec::new();
    for claim in claims {
        let (left, is, number) = standard_form(claim);
        let at = match seen.iter().position(|other| other.name == left.name) {
            Some(at) => at,
            None => {
                seen.push(left);
                seen.len() - 1
            }
        };
        let Some(left) = seen.get_mut(at) else { continue };
        let text = match claim.is == claim.comparison.is {
            true => format!("`{}`", claim.comparison),
            false => format!("`not {}`", claim.comparison),
        };
        if !left.texts.contains(&text) {
            left.texts.push(text);
        }
        left.narrow(is, number);
        if left.is_empty() {
            return Some(match left.texts.split_last() {
                Some((last, rest)) if !rest.is_empty() => format!("{} and {last} exclude each other", rest.join(", ")),
                _ => format!("{} can never be true", left.texts.join(", ")),
            });
        }
    }
    None
}

/// What the comparisons so far leave of one quantity.
struct Left {
    /// Its text, or that of a difference.
    name: String,
    span: Span,
    /// Whole numbers only.
    whole: bool,
    /// Single values that are excluded.
    holes: Vec<f64>,
    /// The comparisons, for the message.
    texts: Vec<String>,
}

impl Left {
    fn new(name: String, span: Span, whole: bool) -> Left {
        Left { name, span, whole, holes: Vec::new(), texts: Vec::new() }
    }

    fn narrow(&mut self, is: Relation, number: f64) {
        match is {
            Relation::Above => self.span.raise(number, true),
            Relation::AtLeast => self.span.raise(number, false),
            Relation::Below => self.span.lower(number, true),
            Relation::AtMost => self.span.lower(number, false),
            Relation::Equal => {
                self.span.raise(number, false);
                self.span.lower(number, false);
            }
            Relation::NotEqual => self.holes.push(number),
        }
        if self.whole {
            self.span.shrink_to_whole_numbers(&self.holes);
        }
    }

    fn is_empty(&self) -> bool {
        let Span { low, low_open, high, high_open } = self.span;
        low > high || (low == high && (low_open || high_open || self.holes.contains(&low)))
    }
}

/// A claim as "quantity is number", and all values of the quantity.
fn standard_form(claim: &Claim<'_>) -> (Left, Relation, f64) {
    let Comparison { left, right, .. } = claim.comparison;
    let (left_span, right_span) = (range(left), range(right));
    let whole = |amount: &Amount| matches!(amount, Amount::Quantity(CutQuantity::Count { .. }));
    if right_span.low == right_span.high {
        (Left::new(left.to_string(), left_span, whole(left)), claim.is, right_span.low)
    } else if left_span.low == left_span.high {
        (Left::new(right.to_string(), right_span, whole(right)), mirrored(claim.is), left_span.low)
    } else {
        // Two quantities: look at their difference, always in the same direction.
        let (a, b) = (left.to_string(), right.to_string());
        if a <= b {
            (Left::new(format!("{a} - {b}"), difference(left_span, right_span), false), claim.is, 0.0)
        } else {
            (Left::new(format!("{b} - {a}"), difference(right_span, left_span), false), mirrored(claim.is), 0.0)
        }
    }
}

impl Span {
    fn closed(low: f64, high: f64) -> Span {
        if low.is_nan() || high.is_nan() {
            return Span { low: f64::NEG_INFINITY, low_open: false, high: f64::INFINITY, high_open: false };
        }
        Span { low, low_open: false, high, high_open: false }
    }

    fn raise(&mut self, number: f64, open: bool) {
        if number > self.low || (number == self.low && open) {
            (self.low, self.low_open) = (number, open);
        }
    }

    fn lower(&mut self, number: f64, open: bool) {
        if number < self.high || (number == self.high && open) {
            (self.high, self.high_open) = (number, open);
        }
    }

    /// Ends moved inwards to whole numbers that are not holes.
    fn shrink_to_whole_numbers(&mut self, holes: &[f64]) {
        self.low = if self.low_open { self.low.floor() + 1.0 } else { self.low.ceil() };
        self.high = if self.high_open { self.high.ceil() - 1.0 } else { self.high.floor() };
        (self.low_open, self.high_open) = (false, false);
        for _ in 0..holes.len() {
            if holes.contains(&self.low) {
                self.low += 1.0;
            }
            if holes.contains(&self.high) {
                self.high -= 1.0;
            }
        }
    }
}

/// All values that an amount can take in some event.
fn range(amount: &Amount) -> Span {
    match amount {
        Amount::Number(number) => Span::closed(*number, *number),
        Amount::Quantity(_) => Span::closed(0.0, f64::INFINITY),
        Amount::Minus(amount) => {
            let span = range(amount);
            Span::closed(-span.high, -span.low)
        }
        Amount::Arithmetic(left, operator, right) => {
            let (a, b) = (range(left), range(right));
            match operator {
                Operator::Plus => Span::closed(a.low + b.low, a.high + b.high),
                Operator::Minus => difference(a, b),
                Operator::Times => corners(a, b),
                Operator::Over if b.low > 0.0 || b.high < 0.0 => corners(a, Span::closed(1.0 / b.high, 1.0 / b.low)),
                // The denominator can be 0: a ratio of two amounts that are never negative is at least never negative.
                Operator::Over if a.low >= 0.0 && b.low >= 0.0 => Span::closed(0.0, f64::INFINITY),
                Operator::Over => Span::closed(f64::NEG_INFINITY, f64::INFINITY),
            }
        }
    }
}

fn difference(a: Span, b: Span) -> Span {
    Span::closed(a.low - b.high, a.high - b.low)
}

fn corners(a: Span, b: Span) -> Span {
    // 0 * infinity is 0 here: infinity stands for "as large as you like", never reached.
    let times = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
    let all = [times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)];
    Span::closed(
        all.iter().copied().fold(f64::INFINITY, f64::min),
        all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    )
}

#[cfg(test)]
mod tests {
    use crate::cuts::Cut;

    fn messages(text: &str) -> Vec<String> {
        let cut = Cut::parse(text).expect(text);
        cut.impossible().into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn contradictions_are_found_through_and_or_not() {
        assert_eq!(
            messages("MET < 100 and MET > 200"),
            ["no event can pass: `MET < 100` and `MET > 200` exclude each other"]
        );
        assert_eq!(messages("MET < 100 and (MET > 200 or MET > 300)").len(), 1);
        assert_eq!(messages("MET > 200 and not MET > 100").len(), 1);
        assert_eq!(messages("MET > HT and HT > MET").len(), 1);
        assert_eq!(messages("n(jet) > 1 and n(jet) < 2").len(), 1);
        assert_eq!(messages("n(jet) >= 1 and n(jet) <= 2 and n(jet) != 1 and n(jet) != 2").len(), 1);
        assert_eq!(messages("MET / HT > 0.5 and MET / HT < 0.2").len(), 1);
        assert_eq!(messages("200 < MET and 100 > MET").len(), 1);
        assert_eq!(messages("MET == 100 and MET != 100").len(), 1);
    }

    #[test]
    fn comparisons_that_are_always_or_never_true_are_named() {
        assert_eq!(messages("n(jet) < 0"), ["`n(jet) < 0` can never be true"]);
        assert_eq!(messages("MET > -10 and HT > 600"), ["`MET > -10` is always true"]);
        assert_eq!(messages("n(e) == 1.5"), ["`n(e) == 1.5` can never be true"]);
        assert_eq!(messages("n(jet) >= 0 or MET < 0").len(), 2);
        assert_eq!(messages("3 > 2"), ["`3 > 2` is always true"]);
        assert_eq!(messages("MET + HT < 0"), ["`MET + HT < 0` can never be true"]);
        assert_eq!(messages("MET > 100 or MET < 200"), ["every event passes"]);
        assert_eq!(messages("n(jet) > 2 or n(jet) < 3"), ["every event passes"]);
    }

    #[test]
    fn sensible_cuts_are_left_alone() {
        for text in [
            "MET > 200 and lead_pt(Z) > 100",
            "MET > 100 and MET < 200",
            "n(jet) > 1 and n(jet) < 3",
            "n(jet, pt > 50) >= 4 and n(jet) < 6",
            "HT > 600 and MET > 200 and MET / HT > 0.2 and n(jet, pt > 50) >= 4 and n(jet, pt > 200) >= 1",
            "MET > 0",
            "MET - HT > -20",
            "n(jet) - n(b) >= 2",
            "MET > HT",
        ] {
            assert_eq!(messages(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn too_many_alternatives_are_taken_as_possible() {
        let text = vec!["(MET > 5 or HT > 5)"; 40].join(" and ");
        assert_eq!(messages(&text), Vec::<String>::new());
    }
}

//! The ranking in words: where a line is seen, what speaks against it, and how the whole list is made.
//!
//! In: a line and its numbers. Out: sentences, as `reason` in report.json and bumps.csv. [`method`] is the text on the page.

use super::bump::RowSeen;
use super::{EXCESS_P, NAMED_P};
use crate::categories::JetCount;
use crate::digits;
use crate::significance::poisson::asimov_z;
use crate::stacks::{Chance, Line};

/// A multiplicity shows a line with a smaller chance than this.
const SEEN_P: f64 = 0.05;
/// A multiplicity that expects this much should show the line.
const SHOULD_Z: f64 = 3.0;
/// Does not show it.
const NOT_SEEN_P: f64 = 0.16;
/// Wider windows, in bins, are worth a word.
const WIDE_BINS: usize = 6;

/// What is known of a line.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The line.
    pub line: &'a Line,
    /// Its chance in the stack.
    pub chance: &'a Chance,
    /// Its window by multiplicity.
    pub rows: &'a [RowSeen],
    /// Raw simulated events and the sum of weights that they stand for, where they are too few.
    pub few: Option<(u64, f64)>,
}

/// `Xj`, `3j`, `2j to 6j+`: the multiplicities that are counted together, of so many.
pub fn jets(counted: &[JetCount], all: usize) -> String {
    match counted {
        [one] => one.to_string(),
        [first, .., last] if counted.len() < all => format!("{first} to {last}"),
        _ => JetCount::Any.to_string(),
    }
}

/// Where a line is seen and what speaks against it.
pub fn reason(facts: &Facts) -> String {
    let Facts { line, chance, rows, few } = *facts;
    let mut sentences = vec![seen_in(rows)];
    if let Some((raw, sum_w)) = few {
        sentences.push(format!("{raw} simulated events stand for {sum_w:.0} in the window"));
    }
    let strength = line.count.observed - line.count.expected;
    let per_background = strength / line.count.expected.max(1e-12);
    let should = |row: &&RowSeen| asimov_z(per_background * row.expected, row.expected) >= SHOULD_Z;
    let expecting: Vec<&RowSeen> = rows.iter().filter(should).collect();
    let missing: Vec<f64> = expecting.iter().map(|row| row.p).filter(|p| *p > NOT_SEEN_P).collect();
    if !missing.is_empty() {
        sentences.push(format!(
            "{} of {} multiplicities that should show 3 sigma, if the excess followed the background, do not",
            missing.len(),
            expecting.len(),
        ));
    }
    if line.window.len() >= WIDE_BINS {
        sentences.push(format!("the window is {} resolutions wide", line.window.len()));
    }
    if chance.extrapolated {
        sentences.push(format!("p of the stack is extrapolated: fewer than 5 of {} toys come so far", chance.toys));
    }
    sentences.join("; ")
}

/// `seen in 0j (11 on 0.38), 1j (9 on 1.0); not in 2j (1 on 0.9)`.
fn seen_in(rows: &[RowSeen]) -> String {
    let text = |row: &RowSeen| {
        format!("{} ({} on {})", row.category.jets, digits::count(row.observed), digits::count(row.expected))
    };
    let (seen, not): (Vec<&RowSeen>, Vec<&RowSeen>) = rows.iter().partition(|row| row.p < SEEN_P);
    let list = |rows: &[&RowSeen]| rows.iter().map(|row| text(row)).collect::<Vec<_>>().join(", ");
    match (seen.is_empty(), not.is_empty()) {
        (true, _) => format!("seen in no multiplicity by itself: {}", list(&not)),
        (false, true) => format!("seen in {}", list(&seen)),
        (false, false) => format!("seen in {}; not in {}", list(&seen), list(&not)),
    }
}

/// How the list is made and what its words mean, one paragraph per line.
pub fn method() -> String {
    [
        STACK.to_string(),
        LINE.to_string(),
        CHANCE.to_string(),
        format!(
            "Order: by p of the campaign. `excess`: below {EXCESS_P}, in an invariant mass. `chance`: not below it. `shape?`: \
             below it in a transverse mass; these have edges that no smooth background describes. `known`: at a known \
             particle or edge, with p of the stack below {NAMED_P}. `cannot tell`: too few simulated events stand for those \
             in the window. Transverse masses, `cannot tell` and `known` follow in lists of their own; they keep their p."
        ),
        CANDIDATE.to_string(),
        NETWORK.to_string(),
    ]
    .join("\n")
}

const STACK: &str = "A stack holds one mass in all exclusive jet multiplicities of a group of objects. Its background is \
    smooth: ln b is a spline common to all multiplicities plus low orders for each. Poisson likelihood; how smooth \
    backgrounds are was learnt from simulation. Every stack with ten events is searched.";

const LINE: &str = "A line is a window of 2 to 8 bins in all multiplicities, in those from some number of jets on, or up to \
    some number. Its background comes from a fit that does not see it; where the smooth model itself may be off (near the \
    threshold, in wide windows) its error is added. p local is the chance of as many events there, the background \
    uncertain.";

const CHANCE: &str = "p of the stack: how often background alone shows a line as significant anywhere in this stack, by \
    toys of its own background that are fitted and searched like the data. Where fewer than five toys come so far it is \
    extrapolated as exp(-z^2/2) from the upper part of the toys, and marked ~. p of the campaign: 1 - (1 - p)^n over the n \
    stacks of this kind of mass, as if they were independent, which is cautious.";

const CANDIDATE: &str = "Lines that are the same events or the same resonance stand under one head with one rank: sister \
    labels, other regions, charges and flavours at the same mass, and nested masses of the same objects.";

const NETWORK: &str = "z of the network: the largest z of Znet3 in the window, where it has scanned the spectrum. It looks at \
    one multiplicity without a fit; the list is not ordered by it.";

#[cfg(test)]
mod tests {
    use super::*;

    fn row(category: &str, observed: f64, expected: f64, p: f64) -> RowSeen {
        let category = category.parse().expect("a category");
        RowSeen { category, observed, expected, expected_error: 0.1, p, z_network: None }
    }

    #[test]
    fn a_reason_says_where_a_line_is_seen() {
        let rows = [row("a/1e/0j", 11.0, 0.4, 1e-9), row("a/1e/1j", 2.0, 1.0, 0.2)];
        assert_eq!(seen_in(&rows), "seen in 0j (11 on 0.40); not in 1j (2 on 1)");
        assert_eq!(seen_in(&rows[1..]), "seen in no multiplicity by itself: 1j (2 on 1)");
    }

    #[test]
    fn ranges_of_multiplicities_have_names() {
        use JetCount::{Exactly, SixOrMore};
        assert_eq!(jets(&[Exactly(2), Exactly(3), SixOrMore], 5), "2j to 6j+");
        assert_eq!(jets(&[Exactly(2), Exactly(3)], 2), "Xj");
        assert_eq!(jets(&[Exactly(2)], 3), "2j");
        assert_eq!(jets(&[JetCount::Any], 1), "Xj");
    }

    #[test]
    fn the_method_has_no_double_blanks() {
        let text = method();
        assert_eq!(text.lines().count(), 6);
        assert!(!text.contains("  "), "{text}");
    }
}

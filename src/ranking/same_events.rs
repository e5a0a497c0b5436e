//! Which lines are one candidate: the same events, or the same resonance in other events (physics.md section 10.6).
//!
//! In: two lines. Out: whether the weaker stands under the head of the stronger. Nothing is lost by it: every line keeps
//! its own numbers, and only the head's rank is its own.

use super::bump::Bump;
use super::controls::exchanged;
use crate::particles::{Kind, MassLabel, PerKind};

/// A line of other events, or of other bins, joins only with a smaller chance in its stack: fluctuations are everywhere.
const JOINING_CHANCE: f64 = 0.05;

/// True if `line` belongs to the candidate of `head`.
pub fn same_candidate(head: &Bump, line: &Bump) -> bool {
    one_resonance(head, line) || nested(head, line)
}

/// The same kinds of objects at the same mass, whatever their numbers, charges, jets and regions: `m(mu1,b1)` and
/// `m(mu2,j1)` (a b-tag comes and goes), and with the other flavour.
fn one_resonance(head: &Bump, line: &Bump) -> bool {
    let overlap = line.low_gev < head.high_gev && head.low_gev < line.high_gev;
    let kinds = kinds_of(line.mass);
    let alike = kinds == kinds_of(head.mass) || exchanged(head.mass).is_some_and(|other| kinds == kinds_of(other));
    let near = one_group(head, line) || line.p_stack < JOINING_CHANCE;
    overlap && alike && near && head.is_transverse() == line.is_transverse()
}

/// Masses of the same events, one with all objects of the other: the larger one lies higher.
fn nested(head: &Bump, line: &Bump) -> bool {
    let contains = |large: &Bump, small: &Bump| {
        large.mass.contains(small.mass) || large.is_transverse() && large.mass.contains(invariant(small.mass))
    };
    let in_order =
        contains(line, head) && line.high_gev > head.low_gev || contains(head, line) && head.high_gev > line.low_gev;
    one_group(head, line) && in_order && line.p_stack < JOINING_CHANCE
}

/// Events with the same objects and charges; regions may overlap.
fn one_group(a: &Bump, b: &Bump) -> bool {
    (a.category.objects, a.category.charge) == (b.category.objects, b.category.charge)
}

fn invariant(mass: MassLabel) -> MassLabel {
    mass.objects()
        .try_fold(MassLabel::EMPTY, |label, (kind, number)| label.with_object(kind, number))
        .unwrap_or(MassLabel::EMPTY)
}

/// Number of objects by kind, b-tags not asked.
fn kinds_of(mass: MassLabel) -> PerKind<u8> {
    let mut counts = mass.counts();
    counts[Kind::J] += counts[Kind::B];
    counts[Kind::B] = 0;
    counts
}

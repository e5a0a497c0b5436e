//! The same window in control categories: opposite to same charge, electrons to muons (physics.md section 10.8).
//!
//! In: a group, a mass, a window, all stacks. Out: what the same kind of fit says there. Shown beside a line, without
//! influence on any p: a resonance in one flavour is no less one, and pairs of one charge can be signal.

use super::bump::Control;
use super::mid_p;
use crate::categories::{Category, Charge};
use crate::particles::{Kind, MassLabel};
use crate::stacks::Stack;
use crate::stacks::lines::Searcher;

/// The controls of a line, as far as their stacks were searched.
pub fn controls<'a>(
    group: &Category,
    mass: MassLabel,
    window_gev: (f64, f64),
    find: impl Fn(&Category, MassLabel) -> Option<&'a Stack>,
) -> Vec<Control> {
    let same_charge =
        (group.charge == Charge::Opposite).then(|| (Category { charge: Charge::Same, ..group.clone() }, mass));
    let places = same_charge.into_iter().chain(other_flavour(group, mass));
    places.filter_map(|(category, mass)| control(find(&category, mass)?, window_gev)).collect()
}

fn control(stack: &Stack, (low, high): (f64, f64)) -> Option<Control> {
    let middle = |bin: usize| 0.5 * (stack.edges[bin] + stack.edges[bin + 1]);
    let start = (0..stack.bins()).find(|bin| middle(*bin) > low)?;
    let end = (start..stack.bins()).rev().find(|bin| middle(*bin) < high)? + 1;
    let window = start..end;
    let (searcher, fit) = Searcher::new(stack, &[])?;
    let fit = searcher.fit_without(&stack.counts, &fit, &window)?;
    let count = searcher.sum_in(&stack.counts, &fit, &window);
    Some(Control {
        category: stack.group.clone(),
        mass: stack.mass,
        observed: count.observed,
        expected: count.expected,
        expected_error: count.error,
        p: mid_p(&count),
    })
}

/// Category and mass with electrons and muons exchanged; None if there are as many of both.
pub fn other_flavour(category: &Category, mass: MassLabel) -> Option<(Category, MassLabel)> {
    let objects = category.objects.exchanged(Kind::E, Kind::Mu);
    if objects == category.objects {
        return None;
    }
    Some((Category { objects, ..category.clone() }, exchanged(mass)?))
}

/// A label with electrons and muons exchanged.
pub fn exchanged(mass: MassLabel) -> Option<MassLabel> {
    let swapped = mass.objects().try_fold(MassLabel::EMPTY, |label, (kind, number)| {
        let kind = match kind {
            Kind::E => Kind::Mu,
            Kind::Mu => Kind::E,
            other => other,
        };
        label.with_object(kind, number)
    })?;
    Some(if mass.is_transverse() { swapped.with_met() } else { swapped })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_exchange_electrons_and_muons() {
        let (category, mass) =
            other_flavour(&"incl/2mu.os/1j".parse().expect("category"), "mT(mu1,mu2,j1,met)".parse().expect("label"))
                .expect("muons become electrons");
        assert_eq!((category.to_string(), mass.to_string()), ("incl/2e.os/1j".into(), "mT(e1,e2,j1,met)".into()));
        assert!(other_flavour(&"incl/1Z/1j".parse().expect("category"), "m(Z1,j1)".parse().expect("label")).is_none());
    }
}

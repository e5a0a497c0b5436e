//! The same place in control categories: opposite to same charge, electrons to muons (physics.md section 10.12).
//!
//! In: a bump's place, the scan. Out: what the network and the counts say there. Shown beside a bump, not used for its
//! verdict. Only spectra that the network saw.

use super::bump::Control;
use super::place::BumpPlace;
use crate::categories::{Category, Charge};
use crate::particles::{Kind, MassLabel};
use crate::scan::Scan;

/// The controls of a bump that were scanned.
pub fn controls(place: &BumpPlace, scan: &Scan) -> Vec<Control> {
    let own = place.own;
    let same_charge = (own.category.charge == Charge::Opposite)
        .then(|| (Category { charge: Charge::Same, ..own.category.clone() }, own.mass));
    let categories = same_charge.into_iter().chain(other_flavour(&own.category, own.mass));
    categories.filter_map(|(category, mass)| control(place, category, mass, scan)).collect()
}

fn control(place: &BumpPlace, category: Category, mass: MassLabel, scan: &Scan) -> Option<Control> {
    let other = scan.get(&category, mass)?;
    let (low, high) = place.window_gev();
    let (left, right) = place.peak_bin_gev();
    let bin = other.bin_of(0.5 * (left + right))?;
    let edges = other.scanned_edges();
    let inside = |i: &usize| edges[*i] < high && edges[*i + 1] > low;
    let sum = |column: &[f64]| (0..column.len()).filter(inside).map(|i| column[i]).sum::<f64>();
    let (observed, background) = (sum(&other.counts), sum(&other.curve.background));
    Some(Control { category, mass, z: other.curve.z[bin], observed, background })
}

/// Category and mass with electrons and muons exchanged; None if there are as many of both.
fn other_flavour(category: &Category, mass: MassLabel) -> Option<(Category, MassLabel)> {
    let objects = category.objects.exchanged(Kind::E, Kind::Mu);
    if objects == category.objects {
        return None;
    }
    let other = Category { objects, ..category.clone() };
    let swapped = mass.objects().try_fold(MassLabel::EMPTY, |label, (kind, number)| {
        let kind = match kind {
            Kind::E => Kind::Mu,
            Kind::Mu => Kind::E,
            other => other,
        };
        label.with_object(kind, number)
    })?;
    Some((other, if mass.is_transverse() { swapped.with_met() } else { swapped }))
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

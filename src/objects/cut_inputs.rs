//! What cut expressions may ask of an [`Event`].

use super::{Event, Object};
use crate::cuts::{Counted, CutInputs};
use crate::particles::Kind;

impl Event {
    /// The list that holds a kind's objects after composites; light jets of both kinds stand in one list.
    pub fn list(&self, kind: Kind) -> &[Object] {
        match kind {
            Kind::E => &self.electrons,
            Kind::Mu => &self.muons,
            Kind::G => &self.photons,
            Kind::Z => &self.z,
            Kind::V => &self.v,
            Kind::T => &self.t,
            Kind::Hm => &self.hm,
            Kind::J | Kind::B => &self.light_jets,
        }
    }

    /// Objects of a kind after composites, as they are labelled: leading one first.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.list(kind).iter().filter(move |object| object.kind == kind)
    }
}

impl CutInputs for Event {
    fn met(&self) -> f64 {
        self.met.map_or(0.0, |met| met.pt)
    }

    fn ht(&self) -> f64 {
        self.ht
    }

    fn count(&self, what: Counted, pt_min: f64, eta_max: f64) -> usize {
        let passes = |object: &&Object| object.pt > pt_min && object.eta.abs() < eta_max;
        match what {
            Counted::Kind(kind) => self.of_kind(kind).filter(passes).count(),
            Counted::Jet => self.jets.iter().filter(passes).count(),
            Counted::Lepton => self.leptons.iter().filter(passes).count(),
        }
    }

    fn lead_pt(&self, what: Option<Counted>) -> f64 {
        let lead = |list: &[Object]| list.iter().map(|object| object.pt).fold(0.0, f64::max);
        match what {
            Some(Counted::Kind(kind)) => self.of_kind(kind).map(|object| object.pt).next().unwrap_or(0.0),
            Some(Counted::Jet) => lead(&self.jets),
            Some(Counted::Lepton) => lead(&self.leptons),
            None => [&self.electrons, &self.muons, &self.photons, &self.z, &self.jets]
                .into_iter()
                .filter_map(|list| list.first())
                .map(|object| object.pt)
                .fold(0.0, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::super::event::tests::{build, one_event};
    use super::*;

    #[test]
    fn cuts_see_what_physicists_mean() {
        let mu = [(45.6, 0.0, 0.0, 1), (45.6, 0.0, PI, -1), (50.0, 0.5, 1.0, -1)];
        let jets = [(100.0, 2.6, 0.0, 5.0, true), (300.0, 0.0, 1.0, 90.0, true), (30.0, 0.0, 0.0, 5.0, false)];
        let event = build(&one_event(&[], &mu, &[], &jets));
        let kind = Counted::Kind;
        let all = f64::INFINITY;
        assert_eq!(event.count(kind(Kind::Mu), 0.0, all), 1);
        assert_eq!(event.count(Counted::Lepton, 0.0, all), 3);
        assert_eq!(event.count(Counted::Jet, 50.0, all), 2);
        assert_eq!(event.count(Counted::Jet, 50.0, 2.5), 1);
        assert_eq!(event.count(kind(Kind::B), 0.0, all), 1);
        assert_eq!(event.count(kind(Kind::Z), 0.0, all), 1);
        assert_eq!(event.lead_pt(None), 300.0);
        assert_eq!(event.lead_pt(Some(kind(Kind::J))), 30.0);
        assert_eq!(event.lead_pt(Some(kind(Kind::E))), 0.0);
        assert_eq!(event.ht(), 430.0);
        assert_eq!(event.met(), 42.0);
    }
}

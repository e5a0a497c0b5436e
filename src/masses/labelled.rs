//! The labelled objects of an event: e1 e2 .. mu1 .. g1 .. Z1 .. V1 .. T1 .. HM1 .. j1 .. b1 ..
//!
//! In: an event. Out: four-momenta in label order and a [`Signature`] that says how many of each kind there are. Of the
//! light jets the four leading ones are labelled, `b` if b-tagged, else `j`. At most 16 objects are labelled; beyond
//! that the softest are left out, and counted.

use super::recipe::MassSelection;
use crate::objects::{Event, Object};
use crate::particles::kind::MAX_KINDS;
use crate::particles::{FourMomentum, Kind, MassLabel, PerKind};

pub use crate::particles::kind::MAX_LABELLED;

/// Light jets that carry labels.
const LABELLED_LIGHT_JETS: usize = 4;

/// How many labelled objects of each kind there are, and whether MET can take part: all that decides which masses exist.
/// Packed: for each kind in label order as many ones as there are objects, then a zero; the highest bit is MET.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Signature(u64);

const MET: u64 = 1 << 63;
const _: () = assert!(MAX_LABELLED + MAX_KINDS < 64, "ones, zeros and MET fit into 64 bits");

impl Signature {
    /// From counts; numbers beyond what labels can carry are cut.
    pub fn new(counts: PerKind<u8>, met: bool) -> Self {
        let mut left = MAX_LABELLED as u8;
        let mut bits = if met { MET } else { 0 };
        let mut at = 0;
        for kind in Kind::ALL {
            let n = counts[kind].min(kind.max_number()).min(left);
            bits |= ((1 << n) - 1) << at;
            at += n + 1;
            left -= n;
        }
        Signature(bits)
    }

    /// Labelled objects of a kind.
    pub fn count(self, kind: Kind) -> u8 {
        let before = (0..kind.index()).fold(self.0 & !MET, |rest, _| rest >> (rest.trailing_ones() + 1));
        before.trailing_ones() as u8
    }

    /// MET can take part in masses.
    pub fn has_met(self) -> bool {
        self.0 & MET != 0
    }

    /// Number of labelled objects.
    pub fn len(self) -> usize {
        (self.0 & !MET).count_ones() as usize
    }

    /// True if no object is labelled.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Kinds and numbers of the objects in label order.
    pub fn numbered(self) -> impl Iterator<Item = (Kind, u8)> {
        Kind::ALL.into_iter().flat_map(move |kind| (1..=self.count(kind)).map(move |n| (kind, n)))
    }

    /// Labels of the single objects in label order.
    pub fn objects(self) -> impl Iterator<Item = (Kind, MassLabel)> {
        self.numbered().filter_map(|(kind, n)| Some((kind, MassLabel::object(kind, n)?)))
    }
}

/// Four-momenta of the labelled objects of one event; buffers are reused from event to event.
#[derive(Debug, Clone, Default)]
pub struct LabelledObjects {
    /// In label order.
    pub p4: Vec<FourMomentum>,
    /// How many of each kind.
    pub signature: Signature,
    /// Objects beyond 16 that carry no label.
    pub left_out: u32,
    chosen: Vec<(Kind, Object)>,
}

impl LabelledObjects {
    /// Replaces the content by the labelled objects of `event`.
    pub fn label(&mut self, event: &Event, selection: &MassSelection) {
        let lists = Kind::BUT_LIGHT_JETS.map(|kind| (kind, event.list(kind)));
        let heavy = || lists.iter().copied().filter(|(kind, _)| selection.uses(*kind));
        let leading = &event.light_jets[..event.light_jets.len().min(LABELLED_LIGHT_JETS)];
        let light = || {
            let kinds = [Kind::J, Kind::B].into_iter().filter(|kind| selection.uses(*kind));
            kinds.flat_map(|kind| leading.iter().filter(move |jet| jet.kind == kind).map(move |jet| (kind, jet)))
        };
        self.left_out = 0;
        let mut counts = PerKind::default();
        self.p4.clear();
        // Copies are made only for the rare event that has too many.
        if heavy().map(|(_, list)| list.len()).sum::<usize>() + leading.len() <= MAX_LABELLED {
            for (kind, list) in heavy() {
                counts[kind] = list.len() as u8;
                self.p4.extend(list.iter().map(Object::p4));
            }
            for (kind, jet) in light() {
                counts[kind] += 1;
                self.p4.push(jet.p4());
            }
        } else {
            self.chosen.clear();
            self.chosen.extend(heavy().flat_map(|(kind, list)| list.iter().map(move |&object| (kind, object))));
            self.chosen.extend(light().map(|(kind, &jet)| (kind, jet)));
            self.left_out = self.chosen.len().saturating_sub(MAX_LABELLED) as u32;
            if self.left_out > 0 {
                self.keep_hardest();
            }
            for &(kind, ref object) in &self.chosen {
                counts[kind] += 1;
                self.p4.push(object.p4());
            }
        }
        self.signature = Signature::new(counts, event.met.is_some() && selection.transverse());
    }

    /// Keeps the 16 objects of largest pT; of equal ones the first in label order stay.
    fn keep_hardest(&mut self) {
        let mut order: Vec<usize> = (0..self.chosen.len()).collect();
        let pt = |place: &usize| self.chosen.get(*place).map_or(0.0, |(_, object)| object.pt);
        order.sort_by(|a, b| pt(b).total_cmp(&pt(a)));
        order.truncate(MAX_LABELLED);
        order.sort_unstable();
        self.chosen = order.into_iter().filter_map(|place| self.chosen.get(place).copied()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masses::MassOptions;

    fn object(pt: f64) -> Object {
        Object { pt, ..Object::default() }
    }

    fn labels(event: &Event, options: MassOptions) -> (Vec<String>, u32) {
        let mut objects = LabelledObjects::default();
        objects.label(event, &MassSelection::new(&options).unwrap());
        assert_eq!(objects.p4.len(), objects.signature.len());
        let text = |label: MassLabel| label.objects().map(|(kind, n)| format!("{kind}{n}")).collect::<String>();
        (objects.signature.objects().map(|(_, label)| text(label)).collect(), objects.left_out)
    }

    #[test]
    fn the_four_leading_light_jets_are_labelled_by_tag() {
        let light = [(90.0, Kind::J), (80.0, Kind::B), (70.0, Kind::J), (60.0, Kind::B), (50.0, Kind::J)];
        let mut event = Event::default();
        event.muons.push(object(30.0));
        event.light_jets.extend(light.map(|(pt, kind)| Object { pt, kind, ..Object::default() }));
        assert_eq!(labels(&event, MassOptions::default()).0, ["mu1", "j1", "j2", "b1", "b2"]);
        let without = MassOptions { leave_out: vec![Kind::B], ..MassOptions::default() };
        assert_eq!(labels(&event, without).0, ["mu1", "j1", "j2"]);
    }

    #[test]
    fn beyond_sixteen_the_softest_are_left_out_and_counted() {
        let mut event = Event::default();
        event.electrons.extend((0..12).map(|i| object(100.0 - f64::from(i))));
        event.muons.extend((0..6).map(|i| object(200.0 - f64::from(i))));
        let (labels, left_out) = labels(&event, MassOptions::default());
        assert_eq!(left_out, 2);
        assert_eq!(labels.len(), 16);
        assert_eq!(labels[9], "e10");
        assert_eq!(labels[15], "mu6");
    }
}

//! Which value of an event is impossible: for campaigns that stop there (`on_bad_value: stop`).
//!
//! In: a row of a batch. Out: the first value that makes [`Event::build`](super::Event::build) drop an object or MET.

use super::object::is_sane;
use crate::ntuples::layouts::Part;
use crate::ntuples::{EventBatch, ObjectColumns, Quantity};

/// An impossible value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BadValue {
    /// Kind of object.
    pub part: Part,
    /// Which of its numbers.
    pub quantity: Quantity,
    /// As it was read; GeV or radians.
    pub value: f64,
}

impl BadValue {
    /// `jet eta`, `event weight`.
    pub fn what(&self) -> String {
        match self.quantity {
            Quantity::Weight => "event weight".to_string(),
            quantity => format!("{} {}", self.part.name(), quantity.name()),
        }
    }
}

/// The first bad value of a row: electrons, muons, photons, jets, MET.
pub fn first_bad_value(batch: &EventBatch, row: usize) -> Option<BadValue> {
    let kinds = [
        (Part::Electron, &batch.electrons),
        (Part::Muon, &batch.muons),
        (Part::Photon, &batch.photons),
        (Part::Jet, &batch.jets),
    ];
    let object = kinds
        .into_iter()
        .find_map(|(part, columns)| first_in(columns, row).map(|(quantity, value)| BadValue { part, quantity, value }));
    object.or_else(|| {
        let bad = |quantity, value: f32| BadValue { part: Part::Met, quantity, value: f64::from(value) };
        let (met, phi) = (*batch.met.get(row)?, *batch.met_phi.get(row)?);
        match (met.is_finite() && met >= 0.0, phi.is_finite()) {
            (false, _) => Some(bad(Quantity::Pt, met)),
            (true, false) => Some(bad(Quantity::Phi, phi)),
            (true, true) => None,
        }
    })
}

fn first_in(columns: &ObjectColumns, row: usize) -> Option<(Quantity, f64)> {
    let objects = *columns.offsets.get(row)? as usize..*columns.offsets.get(row + 1)? as usize;
    objects.into_iter().find_map(|i| {
        let at = |column: &[f32], otherwise: f64| column.get(i).map_or(otherwise, |value| f64::from(*value));
        let values = [
            (Quantity::Pt, at(&columns.pt, 1.0)),
            (Quantity::Eta, at(&columns.eta, 0.0)),
            (Quantity::Phi, at(&columns.phi, 0.0)),
            (Quantity::Mass, at(&columns.mass, 0.0)),
        ];
        values.into_iter().find(|(quantity, value)| match quantity {
            Quantity::Pt => !is_sane(*value, 0.0, 0.0, 0.0),
            Quantity::Eta => !is_sane(1.0, *value, 0.0, 0.0),
            Quantity::Phi => !is_sane(1.0, 0.0, *value, 0.0),
            _ => !is_sane(1.0, 0.0, 0.0, *value),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::event::tests::one_event;
    use super::*;

    #[test]
    fn the_first_value_that_cannot_be_true_is_found() {
        let jets = [(50.0, 0.0, 0.0, 5.0, false), (50.0, 999.9, 0.0, 5.0, false)];
        let mut batch = one_event(&[(20.0, 0.0, 0.0, 1)], &[], &[], &jets);
        let found = first_bad_value(&batch, 0).expect("eta is bad");
        assert_eq!((found.part, found.quantity), (Part::Jet, Quantity::Eta));
        batch.jets.eta[1] = 0.0;
        assert_eq!(first_bad_value(&batch, 0), None);
        batch.met[0] = -1.0;
        assert_eq!(first_bad_value(&batch, 0).map(|bad| (bad.part, bad.value)), Some((Part::Met, -1.0)));
        assert_eq!(first_bad_value(&batch, 7), None);
    }
}

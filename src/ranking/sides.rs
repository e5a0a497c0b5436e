//! The two neighbours that a bump is judged by: one light jet fewer, one more (physics.md sections 10.5 and 10.8).
//!
//! In: a bump's place. Out: what both sides say; a side is empty where there is no such multiplicity or it has too few
//! events.

use super::neighbours::{NeighbourEvidence, Spectra, neighbour_at};
use super::place::BumpPlace;
use crate::categories::JetCount;

/// Jets of the highest multiplicity, `6j+`.
const MOST_JETS: usize = 6;

/// One jet fewer, one jet more.
pub fn sides(place: &BumpPlace, spectra: &Spectra) -> [NeighbourEvidence; 2] {
    if place.is_inclusive() {
        return sides_of_parts(place, spectra);
    }
    [-1, 1].map(|step| {
        let there = place.own.category.neighbour(step);
        there.map_or_else(NeighbourEvidence::default, |category| neighbour_at(place, category, spectra))
    })
}

/// An Xj spectrum is judged by its exclusive parts: the one with the smallest chance there, seen from its neighbours.
fn sides_of_parts(place: &BumpPlace, spectra: &Spectra) -> [NeighbourEvidence; 2] {
    let parts: Vec<NeighbourEvidence> = (0..=MOST_JETS)
        .map(|jets| place.own.category.with_jets(JetCount::exclusive(jets)))
        .map(|part| neighbour_at(place, part, spectra))
        .collect();
    let chances = parts.iter().enumerate().filter_map(|(jets, part)| Some((jets, part.ln_p?)));
    let Some((best, _)) = chances.min_by(|(_, a), (_, b)| a.total_cmp(b)) else { return Default::default() };
    let side = |jets: Option<usize>| {
        let part = jets.and_then(|jets| parts.get(jets));
        part.filter(|part| part.ln_p.is_some()).cloned().unwrap_or_default()
    };
    [side(best.checked_sub(1)), side(Some(best + 1))]
}

//! One candidate to one bump: all estimates, the neighbours, the verdict, the combined evidence (physics.md sections 10.4
//! to 10.9).
//!
//! In: a scanned spectrum and a candidate in it. Out: a [`Bump`] without a rank, and the logarithm of its combined chance.

use super::backed::backed_z;
use super::bump::Bump;
use super::candidates::Candidate;
use super::controls::controls;
use super::evidence::{fisher_ln_p, z_of_ln_p};
use super::neighbours::{LEAST_P, NeighbourEvidence, Spectra};
use super::place::BumpPlace;
use super::sides::sides;
use super::structure::known_structure;
use super::verdict::{Checks, Reason};
use super::wording::sentence;
use crate::histograms::book::Book;
use crate::scan::calibration::Calibrations;
use crate::scan::{Scan, Scanned};
use crate::significance::trials::p_of_any;

/// What all verdicts of a campaign are made from.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// Scanned spectra.
    pub scan: &'a Scan,
    /// The counts that were scanned, and those of spectra that were not.
    pub book: &'a Book,
    /// Where the raw events behind each bin are known.
    pub simulated: &'a Book,
    /// How often background alone does as much.
    pub calibrations: &'a Calibrations,
}

/// A bump and the logarithm of its combined chance, which orders it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Not ranked yet.
    pub bump: Bump,
    /// ln of the chance of the spectrum and its neighbours together.
    pub ln_p: f64,
}

impl Judge<'_> {
    /// One candidate with its verdict.
    pub fn judge(&self, own: &Scanned, candidate: &Candidate) -> Judged {
        let place = BumpPlace { own, candidate };
        let peak_gev = candidate.centre_gev(own.scanned_edges(), &own.counts, &own.curve.background);
        let (low_gev, high_gev) = place.window_gev();
        let (left, right) = place.peak_bin_gev();
        let known = known_structure(own.mass, peak_gev, right - left);
        let tables = self.calibrations.of(own.mass.into());
        let conditions = own.curve.conditions(candidate.peak);
        let p = tables.network.p_value(candidate.z, conditions);
        // Evidence is what all estimates of z agree on.
        let backed_z = backed_z(&own.counts, &own.backed_z, candidate);
        let ln_p_own = tables.backed.p_value(backed_z, conditions).p.max(LEAST_P).ln();
        let sides = sides(&place, &Spectra { scan: self.scan, book: self.book, calibration: &tables.backed });
        let neighbours: Vec<&NeighbourEvidence> = sides.iter().filter(|side| side.ln_p.is_some()).collect();
        let ln_p_sides: Vec<f64> = neighbours.iter().filter_map(|side| side.ln_p).collect();
        // The neighbours of an Xj spectrum hold events that it holds itself.
        let ln_p =
            if place.is_inclusive() { ln_p_own } else { fisher_ln_p(&[&[ln_p_own], ln_p_sides.as_slice()].concat()) };
        let reason = self.few_raw_events(&place).unwrap_or_else(|| {
            let (neighbours, ln_p_neighbours) = (neighbours.as_slice(), fisher_ln_p(&ln_p_sides));
            Reason::of(&Checks { candidate, backed_z, known: &known, neighbours, ln_p_neighbours })
        });
        let [neighbour_minus, neighbour_plus] = sides.map(|side| side.neighbour);
        let bump = Bump {
            rank: 0,
            category: own.category.clone(),
            mass: own.mass,
            peak_gev,
            low_gev,
            high_gev,
            width_bins: candidate.window.len(),
            observed: candidate.observed,
            expected: candidate.expected,
            z_local: candidate.z,
            z_local_interval: own.curve.z_intervals.get(candidate.peak).map(|intervals| intervals.central68),
            expected_interval: own.curve.background_interval(candidate.window.clone()),
            p_spectrum: p.p,
            p_spectrum_is_bound: p.extrapolated,
            p_campaign: p_of_any(ln_p.exp(), self.scan.scanned.len() as u64),
            neighbour_minus,
            neighbour_plus,
            controls: controls(&place, self.scan),
            z_combined: z_of_ln_p(ln_p),
            verdict: reason.verdict(),
            known: known.into_iter().map(|known| known.name).collect(),
            reason: sentence(&reason),
        };
        Judged { bump, ln_p }
    }

    /// Weighted simulation fluctuates by its raw events: where these are fewer than the weights say, in all multiplicities
    /// alike for copies of few events, no bump can be told from chance.
    fn few_raw_events(&self, place: &BumpPlace) -> Option<Reason> {
        if !self.simulated.is_weighted() {
            return None;
        }
        let spectrum = self.simulated.get(&place.own.category, place.own.mass)?;
        let window = place.window();
        let (raw, sum_w) = spectrum
            .filled()
            // Bin 0 is underflow.
            .filter(|(bin, _)| bin.checked_sub(1).is_some_and(|bin| window.contains(&bin)))
            .fold((0, 0.0), |(raw, sum_w), (_, content)| (raw + content.entries, sum_w + content.sum_w()));
        let enough = raw as f64 >= self.scan.min_raw_fraction * sum_w;
        (!enough).then_some(Reason::FewRawEvents { raw, sum_w })
    }
}

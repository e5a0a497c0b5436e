//! Events from a format of your own: `cargo run --release --example own_reader`.
//!
//! In: a reader that gives batches of events; here it makes Z → mu mu decays up in place of a file. Out: the book that the event loop
//! fills with them, as entries per category on stdout. Momenta in GeV.

use std::ops::Range;

use bumphound::campaign;
use bumphound::export::csv::categories_csv;
use bumphound::fill::{OpenInputs, Silent};
use bumphound::ntuples::{EventBatch, NtupleError, ObjectColumns, Reader, Scratch};

/// Number of events.
const EVENTS: u64 = 50_000;
/// Half of the mass of a Z: the momentum of each muon where it decays at rest.
const HALF_MASS_GEV: f64 = 45.6;

/// Decays at rest, spread evenly over all directions.
#[derive(Debug)]
struct Decays;

impl Reader for Decays {
    fn entries(&self) -> u64 {
        EVENTS
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn read_into(&self, range: Range<u64>, _scratch: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError> {
        *batch = EventBatch { first_entry: range.start, ..EventBatch::default() };
        // Every kind has as many offsets as there are events, and one: here without a single object.
        let none =
            || ObjectColumns { offsets: vec![0; (range.end - range.start) as usize + 1], ..ObjectColumns::default() };
        (batch.electrons, batch.photons, batch.jets) = (none(), none(), none());
        batch.muons.offsets.push(0);
        for entry in range {
            let cosine = 2.0 * (entry as f64 + 0.5) / EVENTS as f64 - 1.0;
            let phi = (entry as f64 * 2.4).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI;
            for (side, charge) in [(1.0, 1), (-1.0, -1)] {
                batch.muons.pt.push((HALF_MASS_GEV * (1.0 - cosine * cosine).sqrt()) as f32);
                batch.muons.eta.push((side * cosine.atanh()) as f32);
                batch.muons.phi.push(if side > 0.0 { phi } else { phi - std::f64::consts::PI.copysign(phi) } as f32);
                batch.muons.charge.push(charge);
            }
            batch.muons.offsets.push(batch.muons.pt.len() as u32);
            batch.weight.push(1.0);
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Regions, objects and bins are the campaign's; its one input is replaced.
    let campaign = campaign::load("selections/minimal.yaml".as_ref(), &[])?;
    let filled = OpenInputs::given(&campaign, vec![vec![Box::new(Decays)]], 2)?.book(&Silent)?;
    categories_csv(&filled.book, std::io::stdout().lock())?;
    Ok(())
}
